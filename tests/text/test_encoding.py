from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from token_saliency.drawing.word_spans import token_words, word_spans
from token_saliency.errors import DataError, ModelError, OptionError
from token_saliency.text.encoding import Encoder, Text, checked, checked_limit, require_offsets, split, token_limit

if TYPE_CHECKING:
    from tests.text.conftest import Build

KINDS = ["bert", "roberta", "gpt2", "t5", "albert", "xlnet"]
odd = st.text(
    st.sampled_from("ab é\u0301👍🏽👨‍👩‍👧🇩🇪 \n\t\u00a0\u200bשلم你ひ!.'-<>\x00\ud800ﬁ½") | st.characters(), max_size=30
)


@pytest.fixture(params=KINDS)
def encoder(request: pytest.FixtureRequest, build_tiny: Build) -> Encoder:
    return Encoder(build_tiny(request.param).tokenizer, None)


@given(text=odd)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_offsets_are_of_the_original_text(encoder: Encoder, text: str) -> None:
    [row], [layout] = encoder.rows([text]), encoder.layouts([text])
    assert len(row.ids) == len(row.types) == len(layout.spans) == len(layout.special) == len(layout.segments)
    for (start, end), special in zip(layout.spans, layout.special, strict=True):
        assert 0 <= start <= end <= len(text)
        assert not special or start == end
        assert text[start:end].isspace() or text[start:end] == text[start:end].strip()
    assert layout.truncated == 0


@given(text=odd)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_token_with_visible_characters_is_in_a_word(encoder: Encoder, text: str) -> None:
    spans = encoder.layouts([text])[0].spans
    words = token_words(text, spans, word_spans(text))
    assert all(word is not None for word, (a, b) in zip(words, spans, strict=True) if text[a:b].strip())


def test_byte_level_tokens_have_no_leading_space(build_tiny: Build) -> None:
    tokenizer = build_tiny("gpt2").tokenizer
    assert tokenizer("a the a", return_offsets_mapping=True)["offset_mapping"] == [(0, 1), (1, 5), (5, 7)]
    assert Encoder(tokenizer, None).layouts(["a the a"])[0].spans == [(0, 1), (2, 5), (6, 7)]


def test_emoji_in_byte_pieces_share_the_characters(build_tiny: Build) -> None:
    spans = Encoder(build_tiny("roberta").tokenizer, None).layouts(["👍"])[0].spans
    assert spans == [(0, 0), *[(0, 1)] * 4, (0, 0)]


def test_special_tokens_typed_by_a_user_are_no_special_tokens(build_tiny: Build) -> None:
    assert Encoder(build_tiny("bert").tokenizer, None).layouts(["[SEP]"])[0].special == [True, False, True]


def test_pairs_have_two_segments_with_offsets_of_their_own(build_tiny: Build) -> None:
    layout = Encoder(build_tiny("bert").tokenizer, None).layouts([("good", "bad dog")])[0]
    assert layout.spans == [(0, 0), (0, 4), (0, 0), (0, 3), (4, 7), (0, 0)]
    assert [s for s, special in zip(layout.segments, layout.special, strict=True) if not special] == [0, 1, 1]


def test_pairs_and_single_texts_keep_their_order(build_tiny: Build) -> None:
    encoder = Encoder(build_tiny("bert").tokenizer, None)
    mixed: list[Text] = ["good", ("good", "bad"), "bad", ("a", "b")]
    alone = [encoder.rows([text])[0].ids.tolist() for text in mixed]
    assert [row.ids.tolist() for row in encoder.rows(mixed)] == alone


@pytest.mark.parametrize("side", ["right", "left"])
def test_truncation_counts_the_characters_that_the_model_never_saw(build_tiny: Build, side: str) -> None:
    tokenizer = build_tiny("bert").tokenizer
    tokenizer.truncation_side = side
    encoder = Encoder(tokenizer, 4)
    assert len(encoder.rows(["good day good day"])[0].ids) == 4
    assert encoder.layouts(["good day good day", "good day"])[0].truncated == len(" good day")
    assert encoder.layouts(["good day good day", "good day"])[1].truncated == 0


def test_truncated_pairs_count_both_segments(build_tiny: Build) -> None:
    layout = Encoder(build_tiny("bert").tokenizer, 5).layouts([("good day", "good day")])[0]
    assert layout.truncated == 2 * len(" day")


def test_an_empty_text_is_still_something_to_read(encoder: Encoder) -> None:
    [row], [layout] = encoder.rows([""]), encoder.layouts([""])
    assert len(row.ids) == len(layout.special) >= 1
    assert all(layout.special)


@pytest.mark.parametrize(
    ("tokenizer", "positions", "wanted", "limit"),
    [
        (512, 514, None, 512),
        (10**30, 514, None, 514),
        (512, None, 100, 100),
        (128, 512, 300, 300),
        (128, 512, 600, 512),
        (10**30, None, None, None),
        (512, -1, None, 512),
    ],
)
def test_the_caller_overrules_the_tokenizer_and_the_positions_overrule_both(
    tokenizer: int, positions: int | None, wanted: int | None, limit: int | None
) -> None:
    class Fake:
        model_max_length = tokenizer

    assert token_limit(Fake(), positions, wanted).tokens == limit


@pytest.mark.parametrize(
    ("tokenizer", "positions", "wanted", "why"),
    [
        (512, 512, None, "Texts are cut to 512 tokens, as the tokenizer says."),
        (128, 512, None, "to 128 tokens, as the tokenizer says; the model has 512 positions, max_length=512 would"),
        (512, 128, None, "to 128 tokens: the model has no more positions."),
        (10**30, 128, None, "to 128 tokens: the model has no more positions."),
        (512, 512, 100, "to 100 tokens, as asked."),
        (128, 512, 600, "to 512 tokens, and not to 600: the model has no more positions."),
        (10**30, None, None, "Texts are never cut"),
    ],
)
def test_the_limit_says_whose_it_is(tokenizer: int, positions: int | None, wanted: int | None, why: str) -> None:
    class Fake:
        model_max_length = tokenizer

    assert why in token_limit(Fake(), positions, wanted).why


def test_a_limit_that_leaves_no_room_is_refused(build_tiny: Build) -> None:
    tokenizer = build_tiny("bert").tokenizer
    assert checked_limit(4, tokenizer) == 4
    with pytest.raises(OptionError, match="at least 4"):
        checked_limit(3, tokenizer)


def test_what_is_no_tokenizer_is_told_with_what_a_pipeline_has() -> None:
    with pytest.raises(ModelError, match=r"NoneType is no tokenizer.*TextClassifier\(pipeline\)"):
        require_offsets(None)


def test_a_tokenizer_without_offsets_is_refused() -> None:
    class Slow:
        is_fast = False

    with pytest.raises(ModelError, match="Slow gives no character offsets"):
        require_offsets(Slow())


@pytest.mark.parametrize("texts", ["one text", [1], [("a",)], [("a", None)], [None]])
def test_what_is_no_list_of_texts_is_refused(texts: Any) -> None:
    with pytest.raises(DataError):
        checked(texts)


def test_pairs_may_be_lists() -> None:
    assert checked([["a", "b"], "c"]) == [("a", "b"), "c"]  # type: ignore[list-item]
    assert [split(text) for text in checked([("a", "b"), "c"])] == [("a", "b"), ("c", None)]


def test_tokenizing_says_nothing_about_long_texts(build_tiny: Build, capfd: pytest.CaptureFixture[str]) -> None:
    tokenizer = build_tiny("bert").tokenizer
    tokenizer.model_max_length = 4
    assert len(Encoder(tokenizer, None).rows(["good " * 10_000])[0].ids) == 10_002
    assert capfd.readouterr() == ("", "")

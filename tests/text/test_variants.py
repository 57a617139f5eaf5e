from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.drawing.word_spans import word_spans
from token_saliency.text.function.variants import variant, without, word_layout

texts = st.text(st.sampled_from("ab ,!\n'👍字"), max_size=20)


@pytest.mark.parametrize(
    ("text", "span", "left"),
    [
        ("a good day", (2, 6), "a day"),
        ("a good day", (0, 1), "good day"),
        ("a good day", (7, 10), "a good"),
        ("good!", (4, 5), "good"),
        ("good, day", (4, 5), "good day"),
        ("good", (0, 4), ""),
        (" good ", (1, 5), ""),
    ],
)
def test_a_deleted_word_leaves_no_double_space(text: str, span: tuple[int, int], left: str) -> None:
    assert without(text, *span) == left


@given(texts)
def test_a_text_of_its_own_words_is_itself_and_of_none_is_empty(text: str) -> None:
    layout = word_layout(text)
    count = len(layout.spans)
    assert variant(text, layout, range(1, count + 1), None) == text
    assert not str(variant(text, layout, [0] * count, None)).strip()


@given(texts, st.data())
def test_the_other_words_stand_as_they_stood(text: str, data: st.DataObject) -> None:
    layout = word_layout(text)
    kept = [data.draw(st.booleans()) for _ in layout.spans]
    left = variant(text, layout, [i + 1 if keep else 0 for i, keep in enumerate(kept)], "")
    expected = "".join(text[slice(*span)] for span, keep in zip(layout.spans, kept, strict=True) if keep)
    assert "".join(str(left).split()) == expected


def test_a_mask_or_another_word_may_stand_in() -> None:
    layout = word_layout("a good day")
    assert variant("a good day", layout, [1, 0, 3], "_") == "a _ day"
    assert variant("a good day", layout, [1, 3, 3], None) == "a day day"


def test_pairs_stay_pairs() -> None:
    pair = ("a good day", "not bad")
    layout = word_layout(pair)
    assert layout.segments == [0, 0, 0, 1, 1]
    assert variant(pair, layout, [1, 0, 3, 4, 0], None) == ("a day", "not")
    assert variant(pair, layout, [5, 2, 3, 4, 5], None) == ("bad good day", "not bad")


def test_a_layout_is_the_words() -> None:
    assert word_layout("a good, day").spans == word_spans("a good, day")

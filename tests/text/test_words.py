from __future__ import annotations

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from token_saliency import TextClassifier
from token_saliency.drawing.word_spans import token_words, trimmed, word_count, word_spans
from token_saliency.results import Token
from token_saliency.text.encoding import words_of

PIECES = [
    "don't", "naïve", "cafe\u0301", "re-made", "3.5", "1,000", "!!!", "?!", "...", " ", "\n", "\t", "\u00a0", "\u2003",
    "👨‍👩‍👧‍👦", "👍🏽", "🇩🇪", "🇫🇷", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️", "नमस्ते", "שָׁלוֹם", "مرحبا", "\u200f", "\u202e", "你好", "ひら",
    "カタカナ", "สวัสดี", "한국어", "\u0301", "\u200d", "\u200b", "\ufeff", "</script>", "U.S.", "@user", "#tag", "_",
    "a_b", "\x00",
]  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=12).map("".join)


@pytest.fixture(autouse=True)
def without_dictionaries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("token_saliency.drawing.word_spans.by_dictionary", lambda: None)


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in word_spans(text)]


def test_punctuation_stands_apart_and_runs_of_one_mark_together() -> None:
    assert words("Wait, what?! No...") == ["Wait", ",", "what", "?", "!", "No", "..."]


def test_contractions_hyphens_and_numbers_stay_whole() -> None:
    assert words("I don't like well-made 3.5 or 1,000 -- it’s dogs'") == [
        "I", "don't", "like", "well-made", "3.5", "or", "1,000", "--", "it’s", "dogs", "'",
    ]  # fmt: skip


def test_a_full_stop_between_letters_separates_words() -> None:
    assert words("end.Next") == ["end", ".", "Next"]


def test_emoji_sequences_flags_and_keycaps_are_one_word_each() -> None:
    assert words("👨‍👩‍👧‍👦👍🏽🇩🇪🇫🇷1️⃣ ❤️") == ["👨‍👩‍👧‍👦", "👍🏽", "🇩🇪", "🇫🇷", "1️⃣", "❤️"]


def test_combining_marks_stay_with_their_letter() -> None:
    assert words("cafe\u0301 नमस्ते") == ["cafe\u0301", "नमस्ते"]


def test_han_and_hiragana_are_words_by_character_and_katakana_by_run() -> None:
    assert words("你好ひらカタカナ") == ["你", "好", "ひ", "ら", "カタカナ"]


@given(texts)
@example("a \u0301b")
@example("؀ x")
def test_every_visible_character_is_in_exactly_one_word(text: str) -> None:
    spans = word_spans(text)
    covered = [place for start, end in spans for place in range(start, end)]
    assert len(covered) == len(set(covered))
    assert all(place in set(covered) for place, letter in enumerate(text) if not letter.isspace())
    assert spans == sorted(spans)
    assert all(start < end and text[start:end].strip() for start, end in spans)


@given(texts)
def test_no_grapheme_is_cut(text: str) -> None:
    inside = {place for match in regex.finditer(r"\X", text) for place in range(match.start() + 1, match.end())}
    # a mark on white space has no base to stay with
    bare = {place for place in inside if text[place - 1].isspace() or text[place].isspace()}
    edges = {place for span in word_spans(text) for place in span}
    assert not edges & (inside - bare)


@given(texts, st.integers(0, 20), st.integers(0, 20))
def test_trimming_takes_only_white_space_from_the_ends(text: str, start: int, end: int) -> None:
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    a, b = trimmed(text, start, end)
    assert start <= a <= b <= end
    assert text[a:b] == (text[start:end].strip() or text[start:end])


def token(start: int, end: int, score: float, segment: int = 0, *, special: bool = False) -> Token:
    return Token("", start, end, special, score, segment)


def test_a_word_is_the_sum_of_its_tokens_and_special_tokens_are_in_none() -> None:
    tokens = [token(0, 0, 9.0, special=True), token(0, 2, 1.0), token(2, 4, -0.25), token(5, 6, 2.0)]
    assert [(w.text, w.start, w.end, w.score) for w in words_of("good !", tokens)] == [
        ("good", 0, 4, 0.75),
        ("!", 5, 6, 2.0),
    ]


def test_what_one_token_covers_is_one_word() -> None:
    found = words_of("a b c", [token(0, 3, 1.0), token(4, 5, 2.0)])
    assert [(w.text, w.score) for w in found] == [("a b", 1.0), ("c", 2.0)]
    found = words_of("我喜欢电影", [token(0, 1, 1.0), token(1, 3, -2.0), token(3, 5, 0.5)])
    assert [(w.text, w.score) for w in found] == [("我", 1.0), ("喜欢", -2.0), ("电影", 0.5)]
    chained = [token(0, 2, 1.0), token(1, 3, 2.0), token(3, 4, 4.0)]
    assert [(w.text, w.score) for w in words_of("电影好看", chained)] == [("电影好", 3.0), ("看", 4.0)]


@given(st.text("我喜欢电影นี่ดี ab.", max_size=10), st.lists(st.integers(1, 4), max_size=10))
def test_no_character_is_blank_whose_token_has_a_score(text: str, sizes: list[int]) -> None:
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    spans = [(s, min(e, len(text))) for s, e in zip([0, *ends], ends, strict=False) if s < len(text)]
    tokens = [token(start, end, 1.0) for start, end in spans]
    found = words_of(text, tokens)
    for start, end in spans:
        for place in range(start, end):
            covering = [w for w in found if w.start <= place < w.end]
            assert text[place].isspace() or len(covering) == 1
            assert all(w.score > 0 for w in covering if text[start:end].strip())


def test_scripts_without_spaces_fall_into_clusters_that_are_never_cut() -> None:
    assert words("แต่บริการแย่ 100") == ["แต่", "บ", "ริ", "กา", "ร", "แย่", "100"]
    assert words("ทำน้ำ") == ["ทำ", "น้ำ"]
    assert words("ເຂົ້າ") == ["ເຂົ້າ"]
    assert words("ខ្ញុំស្រឡាញ់") == ["ខ្ញុំ", "ស្រ", "ឡា", "ញ់"]
    assert words("က္ကာ") == ["က္ကာ"]
    assert words("ABCไทย123") == ["ABC", "ไท", "ย", "123"]
    assert words("らーめん ｶﾞｷﾞ 電影") == ["らー", "め", "ん", "ｶﾞｷﾞ", "電", "影"]


def test_occlusion_of_a_function_finds_a_word_inside_a_run() -> None:
    own = TextClassifier.from_function(
        lambda given: [[0.9, 0.1] if "แย่" in text else [0.1, 0.9] for text in given], ["bad", "good"]
    )
    (found,) = own.explain(["อาหารอร่อยมากแต่บริการแย่"], target="bad")
    assert [(word.text, round(word.score, 3)) for word in found.words if word.score] == [("แย่", 0.8)]


def test_byte_pieces_of_one_emoji_are_summed() -> None:
    assert [w.score for w in words_of("👍🏽", [token(0, 1, 1.0), token(0, 1, 2.0), token(1, 2, 4.0)])] == [7.0]


def test_white_space_made_a_token_belongs_to_the_word_behind_it() -> None:
    spans = [None, (0, 1), (1, 2), (2, 2), (3, 4), (4, 5)]
    assert token_words("a  b ", spans, [(0, 1), (3, 4)]) == [None, 0, 1, 1, 1, None]


def test_words_that_the_model_never_saw_are_left_out() -> None:
    assert [w.text for w in words_of("one two three", [token(0, 3, 1.0), token(4, 5, 1.0)])] == ["one", "two"]


def test_each_segment_has_words_of_its_own() -> None:
    tokens = [token(0, 3, 1.0, 0), token(0, 3, 2.0, 1)]
    assert [(w.text, w.score, w.segment) for w in words_of("and", tokens, 1)] == [("and", 2.0, 1)]


@given(texts)
def test_words_are_counted_as_they_are_found(text: str) -> None:
    alone = regex.search(r"[\s\x1c-\x1f][\p{M}\p{Emoji_Modifier}\u200c\u200d\U000E0020-\U000E007F]", text)

    assert alone or word_count(text) == len(word_spans(text))

"""Scores become pieces of the original text: nothing lost, nothing moved, one scale."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.drawing.colour import Mark, Scale, marks_of_tokens, pieces, scale_of, seen_until, strongest
from token_saliency.results import Token

SCALE = Scale(1.0, signed=True)
SCORE = st.floats(-2, 2, allow_nan=False)


@st.composite
def scored_texts(draw: st.DrawFn) -> tuple[str, list[Token]]:
    text = draw(st.text(max_size=60))
    ends = st.integers(0, len(text))
    ranges = draw(st.lists(st.tuples(ends, ends), max_size=12))
    return text, [Token("x", min(r), max(r), False, draw(SCORE)) for r in ranges]


def token(text: str, part: str, score: float, segment: int = 0) -> Token:
    start = text.index(part)
    return Token(part, start, start + len(part), False, score, segment)


@given(scored_texts(), st.integers(1, 70))
def test_the_pieces_are_the_text(case: tuple[str, list[Token]], limit: int) -> None:
    text, tokens = case
    marks = marks_of_tokens(text, tokens)
    assert "".join(piece.text for piece in pieces(text, marks, SCALE)) == text
    assert "".join(piece.text for piece in pieces(text, marks, SCALE, limit=limit)) == text[:limit]


@given(scored_texts())
def test_words_never_overlap(case: tuple[str, list[Token]]) -> None:
    text, tokens = case
    marks = marks_of_tokens(text, tokens)
    assert all(a.end <= b.start for a, b in pairwise(marks))


def test_word_pieces_that_touch_are_one_word() -> None:
    text = "unbelievable, truly"
    tokens = [Token("un", 0, 2, False, 0.5), Token("##believable", 2, 12, False, 0.25), token(text, ",", 0.1)]
    assert marks_of_tokens(text, tokens) == [Mark(0, 12, 0.75), Mark(12, 13, 0.1)]


def test_special_tokens_and_other_segments_are_left_out() -> None:
    text = "good bad"
    tokens = [Token("[CLS]", 0, 0, True, 9.0), token(text, "good", 1.0), token(text, "bad", 2.0, segment=1)]
    assert marks_of_tokens(text, tokens) == [Mark(0, 4, 1.0)]
    assert marks_of_tokens(text, tokens, segment=1) == [Mark(5, 8, 2.0)]


@pytest.mark.parametrize(
    ("score", "level"),
    [(0.0, 0), (0.05, 0), (0.1, 1), (0.5, 3), (1.0, 5), (7.0, 5), (-0.5, -3), (-7.0, -5), (float("nan"), 0)],
)
def test_levels_grow_with_the_score(score: float, level: int) -> None:
    assert SCALE.level(score) == level


@given(SCORE)
def test_levels_are_odd_in_the_score(score: float) -> None:
    assert SCALE.level(-score) == -SCALE.level(score)


def test_one_extreme_word_does_not_pale_the_others() -> None:
    assert scale_of([0.1] * 98 + [0.2, 50.0]).top < 1
    assert scale_of([]).top == 1.0
    assert scale_of([0.0, float("inf")]).top == 1.0


def test_a_scale_knows_whether_scores_have_a_direction() -> None:
    assert scale_of([0.5, -0.1]).signed
    assert not scale_of([0.5, 0.1]).signed


def test_text_after_the_last_token_was_never_seen() -> None:
    text = "short enough, cut here"
    marks = [Mark(0, 5, 0.5), Mark(6, 12, 0.5)]
    assert seen_until(text, marks) == 12
    assert [piece.text for piece in pieces(text, marks, SCALE) if piece.unseen] == [", cut here"]


def test_white_space_and_dropped_characters_at_the_end_are_not_a_cut() -> None:
    assert seen_until("good \n\x00", [Mark(0, 4, 1.0)]) == 7
    assert seen_until("never explained", []) == 15


def test_audited_spans_are_marked_inside_a_word() -> None:
    shown = pieces("Mary's", [Mark(0, 6, 0.6)], SCALE, spans=[(0, 4)])
    assert [(piece.text, piece.audited, piece.level) for piece in shown] == [("Mary", True, 3), ("'s", False, 3)]


def test_the_strongest_words_come_first_and_blanks_never() -> None:
    text = "a bb  ccc"
    marks = [Mark(0, 1, 0.1), Mark(2, 4, -0.9), Mark(4, 6, 5.0), Mark(6, 9, 0.5)]
    assert [text[m.start : m.end] for m in strongest(text, marks, 2)] == ["bb", "ccc"]

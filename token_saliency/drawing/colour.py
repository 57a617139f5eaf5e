"""From scores on tokens to pieces of the original text, each with one of eleven strengths.

Words are those of the original text, and what lies between them is shown too: nothing that a reader
sees was put together from tokens.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from token_saliency.drawing.inputs import ScoredText, Span, TokenLike
from token_saliency.drawing.numbers import signed
from token_saliency.drawing.word_spans import scored_spans

STEPS = 5
_FAINT = 0.08


@dataclass(frozen=True, slots=True)
class Mark:
    """A range of the text with the score that colours it."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Scale:
    """The one scale of a page: `top` is the score of full colour. `signed` is False where scores only say how much."""

    top: float
    signed: bool

    def level(self, score: float) -> int:
        """From -5 (pushes away) over 0 (faint) to 5 (pushes towards)."""
        share = abs(score) / self.top
        if not math.isfinite(score) or share < _FAINT:
            return 0
        step = min(STEPS, math.ceil(STEPS * share))
        return step if score > 0 else -step


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that is shown in one way. `level` is None between words; `unseen` text the model never saw."""

    text: str
    score: float | None = None
    level: int | None = None
    audited: bool = False
    unseen: bool = False

    @property
    def css(self) -> str:
        """The classes that the style sheet knows; empty for plain text."""
        names = ["w", f"p{self.level}" if self.level > 0 else f"n{-self.level}"] if self.level else []
        names += ["audited"] * self.audited + ["unseen"] * self.unseen
        return " ".join(names)

    @property
    def number(self) -> str:
        """The score as it is shown beside the word."""
        return "" if self.score is None else signed(self.score)


def scale_of(scores: Iterable[float]) -> Scale:
    """A scale on which one extreme word does not pale all others: the 98th percentile is full colour."""
    known = [score for score in scores if math.isfinite(score) and score]
    sizes = sorted(abs(score) for score in known)
    top = sizes[min(len(sizes) - 1, math.ceil(0.98 * len(sizes)))] if sizes else 1.0
    return Scale(top, signed=any(score < 0 for score in known))


def marks_of_tokens(text: str, tokens: Sequence[TokenLike], segment: int = 0) -> list[Mark]:
    """The words of one segment as marks in the order of the text, each with the sum of its tokens."""
    return [Mark(*scored) for scored in scored_spans(text, tokens, segment)]


def marks_of_words(attribution: ScoredText, segment: int = 0) -> list[Mark]:
    """The words that the attribution itself names."""
    return [Mark(word.start, word.end, word.score) for word in attribution.words if word.segment == segment]


def seen_until(text: str, marks: Sequence[Mark]) -> int:
    """Where the text ends for the model; what follows is unseen, if there is anything to see in it."""
    end = max((mark.end for mark in marks), default=len(text))
    rest = text[end:]
    return end if any(char.isprintable() and not char.isspace() for char in rest) else len(text)


def pieces(text: str, marks: Sequence[Mark], scale: Scale, spans: Sequence[Span] = (), limit: int = 0) -> list[Piece]:
    """The whole text (or its first `limit` characters) in pieces, in order."""
    end = min(len(text), limit) if limit else len(text)
    seen = seen_until(text, marks)
    edges = {0, end, seen, *(edge for mark in marks for edge in (mark.start, mark.end))}
    edges |= {edge for span in spans for edge in span}
    inside = sorted(edge for edge in edges if 0 <= edge <= end)
    ordered = sorted(marks, key=lambda mark: mark.start)
    return list(_between(text, inside, ordered, scale, spans, seen))


def _between(
    text: str, edges: list[int], marks: list[Mark], scale: Scale, spans: Sequence[Span], seen: int
) -> Iterable[Piece]:
    at = 0
    for start, end in pairwise(edges):
        while at < len(marks) and marks[at].end <= start:
            at += 1
        mark = marks[at] if at < len(marks) and marks[at].start <= start else None
        yield Piece(
            text[start:end],
            score=mark.score if mark else None,
            level=scale.level(mark.score) if mark else None,
            audited=any(low <= start and end <= high for low, high in spans),
            unseen=start >= seen,
        )


def strongest(text: str, marks: Sequence[Mark], count: int) -> list[Mark]:
    """The words with the largest scores in either direction, strongest first; ties in the order of the text."""
    real = [mark for mark in marks if math.isfinite(mark.score) and text[mark.start : mark.end].strip()]
    return sorted(real, key=lambda mark: (-abs(mark.score), mark.start))[:count]

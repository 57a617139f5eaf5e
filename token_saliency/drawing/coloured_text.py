"""A text in colour: pieces to be shown, and the strongest words for readers who do not see colours."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from token_saliency.drawing import colour, numbers
from token_saliency.drawing.colour import Mark, Piece, Scale
from token_saliency.drawing.inputs import ScoredText, Span, TextPair
from token_saliency.drawing.safe import shortened

_STRONGEST = 6
_UNFOLDED, _FOLDED_FROM = 500, 800


@dataclass(frozen=True, slots=True)
class TextView:
    """A text in colour. `hidden` characters are left out of the page; `unseen` were never seen by the model."""

    name: str
    pieces: list[Piece]
    hidden: int
    unseen: int

    @property
    def folds(self) -> tuple[list[Piece], list[Piece]]:
        """The pieces that stand open, and those that a reader unfolds; a little more is no reason to fold."""
        ends = list(accumulate(len(piece.text) for piece in self.pieces))
        if not ends or ends[-1] <= _FOLDED_FROM:
            return self.pieces, []
        at = bisect_left(ends, _UNFOLDED) + 1
        return self.pieces[:at], self.pieces[at:]


@dataclass(frozen=True, slots=True)
class Strong:
    """One of the strongest words of a text with its score and level, for readers who do not see colours."""

    word: str
    score: str
    level: int


def attribution_texts(attribution: ScoredText, scale: Scale, limit: int) -> list[TextView]:
    """The text (or both texts) of an attribution in colour."""
    texts = texts_of(attribution)
    return [
        text_view(text, colour.marks_of_words(attribution, index), scale, (), limit, segment_name(texts, index))
        for index, text in enumerate(texts)
    ]


def attribution_words(attribution: ScoredText, scale: Scale, count: int = 10) -> list[Strong]:
    """The strongest words of an attribution."""
    texts = texts_of(attribution)
    marks = [colour.marks_of_words(attribution, index) for index in range(len(texts))]
    return strongest_words(texts, marks, scale, count)


def text_view(
    text: str, marks: Sequence[Mark], scale: Scale, spans: Sequence[Span], limit: int, name: str = ""
) -> TextView:
    """One text in colour, at most `limit` characters of it."""
    return TextView(
        name=name,
        pieces=colour.pieces(text, marks, scale, spans, limit),
        hidden=max(0, len(text) - limit),
        unseen=len(text) - colour.seen_until(text, marks),
    )


def strongest_words(
    texts: Sequence[str], marks: Sequence[Sequence[Mark]], scale: Scale, count: int = _STRONGEST
) -> list[Strong]:
    """The strongest words of all segments together."""
    ranked = [
        (abs(mark.score), text[mark.start : mark.end], mark.score)
        for text, of_text in zip(texts, marks, strict=True)
        for mark in colour.strongest(text, of_text, count)
    ]
    ranked.sort(key=lambda one: -one[0])
    return [
        Strong(shortened(word, 40), numbers.signed(score), scale.level(score))
        for _, word, score in ranked[:count]
        if scale.level(score)
    ]


def texts_of(pair: TextPair) -> list[str]:
    """The text, or both texts."""
    return [pair.text] if pair.text_pair is None else [pair.text, pair.text_pair]


def segment_name(texts: Sequence[str], index: int) -> str:
    """What tells two texts apart; nothing where there is one."""
    return f"text {index + 1} of 2" if len(texts) > 1 else ""

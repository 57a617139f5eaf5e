"""Texts with some of their words deleted, masked, or replaced by others: what a function can be asked about words."""

from __future__ import annotations

from collections.abc import Sequence

from token_saliency.drawing.word_spans import word_spans
from token_saliency.text.encoding import Layout, Text, split

DELETED = 0
"""In the number of a word: nothing stands there."""


def word_layout(text: Text) -> Layout:
    """The words of a text as its tokens: none is special and nothing is cut off."""
    found = [(span, segment) for segment, part in enumerate(split(text)) for span in word_spans(part or "")]
    return Layout([span for span, _ in found], [segment for _, segment in found], [False] * len(found), 0)


def variant(text: Text, layout: Layout, numbers: Sequence[int], mask: str | None) -> Text:
    """The text with word `numbers[i]` (from 1) at the place of word i + 1; DELETED leaves `mask` there, or nothing."""
    original = [part or "" for part in split(text)]
    parts = list(original)
    for i in reversed(range(len(layout.spans))):  # from the end: the places before stay where they are
        if numbers[i] == i + 1:
            continue
        segment, (start, end) = layout.segments[i], layout.spans[i]
        stand_in = mask if numbers[i] == DELETED else _word(original, layout, numbers[i] - 1)
        parts[segment] = (
            without(parts[segment], start, end)
            if stand_in is None
            else parts[segment][:start] + stand_in + parts[segment][end:]
        )
    return (parts[0], parts[1]) if isinstance(text, tuple) else parts[0]


def without(text: str, start: int, end: int) -> str:
    """The text without a range, and without the white space that would then stand twice or at an end."""
    before, after = text[:start], text[end:]
    if not before or before[-1].isspace():
        after = after.lstrip()
    return before + after if after else before.rstrip()


def _word(parts: Sequence[str], layout: Layout, i: int) -> str:
    return parts[layout.segments[i]][slice(*layout.spans[i])]

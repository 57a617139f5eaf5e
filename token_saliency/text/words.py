"""The words of an explained text, each with its score."""

from __future__ import annotations

from collections.abc import Sequence

from token_saliency.drawing.word_spans import scored_spans
from token_saliency.results import Token, Word


def words_of(text: str, tokens: Sequence[Token], segment: int = 0) -> list[Word]:
    """The words of one segment that the model saw, each with the sum of its tokens' scores."""
    return [
        Word(text[start:end], start, end, score, segment) for start, end, score in scored_spans(text, tokens, segment)
    ]

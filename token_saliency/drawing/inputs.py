"""What a value must have to be drawn. The results fit these protocols, so that drawing knows none of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

Span = tuple[int, int]


class WordLike(Protocol):
    """A range of one of the two texts of a row, with a score."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def score(self) -> float: ...
    @property
    def segment(self) -> int: ...


class TokenLike(WordLike, Protocol):
    """A range that is one id of the model; a special one stands for no text."""

    @property
    def special(self) -> bool: ...


class TextPair(Protocol):
    """One text, or two that were read together."""

    @property
    def text(self) -> str: ...
    @property
    def text_pair(self) -> str | None: ...


class Scored(Protocol):
    """How an output was explained and how well, for texts and for rows of a table."""

    @property
    def method(self) -> str: ...
    @property
    def signed(self) -> bool: ...
    @property
    def predicted(self) -> str | None: ...
    @property
    def target(self) -> str | None: ...
    @property
    def output(self) -> str: ...
    @property
    def output_value(self) -> float: ...
    @property
    def baseline(self) -> str | None: ...
    @property
    def baseline_value(self) -> float | None: ...
    @property
    def completeness_error(self) -> float | None: ...
    @property
    def evaluations(self) -> int: ...
    @property
    def converged(self) -> bool: ...


class ScoredText(TextPair, Scored, Protocol):
    """An explained text."""

    @property
    def words(self) -> Sequence[WordLike]: ...
    @property
    def truncated(self) -> int: ...
    @property
    def windows(self) -> int: ...


class FeatureLike(Protocol):
    """One feature of one row of a table."""

    @property
    def name(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def score(self) -> float: ...


class ScoredFeatures(Scored, Protocol):
    """An explained row of a table; `ranked` has the largest scores first."""

    @property
    def ranked(self) -> Sequence[FeatureLike]: ...


class ImportanceLike(Protocol):
    """One feature over all rows, with an interval."""

    @property
    def name(self) -> str: ...
    @property
    def importance(self) -> float: ...
    @property
    def interval(self) -> tuple[float, float]: ...


class ScoredTable(Protocol):
    """The explained rows of a table and the ranking of their features."""

    @property
    def rows(self) -> Sequence[ScoredFeatures]: ...
    @property
    def ranked(self) -> Sequence[ImportanceLike]: ...

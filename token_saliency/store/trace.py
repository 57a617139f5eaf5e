"""What is kept of an attribution: a few bytes a token, so that ten thousand rows are no burden.

The token objects of `results` are made when a row is looked at, one row at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from token_saliency.results import Attribution, ScoredRow, Token

TOKEN = np.dtype([("start", "<i4"), ("end", "<i4"), ("score", "<f8"), ("special", "?"), ("segment", "i1")])


@dataclass(frozen=True, slots=True)
class Trace:
    """The tokens of one row (an array of TOKEN; their texts are slices of the row) and how they were computed.

    `sampled`: the scores that means are taken of, where this row has better ones; zeros where no mean has a place for
    it, for it was only explained to be shown.
    """

    tokens: NDArray[Any]
    completeness_error: float | None
    evaluations: int
    truncated: int
    converged: bool
    sampled: tuple[float, ...] = ()


def trace_of(attribution: Attribution) -> Trace:
    """The attribution without its texts and objects."""
    columns = [(t.start, t.end, t.score, t.special, t.segment) for t in attribution.tokens]
    return Trace(
        np.array(columns, dtype=TOKEN),
        attribution.completeness_error,
        attribution.evaluations,
        attribution.truncated,
        attribution.converged,
    )


def refined(better: Trace, rough: Trace | None) -> Trace:
    """The better trace, which keeps the scores of the rough one (zeros without one) beside its own."""
    own = np.zeros(len(better.tokens)) if rough is None else rough.tokens["score"]
    return replace(better, sampled=tuple(own.tolist()))


def tokens_of(trace: Trace, text: str, text_pair: str | None) -> tuple[Token, ...]:
    """The tokens as objects."""
    parts = (text, text_pair or "")
    return tuple(
        Token(parts[segment][start:end], start, end, special, score, segment)
        for start, end, score, special, segment in trace.tokens.tolist()
    )


class ScoredRows(Mapping[str, ScoredRow]):
    """Rows by id in the order given; the tokens of those with a trace are made when a row is looked at.

    `heads` are the same rows without these tokens: for all that only needs predictions, spans and clusters.
    """

    def __init__(self, heads: Mapping[str, ScoredRow], traces: Mapping[str, Trace]) -> None:
        self.heads, self.traces = dict(heads), traces
        self._last: ScoredRow | None = None

    def __getitem__(self, row_id: str) -> ScoredRow:
        if self._last is None or self._last.id != row_id:  # edits of one row come one after the other
            self._last = self._whole(self.heads[row_id])
        return self._last

    def __iter__(self) -> Iterator[str]:
        return iter(self.heads)

    def __len__(self) -> int:
        return len(self.heads)

    def _whole(self, head: ScoredRow) -> ScoredRow:
        trace = self.traces.get(head.id)
        if trace is None:
            return head
        return replace(
            head,
            tokens=tokens_of(trace, head.text, head.text_pair),
            completeness_error=trace.completeness_error,
            evaluations=trace.evaluations,
            truncated=trace.truncated,
            sampled=trace.sampled,
        )

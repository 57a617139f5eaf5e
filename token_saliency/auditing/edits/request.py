"""What a planner is asked, and what it answers: plain data, shared by all planners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from token_saliency.auditing.audit import Audit, Match
from token_saliency.auditing.edits.controls import CountTokens
from token_saliency.results import Example, Span

PLACEHOLDER = "[...]"
"""What stands for a masked span where the model has no mask token."""

USUAL_EDITS = 10_000
"""The budget of an audit unless another is asked for."""

Spans = Mapping[str, Sequence[Match]]
"""The audit's spans of every row, by row id."""


@dataclass(frozen=True, slots=True)
class PlannedEdit:
    """One edited text that is to be put to the model; see results.Edit."""

    audit: str
    operator: str
    row: str
    slot: Span
    original: str
    item: str
    placebo: bool
    text: str
    text_pair: str | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A span of a row that items will fill."""

    row: Example
    match: Match


@dataclass(frozen=True, slots=True)
class Request:
    """What a planner sees: the audit, its rows and spans, the budget of edited texts, the seed."""

    audit: Audit
    rows: Sequence[Example]
    spans: Spans
    edits: int
    seed: int
    count_tokens: CountTokens
    mask: str = PLACEHOLDER

    def most(self, rows: int) -> int:
        """So many rows a claim at the usual budget or a smaller one, in proportion more at a larger one."""
        return max(rows, rows * self.edits // USUAL_EDITS)

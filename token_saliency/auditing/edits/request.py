"""What a planner is asked, and what it answers: plain data, shared by all planners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from token_saliency.auditing.audit import Audit, Match
from token_saliency.auditing.edits.controls import CountTokens
from token_saliency.results import Edit, Example, Span

PLACEHOLDER = "[...]"
"""What stands for a masked span where the model has no mask token."""

USUAL_EDITS = 10_000
"""The budget of an audit unless another is asked for."""

Spans = Mapping[str, Sequence[Match]]
"""The audit's spans of every row, by row id."""


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


def planned_edit(
    audit: str, operator: str, row: Example, slot: Span, item: str, text: str, *, placebo: bool = False
) -> Edit:
    """An edit that no model has answered yet. It leaves the second text of a pair as it is."""
    return Edit(
        row=row.id,
        audit=audit,
        operator=operator,
        slot=slot,
        original=row.text[slice(*slot)],
        item=item,
        placebo=placebo,
        text=text,
        text_pair=row.text_pair,
    )

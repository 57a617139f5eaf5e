"""What an audit would edit, before a model is asked: plain records for a look with one's own eyes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One text before and after an edit; `item` is what was put there."""

    row: str
    before: str
    after: str
    operator: str
    item: str


@dataclass(frozen=True, slots=True)
class PlannedAudit:
    """The edits of an audit on `rows` distinct texts, of which `held` hold a span; `shown` are drawn by hash.

    `items` are the most frequent ones with the number of their rows; `drawn_from` the slots that `shown` come from.
    """

    name: str
    title: str
    rows: int
    held: int
    spans: int
    items: list[tuple[str, int]]
    edits: int
    controls: int
    drawn_from: int
    shown: list[PlannedChange]
    notes: list[str] = field(default_factory=list)

"""The blocks in which planned edits are asked: at each look those of some rows more, drawn by hash of their texts.

A row lends all it has to a claim at once, edits and controls, so that every block is a small sample of the same design.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from token_saliency.auditing.audit import Audit
from token_saliency.results import Edit, Example, Span
from token_saliency.stats.looks import look_of
from token_saliency.stats.sampling import content_hash

Group = tuple[str, str, str]
"""Edits that are asked or not together: audit, operator, and the item or axis ("": all that fill the same slots)."""


def groups_of(edits: Sequence[Edit], audits: Mapping[str, Audit]) -> list[tuple[Group, ...]]:
    """The groups of each edit of these audits; a control of slots of several axes belongs to all of them."""
    axes = {name: _axes(audit) for name, audit in audits.items()}
    at: dict[tuple[str, str, Span], dict[str, None]] = {}
    for edit in edits:
        if edit.operator == "swap" and not edit.placebo:
            axis = _axis(audits[edit.audit], axes[edit.audit], edit.item)
            at.setdefault((edit.audit, edit.row, edit.slot), {})[axis] = None
    found = []
    for edit in edits:
        names: Iterable[str] = (edit.item,)
        if edit.operator == "swap" and edit.placebo:
            names = at.get((edit.audit, edit.row, edit.slot), {"": None})
        elif edit.operator == "swap":
            names = (_axis(audits[edit.audit], axes[edit.audit], edit.item),)
        found.append(tuple((edit.audit, edit.operator, name) for name in names))
    return found


def _axes(audit: Audit) -> dict[str, str]:
    column = audit.edit.strata
    return {entry.item: entry.groups.get(column, "") for entry in audit.find.lexicon} if column else {}


def _axis(audit: Audit, axes: Mapping[str, str], item: str) -> str:
    return item if audit.edit.against else axes.get(item, "")


def in_blocks(edits: Sequence[Edit], audits: Mapping[str, Audit], rows: Iterable[Example], seed: int) -> list[Edit]:
    """The edits of these audits with the look at which each is there; the first has `min_rows` rows at least."""
    place = {row.id: content_hash(seed, "look", row.text, row.text_pair) for row in rows}
    groups, lent = groups_of(edits, audits), dict[Group, dict[str, None]]()
    for edit, own in zip(edits, groups, strict=True):
        for group in own:
            lent.setdefault(group, {})[edit.row] = None
    looks: dict[Group, dict[str, int]] = {}
    for group, ids in lent.items():
        ranked, fewest = sorted(ids, key=place.__getitem__), audits[group[0]].judge.min_rows
        looks[group] = {row: look_of(rank, len(ranked), fewest) for rank, row in enumerate(ranked)}
    return [
        replace(edit, look=min(looks[group][edit.row] for group in own))
        for edit, own in zip(edits, groups, strict=True)
    ]

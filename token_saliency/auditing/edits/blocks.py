"""The blocks in which planned edits are asked: at each look those of some rows more, drawn by hash of their texts.

A row lends all it has to a claim at once, edits and controls, so that every block is a small sample of the same design.
Where items are a sample, every slot lends some of its items more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from token_saliency.auditing.audit import IN_SECOND, Audit
from token_saliency.results import Edit, Example, Span
from token_saliency.stats.looks import LOOKS, halved, look_of
from token_saliency.stats.sampling import content_hash

Group = tuple[str, str, str]
"""Edits that are asked or not together: audit, operator, and the item or axis ("": all that fill the same slots), of
one text of a pair."""


def groups_of(edits: Sequence[Edit], audits: Mapping[str, Audit]) -> list[tuple[Group, ...]]:
    """The groups of each edit of these audits; a control of slots of several axes belongs to all of them."""
    axes = {name: _axes(audit) for name, audit in audits.items()}
    at: dict[tuple[str, str, int, Span], dict[str, None]] = {}
    for edit in edits:
        if edit.operator == "swap" and not edit.placebo:
            axis = _axis(audits[edit.audit], axes[edit.audit], edit.item)
            at.setdefault((edit.audit, edit.row, edit.part, edit.slot), {})[axis] = None
    found = []
    for edit in edits:
        names: Iterable[str] = (edit.item,)
        if edit.operator == "swap" and edit.placebo:
            names = at.get((edit.audit, edit.row, edit.part, edit.slot), {"": None})
        elif edit.operator == "swap":
            names = (_axis(audits[edit.audit], axes[edit.audit], edit.item),)
        where = IN_SECOND if edit.part else ""
        found.append(tuple((edit.audit, edit.operator, name + where) for name in names))
    return found


def _axes(audit: Audit) -> dict[str, str]:
    column = audit.edit.strata
    return {entry.item: entry.groups.get(column, "") for entry in audit.find.lexicon} if column else {}


def _axis(audit: Audit, axes: Mapping[str, str], item: str) -> str:
    return item if audit.edit.against else axes.get(item, "")


def in_blocks(edits: Sequence[Edit], audits: Mapping[str, Audit], rows: Iterable[Example], seed: int) -> list[Edit]:
    """The edits of these audits with the look at which each is there; the first has `min_rows` rows at least."""
    place = {row.id: content_hash(seed, "look", row.text, row.text_pair) for row in rows}
    own: dict[Group, list[int]] = {}
    for number, groups in enumerate(groups_of(edits, audits)):
        for group in groups:
            own.setdefault(group, []).append(number)
    looks = [len(LOOKS)] * len(edits)
    for group, numbers in own.items():
        audit, asked = audits[group[0]], [edits[number] for number in numbers]
        crossed = group[1] == "swap" and audit.items == "sample"
        found = halved(_by_cells(asked, audit, place)) if crossed else _by_rows(asked, audit, place)
        for number, look in zip(numbers, found, strict=True):
            looks[number] = min(looks[number], look)
    return [replace(edit, look=look) for edit, look in zip(edits, looks, strict=True)]


def _by_rows(edits: Sequence[Edit], audit: Audit, place: Mapping[str, str]) -> list[int]:
    ranked = sorted({edit.row for edit in edits}, key=place.__getitem__)
    looks = {row: look_of(rank, len(ranked), audit.judge.min_rows) for rank, row in enumerate(ranked)}
    return [looks[edit.row] for edit in edits]


def _by_cells(edits: Sequence[Edit], audit: Audit, place: Mapping[str, str]) -> list[int]:
    """Of crossed edits every look has all slots and all items: groups of slots take turns with groups of items.

    Rows and items are few, cells are many, and few cells of an item tell its mean.
    """
    slots = [(place[edit.row], edit.slot, edit.placebo) for edit in edits]
    items: dict[tuple[str, Span, bool], list[str]] = {slot: [] for slot in slots}
    for edit, slot in zip(edits, slots, strict=True):
        items[slot].append(edit.item)
    turn = {slot: number for number, slot in enumerate(sorted({slot[:2] for slot in slots}))}
    dealt = {kind: _dealt(kind, audit) for kind in {tuple(sorted(own)) for own in items.values()}}
    behind = {slot: (dealt[tuple(sorted(own))], turn[slot[:2]]) for slot, own in items.items()}
    places = [behind[slot][0][edit.item] - behind[slot][1] for edit, slot in zip(edits, slots, strict=True)]
    if len({edit.row for edit in edits}) < audit.judge.min_rows:
        counts = [len(items[slot]) for slot in slots]
        return [1 if at % n < EXAMPLES else len(LOOKS) for at, n in zip(places, counts, strict=True)]
    fewest = min(len(turn), *map(len, items.values()))
    parts = max(n for n in PARTS if n * A_PART <= fewest or n == 1)
    return [look_of(at % parts, parts, 1) for at in places] if parts > 1 else _by_rows(edits, audit, place)


EXAMPLES = 2
"""So many items, and so many controls, of a slot are asked at first where its rows are too few to decide anything."""

PARTS = (1, 2, 4, 8)
A_PART = 5
"""So many items, and so many controls, a slot has at least at the first look: fewer can be split in too few ways."""


def _dealt(items: Iterable[str], audit: Audit) -> dict[str, int]:
    """The items of each declared group in turn, so that every part holds some of each."""
    groups = {entry.item: tuple(sorted(entry.groups.items())) for entry in audit.find.lexicon}
    ranked = sorted(items, key=lambda item: (groups.get(item, ()), content_hash("part", item)))
    return {item: number for number, item in enumerate(ranked)}

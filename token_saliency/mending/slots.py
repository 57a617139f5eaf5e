"""Repairs by exchange: the items that the rows hold take turns in the places where they stand, over all labels."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from token_saliency.auditing.audit import Audit, Match
from token_saliency.auditing.edits.by_axis import entries_of, natural_slots, panel_of, replaced, strata_of
from token_saliency.auditing.edits.operators import swap
from token_saliency.auditing.edits.request import Request, Slot
from token_saliency.auditing.edits.swaps import draw_slots, fills, panel
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.mending.balance import dealt, even, tie
from token_saliency.results import Example
from token_saliency.stats.sampling import content_hash

_WORD = re.compile(r"\w+")
Texts = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Repair:
    """What one repair makes of the rows: new texts and a word on each, by the id of the row.

    `held` are the rows that hold an item, `left` how many of their items had to stay, `ties` how closely item and
    label go together before and after, `how` what was done.
    """

    how: str
    texts: dict[str, Texts] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    left: int = 0
    ties: tuple[float, float] | None = None


Given = Sequence[tuple[Slot, str]]


def exchanged(
    audit: Audit, rows: Sequence[Example], seed: object, strata: Collection[str] = (), *, always: bool = False
) -> Repair:
    """Every item stands in every label as often as its share of the places says; see `balance.dealt`.

    `strata` are the only ones whose items move, where some are named. What is even already stays, unless `always`.
    """
    spans = {row.id: find_spans(row.text, audit) for row in rows}
    other = {row.id: find_spans(row.text_pair, audit) for row in rows if row.text_pair is not None}
    request = Request(audit, rows, spans, 0, 0, lambda texts: [len(text) for text in texts], other=other)
    groups = _groups(request, strata)
    given: dict[str, list[tuple[Slot, str]]] = defaultdict(list)
    kinds = [{one.item: one.groups.get(axis, "") for one in audit.find.lexicon} for axis in _axes(audit)]
    for name, slots in groups.items():
        if not always and _even(slots, kinds):
            for slot in slots:
                given[slot.row.id].append((slot, slot.item))
            continue
        places = [(s.row.label or "", s.row.id, content_hash(s.row.id, *s.span)) for s in slots]
        cards = dealt(places, _cards(request, name, slots), (seed, audit.name, *name))
        for slot, item in zip(slots, cards, strict=True):
            given[slot.row.id].append((slot, item))
    texts = {row.id: filled(audit, row, given[row.id]) for row in rows if row.id in given}
    put = [(slot, item if texts[row] else slot.item) for row, own in given.items() for slot, item in own]
    before, after = ([(one, slot.row.label or "") for slot, one in own] for own in ([(s, s.item) for s, _ in put], put))
    changed = {row.id: new for row in rows if (new := texts.get(row.id)) and new != (row.text, row.text_pair)}
    return Repair(
        "dealt evenly over the labels (swap)",
        changed,
        {row: _said(given[row]) for row in changed},
        frozenset(given),
        sum(found is None for found in texts.values()),
        (tie(before), tie(after)),
    )


def _axes(audit: Audit) -> list[str]:
    return sorted({axis for one in audit.find.lexicon for axis in one.groups})


def _even(slots: Sequence[Slot], kinds: Sequence[Mapping[str, str]]) -> bool:
    """Whether neither the items tell the label nor what sorts of them there are (gender, origin ...)."""
    own = [{slot.item: slot.item for slot in slots}, *kinds]
    return all(even([(kind.get(slot.item, ""), slot.row.label or "") for slot in slots]) for kind in own)


def _said(given: Given) -> str:
    moved = [(slot, item) for slot, item in sorted(given, key=lambda one: one[0].span) if item != slot.item]
    return "swap " + ", ".join(f'"{slot.item}" -> "{item}"' for slot, item in moved)


def _groups(request: Request, strata: Collection[str]) -> dict[tuple[str, ...], list[Slot]]:
    """The places by what may stand in them: of a stratum and part of speech, or anything."""
    audit, most = request.audit, len(request.rows) * 9
    if audit.edit.strata:
        groups: dict[tuple[str, ...], list[Slot]] = defaultdict(list)
        for name in (one for one in strata_of(audit) if not strata or one in strata):
            for slot in natural_slots(request, name):
                groups[name, slot.kind].append(slot)
        return groups
    found = draw_slots(request, fills(audit), most)
    return {(): found if audit.items == "sample" else _with_last_reference(found, audit)}


def _with_last_reference(found: Sequence[Slot], audit: Audit) -> list[Slot]:
    """The reference, which may end every sentence, is exchanged where it stands last in its row; as in the audit."""
    ends: dict[str, int] = {}
    for slot in found:
        ends[slot.row.id] = max(ends.get(slot.row.id, 0), slot.span[1])
    return [
        replace(slot, matches=slot.matches[-1:]) if slot.item == audit.edit.reference else slot
        for slot in found
        if slot.item != audit.edit.reference or slot.span[1] == ends[slot.row.id]
    ]


def _cards(request: Request, name: tuple[str, ...], slots: Sequence[Slot]) -> list[str]:
    """The items that stand there. Of a sample, or where it is one and the same, half of them give way to the panel.

    The claim is about all items of the kind, those that no row holds included.
    """
    audit, cards = request.audit, sorted(slot.item for slot in slots)
    if audit.items == "fixed":
        others = [item for item in (*audit.edit.panel, audit.edit.reference) if item]
        if len(set(cards)) > 1:
            return cards
    elif name:
        others = panel_of(request, entries_of(audit, name[0]), name[1])
    else:
        others = panel(audit, request.spans)
    half = range(0, len(cards) if others else 0, 2)
    return [others[n // 2 % len(others)] if n in half else card for n, card in enumerate(cards)]


def filled(audit: Audit, row: Example, given: Given) -> Texts | None:
    """The texts with every place filled, from the last to the first; None where the row has to stay as it is.

    It stays where an edit would meet another one, and where the second text names what the first would no longer name.
    """
    edit = replaced if audit.edit.strata else swap
    puts = sorted(((m, item) for slot, item in given if item != slot.item for m in slot.matches), key=_from_the_end)
    text, free = row.text, len(row.text)
    for match, item in puts:
        reach = max([match.end, *(word.end for word in match.agreeing)])
        if reach > free or text[: match.end] != row.text[: match.end]:
            return None
        text, free = edit(text, match, item), match.start
    pair = row.text_pair
    if pair is not None and audit.items == "sample":
        pair = _alike(audit, pair, {slot.item: item for slot, item in given if item != slot.item})
        if pair is None:
            return None
    return text, pair


def _from_the_end(put: tuple[Match, str]) -> int:
    return -put[0].start


def _alike(audit: Audit, pair: str, items: Mapping[str, str]) -> str | None:
    """The second text with the same exchanges: both texts of a pair still speak of the same one, and of no other."""
    edit = replaced if audit.edit.strata else swap
    spans = [match for match in find_spans(pair, audit) if match.item in items]
    kept = pair
    for match in sorted(spans, key=lambda match: -match.start):
        kept = kept[: match.start] + kept[match.end :]
        pair = edit(pair, match, items[match.item])
    named = {word.lower() for word in _WORD.findall(kept)}
    strange = {word.lower() for item in (*items, *items.values()) for word in _WORD.findall(item)}
    return None if named & strange else pair

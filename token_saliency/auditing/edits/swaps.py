"""Which edited texts an audit asks for: slots, the items that fill them, and their matched controls.

A plan is plain data and needs no model. Slots are drawn by content hash, one a row before a second one of any
row, and every item of a panel fills the SAME slots.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial

from token_saliency.auditing.audit import Audit, Entry, Lexicon, Match
from token_saliency.auditing.edits.operators import beside, delete, swap
from token_saliency.auditing.edits.paired import exchanged_texts, insertions, reordered, rewritten, unstopped
from token_saliency.auditing.edits.reprompts import OPERATOR as REPROMPT
from token_saliency.auditing.edits.reprompts import reprompts
from token_saliency.auditing.edits.request import (
    Request,
    Slot,
    Spans,
    as_long,
    control_words,
    matched_controls,
    neutral_words,
    ordinary_words,
    planned_edit,
    too_few,
    words_of,
)
from token_saliency.auditing.spans.marks.taken_marks import taken_away
from token_saliency.auditing.spans.persons.agreement import BOUND, SEXES
from token_saliency.results import Edit
from token_saliency.stats.sampling import content_hash

PANEL_AT_LEAST = 30
PANEL_AT_MOST = 80
CONTROLS = 20
SLOTS = 100
"""So many slots are worth more than further items: with few edits the groups get no more than the rows hold."""
MENTIONS_FOR_LEAN = 3
FEW = 12
"""Fewer terms of an axis speak for themselves alone."""
DELETED_ITEMS = 6
DELETED_ROWS, JUDGED_ROWS = 100, 400
MENTIONS_AT_MOST = 300
"""An item that stands more often in one row is a list or a log: exchanging it everywhere asks about another text."""


def plan(request: Request) -> list[Edit]:
    """All edits of one audit."""
    operators = request.audit.edit.operators
    return [edit for operator in operators for edit in PLANNERS[operator, request.audit.items](request)]


def mentions(spans: Spans) -> Counter[str]:
    """In how many rows each item occurs."""
    return Counter(item for matches in spans.values() for item in {match.item for match in matches})


def panel(audit: Audit, spans: Spans, size: int = PANEL_AT_MOST) -> list[str]:
    """The items that stand for the population, filled up to a useful size.

    First those that occur often enough to lean, then what every declared group still lacks up to `size`, so that a
    comparison of groups takes little from the lean.
    """
    counts = mentions(spans)
    found = sorted(counts, key=lambda item: (-counts[item], content_hash(item)))
    often = [item for item in found if counts[item] >= MENTIONS_FOR_LEAN]
    chosen = list(dict.fromkeys([*often, *_lacking(audit, counts, often, size)]))[:PANEL_AT_MOST]
    spare = [item for item in [*found, *audit.edit.panel] if item not in set(chosen)]
    return chosen + list(dict.fromkeys(spare))[: max(0, PANEL_AT_LEAST - len(chosen))]


def _lacking(audit: Audit, counts: Mapping[str, int], present: Sequence[str], size: int) -> list[str]:
    """What brings every declared group to its share of the panel, those of the rows first; the poorest group chooses.

    An item that is also an ordinary word stands in only where the rows hold it themselves.
    """
    groups = [contrast.members(audit.find.lexicon, group) for contrast in audit.contrasts for group in contrast.groups]
    share, there = PANEL_AT_MOST // max(1, len(groups)), set(present)
    waiting = [_usable(members, counts, there) for members in groups]
    added: list[str] = []
    while len(there) < size:
        sizes = [len(there & set(members)) if left else share for members, left in zip(groups, waiting, strict=True)]
        if not sizes or min(sizes) >= share:
            break
        item = waiting[sizes.index(min(sizes))].pop(0)
        if item not in there:
            there.add(item)
            added.append(item)
    return added


def _usable(members: Mapping[str, Entry], counts: Mapping[str, int], there: Collection[str]) -> list[str]:
    usable = [item for item, entry in members.items() if counts.get(item) or not entry.ambiguous]
    return sorted(set(usable) - set(there), key=lambda item: (-counts.get(item, 0), content_hash(item)))


def draw_slots(request: Request, wanted: Callable[[Match], bool], count: int) -> list[Slot]:
    """At most `count` slots: the first of every row by hash, then the second ones, and so on.

    All mentions of an item in a row are one slot, those in the other text of a pair too: with one of several exchanged,
    the others still tell. Where one of the other text cannot be exchanged, there is no slot.
    """
    ranked = []
    for row in request.rows:
        found = list(_mentions_by_item(match for match in request.spans[row.id] if wanted(match)))
        others = {own: request.beside(row, own) for own in found}
        found = [own for own in found if (there := others[own]) is not None and all(map(wanted, there))]
        found.sort(key=lambda own: content_hash(request.seed, row.text, row.text_pair, own[0].start))
        place = content_hash(request.seed, row.text, row.text_pair)
        ranked += [(turn, place, Slot(row, own, others[own] or ())) for turn, own in enumerate(found)]
    ranked.sort(key=lambda entry: (entry[0], entry[1], entry[2].span))
    return [slot for _, _, slot in ranked[:count]]


def _mentions_by_item(matches: Iterable[Match]) -> Iterable[tuple[Match, ...]]:
    """The places of every item; where an insertion may go, each place is one. What stands everywhere is no slot."""
    groups: dict[str | int, list[Match]] = {}
    for match in matches:
        groups.setdefault(match.item if match.end > match.start else match.start, []).append(match)
    return (tuple(own) for own in groups.values() if len(own) <= MENTIONS_AT_MOST)


def fills(audit: Audit) -> Callable[[Match], bool]:
    """Which spans a swap can fill: any of a sample; of fixed items those where one of them stands and would be natural.

    `inner` is what the matcher calls a place that is not.
    """
    if audit.items == "sample":
        return lambda match: BOUND not in match.kind
    fillers = {*audit.edit.panel, audit.edit.reference}
    return lambda match: match.item in fillers and match.kind != "inner"


def crossed_swaps(request: Request) -> list[Edit]:
    """Items are a sample: every item of the panel and every matched control fills the same slots."""
    size = max(PANEL_AT_LEAST, request.edits // SLOTS - CONTROLS)
    items = panel(request.audit, request.spans, size)
    if not items:
        return []
    controls = matched_controls(items, request.audit.edit.controls, CONTROLS, request.count_tokens)
    slots = draw_slots(request, fills(request.audit), max(1, request.edits // (len(items) + len(controls))))
    return [
        _swapped(request, slot, item, item in controls)
        for slot in slots
        for item in [*_of_a_sex(request.audit, items, slot.kind), *controls]
        if item == slot.item or item.lower() not in _row_words(slot.row.text)  # Ariel Sharon becomes no Sharon Sharon
    ]


@lru_cache(maxsize=4)  # asked for every item of a slot
def _row_words(text: str) -> frozenset[str]:
    """The words of a text in lower case: an item that is one of them would stand twice."""
    return frozenset(words_of(text))


def _of_a_sex(audit: Audit, items: Sequence[str], kind: str) -> Sequence[str]:
    """The items that may stand in a slot of this kind: all, or the names of the sex that it tells."""
    if not (sexes := {*kind.split()} & {*SEXES}):
        return items
    known = Lexicon.of(audit.find.lexicon).by_word
    genders = {item: known[item.lower()].groups.get("gender", "") if item.lower() in known else "" for item in items}
    return [item for item in items if sexes == {genders[item]}]


def reference_swaps(request: Request) -> list[Edit]:
    """Items are fixed: each of them, the reference and the controls fill the same slots.

    A slot is natural for any of them (and `terminal` where the matcher knows what that is). It is the last one of its
    row. Where the reference stands, which may end every sentence, only its last place is filled.
    """
    rule = request.audit.edit
    if rule.reference is None:
        return []
    fillers = [*rule.panel, rule.reference]
    per_slot = len(fillers) + len(rule.controls)
    slots = draw_slots(request, fills(request.audit), max(1, request.edits // per_slot))
    last = {slot.row.id: slot for slot in sorted(slots, key=lambda slot: slot.span[1])}
    chosen = [
        replace(slot, matches=slot.matches[-1:]) if slot.item == rule.reference else slot for slot in last.values()
    ]
    return [
        _swapped(request, slot, item, item in rule.controls) for slot in chosen for item in [*fillers, *rule.controls]
    ]


def deletions(request: Request) -> list[Edit]:
    """Every frequent item is deleted wherever it stands in a row; the control deletes as many ordinary ones there.

    Ordinary are the audit's controls; where it declares none, words of the rows that tell nothing about the label.
    Where another mark stands in for the item the text with both is asked as well: it may move a model by itself.
    """
    counts, rule = mentions(request.spans), request.audit.edit
    often = [item for item, rows in counts.items() if rows >= request.audit.judge.min_rows]
    often.sort(key=lambda item: (-counts[item], item))
    ordinary = ordinary_words(request.rows, _own_words(request.audit))
    planned: list[Edit] = []
    for item in often[:DELETED_ITEMS]:
        judged = rule.judge == "delete" or rule.beside("delete", item)
        controls = rule.controls if rule.controls and not rule.beside("delete", item) else ordinary
        most = min(request.most(JUDGED_ROWS if judged else DELETED_ROWS), request.edits // (2 * DELETED_ITEMS))
        slots = _one_a_row(draw_slots(_deletable(request, item), lambda _: True, most))
        natural = [_control_deletion(request, slot, item, controls) for slot in slots]
        made = slots if too_few(request, len(slots), sum(map(len, natural))) else []
        lent = [own or _made(request, slot, item) for slot, own in zip(made, natural, strict=False)] or natural
        planned += [_deleted(request, slot, item, placebo=False) for slot in slots]
        planned += [edit for own in lent for edit in own]
        planned += [_with_both(request, slot, item) for slot in slots if any(match.instead for match in slot.matches)]
    return planned


def _deletable(request: Request, item: str) -> Request:
    """The places of the item in the rows that it may be taken from; where a text needs a mark, with what stands in."""
    find = request.audit.find
    own = {row.id: [match for match in request.spans[row.id] if match.item == item] for row in request.rows}
    if find.matcher == "punctuation":
        own = {row.id: [*taken_away(row.text, own[row.id], find.options)] for row in request.rows}
    return replace(request, spans=own)


def _with_both(request: Request, slot: Slot, item: str) -> Edit:
    """What the deletion is held against (evidence/stood_in.py): at the same place, as no control is."""
    return _planned(request, "delete", slot, item, True, slot.edited(beside))


def _made(request: Request, slot: Slot, item: str) -> list[Edit]:
    text, place = neutral_words(slot.row, slot.matches, ())
    return [planned_edit(request.audit.name, "delete", slot.row, (place.start, place.end), item, text, placebo=True)]


def _own_words(audit: Audit) -> set[str]:
    return {word for entry in audit.find.lexicon for word in words_of(entry.item)}


def _control_deletion(request: Request, slot: Slot, item: str, controls: Collection[str]) -> list[Edit]:
    """Controls that the matcher knows (commas beside a `!`), else whole words; the nearest in length, by hash."""
    spans = request.spans[slot.row.id]
    known = [match for match in spans if match.item in controls and match.item != item]
    free = known or control_words(slot.row.text, spans, controls)
    chosen = as_long(request, slot.row, slot.matches, free)
    return [_deleted(request, Slot(slot.row, tuple(chosen)), item, placebo=True)] if chosen else []


def _one_a_row(slots: Sequence[Slot]) -> list[Slot]:
    return list({slot.row.id: slot for slot in reversed(slots)}.values())[::-1]


def _swapped(request: Request, slot: Slot, item: str, placebo: bool) -> Edit:
    return _planned(request, "swap", slot, item, placebo, slot.edited(swap, item))


def _deleted(request: Request, slot: Slot, item: str, placebo: bool) -> Edit:
    # A deletion is filed under the item that was deleted (or that its control stands for).
    return _planned(request, "delete", slot, item, placebo, slot.edited(delete))


def _planned(
    request: Request, operator: str, slot: Slot, item: str, placebo: bool, texts: tuple[str, str | None]
) -> Edit:
    text, pair = texts
    return planned_edit(request.audit.name, operator, slot.row, slot.span, item, text, placebo=placebo, pair=pair)


Planner = Callable[[Request], list[Edit]]

_OWN: dict[str, Planner] = {
    "insert": insertions,
    "turn": reordered,
    "unstop": unstopped,
    REPROMPT: reprompts,
    "other_text": partial(exchanged_texts, operator="other_text"),
    "other_pair": partial(exchanged_texts, operator="other_pair"),
    **{name: partial(rewritten, operator=name) for name in ("mask", "renumber", "neutral", "strip", "recase")},
    **{name: partial(rewritten, operator=name) for name in ("collapse", "cut")},
}
"""Edits that ask the same of items that are fixed and of items that are a sample."""

PLANNERS: dict[tuple[str, str], Planner] = {
    ("swap", "sample"): crossed_swaps,
    ("swap", "fixed"): reference_swaps,
    ("delete", "sample"): deletions,
    ("delete", "fixed"): deletions,
    **{(name, items): planner for name, planner in _OWN.items() for items in ("sample", "fixed")},
}

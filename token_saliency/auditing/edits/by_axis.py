"""Items that may replace one another only inside their stratum: identity terms of one axis and part of speech.

Every axis has slots, a panel and controls of its own. A slot is filled by all items of its axis that have every part
of speech which it may be, so the crossed table falls into blocks. Where an axis has too few natural slots, its
adjectives are inserted before a word for persons: they are compared with each other, never with their absence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from token_saliency.auditing.audit import Audit, Entry, Match
from token_saliency.auditing.edits.operators import put
from token_saliency.auditing.edits.request import (
    Request,
    Slot,
    Spans,
    matched_controls,
    planned_edit,
    words_of,
)
from token_saliency.auditing.edits.same_class import polarity_swaps
from token_saliency.auditing.edits.swaps import FEW, MENTIONS_FOR_LEAN, draw_slots
from token_saliency.auditing.edits.swaps import plan as plan_whole
from token_saliency.auditing.spans.persons.identity_context import at_home
from token_saliency.auditing.spans.persons.identity_slots import insertion_places
from token_saliency.auditing.spans.persons.identity_terms import MATCHER, fits, repeats
from token_saliency.results import Edit
from token_saliency.stats.sampling import content_hash

PANEL_OF_A_KIND = 20
_QUOTES = frozenset("'’‘`")
_WOMEN = re.compile(
    r" (?:wom[ae]n|girls?|lad(?:y|ies)|gals?|females?|mothers?|sisters?|daughters?|wi(?:fe|ves)|actress(?:es)?)\b", re.I
)
_OWNS = re.compile(r"['’](?:[sS]\b|(?= ))")
CONTROLS_OF_A_KIND = 12
SLOTS_AT_LEAST = 60
"""An axis with fewer natural slots gets inserted ones up to this number."""
INSERTED_AT_FIRST = 32
"""So many slots decide an axis that nothing moves."""


def plan(request: Request) -> list[Edit]:
    """All edits of one audit; those of strata share its budget."""
    if request.audit.edit.against:
        return [*polarity_swaps(request), *plan_whole(request)]
    if not request.audit.edit.strata:
        return plan_whole(request)
    places: dict[str, list[Match]] = {}
    ready = {name: slots for name in strata_of(request.audit) if (slots := _slots(request, name, places))}
    shares = _shares(request, ready)
    return [edit for name, slots in ready.items() for edit in _fill(request, name, slots, shares[name])]


def _shares(request: Request, ready: Mapping[str, Sequence[Slot]]) -> dict[str, int]:
    """How many edits each stratum may ask: what is put in where nothing stood takes no more than decides it at first.

    The others share what is left, each as much as it can use; what then remains is for the inserted ones.
    """
    a_slot = PANEL_OF_A_KIND + CONTROLS_OF_A_KIND
    needs = {name: a_slot * len(slots) for name, slots in ready.items()}
    natural = {name: sum(slot.span[0] < slot.span[1] for slot in slots) for name, slots in ready.items()}
    first = {name: min(need, a_slot * max(natural[name], INSERTED_AT_FIRST)) for name, need in needs.items()}
    shares = _shared(first, request.edits)
    left = {name: needs[name] - share for name, share in shares.items()}
    more = _shared(left, request.edits - sum(shares.values()))
    return {name: share + more[name] for name, share in shares.items()}


def _shared(needs: Mapping[str, int], budget: int) -> dict[str, int]:
    """Equal shares, but none more than it needs: what one leaves is for the others."""
    shares: dict[str, int] = {}
    for name, need in sorted(needs.items(), key=lambda one: (one[1], one[0])):
        shares[name] = min(need, (budget - sum(shares.values())) // (len(needs) - len(shares)))
    return shares


def strata_of(audit: Audit) -> list[str]:
    """The strata in the order of the word list."""
    column = audit.edit.strata
    return list(dict.fromkeys(value for entry in audit.find.lexicon if (value := entry.groups.get(column))))


def entries_of(audit: Audit, stratum: str) -> list[Entry]:
    """The entries of one stratum."""
    return [entry for entry in audit.find.lexicon if entry.groups.get(audit.edit.strata) == stratum]


def _slots(request: Request, stratum: str, places: dict[str, list[Match]]) -> list[Slot]:
    """Natural slots, one a row before a second one of any row; then inserted ones in rows that have none.

    `places` keeps where anything may be put into a row: it is the same of all strata.
    """
    entries = entries_of(request.audit, stratum)
    own = {entry.item for entry in entries}
    structured = request.audit.find.matcher == MATCHER
    natural = natural_slots(request, stratum)
    missing = SLOTS_AT_LEAST - len({slot.row.id for slot in natural})
    if missing <= 0 or not structured:
        return natural
    taken = {row_id for row_id, found in request.spans.items() if any(match.item in own for match in found)}
    inserted: dict[str, list[Match]] = {row.id: [] for row in request.rows}
    for row in request.rows:
        if row.id not in taken:
            if row.id not in places:
                places[row.id] = insertion_places(row.text, request.audit.find)
            inserted[row.id] = [match for match in places[row.id] if any(fits(e, match.kind) for e in entries)]
    inserting = replace(request, spans=inserted)
    return natural + draw_slots(inserting, lambda _: True, missing)


def natural_slots(request: Request, stratum: str) -> list[Slot]:
    """Where terms of the stratum stand and may give way; one of which a single mention must stay, stays everywhere.

    So does one of a pair whose other text holds another term of the stratum: what both say of each other would change.
    """
    own = {entry.item for entry in entries_of(request.audit, stratum)}
    structured = request.audit.find.matcher == MATCHER
    every = [*request.spans.items(), *request.other.items()]
    fixed = {(id_, m.item) for id_, found in every for m in found if structured and not m.kind}
    free = {id_: [m for m in found if (id_, m.item) not in fixed] for id_, found in request.spans.items()}
    slots = draw_slots(replace(request, spans=free), lambda m: m.item in own, len(request.rows) * 9)
    said = {id_: {m.item for m in found} & own for id_, found in request.other.items()}
    return [slot for slot in slots if said.get(slot.row.id, set()) <= {slot.item}]


def _fill(request: Request, stratum: str, slots: Sequence[Slot], budget: int) -> list[Edit]:
    """Every slot with all of its kind, as many slots as the budget allows; inserted ones come last.

    What stands elsewhere in the row, or repeats it, is not put there: Hindus and Muslims, not Muslims and Muslims; nor
    whose country is named: a Kenyan visits Egypt, no Egyptian does.
    """
    entries, planned = entries_of(request.audit, stratum), list[Edit]()
    known = {entry.item: entry for entry in entries}
    panels, controls = dict[str, list[str]](), dict[str, list[str]]()
    for slot in slots:
        kind = slot.kind
        if kind not in panels:
            panels[kind] = panel_of(request, entries, kind)
            controls[kind] = _controls(request, panels[kind], kind)
        there = f" {' '.join(words_of(f'{slot.row.text} {slot.row.text_pair or str()}'))} "
        home = at_home(slot.row.text, request.audit.find)
        told = [e for e in entries if e.item != slot.item and (_stands(e.item.lower(), there) or e.item in home)]
        free = [item for item in panels[kind] if known[item] not in told and not repeats(known[item], told)]
        items = [item for item in panels[kind] if item == slot.item or item in free]
        if len(items) < 2:
            continue
        if len(planned) + len(items) + len(controls[kind]) > budget:
            break
        planned += [_edit(request, slot, item, placebo=False) for item in items]
        planned += [_edit(request, slot, item, placebo=True) for item in controls[kind]]
    return planned


def _stands(item: str, words: str) -> bool:
    """Whether the words of a row hold the term, or several of it (asians), in any spelling."""
    words = words.replace(" moslem", " muslim")
    return f" {item} " in words or f" {item}s " in words


def free_rows(audit: Audit, spans: Spans) -> Counter[str]:
    """In how many rows each item stands where another may."""
    any_kind = audit.find.matcher != MATCHER
    return Counter(item for found in spans.values() for item in {m.item for m in found if m.kind or any_kind})


def panel_of(request: Request, entries: Sequence[Entry], kind: str) -> list[str]:
    """The items that may stand in slots of this kind: what the rows hold first, the groups taking turns."""
    usable = [entry for entry in entries if fits(entry, kind)]
    counts = free_rows(request.audit, request.spans)
    turn: Counter[tuple[str, ...]] = Counter()
    held = {item for item, count in counts.items() if count >= MENTIONS_FOR_LEAN} & {entry.item for entry in entries}
    ranked = []
    for entry in sorted(usable, key=lambda e: (-counts[e.item], content_hash(e.item))):
        groups = tuple(entry.groups.get(c.column, "") for c in request.audit.contrasts)
        turn[groups] += 1
        first = len(held) < FEW and entry.item in held  # each of a short list is judged
        ranked.append((0 if first else turn[groups], content_hash(entry.item), entry.item))
    return [item for _, _, item in sorted(ranked)[:PANEL_OF_A_KIND]]


def _controls(request: Request, items: Sequence[str], kind: str) -> list[str]:
    rule = request.audit.edit
    known = [entry.item for entry in rule.control_entries if fits(entry, kind)] or (
        [] if rule.control_entries else list(rule.controls)
    )
    if not known and rule.control_entries:  # of a slot that may be a noun or an adjective, either serves
        known = [entry.item for entry in rule.control_entries if set(kind.split()) & {entry.groups.get("forms", "")}]
    return matched_controls(items, known, CONTROLS_OF_A_KIND, request.count_tokens) if items else []


def _edit(request: Request, slot: Slot, item: str, *, placebo: bool) -> Edit:
    start, end = slot.span
    new, pair = slot.edited(replaced if end > start else inserted, item)
    return planned_edit(request.audit.name, "swap", slot.row, slot.span, item, new, placebo=placebo, pair=pair)


def replaced(text: str, match: Match, item: str) -> str:
    """The item in place of the match, in its casing; `match.item` tells how the old term is usually written."""
    written = text[match.start : match.end]
    new = put(text, match, cased(_inflected(item, text[match.end :]), written, match.item, text))
    tail = text[match.end :]
    ending, quoted = _OWNS.match(tail), text[: match.start][-1:] in _QUOTES
    put_there = new[: len(new) - len(tail)]
    if not ending or quoted or (written[-1] in "sS") == (put_there[-1] in "sS"):
        return new
    owns = "" if put_there[-1] in "sS" else "S" if written.isupper() else "s"  # men's, guys'
    return f"{put_there}{tail[0]}{owns}{tail[ending.end() :]}"


def _inflected(item: str, after: str) -> str:
    """`a Latina woman`."""
    return item[:-1] + "a" if item in ("Latino", "Chicano") and _WOMEN.match(after) else item


def cased(item: str, written: str, usual: str, text: str) -> str:
    """`old` -> `African`, `Old` at a start -> `Young`, `christian` -> `muslim`, all in capitals or none as the row."""
    if text == text.lower() or (written == written.lower() and usual != usual.lower()):
        return item.lower()
    if len(written) > 1 and written == written.upper():
        return item.upper()
    starts = written[0].isupper() and (usual == usual.lower() or not text[: text.index(written)].strip())
    return item[0].upper() + item[1:] if starts else item


def inserted(text: str, match: Match, item: str) -> str:
    """The item and a space before the word that begins at an empty match; the article agrees."""
    end = match.start
    while end < len(text) and text[end].isalpha():
        end += 1
    word = Match(match.start, end, "")
    new = item.lower() if text == text.lower() else item
    return put(text, word, f"{new} {text[word.start : word.end]}")

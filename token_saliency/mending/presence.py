"""Repairs by the audit's own edit: what a row holds is taken out of some rows until all labels hold it alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence

from token_saliency.auditing.audit import ANY, Audit, Match, stratum_of
from token_saliency.auditing.discovery.pairs import spans_of
from token_saliency.auditing.discovery.spread import said_without, way_without
from token_saliency.auditing.discovery.suspects import Suspect
from token_saliency.auditing.edits.number_strata import stratum
from token_saliency.auditing.edits.operators import OPERATORS, Operator, everywhere
from token_saliency.auditing.edits.renumbering import alike, renumber
from token_saliency.auditing.edits.request import PLACEHOLDER
from token_saliency.auditing.edits.without_number import without_number
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.mending.balance import surplus, tie
from token_saliency.mending.slots import Repair
from token_saliency.results import Example
from token_saliency.stats.sampling import content_hash

MANY = 3
"""So many mentions in one row, or more, are one kind of row."""

Spans = Mapping[str, Sequence[Match]]


def evened(audit: Audit, rows: Sequence[Example], weights: Mapping[str, int], operator: str, seed: object) -> Repair:
    """The edit where a label holds more than the others; what stays is made neutral if the audit knows how."""
    spans = {row.id: find_spans(row.text, audit) for row in rows}
    found = taken_out(rows, spans, weights, OPERATORS[operator], (seed, audit.name))
    if operator == "neutral" or "neutral" not in audit.edit.operators:
        return _named(found, operator)
    kept = [row for row in rows if spans[row.id] and row.id not in found.texts]
    neutral = {row.id: everywhere(OPERATORS["neutral"], row.text, spans[row.id]) for row in kept}
    moved = {row.id: (neutral[row.id], row.text_pair) for row in kept if neutral[row.id] != row.text}
    said = dict.fromkeys(found.texts, operator) | dict.fromkeys(moved, "neutral")
    how = f"as often in every label ({operator}), and none of them known (neutral)"
    return Repair(how, found.texts | moved, said, found.held, found.left, found.ties)


def without(suspect: Suspect, rows: Sequence[Example], weights: Mapping[str, int], seed: object) -> Repair:
    """The same for a suspect of the discovery that the user calls spurious: it is taken away as it was there."""
    spans = {row.id: [Match(a, b, suspect.item) for a, b in spans_of(suspect, row.text)] for row in rows}
    found = taken_out(rows, spans, weights, said_without, (seed, suspect.kind, suspect.item))
    return _named(found, way_without(suspect.item))


def _named(found: Repair, operator: str) -> Repair:
    how = f"as often in every label ({operator})"
    return Repair(how, found.texts, dict.fromkeys(found.texts, operator), found.held, found.left, found.ties)


def taken_out(
    rows: Sequence[Example], spans: Spans, weights: Mapping[str, int], edit: Operator, seed: object
) -> Repair:
    """The edit at all spans of the rows that a label has too many of; a row that would be left empty stays."""
    texts = {row.id: everywhere(edit, row.text, spans[row.id], PLACEHOLDER) for row in rows if spans[row.id]}
    by_id = {row.id: row for row in rows}
    held = {key for key, text in texts.items() if text != by_id[key].text}
    able = {key for key in held if texts[key].strip()}
    kinds = {key: _kind(spans[key]) for key in able}
    labels = {row.id: row.label or "" for row in rows}
    over = surplus(kinds, labels, weights, seed)
    before = [(kinds.get(row.id, ()), labels[row.id]) for row in rows]
    after = [((), label) if row in over else (kind, label) for row, (kind, label) in zip(by_id, before, strict=True)]
    new = {key: (texts[key], by_id[key].text_pair) for key in over}
    return Repair("", new, {}, frozenset(held), len(held - able), (tie(before), tie(after)))


def _kind(spans: Sequence[Match]) -> Hashable:
    counts = Counter(match.item for match in spans)
    return tuple(sorted((item, min(count, MANY)) for item, count in counts.items()))


def renumbered(
    audit: Audit, rows: Sequence[Example], weights: Mapping[str, int], asked: Collection[str], seed: object
) -> Repair:
    """Other numbers of the same shape; of a stratum that decides, one half of the rows of each label takes the other.

    `asked` names the strata (decade, century, parity ...); "presence": numbers go where a label has more of them.
    """
    spans = {row.id: find_spans(row.text, audit) for row in rows}
    edits: list[Operator] = [renumber, *(stratum(name, years=100) for name in sorted(set(asked) - {"presence"}))]
    turns = _turns(rows, spans, len(edits), (seed, audit.name))
    texts, said = dict[str, tuple[str, str | None]](), dict[str, str]()
    for row in rows:
        if spans[row.id] and not _shared(row, spans[row.id]):
            text = everywhere(alike(edits[turns[row.id]], row.text, spans[row.id]), row.text, spans[row.id])
            if text != row.text:
                texts[row.id], said[row.id] = (text, row.text_pair), "renumber"
    held = frozenset(key for key, own in spans.items() if own)
    if "presence" not in asked:
        return Repair("numbers drawn anew (renumber)", texts, said, held, len(held) - len(texts))
    left = taken_out(rows, spans, weights, without_number, (seed, audit.name))
    said |= dict.fromkeys(left.texts, "delete")
    return Repair("numbers drawn anew, and as often in every label", texts | left.texts, said, held, 0, left.ties)


def _turns(rows: Sequence[Example], spans: Spans, edits: int, seed: object) -> dict[str, int]:
    """Which edit a row gets: the rows of a label in turn, by hash."""
    by_label: dict[str | None, list[str]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: content_hash(seed, row.id)):
        if spans[row.id]:
            by_label[row.label].append(row.id)
    return {row: n % edits for own in by_label.values() for n, row in enumerate(own)}


def _shared(row: Example, spans: Sequence[Match]) -> bool:
    """Whether the second text repeats one of the numbers: with another in the first they would no longer agree."""
    return row.text_pair is not None and any(row.text[m.start : m.end] in row.text_pair for m in spans)


def strata_asked(items: Sequence[str]) -> set[str]:
    """The strata that findings name: `a year (century)`."""
    return {name for item in items if item != ANY and (name := stratum_of(item))}

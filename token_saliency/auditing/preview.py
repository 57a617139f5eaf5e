"""What an audit would edit in these rows: the same spans, plan and controls as in a run, and no model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from token_saliency.auditing.audit import Audit, Match
from token_saliency.auditing.edits.request import USUAL_EDITS
from token_saliency.auditing.languages import language_notes
from token_saliency.auditing.planning import found_and_planned
from token_saliency.auditing.spans.label_words import bound
from token_saliency.data import Rows
from token_saliency.results import Edit, Example
from token_saliency.results.planned import PlannedAudit, PlannedChange
from token_saliency.stats.sampling import check_limit, content_hash, sample_rows

_LETTERS_A_PIECE = 4
_MOST_ITEMS = 12


@dataclass(frozen=True, slots=True)
class Draw:
    """How many rows are read, how many edited texts are planned, and how many of these are shown."""

    rows: int | None = 1000
    edits: int = USUAL_EDITS
    show: int = 60
    seed: int = 0


def planned_edits(source: Rows, audit: Audit, labels: Sequence[str], draw: Draw) -> PlannedAudit:
    """The edits of `audit` on the rows, `draw.show` of them drawn by hash: one a slot, so that no row fills the page.

    `labels` are the class names, which the audit of label words looks for. Controls are matched by their length here;
    with a model by its tokens.
    """
    check_limit(draw.rows)
    own = bound(audit, labels)
    rows = sample_rows(source.examples, draw.rows, draw.seed)
    both, planned = found_and_planned(own, rows, draw.edits, draw.seed, _lengths)
    found = {row.id: both.of(row.id) for row in rows}
    slots = _one_a_slot([edit for edit in planned if not edit.placebo], own.edit.judge, draw.seed)
    texts = {row.id: _whole(row) for row in rows}
    return PlannedAudit(
        own.name,
        own.title,
        len(rows),
        sum(bool(matches) for matches in found.values()),
        sum(map(len, found.values())),
        _items(found),
        sum(not edit.placebo for edit in planned),
        sum(edit.placebo for edit in planned),
        len(slots),
        [PlannedChange(e.row, texts[e.row], _whole(e), e.operator, e.item) for e in slots[: draw.show]],
        [*source.notes, *language_notes([own], rows), *own.notes],
    )


def _whole(row: Example | Edit) -> str:
    return row.text if row.text_pair is None else f"{row.text}\n{row.text_pair}"


def _lengths(texts: list[str]) -> list[int]:
    """A stand-in for a tokenizer: pieces of so many letters."""
    return [sum(-(-len(word) // _LETTERS_A_PIECE) for word in text.split()) for text in texts]


def _items(found: Mapping[str, Sequence[Match]]) -> list[tuple[str, int]]:
    return Counter(item for own in found.values() for item in {m.item for m in own}).most_common(_MOST_ITEMS)


def _one_a_slot(edits: Sequence[Edit], judged: str, seed: int) -> list[Edit]:
    """One edit of every slot, in the order of their hash; those of the judged operator where there are any."""
    ours = [edit for edit in edits if edit.operator == judged] or edits
    by_slot: dict[tuple[object, ...], Edit] = {}
    for edit in sorted(ours, key=lambda e: content_hash(seed, e.text, e.text_pair)):
        by_slot.setdefault((edit.row, edit.part, edit.slot), edit)
    return list(by_slot.values())

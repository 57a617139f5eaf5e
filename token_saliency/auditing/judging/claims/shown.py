"""Edits and rows as the report shows them, for a person to judge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from token_saliency.auditing.edits.operators import common
from token_saliency.auditing.evidence.explain_rows import shown_edits
from token_saliency.auditing.judging.case import Case
from token_saliency.results import Edit, EditedPair, ScoredRow, ShownExample, Span
from token_saliency.stats.sampling import content_hash

SHOWN_PAIRS = 10


def random_pairs(case: Case) -> list[EditedPair]:
    """Ten edits drawn by hash, so that a person can judge whether the edits are fair."""
    real = [edit for edit in case.edits if not edit.placebo and _differs(edit, case.rows[edit.row])]
    real.sort(key=lambda edit: content_hash(case.seed, edit.operator, edit.text, edit.item))
    spread: dict[str, Edit] = {}
    for edit in real:
        spread.setdefault(edit.row, edit)
    return [_pair_of(case, edit) for edit in list(spread.values())[:SHOWN_PAIRS]]


def _differs(edit: Edit, row: ScoredRow) -> bool:
    return (edit.text, edit.text_pair) != (row.text, row.text_pair)


def _pair_of(case: Case, edit: Edit) -> EditedPair:
    """With the judged class, or the one that moved most."""
    moves = [abs(edit.after[k] - edit.before[k]) for k in case.judged_classes]
    return edited_pair(case.rows[edit.row], edit, case.classes, case.judged_classes[int(np.argmax(moves))])


def edited_pair(row: ScoredRow, edit: Edit, classes: Sequence[str], index: int) -> EditedPair:
    """One edit with the probabilities of a class (by index); of a pair the edited text, or both."""
    before, after, span = _shown_texts(row, edit)
    return EditedPair(
        row=edit.row,
        operator=edit.operator,
        item=edit.item,
        original=edit.original,
        placebo=edit.placebo,
        class_=classes[index],
        text_before=before,
        text_after=after,
        span=span,
        before=edit.before[index],
        after=edit.after[index],
    )


def _shown_texts(row: ScoredRow, edit: Edit) -> tuple[str, str, Span]:
    """Before, after, and what was edited: of both texts from the first change to the last."""
    old, new = (row.text, row.text_pair or ""), (edit.text, edit.text_pair or "")
    changed = [part for part in (0, 1) if old[part] != new[part]]
    if len(changed) < 2:
        part = changed[0] if changed else edit.part
        return old[part], new[part], edit.slot if part == edit.part else (0, len(old[part]))
    before, after = "\n".join(old), "\n".join(new)
    start, tail = common(before, after), common(before[::-1], after[::-1])
    return before, after, (start, max(start, len(before) - tail))


def examples(case: Case) -> list[ShownExample]:
    """The rows that an edit of the judged operator moved most, coloured and with that edit beside them."""
    return [_shown(case, edit) for edit in shown_edits(case.audit, case.edits)]


def _shown(case: Case, edit: Edit) -> ShownExample:
    row = case.rows[edit.row]
    return ShownExample(
        row=row.id,
        text=row.text,
        text_pair=row.text_pair,
        label=row.label,
        predicted=row.predicted,
        probability=max(row.probabilities),
        tokens=list(row.tokens),
        spans=[(match.start, match.end) for match in case.spans[row.id]],
        edit=_pair_of(case, edit),
        pair_spans=[(match.start, match.end) for match in case.second.get(row.id, ())],
    )

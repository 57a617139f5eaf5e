"""Movement: how far edits move the output, and how often the decision, whichever way; a signed mean hides both ways.

Always minus the matched control in the same rows: a size is never below zero, so noise alone would move any model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain

import numpy as np

from token_saliency.auditing.audit import SEGMENTS
from token_saliency.auditing.evidence.stood_in import alone
from token_saliency.auditing.judging.by_axis import closed, others
from token_saliency.auditing.judging.case import NO_CLASS, PICTURES, Case, CrossedAnswers, table, things_of
from token_saliency.auditing.judging.contrasts import exchanged, one_another
from token_saliency.auditing.judging.moved import HALF, SIZES, Moved, row_means
from token_saliency.auditing.judging.shifts import many_documents, regions, sides_of
from token_saliency.auditing.judging.verdicts import ClaimEstimate
from token_saliency.results import Edit, Flips
from token_saliency.stats import estimate as st
from token_saliency.stats.changes import Reading, Sizes

TIE = 0.2


def movement(case: Case, operator: str) -> list[ClaimEstimate]:
    """Of the judged operator, by item; of a pair of texts each must move the output, or it is not read."""
    rule = case.audit.edit
    asked = [] if rule.against or not (rule.judges(operator) or operator in SEGMENTS) else measures(case, operator)
    if operator in rule.also:
        asked = [one for one in asked if one.between and rule.beside(operator, one.between[0])]
    drafts = [movement_of(case, operator, one) for one in asked]
    return [draft for draft in drafts if draft]


def measures(case: Case, operator: str) -> list[Moved]:
    """What the edits of the operator moved, by item where the items are fixed."""
    if operator != "swap":
        return _presence(case, operator)
    return _exchange(case, operator) if case.audit.items == "sample" else _reference(case, operator)


def class_of(case: Case) -> int:
    """The one class that is judged; of several NO_CLASS."""
    one = case.judged_classes[0] if len(case.judged_classes) == 1 else NO_CLASS
    return 1 if things_of(case.audit) == PICTURES else one


def reading(case: Case) -> Reading:
    """How the answers of the case are read. Nearer than a fifth of the margin they stand at a tie."""
    index, picture = class_of(case), things_of(case.audit) == PICTURES
    step = TIE * case.audit.judge.margin
    return Reading(None if index == NO_CLASS else index, case.exclusive, case.exclusive or picture, step)


def _presence(case: Case, operator: str) -> list[Moved]:
    """One edit a row and item; several controls of a row are averaged. A text that must be read needs none."""
    own = alone(edit for edit in case.edits if edit.operator == operator)
    found = []
    for item in dict.fromkeys(edit.item for edit in own if not edit.placebo):
        real = {edit.row: edit for edit in own if edit.item == item and not edit.placebo}
        placebo: dict[str, list[Edit]] = {}
        for edit in own:
            if edit.item == item and edit.placebo and edit.row in real:
                placebo.setdefault(edit.row, []).append(edit)
        paired = operator not in SEGMENTS and len(placebo) >= min(case.audit.judge.min_rows, len(real))
        rows = list(placebo) if paired else list(real)
        control = (
            _means(_sizes_of(case, [*chain(*placebo.values())]), [*map(len, placebo.values())]) if paired else None
        )
        between = regions(item, operator) if things_of(case.audit) == PICTURES else sides_of(item, operator)
        count = sum(map(len, placebo.values())) if paired else 0
        moved = _sizes_of(case, [real[row] for row in rows])
        found.append(Moved(between, rows, case.documents(rows), moved, control, controls=count))
    return found


def _sizes_of(case: Case, edits: Sequence[Edit]) -> Sizes:
    return reading(case).sizes(np.array([edit.after for edit in edits]), np.array([edit.before for edit in edits]))


def _means(sizes: Sizes, counts: Sequence[int]) -> Sizes:
    """The means of runs of so many sizes."""
    starts = np.cumsum([0, *counts[:-1]])
    return Sizes(*(np.add.reduceat(getattr(sizes, name).astype(float), starts) / counts for name in SIZES))


def _reference(case: Case, operator: str) -> list[Moved]:
    """Each fixed item against the reference in the same slot, beside ordinary items there."""
    answers, controls = table(case, operator, placebo=False), table(case, operator, placebo=True)
    reference = case.audit.edit.reference
    if answers is None or reference is None or reference not in answers.items:
        return []
    base = answers.values[:, answers.items.index(reference)]
    rows = [row for row, _ in answers.slots]
    control = None
    if controls and controls.slots == answers.slots:
        each = reading(case).sizes(controls.values, base[:, None])
        control = Sizes(*(getattr(each, name).mean(1) for name in SIZES))
    beside = len(rows) * len(controls.items) if controls and control else 0
    filled = {item: answers.values[:, j] for j, item in enumerate(answers.items)}
    return [
        Moved((item, reference), rows, answers.docs, reading(case).sizes(filled[item], base), control, controls=beside)
        for item in case.audit.edit.panel
        if item in filled
    ]


def _exchange(case: Case, operator: str) -> list[Moved]:
    """The items of a sample for one another, beside control items for one another, in the slots that both fill."""
    answers, controls = exchanged(case, operator), table(case, operator, placebo=True)
    whole = table(case, operator, placebo=False)
    terms = closed(case, whole) if answers is None and whole else None
    sample = terms or answers
    if sample is None:
        return []
    between = (f"{case.stratum} terms", others(case.stratum)) if terms else one_another(case)
    beside = set(controls.slots) if controls else set()
    slots = [slot for slot in sample.slots if slot in beside]
    if controls is None or len(slots) < case.audit.judge.min_rows:
        controls, slots = None, sample.slots
    ours, docs, kinds = _of_slots(sample, slots)
    real, used = apart(case, *ours)
    control = apart(case, *_of_slots(controls, slots)[0]) if controls else None
    rows, count = [row for row, _ in slots], len(controls.items) if controls else 0
    if control and not terms:
        return [Moved(between, rows, docs, real, control[0], (used, control[1]), kinds, HALF, count)]
    usual = row_means(*control) if control else None
    return [Moved(between, rows, docs, row_means(real, used), usual, most=HALF, controls=count)]


def _of_slots(
    answers: CrossedAnswers, slots: Sequence[tuple[str, int]]
) -> tuple[tuple[st.Floats, st.Bools], st.Ints, st.Ints]:
    at = [answers.slots.index(slot) for slot in slots]
    return (answers.values[at], answers.used[at]), answers.docs[at], answers.kinds[at]


def apart(case: Case, values: st.Floats, used: st.Bools) -> tuple[Sizes, st.Bools]:
    """How far each item [slots, items] lies from the mean of the others, and how many of them decide otherwise.

    A distance from the mean of n - 1 others is a little more than one from the truth: the more, the fewer they are.
    """
    used = used & (used.sum(1, keepdims=True) > 1)
    count, how = used.sum(1, keepdims=True), reading(case)
    kept = np.where(used[:, :, None], values, 0.0)
    rest = np.maximum(count - 1, 1)
    centre = (kept.sum(1, keepdims=True) - kept) / rest[:, :, None]
    moved = how.apart(values, centre) * np.sqrt(rest / np.maximum(count, 1))
    each = [how.sizes(values, values[:, [j]]) for j in range(values.shape[1])]
    both = [one.flipped for one in each], [one.at_most for one in each]
    pairs = (np.stack([(one * used).sum(1) for one in kind], axis=1) / rest for kind in both)
    return Sizes(*(np.where(used, one, 0.0) for one in (moved, *pairs))), used


def movement_of(case: Case, operator: str, measured: Moved) -> ClaimEstimate | None:
    rule = case.audit.judge
    moved, flipped = measured.estimates()
    if not math.isfinite(moved.se) or not math.isfinite(flipped.se):
        return None
    decides, must_move = len(case.classes) > 1, operator in SEGMENTS
    tests = [(moved, rule.margin), (flipped, rule.flips)][: 1 + decides]
    interval, (low, high) = moved.interval(case.alpha), flipped.interval(case.alpha)
    most = measured.flips_at_most()
    low, high = max(-1.0, low), min(high, 1.0, max(flipped.effect, most.interval(case.alpha)[1]))
    held = (moved, rule.margin, rule.margin), (flipped, rule.flips, rule.flips), (most, rule.flips, math.inf)
    flip_rate, placebo_flip_rate = measured.rates()
    return ClaimEstimate(
        claim="movement",
        between=measured.between,
        class_index=class_of(case),
        operator=operator,
        effect=moved.effect,
        control=measured.usual,
        interval=interval,
        beyond_control=None if measured.control is None and not must_move else interval[0],
        p=min(1.0, len(tests) * min(estimate.p_above(0.0) for estimate, _ in tests)),
        p_margin=min(1.0, len(tests) * min(estimate.p_above(bound) for estimate, bound in tests)),
        flip_rate=flip_rate,
        placebo_flip_rate=placebo_flip_rate,
        rows=len(set(measured.rows)),
        items=measured.items,
        smallest_detectable=moved.detectable(case.alpha),
        resolvable=measured.used is not None or many_documents(measured.docs, 1),
        by_row={},
        one_sided=True,
        flips=Flips(flipped.effect, (low, high), rule.flips) if decides else None,
        must_move=must_move,
        edits=measured.edits,
        controls=measured.controls if measured.control else 0,
        held=held if decides else held[:1],
    )

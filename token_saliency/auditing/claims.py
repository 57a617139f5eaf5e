"""From the answers of the model to estimates: one function a claim, each a few lines of design on `statistics`.

A claim that cannot be estimated (no labels, too few items) is a sentence in `notes`, never a silent gap.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from token_saliency.auditing import statistics as st
from token_saliency.auditing.audit import Audit, Match
from token_saliency.auditing.planning import MENTIONS_FOR_LEAN
from token_saliency.auditing.sampling import generator
from token_saliency.auditing.verdicts import AUDIT_ALPHA, CATALOGUE, draws
from token_saliency.results import Claim, Edit, Interval, ScoredRow

NOTHING = "nothing"
"""What a deleted item is compared with in `between`."""

ITEMS_A_POLE = 2


@dataclass(frozen=True)
class Case:
    """All that the claims of one audit may know: plain answers of the model, no model."""

    audit: Audit
    rows: Mapping[str, ScoredRow]
    spans: Mapping[str, Sequence[Match]]
    edits: Sequence[Edit]
    classes: Sequence[str]
    cluster: Mapping[str, int]
    seed: int
    notes: list[str] = field(default_factory=list)

    @property
    def judged_classes(self) -> list[int]:
        """One class of a binary model (the other is its mirror), every class of any other.

        The two labels of a multi-label head are no mirrors: their probabilities do not sum to 1.
        """
        mirrored = all(abs(sum(row.probabilities) - 1) < 1e-4 for row in self.rows.values())
        return [len(self.classes) - 1] if len(self.classes) == 2 and mirrored else list(range(len(self.classes)))

    @cached_property
    def homes(self) -> dict[str, set[int]]:
        """The document clusters in which each item occurs."""
        homes: dict[str, set[int]] = {}
        for row, matches in self.spans.items():
            for match in matches:
                homes.setdefault(match.item, set()).add(self.cluster[row])
        return homes


@dataclass(frozen=True, slots=True)
class Draft:
    """A claim before the corrections for multiplicity; `Finding` and `Evidence` are made of it."""

    claim: Claim
    between: tuple[str, str] | None
    class_index: int
    operator: str
    effect: float
    control: float | None
    interval: Interval
    beyond_control: float | None
    p: float
    p_margin: float
    flip_rate: float
    placebo_flip_rate: float | None
    rows: int
    items: int
    smallest_detectable: float
    resolvable: bool
    by_row: Mapping[str, float]


@dataclass(frozen=True)
class Table:
    """The crossed answers of one operator: slots x items x classes, and whether each flipped the prediction."""

    slots: list[tuple[str, int]]
    items: list[str]
    values: st.Floats
    flipped: st.Bools
    docs: st.Ints
    used: st.Bools

    def of_class(self, index: int) -> st.Crossed:
        """The crossed design of one class."""
        return st.crossed(self.values[:, :, index], self.used, self.docs)

    @property
    def rows(self) -> int:
        """Distinct rows that lend a slot."""
        return len({row for row, _ in self.slots})

    @property
    def flip_rate(self) -> float:
        """The share of fillings that change the predicted class."""
        return float(self.flipped[self.used].mean()) if self.used.any() else 0.0


def table(case: Case, operator: str, placebo: bool) -> Table | None:
    """The answers of the operator as an array; None where there are none. An item is unused in its own documents."""
    edits = [edit for edit in case.edits if edit.operator == operator and edit.placebo == placebo]
    if not edits:
        return None
    slots = sorted({(edit.row, edit.slot[0]) for edit in edits})
    items = sorted({edit.item for edit in edits})
    slot_at, item_at = {s: i for i, s in enumerate(slots)}, {t: j for j, t in enumerate(items)}
    values = np.full((len(slots), len(items), len(case.classes)), np.nan)
    flipped = np.zeros(values.shape[:2], dtype=bool)
    for edit in edits:
        place = slot_at[edit.row, edit.slot[0]], item_at[edit.item]
        values[place] = edit.after
        flipped[place] = int(np.argmax(edit.after)) != int(np.argmax(edit.before))
    docs = np.array([case.cluster[row] for row, _ in slots], dtype=np.int64)
    home = np.array([[int(doc) in case.homes.get(item, ()) for item in items] for doc in docs])
    return Table(slots, items, np.nan_to_num(values), flipped, docs, ~home & np.isfinite(values[:, :, 0]))


# --- items are a sample -------------------------------------------------------------------------------


def lean(case: Case, operator: str) -> list[Draft]:
    """Labels split the items into two poles; do their effects differ the same way?

    The labels of a pole come from the documents where its items stand, the effects from all others.
    """
    answers = table(case, operator, placebo=False)
    if answers is None:
        return []
    if not any(row.label for row in case.rows.values()):
        case.notes.append("lean was not run: the rows have no labels.")
        return []
    return [draft for index in case.judged_classes if (draft := _lean_of(case, answers, operator, index))]


def _lean_of(case: Case, answers: Table, operator: str, index: int) -> Draft | None:
    left, right = poles(case, answers.items, case.classes[index])
    if min((left > 0).sum(), (right > 0).sum()) < ITEMS_A_POLE:
        case.notes.append(
            f"lean was not run for class {case.classes[index]}: it needs {ITEMS_A_POLE} items with at least "
            f"{MENTIONS_FOR_LEAN} labelled rows on either side of the base rate."
        )
        return None
    return contrast_draft(case, answers, operator, index, "lean", None, (left, right))


def contrast_draft(
    case: Case,
    answers: Table,
    operator: str,
    index: int,
    claim: Claim,
    between: tuple[str, str] | None,
    weights: tuple[st.Floats, st.Floats],
) -> Draft | None:
    """The difference between two weighted groups of items, with random splits of the same items as control."""
    left, right = weights
    data = answers.of_class(index)
    estimate = st.contrast(data, left, right)
    if not math.isfinite(estimate.se):
        return None
    claims = 2 * len(case.judged_classes)
    rng = generator(case.seed, case.audit.name, claim, between, index)
    drawn = st.permuted_contrasts(data, left, right, draws(claims), rng)
    control = float(np.abs(drawn).mean())
    margin = max(case.audit.judge.margin, 3 * _noise(case, operator, index, left, right))
    placebo = table(case, operator, placebo=True)
    low, high = estimate.interval(AUDIT_ALPHA)
    return Draft(
        claim=claim,
        between=between,
        class_index=index,
        operator=operator,
        effect=estimate.effect,
        control=control,
        interval=(low, high),
        beyond_control=(low if estimate.effect >= 0 else -high) - control,
        p=st.permutation_p(drawn, estimate.effect),
        p_margin=estimate.p_beyond(margin),
        flip_rate=answers.flip_rate,
        placebo_flip_rate=placebo.flip_rate if placebo else None,
        rows=answers.rows,
        items=int(((left + right) > 0).sum()),
        smallest_detectable=estimate.detectable(AUDIT_ALPHA),
        resolvable=st.splits(int((left > 0).sum()), int((right > 0).sum())) > claims * CATALOGUE / 0.05,
        by_row=_by_row(answers, data, left, right),
    )


def poles(case: Case, items: Sequence[str], class_name: str) -> tuple[st.Floats, st.Floats]:
    """Mention weights [T] of the items that go with the class, and of those that go against it.

    The base rate is that of all labelled mentions, so the poles say which item, not whether there is one.
    """
    counts, hits = np.zeros(len(items)), np.zeros(len(items))
    place = {item: j for j, item in enumerate(items)}
    for row_id, matches in case.spans.items():
        label = case.rows[row_id].label
        for item in {match.item for match in matches if label is not None and match.item in place}:
            counts[place[item]] += 1
            hits[place[item]] += label == class_name
    counts[counts < MENTIONS_FOR_LEAN] = 0
    base = hits[counts > 0].sum() / max(counts.sum(), 1)
    rates = hits / np.maximum(counts, 1)
    return np.where(rates > base + 1e-9, counts, 0.0), np.where(rates < base - 1e-9, counts, 0.0)


def _noise(case: Case, operator: str, index: int, left: st.Floats, right: st.Floats) -> float:
    """The standard deviation of the same contrast over random splits of the CONTROL items."""
    controls = table(case, operator, placebo=True)
    if controls is None or len(controls.items) < 3:
        return 0.0
    spread = float(np.nanstd(controls.of_class(index).item_means, ddof=1))
    return spread * math.sqrt(_inverse_size(left) + _inverse_size(right))


def _inverse_size(weights: st.Floats) -> float:
    return float((weights**2).sum() / weights.sum() ** 2)


def _by_row(answers: Table, data: st.Crossed, left: st.Floats, right: st.Floats) -> dict[str, float]:
    """The contrast inside each row (slots of a row averaged), for the slices."""
    sides = []
    for weights in (left, right):
        cells = data.used * weights
        sides.append((cells * data.effects).sum(1) / np.maximum(cells.sum(1), 1e-12))
    found: dict[str, list[float]] = {}
    for (row, _), value in zip(answers.slots, sides[0] - sides[1], strict=True):
        found.setdefault(row, []).append(float(value))
    return {row: float(np.mean(values)) for row, values in found.items()}


def magnitude(case: Case, operator: str) -> list[Draft]:
    """How far a typical item moves the output, against label-irrelevant items in the same slots."""
    answers, controls = table(case, operator, placebo=False), table(case, operator, placebo=True)
    if answers is None:
        return []
    drafts = [_magnitude_of(case, answers, controls, operator, index) for index in case.judged_classes]
    return [draft for draft in drafts if draft]


def _magnitude_of(case: Case, answers: Table, controls: Table | None, operator: str, index: int) -> Draft | None:
    found = st.magnitude(answers.of_class(index))
    square, margin = found.square, case.audit.judge.margin
    if not math.isfinite(square.se):
        return None
    control = st.magnitude(controls.of_class(index)) if controls else None
    return Draft(
        claim="magnitude",
        between=None,
        class_index=index,
        operator=operator,
        effect=found.rms,
        control=control.rms if control else None,
        interval=found.interval(AUDIT_ALPHA),
        beyond_control=_beyond(found, control, margin) if control else None,
        p=_above(square, 0.0),
        p_margin=_above(square, margin**2),
        flip_rate=answers.flip_rate,
        placebo_flip_rate=controls.flip_rate if controls else None,
        rows=answers.rows,
        items=len(answers.items),
        smallest_detectable=math.sqrt(square.detectable(AUDIT_ALPHA)),
        resolvable=True,
        by_row={},
    )


def _above(estimate: st.Estimate, bound: float) -> float:
    """One-sided p of a mean square at most `bound`; a negative estimate is no evidence of anything."""
    if estimate.effect <= bound:
        return 1.0
    return st.Estimate(estimate.effect - bound, estimate.se, estimate.df).p_beyond(0.0)


def _beyond(found: st.Magnitude, control: st.Magnitude, margin: float) -> float:
    control_se = control.root_se(margin / 2) if math.isfinite(control.square.se) else 0.0
    error = math.hypot(found.root_se(margin / 2), control_se)
    return found.rms - control.rms - found.square.quantile(1 - AUDIT_ALPHA) * error


# --- items are fixed ----------------------------------------------------------------------------------


def swapped_shift(case: Case, operator: str) -> list[Draft]:
    """Each fixed item against the reference in the same slot; the control puts ordinary items there."""
    rule = case.audit.edit
    answers, controls = table(case, operator, placebo=False), table(case, operator, placebo=True)
    if answers is None or rule.reference not in answers.items:
        return []
    base = answers.values[:, answers.items.index(rule.reference)]
    control = controls.values.mean(1) - base if controls else None
    control_flips = _flips(controls.values, base[:, None]) if controls else None
    rows = [row for row, _ in answers.slots]
    drafts = []
    for item in rule.panel:
        filled = answers.values[:, answers.items.index(item)]
        flips = float(_flips(filled, base).mean())
        placebo_flips = float(control_flips.mean()) if control_flips is not None else None
        for index in case.judged_classes:
            pair = Pairs(rows, filled[:, index] - base[:, index], rows, None if control is None else control[:, index])
            drafts.append(shift_draft(case, operator, (item, rule.reference), index, pair, (flips, placebo_flips)))
    return [draft for draft in drafts if draft]


def deleted_shift(case: Case, operator: str) -> list[Draft]:
    """Each frequent item against its absence; the control deletes an ordinary item of the same row."""
    drafts = []
    for item in dict.fromkeys(edit.item for edit in case.edits if edit.operator == operator):
        real, placebo = (
            [e for e in case.edits if e.operator == operator and e.item == item and e.placebo is p]
            for p in (False, True)
        )
        flips = _flip_rate(real), _flip_rate(placebo) if placebo else None
        for index in case.judged_classes:
            control = np.array([e.before[index] - e.after[index] for e in placebo]) if len(placebo) > 1 else None
            effects = np.array([e.before[index] - e.after[index] for e in real])
            pairs = Pairs([e.row for e in real], effects, [e.row for e in placebo], control)
            drafts.append(shift_draft(case, operator, (item, NOTHING), index, pairs, flips))
    return [draft for draft in drafts if draft]


@dataclass(frozen=True, slots=True)
class Pairs:
    """One difference a row, and that of the control for the rows that have one."""

    rows: list[str]
    effects: st.Floats
    control_rows: list[str]
    control: st.Floats | None


def shift_draft(
    case: Case, operator: str, between: tuple[str, str], index: int, pairs: Pairs, flips: tuple[float, float | None]
) -> Draft | None:
    """The signed mean of the differences, and how far it exceeds that of the control in the same rows."""
    docs = _docs(case, pairs.rows)
    estimate = st.clustered_mean(pairs.effects, docs)
    if not math.isfinite(estimate.se):
        return None
    rng = generator(case.seed, case.audit.name, operator, between, index)
    return Draft(
        claim="shift",
        between=between,
        class_index=index,
        operator=operator,
        effect=estimate.effect,
        control=float(pairs.control.mean()) if pairs.control is not None else None,
        interval=estimate.interval(AUDIT_ALPHA),
        beyond_control=_beyond_control(case, pairs),
        p=st.sign_flip(pairs.effects, docs, draws(len(case.judged_classes) * len(case.audit.edit.panel)), rng),
        p_margin=estimate.p_beyond(case.audit.judge.margin),
        flip_rate=flips[0],
        placebo_flip_rate=flips[1],
        rows=len(set(pairs.rows)),
        items=1,
        smallest_detectable=estimate.detectable(AUDIT_ALPHA),
        resolvable=2.0 ** len(np.unique(docs)) > 2 * CATALOGUE * len(case.judged_classes) / 0.05,
        by_row=dict(zip(pairs.rows, map(float, pairs.effects), strict=True)),
    )


def _beyond_control(case: Case, pairs: Pairs) -> float | None:
    """Lower bound of |effect| - |control|, both signed by their own means: the side that favours the model."""
    if pairs.control is None:
        return None
    effects = dict(zip(pairs.rows, pairs.effects, strict=True))
    signs = np.sign(pairs.effects.mean()), np.sign(pairs.control.mean())
    excess = np.array(
        [signs[0] * effects[row] - signs[1] * c for row, c in zip(pairs.control_rows, pairs.control, strict=True)]
    )
    estimate = st.clustered_mean(excess, _docs(case, pairs.control_rows))
    return estimate.interval(AUDIT_ALPHA)[0] if math.isfinite(estimate.se) else None


def _docs(case: Case, rows: Sequence[str]) -> st.Ints:
    return np.array([case.cluster[row] for row in rows], dtype=np.int64)


def _flips(values: st.Floats, base: st.Floats) -> st.Bools:
    return np.asarray(values.argmax(-1) != base.argmax(-1))


def _flip_rate(edits: Sequence[Edit]) -> float:
    return float(np.mean([int(np.argmax(e.before)) != int(np.argmax(e.after)) for e in edits]))


CLAIMS: dict[tuple[str, str], tuple[Callable[[Case, str], list[Draft]], ...]] = {
    ("swap", "sample"): (lean, magnitude),
    ("swap", "fixed"): (swapped_shift,),
    ("delete", "sample"): (deleted_shift,),
    ("delete", "fixed"): (deleted_shift,),
}
"""Which claims an operator can make about a sample of items or about fixed ones."""

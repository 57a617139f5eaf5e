"""Items are a sample: how their effects differ between groups, between the poles of the labels, and at all."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from token_saliency.auditing.audit import IN_SECOND, Contrast
from token_saliency.auditing.edits.swaps import FEW, MENTIONS_FOR_LEAN
from token_saliency.auditing.judging.by_axis import closed, familiar
from token_saliency.auditing.judging.case import Case, CrossedAnswers, asks_on, table
from token_saliency.auditing.judging.verdicts import ALPHA, CATALOGUE, ClaimEstimate, draws
from token_saliency.errors import option
from token_saliency.results import Claim
from token_saliency.stats import crossed as cr
from token_saliency.stats import estimate as st
from token_saliency.stats.sampling import generator

ONE_ANOTHER = "one another"
A_SIDE = 2
"""Items that a group or pole must have."""
MEMBERS_AT_LEAST = 6
"""Items of a group that a long list must lend: with five a side no split of them can reject."""


@dataclass(frozen=True, slots=True)
class Split:
    """Two weighted groups of the items [T] that one claim compares about one class."""

    claim: Claim
    between: tuple[str, str] | None
    class_index: int
    left: st.Floats
    right: st.Floats


def contrasts(case: Case, operator: str) -> list[ClaimEstimate]:
    """The declared groups against each other, then the poles that the labels make."""
    answers = table(case, operator, placebo=False)
    if answers is None:
        return []
    splits = [*direction(case, answers), *lean(case, answers)]
    claims = (len(splits) + len(case.judged_classes)) * case.families  # magnitudes are judged beside them
    controls = table(case, operator, placebo=True)
    drafts = [contrast_estimate(case, answers, controls, operator, split, claims) for split in splits]
    return [draft for draft in drafts if draft]


def direction(case: Case, answers: CrossedAnswers) -> list[Split]:
    """Every declared pair of groups: each item counts alike, however many slots it could fill."""
    found = []
    if case.stratum and closed(case, answers) is not None:  # see `named_groups`
        return []
    for contrast in case.audit.contrasts:
        sides = {group: alike(answers, contrast.members(case.audit.find.lexicon, group)) for group in contrast.groups}
        for a, b in contrast.between:
            few = [f"{group} has {(sides[group] > 0).sum()}" for group in (a, b) if (sides[group] > 0).sum() < A_SIDE]
            if few:
                _not_run(case, "direction", f"it needs {A_SIDE} items a side; {', '.join(few)}.", (a, b))
                continue
            starved = [group for group in (a, b) if _starved(case, contrast, group, int((sides[group] > 0).sum()))]
            if starved:
                more = "" if case.stratum else f"; a larger {option('edits')} brings in others"
                why = f"the rows hold too few items of {starved[0]}{more}."
                _not_run(case, "direction", why, (a, b))
                continue
            found += [Split("direction", (a, b), index, sides[a], sides[b]) for index in case.judged_classes]
    return found


def _starved(case: Case, contrast: Contrast, group: str, present: int) -> bool:
    """Whether the budget of edits, and not the word list, left the group with hardly an item."""
    listed = len(contrast.members(case.audit.find.lexicon, group))
    return present < MEMBERS_AT_LEAST and listed >= 2 * MEMBERS_AT_LEAST


def alike(answers: CrossedAnswers, members: Collection[str]) -> st.Floats:
    """Weights [T] that make the mean over cells the plain mean of the item means."""
    counts = answers.used.sum(0)
    inside = np.array([item in members for item in answers.items])
    return np.where(inside & (counts > 0), 1.0 / np.maximum(counts, 1), 0.0)


def lean(case: Case, answers: CrossedAnswers) -> list[Split]:
    """Labels split the items into two poles; do their effects differ the same way?

    The labels of a pole come from the documents where its items stand, the effects from all others.
    """
    source = case.labels_from or case
    if not any(row.label for row in source.rows.values()):
        _not_run(case, "lean", "the rows have no labels.")
        return []
    splits = []
    for index in case.judged_classes:
        left, right = poles(source, answers.items, case.classes[index])
        if min((left > 0).sum(), (right > 0).sum()) >= A_SIDE:
            splits.append(Split("lean", None, index, left, right))
            continue
        why = f"it needs {A_SIDE} items of {MENTIONS_FOR_LEAN} labelled rows or more on either side of the base rate."
        _not_run(case, "lean", why, class_index=index)
    return splits


def contrast_estimate(
    case: Case, answers: CrossedAnswers, controls: CrossedAnswers | None, operator: str, split: Split, claims: int
) -> ClaimEstimate | None:
    """The difference between two weighted groups of items, with random splits of the same items as control."""
    left, right, index = split.left, split.right, split.class_index
    data = cr.comparable(answers.of_class(index))
    estimate, ways = cr.contrast(data, left, right), claims * CATALOGUE / ALPHA
    parted, (low, high) = cr.parted(data, left, right, ways), estimate.interval(case.alpha)
    passes = parted > 0 and asks_on(case) and max(-low, high) < case.audit.judge.margin  # all edits part them less
    resolvable = passes or cr.splits_of(data, left, right) > ways
    if _refused(case, split, estimate, resolvable=resolvable):
        return None
    part = cr.taking_part(data, left, right)
    p, control = _permuted(case, split, data, estimate.effect, claims)
    margin = max(case.audit.judge.margin, 3 * _noise(controls, index, left, right))
    return ClaimEstimate(
        claim=split.claim,
        between=split.between or _poles_between(case),
        class_index=index,
        operator=operator,
        effect=estimate.effect,
        control=control,
        interval=(low, high),
        beyond_control=(low if estimate.effect >= 0 else -high) - control,
        p=p,
        p_margin=estimate.p_beyond(margin),
        flip_rate=answers.flip_rate,
        placebo_flip_rate=controls.flip_rate if controls else None,
        rows=len({answers.slots[slot][0] for slot in np.flatnonzero(part.any(axis=1))}),
        items=int(part.any(0).sum()),
        smallest_detectable=estimate.detectable(case.alpha),
        resolvable=resolvable,
        by_row=_by_row(answers, data, left, right),
        edits=int(part.sum()),
        controls=len(controls.items) if controls else int(part.any(0).sum()),
        held=((estimate, case.audit.judge.margin, margin),),
        parted=parted,
    )


def _refused(case: Case, split: Split, estimate: st.Estimate, *, resolvable: bool) -> bool:
    """Whether a split cannot be judged, which a note then says."""
    if case.stratum and not resolvable:
        _not_run(case, split.claim, "the items of its slots can be split in too few ways.", split.between)
        return True
    if not math.isfinite(estimate.se):
        _not_run(case, split.claim, "it needs 3 items in 3 rows.", split.between, split.class_index)
        return True
    return False


def _permuted(case: Case, split: Split, data: cr.Crossed, seen: float, claims: int) -> tuple[float, float]:
    """p, and the mean size of the same contrast over random splits of the same items."""
    rng = generator(case.seed, case.audit.name, split.claim, split.between, split.class_index)
    return cr.permutation_test(data, split.left, split.right, seen, draws(claims, case.alpha), rng)


def _not_run(
    case: Case, claim: Claim, why: str, between: tuple[str, str] | None = None, class_index: int | None = None
) -> None:
    """Notes once what was not run, of which axis, groups and class, and why."""
    one_class = "" if class_index is None else f"class {case.classes[class_index]}"
    called = ", ".join(filter(None, (case.stratum, " against ".join(between or ()), one_class)))
    where = IN_SECOND if case.part else ""
    note = f"{claim} was not run{' for ' if called else ''}{called}{where}: {why}"
    if note not in case.notes:
        case.notes.append(note)


_OF_ONE_POLE = " of one pole"


def _poles_between(case: Case) -> tuple[str, str] | None:
    """Claims of several strata are told apart by what they compare."""
    return (f"{case.stratum} terms{_OF_ONE_POLE}", "the other pole") if case.stratum else None


def without_pole(side: str) -> str:
    """The items of both poles, as a sentence names them."""
    return side.removesuffix(_OF_ONE_POLE)


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


def _noise(controls: CrossedAnswers | None, index: int, left: st.Floats, right: st.Floats) -> float:
    """The standard deviation of the same contrast over random splits of the CONTROL items."""
    if controls is None or len(controls.items) < 3:
        return 0.0
    spread = float(np.nanstd(cr.comparable(controls.of_class(index)).item_means, ddof=1))
    return spread * math.sqrt(sum(float((side**2).sum() / side.sum() ** 2) for side in (left, right)))


def _by_row(answers: CrossedAnswers, data: cr.Crossed, left: st.Floats, right: st.Floats) -> dict[str, float]:
    """The contrast inside each row (slots of a row that hold both sides averaged), for the slices."""
    cells = [data.used * weights for weights in (left, right)]
    both = np.all([(side > 0).any(axis=1) for side in cells], axis=0).tolist()
    means = [(side * data.effects).sum(1) / np.maximum(side.sum(1), 1e-12) for side in cells]
    found: dict[str, list[float]] = {}
    for (row, _), value, whole in zip(answers.slots, means[0] - means[1], both, strict=True):
        if whole:
            found.setdefault(row, []).append(float(value))
    return {row: float(np.mean(values)) for row, values in found.items()}


def magnitude(case: Case, operator: str) -> list[ClaimEstimate]:
    """How far a typical item moves the output, against label-irrelevant items in the same slots."""
    answers, controls = exchanged(case, operator), table(case, operator, placebo=True)
    if answers is None:
        return []
    drafts = [_magnitude_of(case, answers, controls, operator, index) for index in case.judged_classes]
    return [draft for draft in drafts if draft]


def exchanged(case: Case, operator: str) -> CrossedAnswers | None:
    """The answers of the items whose magnitude is asked; None where there are none.

    So few as are judged one by one say nothing about others.
    """
    found = table(case, operator, placebo=False)
    answers = familiar(case, found) if found else None
    if found is None or answers is None or (len(answers.items) < FEW and closed(case, found)):
        return None
    return answers


def one_another(case: Case) -> tuple[str, str] | None:
    """Magnitudes of several strata are told apart by what is exchanged."""
    return (f"{case.stratum} terms", ONE_ANOTHER) if case.stratum else None


def _magnitude_of(
    case: Case, answers: CrossedAnswers, controls: CrossedAnswers | None, operator: str, index: int
) -> ClaimEstimate | None:
    found = cr.magnitude(answers.of_class(index))
    square, margin = found.square, case.audit.judge.margin
    if not math.isfinite(square.se):
        return None
    control = cr.magnitude(controls.of_class(index)) if controls else None
    return ClaimEstimate(
        claim="magnitude",
        between=one_another(case),
        class_index=index,
        operator=operator,
        effect=found.rms,
        control=control.rms if control else None,
        interval=found.interval(case.alpha),
        beyond_control=_beyond(found, control, margin, case.alpha) if control else None,
        p=_above(square, 0.0),
        p_margin=_above(square, margin**2),
        flip_rate=answers.flip_rate,
        placebo_flip_rate=controls.flip_rate if controls else None,
        rows=answers.rows,
        items=len(answers.items),
        smallest_detectable=math.sqrt(square.detectable(case.alpha)),
        resolvable=True,
        by_row={},
        edits=int(answers.used.sum()),
        controls=len(controls.items) if controls else 0,
        held=((square, margin**2, margin**2),),
    )


def _above(estimate: st.Estimate, bound: float) -> float:
    """One-sided p of a mean square at most `bound`; a negative estimate is no evidence of anything."""
    if estimate.effect <= bound:
        return 1.0
    return st.Estimate(estimate.effect - bound, estimate.se, estimate.df).p_beyond(0.0)


def _beyond(found: cr.Magnitude, control: cr.Magnitude, margin: float, alpha: float) -> float:
    control_se = control.root_se(margin / 2) if math.isfinite(control.square.se) else 0.0
    error = math.hypot(found.root_se(margin / 2), control_se)
    return found.rms - control.rms - found.square.quantile(1 - alpha) * error

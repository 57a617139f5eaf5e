"""Sub-groups that nobody declared: one half of the rows names them, the edits of the other half test them.

Years, amounts, domains and sources pull both ways and cancel in a mean, and one address of many is lost in it. Two
sub-groups a class are tested, one chosen by the labels and one by the answers of other documents, so nothing is to be
corrected for the choice; and one that moves the output farther than the others do, whichever way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.claims.outliers import ONE_WAY
from token_saliency.auditing.judging.claims.taken_away import (
    A_SIDE,
    Kind,
    Units,
    family,
    kinds_held,
    units_of,
)
from token_saliency.auditing.judging.movement import class_of, reading
from token_saliency.auditing.judging.verdicts import OTHERS, ClaimEstimate
from token_saliency.stats import estimate as st
from token_saliency.stats.sampling import in_first_half

OF_A_KIND = 6
"""Rows of a sub-group, and beside it, in the half that names it and in the half that tests it: of one domain of eight
25 rows of 600 may be left, and chance parts them 17 and 8."""
CLEAR = 2.5

Group = tuple[set[Kind], str]
"""The sub-groups of a row, and its label."""


def subgroups(case: Case, operator: str) -> list[ClaimEstimate]:
    """What goes most clearly with each class, by labels and by answers, against the others of its family."""
    found = units_of(case, operator)
    if found is None or case.labels_from is not None:
        return []
    groups = _groups(case)
    drafts = [
        _draft(case, operator, index, found, kind)
        for index in case.judged_classes
        for kind in _candidates(case, index, found, groups)
    ]
    return [draft for draft in [*drafts, _stirring(case, operator, found)] if draft]


def _candidates(case: Case, index: int, found: Units, groups: Sequence[Group]) -> list[Kind]:
    """The sub-groups to test, each once: even numbers against odd ones are odd ones against even ones."""
    moving = _moving(case, found, found.real[:, index])
    both = _named(groups, case.classes[index]), moving[0] if moving else None
    kinds = list(dict.fromkeys(kind for kind in both if kind))
    return kinds[: 1 if _two_sides(found, kinds) else None]


def _two_sides(found: Units, kinds: Sequence[Kind]) -> bool:
    """Whether each row that holds one of the two holds exactly one of them."""
    rows = [own for own in found.kinds if any(family(kind, own) for kind in kinds)]
    return len({kind[0] for kind in kinds}) == 1 < len(kinds) and all(
        (kinds[0] in own) != (kinds[1] in own) for own in rows
    )


def leaning_yet(case: Case, operator: str) -> list[ClaimEstimate]:
    """What is named by now, whether its rows tell or not: more edits of them may."""
    found = units_of(case, operator)
    if found is None or case.labels_from is not None:
        return []
    named = [
        (index, kind, *_tested(case, found, kind))
        for index in case.judged_classes
        if (moving := _moving(case, found, found.real[:, index]))
        for kind in moving[:1]
    ]
    drafts = [
        _estimate(case, operator, index, units, inside, kind[1])
        for index, kind, units, inside in named
        if _enough(kind[1], inside)
    ]
    return [draft for draft in drafts if math.isfinite(draft.held[0][0].se)]


def testable(case: Case, operator: str) -> set[Kind]:
    """The sub-groups of which either half of the edited rows holds enough, and enough of their others."""
    found = units_of(case, operator)
    if found is None:
        return set()
    naming = _naming(case, found)
    return _held(found.kept(naming)) & _held(found.kept(~naming))


def frequent(case: Case, operator: str) -> set[Kind]:
    """Those of which a half of the planned rows will lend enough to either of its halves."""
    found = units_of(case, operator)
    return _held(found, 4) if found else set()


def _held(units: Units, times: int = 1) -> set[Kind]:
    return {kind for kind in set().union(*units.kinds) if _enough(kind[1], units.beside(kind)[1], times)}


def _tested(case: Case, found: Units, kind: Kind) -> tuple[Units, st.Bools]:
    """The rows of the half that tests with a span of its family, and which of them hold it."""
    return found.kept(~_naming(case, found)).beside(kind)


def _draft(case: Case, operator: str, index: int, found: Units, kind: Kind) -> ClaimEstimate | None:
    units, inside = _tested(case, found, kind)
    if not _enough(kind[1], inside):
        return None
    effect = units.contrast(inside, units.real[:, index])
    if not math.isfinite(effect.se) or not _tells(effect, case.audit.judge.margin, case.alpha):
        case.notes.append(f"the lean of {kind[1]} was not run: {int(inside.sum())} rows of it cannot tell.")
        return None
    return _estimate(case, operator, index, units, inside, kind[1])


def _estimate(case: Case, operator: str, index: int, units: Units, inside: st.Bools, kind: str) -> ClaimEstimate:
    effect = units.contrast(inside, units.real[:, index])
    beyond = control = None
    if units.control is not None:
        control = units.contrast(inside, units.control[:, index]).effect
        way = float(np.sign(effect.effect))
        excess = way * units.real[:, index] - abs(control) * np.where(inside, 0.5, -0.5)
        beyond = units.contrast(inside, excess).interval(case.alpha)[0]
    return ClaimEstimate(
        claim="lean",
        between=(kind, OTHERS),
        class_index=index,
        operator=operator,
        effect=effect.effect,
        control=control,
        interval=effect.interval(case.alpha),
        beyond_control=beyond,
        p=min(1.0, 2 * effect.p_beyond(0.0)),
        p_margin=effect.p_beyond(case.audit.judge.margin),
        flip_rate=0.0,
        placebo_flip_rate=None,
        rows=len(set(units.rows)),
        items=1,
        smallest_detectable=effect.detectable(case.alpha),
        resolvable=True,
        by_row={},
        edits=len(units.rows),
        controls=0 if units.control is None else len(units.rows),
        held=((effect, case.audit.judge.margin, case.audit.judge.margin),),
    )


def _tells(effect: st.Estimate, margin: float, alpha: float) -> bool:
    """Whether it is shown, or shown to lie inside the margin: nobody asked for it, so it leaves no audit undecided."""
    low, high = effect.interval(alpha)
    return low > 0 or high < 0 or (-margin < low and high < margin)


def _names(case: Case, row: str) -> bool:
    """Whether the document of the row is one of those whose labels name a sub-group."""
    return in_first_half(case.seed, case.cluster[row], "subgroups")


def _naming(case: Case, units: Units) -> st.Bools:
    """[n] those of the half that names a sub-group; the others test it."""
    return np.array([_names(case, row) for row in units.rows], dtype=bool)


def _moving(case: Case, found: Units, values: st.Floats) -> tuple[Kind, float] | None:
    """The sub-group whose edits moved the output most clearly otherwise than those of the others, and which way.

    `values` [n] is what each of the units did.
    """
    naming = _naming(case, found)
    half = replace(found.kept(naming), real=values[naming])
    best: tuple[float, Kind, float] = CLEAR, ("", ""), 0.0
    for kind in sorted(set().union(*half.kinds)):
        units, inside = half.beside(kind)
        if _enough(kind[1], inside):
            gap, spread = units.contrast(inside, units.real), _pooled(units.real, inside)
            # a few rows that happen to agree have next to no error of their own
            z = abs(gap.effect) / max(gap.se, spread) if spread > 0 else 0.0
            best = max(best, (z, kind, float(np.sign(gap.effect))))
    return (best[1], best[2]) if best[2] else None


def _stirring(case: Case, operator: str, found: Units) -> ClaimEstimate | None:
    """The sub-group that moves the output farther than the others, beyond the control, where no mean says as much."""
    if found.control is None:
        return None
    real, control = (reading(case).apart(effects, np.zeros_like(effects)) for effects in (found.real, found.control))
    named = _moving(case, found, real - control)
    if named is None or named[1] < 0:
        return None
    both = replace(found, real=np.column_stack([real - control, found.real]), control=control[:, None])
    units, inside = both.kept(~_naming(case, found)).beside(named[0])
    if not _enough(named[0][1], inside):
        return None
    excess, *signed = (units.contrast(inside, values) for values in units.real.T)
    ends = (signed[index].interval(case.alpha) for index in case.judged_classes)
    one_way = max(max(low, -high) for low, high in ends) >= ONE_WAY * excess.effect  # is shown by a mean
    low, high = excess.interval(case.alpha)
    if one_way or not math.isfinite(excess.se) or low <= 0 <= case.audit.judge.margin <= high:
        return None
    return _mover(case, operator, units, inside, excess, named[0][1])


def _mover(case: Case, operator: str, units: Units, inside: st.Bools, excess: st.Estimate, kind: str) -> ClaimEstimate:
    margin, interval = case.audit.judge.margin, excess.interval(case.alpha)
    return ClaimEstimate(
        claim="movement",
        between=(kind, OTHERS),
        class_index=class_of(case),
        operator=operator,
        effect=excess.effect,
        control=None if units.control is None else float(units.control[inside].mean()),
        interval=interval,
        beyond_control=interval[0],
        p=excess.p_above(0.0),
        p_margin=excess.p_above(margin),
        flip_rate=0.0,
        placebo_flip_rate=None,
        rows=len(set(units.rows)),
        items=1,
        smallest_detectable=excess.detectable(case.alpha),
        resolvable=True,
        by_row={},
        one_sided=True,
        edits=len(units.rows),
        controls=len(units.rows),
        held=((excess, margin, margin),),
    )


def _enough(kind: str, inside: st.Bools, times: int = 1) -> bool:
    """Whether so many rows hold it, and do not; of single numbers, of which there are many, more are asked."""
    fewest = times * (A_SIDE if kind[1:2].isdecimal() else OF_A_KIND)
    return bool(min(inside.sum(), (~inside).sum()) >= fewest)


def _pooled(values: st.Floats, inside: st.Bools) -> float:
    """The error of the gap if the rows of both sides vary alike."""
    sides = values[inside], values[~inside]
    within = sum(float(((side - side.mean()) ** 2).sum()) for side in sides) / max(1, len(values) - 2)
    return math.sqrt(within * sum(1 / len(side) for side in sides))


def _groups(case: Case) -> list[Group]:
    """The sub-groups of each labelled row of the half that names them, and its label."""
    return [
        (kinds_held(case, row, case.spans[row]), head.label)
        for row, head in case.rows.items()
        if case.spans.get(row) and head.label is not None and _names(case, row)
    ]


def _named(groups: Sequence[Group], name: str) -> Kind | None:
    """The sub-group whose rows differ most clearly in their labels from the others."""
    half = [(kinds, label == name) for kinds, label in groups]
    if len(half) < 2 * A_SIDE:
        return None
    best: tuple[float, Kind] = CLEAR, ("", "")
    for kind in sorted({kind for kinds, _ in half for kind in kinds}):
        own = [(kind in kinds, label) for kinds, label in half if family(kind, kinds)]
        inside, labels = (np.array(side, dtype=bool) for side in zip(*own, strict=True))
        if _enough(kind[1], inside) and 0 < (base := float(labels.mean())) < 1:
            gap = float(labels[inside].mean() - labels[~inside].mean())
            z = gap / math.sqrt(base * (1 - base) * (1 / inside.sum() + 1 / (~inside).sum()))
            best = max(best, (abs(z), kind))
    return best[1] if best[0] > CLEAR else None

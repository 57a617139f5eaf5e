"""How far a reliance has grown from one run to another: the estimates, and what is concluded from them.

The growth is |effect of B| - |effect of A|. Where both effects point the same way it is the effect of the difference
of the answers, where they point opposite ways that of their sum, so one code path serves every claim that is linear in
the answers (shift, direction, lean). `magnitude` is not: there the difference of the mean squares is jackknifed; of a
`movement` the sizes of both models are subtracted, edit by edit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from token_saliency.auditing.comparing.pairing import Joint
from token_saliency.auditing.judging.by_axis import by_stratum
from token_saliency.auditing.judging.case import Case, named
from token_saliency.auditing.judging.contrasts import exchanged, magnitude, one_another
from token_saliency.auditing.judging.judge import CLAIMS, Key, claim_key
from token_saliency.auditing.judging.movement import class_of, measures, movement
from token_saliency.auditing.judging.verdicts import ALPHA, AUDIT_ALPHA, ClaimEstimate
from token_saliency.results import Change, Claim, Finding, Interval, Verdict
from token_saliency.stats import crossed as cr
from token_saliency.stats import estimate as st
from token_saliency.stats.looks import level

SMALL = 0.1
"""Growth within this share of the margin is none, however certain it is: no two models agree to the last digit."""
ALONE = 1.0
"""The same share where one training stands on each side: how far two of one recipe lie apart is not known there."""


@dataclass(frozen=True, slots=True)
class Growth:
    """One claim in both runs; `size` is |effect_b| - |effect_a| with its 1 - 2 alpha interval, `p` tests none."""

    claim: Claim
    class_index: int
    operator: str
    between: tuple[str, str] | None
    effect_a: float
    effect_b: float
    size: float
    interval: Interval
    p: float
    rows: int
    items: int
    resolvable: bool
    paired: bool
    spread: float | None = None
    """Standard deviation between trainings of one side; None with one a side."""
    edits: int = 0

    @property
    def key(self) -> Key:
        """What it is about."""
        return self.claim, self.class_index, self.operator, self.between


# --- the same edits put to two models ----------------------------------------------------------------


def paired_growth(joint: Joint) -> list[Growth]:
    """Every claim that the common edits can make about both models, at the last look that brought it any."""
    found: dict[Key, Growth] = {}
    for part in joint.looks():
        times = AUDIT_ALPHA / level(part.look, AUDIT_ALPHA)
        for growth in _grown(part):
            if growth.key not in found or found[growth.key].edits != growth.edits:
                found[growth.key] = replace(growth, p=min(1.0, times * growth.p))
    return list(found.values())


def _grown(joint: Joint) -> list[Growth]:
    """Of each axis by itself, as in an audit."""
    mixtures = [by_stratum(joint.case(*weights)) for weights in ((-1.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0))]
    found = []
    for differences, sums, ours, theirs in zip(*mixtures, strict=True):
        grown = list[Growth]()
        for operator in joint.audit.edit.operators:
            changes, totals = (_by_key(case, operator) for case in (differences, sums))
            alone = [_by_key(case, operator) for case in (ours, theirs)] if changes.keys() - totals.keys() else [{}, {}]
            told = (
                (draft, totals.get(key) or _total(draft, *(one.get(key) for one in alone)))
                for key, draft in changes.items()
            )
            grown += [_linear_growth(draft, total) for draft, total in told if total]
            grown += _magnitudes(ours, theirs, operator) + _movements(ours, theirs, operator)
        found += [replace(one, between=named(ours, one.between)) for one in grown]
    return found


def _linear(case: Case, operator: str) -> list[ClaimEstimate]:
    claims = (claim for claim in CLAIMS[operator, case.audit.items] if claim not in (magnitude, movement))
    return [draft for claim in claims for draft in claim(case, operator)]


def _by_key(case: Case, operator: str) -> dict[Key, ClaimEstimate]:
    return {claim_key(draft): draft for draft in _linear(case, operator)}


def _total(change: ClaimEstimate, a: ClaimEstimate | None, b: ClaimEstimate | None) -> ClaimEstimate | None:
    """A + B of what stands out in the difference and in one run, and not in their sum; as uncertain as B - A."""
    if a:
        off = 2 * a.effect
    elif b:
        off = 2 * (b.effect - change.effect)
    else:
        return None
    low, high = change.interval
    return replace(change, effect=change.effect + off, interval=(low + off, high + off), p=1.0)


def _linear_growth(difference: ClaimEstimate, total: ClaimEstimate) -> Growth:
    """From the effects of B - A and of A + B."""
    a, b = (total.effect - difference.effect) / 2, (total.effect + difference.effect) / 2
    draft = difference if a * b >= 0 else total
    sign = -1.0 if (b or a) < 0 else 1.0
    return Growth(
        claim=draft.claim,
        class_index=draft.class_index,
        operator=draft.operator,
        between=draft.between,
        effect_a=a,
        effect_b=b,
        size=sign * draft.effect,
        interval=_oriented(draft.interval, sign),
        p=draft.p,
        rows=draft.rows,
        items=draft.items,
        resolvable=draft.resolvable,
        paired=True,
        edits=draft.edits,
    )


def _magnitudes(ours: Case, theirs: Case, operator: str) -> list[Growth]:
    if magnitude not in CLAIMS[operator, ours.audit.items]:
        return []
    first, second = (exchanged(case, operator) for case in (ours, theirs))
    if first is None or second is None:
        return []
    found, between = [], one_another(ours)
    for index in ours.judged_classes:
        squares = cr.squares(first.of_class(index)), cr.squares(second.of_class(index))
        a, b = (cr.Magnitude(cr.mean_square(*each)) for each in squares)
        change = cr.mean_square(squares[1][0] - squares[0][0], squares[1][1] - squares[0][1])
        if math.isfinite(change.se):
            interval = mover(_bounds(a, ours.alpha), _bounds(b, ours.alpha), _correlation(a, b, change))
            p = min(1.0, 2 * change.p_beyond(0.0))
            n = first.rows, len(first.items)
            sizes = a.rms, b.rms, b.rms - a.rms
            edits = int(first.used.sum())
            found.append(
                Growth("magnitude", index, operator, between, *sizes, interval, p, *n, True, True, edits=edits)
            )
    return found


def _movements(ours: Case, theirs: Case, operator: str) -> list[Growth]:
    """What the judged edits move in one model more than in the other, beyond their controls and without them.

    The smaller growth of the two counts: a model that minds ordinary words more moves more by any edit, and one that
    minds them less has not come to rely on what is judged.
    """
    if not movement(ours, operator):
        return []
    found = []
    for a, b in zip(measures(ours, operator), measures(theirs, operator), strict=True):
        ways = [(one, other, other.beyond(one)) for one, other in ((a, b), (a.uncontrolled, b.uncontrolled))]
        *sides, nearer = min(ways, key=lambda way: abs(way[2].effect))
        change = replace(nearer, se=max(way[2].se for way in ways), df=min(way[2].df for way in ways))
        effects = [one.estimates()[0].effect for one in sides]
        p = min(1.0, 2 * change.p_beyond(0.0))
        n, interval = (len(set(a.rows)), a.items), change.interval(ours.alpha)
        if math.isfinite(change.se):
            sizes = effects[0], effects[1], change.effect
            made = (class_of(ours), operator, a.between, *sizes, interval, p, *n, True, True)
            found.append(Growth("movement", *made, edits=a.edits))
    return found


Bounded = tuple[float, Interval]
"""An estimate and its interval."""


def _bounds(found: cr.Magnitude, alpha: float) -> Bounded:
    return found.rms, found.interval(alpha)


def _correlation(a: cr.Magnitude, b: cr.Magnitude, change: st.Estimate) -> float:
    """How the two estimates go together, from the variance of their difference."""
    product = a.square.se * b.square.se
    shared = a.square.se**2 + b.square.se**2 - change.se**2
    return float(np.clip(shared / (2 * product), -1.0, 1.0)) if product > 0 else 0.0


def mover(a: Bounded, b: Bounded, correlation: float = 0.0) -> Interval:
    """The interval of b - a from those of either (Zou and Donner 2008, MOVER): right where they are lopsided too."""
    low_a, high_a = a[0] - a[1][0], a[1][1] - a[0]
    low_b, high_b = b[0] - b[1][0], b[1][1] - b[0]

    def reach(one: float, other: float) -> float:
        return math.sqrt(max(0.0, one**2 + other**2 - 2 * correlation * one * other))

    size = b[0] - a[0]
    return size - reach(low_b, high_a), size + reach(high_b, low_a)


# --- other rows: nothing to pair ---------------------------------------------------------------------


def unpaired_growth(a: Finding, b: Finding | ClaimEstimate, class_index: int) -> Growth:
    """From the two estimates alone, as independent ones (Welch): their intervals give the errors."""
    sign_a, sign_b = (-1.0 if one.effect < 0 else 1.0 for one in (a, b))
    first = abs(a.effect), _oriented(a.interval, sign_a)
    second = abs(b.effect), _oriented(b.interval, sign_b)
    size = second[0] - first[0]
    return Growth(
        claim=a.claim,
        class_index=class_index,
        operator=a.operator,
        between=a.between,
        effect_a=a.effect,
        effect_b=b.effect,
        size=size,
        interval=mover(first, second),
        p=_welch(size, (_error(a), _freedom(a)), (_error(b), _freedom(b))),
        rows=min(a.rows, b.rows),
        items=min(a.items, b.items),
        resolvable=True,
        paired=False,
    )


def _oriented(interval: Interval, sign: float) -> Interval:
    low, high = sorted(sign * bound for bound in interval)
    return low, high


def _freedom(finding: Finding | ClaimEstimate) -> int:
    """The degrees of freedom behind an interval: documents of a shift, items of a contrast, the fewer of both."""
    if finding.claim == "shift" or (finding.claim == "movement" and finding.items == 1):
        return max(1, finding.rows - 1)
    return max(1, min(finding.items, finding.rows) - (1 if finding.claim == "magnitude" else 2))


def _error(finding: Finding | ClaimEstimate) -> float:
    """The standard error that an interval of half this width stands for."""
    half = (finding.interval[1] - finding.interval[0]) / 2
    return half / st.Estimate(0.0, 1.0, _freedom(finding)).quantile(1 - level(finding.look, AUDIT_ALPHA))


def _welch(size: float, a: tuple[float, int], b: tuple[float, int]) -> float:
    """Two-sided p of no difference, with the degrees of freedom of Welch and Satterthwaite."""
    total = a[0] ** 2 + b[0] ** 2
    if total == 0:
        return 0.0 if size else 1.0
    freedom = total**2 / (a[0] ** 4 / a[1] + b[0] ** 4 / b[1])
    return min(1.0, 2 * st.Estimate(size, math.sqrt(total), freedom).p_beyond(0.0))


# --- what is concluded -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """What a change is held against: the audit's margin and rows, what either side said, the smallest that counts."""

    margin: float
    min_rows: int
    verdict_a: Verdict
    verdict_b: Verdict
    smallest: float
    things: str = "rows"


def decide(growth: Growth, p_adjusted: float, bar: ChangeRule) -> Change:
    """Worse and better need a change that is shown to be of some size, in a claim that is not passed.

    What has shrunk, by whatever size, has not grown.
    """
    if growth.rows < bar.min_rows or not growth.resolvable or not all(map(math.isfinite, growth.interval)):
        return "undecided"
    low, high = growth.interval
    if p_adjusted <= ALPHA and low > bar.smallest and bar.verdict_b != "PASS":
        return "worse"
    if p_adjusted <= ALPHA and high < -bar.smallest and bar.verdict_a != "PASS":
        return "better"
    return "same" if high < 0 or (-bar.margin < low and high < bar.margin) else "undecided"


def worst(changes: Iterable[Change], order: tuple[Change, ...]) -> Change:
    """The first of the order that occurs; with none nothing was decided."""
    found = set(changes)
    return next((change for change in order if change in found), "undecided")

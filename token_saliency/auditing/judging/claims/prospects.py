"""What the edits that a claim has not asked could make of it (stochastic curtailment: Lan, Simon and Halperin 1982).

Nobody knows the effect, so the estimate of all edits is predicted from that of those which are there (Spiegelhalter,
Freedman and Blackburn 1986): it will lie about the present one, spread by the error that the rest takes away. It takes
none from what items and documents differ by that are there already. To stop for want of prospects says neither FAIL
nor PASS, so no error rate rests on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

from token_saliency.auditing.audit import Judge
from token_saliency.auditing.judging.verdicts import AUDIT_ALPHA, ClaimEstimate
from token_saliency.errors import option
from token_saliency.results import Verdict
from token_saliency.stats.estimate import Estimate
from token_saliency.stats.looks import last_of, level, share_of

FAILS, PASSES, SHOWS = 0.05, 0.1, 0.1
"""The chances to FAIL, to PASS and to show at all for which the rest of the edits is asked."""


@dataclass(frozen=True, slots=True)
class Prospects:
    """The chances that all edits make a claim FAIL, or PASS, or show any effect beyond its control."""

    fails: float
    passes: float
    shows: float

    @property
    def warns(self) -> float:
        """The chance of a WARN, at most: what lies inside the margin is a PASS, however surely it is there."""
        return min(self.shows, 1.0 - self.passes)


OPEN = Prospects(1.0, 1.0, 1.0)
"""Nothing can be said yet."""


def prospects(draft: ClaimEstimate, rule: Judge) -> Prospects:
    """Those of a claim that its look does not decide; no correction for several claims dims them."""
    if draft.must_move or not draft.held or draft.look == last_of(draft.look):
        return OPEN
    up = draft.one_sided or draft.claim == "magnitude"
    share, last = share_of(draft.look), level(last_of(draft.look), AUDIT_ALPHA)
    ends = [End.of(now, share**2 if draft.claim == "magnitude" else share, last) for now, _, _ in draft.held]
    first, *others = (end.inside(margin, up=up) for end, (_, margin, _) in zip(ends, draft.held, strict=True))
    passes = min(first, max(others, default=1.0))
    fails = max(end.beyond(bar, up=up) for end, (_, _, bar) in zip(ends, draft.held, strict=True))
    shows = max(end.beyond(0.0, up=up) for end in ends[:2])
    if draft.beyond_control is None or draft.control is None:
        return Prospects(0.0, passes, 0.0)
    if draft.claim == "movement":  # is measured beyond its control
        return Prospects(fails, passes, shows)
    beyond = _beyond_control(draft, last, draft.beyond_control, draft.control)
    return Prospects(
        min(fails, beyond.beyond(rule.margin / 2, up=True)), passes, min(shows, beyond.beyond(0.0, up=True))
    )


def stopped(draft: ClaimEstimate, verdict: Verdict, rule: Judge) -> str:
    """Why a claim that is neither FAIL nor PASS asked no more, in words; nothing where it asked all."""
    if verdict in ("FAIL", "PASS") or draft.look == last_of(draft.look):
        return ""
    rest = "the rest could hardly" if prospects(draft, rule).fails < FAILS else f"{option('exhaustive')} could"
    return f" It asked no more: {rest} make it a FAIL."


@dataclass(frozen=True, slots=True)
class End:
    """What all edits would say: about the `centre`, off by a `drift`, with an interval that reaches so far."""

    centre: float
    drift: float
    reach: float
    df: float

    @staticmethod
    def of(now: Estimate, share: float, alpha: float) -> End:
        left = now.kept + (now.se**2 - now.kept) * share
        df = now.df if now.kept else now.df / share
        reach = float(stats.t.isf(alpha, df)) * math.sqrt(left)
        return End(now.effect, math.sqrt(max(now.se**2 - left, 0.0)), reach, now.df)

    def beyond(self, bound: float, *, up: bool) -> float:
        """The chance that the whole interval lies beyond; on either side, unless only `up` counts."""
        below = 0.0 if up else 1.0 - self._more_than(-bound - self.reach)
        return self._more_than(bound + self.reach) + below

    def inside(self, bound: float, *, up: bool) -> float:
        """The chance that it lies within."""
        low = 1.0 if up else self._more_than(self.reach - bound)
        return max(0.0, low - self._more_than(bound - self.reach))

    def _more_than(self, value: float) -> float:
        if self.drift <= 0.0:
            return float(self.centre > value)
        return float(stats.t.sf((value - self.centre) / self.drift, self.df))


def _beyond_control(draft: ClaimEstimate, last: float, lower: float, control: float) -> End:
    """Of by how much it exceeds its control, whose lower bound is known."""
    now = draft.held[0][0]
    size = (draft.effect if draft.one_sided else abs(draft.effect)) - abs(control)
    error = (size - lower) / now.quantile(1 - level(draft.look, AUDIT_ALPHA))
    kept = now.kept * (error / now.se) ** 2 if now.se > 0 else 0.0
    return End.of(Estimate(size, error, now.df, kept), share_of(draft.look), last)

"""How likely a suspect is spurious: reasons that need no label of spuriousness, each from 0 to 1, and their mean.

Wang and Culotta (2020, Findings of EMNLP) tell spurious words from genuine ones by effects in matched contexts; the
other reasons are of the same sort. 0.5 tells nothing. A reason that cannot be asked is left out, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from token_saliency.auditing.discovery.profiles import NEAR, PHRASES, Profile
from token_saliency.results import Edit

CLEAR = 2.0
PAIRS = 5
UNKNOWN = 0.5
FIXED = 0.95


@dataclass(frozen=True, slots=True)
class Shown:
    """What edits showed: the effect of its presence on the class, and the edits that took it away."""

    effect: float
    class_index: int
    edits: Sequence[Edit]


@dataclass(frozen=True, slots=True)
class Reason:
    """How suspicious one thing is (0 to 1), how much it weighs, and what was seen."""

    score: float
    weight: float
    said: str


def suspicion(found: Profile, shown: Shown) -> tuple[float, list[str]]:
    """The weighted mean of the reasons, and the reasons, the weightiest first."""
    told = [reason for ask in REASONS if (reason := ask(found, shown)) is not None]
    total = sum(reason.weight for reason in told)
    value = sum(reason.score * reason.weight for reason in told) / total if total else UNKNOWN
    told.sort(key=lambda one: -one.weight * abs(one.score - UNKNOWN))
    return round(value, 4), [f"{one.said} ({one.score:.2f})" for one in told]


def _matched(found: Profile, shown: Shown) -> Reason | None:
    """The model moves, but do the labels, where the other words are the same?"""
    sign = float(np.sign(shown.effect))
    if sign * found.z < CLEAR:
        return Reason(1.0, 2.0, f"the labels do not go with it (z = {found.z:+.1f}), though the model does")
    if found.matched is None:
        return None
    score = 1 - min(1.0, max(0.0, sign * found.matched / abs(found.raw)))
    said = f"its rows differ from all others by {found.raw:+.2f} in their labels, by {found.matched:+.2f} from those"
    return Reason(score, 1.5, f"{said} most alike in their other words")


def _near_equal(found: Profile, _: Shown) -> Reason | None:
    if found.stays is None or found.pairs < PAIRS:
        return None
    said = f"in {found.stays:.0%} of {found.pairs} pairs of rows of near-equal content (cosine {NEAR:g} or more)"
    return Reason(found.stays, 3.0, f"{said} and different labels both rows hold it")


def _populations(found: Profile, shown: Shown) -> Reason | None:
    if len(found.parts) < 2:
        return None
    against = float(np.mean([part * shown.effect < 0 for part in found.parts]))
    size = [abs(part) for part in found.parts]
    score = 1.0 if against > 0 else 0.5 * (1 - min(size) / max(size))
    said = "goes the other way in some" if against else "has one sign in all"
    return Reason(score, 3.0 if against else 0.5, f"its association {said} of {len(found.parts)} parts of the rows")


def _lexical(found: Profile, shown: Shown) -> Reason | None:
    """Two lists of different origin; where neither says anything of the class, nothing is asked."""
    if found.support is None or (found.part[0] in PHRASES and found.frame >= FIXED):
        return None  # of a phrase that never changes no word is chosen for what it says: Kind regards
    sign = int(np.sign(shown.effect))
    agree, against = (sum(one == each for one in found.support) for each in (sign, -sign))
    score = 1.0 if against > agree else 1 - agree / len(found.support) / (1 + found.feeling)
    said = f"{agree} of {len(found.support)} lists of polar words say that it stands for this class"
    said += f", {against} the opposite" if against else ""
    return Reason(score, 3.0, said + (", as the thing it names does, which is no judgement" if found.feeling else ""))


def _part(found: Profile, _: Shown) -> Reason | None:
    return Reason(found.part[1], 1.5, f"it is {found.part[0]}")


def _frame(found: Profile, _: Shown) -> Reason | None:
    score = min(1.0, max(0.0, (found.frame - 0.2) / 0.6))
    return Reason(score, 1.0, f"in {found.frame:.0%} of its places it has the same neighbour")


def _steady(_: Profile, shown: Shown) -> Reason | None:
    """A shortcut moves the output alike whatever the rest of the row says; in log odds, where a bound bends nothing."""
    real = [edit for edit in shown.edits if not edit.placebo and edit.operator != "swap"]
    if len(real) < 2 * PAIRS or len(real[0].before) < 2:
        return None
    before, after = (
        np.clip([side[shown.class_index] for side in sides], 1e-6, 1 - 1e-6)
        for sides in ([edit.before for edit in real], [edit.after for edit in real])
    )
    change, agrees = logit(before) - logit(after), after > np.median(after)
    if min(agrees.sum(), (~agrees).sum()) < PAIRS:
        return None
    low, high = sorted(float(np.sign(shown.effect) * change[side].mean()) for side in (agrees, ~agrees))
    score = min(1.0, max(0.0, low / high)) if high > 0 else 0.0
    return Reason(
        score, 0.5, f"its effect is {score:.0%} as large where the other words speak for the class or against"
    )


def _second(found: Profile, shown: Shown) -> Reason | None:
    real = [edit for edit in shown.edits if not edit.placebo and edit.operator != "swap"]
    if found.second is None or not real:
        return None
    other, own = found.second, float(np.mean([np.argmax(edit.before) != np.argmax(edit.after) for edit in real]))
    said = f"without it a second model decides otherwise in {other:.0%} of the rows, this one in {own:.0%}"
    return Reason(1 - min(1.0, other / own) if own > 0 else UNKNOWN, 3.0 if own > 0 else 0.5, said)


REASONS: tuple[Callable[[Profile, Shown], Reason | None], ...] = (
    _matched,
    _near_equal,
    _populations,
    _lexical,
    _part,
    _frame,
    _steady,
    _second,
)

"""How soon decisions change when words go, beside random words of the same texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from token_saliency.results import Counterfactual, FlipCurve, FlipPoint
from token_saliency.stats.estimate import agresti_min, wilson


def curve_of(found: Sequence[Counterfactual], control: Sequence[Counterfactual]) -> FlipCurve | None:
    """The curve of counterfactuals beside `control`, those of the same rows with words in random order.

    Rows without a class are left out; None where no other is there.
    Wilson intervals (1927) of each share, Agresti and Min's (2005) of their paired difference, all at 90%.
    """
    found, control = ([one for one in each if one.before is not None] for each in (found, control))
    if not found:
        return None
    points = [_point(words, found, control) for words in range(1, found[0].limit + 1)]
    return FlipCurve(len(found), found[0].method, found[0].edit, points)


def _point(words: int, found: Sequence[Counterfactual], control: Sequence[Counterfactual]) -> FlipPoint:
    ours = np.array([_flipped_within(words, one) for one in found])
    theirs = np.array([_flipped_within(words, one) for one in control])
    return FlipPoint(
        words=words,
        flipped=float(ours.mean()),
        interval=wilson(int(ours.sum()), len(ours)),
        random=float(theirs.mean()),
        random_interval=wilson(int(theirs.sum()), len(theirs)),
        gain=float(ours.mean() - theirs.mean()),
        gain_interval=agresti_min(int((ours & ~theirs).sum()), int((theirs & ~ours).sum()), len(ours)),
    )


def _flipped_within(words: int, one: Counterfactual) -> bool:
    return one.flipped and len(one.removed) <= words

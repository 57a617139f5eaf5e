"""One text explained from several baselines: do they tell the same story?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from token_saliency.errors import OptionError
from token_saliency.results import Attribution, BaselineAgreement, BaselineComparison
from token_saliency.stats.ranks import free_scores


def by_baseline(
    explain: Callable[..., Sequence[Attribution]], names: Sequence[str], progress: Callable[[int], None] | None
) -> dict[str, Sequence[Attribution]]:
    """The texts explained from each; `progress` hears of the last. OptionError where a method needs no baseline."""
    found: dict[str, Sequence[Attribution]] = {}
    for name in names:
        found[name] = explain(baseline=name, progress=progress if name == names[-1] else None)
        if any(one.baseline != name for one in found[name]):
            raise OptionError(f"{found[name][0].method} asked in this way uses none of the baselines {names}.")
    return found


def compared(found: Mapping[str, Sequence[Attribution]]) -> list[BaselineComparison]:
    """One comparison a text; `found` holds the attributions of all texts by baseline, in one order."""
    return [_compared(dict(zip(found, each, strict=True))) for each in zip(*found.values(), strict=True)]


def _compared(by_baseline: dict[str, Attribution]) -> BaselineComparison:
    agreement = [
        BaselineAgreement(first, second, spearman(free_scores(by_baseline[first]), free_scores(by_baseline[second])))
        for first, second in combinations(by_baseline, 2)
    ]
    known = [one.spearman for one in agreement if one.spearman is not None]
    return BaselineComparison(by_baseline, agreement, float(np.mean(known)) if known else None)


def spearman(one: NDArray[np.float64], other: NDArray[np.float64]) -> float | None:
    """The rank correlation, ties with their mean rank; None where there is no order to compare."""
    if len(one) < 2 or not (np.isfinite(one).all() and np.isfinite(other).all()):
        return None
    first, second = rankdata(one), rankdata(other)
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return float(np.corrcoef(first, second)[0, 1].clip(-1, 1))

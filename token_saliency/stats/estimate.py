"""Effects, tests and intervals: numpy in, plain numbers out.

Every estimate carries its standard error and degrees of freedom; what is concluded from them is decided
in `verdicts.py`. Two designs occur: *paired* (items are fixed) stands here, one difference a row, with documents as
the clusters; *crossed* (items are a sample) in `crossed.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its standard error and degrees of freedom (nan error: the sample cannot say).

    `kept` is the part of the squared error that more edits of the same items and documents leave as it is.
    """

    effect: float
    se: float
    df: float
    kept: float = 0.0

    def interval(self, alpha: float) -> tuple[float, float]:
        """The 1 - 2 alpha interval by Student's t."""
        half = self.quantile(1 - alpha) * self.se
        return self.effect - half, self.effect + half

    def quantile(self, level: float) -> float:
        """The t quantile of that level."""
        return float(stats.t.ppf(level, self.df))

    def p_beyond(self, bound: float) -> float:
        """One-sided p of |effect| <= bound."""
        return (
            float(stats.t.sf((abs(self.effect) - bound) / self.se, self.df)) if self.se > 0 else _certain(self, bound)
        )

    def p_above(self, bound: float) -> float:
        """One-sided p of an effect of at most `bound`."""
        if self.se > 0:
            return float(stats.t.sf((self.effect - bound) / self.se, self.df))
        return 0.0 if self.effect > bound else 1.0

    def detectable(self, alpha: float, power: float = 0.8) -> float:
        """The smallest true effect that a test at `alpha` sees with that power."""
        return (self.quantile(1 - alpha) + self.quantile(power)) * self.se


def joined(effect: float, parts: Sequence[Estimate], kept: float = 0.0) -> Estimate:
    """Errors that do not depend on each other, with the degrees of freedom of Satterthwaite (1946)."""
    variance = sum(part.se**2 for part in parts)
    parted = sum(part.se**4 / part.df for part in parts)
    return Estimate(effect, math.sqrt(variance), variance**2 / parted if parted else parts[0].df, kept)


def _certain(estimate: Estimate, bound: float) -> float:
    return 0.0 if abs(estimate.effect) > bound else 1.0


# --- paired -----------------------------------------------------------------------------------------


def clustered_mean(values: Floats, clusters: Ints) -> Estimate:
    """The mean of `values` [n] with the cluster-robust error of documents that stand together."""
    effect = float(values.mean())
    sums = cluster_sums(values - effect, clusters)
    groups = len(sums)
    if groups < 2:
        return Estimate(effect, math.nan, 1)
    return Estimate(effect, math.sqrt(groups / (groups - 1) * float(sums @ sums)) / len(values), groups - 1)


ENOUGH = 100
"""So many random draws as large as what was seen tell p to a tenth, and no more are made (Besag and Clifford 1991,
Sequential Monte Carlo p-values): a family of many claims asks for millions, and most of its claims show in hundreds."""

DRAWN_AT_LEAST = 6000

SIGNS_AT_ONCE = 2**19
"""Signs drawn at a time: they fit the cache, and memory does not grow with the rows."""


def sign_flips(values: Floats, clusters: Ints, draws: int, rng: np.random.Generator) -> Floats:
    """[k] p of zero means of the columns of `values` [n, k]: the signs of whole clusters are exchangeable under it.

    All columns see the same flips: every one there is where the clusters are few, else `draws` at random, or fewer for
    a column where ENOUGH of them reach its mean.
    """
    sums = np.stack([cluster_sums(column, clusters) for column in values.T], axis=1)
    total = sums.sum(0)
    if len(sums) <= 12:
        codes = np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums)) & 1
        return np.asarray(np.mean(np.abs((2.0 * codes - 1) @ sums) >= np.abs(total) - 1e-12, axis=0))
    at_once, done = max(1, SIGNS_AT_ONCE // len(sums)), 0
    reached, counts, going = np.zeros(len(total)), np.zeros(len(total)), np.arange(len(total))
    while done < draws and len(going):
        signs = rng.integers(0, 2, size=(min(at_once, draws - done), len(sums)), dtype=np.int8)
        drawn = 2 * (signs.astype(np.float64) @ sums[:, going]) - total[going]
        reached[going] += (np.abs(drawn) >= np.abs(total[going]) - 1e-12).sum(0)
        done += len(signs)
        counts[going] = done
        going = going[(reached[going] < ENOUGH) | (done < DRAWN_AT_LEAST)]
    return (1 + reached) / (counts + 1)


def cluster_sums(values: Floats, clusters: Ints) -> Floats:
    """[clusters] the sum of the values [n] in each."""
    index = np.unique(clusters, return_inverse=True)[1]
    return np.asarray(np.bincount(index, weights=values), dtype=np.float64)


# --- several tests ----------------------------------------------------------------------------------


def holm(p: list[float]) -> list[float]:
    """Holm's step-down adjustment, in the order given (Holm 1979)."""
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    worst = 0.0
    for rank, index in enumerate(order):
        worst = max(worst, min(1.0, (len(p) - rank) * p[index]))
        adjusted[index] = worst
    return [float(value) for value in adjusted]


# --- shares ---------------------------------------------------------------------------------------


def wilson(hits: int, rows: int, alpha: float = 0.05) -> tuple[float, float]:
    """The 1 - 2 alpha interval of a share by Wilson's score (1927): honest at 0, at 1 and for few rows."""
    z = float(stats.norm.ppf(1 - alpha))
    share, width = hits / rows, z * z / rows
    middle = (share + width / 2) / (1 + width)
    half = math.sqrt(width * share * (1 - share) + width * width / 4) / (1 + width)
    return middle - half if hits else 0.0, middle + half if hits < rows else 1.0


def agresti_min(only_left: int, only_right: int, rows: int, alpha: float = 0.05) -> tuple[float, float]:
    """The 1 - 2 alpha interval of a difference of two shares of the same rows (Agresti and Min 2005).

    Half a row is added to each of the four cells, so that the interval never has width 0.
    """
    z = float(stats.norm.ppf(1 - alpha))
    left, right, total = only_left + 0.5, only_right + 0.5, rows + 2
    middle = (left - right) / total
    half = z * math.sqrt(left + right - (left - right) ** 2 / total) / total
    return max(-1.0, middle - half), min(1.0, middle + half)

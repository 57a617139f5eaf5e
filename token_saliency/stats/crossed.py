"""The crossed design (items are a sample): the same slots are filled by every item.

`values[s, t]` is the output with item t in slot s. Variance is clustered two ways, by item and by document (Cameron,
Gelbach and Miller 2011, Robust inference with multiway clustering).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from token_saliency.stats.estimate import DRAWN_AT_LEAST, ENOUGH, Bools, Estimate, Floats, Ints, cluster_sums


@dataclass(frozen=True, slots=True)
class Crossed:
    """Slots x items. `values` [S, T] outputs, `used` [S, T] (an item is never scored in its own document),
    `effects` [S, T] each value minus the mean of the other items in that slot, `docs` [S] document clusters,
    `kinds` [S] which slots were filled by the same items."""

    values: Floats
    used: Bools
    effects: Floats
    docs: Ints
    kinds: Ints

    @property
    def item_means(self) -> Floats:
        """[T] the mean effect of each item over the slots it was scored in (nan where it was in none)."""
        counts = self.used.sum(0)
        return np.where(counts > 0, self.effects.sum(0) / np.maximum(counts, 1), np.nan)


def crossed(values: Floats, used: Bools, docs: Ints, kinds: Ints | None = None) -> Crossed:
    """Centres every value on the mean of the OTHER items of its slot: an item never enters its own mean."""
    used = used & (used.sum(1, keepdims=True) > 1)
    kept = np.where(used, values, 0.0)
    others = np.maximum(used.sum(1, keepdims=True) - 1, 1)
    effects = np.where(used, values - (kept.sum(1, keepdims=True) - kept) / others, 0.0)
    return Crossed(values, used, effects, docs, np.zeros(len(values), np.int64) if kinds is None else kinds)


def comparable(data: Crossed) -> Crossed:
    """The same with effects whose differences between items are those of the outputs.

    A value minus the mean of the n - 1 others is n / (n - 1) times its distance from the mean of all.
    """
    items = np.maximum(data.used.sum(1, keepdims=True), 1)
    return replace(data, effects=data.effects * (items - 1) / items)


def contrast(data: Crossed, left: Floats, right: Floats) -> Estimate:
    """Weighted mean of the `left` items minus that of the `right` ones (weights [T] >= 0), inside each kind of slot.

    V = V_item + V_doc - V_cell, never below V_item; df = the smaller number of clusters - 1 (of items see `_free`).
    """
    values, influence, part = data.effects, np.zeros(data.values.shape), taking_part(data, left, right)
    effect, shares = 0.0, _shares(data, left, right)
    weights = np.zeros((2, len(shares), values.shape[1]))
    for kind, (share, inside) in enumerate(shares):
        a, b = (_cell_weights(data.used & inside[:, None], side) for side in (left, right))
        mean_a, mean_b = float((a * values).sum()), float((b * values).sum())
        influence += share * (a * (values - mean_a) - b * (values - mean_b))
        effect += share * (mean_a - mean_b)
        weights[:, kind] = a.sum(0), b.sum(0)
    by_doc = np.stack([cluster_sums(column, data.docs) for column in influence.T], axis=1)
    items, docs = int(part.any(0).sum()), len(np.unique(data.docs[part.any(1)]))
    free = _free(weights, np.array([share for share, _ in shares]))
    if min(items, docs) < 3 or items * free < 1:
        return Estimate(effect, math.nan, 1)
    item_variance = float((influence.sum(0) ** 2).sum()) / free
    doc_variance = float((by_doc.sum(1) ** 2).sum()) * docs / (docs - 1)
    df = max(1.0, min(items * free + 1, docs) - 1)
    return _two_ways(effect, item_variance, doc_variance, float((by_doc**2).sum()), df)


def _free(weights: Floats, shares: Floats) -> float:
    """What the residuals of equally varying items keep of their variance, for the means of a kind were fitted to them.

    `weights` [2, kinds, items] make the means of the sides. Of one kind with n items a side it is 1 - 1 / n; a side of
    one item in its kind leaves nothing (Bell and McCaffrey 2002).
    """
    left, right = weights
    sums = shares @ (left - right)
    fitted = np.einsum("k,ki,kj->ij", shares, left, left) - np.einsum("k,ki,kj->ij", shares, right, right)
    total = float((sums**2).sum())
    return float(((np.diag(sums) - fitted) ** 2).sum()) / total if total > 0 else 0.0


def _two_ways(effect: float, items: float, docs: float, cells: float, df: float) -> Estimate:
    """Clustered by items and by documents; more cells of the same of both make no more of that of the cells."""
    variance = max(items, items + docs - cells)
    return Estimate(effect, math.sqrt(variance), df, min(variance, max(0.0, items - cells) + max(0.0, docs - cells)))


def _shares(data: Crossed, left: Floats, right: Floats) -> list[tuple[float, Bools]]:
    """The kinds of slots [S] that hold both sides, with what each contributes: the more cells, the more."""
    found = []
    for kind in np.unique(data.kinds):
        inside = data.kinds == kind
        cells = data.used & inside[:, None]
        sides = float((cells * (left > 0)).sum()), float((cells * (right > 0)).sum())
        if min(sides) > 0:
            found.append((sides[0] * sides[1] / sum(sides), inside))
    total = sum(share for share, _ in found)
    return [(share / total, inside) for share, inside in found]


def taking_part(data: Crossed, left: Floats, right: Floats) -> Bools:
    """[S, T] the cells that a contrast rests on, whether anything moves there or not."""
    part = np.zeros(data.used.shape, dtype=bool)
    for _, inside in _shares(data, left, right):
        part |= data.used & inside[:, None] & (left + right > 0)
    return part


def strata(data: Crossed, left: Floats, right: Floats) -> list[Ints]:
    """The items with a weight, by the kinds of slots that they fill: they are exchangeable inside each list.

    Kinds of slots that hold one side alone (where only a woman may be named) tell nothing apart.
    """
    kinds = [inside for _, inside in _shares(data, left, right)]
    if not kinds:
        return []
    fills = np.stack([data.used[inside].any(0) for inside in kinds], axis=1)
    pattern = np.unique(fills, axis=0, return_inverse=True)[1].reshape(-1)
    inside = (left + right > 0) & fills.any(1)
    return [np.flatnonzero(inside & (pattern == one)) for one in np.unique(pattern[inside])]


def permuted_contrasts(data: Crossed, left: Floats, right: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """[draws] the contrast under random splits of the same items: labels move inside strata, weights stay."""
    weights, values = left + right, data.effects
    labels = np.zeros((draws, len(weights)), dtype=bool)
    for members in strata(data, left, right):
        labels[:, members] = rng.permuted(np.tile(left[members] > 0, (draws, 1)), axis=1)
    drawn = np.zeros(draws)
    taking = np.flatnonzero(weights > 0)
    chosen = labels[:, taking].astype(np.float64)
    for share, inside in _shares(data, left, right):
        counts = (data.used[inside].sum(0) * weights)[taking]
        sums = ((values * data.used)[inside].sum(0) * weights)[taking]
        drawn += share * _apart(chosen, sums, counts)
    return drawn


def permutation_test(
    data: Crossed, left: Floats, right: Floats, seen: float, draws: int, rng: np.random.Generator
) -> tuple[float, float]:
    """p of the contrast `seen`, (1 + #{|T*| >= |T|}) / (B + 1), and the mean size of the random ones.

    B is `draws`, or fewer where ENOUGH of them reach it.
    """
    count, reached, size = 0, 0, 0.0
    while count < draws and reached < ENOUGH:
        drawn = np.abs(permuted_contrasts(data, left, right, min(DRAWN_AT_LEAST, draws - count), rng))
        reached += int((drawn >= abs(seen) - 1e-12).sum())
        count, size = count + len(drawn), size + float(drawn.sum())
    return (1 + reached) / (count + 1), size / count


def splits(left: int, right: int) -> float:
    """How many distinct ways there are to split the items: the finest p they can give is 1 over this."""
    return float(math.comb(left + right, left))


def splits_of(data: Crossed, left: Floats, right: Floats) -> float:
    """The same where items are exchangeable only inside their strata."""
    lists = strata(data, left, right)
    sides = [int((left[members] > 0).sum()) for members in lists]
    return math.prod(splits(side, len(members) - side) for side, members in zip(sides, lists, strict=True))


def parted(data: Crossed, left: Floats, right: Floats, ways: float) -> int:
    """The number of strata where it is these that leave fewer `ways` to split the items; else 0."""
    lists = strata(data, left, right)
    together = splits(*(sum(int((side[members] > 0).sum()) for members in lists) for side in (left, right)))
    return len(lists) if len(lists) > 1 and splits_of(data, left, right) <= ways < together else 0


@dataclass(frozen=True, slots=True)
class Magnitude:
    """The mean square of the true item effects (unbiased, so it can be negative) with its jackknifed error."""

    square: Estimate

    @property
    def rms(self) -> float:
        """Its root, the size of a typical item effect."""
        return math.sqrt(max(0.0, self.square.effect))

    def interval(self, alpha: float) -> tuple[float, float]:
        """The 1 - 2 alpha interval of the root."""
        low, high = self.square.interval(alpha)
        return math.sqrt(max(0.0, low)), math.sqrt(max(0.0, high))

    def root_se(self, floor: float) -> float:
        """The error on the scale of the root (delta method; the root is not differentiable at 0, hence the floor)."""
        return self.square.se / (2 * max(self.rms, floor))


def magnitude(data: Crossed) -> Magnitude:
    """Mean over items of ((sum e)^2 - sum e^2) / (n (n - 1)): products of different documents only, so noise cancels.

    The error jackknifes items and documents in turn and adds both variances.
    """
    return Magnitude(mean_square(*squares(data)))


def squares(data: Crossed) -> tuple[Floats, Floats]:
    """[T] the mean square of each item, and [documents, T] the same with each document left out (nan: too few).

    The mean of n - 1 others has a share in the square of a distance from it, which is n / (n - 1) times too large.
    """
    others = np.maximum(data.used.sum(1, keepdims=True), 2)
    sums, squared, counts = _by_document(replace(data, effects=data.effects * np.sqrt((others - 1) / others)))
    totals = sums.sum(0), squared.sum(0), counts.sum(0)
    per_item = _cross_products(*totals)
    left_out = [
        _cross_products(totals[0] - s, totals[1] - q, totals[2] - n)
        for s, q, n in zip(sums, squared, counts, strict=True)
    ]
    return per_item, np.array(left_out).reshape(len(sums), len(per_item))


def mean_square(per_item: Floats, left_out: Floats) -> Estimate:
    """The mean over the items of what `squares` gives, or of differences of it between two models."""
    keep = np.isfinite(per_item)
    items, docs = int(keep.sum()), len(left_out)
    one_decides = docs and not np.isfinite(left_out[:, keep]).any(axis=1).all()  # without it nothing is left
    if items < 3 or docs < 3 or one_decides:
        return Estimate(float(np.nanmean(per_item)) if items else 0.0, math.nan, 1)
    item_variance = float(np.var(per_item[keep], ddof=1)) / items
    without = np.nanmean(left_out[:, keep], axis=1)
    doc_variance = (docs - 1) / docs * float(((without - without.mean()) ** 2).sum())
    each = left_out[:, keep] - np.nanmean(left_out[:, keep], axis=0)
    cells = (docs - 1) / docs * float(np.nansum(each**2)) / items**2
    kept = max(0.0, item_variance - cells) + max(0.0, doc_variance - cells)
    return Estimate(float(per_item[keep].mean()), math.sqrt(item_variance + doc_variance), min(items, docs) - 1, kept)


def _by_document(data: Crossed) -> tuple[Floats, Floats, Floats]:
    docs = np.unique(data.docs, return_inverse=True)[1]
    shape = (int(docs.max()) + 1 if len(docs) else 0, data.effects.shape[1])
    sums, counts = np.zeros(shape), np.zeros(shape)
    np.add.at(sums, docs, data.effects)
    np.add.at(counts, docs, data.used.astype(float))
    # One document is one observation: several slots in it are averaged first.
    means = np.where(counts > 0, sums / np.maximum(counts, 1), 0.0)
    return means, means**2, (counts > 0).astype(float)


def _cross_products(total: Floats, squares: Floats, counts: Floats) -> Floats:
    pairs = counts * (counts - 1)
    return np.where(pairs > 0, (total**2 - squares) / np.maximum(pairs, 1), np.nan)


def _cell_weights(used: Bools, weights: Floats) -> Floats:
    cells = used * weights
    total = cells.sum()
    return cells / total if total > 0 else cells


def _apart(labels: Floats, sums: Floats, counts: Floats) -> Floats:
    """[draws] the mean of the labelled items minus that of the others, one split a row of labels [draws, items]."""
    ours, theirs = (labels @ np.stack([sums, counts], axis=1)).T, np.array([sums.sum(), counts.sum()])[:, None]
    others = theirs - ours
    return np.asarray(ours[0] / np.maximum(ours[1], 1e-12) - others[0] / np.maximum(others[1], 1e-12))

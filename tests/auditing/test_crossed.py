"""The estimators of the crossed design against identities and simulation with known truth."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from token_saliency.stats import crossed as cr
from token_saliency.stats.estimate import Estimate, Floats

RNG = np.random.default_rng


def design(slots: int, items: int, effects: Floats, noise: float, rng: np.random.Generator) -> cr.Crossed:
    """A crossed design in which every item fills every slot and has a known effect."""
    values = rng.normal(size=(slots, 1)) + effects + noise * rng.normal(size=(slots, items))
    return cr.crossed(values, np.ones(values.shape, dtype=bool), np.arange(slots))


def halves(items: int) -> tuple[Floats, Floats]:
    """Weights of the first and of the second half of the items."""
    first = (np.arange(items) < items // 2).astype(np.float64)
    return first, 1 - first


def test_an_item_is_compared_with_the_others_of_its_slot_only() -> None:
    values = np.array([[1.0, 2.0, 6.0], [0.0, 5.0, 9.0]])
    used = np.array([[True, True, True], [True, False, True]])
    data = cr.crossed(values, used, np.arange(2))
    assert data.effects == pytest.approx(np.array([[-3.0, -1.5, 4.5], [-9.0, 0.0, 9.0]]))


def test_the_contrast_recovers_a_planted_difference_between_two_groups() -> None:
    effects = np.where(np.arange(40) < 20, 0.1, -0.1) + 0.02 * RNG(3).normal(size=40)
    left, right = halves(40)
    estimate = cr.contrast(design(60, 40, effects, 0.05, RNG(4)), left, right)
    low, high = estimate.interval(0.025)
    # Centring on the OTHER items stretches every effect by T / (T - 1).
    assert low < 0.2 * 40 / 39 < high
    assert estimate.se < 0.02


def test_a_document_that_no_item_moves_counts_as_one() -> None:
    left, right = halves(12)
    values = np.zeros((30, 12))
    values[:3, :6] = 1.0  # an answer that is near 0 or 1 seldom moves
    moved, still = (cr.crossed(v, np.ones(v.shape, dtype=bool), np.arange(30)) for v in (values, np.zeros((30, 12))))

    assert cr.contrast(moved, left, right).df == 10, "items, for they are fewer than the 30 documents"
    assert cr.contrast(still, left, right) == Estimate(0.0, 0.0, 10)


def test_intervals_of_a_contrast_cover_the_truth_as_often_as_they_say() -> None:
    covered = 0
    left, right = halves(24)
    for trial in range(300):
        rng = RNG(trial)
        low, high = cr.contrast(design(30, 24, 0.1 * rng.normal(size=24), 0.2, rng), left, right).interval(0.025)
        covered += low < 0 < high
    # 95% of 300, give or take three standard errors.
    assert 0.91 <= covered / 300 <= 0.99


def test_intervals_cover_the_truth_where_each_slot_has_a_part_of_the_items() -> None:
    covered, parts = 0, np.arange(60) % 4
    left, right = halves(20)
    used = np.arange(20)[None, :] % 4 == parts[:, None]  # three items of one side and two of the other
    for trial in range(300):
        rng = RNG(trial)
        values = np.where(used, 0.1 * rng.normal(size=20) + 0.1 * rng.normal(size=used.shape), 0.0)
        data = cr.comparable(cr.crossed(values, used, np.arange(60), parts))
        low, high = cr.contrast(data, left, right).interval(0.025)
        covered += low < 0 < high
    assert 0.92 <= covered / 300 <= 0.98


def test_a_side_of_one_item_in_every_part_has_no_interval() -> None:
    used = np.eye(2, dtype=bool).repeat(2, axis=1)[np.arange(30) % 2]
    values = np.where(used, RNG(0).normal(size=used.shape), 0.0)
    data = cr.crossed(values, used, np.arange(30), np.arange(30) % 2)

    assert math.isnan(cr.contrast(data, np.array([1.0, 0, 1, 0]), np.array([0, 1.0, 0, 1])).se)


def test_permuted_items_reject_five_percent_of_true_nulls() -> None:
    left, right = halves(20)
    rejected = 0
    for trial in range(300):
        rng = RNG(1000 + trial)
        data = design(20, 20, 0.1 * rng.normal(size=20), 0.2, rng)
        seen = cr.contrast(data, left, right).effect
        rejected += cr.permutation_test(data, left, right, seen, 400, rng)[0] <= 0.05
    assert 0.01 <= rejected / 300 <= 0.09


def test_random_splits_stop_where_enough_of_them_reach_the_contrast(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = halves(20)
    asked: list[int] = []
    drawn = cr.permuted_contrasts

    def counted(data: cr.Crossed, a: Any, b: Any, draws: int, rng: Any) -> Any:
        asked.append(draws)
        return drawn(data, a, b, draws, rng)

    monkeypatch.setattr(cr, "permuted_contrasts", counted)
    data = design(30, 20, 0.1 * RNG(1).normal(size=20), 0.2, RNG(2))
    whole = np.abs(drawn(data, left, right, 60_000, RNG(3)))
    seen = float(np.quantile(whole, 0.7))
    p, size = cr.permutation_test(data, left, right, seen, 60_000, RNG(4))
    assert asked == [6000]
    assert p == pytest.approx(0.3, abs=0.03)
    assert size == pytest.approx(float(whole.mean()), rel=0.05)
    beyond, _ = cr.permutation_test(data, left, right, 10.0, 60_000, RNG(4))
    assert beyond == 1 / 60_001


def test_magnitude_ignores_noise_and_finds_the_spread_of_true_effects() -> None:
    rng = RNG(5)
    noise_only = cr.magnitude(design(80, 30, np.zeros(30), 0.5, rng))
    real = cr.magnitude(design(80, 30, 0.1 * rng.normal(size=30), 0.5, rng))
    assert noise_only.interval(0.025)[0] == 0
    assert noise_only.rms < 0.05
    assert real.interval(0.025)[0] < 0.1 < real.interval(0.025)[1]


def test_magnitude_of_one_document_per_item_says_nothing() -> None:
    assert np.isnan(cr.magnitude(cr.crossed(np.ones((1, 4)), np.ones((1, 4), bool), np.zeros(1, int))).square.se)


@pytest.mark.parametrize("items", [4, 20, 60])
def test_a_contrast_of_comparable_effects_is_the_difference_of_the_outputs(items: int) -> None:
    left, right = halves(items)
    data = design(30, items, 0.05 * left, 0.0, RNG(1))

    assert cr.contrast(cr.comparable(data), left, right).effect == pytest.approx(0.05)
    assert cr.contrast(data, left, right).effect == pytest.approx(0.05 * items / (items - 1))  # why it is needed

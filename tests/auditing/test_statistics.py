"""The estimators against identities, brute force and simulation with known truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from token_saliency.auditing import statistics as s

RNG = np.random.default_rng


def design(slots: int, items: int, effects: s.Floats, noise: float, rng: np.random.Generator) -> s.Crossed:
    """A crossed design in which every item fills every slot and has a known effect."""
    values = rng.normal(size=(slots, 1)) + effects + noise * rng.normal(size=(slots, items))
    return s.crossed(values, np.ones(values.shape, dtype=bool), np.arange(slots))


def halves(items: int) -> tuple[s.Floats, s.Floats]:
    """Weights of the first and of the second half of the items."""
    first = (np.arange(items) < items // 2).astype(np.float64)
    return first, 1 - first


def test_the_mean_of_single_documents_has_the_students_t_interval() -> None:
    values = RNG(0).normal(0.3, 1, 40)
    expected = stats.t.interval(0.95, 39, values.mean(), stats.sem(values))
    assert s.clustered_mean(values, np.arange(40)).interval(0.025) == pytest.approx(expected)


def test_copies_of_a_document_add_no_evidence() -> None:
    values = RNG(1).normal(0.3, 1, 30)
    once = s.clustered_mean(values, np.arange(30))
    twice = s.clustered_mean(np.repeat(values, 2), np.repeat(np.arange(30), 2))
    assert (twice.effect, twice.se, twice.df) == pytest.approx((once.effect, once.se, once.df))


def test_two_documents_cannot_be_told_apart_from_one() -> None:
    assert np.isnan(s.clustered_mean(np.array([0.1, 0.2]), np.array([7, 7])).se)


def test_sign_flips_of_few_documents_are_counted_exactly() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0])
    assert s.sign_flip(values, np.arange(4), 10, RNG(0)) == pytest.approx(2 / 16)


def test_sign_flips_reject_a_clear_mean_and_keep_a_symmetric_one() -> None:
    values = RNG(2).normal(0, 1, 60)
    assert s.sign_flip(values + 1.5, np.arange(60), 2000, RNG(0)) < 0.001
    assert s.sign_flip(np.concatenate([values, -values]), np.arange(120), 2000, RNG(0)) > 0.5


def test_an_item_is_compared_with_the_others_of_its_slot_only() -> None:
    values = np.array([[1.0, 2.0, 6.0], [0.0, 5.0, 9.0]])
    used = np.array([[True, True, True], [True, False, True]])
    data = s.crossed(values, used, np.arange(2))
    assert data.effects == pytest.approx(np.array([[-3.0, -1.5, 4.5], [-9.0, 0.0, 9.0]]))


def test_the_contrast_recovers_a_planted_difference_between_two_groups() -> None:
    effects = np.where(np.arange(40) < 20, 0.1, -0.1) + 0.02 * RNG(3).normal(size=40)
    left, right = halves(40)
    estimate = s.contrast(design(60, 40, effects, 0.05, RNG(4)), left, right)
    low, high = estimate.interval(0.025)
    # Centring on the OTHER items stretches every effect by T / (T - 1).
    assert low < 0.2 * 40 / 39 < high
    assert estimate.se < 0.02


def test_intervals_of_a_contrast_cover_the_truth_as_often_as_they_say() -> None:
    covered = 0
    left, right = halves(24)
    for trial in range(300):
        rng = RNG(trial)
        low, high = s.contrast(design(30, 24, 0.1 * rng.normal(size=24), 0.2, rng), left, right).interval(0.025)
        covered += low < 0 < high
    # 95% of 300, give or take three standard errors.
    assert 0.91 <= covered / 300 <= 0.99


def test_permuted_items_reject_five_percent_of_true_nulls() -> None:
    left, right = halves(20)
    rejected = 0
    for trial in range(300):
        rng = RNG(1000 + trial)
        data = design(20, 20, 0.1 * rng.normal(size=20), 0.2, rng)
        drawn = s.permuted_contrasts(data, left, right, 400, rng)
        rejected += s.permutation_p(drawn, s.contrast(data, left, right).effect) <= 0.05
    assert 0.01 <= rejected / 300 <= 0.09


def test_magnitude_ignores_noise_and_finds_the_spread_of_true_effects() -> None:
    rng = RNG(5)
    noise_only = s.magnitude(design(80, 30, np.zeros(30), 0.5, rng))
    real = s.magnitude(design(80, 30, 0.1 * rng.normal(size=30), 0.5, rng))
    assert noise_only.interval(0.025)[0] == 0
    assert noise_only.rms < 0.05
    assert real.interval(0.025)[0] < 0.1 < real.interval(0.025)[1]


def test_magnitude_of_one_document_per_item_says_nothing() -> None:
    assert np.isnan(s.magnitude(s.crossed(np.ones((1, 4)), np.ones((1, 4), bool), np.zeros(1, int))).square.se)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_holm_never_lowers_a_p_and_keeps_their_order(p: list[float]) -> None:
    adjusted = s.holm(p)
    assert all(a >= b or a == 1 for a, b in zip(adjusted, p, strict=True))
    assert [adjusted[i] for i in np.argsort(p, kind="stable")] == sorted(adjusted)
    assert adjusted[int(np.argmin(p))] == pytest.approx(min(1, len(p) * min(p)))


def test_smallest_detectable_effect_is_seen_with_the_power_it_promises() -> None:
    null = s.clustered_mean(RNG(6).normal(0, 1, 50), np.arange(50))
    truth = s.Estimate(0, 1 / np.sqrt(50), 49).detectable(0.025)
    seen = 0
    for trial in range(400):
        estimate = s.clustered_mean(RNG(2000 + trial).normal(truth, 1, 50), np.arange(50))
        seen += estimate.interval(0.025)[0] > 0
    assert null.df == 49
    assert 0.72 <= seen / 400 <= 0.88


@pytest.mark.parametrize("items", [4, 20, 60])
def test_a_contrast_of_comparable_effects_is_the_difference_of_the_outputs(items: int) -> None:
    left, right = halves(items)
    data = design(30, items, 0.05 * left, 0.0, RNG(1))

    assert s.contrast(s.comparable(data), left, right).effect == pytest.approx(0.05)
    assert s.contrast(data, left, right).effect == pytest.approx(0.05 * items / (items - 1))  # why it is needed

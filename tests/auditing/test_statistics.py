"""The estimators against identities, brute force and simulation with known truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from token_saliency.stats import estimate as s

RNG = np.random.default_rng


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
    assert s.sign_flips(values[:, None], np.arange(4), 10, RNG(0))[0] == pytest.approx(2 / 16)


def test_sign_flips_reject_a_clear_mean_and_keep_a_symmetric_one() -> None:
    values = RNG(2).normal(0, 1, 60)
    assert s.sign_flips(values[:, None] + 1.5, np.arange(60), 2000, RNG(0))[0] < 0.001
    assert s.sign_flips(np.concatenate([values, -values])[:, None], np.arange(120), 2000, RNG(0))[0] > 0.5


class Counted:
    """A random generator that counts the lines it is asked for."""

    def __init__(self) -> None:
        self.rng, self.lines = RNG(0), 0

    def integers(self, low: int, high: int, size: tuple[int, int], dtype: Any) -> Any:
        self.lines += size[0]
        return self.rng.integers(low, high, size=size, dtype=dtype)


def test_flips_stop_where_enough_of_them_reach_the_mean() -> None:
    values = RNG(2).normal([0.0, 1.0], size=(80, 2))
    most, weak, both = 200_000, Counted(), Counted()
    alone = s.sign_flips(values[:, :1], np.arange(80), most, weak)  # type: ignore[arg-type]
    together = s.sign_flips(values, np.arange(80), most, both)  # type: ignore[arg-type]
    assert s.DRAWN_AT_LEAST <= weak.lines < most / 10
    assert both.lines == most
    assert together[0] == alone[0] > 0.05
    assert together[1] == 1 / (most + 1)
    assert alone[0] == pytest.approx(s.clustered_mean(values[:, 0], np.arange(80)).p_beyond(0) * 2, abs=0.05)


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

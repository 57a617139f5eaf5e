"""Integrated gradients by a few random places: rough, unbiased, and nobody's neighbour has a say."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.testing import assert_close

from token_saliency.core.noise import stratified
from token_saliency.errors import OptionError
from token_saliency.methods.integrated_gradients import integrated_gradients


def test_one_place_in_each_part_and_the_same_for_the_same_seed() -> None:
    edges = torch.tensor([[0, 0.1, 0.4, 0.5, 0.8, 1]] * 3, dtype=torch.float64)
    places = stratified((7, 8, 7), edges)
    assert (torch.searchsorted(edges, places) - 1).tolist() == [[0, 1, 2, 3, 4]] * 3
    shares = (places - edges[:, :-1]) / edges.diff()
    assert_close(shares, shares[:, :1].expand(3, 5))
    assert torch.equal(places[0], places[2])
    assert not torch.equal(places[0], places[1])


def test_the_mean_over_many_seeds_is_the_converged_score(cases: Any) -> None:
    explicand = cases.sentences((4,)).explicand
    exact = integrated_gradients(explicand, tolerance=1e-6, cap=4096).values
    draw = random.Random(0)
    seeds = [draw.getrandbits(62) for _ in range(600)]
    found = [integrated_gradients(replace(explicand, seeds=(seed,)), samples=4).values for seed in seeds]
    assert_close(torch.stack(found).mean(0), exact, rtol=0, atol=0.02 * float(exact.abs().max()))
    assert (torch.stack(found) - exact).abs().max() > 0.04 * exact.abs().max()  # each one alone is rough


def test_it_spends_its_samples_alone_and_promises_no_sum(cases: Any) -> None:
    case = cases.sentences()
    asked: list[int] = []

    def score(points: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        asked.extend(rows.tolist())
        found: torch.Tensor = case.explicand.score(points, rows)
        return found

    scores = integrated_gradients(replace(case.explicand, score=score), samples=3)
    assert sorted(asked) == sorted([*range(5)] * 3)
    assert scores.evaluations.tolist() == [3] * 5
    assert scores.converged.all()
    assert not scores.complete
    assert scores.output.isnan().all()
    assert scores.baseline_output is None


def test_order_company_padding_and_budget_change_nothing(cases: Any) -> None:
    explicand = cases.sentences().explicand
    order = [3, 0, 3, 2]
    other = replace(cases.picked(explicand, order, padding=2), budget=3)
    expected = integrated_gradients(explicand, samples=4).values[order]
    assert_close(integrated_gradients(other, samples=4).values[:, : expected.shape[1]], expected)


def test_no_samples_are_refused(cases: Any) -> None:
    with pytest.raises(OptionError, match="samples >= 1"):
        integrated_gradients(cases.tables().explicand, samples=0)


def test_half_precision_is_not_asked_for_what_it_cannot_give(cases: Any) -> None:
    """Scores rounded to bfloat16 need no more gradients than exact ones, and are not called unconverged."""
    explicand = cases.sentences().explicand
    plain = integrated_gradients(explicand)

    def rounded(points: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        exact = explicand.score(points, rows)
        result: torch.Tensor = exact + (exact.detach().bfloat16().double() - exact.detach())
        return result

    half = replace(explicand, score=rounded, computed=torch.bfloat16)
    found = integrated_gradients(half)
    assert found.converged.all()
    assert found.evaluations.sum() <= 1.1 * plain.evaluations.sum()
    assert_close(found.values, plain.values, rtol=0.05, atol=0.05 * float(plain.values.abs().max()))
    blind = integrated_gradients(replace(half, computed=None), tolerance=0.002)
    aware = integrated_gradients(half, tolerance=0.002)
    assert blind.evaluations.sum() > aware.evaluations.sum()

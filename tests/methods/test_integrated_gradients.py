from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from captum.attr import IntegratedGradients
from torch import Tensor
from torch.testing import assert_close

from token_saliency.core.explicand import Explicand
from token_saliency.errors import OptionError
from token_saliency.methods.gradient import gradient_x_input
from token_saliency.methods.integrated_gradients import integrated_gradients

TIGHT: dict[str, Any] = {"tolerance": 1e-7, "cap": 4096}


def _explicand(inputs: Tensor, baselines: Tensor, function: Any) -> Explicand:
    lengths = torch.full((len(inputs),), inputs.shape[1])
    return Explicand(inputs, baselines, lambda points, _: function(points), lengths, 10_000, (0,) * len(inputs))


def _bend(points: Tensor) -> Tensor:
    """A sharp turn inside the path, at another place for each row."""
    return torch.tanh(12 * points.sum(1) - 5)


@pytest.mark.parametrize(("shape", "options"), [("sentences", {"lengths": (4,)}), ("images", {}), ("tables", {})])
def test_a_tight_tolerance_gives_the_64_steps_of_captum(shape: str, options: dict[str, Any], cases: Any) -> None:
    case = getattr(cases, shape)(**options)
    inputs, baselines = case.explicand.inputs, case.explicand.baselines
    oracle = IntegratedGradients(case.function).attribute(inputs, baselines, n_steps=64, method="gausslegendre")
    expected = oracle.sum(-1) if inputs.ndim == 3 else oracle
    assert_close(integrated_gradients(case.explicand, **TIGHT).values, expected.detach(), rtol=0, atol=1e-5)


def test_of_a_linear_model_it_is_gradient_x_input_without_refinement() -> None:
    weights = torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)
    explicand = _explicand(torch.randn(4, 3).double(), torch.randn(4, 3).double(), lambda points: points @ weights)
    scores = integrated_gradients(explicand)
    assert_close(scores.values, gradient_x_input(explicand).values)
    assert scores.evaluations.tolist() == [9] * 4


def test_the_way_back_has_the_opposite_scores(cases: Any) -> None:
    there = cases.sentences().explicand
    back = replace(there, inputs=there.baselines, baselines=there.inputs)
    assert_close(integrated_gradients(back).values, -integrated_gradients(there).values)


def test_converged_scores_sum_to_the_change_of_the_output(cases: Any) -> None:
    scores = integrated_gradients(cases.sentences().explicand, tolerance=0.01)
    assert scores.converged.all()
    assert scores.baseline_output is not None
    change = scores.output - scores.baseline_output
    assert ((scores.values.sum(1) - change).abs() <= 0.01 * scores.values.abs().sum(1)).all()


def test_each_example_stops_on_its_own() -> None:
    inputs = torch.tensor([[0.3, 0.1], [0.9, 0.9], [0.01, 0.0]], dtype=torch.float64)
    together = integrated_gradients(_explicand(inputs, torch.zeros_like(inputs), _bend))
    spent = together.evaluations.tolist()
    assert spent[1] > spent[2] == 9
    for row in range(3):
        one = inputs[row : row + 1]
        alone = integrated_gradients(_explicand(one, torch.zeros_like(one), _bend))
        assert alone.evaluations.tolist() == [spent[row]]
        assert_close(alone.values[0], together.values[row])


def test_an_example_that_needs_more_than_the_cap_is_flagged_and_stays_within_it() -> None:
    inputs = torch.tensor([[3.0, 2.0], [0.01, 0.0]], dtype=torch.float64)
    steep = _explicand(inputs, torch.zeros_like(inputs), lambda points: torch.sigmoid(900 * (points.sum(1) - 1.7)))
    scores = integrated_gradients(steep, cap=12, tolerance=0.001)
    assert scores.converged.tolist() == [False, True]
    assert scores.evaluations.tolist()[1] == 9
    assert 9 < scores.evaluations.tolist()[0] <= 12


def test_scores_that_are_no_numbers_stop_at_once_and_are_flagged() -> None:
    inputs = torch.ones(1, 2, dtype=torch.float64)
    scores = integrated_gradients(
        _explicand(inputs, torch.zeros_like(inputs), lambda points: points.sum(1) * torch.nan)
    )
    assert scores.evaluations.tolist() == [9]
    assert scores.converged.tolist() == [False]


def test_an_input_that_is_its_own_baseline_scores_zero_and_is_converged(cases: Any) -> None:
    explicand = cases.sentences().explicand
    scores = integrated_gradients(replace(explicand, inputs=explicand.baselines))
    assert not scores.values.any()
    assert scores.converged.all()
    assert scores.evaluations.tolist() == [9] * 5


@pytest.mark.parametrize("options", [{"tolerance": 0.0}, {"intervals": 0}, {"cap": 8}])
def test_impossible_options_are_refused(options: dict[str, Any], cases: Any) -> None:
    with pytest.raises(OptionError, match="integrated_gradients needs"):
        integrated_gradients(cases.tables().explicand, **options)


def _shaken(points: Tensor) -> Tensor:
    """A line whose scores, not slopes, are off by four roundings of bfloat16: those inside a model add up."""
    exact = points.sum(1)
    noise = torch.sin(points.detach().sum(1) * 1e5) * 4 * torch.finfo(torch.bfloat16).eps
    return exact + noise


def _torn(points: Tensor) -> Tensor:
    return points.sum(1) + (points.detach().sum(1) > 0.37).to(points.dtype)


def test_roundings_inside_a_model_of_half_precision_are_settled_and_not_flagged() -> None:
    inputs = torch.rand(20, 3, generator=torch.Generator().manual_seed(0)).double()
    inputs = inputs / inputs.sum(1, keepdim=True)
    explicand = _explicand(inputs, torch.zeros_like(inputs), _shaken)

    half = integrated_gradients(replace(explicand, computed=torch.bfloat16))

    assert half.converged.all()
    assert half.evaluations.max() <= 40
    assert_close(half.values, inputs, rtol=0, atol=0.02)
    assert not integrated_gradients(explicand).converged.all()


def test_a_step_is_flagged_in_half_precision_too() -> None:
    inputs = torch.full((1, 4), 0.25, dtype=torch.float64)
    explicand = _explicand(inputs, torch.zeros_like(inputs), _torn)

    assert not integrated_gradients(replace(explicand, computed=torch.bfloat16)).converged.any()


def _normalised(points: Tensor) -> Tensor:
    """What a network does first: only the direction of each vector counts."""
    directions = torch.nn.functional.layer_norm(points, points.shape[-1:])
    return torch.tanh(directions[..., :3].sum(-1)).sum(1)


def _short_baselines(seed: int) -> Explicand:
    generator = torch.Generator().manual_seed(seed)
    inputs, baselines = torch.randn(2, 8, 5, 16, generator=generator, dtype=torch.float64)
    return _explicand(inputs, 0.2 * baselines, _normalised)


def test_equal_turns_and_equal_steps_have_the_same_limit() -> None:
    explicand = _short_baselines(0)
    turns, even = (integrated_gradients(explicand, spacing=spacing, **TIGHT).values for spacing in ("turns", "even"))
    assert_close(turns, even, rtol=0, atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_where_directions_count_equal_turns_are_nearer_to_it_with_as_many_gradients(seed: int) -> None:
    explicand = _short_baselines(seed)
    exact = integrated_gradients(explicand, **TIGHT).values
    for once, share in (({"tolerance": 100.0}, 0.5), ({"samples": 8}, 0.9)):
        found = (integrated_gradients(explicand, spacing=spacing, **once) for spacing in ("turns", "even"))
        turns, even = (float((scores.values - exact).abs().sum()) for scores in found)
        assert turns < share * even


def test_a_spacing_that_nobody_knows_is_refused(cases: Any) -> None:
    with pytest.raises(OptionError, match=r"spacing 'turn'\. Did you mean 'turns'"):
        integrated_gradients(cases.tables().explicand, spacing="turn")

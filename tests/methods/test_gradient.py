from __future__ import annotations

from typing import Any

import pytest
import torch
from captum.attr import InputXGradient, Saliency
from torch.testing import assert_close

from token_saliency.methods.gradient import gradient, gradient_x_input

SHAPES = [("sentences", {"lengths": (4,)}), ("images", {}), ("tables", {})]


@pytest.mark.parametrize(("shape", "options"), SHAPES)
def test_gradient_is_the_signed_saliency_of_captum(shape: str, options: dict[str, Any], cases: Any) -> None:
    case = getattr(cases, shape)(**options)
    expected = Saliency(case.function).attribute(case.explicand.inputs.clone().requires_grad_(), abs=False)
    assert_close(gradient(case.explicand).values, expected.detach(), rtol=0, atol=1e-10)


@pytest.mark.parametrize(("shape", "options"), SHAPES)
def test_gradient_x_input_from_a_zero_baseline_is_that_of_captum(
    shape: str, options: dict[str, Any], cases: Any
) -> None:
    case = getattr(cases, shape)(**options)
    expected = InputXGradient(case.function).attribute(case.explicand.inputs.clone().requires_grad_()).detach()
    inputs, baselines = case.explicand.inputs, case.explicand.baselines
    assert_close(gradient_x_input(case.explicand).values, expected * (inputs - baselines) / inputs, rtol=0, atol=1e-10)


def test_gradient_agrees_with_finite_differences(cases: Any) -> None:
    case, step = cases.sentences((4,)), 1e-5
    inputs = case.explicand.inputs
    moves = step * torch.eye(inputs.numel(), dtype=inputs.dtype).reshape(-1, *inputs.shape[1:])
    slopes = (case.function(inputs + moves) - case.function(inputs - moves)).detach() / (2 * step)
    assert_close(gradient(case.explicand).values.flatten(), slopes, rtol=0, atol=1e-8)


def test_gradient_behind_a_layer_norm_sums_to_nothing_over_the_width(cases: Any) -> None:
    values = gradient(cases.sentences((4,)).explicand).values
    assert_close(values.sum(-1), torch.zeros(1, 4, dtype=values.dtype), rtol=0, atol=1e-12)
    assert (values.norm(dim=-1) > 1e-3).all()


def test_gradient_is_unsigned_and_gradient_x_input_is_signed(cases: Any) -> None:
    assert not gradient(cases.tables().explicand).signed
    assert gradient_x_input(cases.tables().explicand).signed

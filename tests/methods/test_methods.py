"""What holds for every method of the registry, whatever it computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from inspect import Parameter, signature
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.testing import assert_close

from token_saliency.core.explicand import Scores
from token_saliency.methods import METHODS

every_method = pytest.mark.parametrize("name", METHODS)
lengths = st.lists(st.integers(1, 7), min_size=1, max_size=5)


def _same(found: Scores, expected: Scores, order: list[int], width: int) -> None:
    """The scores of the picked examples equal the expected ones, and what is beyond `width` is zero."""
    assert_close(found.values[:, :width], expected.values[order], rtol=1e-8, atol=1e-10)
    assert not found.values[:, width:].any()
    assert_close(found.output, expected.output[order])
    assert_close(found.evaluations, expected.evaluations[order])


@every_method
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_order_company_duplicates_padding_and_budget_change_nothing(name: str, cases: Any, data: st.DataObject) -> None:
    case = cases.sentences(data.draw(lengths))
    count, width = case.explicand.inputs.shape[:2]
    order = data.draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=6))
    other = cases.picked(case.explicand, order, padding=data.draw(st.integers(0, 3)))
    other = replace(other, budget=data.draw(st.integers(1, 100)))
    _same(METHODS[name](other), METHODS[name](case.explicand), order, width)


@every_method
@pytest.mark.parametrize("shape", ["sentences", "images", "tables"])
def test_values_are_shaped_like_the_inputs_with_or_without_their_width(name: str, shape: str, cases: Any) -> None:
    explicand = getattr(cases, shape)().explicand
    scores = METHODS[name](explicand)
    allowed = [explicand.inputs.shape] + [explicand.inputs.shape[:2]] * (shape == "sentences")
    assert scores.values.shape in allowed
    count = len(explicand.inputs)
    assert scores.output.shape == scores.evaluations.shape == scores.converged.shape == (count,)
    assert scores.values.isfinite().all()


@every_method
def test_output_is_the_score_of_the_inputs(name: str, cases: Any) -> None:
    explicand = cases.sentences().explicand
    expected = explicand.score(explicand.inputs, torch.arange(len(explicand.inputs)))
    assert_close(METHODS[name](explicand).output, expected.detach())


@every_method
def test_positions_held_fixed_get_no_signed_score(name: str, cases: Any) -> None:
    scores = METHODS[name](cases.sentences().explicand)
    assert not scores.signed or not scores.values[:, 0].any()


@every_method
def test_no_gradient_is_left_on_the_model_or_the_inputs(name: str, cases: Any) -> None:
    case = cases.sentences()
    before = {key: value.clone() for key, value in case.net.state_dict().items()}
    scores = METHODS[name](case.explicand)
    assert all(parameter.grad is None and parameter.requires_grad for parameter in case.net.parameters())
    assert case.explicand.inputs.grad is None
    assert not case.explicand.inputs.requires_grad
    assert not scores.values.requires_grad
    assert not scores.output.requires_grad
    assert_close(case.net.state_dict(), before)


@every_method
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_callers_who_switched_gradients_off_get_the_same_scores(name: str, mode: Callable[[], Any], cases: Any) -> None:
    explicand = cases.sentences().explicand
    expected = METHODS[name](explicand)
    with mode():
        inputs, baselines = explicand.inputs.clone(), explicand.baselines.clone()
        found = METHODS[name](replace(explicand, inputs=inputs, baselines=baselines))
        assert not torch.is_grad_enabled()
    assert_close(found.values, expected.values)


@every_method
def test_out_of_memory_changes_no_score(name: str, cases: Any) -> None:
    explicand = replace(cases.sentences().explicand, budget=1000)

    def small(points: Tensor, rows: Tensor) -> Tensor:
        if points.shape[0] * points.shape[1] > 9:
            raise torch.OutOfMemoryError("simulated")
        scores: Tensor = explicand.score(points, rows)
        return scores

    assert_close(METHODS[name](replace(explicand, score=small)).values, METHODS[name](explicand).values)


@every_method
def test_a_model_in_half_precision_gets_scores_in_single_precision(name: str, cases: Any) -> None:
    case = cases.sentences()
    expected = METHODS[name](case.explicand)
    case.net.bfloat16()
    inputs, baselines = case.explicand.inputs.bfloat16(), case.explicand.baselines.bfloat16()
    found = METHODS[name](replace(case.explicand, inputs=inputs, baselines=baselines))
    assert found.values.dtype == found.output.dtype == torch.float32
    assert_close(found.output.double(), expected.output, rtol=0.1, atol=0.1)
    assert (found.values.double() - expected.values).norm() < 0.2 * expected.values.norm()


@every_method
def test_other_seeds_change_only_methods_with_noise(name: str, cases: Any) -> None:
    explicand = cases.sentences().explicand
    other = replace(explicand, seeds=tuple(seed + 1 for seed in explicand.seeds))
    same = torch.equal(METHODS[name](explicand).values, METHODS[name](other).values)
    assert same == (name not in {"expected_gradients", "random", "smoothgrad"})


@every_method
def test_options_are_keyword_only_with_defaults_and_the_docstring_is_one_sentence_for_the_list(name: str) -> None:
    explicand, *options = signature(METHODS[name]).parameters.values()
    assert explicand.name == "explicand"
    assert all(option.kind is Parameter.KEYWORD_ONLY and option.default is not Parameter.empty for option in options)
    first = (METHODS[name].__doc__ or "").splitlines()[0]
    assert first.endswith(".")
    assert len(first) < 110

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from token_saliency.core.explicand import Explicand
from token_saliency.errors import OptionError
from token_saliency.methods.expected_gradients import expected_gradients
from token_saliency.methods.integrated_gradients import integrated_gradients


def _references(*lengths: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(5)
    return [torch.randn(length, 6, generator=generator, dtype=torch.float64) for length in lengths]


def _starts(explicand: Explicand, references: list[Tensor]) -> list[Tensor]:
    """The first sentence's path starts, by hand: position 0 is held fixed, short references leave the baseline."""
    found = []
    for reference in references:
        start = explicand.baselines[0].clone()
        room = min(len(reference), len(start) - 1)
        start[1 : 1 + room] = reference[:room]
        found.append(start)
    return found


def _linear(lengths: tuple[int, ...]) -> tuple[Explicand, Tensor]:
    weights = torch.linspace(-1, 1, 6, dtype=torch.float64)
    inputs = torch.ones(len(lengths), max(lengths), 6, dtype=torch.float64)
    baselines = torch.zeros_like(inputs)
    baselines[:, 0] = inputs[:, 0]
    explicand = Explicand(
        inputs, baselines, lambda p, _: (p * weights).sum((1, 2)), torch.tensor(lengths), 64, (3,) * len(lengths)
    )
    return explicand, weights


def test_of_a_linear_model_it_is_exact_from_the_mean_of_the_references() -> None:
    explicand, weights = _linear((5,))
    references = _references(4, 2, 7)
    found = expected_gradients(explicand, n=6, references=references)
    mean = torch.stack(_starts(explicand, references)).mean(0)
    assert_close(found.values[0], ((explicand.inputs[0] - mean) * weights).sum(1))
    assert found.baseline_output is not None
    assert_close(found.values.sum(1), found.output - found.baseline_output)
    assert found.evaluations.tolist() == [6]


def test_many_draws_come_to_the_mean_of_integrated_gradients_over_the_references(cases: Any) -> None:
    explicand = cases.sentences((5,)).explicand
    references = _references(4, 2, 7)
    exact = []
    for start in _starts(explicand, references):
        path = replace(explicand, baselines=start[None])
        exact.append(integrated_gradients(path, tolerance=1e-6, cap=5000).values[0])
    truth = torch.stack(exact).mean(0)
    errors = {
        n: (expected_gradients(explicand, n=n, references=references).values[0] - truth).abs().sum() for n in (12, 3000)
    }
    assert errors[3000] < 0.06 * truth.abs().sum()
    assert errors[12] > 5 * errors[3000]


def test_a_rough_example_is_unconverged_and_a_finely_sampled_one_is_not(cases: Any) -> None:
    explicand = cases.sentences((5,)).explicand
    references = _references(4, 2, 7)
    assert expected_gradients(explicand, n=6, references=references).converged.tolist() == [False]
    assert expected_gradients(explicand, n=1500, references=references).converged.tolist() == [True]


def test_the_standard_error_that_decides_is_no_smaller_than_what_other_seeds_show(cases: Any) -> None:
    explicand = cases.sentences((5,)).explicand
    references, n = _references(4, 2, 7), 24
    seeds = [replace(explicand, seeds=(seed * 101,)) for seed in range(60)]
    found = torch.stack([expected_gradients(one, n=n, references=references).values[0] for one in seeds])
    spread = float(found.std(0).sum() / found.mean(0).abs().sum())
    below = expected_gradients(explicand, n=n, references=references, tolerance=0.7 * spread)
    above = expected_gradients(explicand, n=n, references=references, tolerance=4 * spread)
    assert (below.converged.item(), above.converged.item()) == (False, True)


def test_without_references_the_baseline_is_the_only_one(cases: Any) -> None:
    explicand = cases.sentences((5,)).explicand
    own = [explicand.baselines[0, 1:]]
    assert_close(expected_gradients(explicand).values, expected_gradients(explicand, references=own).values)


def test_references_may_be_whole_rows_of_a_table(cases: Any) -> None:
    explicand = cases.tables(1).explicand
    reference = torch.full((5,), 0.5, dtype=torch.float64)
    found = expected_gradients(explicand, n=2000, references=[reference])
    exact = integrated_gradients(replace(explicand, baselines=reference[None]), tolerance=1e-6, cap=5000)
    assert_close(found.values, exact.values, atol=0.01 * float(exact.values.abs().sum()), rtol=0)


@pytest.mark.parametrize("options", [{"n": 1}, {"tolerance": 0}, {"references": []}])
def test_impossible_options_are_refused(options: dict[str, Any], cases: Any) -> None:
    with pytest.raises(OptionError, match="expected_gradients needs"):
        expected_gradients(cases.tables().explicand, **options)

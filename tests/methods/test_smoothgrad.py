from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from token_saliency.core.noise import normal
from token_saliency.errors import OptionError
from token_saliency.methods.gradient import gradient, gradient_x_input
from token_saliency.methods.smoothgrad import smoothgrad


def _copies(case: Any, n: int, sigma: float) -> Tensor:
    """Gradients [n, T, D] at noisy copies of the only sentence, one after the other."""
    inputs = case.explicand.inputs[0]
    free = (inputs != case.explicand.baselines[0]).any(-1, keepdim=True)
    scale = sigma * (inputs.max() - inputs.min()) * free
    noisy = [inputs + scale * normal(case.explicand.seeds[0], i, inputs) for i in range(n)]
    points = torch.stack(noisy).requires_grad_()
    return torch.autograd.grad(case.function(points).sum(), points)[0]


def test_without_noise_it_is_the_gradient(cases: Any) -> None:
    explicand = cases.sentences().explicand
    assert_close(smoothgrad(explicand, sigma=0.0, n=3).values, gradient(explicand).values)
    times = smoothgrad(explicand, sigma=0.0, n=3, times_input=True)
    assert times.signed
    assert_close(times.values, gradient_x_input(explicand).values)


def test_it_is_the_mean_over_noisy_copies(cases: Any) -> None:
    case = cases.sentences((4,))
    copies = _copies(case, 24, 0.1)
    assert_close(smoothgrad(case.explicand).values[0], copies.mean(0))
    assert_close(smoothgrad(case.explicand, squared=True).values[0], (copies**2).mean(0))
    assert_close(smoothgrad(case.explicand, variance=True).values[0], copies.var(0, correction=0))
    assert smoothgrad(case.explicand).evaluations.tolist() == [24]


def test_variance_is_never_negative(cases: Any) -> None:
    assert (smoothgrad(cases.sentences().explicand, sigma=1e-9, variance=True).values >= 0).all()


def test_noise_draws_have_unit_scale_and_do_not_repeat() -> None:
    like = torch.zeros(4000)
    draws = torch.stack([normal(seed, draw, like) for seed in (3, 4) for draw in (0, 1)])
    assert_close(draws.std(1), torch.ones(4), rtol=0, atol=0.05)
    assert_close(torch.corrcoef(draws), torch.eye(4), rtol=0, atol=0.06)
    assert torch.equal(normal(3, 1, like), draws[1])


@pytest.mark.parametrize("options", [{"n": 0}, {"sigma": -0.1}, {"squared": True, "variance": True}])
def test_impossible_options_are_refused(options: dict[str, Any], cases: Any) -> None:
    with pytest.raises(OptionError, match="smoothgrad needs"):
        smoothgrad(cases.tables().explicand, **options)

"""The gradient itself, and its product with the input."""

from __future__ import annotations

import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, Scores, wide
from token_saliency.core.gradients import Loop


def gradient(explicand: Explicand) -> Scores:
    """How much a small change would matter: the gradient at the input (Simonyan et al. 2014)."""
    values, output = _at_inputs(explicand)
    return _scores(values, output, signed=False)


def gradient_x_input(explicand: Explicand) -> Scores:
    """The gradient times (input - baseline): the change to first order (Shrikumar et al. 2017)."""
    values, output = _at_inputs(explicand)
    return _scores(values * (explicand.inputs - explicand.baselines), output, signed=True)


def _at_inputs(explicand: Explicand) -> tuple[Tensor, Tensor]:
    """Gradients [B, ...] and scores [B] at the inputs."""
    inputs = explicand.inputs
    values = torch.zeros_like(wide(inputs))
    output = values.new_zeros(len(inputs))
    for chunk in Loop(explicand).gradients(list(range(len(inputs))), lambda _, rows, length: inputs[rows, :length]):
        values[chunk.rows, : chunk.length] = chunk.gradients
        output[chunk.rows] = chunk.scores.to(output)
    return values, output


def _scores(values: Tensor, output: Tensor, *, signed: bool) -> Scores:
    once = torch.ones(len(values), dtype=torch.int64)
    return Scores(values, signed, False, output, None, once, once.bool())

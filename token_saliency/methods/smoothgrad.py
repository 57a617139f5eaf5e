"""Gradients averaged over noisy copies of the input."""

from __future__ import annotations

import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, Scores, across, moved, wide
from token_saliency.core.gradients import Loop, PointFn
from token_saliency.core.noise import normal
from token_saliency.errors import OptionError


def smoothgrad(
    explicand: Explicand,
    *,
    n: int = 24,
    sigma: float = 0.1,
    squared: bool = False,
    variance: bool = False,
    times_input: bool = False,
) -> Scores:
    """The mean gradient over n noisy copies, sigma relative to the range of the input (Smilkov et al. 2017).

    `squared` averages squared gradients, `variance` takes their variance over the copies (Adebayo et al. 2018),
    `times_input` multiplies each gradient by (input - baseline) first. Positions held fixed get no noise.
    """
    if n < 1 or sigma < 0 or (squared and variance):
        raise OptionError("smoothgrad needs n >= 1, sigma >= 0, and at most one of squared and variance.")
    loop = Loop(explicand)
    first, second = _moments(explicand, loop, n, sigma, times_input, squares=squared or variance)
    values = second - first**2 if variance else second if squared else first
    spent = torch.full((len(values),), n)
    signed = times_input and not (squared or variance)
    return Scores(values.clamp(min=0) if variance else values, signed, False, loop.output(), None, spent, spent > 0)


def _moments(
    explicand: Explicand, loop: Loop, n: int, sigma: float, times_input: bool, *, squares: bool
) -> tuple[Tensor, Tensor]:
    """The means over the copies of the gradients [B, ...] and of their squares (left at zero where not asked)."""
    first, second = torch.zeros_like(wide(explicand.inputs)), torch.zeros_like(wide(explicand.inputs))
    factor = explicand.inputs - explicand.baselines if times_input else torch.ones_like(explicand.inputs)
    copies = [row for row in range(len(first)) for _ in range(n)]
    for chunk in loop.gradients(copies, _noisy(explicand, n, sigma)):
        each = chunk.gradients * factor[chunk.rows, : chunk.length]
        first[:, : chunk.length].index_add_(0, chunk.rows, each / n)
        if squares:
            second[:, : chunk.length].index_add_(0, chunk.rows, each**2 / n)
    return first, second


def _noisy(explicand: Explicand, n: int, sigma: float) -> PointFn:
    """Points are numbered example by example: point i is copy i % n."""
    inputs, lengths = explicand.inputs, explicand.lengths.tolist()
    scale = sigma * _ranges(explicand) * _free(explicand)

    def points(index: Tensor, rows: Tensor, length: int) -> Tensor:
        noise = torch.zeros_like(inputs[rows, :length])
        for one, i, row in zip(noise, index.tolist(), rows.tolist(), strict=True):
            one[: lengths[row]] = normal(explicand.seeds[row], i % n, one[: lengths[row]])
        return inputs[rows, :length] + scale[rows, :length] * noise

    return points


def _free(explicand: Explicand) -> Tensor:
    """1 where noise goes, ready to multiply an input [B, ...]."""
    free = moved(explicand).to(explicand.inputs.dtype)
    return free[..., None] if explicand.inputs.ndim == 3 else free


def _ranges(explicand: Explicand) -> Tensor:
    """max - min [B, 1, ...] of each example over its real positions."""
    rows = zip(explicand.inputs, explicand.lengths.tolist(), strict=True)
    return across(torch.stack([row[:length].max() - row[:length].min() for row, length in rows]), explicand.inputs)

"""Gradients along the straight path from the baseline, each example with as many points as it needs."""

from __future__ import annotations

import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, Scores
from token_saliency.core.gradients import Loop
from token_saliency.core.mesh import Mesh, by_example, halved, integrals, uniform
from token_saliency.core.positions import across, summed
from token_saliency.errors import OptionError


def integrated_gradients(
    explicand: Explicand, *, tolerance: float = 0.05, intervals: int = 8, cap: int = 128
) -> Scores:
    """The mean gradient on the path from the baseline, times (input - baseline) (Sundararajan et al. 2017).

    The path starts as so many equal `intervals`; those that carry the error are halved until it is below
    `tolerance` of the summed absolute scores, or `cap` gradients are spent (then the example is unconverged).
    """
    if tolerance <= 0 or intervals < 1 or cap <= intervals:
        raise OptionError("integrated_gradients needs tolerance > 0, intervals >= 1 and cap > intervals.")
    loop, examples = Loop(explicand), len(explicand.inputs)
    mesh = uniform(examples, intervals)
    scores, slopes = _along_the_path(explicand, loop, mesh, 0)
    while True:
        pieces, errors = integrals(mesh, scores, slopes)
        values = by_example(mesh, pieces, examples)
        chosen, converged = _to_halve(mesh, errors, values, tolerance, cap)
        if not chosen.any():
            break
        known, mesh = len(mesh.place), halved(mesh, chosen)
        more = _along_the_path(explicand, loop, mesh, known)
        scores, slopes = torch.cat([scores, more[0]]), torch.cat([slopes, more[1]])
    ends = scores[: examples * (intervals + 1)].reshape(examples, -1)
    spent = torch.bincount(mesh.owner, minlength=examples)
    return Scores(values, True, True, ends[:, -1], ends[:, 0], spent, converged)


def _along_the_path(explicand: Explicand, loop: Loop, mesh: Mesh, known: int) -> tuple[Tensor, Tensor]:
    """Scores [N] and each position's part of the derivative [N, ...] at the mesh nodes from `known` on, on the CPU."""
    inputs, baselines = explicand.inputs, explicand.baselines
    difference = inputs - baselines
    place = mesh.place[known:].to(inputs)

    def points(index: Tensor, rows: Tensor, length: int) -> Tensor:
        return baselines[rows, :length] + across(place[index], inputs) * difference[rows, :length]

    slopes = torch.zeros(
        len(place), *summed(inputs[:1]).shape[1:], dtype=summed(inputs[:1]).dtype, device=inputs.device
    )
    scores = slopes.new_zeros(len(place))
    for chunk in loop.gradients(mesh.owner[known:].tolist(), points):
        slopes[chunk.index, : chunk.length] = summed(chunk.gradients * difference[chunk.rows, : chunk.length])
        scores[chunk.index] = chunk.scores.to(scores)
    return scores.cpu().double(), slopes.cpu()


def _to_halve(mesh: Mesh, errors: Tensor, values: Tensor, tolerance: float, cap: int) -> tuple[Tensor, Tensor]:
    """Which intervals to halve [I], and which examples are within tolerance [B]."""
    examples, owner = len(values), mesh.owner[mesh.left]
    allowed = tolerance * values.flatten(1).abs().sum(1).double()
    converged = by_example(mesh, errors, examples) <= allowed
    counts = torch.bincount(owner, minlength=examples)
    chosen = ~converged[owner] & (errors > (allowed / counts)[owner]) & (counts[owner] < cap - 1)
    return chosen, converged

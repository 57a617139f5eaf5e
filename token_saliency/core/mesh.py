"""Adaptive integration along paths: for each example a mesh of places in [0, 1], halved where the error is.

Geometry and arithmetic on the CPU; no model is asked here. `slopes` are what is integrated (for text
[N, T]: each token's part of the derivative), `scores` the output at the same nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from token_saliency.core.positions import across


@dataclass(frozen=True, slots=True)
class Mesh:
    """Nodes at a `place` [N] on the path of the example `owner` [N]; intervals from node `left` [I] to `right` [I]."""

    owner: Tensor
    place: Tensor
    left: Tensor
    right: Tensor


def uniform(examples: int, intervals: int) -> Mesh:
    """The same equal intervals for each example; node 0 of an example is its baseline, the last one its input."""
    owner = torch.arange(examples).repeat_interleave(intervals + 1)
    place = (torch.arange(intervals + 1, dtype=torch.float64) / intervals).repeat(examples)
    node = torch.arange(len(owner)).reshape(examples, -1)
    return Mesh(owner, place, node[:, :-1].flatten(), node[:, 1:].flatten())


def halved(mesh: Mesh, chosen: Tensor) -> Mesh:
    """The mesh with the chosen [I] intervals cut in two; their middles are the last nodes."""
    left, right = mesh.left[chosen], mesh.right[chosen]
    middle = len(mesh.place) + torch.arange(len(left))
    return Mesh(
        torch.cat([mesh.owner, mesh.owner[left]]),
        torch.cat([mesh.place, (mesh.place[left] + mesh.place[right]) / 2]),
        torch.cat([mesh.left[~chosen], left, middle]),
        torch.cat([mesh.right[~chosen], middle, right]),
    )


def integrals(mesh: Mesh, scores: Tensor, slopes: Tensor) -> tuple[Tensor, Tensor]:
    """The integral of the slopes over each interval [I, ...], and an estimate of its error [I].

    The change of the score over an interval is known exactly and must be the sum of its integrals, so what the
    trapezoid misses is its error for free. It also says where between its ends an interval leans: with the slopes
    going straight from one end to the other, though at an unknown pace, there is one weight that makes the sum right.
    """
    width = mesh.place[mesh.right] - mesh.place[mesh.left]
    change = (scores[mesh.right] - scores[mesh.left]) / width
    first, last = slopes[mesh.left], slopes[mesh.right]
    start, end = first.flatten(1).sum(1).double(), last.flatten(1).sum(1).double()
    missed = change - (start + end) / 2
    lean = (missed / (end - start)).nan_to_num(0, 0, 0).clamp(-0.5, 0.5)
    values = first + across(0.5 + lean, first) * (last - first)
    return values * across(width, first), missed.abs() * width


def by_example(mesh: Mesh, values: Tensor, examples: int) -> Tensor:
    """Sums [I, ...] over the intervals of each example: [B, ...]."""
    return values.new_zeros(examples, *values.shape[1:]).index_add_(0, mesh.owner[mesh.left], values)

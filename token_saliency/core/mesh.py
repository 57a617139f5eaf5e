"""Adaptive integration along paths: every example has a mesh of places in [0, 1], halved where the error is.

Geometry and arithmetic; no model is asked here. `slopes` [N, ...] are what is integrated (for text
[N, T]: each token's part of the derivative of the score), `scores` [N] the integral of their sum at the same nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from token_saliency.core.positions import across


@dataclass(frozen=True, slots=True)
class Mesh:
    """Nodes sorted by the example that they belong to, `owner` [N], then by their `place` [N] on its path.

    Gap i lies between node i and node i + 1; a gap between two examples is empty.
    """

    owner: Tensor
    place: Tensor

    def widths(self) -> Tensor:
        """Widths [N - 1] of the gaps, 0 between examples."""
        return torch.where(self.owner[1:] == self.owner[:-1], self.place.diff(), 0.0)


def mesh_of(places: Tensor) -> Mesh:
    """The nodes of examples that have equally many, at the places [B, nodes]."""
    owner = torch.arange(len(places), device=places.device).repeat_interleave(places.shape[1])
    return Mesh(owner, places.flatten())


def middles(mesh: Mesh, chosen: Tensor) -> Mesh:
    """Nodes in the middle of the chosen [N - 1] gaps."""
    return Mesh(mesh.owner[:-1][chosen], ((mesh.place[:-1] + mesh.place[1:]) / 2)[chosen])


def merged(mesh: Mesh, more: Mesh) -> tuple[Mesh, Tensor]:
    """The mesh with more nodes, and the order in which the nodes of both, one after the other, now stand."""
    owner, place = torch.cat([mesh.owner, more.owner]), torch.cat([mesh.place, more.place])
    order = (2 * owner + place).argsort()
    return Mesh(owner[order], place[order]), order


def integrals(mesh: Mesh, scores: Tensor, slopes: Tensor, bend: float) -> tuple[Tensor, Tensor]:
    """The integral of the slopes over each gap [N - 1, ...], and an estimate of its error [N - 1].

    The trapezoid with its Euler-Maclaurin end term. Over a uniform mesh the end terms of neighbours cancel, and the
    trapezoid is hard to beat; where the widths change they restore what it loses. The change of the score over a gap
    is known exactly and ought to be the sum of the integrals: what is missing is an error estimate for free. It cannot
    see errors that cancel in the sum, so a share `bend` of the end terms counts too.
    """
    widths = mesh.widths()
    h = across(widths, slopes).to(slopes.dtype)
    steepness = _steepness(slopes, h)
    curvature = (steepness[:-1] - steepness[1:]) * h**2 / 12
    values = (slopes[:-1] + slopes[1:]) * h / 2 + curvature
    change = scores.diff() * (widths > 0)
    missing = (change - values.flatten(1).sum(1)).abs()
    return values, missing + bend * curvature.flatten(1).abs().sum(1)


def _steepness(slopes: Tensor, h: Tensor) -> Tensor:
    """The derivative [N, ...] of the slopes: of the parabola through three nodes, of the line at either end."""
    rise = slopes.diff(dim=0) / h.where(h > 0, torch.inf)
    nothing = torch.zeros_like(h[:1])
    before, after = torch.cat([nothing, h]), torch.cat([h, nothing])
    left, right = torch.cat([0 * slopes[:1], rise]), torch.cat([rise, 0 * slopes[:1]])
    parabola = (after * left + before * right) / (before + after)
    return torch.where((before > 0) & (after > 0), parabola, left + right)


def by_example(mesh: Mesh, values: Tensor, examples: int) -> Tensor:
    """Sums of the gaps [N - 1, ...] of each example: [B, ...]."""
    return values.new_zeros(examples, *values.shape[1:]).index_add_(0, mesh.owner[:-1], values)


def medians(values: Tensor, owner: Tensor, examples: int) -> Tensor:
    """The lower median of the values [n] of each example: [B], nan where it has none."""
    counts = torch.bincount(owner, minlength=examples)
    rising = values.argsort(stable=True)
    sorted_by_owner = values[rising[owner[rising].argsort(stable=True)]]
    middle = counts.cumsum(0) - counts + (counts - 1).clamp(min=0) // 2
    found = values.new_full((examples,), torch.nan)
    held = counts > 0
    found[held] = sorted_by_owner[middle[held]]
    return found


def to_halve(mesh: Mesh, errors: Tensor, allowed: Tensor, cap: int, narrowest: float) -> Tensor:
    """The fewest gaps [N - 1] of each example whose errors must go, so that the rest is `allowed` [B].

    None of a gap that is `narrowest`, and no more than leave an example with `cap` nodes.
    """
    counts = torch.bincount(mesh.owner, minlength=len(allowed))
    first = counts.cumsum(0) - counts
    column = torch.arange(len(errors), device=errors.device) - first[mesh.owner[:-1]]
    grid = errors.new_zeros(len(allowed), int(counts.max()))
    grid[mesh.owner[:-1], column] = errors
    falling, order = grid.sort(dim=1, descending=True, stable=True)
    left = falling.flip(1).cumsum(1).flip(1)
    room = torch.arange(grid.shape[1], device=grid.device) < (cap - counts)[:, None]
    chosen = torch.zeros_like(grid, dtype=torch.bool).scatter_(1, order, (left > allowed[:, None]) & room)
    return chosen[mesh.owner[:-1], column] & (mesh.widths() > narrowest)

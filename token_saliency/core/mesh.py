"""Adaptive integration along paths: every example has a mesh of places in [0, 1], halved where the error is.

Geometry and arithmetic; no model is asked here. `slopes` [N, ...] are what is integrated (for text
[N, T]: each token's part of the derivative of the score), `scores` [N] the integral of their sum at the same nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, across
from token_saliency.core.gradients import exact

_OTHERS = 0.5
"""What a model adds to a vector (positions, biases) before it looks at the direction, as a share of its length.

Taken to stand at right angles to the path. Without it a path that starts at zero would seem never to turn. What the
spacing gains with this share: `python -m benchmarks.spacing`.
"""

_STEPS = 64
"""Of the table that is read backwards."""


def equal_parts(explicand: Explicand, parts: int) -> Tensor:
    """Places [B, parts + 1] at equal distances."""
    where = exact(explicand.inputs.device)
    places = torch.arange(parts + 1, dtype=torch.float64, device=where) / parts
    return places.expand(len(explicand.inputs), -1)


def equal_turns(explicand: Explicand, parts: int) -> Tensor:
    """Rising places [B, parts + 1] from 0 to 1, float64; equal steps where nothing turns."""
    turned = _turned(explicand)
    table = torch.linspace(0, 1, _STEPS + 1, dtype=torch.float64, device=turned.device)
    turned = torch.where(turned[:, -1:] > 0, turned / turned[:, -1:], table)
    aims = torch.arange(1, parts, dtype=torch.float64, device=turned.device).expand(len(turned), -1) / parts
    right = torch.searchsorted(turned, aims.contiguous()).clamp(1, _STEPS)
    after, before = turned.gather(1, right), turned.gather(1, right - 1)
    places = (right - 1 + (aims - before) / (after - before)) / _STEPS
    ends = places.new_zeros(len(places), 1)
    return torch.cat([ends, places, ends + 1], 1)


def _turned(explicand: Explicand) -> Tensor:
    """The angle [B, steps + 1] between the baseline and each step of the table, summed over the vectors."""
    baselines, way = _vectors(explicand.baselines), _vectors(explicand.inputs - explicand.baselines)
    start, along, square = (_products(*two) for two in ((baselines, baselines), (baselines, way), (way, way)))
    moved = square > 0
    both = torch.where(moved, 2 * (start + along) + square, 0).sum(1, keepdim=True)  # of both ends, squared
    start = start + _OTHERS**2 * both / moved.sum(1, keepdim=True).clamp(min=1)
    aside = (start * square - along**2).clamp(min=0).sqrt()
    steps = [k / _STEPS for k in range(_STEPS + 1)]
    return torch.stack([torch.atan2(at * aside, start + at * along).sum(1) for at in steps], 1)


def _vectors(values: Tensor) -> Tensor:
    """[B, T, D] as they are; of any other shape an example is one vector: [B, 1, D]."""
    return values if values.ndim == 3 else values.reshape(len(values), 1, -1)


def _products(one: Tensor, other: Tensor) -> Tensor:
    """Inner products [B, T], exact enough to be summed in any order."""
    return (one * other).sum(-1).to(exact(one.device)).double()


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
    see errors that cancel in the sum, so a share `bend` of the end terms counts too. A gap between two examples is 0
    whatever they hold: one without numbers leaves its neighbours alone.
    """
    widths = mesh.widths()
    h = across(widths, slopes).to(slopes.dtype)
    steepness = _steepness(slopes, h)
    curvature = (steepness[:-1] - steepness[1:]) * h**2 / 12
    curvature = torch.where(h > 0, curvature, 0)
    values = torch.where(h > 0, (slopes[:-1] + slopes[1:]) * h / 2, 0) + curvature
    change = torch.where(widths > 0, scores.diff(), 0)
    missing = (change - values.flatten(1).sum(1)).abs()
    return values, missing + bend * curvature.flatten(1).abs().sum(1)


def _steepness(slopes: Tensor, h: Tensor) -> Tensor:
    """The derivative [N, ...] of the slopes: of the parabola through three nodes, of the line at either end."""
    rise = torch.where(h > 0, slopes.diff(dim=0) / h, 0)
    nothing, level = torch.zeros_like(h[:1]), torch.zeros_like(slopes[:1])
    before, after = torch.cat([nothing, h]), torch.cat([h, nothing])
    left, right = torch.cat([level, rise]), torch.cat([rise, level])
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

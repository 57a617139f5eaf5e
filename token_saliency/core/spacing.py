"""Where a straight path from the baseline is divided: between its places the vectors turn by equal angles.

A network looks at the direction of a vector more than at its length (layers normalise it), so its gradient changes most
where the direction does: near the shorter end. How far the vectors have turned at a place is known in closed form,
before the model is asked anything.
"""

from __future__ import annotations

import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand
from token_saliency.core.memory import exact

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

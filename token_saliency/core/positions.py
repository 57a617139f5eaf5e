"""What a position is: inputs [B, T, D] have positions with a width, of any other shape every entry is one."""

from __future__ import annotations

import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand


def wide(values: Tensor) -> Tensor:
    """In float32 or better: sums in half precision lose what they add."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def summed(values: Tensor) -> Tensor:
    """Summed over the width: [N, T, D] -> [N, T]; any other shape has no width."""
    return values.sum(-1) if values.ndim == 3 else values


def moved(explicand: Explicand) -> Tensor:
    """The positions [B, T] (or [B, ...]) that are not held fixed: somewhere the baseline differs from the input."""
    differs = explicand.inputs != explicand.baselines
    return differs.any(-1) if differs.ndim == 3 else differs


def across(values: Tensor, like: Tensor) -> Tensor:
    """[N] -> [N, 1, ...]: one number an example (or a position), ready to meet a tensor [N, ...]."""
    return values.reshape(*values.shape, *[1] * (like.ndim - values.ndim)).to(like.dtype)

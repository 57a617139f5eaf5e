"""Noise that depends on an example's seed alone: not on its neighbours, its place or its padding.

Nor on the dtype and the device that torch takes by default: both are always named.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from token_saliency.core.gradients import sent

_STRIDE = 0x9E3779B97F4A7C15  # odd and without pattern: neighbouring draws share no seed


def stratified(seeds: Sequence[int], edges: Tensor) -> Tensor:
    """One place [B, n] in each of the parts between rising edges [B, n + 1]: the same random share of all of them.

    Each place is uniform over its part, so a sum weighted by widths is unbiased; equal distances beat places drawn one
    by one. The share is of an example's seed.
    """
    shares = [torch.rand(1, generator=_generator(seed, 0), dtype=torch.float64, device="cpu") for seed in seeds]
    return edges[:, :-1] + edges.diff() * sent(torch.stack(shares), edges.device)


def normal(seed: int, draw: int, like: Tensor) -> Tensor:
    """The draw-th standard normal noise of a seed, shaped, typed and placed like `like`; the same on any device."""
    generator = _seeded(seed + draw * _STRIDE)
    return torch.randn(like.shape, generator=generator, dtype=torch.float32, device="cpu").to(like)


def uniform(seed: int, count: int) -> Tensor:
    """So many numbers in [0, 1), float64."""
    return torch.rand(count, generator=_generator(seed, 2), dtype=torch.float64, device="cpu")


def order(seed: int, count: int, draw: int) -> list[int]:
    """The draw-th order of so many things."""
    found: list[int] = torch.randperm(count, generator=_generator(seed, 3 + draw), device="cpu").tolist()
    return found


def _generator(seed: int, purpose: int) -> torch.Generator:
    return _seeded(seed - purpose * _STRIDE)


def _seeded(number: int) -> torch.Generator:
    return torch.Generator("cpu").manual_seed(number % 2**63)

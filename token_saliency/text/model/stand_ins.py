"""Tokens in the place of tokens: for models that read more than vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

_ROUNDING = 1e-4


def ids_of(
    points: Tensor, ids: Tensor, real: Tensor, tokens: Sequence[int], vectors: Callable[[Tensor], Tensor]
) -> Tensor | None:
    """The ids [N, T] whose vectors the points [N, T, D] are: a text's own, or one of some tokens in their place.

    None where a point is neither.
    """
    left = real & ~_alike(points, vectors(ids))
    for token in tokens:
        put = left & _alike(points, vectors(torch.full_like(ids[:1, :1], token)))
        ids, left = ids.masked_fill(put, token), left & ~put
    return None if bool(left.any()) else ids


def _alike(points: Tensor, vectors: Tensor) -> Tensor:
    """Where [N, T] two vectors are the same but for rounding."""
    return (points - vectors).abs().amax(-1) <= _ROUNDING * vectors.abs().amax(-1)

"""The one seam between adapters and methods: what is explained, as a function of points.

A method never sees a model, a mask or a target. It sees `inputs`, `baselines` and a function that scores
points; `rows` says which example each point is a variation of, so that the adapter's closure can pick
`attention_mask[rows]`, `target[rows]` and trim the padding to the longest of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor


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


ScoreFn = Callable[[Tensor, Tensor], Tensor]
"""`(points [N, ...], rows [N]) -> score [N]`: `points[i]` is a variation of example `rows[i]`."""


@dataclass(frozen=True, slots=True)
class Explicand:
    """All that a method may know.

    inputs     [B, ...] the explained points; for text [B, T, D], padded on the right with zeros
    baselines  [B, ...] where a path starts; equal to `inputs` at positions that are held fixed
    score      the explained output as a function of points
    lengths    [B] how much of axis 1 is real (axis 1 is trimmed to the longest row of a chunk);
               a chunk of N points costs N times the longest of their lengths
    budget     the largest cost of one chunk
    seeds      one integer an example, from its content: noise must not depend on batch or order
    computed   what `score` computes in, where that is coarser than the inputs (None: it is not)
    """

    inputs: Tensor
    baselines: Tensor
    score: ScoreFn
    lengths: Tensor
    budget: int
    seeds: tuple[int, ...]
    computed: torch.dtype | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """What a method returns, one entry an example; `values` are on the device of the inputs.

    values           [B, ...] shaped like `inputs`, or for inputs [B, T, D] already summed over the width to
                     [B, T] (integrated_gradients, occlusion, random); where the width is left, the
                     adapter reduces it (a signed method: sum; an unsigned one: a norm)
    signed           whether the sign says which way
    complete         whether the values promise to sum to `output - baseline_output`
    output           [B] the score of `inputs`, nan where the method never asked
    baseline_output  [B] the score of `baselines`, None where the method never asked
    evaluations      [B] gradient evaluations (forward ones for a method without gradients)
    converged        [B] whether the tolerance was met
    """

    values: Tensor
    signed: bool
    complete: bool
    output: Tensor
    baseline_output: Tensor | None
    evaluations: Tensor
    converged: Tensor

    def on_cpu(self) -> Scores:
        """The same there: moved as wholes, for each number that is read on a device waits for it."""
        tensors = ("values", "output", "baseline_output", "evaluations", "converged")
        moved = {name: getattr(self, name).cpu() for name in tensors if getattr(self, name) is not None}
        return replace(self, **moved)


_ROUNDING = 1e-5


def completeness_error(values: Tensor, output: float, baseline: float | None) -> float | None:
    """|sum(values) - (output - baseline)| / sum|values| of one example; None without a baseline.

    Where nothing was shared out: 0 if the output did not move, as in a text without tokens, else 1. nan where anything
    is no number.
    """
    if baseline is None:
        return None
    total, missing = float(values.abs().sum()), abs(float(values.sum()) - (output - baseline))
    if not math.isfinite(total + missing):
        return math.nan
    if total > 0:
        return missing / total
    return 1.0 if missing > _ROUNDING * max(abs(output), abs(baseline)) else 0.0

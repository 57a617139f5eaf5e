"""Gradients averaged over paths from many references: no single baseline stands for "nothing"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, Scores, across, moved, summed, wide
from token_saliency.core.gradients import Loop, PointFn
from token_saliency.core.noise import order, uniform
from token_saliency.errors import OptionError


def expected_gradients(
    explicand: Explicand, *, n: int = 64, tolerance: float = 0.2, references: Sequence[Tensor] | None = None
) -> Scores:
    """The mean of (input - reference) x gradient at random points on paths from references (Erion et al. 2021).

    `references`: vectors [T, D] of other examples (adapters take texts), laid over the positions that are not held
    fixed; where one is shorter the baseline stands, and without any the baseline is the only one. Each of `n` draws
    takes the next reference in an order of the example's own, and a point of its own n-th of the path. The scores sum
    to the output minus the references' mean output in expectation only: their error falls with the root of n, and an
    example whose standard error exceeds `tolerance` of the summed absolute scores is unconverged.
    """
    if n < 2 or tolerance <= 0 or (references is not None and not len(references)):
        raise OptionError("expected_gradients needs n >= 2, tolerance > 0 and, if any, at least one reference.")
    loop, draws = Loop(explicand), _Draws.of(explicand, n, references)
    first, second = _moments(explicand, loop, draws, n)
    error = ((second - first**2).clamp(min=0) / (n - 1)).sqrt().flatten(1).sum(1)
    allowed = tolerance * first.flatten(1).abs().sum(1) + torch.finfo(explicand.inputs.dtype).eps
    spent = torch.full((len(first),), n)
    return Scores(first, True, True, loop.output(), draws.mean_output(loop), spent, error <= allowed)


@dataclass(frozen=True, slots=True)
class _Draws:
    """Point i of an example starts from reference `which[example][i]` and lies at `place` [B, n] of the way."""

    explicand: Explicand
    references: Sequence[Tensor]
    free: Tensor
    which: list[list[int]]
    place: Tensor

    @classmethod
    def of(cls, explicand: Explicand, n: int, references: Sequence[Tensor] | None) -> _Draws:
        known = references or ()
        which = [_cycled(seed, n, len(known)) for seed in explicand.seeds]
        place = [(torch.tensor(order(seed, n, 1)) + uniform(seed, n)) / n for seed in explicand.seeds]
        return cls(explicand, known, _free(explicand), which, torch.stack(place).to(explicand.inputs))

    def starts(self, rows: list[int], which: list[int], length: int) -> Tensor:
        """[N, length, ...]: the inputs of the rows, with the references in the positions that are not held fixed."""
        return torch.stack([self._start(row, one)[:length] for row, one in zip(rows, which, strict=True)])

    def mean_output(self, loop: Loop) -> Tensor:
        """[B]: over the references that were drawn, as often as they were."""
        pairs = [(row, one) for row, drawn in enumerate(self.which) for one in sorted(set(drawn))]
        rows = [row for row, _ in pairs]

        def points(index: Tensor, of: Tensor, length: int) -> Tensor:
            return self.starts(of.tolist(), [pairs[i][1] for i in index.tolist()], length)

        weights = [self.which[row].count(one) / len(self.which[row]) for row, one in pairs]
        scores = loop.scores(rows, points)
        total = scores.new_zeros(len(self.which))
        return total.index_add_(0, torch.tensor(rows, device=scores.device), scores * torch.tensor(weights).to(scores))

    def _start(self, row: int, which: int) -> Tensor:
        inputs, start = self.explicand.inputs[row], self.explicand.baselines[row].clone()
        if not self.references:
            return start
        reference = torch.as_tensor(self.references[which]).to(inputs)
        if inputs.ndim != 2:
            return torch.where(self.free[row], reference, inputs)
        places = self.free[row].nonzero()[:, 0][: len(reference)]
        start[places] = reference[: len(places)]
        return start


def _moments(explicand: Explicand, loop: Loop, draws: _Draws, n: int) -> tuple[Tensor, Tensor]:
    """Means over the draws of each position's product, and of its square."""
    inputs = explicand.inputs
    first, second = wide(summed(inputs)).new_zeros(2, *summed(inputs).shape)
    rows = [row for row in range(len(inputs)) for _ in range(n)]
    for chunk in loop.gradients(rows, _points(explicand, draws, n)):
        start = _drawn(draws, chunk.index, chunk.rows, chunk.length, n)
        each = summed(chunk.gradients * (inputs[chunk.rows, : chunk.length] - start))
        first[:, : chunk.length].index_add_(0, chunk.rows, each / n)
        second[:, : chunk.length].index_add_(0, chunk.rows, each**2 / n)
    return first, second


def _points(explicand: Explicand, draws: _Draws, n: int) -> PointFn:
    """Points are numbered example by example: point i is draw i % n."""

    def points(index: Tensor, rows: Tensor, length: int) -> Tensor:
        inputs = explicand.inputs[rows, :length]
        return torch.lerp(_drawn(draws, index, rows, length, n), inputs, across(draws.place[rows, index % n], inputs))

    return points


def _drawn(draws: _Draws, index: Tensor, rows: Tensor, length: int, n: int) -> Tensor:
    of = rows.tolist()
    return draws.starts(of, [draws.which[row][i % n] for row, i in zip(of, index.tolist(), strict=True)], length)


def _cycled(seed: int, n: int, count: int) -> list[int]:
    """All references in an order of the example's own, again and again: each is drawn as often as any other."""
    each = order(seed, max(1, count), 0)
    return [each[i % len(each)] for i in range(n)]


def _free(explicand: Explicand) -> Tensor:
    """The positions that are not held fixed, padding excluded."""
    free = moved(explicand)
    if explicand.inputs.ndim != 3:
        return free
    return free & (torch.arange(free.shape[1], device=free.device) < explicand.lengths.to(free.device)[:, None])

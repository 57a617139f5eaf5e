"""The one loop that evaluates a score at many points: packed by cost, bounded in memory, blind to `.grad`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, wide
from token_saliency.errors import ModelError


def out_of_memory(error: RuntimeError) -> bool:
    """Whether the device ran out of memory (every backend says it in its own way)."""
    said = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in said or "can't allocate memory" in said


def sent(values: Tensor, device: torch.device) -> Tensor:
    """The values on the device. A GPU takes them from pinned memory, so that nobody waits until its work is done."""
    if device.type != "cuda" or values.device.type != "cpu":
        return values.to(device)
    return values.pin_memory().to(device, non_blocking=True)


def exact(device: torch.device) -> torch.device:
    """Where float64 is computed: on the device itself, but for MPS, which has none."""
    return torch.device("cpu") if device.type == "mps" else device


_CUT = "The output has no gradient with respect to the inputs; use the method 'occlusion'."

PointFn = Callable[[Tensor, Tensor, int], Tensor]
"""`(index [n], rows [n], length) -> points [n, length, ...]`: builds the asked points, axis 1 cut to `length`."""

_Evaluate = Callable[[Explicand, Callable[[], Tensor], Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some of the asked points, evaluated. `index` [n] says which, `rows` [n] of which example they are variations.

    `gradients` [n, length, ...] is empty where only scores were asked; beyond `length` every gradient is zero.
    Both are float32 at least, whatever the model computes in.
    """

    index: Tensor
    rows: Tensor
    length: int
    scores: Tensor
    gradients: Tensor


class Loop:
    """Evaluates the points of one explicand, and remembers how large a chunk the memory allowed."""

    __slots__ = ("_lengths", "budget", "explicand")

    def __init__(self, explicand: Explicand) -> None:
        self.explicand = explicand
        self.budget = explicand.budget
        self._lengths: list[int] = explicand.lengths.tolist()

    def gradients(self, rows: list[int], points: PointFn) -> Iterator[Chunk]:
        """Scores and gradients of the points, in chunks of no particular order."""
        return self._chunks(rows, points, _score_and_gradient)

    def scores(self, rows: list[int], points: PointFn) -> Tensor:
        """Scores [N] of the points, forward passes only."""
        chunks = list(self._chunks(rows, points, _score))
        if not chunks:
            return wide(self.explicand.inputs.new_zeros(0))
        found = torch.cat([chunk.scores for chunk in chunks])
        return torch.empty_like(found).index_copy_(0, torch.cat([chunk.index for chunk in chunks]), found)

    def output(self) -> Tensor:
        """Scores [B] of the inputs."""
        inputs = self.explicand.inputs
        return self.scores(list(range(len(inputs))), lambda _, rows, length: inputs[rows, :length])

    def _chunks(self, rows: list[int], points: PointFn, evaluate: _Evaluate) -> Iterator[Chunk]:
        lengths = [self._lengths[row] for row in rows]
        waiting = sorted(range(len(rows)), key=lambda i: -lengths[i])  # the longest first: memory fails early
        device = self.explicand.inputs.device
        index, of = (sent(torch.tensor(each), device) for each in (waiting, [rows[i] for i in waiting]))
        done = 0
        while done < len(waiting):
            length = lengths[waiting[done]]
            size = max(1, self.budget // max(1, length))
            chunk = self._evaluated(index[done : done + size], of[done : done + size], length, points, evaluate)
            if chunk is None:
                self.budget = max(1, min(size, len(waiting) - done) // 2) * length
                continue
            done += len(chunk.rows)
            yield chunk

    def _evaluated(
        self, index: Tensor, rows: Tensor, length: int, points: PointFn, evaluate: _Evaluate
    ) -> Chunk | None:
        """The evaluated chunk, or None where it did not fit in memory and a smaller one may."""
        try:
            scores, gradients = evaluate(self.explicand, lambda: points(index, rows, length), rows)
        except RuntimeError as error:
            if len(index) == 1 or not out_of_memory(error):
                raise
            return None  # the traceback holds the graph: it must be gone before the next try
        return Chunk(index, rows, length, wide(scores), wide(gradients))


def _score(explicand: Explicand, build: Callable[[], Tensor], rows: Tensor) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        scores = explicand.score(build(), rows)
    return scores, scores.new_empty(0)


def _score_and_gradient(explicand: Explicand, build: Callable[[], Tensor], rows: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients of the points alone: parameters may require theirs, but nobody computes or stores them."""
    with torch.inference_mode(False), torch.enable_grad():
        points = build().detach().requires_grad_()
        scores = explicand.score(points, rows)
        if not scores.requires_grad:
            raise ModelError(_CUT)
        (gradients,) = torch.autograd.grad(scores.sum(), points, allow_unused=True)
        if gradients is None:
            raise ModelError(_CUT)
    return scores.detach(), gradients

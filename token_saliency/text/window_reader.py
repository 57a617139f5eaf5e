"""The mean logits of a text's windows as a function of points, in bounded memory (see windows.py for the rule)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from token_saliency.core.gradients import out_of_memory
from token_saliency.text.batching import AnswerFn, run_packed
from token_saliency.text.model.network import Batch, Network
from token_saliency.text.windows import Windows

_KEPT = 2
"""So many budgets of tokens keep what their backward pass needs; beyond that the windows are read a second time."""


def windowed_answers(network: Network, parts: Batch, windows: Windows, inputs: Tensor, budget: int) -> AnswerFn:
    """Mean logits of the windows as a function of points of the one whole row, whose own vectors are inputs [1, T, D].

    At most `budget` tokens go through the model at once, however long the text is.
    """
    index = torch.from_numpy(windows.index).to(inputs.device)
    own = torch.from_numpy(windows.own).to(inputs.device)
    reader = _Reader(network, parts, index, own, inputs[0], budget)

    def answer(points: Tensor, _rows: Tensor) -> Tensor:
        if not torch.is_grad_enabled():
            return reader.changed(points)
        if points.shape[0] * index.numel() <= _KEPT * budget:
            kept = reader.at_once(points)
            if kept is not None:
                return kept
        return _read_again(points, reader)

    return answer


class _Reader:
    """Reads windows of points: `index` and `own` [n, W] as in Windows, `vectors` [T, D] what stands there unchanged."""

    __slots__ = ("_budget", "_index", "_known", "_network", "_own", "_parts", "_vectors")

    def __init__(
        self, network: Network, parts: Batch, index: Tensor, own: Tensor, vectors: Tensor, budget: int
    ) -> None:
        self._network, self._parts, self._index, self._own = network, parts, index, own
        self._vectors, self._budget = vectors, budget
        self._known: Tensor | None = None

    def every(self, points: Tensor) -> Tensor:
        """[N n, 2]: each window of each point."""
        device = points.device
        return torch.cartesian_prod(
            torch.arange(len(points), device=device), torch.arange(len(self._index), device=device)
        )

    def at_once(self, points: Tensor) -> Tensor | None:
        """Mean logits [N, C] with all that their backward pass needs; None where the memory is too small for it."""
        try:
            return _means(self.logits(points, self.every(points)), len(points))
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            return None

    def logits(self, points: Tensor, which: Tensor) -> Tensor:
        """[k, C] of the windows `which` [k, 2]: number of the point, number of the window."""
        of, window = which.T
        return self._network.logits(self._parts.pick(window, self._index.shape[1]), self._built(points, of, window))

    def packed(self, points: Tensor, which: Tensor) -> Tensor:
        """The same without gradients, in as many batches as it takes."""
        found: dict[int, Tensor] = {}

        def run(at: list[int]) -> None:
            found.update(zip(at, self.logits(points, which[at]), strict=True))

        with torch.no_grad():
            run_packed([self._index.shape[1]] * len(which), self._budget, run)
        return torch.stack([found[i] for i in range(len(which))])

    def changed(self, points: Tensor) -> Tensor:
        """Mean logits [N, C]; a window in which nothing moved is not read again."""
        if self._known is None:
            self._known = self.packed(self._vectors[None], self.every(self._vectors[None]))
        moved = (points != self._vectors).any(-1)
        which = (moved[:, self._index] & self._own).any(-1).nonzero()
        each = self._known.repeat(len(points), 1, 1)
        if len(which):
            each[which[:, 0], which[:, 1]] = self.packed(points, which)
        return each.mean(1)

    def gradient(self, points: Tensor, above: Tensor) -> Tensor:
        """Of the mean logits, weighted by `above` [N, C], with respect to the points."""
        total, which = torch.zeros_like(points), self.every(points)

        def run(at: list[int]) -> None:
            of, window = which[at].T
            with torch.enable_grad():
                built = self._built(points, of, window).detach().requires_grad_()
                logits = self._network.logits(self._parts.pick(window, self._index.shape[1]), built)
                (found,) = torch.autograd.grad(logits, built, above[of] / len(self._index))
            found = found * self._own[window][..., None]
            total.index_put_((of[:, None], self._index[window]), found, accumulate=True)

        run_packed([self._index.shape[1]] * len(which), self._budget, run)
        return total

    def _built(self, points: Tensor, of: Tensor, window: Tensor) -> Tensor:
        """[k, W, D]: what belongs to the window comes from the point, its context from the text."""
        places = self._index[window]
        return torch.where(self._own[window][..., None], points[of[:, None], places], self._vectors[places])


class _Mean(torch.autograd.Function):
    """Mean logits [N, C] whose backward pass reads the windows again, batch by batch: memory does not grow."""

    @staticmethod
    def forward(ctx: Any, points: Tensor, reader: _Reader) -> Tensor:
        ctx.reader = reader
        ctx.save_for_backward(points)
        return _means(reader.packed(points, reader.every(points)), len(points))

    @staticmethod
    def backward(ctx: Any, *above: Any) -> Any:
        (points,) = ctx.saved_tensors
        return ctx.reader.gradient(points, above[0]), None


def _read_again(points: Tensor, reader: _Reader) -> Tensor:
    found: Tensor = _Mean.apply(points, reader)  # type: ignore[no-untyped-call]  # as torch has it
    return found


def _means(logits: Tensor, points: int) -> Tensor:
    """[N n, C] -> [N, C]."""
    return logits.reshape(points, -1, logits.shape[-1]).mean(1)

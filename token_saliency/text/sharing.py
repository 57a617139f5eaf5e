"""One forward pass for equal points: all classes of a text, or a text given twice, ask the same questions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from token_saliency.text.encoding import Text

AnswerFn = Callable[[Tensor, Tensor], Tensor]
"""`(points [N, T, D], rows [N]) -> logits [N, C]`."""


def sources(texts: Sequence[Text]) -> list[int]:
    """For each text the place of the first text that equals it."""
    first: dict[Text, int] = {}
    return [first.setdefault(text, i) for i, text in enumerate(texts)]


def shared_answers(answer: AnswerFn, source: Sequence[int], lengths: Tensor) -> AnswerFn:
    """The same answers; a point that was asked before (of an equal text, without gradients) is not asked again.

    Where gradients are asked each point needs a graph of its own, so nothing is shared.
    """
    if len(set(source)) == len(source):
        return answer
    known: dict[tuple[int, bytes], Tensor] = {}
    widths = lengths.tolist()

    def answers(points: Tensor, rows: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            return answer(points, rows)
        keys = [
            (source[row], _digest(point[: widths[row]])) for point, row in zip(points.cpu(), rows.tolist(), strict=True)
        ]
        new = list({key: i for i, key in reversed(list(enumerate(keys))) if key not in known}.values())
        if new:
            at = torch.tensor(sorted(new), device=points.device)
            for i, row in zip(at.tolist(), answer(points[at], rows[at]), strict=True):
                known[keys[i]] = row
        return torch.stack([known[key] for key in keys])

    return answers


def _digest(point: Tensor) -> bytes:
    return hashlib.blake2b(point.contiguous().view(torch.uint8).numpy().tobytes(), digest_size=16).digest()

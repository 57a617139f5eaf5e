"""A copy of a model fine-tuned on a few rows: no optimiser state, so that memory holds one copy and no more.

Each parameter moves against the sign of its gradient by a share of its own root mean square (Bernstein et al. 2018,
signSGD), as soon as that gradient is there; the gradient is then dropped. So the step suits any width and scale.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from token_saliency.text.classifier import TextClassifier
from token_saliency.text.encoding import Text

BATCH = 16
RATE = 0.05
"""Of the root mean square of a parameter, in the first step; it falls to 0 along a line."""
FITTED = 0.95
"""The share of right answers over a pass of the rows after which nothing is left to learn (Adebayo et al. 2018)."""
_LEAST = 1e-3
"""A parameter that is all zero (a fresh bias) moves as if it had this size."""


@dataclass(slots=True)
class _LearningPace:
    rate: float = RATE


def fine_tune(
    copy: TextClassifier,
    texts: Sequence[Text],
    targets: Sequence[int],
    steps: int,
    draw: np.random.Generator,
    *,
    until_fitted: bool,
) -> int:
    """Moves the weights of the copy so that it says `targets` (class indices) of the texts; no dropout.

    Returns how many steps were made: fewer where it stops as soon as the targets are fitted.
    """
    pace, wanted, right = _LearningPace(), torch.tensor(targets), list[bool]()
    with copy.session(), torch.inference_mode(False), torch.enable_grad(), _moving(copy.model, pace):
        for step, chosen in zip(range(steps), _batches(len(texts), draw), strict=False):
            pace.rate = RATE * (1 - step / steps)
            logits, labels = copy.class_logits([texts[i] for i in chosen]), wanted[chosen]
            nn.functional.cross_entropy(logits, labels.to(logits.device)).backward()  # type: ignore[no-untyped-call]
            right += (logits.argmax(1).cpu() == labels).tolist()
            if until_fitted and len(right) >= 2 * len(texts) and np.mean(right[-len(texts) :]) >= FITTED:
                return step + 1
    return steps


def _batches(rows: int, draw: np.random.Generator) -> Iterator[list[int]]:
    while True:
        order = draw.permutation(rows).tolist()
        yield from (order[at : at + BATCH] for at in range(0, rows, BATCH))


@contextmanager
def _moving(model: nn.Module, pace: _LearningPace) -> Iterator[None]:
    """Inside the block a backward pass moves the weights; none keeps its gradient."""

    def move(parameter: Tensor) -> None:
        with torch.no_grad():
            if parameter.grad is not None:
                size = parameter.float().square().mean().sqrt().clamp(min=_LEAST)
                parameter -= (pace.rate * size * parameter.grad.sign()).to(parameter.dtype)
        parameter.grad = None

    moved = [parameter for parameter in model.parameters() if parameter.is_floating_point()]
    handles = [one.requires_grad_().register_post_accumulate_grad_hook(move) for one in moved]  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()

"""What the output loses when a patch of the picture is replaced by the baseline; forward passes only."""

from __future__ import annotations

import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, Scores
from token_saliency.core.gradients import Loop
from token_saliency.errors import OptionError


def patch_occlusion(explicand: Explicand, *, patch: int | None = None, stride: int | None = None) -> Scores:
    """How far the output falls when a square of pixels is replaced by the baseline (Zeiler and Fergus 2014).

    `patch` pixels a side (default: an eighth of the shorter side), moved by `stride` (default: the patch), the last
    ones flush with the border. A pixel in several patches gets the mean of their falls, as in the paper.
    Values [B, H, W].
    """
    height, width = explicand.inputs.shape[2:]
    side = patch if patch is not None else max(1, min(height, width) // 8)
    step = stride if stride is not None else side
    if not 1 <= side <= min(height, width) or not 1 <= step <= side:
        raise OptionError(
            f"occlusion needs a patch between 1 and {min(height, width)} pixels and a stride between 1 and the patch, "
            f"not patch={side}, stride={step}."
        )
    places = [(top, left) for top in _starts(height, side, step) for left in _starts(width, side, step)]
    loop, count = Loop(explicand), len(explicand.inputs)
    output = loop.output()
    rows = [row for row in range(count) for _ in places]

    def points(index: Tensor, of: Tensor, _length: int) -> Tensor:
        built = explicand.inputs[of].clone()
        for at, (i, row) in enumerate(zip(index.tolist(), of.tolist(), strict=True)):
            top, left = places[i % len(places)]
            window = (slice(None), slice(top, top + side), slice(left, left + side))
            built[at][window] = explicand.baselines[row][window]
        return built

    falls = (output[rows] - loop.scores(rows, points)).view(count, len(places))
    total, hits = falls.new_zeros(count, height, width), falls.new_zeros(height, width)
    for number, (top, left) in enumerate(places):
        total[:, top : top + side, left : left + side] += falls[:, number, None, None]
        hits[top : top + side, left : left + side] += 1
    spent = torch.full((count,), 1 + len(places))
    return Scores(total / hits, True, False, output, None, spent, spent > 0)


def _starts(length: int, side: int, step: int) -> list[int]:
    starts = list(range(0, length - side + 1, step))
    return starts if starts[-1] == length - side else [*starts, length - side]

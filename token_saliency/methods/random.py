"""Noise: what every other method must beat."""

from __future__ import annotations

import torch

from token_saliency.core.explicand import Explicand, Scores, moved
from token_saliency.core.gradients import Loop
from token_saliency.core.noise import normal


def random(explicand: Explicand) -> Scores:
    """Seeded noise that knows nothing of the model: the floor for every benchmark."""
    free = moved(explicand)
    values = torch.zeros_like(free, dtype=torch.float32)
    for row, length in enumerate(explicand.lengths.tolist()):
        values[row, :length] = normal(explicand.seeds[row], 0, values[row, :length])
    none = torch.zeros(len(free), dtype=torch.int64)
    return Scores(values * free, True, False, Loop(explicand).output(), None, none, ~none.bool())

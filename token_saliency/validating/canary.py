"""A planted canary: one token of each text is made to decide, and the method must name it first.

The output becomes f + k x [canary present]. Presence is measured where the method looks, in the vector of that token:
1 at the token, 0 at the baseline, a smooth step between them, so that gradients exist and saturate as real ones do.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, Scores, moved
from token_saliency.results import Attribution, Step
from token_saliency.stats.estimate import wilson
from token_saliency.text.explaining import text_seed
from token_saliency.validating.subject import MethodFn, Subject
from token_saliency.validating.verdict import ALPHA, CheckOutcome, said, shown

RECALL = 0.8
ROWS = 64
SHARP = 6.0
"""Steepness of the step: at the token its slope is a fifth of the mean slope, as in a model that is rather sure."""
OUTWEIGHS = 2.0
"""The canary is worth so many times the range of the outputs over the rows."""


@dataclass(frozen=True, slots=True)
class PlantedCanary:
    """Which position of each text is the canary, by the seed of the text."""

    method: MethodFn
    worth: float
    places: dict[int, int] = field(default_factory=dict)

    def __call__(self, explicand: Explicand) -> Scores:
        """The method on the output with the canary."""
        free = [row.nonzero()[:, 0].tolist() for row in _free(explicand)]
        at = [own[seed % len(own)] if own else 0 for own, seed in zip(free, explicand.seeds, strict=True)]
        self.places.update(zip(explicand.seeds, at, strict=True))
        place = torch.tensor(at, device=explicand.inputs.device)

        def score(points: Tensor, rows: Tensor) -> Tensor:
            output = explicand.score(points, rows)
            return output + self.worth * _present(explicand, points, rows, place[rows]).to(output)

        return self.method(replace(explicand, score=score))


def _free(explicand: Explicand) -> Tensor:
    """[B, T] the real positions that are not held fixed."""
    free = moved(explicand)
    real = torch.arange(free.shape[1], device=free.device) < explicand.lengths.to(free.device)[:, None]
    return free & real


def _present(explicand: Explicand, points: Tensor, rows: Tensor, place: Tensor) -> Tensor:
    """[N] between 0 and 1: how much of the canary is in each point."""
    each = torch.arange(len(rows), device=rows.device)
    there, token, nothing = points[each, place], explicand.inputs[rows, place], explicand.baselines[rows, place]
    if points.ndim == 2:  # the words of a function are numbers: there or not there
        return (there == token).to(points)
    way = token - nothing
    share = ((there - nothing) * way).sum(-1) / way.square().sum(-1).clamp(min=1e-12)
    return torch.sigmoid(SHARP * (share - 0.5))


def canary_recall(subject: Subject) -> CheckOutcome:
    """In how many texts the canary has the highest score."""
    some = subject.first(ROWS)
    planted = PlantedCanary(subject.asked.function, _worth(subject))
    found = some.again(method=planted)
    seeds = [text_seed(text, subject.asked.seed) for text in some.texts]
    ranks = [rank_of(one, planted.places[seed]) for one, seed in zip(found, seeds, strict=True)]
    hits, rows = sum(rank == 0 for rank in ranks), len(ranks)
    interval = wilson(hits, rows, ALPHA)
    passed = None if interval[0] < RECALL <= interval[1] else interval[0] >= RECALL
    seen = f"the canary comes first in {hits} of {rows} texts {shown(interval)}"
    within = sum(rank < 3 for rank in ranks)
    chance = float(np.mean([1 / sum(not token.special for token in one.tokens) for one in found]))
    steps = [Step("among the first three", within / rows, wilson(within, rows, ALPHA)), Step("by chance", chance)]
    return CheckOutcome(said(passed, seen), hits / rows, interval, RECALL, passed, steps)


def rank_of(attribution: Attribution, place: int) -> int:
    """How many tokens of the text have a higher score than this one."""
    scores = attribution.scores
    others = [scores[i] for i, token in enumerate(attribution.tokens) if not token.special and i != place]
    return int(sum(score >= scores[place] for score in others))


def _worth(subject: Subject) -> float:
    outputs = [one.output_value for one in subject.found]
    return OUTWEIGHS * max(1.0, float(np.ptp(outputs)))

"""What must not change the scores (a shifted input), and what should not change them much (another baseline)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, Scores
from token_saliency.core.noise import normal
from token_saliency.errors import OptionError
from token_saliency.results import Attribution, Step
from token_saliency.shared.options import BASELINES
from token_saliency.stats.estimate import Floats
from token_saliency.stats.ranks import likeness
from token_saliency.validating.subject import MethodFn, Subject
from token_saliency.validating.verdict import CheckOutcome, NotRun, above, below, interval_of, said, shown

ROWS = 24
CHANGED = 0.05
"""Of the summed absolute scores: what adaptive integration is allowed to be off by."""
AGREE = 0.5
"""Half the way from no agreement to the same order."""


def input_shift(subject: Subject) -> CheckOutcome:
    """The model of shifted inputs, which takes the shift back first, is the same function: so are its scores."""
    subject.network()
    some, seed = subject.first(ROWS), subject.asked.seed
    method = subject.asked.function
    moved = some.mean(changes(some.found, some.again(method=shifted(method, seed))))
    passed = below(moved, CHANGED)
    steps = [Step("baseline shifted along", moved.effect, interval_of(moved))]
    if subject.signed:
        left = some.mean(changes(some.found, some.again(method=shifted(method, seed, baseline=False))))
        steps.append(Step("baseline left where it was", left.effect, interval_of(left)))
    seen = f"the scores change by {moved.effect:.1%} {shown(interval_of(moved))} of their size"
    return CheckOutcome(said(passed, seen), moved.effect, interval_of(moved), CHANGED, passed, steps)


def shifted(method: MethodFn, seed: int, *, baseline: bool = True) -> MethodFn:
    """The method, on inputs (and baselines) that a constant vector was added to, which the model takes off again."""

    def on_shifted(explicand: Explicand) -> Scores:
        shift = _shift(explicand, seed)
        return method(
            replace(
                explicand,
                inputs=explicand.inputs + shift,
                baselines=explicand.baselines + shift if baseline else _left(explicand, shift),
                score=lambda points, rows: explicand.score(points - shift[rows], rows),
            )
        )

    return on_shifted


def _left(explicand: Explicand, shift: Tensor) -> Tensor:
    """Baselines where they were, but for the positions that are held fixed: these must equal the inputs."""
    fixed = (explicand.inputs == explicand.baselines).all(-1, keepdim=True)
    return torch.where(fixed, explicand.inputs + shift, explicand.baselines)


def _shift(explicand: Explicand, seed: int) -> Tensor:
    """[B, 1, D] the same direction for every token, as large as the vectors of the text spread."""
    direction = normal(seed, 0, explicand.inputs.new_zeros(explicand.inputs.shape[-1]))
    rows = zip(explicand.inputs, explicand.lengths.tolist(), strict=True)
    return torch.stack([row[:length].std() * direction for row, length in rows])[:, None]


def changes(one: Sequence[Attribution], other: Sequence[Attribution]) -> Floats:
    """[n] how far the scores of each text moved, relative to their summed absolute values."""
    pairs = [(a.scores, b.scores) for a, b in zip(one, other, strict=True)]
    return np.array([float(np.abs(a - b).sum() / max(np.abs(a).sum(), 1e-12)) for a, b in pairs])


def baseline_agreement(subject: Subject) -> CheckOutcome:
    """The least rank correlation between two baselines."""
    if subject.found[0].baseline is None:
        raise NotRun(f"{subject.asked.name} uses no baseline")
    some = subject.first(ROWS)
    by_name = _by_baseline(some)
    if len(by_name) < 2:
        raise NotRun("there is one baseline only; a function has a second one with from_function(..., mask=...)")
    steps = []
    found = []
    for one, other in combinations(by_name, 2):
        mean = some.mean(likeness(by_name[one], by_name[other]).signed)
        found.append((mean, one, other))
        steps.append(Step(f"{one} and {other}", mean.effect, interval_of(mean)))
    least, one, other = min(found, key=lambda pair: pair[0].effect)
    passed = above(least, AGREE)
    seen = f"least alike are {one} and {other}: rank correlation {least.effect:+z.2f} {shown(interval_of(least))}"
    return CheckOutcome(said(passed, seen), least.effect, interval_of(least), AGREE, passed, steps)


def _by_baseline(subject: Subject) -> dict[str, list[Attribution]]:
    own = subject.found[0].baseline or ""
    by_name = {own: subject.found}
    for name in (*BASELINES, "delete"):
        if name not in by_name:
            try:
                by_name[name] = subject.again(baseline=name)
            except OptionError:  # no such token here
                continue
    return by_name

"""Parameters made random from the head down: scores that stay were never about what the model has learned.

Adebayo et al. 2018, Sanity Checks for Saliency Maps. The caller's model is not touched: one copy is made and changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from token_saliency.results import Step
from token_saliency.stats.estimate import Estimate
from token_saliency.stats.ranks import Likeness, likeness
from token_saliency.stats.sampling import content_hash
from token_saliency.text.classifier import TextClassifier
from token_saliency.validating.layers import Part, parts_from_head, randomise
from token_saliency.validating.subject import Subject
from token_saliency.validating.verdict import CheckOutcome, NotRun, below, interval_of, said, shown

ROWS = 24
LOOKS = 5
"""The scores are looked at after so many of the parts, the first and the last among them."""
LIKE = 0.3
"""Rankings with a smaller correlation share less than a tenth of their variance (0.3 squared is .09)."""


def parameter_randomisation(subject: Subject) -> CheckOutcome:
    """The cascade; the verdict is on the wholly random model."""
    original, some = subject.network(), subject.first(ROWS)
    with copied(subject, original) as copy:
        with copy.session():
            parts = parts_from_head(copy.model, lambda: copy.class_logits(some.texts[:1]))
        looks = looked_at(len(parts))
        steps: list[Step] = []
        for done, part in enumerate(parts, start=1):
            randomise(part[1], _generator(subject.asked.seed, part))
            if done in looks:
                alike = likeness(some.found, some.again(copy))
                steps += _steps(some, f"{done} of {len(parts)}: down to {part[0]}", alike)
    return _outcome(some, alike, steps)


def looked_at(parts: int) -> set[int]:
    """After how many parts the scores are looked at."""
    return {int(i) for i in np.linspace(1, parts, min(LOOKS, parts)).round()}


@contextmanager
def copied(subject: Subject, original: TextClassifier) -> Iterator[TextClassifier]:
    """A copy of the model, whose cost is charged; nothing holds it afterwards."""
    try:
        copy = original.copy()
    except (RuntimeError, TypeError, NotImplementedError) as error:  # out of memory, or weights that cannot be copied
        said_ = str(error).splitlines() or [type(error).__name__]
        raise NotRun(f"the model cannot be copied: {said_[0]}") from error
    copy.model.zero_grad(set_to_none=True)
    try:
        yield copy
    finally:
        subject.charge(copy)


def _generator(seed: int, part: Part) -> torch.Generator:
    device = part[1][0].device
    number = int(content_hash("randomise", seed, part[0])[:12], 16)
    return torch.Generator(device).manual_seed(number)


def larger(subject: Subject, alike: Likeness) -> Estimate:
    """The mean correlation that is farther from 0, as a size: of the scores, or of their absolute values."""
    means = [subject.mean(alike.signed), subject.mean(alike.absolute)]
    chosen = max(means, key=lambda mean: abs(mean.effect))
    return Estimate(abs(chosen.effect), chosen.se, chosen.df)


def _steps(subject: Subject, name: str, alike: Likeness) -> list[Step]:
    both = (("scores", alike.signed), ("absolute scores", alike.absolute))
    found = [(which, subject.mean(values)) for which, values in both if subject.signed or which == "scores"]
    return [Step(f"{name}, {which}", mean.effect, interval_of(mean)) for which, mean in found]


def _outcome(subject: Subject, alike: Likeness, steps: list[Step]) -> CheckOutcome:
    left = larger(subject, alike)
    passed = below(left, LIKE)
    first = f"{steps[0].value:+z.2f} with the head random" if steps else "nothing"
    seen = f"rank correlation {first}, {left.effect:.2f} {shown(interval_of(left))} in size with every parameter random"
    return CheckOutcome(said(passed, seen), left.effect, interval_of(left), LIKE, passed, steps)

"""Label randomisation: what learned shuffled labels must be explained otherwise than what learned true ones.

After Adebayo et al. 2018, who train from scratch. Here two copies are fine-tuned for a few steps, alike but for the
labels; each is compared with the model itself, so that what fine-tuning alone changes drops out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from token_saliency.errors import option
from token_saliency.results import Attribution, Step
from token_saliency.stats.estimate import Floats
from token_saliency.stats.ranks import likeness
from token_saliency.stats.sampling import generator
from token_saliency.text.classifier import TextClassifier
from token_saliency.text.encoding import Text
from token_saliency.validating.randomisation import copied
from token_saliency.validating.subject import Subject
from token_saliency.validating.verdict import CheckOutcome, NotRun, above_zero, interval_of, said, shown

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


ROWS = 24
TAUGHT = 48
"""Few enough to be learned by heart in some dozen steps."""
LEAST_ROWS = 30
FITS = 0.85
"""A copy that has not learned the shuffled labels is still the same model: nothing follows from its scores."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a copy is taught, class indices of the texts, and what it says afterwards."""

    texts: list[Text]
    targets: list[int]


@dataclass(frozen=True, slots=True)
class Learned:
    """The scores by the copy, the share of its lesson that it has right, and the steps that took."""

    found: list[Attribution]
    fits: float
    steps: int


def label_randomisation(subject: Subject) -> CheckOutcome:
    """By how much more the scores move when the labels are shuffled; both copies make the same number of steps."""
    true, shuffled = _lessons(subject)
    some, most = subject.first(ROWS), subject.asked.train_steps
    by_shuffled = _learned(subject, some, shuffled, most, until_fitted=True)
    by_true = _learned(subject, some, true, by_shuffled.steps, until_fitted=False)
    kept, lost = likeness(some.found, by_true.found).signed, likeness(some.found, by_shuffled.found).signed
    apart = some.mean(kept - lost)
    steps = [
        *(Step(name, float(v.mean()), interval_of(some.mean(v))) for name, v in (("true", kept), ("shuffled", lost))),
        Step("true labels fitted", by_true.fits),
        Step("shuffled labels fitted", by_shuffled.fits),
        Step("steps", by_shuffled.steps),
    ]
    seen = (
        f"rank correlation with the model itself {kept.mean():+z.2f} after true labels, {lost.mean():+z.2f} after "
        f"shuffled ones, difference {shown(interval_of(apart))}; {by_shuffled.steps} steps fit {by_true.fits:.0%} of "
        f"the true and {by_shuffled.fits:.0%} of the shuffled labels"
    )
    if by_shuffled.fits < FITS and not _unmoved(kept, lost):
        seen = f"Undecided, the shuffled labels were not learned (more {option('train_steps')}): {seen}"
        return CheckOutcome(seen, apart.effect, interval_of(apart), 0.0, None, steps)
    passed = above_zero(apart)
    return CheckOutcome(said(passed, seen), apart.effect, interval_of(apart), 0.0, passed, steps)


def _unmoved(kept: Floats, lost: Floats) -> bool:
    """Whether no score moved at all, though the weights did: then it does not matter what was learned."""
    return float(np.abs(np.concatenate([kept, lost]) - 1).max()) < 1e-9


def _lessons(subject: Subject) -> tuple[Lesson, Lesson]:
    """The same texts with their labels, and with these in another order."""
    network = subject.network()
    if not subject.asked.train_steps:
        raise NotRun(f"left out, for no training steps are allowed ({option('train_steps')} is 0)")
    if network.head.kind != "single_label_classification":
        raise NotRun("only a head with one label a row is fine-tuned here")
    if network.info.dtype != "float32":
        raise NotRun(
            f"fine-tuning needs float32, and the model is in {network.info.dtype} ({option('dtype', 'float32')})"
        )
    labelled = [(text, row.label) for text, row in zip(subject.texts, subject.examples, strict=True) if row.label]
    labelled = labelled[:TAUGHT]
    texts, targets = [text for text, _ in labelled], [network.labels.index(label) for _, label in labelled]
    if len(texts) < LEAST_ROWS or len(set(targets)) < 2:
        raise NotRun(f"{len(texts)} labelled rows of {len(set(targets))} classes; it takes {LEAST_ROWS} of two")
    order = generator("shuffled labels", subject.asked.seed, *targets).permutation(len(targets))
    return Lesson(texts, targets), Lesson(texts, [targets[i] for i in order])


def _learned(subject: Subject, some: Subject, lesson: Lesson, steps: int, *, until_fitted: bool) -> Learned:
    """The batches of both copies are the same."""
    draw = generator("batches", subject.asked.seed)
    with copied(subject, subject.network()) as copy:
        made = fine_tune(copy, lesson.texts, lesson.targets, steps, draw, until_fitted=until_fitted)
        right = copy.predict(lesson.texts).logits.argmax(1) == np.array(lesson.targets)
        return Learned(some.again(copy), float(right.mean()), made)

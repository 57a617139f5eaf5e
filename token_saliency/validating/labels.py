"""Label randomisation: a model that learned shuffled labels must be explained otherwise than one that learned true ones.

After Adebayo et al. 2018, who train from scratch. Here two copies are fine-tuned for a few steps, alike but for the
labels; each is compared with the model itself, so that what fine-tuning alone changes drops out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from token_saliency.auditing.sampling import generator
from token_saliency.results import Attribution, Step
from token_saliency.text.encoding import Text
from token_saliency.validating.randomisation import copied
from token_saliency.validating.ranks import likeness
from token_saliency.validating.subject import Subject
from token_saliency.validating.tuning import fine_tune
from token_saliency.validating.verdict import NotRun, Outcome, above_zero, interval_of, said, shown

ROWS = 32
LEAST_ROWS = 30


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a copy is taught, class indices of the texts, and what it says afterwards."""

    texts: list[Text]
    targets: list[int]


@dataclass(frozen=True, slots=True)
class Learned:
    """The scores by the copy, and how many of the rows it was taught it has right."""

    found: list[Attribution]
    fits: float


def label_randomisation(subject: Subject) -> Outcome:
    """By how much more the scores move when the labels are shuffled."""
    true, shuffled = _lessons(subject)
    some = subject.first(ROWS)
    by_true, by_shuffled = (_learned(subject, some, lesson, at) for at, lesson in enumerate((true, shuffled)))
    kept, lost = likeness(some.found, by_true.found), likeness(some.found, by_shuffled.found)
    apart = some.mean(kept.signed - lost.signed)
    passed = above_zero(apart)
    seen = (
        f"rank correlation with the model itself {kept.signed.mean():+.2f} after true labels, {lost.signed.mean():+.2f} "
        f"after shuffled ones; lost {shown(interval_of(apart))}; {subject.asked.train_steps} steps fit "
        f"{by_true.fits:.0%} of the true and {by_shuffled.fits:.0%} of the shuffled labels"
    )
    pairs = (("after true labels", kept.signed), ("after shuffled labels", lost.signed))
    steps = [Step(name, float(values.mean()), interval_of(some.mean(values))) for name, values in pairs]
    steps += [Step("true labels fitted", by_true.fits), Step("shuffled labels fitted", by_shuffled.fits)]
    return Outcome(said(passed, seen), apart.effect, interval_of(apart), 0.0, passed, steps)


def _lessons(subject: Subject) -> tuple[Lesson, Lesson]:
    """The same texts with their labels, and with these in another order."""
    network = subject.network()
    if not subject.asked.train_steps:
        raise NotRun("left out, for no training steps are allowed (--train-steps 0)")
    if network.head.kind != "single_label_classification":
        raise NotRun("only a head with one label a row is fine-tuned here")
    if network.info.dtype != "float32":
        raise NotRun(f"fine-tuning needs float32, and the model is in {network.info.dtype} (--dtype float32)")
    labelled = [(text, row.label) for text, row in zip(subject.texts, subject.examples, strict=True) if row.label]
    texts, targets = [text for text, _ in labelled], [network.labels.index(label) for _, label in labelled]
    if len(texts) < LEAST_ROWS or len(set(targets)) < 2:
        raise NotRun(f"{len(texts)} labelled rows of {len(set(targets))} classes; it takes {LEAST_ROWS} of two")
    order = generator("shuffled labels", subject.asked.seed, *targets).permutation(len(targets))
    return Lesson(texts, targets), Lesson(texts, [targets[i] for i in order])


def _learned(subject: Subject, some: Subject, lesson: Lesson, at: int) -> Learned:
    """The batches of both copies are the same."""
    steps, draw = subject.asked.train_steps, generator("batches", subject.asked.seed)
    with copied(subject, subject.network()) as copy:
        fine_tune(
            copy, lesson.texts, lesson.targets, steps, draw, lambda done: subject.on_step(at * steps + done, 2 * steps)
        )
        return Learned(some.again(copy), _share_right(copy.predict(lesson.texts).logits.argmax(1), lesson.targets))


def _share_right(said_: Sequence[int] | np.ndarray, targets: Sequence[int]) -> float:
    return float(np.mean(np.asarray(said_) == np.asarray(targets)))

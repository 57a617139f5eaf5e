"""Does an image method deserve trust on this model? Randomisation, and what removal costs."""

from __future__ import annotations

import copy
import datetime
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from token_saliency import __version__
from token_saliency.errors import DataError, OptionError, unknown
from token_saliency.image.attribution import ImageAttribution
from token_saliency.image.audits.edits import small
from token_saliency.image.audits.predictions import distinct_pictures
from token_saliency.image.audits.rows import content_key, load_images
from token_saliency.image.classifier import ImageClassifier
from token_saliency.image.counterfactual import highlighted, on_picture
from token_saliency.image.methods import IMAGE_METHODS
from token_saliency.image.pixels.fills import Mask, filled
from token_saliency.results import DISCLAIMER, SCHEMA_VERSION, Cost, DatasetInfo, Step, Tool, Validation
from token_saliency.stats.estimate import Estimate, clustered_mean
from token_saliency.stats.ranks import spearman
from token_saliency.stats.sampling import content_hash, generator
from token_saliency.text.model.meter import Meter
from token_saliency.validating.randomisation import LIKE, looked_at, parts_from_head, randomise
from token_saliency.validating.validate import all_passed, exit_code
from token_saliency.validating.verdict import (
    CheckDefinition,
    CheckOutcome,
    NotRun,
    above_zero,
    all_of,
    below,
    interval_of,
    run_check,
    said,
    shown,
)

SHARES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
"""Of the map, taken away or put back."""
FITS, BATCH, RATE = 0.85, 16, 1e-3


@dataclass(frozen=True, slots=True)
class Pictured:
    """Pictures with their maps by the method that is checked, and which of them are copies of each other."""

    classifier: ImageClassifier
    pictures: list[Image.Image]
    labels: list[str | None]
    clusters: np.ndarray
    found: list[ImageAttribution]
    again: Callable[[ImageClassifier], list[ImageAttribution]]
    seed: int
    train_steps: int

    def mean(self, values: np.ndarray) -> Estimate:
        """The mean of one number a picture."""
        return clustered_mean(np.asarray(values, dtype=np.float64), self.clusters)


# fmt: off
def validate_images(
    classifier: ImageClassifier, rows: Any, *, method: str | None = None, baseline: str = "black",
    options: Mapping[str, Any] | None = None, rows_limit: int | None = 40, seed: int = 0, train_steps: int = 100,
    checks: Sequence[str] | None = None, command: str = "",
) -> Validation:
    """Parameter randomisation, label randomisation, deletion and insertion, for one image method.

    `rows` as in `run_image_audits`; labels are needed for label randomisation alone. The caller's model is never
    changed: one copy at a time is. A check that crashes is told in the record, exit code 2, and never passes.
    """
    name, started, before = method or classifier.default_method, time.perf_counter(), replace(classifier.meter)
    _check(name, rows_limit, train_steps, checks)
    source = load_images(rows, classifier.labels)
    distinct, notes = distinct_pictures(source.read_by(classifier.reads))
    if not (keys := sorted(distinct, key=lambda key: content_hash(seed, key))[:rows_limit]):
        raise DataError("There are no pictures to check the method on: check the folder or the CSV.")

    def again(other: ImageClassifier) -> list[ImageAttribution]:
        targets = [one.target_index for one in found] if found else "predicted"
        return other.explain(pictures, name, targets, baseline=baseline, seed=seed, options=options)

    pictures, found = [small(distinct[key].row) for key in keys], list[ImageAttribution]()
    found = again(classifier)
    clusters = np.unique([distinct[key].cluster for key in keys], return_inverse=True)
    labels = [distinct[key].row.label for key in keys]
    subject = Pictured(classifier, pictures, labels, clusters[1], found, again, seed, train_steps)
    settings = {"method": name, "baseline": baseline, "seed": seed, "train_steps": train_steps, "kind": "images"}
    dataset = DatasetInfo(source.id, None, len(source.rows), len(keys), content_hash(*sorted(keys))[:16])
    return _record(subject, checks, command, dataset, settings, before, started, [*source.notes, *notes])
# fmt: on


def _record(
    subject: Pictured, checks: Sequence[str] | None, command: str, dataset: DatasetInfo, settings: dict[str, Any],
    before: Meter, started: float, notes: list[str],
) -> Validation:  # fmt: skip
    chosen = {key: one for key, one in IMAGE_CHECKS.items() if checks is None or key in checks}
    done, spent = [run_check(key, one, subject) for key, one in chosen.items()], subject.classifier.meter
    counted = (spent.forward - before.forward, spent.backward - before.backward, spent.tokens - before.tokens)
    return Validation(
        schema_version=SCHEMA_VERSION,
        tool=Tool("token-saliency", __version__),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        command=command,
        disclaimer=DISCLAIMER,
        method=settings["method"],
        model=subject.classifier.info,
        dataset=dataset,
        settings=settings,
        checks=done,
        passed=all_passed(done),
        exit_code=exit_code(done),
        cost=Cost(*counted, round(time.perf_counter() - started, 3)),
        warnings=notes,
    )


def _check(method: str, rows_limit: int | None, train_steps: int, checks: Sequence[str] | None) -> None:
    if method not in IMAGE_METHODS:
        raise unknown("image method", method, IMAGE_METHODS)
    if (rows_limit is not None and rows_limit < 1) or train_steps < 0:
        raise OptionError(f"rows must be at least 1 and train_steps at least 0, not {rows_limit} and {train_steps}.")
    for name in checks or ():
        if name not in IMAGE_CHECKS:
            raise unknown("check", name, IMAGE_CHECKS)


def parameter_randomisation(subject: Pictured) -> CheckOutcome:
    """From the head down; the verdict is on the wholly random model."""
    with _copied(subject) as other:
        pixels = other._pixels(subject.pictures[:1])
        with other._network.session():
            parts = parts_from_head(other.model, lambda: other._network.forward(pixels.to(other._network.dtype)))
        looks, steps, alike = looked_at(len(parts)), list[Step](), np.zeros(0)
        for done, part in enumerate(parts, start=1):
            device = part[1][0].device
            number = int(content_hash("randomise", subject.seed, part[0])[:12], 16)
            randomise(part[1], torch.Generator(device).manual_seed(number))
            if done in looks:
                alike = _alike(subject.found, subject.again(other))
                mean = subject.mean(alike)
                steps.append(Step(f"{done} of {len(parts)}: down to {part[0]}", mean.effect, interval_of(mean)))
    left = subject.mean(alike)
    size = Estimate(abs(left.effect), left.se, left.df)
    passed = below(size, LIKE)
    seen = f"rank correlation {left.effect:+z.2f} {shown(interval_of(left))} with every parameter random"
    return CheckOutcome(said(passed, seen), size.effect, interval_of(size), LIKE, passed, steps)


def label_randomisation(subject: Pictured) -> CheckOutcome:
    """A copy taught shuffled labels must be explained otherwise than one taught the true ones."""
    kept = [i for i, label in enumerate(subject.labels) if label is not None]
    targets = [subject.classifier.labels.index(str(subject.labels[i])) for i in kept]
    if not subject.train_steps:
        raise NotRun("left out, for no training steps are allowed")
    if len(kept) < 20 or len(set(targets)) < 2:
        raise NotRun(f"{len(kept)} labelled pictures of {len(set(targets))} classes; it takes 20 of two")
    order = generator("shuffled labels", subject.seed, *targets).permutation(len(targets))
    shuffled, fits = _taught(subject, kept, [targets[i] for i in order])
    true, fits_true = _taught(subject, kept, targets)
    apart = subject.mean(true - shuffled)
    seen = (
        f"rank correlation with the model itself {true.mean():+z.2f} after true labels, {shuffled.mean():+z.2f} after "
        f"shuffled ones, difference {shown(interval_of(apart))}; fitted {fits_true:.0%} and {fits:.0%}"
    )
    steps = [Step("true", float(true.mean())), Step("shuffled", float(shuffled.mean())), Step("fitted", fits)]
    if fits < FITS:
        note = f"Undecided, the shuffled labels were not learned (more train_steps): {seen}"
        return CheckOutcome(note, apart.effect, interval_of(apart), 0.0, None, steps)
    passed = above_zero(apart)
    return CheckOutcome(said(passed, seen), apart.effect, interval_of(apart), 0.0, passed, steps)


def _taught(subject: Pictured, kept: list[int], targets: list[int]) -> tuple[np.ndarray, float]:
    """How alike the maps are after the lesson, and the share of the lesson that is right."""
    draw, wanted = generator("batches", subject.seed), torch.tensor(targets)
    with _copied(subject) as other:
        network = other._network
        pixels = other._pixels([subject.pictures[i] for i in kept])
        optimizer = torch.optim.Adam(other.model.parameters(), lr=RATE)
        with network.session(), torch.inference_mode(False), torch.enable_grad():
            for _ in range(subject.train_steps):
                some = torch.from_numpy(draw.permutation(len(kept))[:BATCH])
                loss = nn.functional.cross_entropy(network.logits(pixels[some]), wanted[some].to(pixels.device))
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        right = other.predict([subject.pictures[i] for i in kept]).logits.argmax(1) == np.array(targets)
        return _alike(subject.found, subject.again(other)), float(right.mean())


@contextmanager
def _copied(subject: Pictured) -> Iterator[ImageClassifier]:
    """A classifier around a copy of the model, all of whose weights may be changed."""
    own = subject.classifier
    model = copy.deepcopy(own.model).requires_grad_()
    yield ImageClassifier(model, own.preprocess, labels=own.labels, batch_size=own.batch_size)


def _alike(found: Sequence[ImageAttribution], other: Sequence[ImageAttribution]) -> np.ndarray:
    """Spearman's rank correlation of each two maps, signed or absolute, whichever is farther from 0."""
    return np.array([_farther(one.grid, two.grid) for one, two in zip(found, other, strict=True)])


def _farther(one: np.ndarray, two: np.ndarray) -> float:
    signed = spearman(one.ravel(), two.ravel())
    size = spearman(np.abs(one).ravel(), np.abs(two).ravel())
    return max(signed, size, key=abs)


# --- what removal costs ---------------------------------------------------------------------------


def deletion(subject: Pictured) -> CheckOutcome:
    """The mean loss over the shares when the brightest places are blurred, against the same shape elsewhere."""
    return _curve(subject, inside=True)


def insertion(subject: Pictured) -> CheckOutcome:
    """The mean loss when all but the brightest places are blurred, against the same shape elsewhere."""
    return _curve(subject, inside=False)


def _curve(subject: Pictured, *, inside: bool) -> CheckOutcome:
    lines = [_losses(subject, i, inside) for i in range(len(subject.pictures))]
    top, low, random = (np.array([line[kind] for line in lines]) for kind in range(3))
    sign = 1 if inside else -1
    above, under = subject.mean(sign * (top - random).mean(1)), subject.mean(sign * (random - low).mean(1))
    passed = all_of([above_zero(above), above_zero(under)])
    steps = [
        Step(f"{name} {share:.0%}", float(values[:, k].mean()))
        for name, values in (("brightest", top), ("random", random), ("darkest", low))
        for k, share in enumerate(SHARES)
    ]
    seen = (
        f"mean loss of the probability {top.mean():+z.3f} for the brightest, {random.mean():+z.3f} for the same shape "
        f"elsewhere, {low.mean():+z.3f} for the darkest; brightest against random {shown(interval_of(above))}"
    )
    return CheckOutcome(said(passed, seen), above.effect, interval_of(above), 0.0, passed, steps)


def _losses(subject: Pictured, i: int, inside: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    picture, one = subject.pictures[i], subject.found[i]
    scores = one.heatmap if one.signed else np.abs(one.heatmap)
    rng = generator(subject.seed, content_key(picture), "elsewhere")
    turned = np.roll(scores, tuple(int(rng.integers(1, max(2, edge))) for edge in scores.shape), (0, 1))
    masks = [highlighted(values, share, subject.seed) for values in (scores, -scores, turned) for share in SHARES]
    places: list[Mask] = [on_picture(mask, picture.size, one.seen) for mask in masks]
    edited = [filled(picture, mask if inside else ~mask, "blur", subject.seed) for mask in places]
    answer = subject.classifier.predict([picture, *edited]).probabilities[:, one.target_index]
    losses = (answer[0] - answer[1:]).reshape(3, len(SHARES))
    return losses[0], losses[1], losses[2]


IMAGE_CHECKS: dict[str, CheckDefinition[Pictured]] = {
    "parameter_randomisation": CheckDefinition(
        "Parameter randomisation",
        f"with every parameter random the maps keep a rank correlation below {LIKE}",
        "Shows that maps depend on the weights, not that they are right. Methods that redraw the edges of the picture, "
        "guided backprop first, are known to fail here.",
        "Adebayo et al. 2018",
        parameter_randomisation,
    ),
    "label_randomisation": CheckDefinition(
        "Label randomisation",
        "shuffled labels change the maps more than the same fine-tuning on true labels",
        "A few steps on few pictures, not a training from scratch as in the paper.",
        "after Adebayo et al. 2018",
        label_randomisation,
    ),
    "deletion": CheckDefinition(
        "Deletion curve",
        "blurring the brightest places costs more than the same shape elsewhere, and that more than the darkest",
        "A picture with holes is one that the model may never have seen: the loss mixes information and surprise.",
        "Petsiuk et al. 2018",
        deletion,
    ),
    "insertion": CheckDefinition(
        "Insertion curve",
        "the brightest places alone keep more than the same shape elsewhere, and that more than the darkest",
        "A blurred picture still tells much, and a lone patch is far from what the model knows.",
        "Petsiuk et al. 2018",
        insertion,
    ),
}
"""Every check by its name, in the order in which they run."""

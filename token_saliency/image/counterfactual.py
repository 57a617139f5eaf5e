"""Does the decision fall with the highlighted region, and would as large a region elsewhere do as well?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from token_saliency.errors import DataError, OptionError
from token_saliency.image.attribution import ImageAttribution
from token_saliency.image.classifier import ImageClassifier
from token_saliency.image.pixels.fills import InPainter, Mask, filled
from token_saliency.image.pixels.pictures import content_seed, opened_all
from token_saliency.results import Interval
from token_saliency.stats.estimate import agresti_min, clustered_mean, wilson
from token_saliency.stats.sampling import generator

ALPHA = 0.025


@dataclass(frozen=True, slots=True)
class RemovedRegion:
    """One picture without its highlighted region (`edited`), beside one without as large a region elsewhere.

    `before`, `after` and `random_after` are probabilities of the predicted class, the last one a mean over the draws.
    """

    predicted: str
    edited: Image.Image
    area: float
    before: float
    after: float
    flipped: bool
    random_after: float
    random_flipped: float


@dataclass(frozen=True, slots=True)
class RegionRemoval:
    """All pictures together, with 95% intervals: shares that flip, and by how much more than random regions do.

    `flip_gain` and `loss_gain` are the differences to random regions of equal area in the same pictures.
    """

    pictures: list[RemovedRegion]
    fill: str
    area: float
    flip_rate: float
    flip_interval: Interval
    random_flip_rate: float
    flip_gain: float
    flip_gain_interval: Interval
    loss: float
    random_loss: float
    loss_gain: float
    loss_gain_interval: Interval


def counterfactual(
    classifier: ImageClassifier,
    images: Any,
    attributions: Sequence[ImageAttribution],
    fill: str | InPainter = "blur",
    *,
    area: float = 0.1,
    draws: int = 5,
    seed: int = 0,
) -> RegionRemoval:
    """Replaces the `area` of highest score in each picture, and `draws` random regions of the same shape elsewhere.

    `fill`: blur, mean, inpaint, noise, or a callable `(picture, mask) -> picture` such as a generative in-painter.
    The random regions are the highlighted one, moved round the map: same area, same shape. Signed maps: what speaks
    for the class goes. DataError where images and attributions do not belong together.
    """
    if not 0 < area < 1 or draws < 1:
        raise OptionError(f"area must lie between 0 and 1 and draws be at least 1, not {area} and {draws}.")
    pictures = opened_all(images, classifier.reads)
    if not pictures or len(pictures) != len(attributions):
        raise DataError(f"{len(pictures)} images and {len(attributions)} attributions: give one attribution an image.")
    found = [
        _removed(classifier, picture, one, fill, area, draws, seed)
        for picture, one in zip(pictures, attributions, strict=True)
    ]
    return _together(found, fill if isinstance(fill, str) else getattr(fill, "__name__", "callable"), draws)


def _removed(
    classifier: ImageClassifier,
    picture: Image.Image,
    one: ImageAttribution,
    fill: str | InPainter,
    area: float,
    draws: int,
    seed: int,
) -> RemovedRegion:
    top = highlighted(one.heatmap if one.signed else np.abs(one.heatmap), area, seed)
    rng = generator(seed, content_seed(picture, 0), "random regions")
    moved = [np.roll(top, _shift(rng, top.shape), (0, 1)) for _ in range(draws)]
    masks = [on_picture(mask, picture.size, one.seen) for mask in (top, *moved)]
    edited = [filled(picture, mask, fill, seed) for mask in masks]
    answer = classifier.predict([picture, *edited]).probabilities
    index = int(answer[0].argmax())
    flips = answer.argmax(1) != index
    return RemovedRegion(
        predicted=classifier.labels[index],
        edited=edited[0],
        area=float(masks[0].mean()),
        before=float(answer[0, index]),
        after=float(answer[1, index]),
        flipped=bool(flips[1]),
        random_after=float(answer[2:, index].mean()),
        random_flipped=float(flips[2:].mean()),
    )


def highlighted(scores: np.ndarray, area: float, seed: int) -> Mask:
    """The `area` of a map [H, W] with the highest scores; of equal ones some by chance."""
    flat = scores.ravel()
    chance = generator(seed, "ties", flat.size).permutation(flat.size)
    order = np.lexsort((chance, -flat))
    found = np.zeros(flat.size, dtype=bool)
    found[order[: max(1, round(area * flat.size))]] = True
    return found.reshape(scores.shape)


def on_picture(mask: Mask, size: tuple[int, int], seen: tuple[float, float, float, float] | None) -> Mask:
    """A region of the map on the picture that it is a map of."""
    left, top, right, bottom = (round(edge) for edge in seen or (0.0, 0.0, *size))
    small = Image.fromarray(mask.astype(np.uint8) * 255)
    page = Image.new("L", size)
    page.paste(small.resize((max(1, right - left), max(1, bottom - top)), Image.Resampling.NEAREST), (left, top))
    return np.asarray(page) > 127


def _shift(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[int, int]:
    """Anywhere but where it was."""
    at = int(rng.integers(1, shape[0] * shape[1])) if shape[0] * shape[1] > 1 else 0
    return at // shape[1], at % shape[1]


def _together(found: list[RemovedRegion], fill: str, draws: int) -> RegionRemoval:
    flips, chance = np.array([one.flipped for one in found]), np.array([one.random_flipped for one in found])
    losses = np.array([one.before - one.after for one in found])
    random = np.array([one.before - one.random_after for one in found])
    gains = clustered_mean(losses - random, np.arange(len(found)))
    return RegionRemoval(
        pictures=found,
        fill=fill,
        area=float(np.mean([one.area for one in found])),
        flip_rate=float(flips.mean()),
        flip_interval=wilson(int(flips.sum()), len(found), ALPHA),
        random_flip_rate=float(chance.mean()),
        flip_gain=float(flips.mean() - chance.mean()),
        flip_gain_interval=_gain(flips, chance, draws),
        loss=float(losses.mean()),
        random_loss=float(random.mean()),
        loss_gain=gains.effect,
        loss_gain_interval=gains.interval(ALPHA) if np.isfinite(gains.se) else (-1.0, 1.0),
    )


def _gain(flips: np.ndarray, chance: np.ndarray, draws: int) -> Interval:
    """Of one draw a picture the interval for paired shares; of more, that of a mean of differences."""
    if draws == 1:
        other = chance > 0.5
        return agresti_min(int((flips & ~other).sum()), int((other & ~flips).sum()), len(flips), ALPHA)
    estimate = clustered_mean(flips - chance, np.arange(len(flips)))
    if not np.isfinite(estimate.se) or estimate.se == 0:  # all alike: no spread to judge by, so the cautious one
        return agresti_min(
            int((flips & (chance < 0.5)).sum()), int((~flips & (chance >= 0.5)).sum()), len(flips), ALPHA
        )
    low, high = estimate.interval(ALPHA)
    return max(-1.0, low), min(1.0, high)

"""Where a path may start: a picture that shows nothing. Made in pixels, so any normalisation is the model's own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter, ImageStat
from torch import Tensor

from token_saliency.errors import unknown
from token_saliency.image.pixels.bands import as_kind, looks

Blank = Callable[[Image.Image, int], Image.Image]
"""`(picture, seed) -> picture of the same size`."""


def black(picture: Image.Image, seed: int) -> Image.Image:  # noqa: ARG001 - one signature for all
    """No light at all."""
    return Image.new("RGB", picture.size, (0, 0, 0))


def white(picture: Image.Image, seed: int) -> Image.Image:  # noqa: ARG001
    """Full light."""
    return Image.new("RGB", picture.size, (255, 255, 255))


def mean(picture: Image.Image, seed: int) -> Image.Image:  # noqa: ARG001
    """The mean colour of the picture."""
    red, green, blue = (round(value) for value in ImageStat.Stat(picture).mean)
    return Image.new("RGB", picture.size, (red, green, blue))


def blur(picture: Image.Image, seed: int) -> Image.Image:  # noqa: ARG001
    """The picture without any detail: blurred over a tenth of its longer side."""
    return picture.filter(ImageFilter.GaussianBlur(max(picture.size) / 10))


def noise(picture: Image.Image, seed: int) -> Image.Image:
    """Uniform noise, the same for the same picture and seed."""
    values = np.random.default_rng(seed).integers(0, 256, (picture.height, picture.width, 3), dtype=np.uint8)
    return Image.fromarray(values)


BASELINES: dict[str, Blank] = {"black": black, "white": white, "mean": mean, "blur": blur, "noise": noise}


def baseline_of(name: str, picture: Image.Image, seed: int, preprocess: Callable[[Image.Image], Tensor]) -> Tensor:
    """The baseline [C, H, W] as the model would see it."""
    if name not in BASELINES:
        raise unknown("baseline", name, BASELINES)
    return preprocess(as_kind(BASELINES[name](looks(picture), seed), picture.mode))

"""What is put where a region of a picture was: each fill sees the picture, the region, and a seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from token_saliency.errors import DataError, unknown
from token_saliency.image.pixels.bands import edited
from token_saliency.image.pixels.overlay import Floats

Mask = NDArray[np.bool_]
"""[H, W], True where something is replaced."""
Fill = Callable[[Image.Image, Mask, int], Image.Image]
InPainter = Callable[[Image.Image, Image.Image], Image.Image]
"""`(picture, mask in mode L, white where it is to be filled) -> picture`, as generative in-painters take it."""


def blurred(picture: Image.Image, mask: Mask, seed: int) -> Image.Image:  # noqa: ARG001 - one signature for all
    """The same place without detail: blurred over a tenth of the longer side."""
    return picture.filter(ImageFilter.GaussianBlur(max(1.0, max(picture.size) / 10)))


def mean_colour(picture: Image.Image, mask: Mask, seed: int) -> Image.Image:  # noqa: ARG001
    """The mean colour of the rest."""
    values = np.asarray(picture, dtype=np.float64)
    colour = values[~mask].mean(0) if not mask.all() else values.mean((0, 1))
    return Image.new("RGB", picture.size, tuple(int(part) for part in colour.round()))


def inpainted(picture: Image.Image, mask: Mask, seed: int) -> Image.Image:  # noqa: ARG001
    """What stands around it flows in: each pixel from the finest scale on which something is known."""
    values = np.asarray(picture, dtype=np.float64)
    if mask.all():
        return mean_colour(picture, mask, 0)
    known = (~mask).astype(np.float64)[..., None]
    filled = _pulled_and_pushed(values * known, known)
    return Image.fromarray(filled.round().clip(0, 255).astype(np.uint8))


def noise(picture: Image.Image, mask: Mask, seed: int) -> Image.Image:  # noqa: ARG001
    """Pixels of the picture itself, shuffled: the colours stay, what they showed is gone."""
    values = np.asarray(picture).reshape(-1, 3)
    drawn = np.random.default_rng(seed).permutation(len(values))
    return Image.fromarray(values[drawn].reshape(picture.height, picture.width, 3))


FILLS: dict[str, Fill] = {"blur": blurred, "mean": mean_colour, "inpaint": inpainted, "noise": noise}


def filled(picture: Image.Image, mask: Mask, fill: str | InPainter, seed: int) -> Image.Image:
    """The picture with the region replaced; outside of it every pixel stays. OptionError for an unknown fill."""
    return edited(lambda one: _filled(one, mask, fill, seed), picture)


def _filled(picture: Image.Image, mask: Mask, fill: str | InPainter, seed: int) -> Image.Image:
    region = Image.fromarray(mask.astype(np.uint8) * 255)
    if callable(fill):
        made = fill(picture.copy(), region)
        if not isinstance(made, Image.Image):
            raise DataError(f"fill returns {type(made).__name__}, not a PIL image; return the whole filled picture.")
        made = made.convert("RGB").resize(picture.size)
    elif fill in FILLS:
        made = FILLS[fill](picture, mask, seed)
    else:
        raise unknown("fill", fill, FILLS)
    return Image.composite(made, picture, region)


def _pulled_and_pushed(values: Floats, weights: Floats) -> Floats:
    """Halves the picture until every pixel is known, then fills the gaps of each finer scale from the coarser one."""
    known = np.divide(values, weights, out=np.zeros_like(values), where=weights > 0)
    if weights.min() > 0 or min(weights.shape[:2]) == 1:
        return np.asarray(np.where(weights > 0, known, values.sum((0, 1)) / max(weights.sum(), 1e-12)))
    coarse = _pulled_and_pushed(_halved(values), _halved(weights))
    back = np.stack([_doubled(coarse[..., c], weights.shape[:2]) for c in range(values.shape[2])], axis=-1)
    share = np.clip(weights, 0, 1)
    return np.asarray(share * known + (1 - share) * back)


def _halved(values: Floats) -> Floats:
    height, width = values.shape[:2]
    even = np.pad(values, ((0, height % 2), (0, width % 2), (0, 0)))
    return np.asarray(even.reshape((height + 1) // 2, 2, (width + 1) // 2, 2, -1).mean((1, 3)))


def _doubled(channel: Floats, shape: tuple[int, int]) -> Floats:
    coarse = Image.fromarray(channel.astype(np.float32))
    doubled = coarse.resize((coarse.width * 2, coarse.height * 2), Image.Resampling.BILINEAR)
    return np.asarray(doubled, dtype=np.float64)[: shape[0], : shape[1]]

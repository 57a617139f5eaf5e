"""What one picture takes over from another one: a region, its colour cast, its sharpness."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

from token_saliency.image.pixels.fills import Mask
from token_saliency.image.pixels.regions import Floats

Exchange = Callable[[Image.Image, Image.Image, Mask | None], Image.Image]
"""`(picture, donor, region) -> picture`; the whole picture is changed where no region is given."""
SIGMAS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)


def region_of(picture: Image.Image, donor: Image.Image, mask: Mask | None) -> Image.Image:
    """The same place of the donor, which is first brought to the size of the picture."""
    other = donor.resize(picture.size, Image.Resampling.BILINEAR)
    if mask is None:
        return other
    return Image.composite(other, picture, Image.fromarray(mask.astype(np.uint8) * 255))


def colour_of(picture: Image.Image, donor: Image.Image, mask: Mask | None) -> Image.Image:  # noqa: ARG001
    """The balance of the channels of the donor, at the brightness that the picture has."""
    values, means, other = _values(picture), _means(picture), _means(donor)
    wanted = other / max(other.mean(), 1.0) * means.mean()
    return _picture(values * (wanted / np.maximum(means, 1.0)))


def sharpness_of(picture: Image.Image, donor: Image.Image, mask: Mask | None) -> Image.Image:  # noqa: ARG001
    """As sharp as the donor: blurred where that is blurred, the detail raised where it is sharper."""
    wanted, own = detail(donor.resize(picture.size)), detail(picture)
    if own <= wanted:
        gain = min(4.0, wanted / max(own, 1e-6))
        soft = _values(picture.filter(ImageFilter.GaussianBlur(1)))
        return _picture(soft + gain * (_values(picture) - soft))
    softer = [picture.filter(ImageFilter.GaussianBlur(sigma)) for sigma in SIGMAS]
    return min(softer, key=lambda one: abs(detail(one) - wanted))


def detail(picture: Image.Image) -> float:
    """The share of contrast that lies between neighbours: 0 for a flat picture, small for a blurred one."""
    grey = np.asarray(picture.convert("L"), dtype=np.float64)
    steps = np.abs(np.diff(grey, axis=0)).mean() if grey.shape[0] > 1 else 0.0
    steps += np.abs(np.diff(grey, axis=1)).mean() if grey.shape[1] > 1 else 0.0
    return float(steps / max(grey.std(), 1.0))


EXCHANGES: dict[str, Exchange] = {"region": region_of, "colour": colour_of, "sharpness": sharpness_of}


def _means(picture: Image.Image) -> Floats:
    return np.asarray(_values(picture).mean((0, 1)))


def _values(picture: Image.Image) -> Floats:
    return np.asarray(picture, dtype=np.float64)


def _picture(values: Floats) -> Image.Image:
    return Image.fromarray(values.round().clip(0, 255).astype(np.uint8))

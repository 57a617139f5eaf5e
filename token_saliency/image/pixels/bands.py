"""Pictures that hold more than RGB with 8 bits a channel: which of them a model takes as they are, and their edits.

Nobody says what a preprocessing is made for, so it is tried: on noise in that form, beside the same noise in RGB.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

Preprocess = Callable[[Image.Image], Tensor]
KINDS = ("RGB", "L", "RGBA", "LA", "I;16", "I", "F")
"""Modes of Pillow, the usual one first; every picture is brought to one of them."""
_CLEAR = {"RGBA": "RGB", "LA": "L"}
_DEEP: dict[str, Any] = {"I;16": np.uint16, "I": np.int32, "F": np.float32}
_SAME = 0.99
"""The correlation of two forms of one picture: a clipped one has none."""


def as_kind(picture: Image.Image, kind: str) -> Image.Image:
    """An RGB picture in another mode: opaque, and its grey with as much range as the mode has."""
    if kind not in _DEEP:
        return picture.convert(kind)
    grey = np.asarray(picture.convert("L"), dtype=np.float64)
    return _deep(grey * (1 / 255 if kind == "F" else 257), kind)


def looks(picture: Image.Image) -> Image.Image:
    """How the picture looks, in RGB: transparent parts on white, numbers without a known range from least to most."""
    if picture.mode in _CLEAR:
        clear = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, (255, 255, 255, 255)), clear).convert("RGB")
    if picture.mode not in _DEEP:
        return picture.convert("RGB")
    values = np.asarray(picture, dtype=np.float64)
    low, step = _range(values, picture.mode)
    return Image.fromarray(((values - low) / step).round().astype(np.uint8)).convert("RGB")


def edited(change: Callable[..., Image.Image], first: Image.Image, *others: Image.Image) -> Image.Image:
    """`change(first, *others)`, written for RGB, of pictures of any mode: the first one's stays.

    Transparency is changed like a grey picture of its own; where nothing is changed every bit stays.
    """
    kind = first.mode
    if kind == "RGB":
        return change(first, *map(looks, others))
    alike = [first, *(one if one.mode == kind else as_kind(looks(one), kind) for one in others)]
    if kind in _CLEAR:
        colour = change(*(one.convert(_CLEAR[kind]).convert("RGB") for one in alike)).convert(_CLEAR[kind])
        colour.putalpha(change(*(one.getchannel("A").convert("RGB") for one in alike)).convert("L"))
        return colour
    seen = [looks(one) for one in alike]
    before, after = (np.asarray(one.convert("L"), dtype=np.float64) for one in (seen[0], change(*seen)))
    if kind == "L":
        return Image.fromarray(after.astype(np.uint8))
    values = np.asarray(first, dtype=np.float64)
    return _deep(values + _range(values, kind)[1] * (after - before), kind)


def _range(values: NDArray[np.float64], kind: str) -> tuple[float, float]:
    """Black, and a 255th of the way to white."""
    top, low, high = 1.0 if kind == "F" else 65535.0, float(values.min()), float(values.max())
    return (0.0, top / 255) if low >= 0 and high <= top else (low, max((high - low) / 255, 1e-9))


def _deep(values: NDArray[np.float64], kind: str) -> Image.Image:
    if kind == "F":
        return Image.fromarray(values.astype(np.float32))
    bounds = np.iinfo(_DEEP[kind])
    return Image.fromarray(values.round().clip(bounds.min, bounds.max).astype(_DEEP[kind]))


def takes(kind: str, preprocess: Preprocess, accepts: Callable[[Tensor], bool], size: tuple[int, int]) -> bool | None:
    """Whether pictures of a mode go to the preprocessing as they are; None where no form of the noise will do.

    Transparency: where it becomes channels that the model takes. More bits, grey: where the fine steps arrive and the
    picture is not clipped, on the scale that is nearer to 1; and wherever the model takes no RGB.
    """
    values = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    noise = Image.fromarray(values)
    own, plain = pixels_of(preprocess, as_kind(noise, kind)), pixels_of(preprocess, looks(as_kind(noise, kind)))
    usual = plain is not None and accepts(plain)
    if own is None or not accepts(own):
        return False if usual else None
    if kind in _CLEAR:
        faint = as_kind(noise, kind)
        faint.putalpha(99)
        other = pixels_of(preprocess, faint)
        return len(own) in (2, 4) and other is not None and not torch.equal(own, other)
    if plain is None or not usual:
        return True
    return kind in _DEEP and _finer(kind, preprocess, noise, own, plain)


def _finer(kind: str, preprocess: Preprocess, noise: Image.Image, own: Tensor, plain: Tensor) -> bool:
    values = np.asarray(as_kind(noise, kind), dtype=np.float64)
    shifted = pixels_of(preprocess, _deep(values * 0.998, kind))  # by less than a step of 8 bits
    if own.shape[1:] != plain.shape[1:] or shifted is None or torch.equal(own, shifted):
        return False
    pair = np.stack([one.double().mean(0).numpy().ravel() for one in (own, plain)])
    spans = [float(np.ptp(one)) for one in pair]
    if min(spans) <= 0 or np.corrcoef(pair)[0, 1] < _SAME:
        return False
    return 0.5 < spans[0] / spans[1] < 2 or abs(log(spans[0])) < abs(log(spans[1]))


def pixels_of(preprocess: Preprocess, picture: Image.Image) -> Tensor | None:
    """The pixels [C, H, W]; None where the preprocessing does not know what to do with the picture."""
    try:
        found = preprocess(picture)
    except Exception:  # the caller's code, asked about a form that it may not know
        return None
    fits = isinstance(found, Tensor) and found.ndim == 3 and found.is_floating_point()
    return found.detach().cpu() if fits and bool(torch.isfinite(found).all()) else None

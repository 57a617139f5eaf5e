"""Which box of the original reaches the model, whatever the preprocessing: found out with pictures that are rulers.

Any resize, crop or padding maps pixel columns and rows linearly. A picture that grows brighter from left to right (and
one from top to bottom), between a black and a white one that undo the normalisation, shows where each pixel came from.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from token_saliency.image.pixels.bands import Preprocess, as_kind
from token_saliency.image.pixels.overlay import Box

_STRAIGHT = 0.03
"""A ruler may deviate from a straight line by so much of its length: rounding, and the blur of a resize."""
_BORDER = 0.01


@dataclass(frozen=True, slots=True)
class Sight:
    """What a preprocessing lets through of a picture; each size is measured once."""

    preprocess: Preprocess
    _boxes: dict[tuple[int, int, str], Box | None] = field(default_factory=dict, init=False, repr=False)

    def box(self, size: tuple[int, int], kind: str = "RGB") -> Box | None:
        """As `seen_box`, of pictures of this size and mode."""
        key = (*size, kind)
        if key not in self._boxes:
            self._boxes[key] = seen_box(lambda ruler: self.preprocess(as_kind(ruler, kind)), size)
        return self._boxes[key]


def seen_box(preprocess: Preprocess, size: tuple[int, int]) -> Box | None:
    """left, top, right, bottom of the part that is seen; None where the preprocessing is not a crop and resize."""
    width, height = size
    dark, bright = (_mean(preprocess(Image.new("RGB", size, (value,) * 3))) for value in (0, 255))
    span = bright - dark
    if dark.ndim != 2 or not np.all(np.abs(span) > 1e-6):
        return None
    across = np.tile(_ramp(width), (height, 1))
    down = np.tile(_ramp(height)[:, None], (1, width))
    columns = (_mean(preprocess(_picture(across))) - dark) / span
    rows = (_mean(preprocess(_picture(down))) - dark) / span
    if columns.shape != dark.shape or rows.shape != dark.shape:
        return None
    whole = 0.0, 1.0  # a single column of pixels cannot be a ruler, and nothing can be cut off it
    horizontal = whole if width == 1 else _edges(columns.mean(0), columns, 0)
    vertical = whole if height == 1 else _edges(rows.mean(1), rows, 1)
    if horizontal is None or vertical is None:
        return None
    (left, right), (top, bottom) = _snapped(horizontal), _snapped(vertical)
    return left * width, top * height, right * width, bottom * height


def _snapped(edges: tuple[float, float]) -> tuple[float, float]:
    """An edge within a hundredth of the border is the border: a ruler of bytes is no more exact."""
    near = [round(edge) if abs(edge - round(edge)) < _BORDER else edge for edge in edges]
    return near[0], near[1]


def _ramp(length: int) -> NDArray[np.float64]:
    return (np.arange(length) + 0.5) / length * 255


def _picture(values: NDArray[np.float64]) -> Image.Image:
    grey = Image.fromarray(values.round().astype(np.uint8))
    return Image.merge("RGB", (grey, grey, grey))


def _mean(tensor: Tensor) -> NDArray[np.float64]:
    """[H, W], the mean over the channels."""
    return np.asarray(tensor.detach().double().cpu().mean(0).numpy())


def _edges(line: NDArray[np.float64], values: NDArray[np.float64], axis: int) -> tuple[float, float] | None:
    """Where the first and the last pixel begin and end, as parts of the original; None if the ruler is bent."""
    if len(line) < 2 or np.abs(values - (line[None, :] if axis == 0 else line[:, None])).max() > _STRAIGHT:
        return None
    inner = slice(len(line) // 8, len(line) - len(line) // 8)  # the blur of a resize bends the ends
    places = np.arange(len(line)) + 0.5
    slope, start = np.polyfit(places[inner], line[inner], 1)
    if slope <= 0 or np.abs(start + slope * places - line)[inner].max() > _STRAIGHT:
        return None
    return float(start), float(start + slope * len(line))

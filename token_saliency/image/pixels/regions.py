"""From a map to its bright patches, in pixels of the original."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""left, top, right, bottom in pixels of the ORIGINAL image."""

BRIGHT = 0.9
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Region:
    """A connected bright patch: its box on the original image, and the part of all |score| that lies inside it."""

    box: Box
    share: float
    score: float


def bright_regions(heatmap: Floats, seen: Box | None) -> list[Region]:
    """Connected pixels above the quantile BRIGHT of |score|, the five with the largest share."""
    from scipy import ndimage

    size = np.abs(heatmap)
    total = float(size.sum())
    if total == 0:
        return []
    labels, _ = ndimage.label(size >= max(float(np.quantile(size, BRIGHT)), np.finfo(float).tiny))
    found = []
    for index, place in enumerate(ndimage.find_objects(labels), start=1):
        inside = labels[place] == index
        rows, columns = place
        box = on_original((columns.start, rows.start, columns.stop, rows.stop), heatmap.shape, seen)
        found.append(Region(box, float(size[place][inside].sum() / total), float(heatmap[place][inside].sum())))
    return sorted(found, key=lambda region: -region.share)[:SHOWN]


def on_original(box: tuple[int, int, int, int], shape: tuple[int, ...], seen: Box | None) -> Box:
    """A box of the map [H, W] in pixels of the original; of the map itself where `seen` is not known."""
    height, width = shape
    left, top, right, bottom = seen or (0.0, 0.0, float(width), float(height))
    across, down = (right - left) / width, (bottom - top) / height
    return left + box[0] * across, top + box[1] * down, left + box[2] * across, top + box[3] * down

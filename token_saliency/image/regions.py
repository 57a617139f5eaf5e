"""From a map to its bright patches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from token_saliency.image.attribution import ImageAttribution, Region

BRIGHT = 0.9
SHOWN = 5


def bright_regions(attribution: ImageAttribution) -> list[Region]:
    """Connected pixels above the quantile BRIGHT of |score|, the five with the largest share."""
    from scipy import ndimage

    from token_saliency.image.attribution import Region

    size = np.abs(attribution.heatmap)
    total = float(size.sum())
    if total == 0:
        return []
    labels, count = ndimage.label(size >= max(float(np.quantile(size, BRIGHT)), np.finfo(float).tiny))
    found = []
    for index, place in enumerate(ndimage.find_objects(labels), start=1):
        inside = labels[place] == index
        share = float(size[place][inside].sum() / total)
        score = float(attribution.heatmap[place][inside].sum())
        rows, columns = place
        found.append(
            Region(_box(attribution, columns.start, rows.start, columns.stop, rows.stop), share=share, score=score)
        )
    return sorted(found, key=lambda region: -region.share)[:SHOWN] if count else []


def _box(
    attribution: ImageAttribution, left: int, top: int, right: int, bottom: int
) -> tuple[float, float, float, float]:
    height, width = attribution.heatmap.shape
    seen = attribution.seen or (0.0, 0.0, float(width), float(height))
    across, down = (seen[2] - seen[0]) / width, (seen[3] - seen[1]) / height
    return seen[0] + left * across, seen[1] + top * down, seen[0] + right * across, seen[1] + bottom * down

"""How much of the attribution lies on the regions of an audit, beside places of the same size: it nominates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.judging.descriptives import DESCRIPTIVE_ALPHA
from token_saliency.image.attribution import ImageAttribution
from token_saliency.image.audits.areas import placebo
from token_saliency.image.audits.edits import Seen, areas_of
from token_saliency.image.pixels.fills import Mask
from token_saliency.results import AttributionShare
from token_saliency.stats import estimate as st
from token_saliency.stats.sampling import generator

Part = tuple[float, float, float | None]
"""Of a row: the share of |score| on the area, its share of the pixels seen, and that of |score| on a placebo."""


def attribution_shares(
    audit: Audit, rows: Sequence[Seen], maps: Mapping[str, ImageAttribution], seed: int
) -> dict[str, AttributionShare]:
    """By area, the mean over the rows with a map; none where the audit has no regions in them."""
    parts: dict[str, list[Part]] = {}
    for seen in rows:
        areas = areas_of(audit, seen) if seen.row.id in maps else {}
        for name, area in areas.items():
            elsewhere = placebo(area, area, seen.box, generator(seed, seen.key, "share"))
            if (part := _part(maps[seen.row.id], seen, area, elsewhere)) is not None:
                parts.setdefault(name, []).append(part)
    means = {name: _mean(found) for name, found in parts.items()}
    return {name: mean for name, mean in means.items() if mean is not None}


def _part(found: ImageAttribution, seen: Seen, area: Mask, elsewhere: Mask | None) -> Part | None:
    size = np.abs(found.heatmap)
    if size.sum() == 0:
        return None
    where, other = _on_map(area, seen, size.shape), None if elsewhere is None else _on_map(elsewhere, seen, size.shape)
    control = None if other is None else float((size * other).sum() / size.sum())
    return float((size * where).sum() / size.sum()), float(where.mean()), control


def _on_map(mask: Mask, seen: Seen, shape: tuple[int, ...]) -> np.ndarray:
    """A mask of the picture as shares of the pixels of the map."""
    box = tuple(round(edge) for edge in seen.box)
    cut = Image.fromarray(mask.astype(np.uint8) * 255).crop(box)  # type: ignore[arg-type]
    return np.asarray(cut.resize((shape[1], shape[0]), Image.Resampling.BOX), dtype=np.float64) / 255


def _mean(parts: Sequence[Part]) -> AttributionShare | None:
    if len(parts) < 2:
        return None
    share, area = np.array([part[0] for part in parts]), np.array([part[1] for part in parts])
    placebos = [part[2] for part in parts if part[2] is not None]
    lift = float(share.mean() / area.mean())
    error = float(np.std(share - lift * area, ddof=1) / np.sqrt(len(parts)) / area.mean())
    interval = st.Estimate(lift, error, len(parts) - 1).interval(DESCRIPTIVE_ALPHA)
    placebo = float(np.mean(placebos)) if placebos else None
    return AttributionShare(float(share.mean()), float(area.mean()), lift, interval, placebo, len(parts))

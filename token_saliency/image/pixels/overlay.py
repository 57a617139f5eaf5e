"""Maps made visible over the original picture. Scores are never changed by it."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from token_saliency.errors import ModelError, OptionError
from token_saliency.image.pixels.bands import looks

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


SIGNED, UNSIGNED = "RdBu_r", "inferno"
FULL = 99.0


@dataclass(frozen=True, slots=True)
class Map:
    """What is drawn: a picture, a map [H, W] and where on the picture the map lies."""

    image: Image.Image
    heatmap: Floats
    seen: Box | None
    signed: bool


def overlay(drawn: Map, alpha: float, colours: str | None, scale: float | None) -> Image.Image:
    """The map over the picture; what the model never saw is dimmed."""
    picture, seen = drawn.image, drawn.seen
    height, width = drawn.heatmap.shape
    if seen is None:
        picture, seen = picture.resize((width, height)), (0.0, 0.0, float(width), float(height))
    coloured, strength = _coloured(drawn, colours, scale)
    box = (round(seen[0]), round(seen[1]), round(seen[2]), round(seen[3]))
    target = (max(1, box[2] - box[0]), max(1, box[3] - box[1]))
    layer = Image.fromarray(coloured).resize(target, Image.Resampling.BILINEAR)
    mask = Image.fromarray((strength * alpha * 255).astype(np.uint8)).resize(target, Image.Resampling.BILINEAR)
    grey = picture.convert("L").convert("RGB")
    dimmed = Image.blend(grey, Image.new("RGB", grey.size), 0.6)
    inside = (max(0, box[0]), max(0, box[1]), min(picture.width, box[2]), min(picture.height, box[3]))
    dimmed.paste(grey.crop(inside), inside[:2])
    dimmed.paste(layer, box[:2], mask)
    return dimmed


def _coloured(drawn: Map, colours: str | None, scale: float | None) -> tuple[NDArray[np.uint8], Floats]:
    """[H, W, 3] colours and [H, W] how strongly they show: nothing where there is no evidence."""
    values = drawn.heatmap
    full = scale if scale is not None else float(np.percentile(np.abs(values), FULL)) or float(np.abs(values).max())
    if scale is not None and scale <= 0:
        raise OptionError(f"scale is the |score| of full colour and must be positive, not {scale}.")
    share = np.clip(values / full, -1, 1) if full > 0 else np.zeros_like(values)
    place = (share + 1) / 2 if drawn.signed else np.abs(share)
    shades = colour_map(colours or (SIGNED if drawn.signed else UNSIGNED))(place)
    return (shades[..., :3] * 255).round().astype(np.uint8), np.abs(share) ** 0.5


def colour_map(name: str) -> Any:
    """A matplotlib colour map by name."""
    try:
        import matplotlib
    except ImportError as error:
        raise ModelError("Overlays need matplotlib: pip install 'token-saliency[image]'.") from error
    try:
        return matplotlib.colormaps[name]
    except KeyError:
        raise OptionError(f"matplotlib has no colour map {name!r}; try RdBu_r, coolwarm, inferno or viridis.") from None


HEIGHT, GAP, WIDEST = 112, 4, 224
URI = "data:image/jpeg;base64,"


def strip(pictures: Sequence[Image.Image], height: int = HEIGHT) -> str:
    """The pictures in a row, as high as `height` (small ones are enlarged without smoothing), as a JPEG data URI."""
    tiles = [_tile(picture, height) for picture in pictures]
    page = Image.new("RGB", (sum(t.width for t in tiles) + GAP * (len(tiles) - 1), height), (255, 255, 255))
    left = 0
    for tile in tiles:
        page.paste(tile, (left, 0))
        left += tile.width + GAP
    return data_uri(page)


def data_uri(picture: Image.Image) -> str:
    """The picture as `data:image/jpeg;base64,...`."""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=82)
    return URI + base64.b64encode(buffer.getvalue()).decode()


def _tile(picture: Image.Image, height: int) -> Image.Image:
    width = min(WIDEST * height // HEIGHT, max(1, round(picture.width * height / picture.height)))
    method = Image.Resampling.NEAREST if picture.height * 2 <= height else Image.Resampling.LANCZOS
    return looks(picture).resize((width, height), method)

"""Small pictures side by side as a data URI, for a page that loads nothing."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

from PIL import Image

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


def data_uri(picture: Image.Image, quality: int = 82) -> str:
    """The picture as `data:image/jpeg;base64,...`."""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=quality)
    return URI + base64.b64encode(buffer.getvalue()).decode()


def _tile(picture: Image.Image, height: int) -> Image.Image:
    width = min(WIDEST * height // HEIGHT, max(1, round(picture.width * height / picture.height)))
    method = Image.Resampling.NEAREST if picture.height * 2 <= height else Image.Resampling.LANCZOS
    return picture.convert("RGB").resize((width, height), method)

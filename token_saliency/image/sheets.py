"""Several methods side by side."""

from __future__ import annotations

from collections.abc import Mapping

from PIL import Image, ImageDraw

from token_saliency.image.attribution import ImageAttribution

CAPTION = 16


def sheet(attributions: Mapping[str, ImageAttribution], *, width: int = 224) -> Image.Image:
    """The original and every map side by side with the name of its method, at most five in a row."""
    first = next(iter(attributions.values()))
    tiles = [("original", first.image), *((name, one.overlay()) for name, one in attributions.items())]
    height = round(width * first.image.height / first.image.width)
    columns = min(5, len(tiles))
    rows = -(-len(tiles) // columns)
    page = Image.new("RGB", (columns * (width + 4) + 4, rows * (height + CAPTION + 8) + 4), (255, 255, 255))
    draw = ImageDraw.Draw(page)
    for index, (name, tile) in enumerate(tiles):
        left = 4 + index % columns * (width + 4)
        top = 4 + index // columns * (height + CAPTION + 8)
        draw.text((left, top), name, fill=(0, 0, 0))
        page.paste(tile.resize((width, height), Image.Resampling.LANCZOS), (left, top + CAPTION))
    return page

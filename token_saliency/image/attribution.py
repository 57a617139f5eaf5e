"""What was found for one image: a map on the raw scale of the method, and how to look at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image, ImageDraw

from token_saliency.errors import OptionError
from token_saliency.image.pixels.overlay import Box, Floats, Region, bright_regions


@dataclass(frozen=True, slots=True)
class ImageAttribution:
    """Which pixels of one image one output rests on.

    `heatmap` [H, W] has the size of what the model saw and the raw scale of the method: signed where `signed`, never
    normalised. `grid` [h, w] is the map before it was enlarged (grad_cam), else the heatmap itself. `seen` is the box
    of the original that reached the model, None where the preprocessing is no crop and resize. `notes` say what a
    reader must know, such as a map without any positive evidence.
    """

    image: Image.Image
    heatmap: Floats
    grid: Floats
    seen: Box | None
    method: str
    signed: bool
    predicted: str
    target: str
    target_index: int
    output: str
    output_value: float
    baseline: str | None
    baseline_value: float | None
    completeness_error: float | None
    evaluations: int
    converged: bool
    layer: str | None
    notes: tuple[str, ...] = ()

    @property
    def regions(self) -> list[Region]:
        """The bright patches, largest share first: connected pixels above the 90th percentile of |score|."""
        return bright_regions(self.heatmap, self.seen)

    def overlay(self, *, alpha: float = 0.55, colours: str | None = None, scale: float | None = None) -> Image.Image:
        """The map over the original image (PIL, same size). `scale` is the |score| of full colour, else the 99th
        percentile; `colours` is the name of a matplotlib colour map. Normalisation is for the eye alone."""
        from token_saliency.image.pixels.overlay import Map, overlay  # imports PIL

        if not 0 <= alpha <= 1:
            raise OptionError(f"alpha must lie between 0 and 1, not {alpha}.")
        return overlay(Map(self.image, self.heatmap, self.seen, self.signed), alpha, colours, scale)

    def _repr_png_(self) -> bytes:
        import io

        buffer = io.BytesIO()
        self.overlay().save(buffer, "PNG")
        return buffer.getvalue()


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

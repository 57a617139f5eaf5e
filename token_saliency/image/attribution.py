"""What was found for one image: a map on the raw scale of the method, and how to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from token_saliency.errors import OptionError
from token_saliency.image.pixels.regions import Box, Floats, Region, bright_regions

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class ImageAttribution:
    """Which pixels of one image one output rests on.

    `heatmap` [H, W] has the size of what the model saw and the raw scale of the method: signed where `signed`, never
    normalised. `grid` [h, w] is the map before it was enlarged (grad_cam), else the heatmap itself. `seen` is the box
    of the original that reached the model, None where the preprocessing is no crop and resize. `notes` say what a
    reader must know, such as a map without any positive evidence.
    """

    image: Image
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

    def overlay(self, *, alpha: float = 0.55, colours: str | None = None, scale: float | None = None) -> Image:
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

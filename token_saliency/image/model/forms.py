"""In which forms (RGB, grey, 16 bits, with transparency) a network and its preprocessing take pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from token_saliency.errors import ModelError
from token_saliency.image.model.network import ImageNetwork
from token_saliency.image.pixels.bands import KINDS, Preprocess, as_kind, pixels_of, takes

PROBE = 224


@dataclass(frozen=True, slots=True)
class Forms:
    """What was found out by trying; each mode of Pillow is tried once."""

    network: ImageNetwork
    preprocess: Preprocess
    _known: dict[str, bool] = field(default_factory=dict, init=False, repr=False)

    def reads(self, kind: str, size: tuple[int, int]) -> bool:
        """Whether pictures of a mode go to the preprocessing as they are; else they are made RGB before."""
        if (found := self._known.get(kind)) is None:
            with self.network.session():
                found = takes(kind, self.preprocess, self._accepts, size)
            if found is not None:  # None: the size may be to blame, and the next picture has another
                self._known[kind] = found
        return bool(found)

    def sample(self) -> Tensor | None:
        """Pixels [1, C, H, W] of noise in the first form that the network takes."""
        made = (pixels_of(self.preprocess, as_kind(noise(), kind)) for kind in KINDS)
        found = next((pixels for pixels in made if pixels is not None and self._accepts(pixels)), None)
        return None if found is None else found[None].to(self.network.device)

    def _accepts(self, pixels: Tensor) -> bool:
        try:
            logits = self.network.forward(pixels[None].to(self.network.device, self.network.dtype))
        except ModelError:
            return False
        return bool(torch.isfinite(logits).all())


def noise() -> Image.Image:
    """An RGB picture of noise."""
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (PROBE, PROBE, 3), dtype=np.uint8))

"""Pictures of shapes, and models whose habits are known because they are written down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torch import Tensor, nn

from token_saliency import ImageClassifier
from token_saliency.image.audits.rows import ImageRow

SIDE = 32
LABELS = ["dark", "bright"]


def to_pixels(picture: Image.Image) -> Tensor:
    values = np.array(picture.resize((SIDE, SIDE)), dtype=np.float32)
    return torch.from_numpy(values).permute(2, 0, 1) / 255


class Reads(nn.Module):
    """Says `bright` where `look(pixels)` [N] is above one half."""

    def __init__(self, look: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.look = look
        self.gain = nn.Parameter(torch.tensor(20.0))

    def forward(self, pixels: Tensor) -> Tensor:
        found = self.gain * (self.look(pixels) - 0.5)
        return torch.stack([-found, found], 1)


def _sharp(pixels: Tensor) -> Tensor:
    steps = pixels.diff(dim=3).abs().mean((1, 2, 3)) / pixels.std((1, 2, 3))
    return steps * 2.0


HABITS: dict[str, Callable[[Tensor], Tensor]] = {
    "object": lambda x: x[:, :, 12:20, 12:20].mean((1, 2, 3)),
    "corner": lambda x: x[:, :, :5, :5].mean((1, 2, 3)),
    "border": lambda x: torch.cat([x[:, :, :, :2].flatten(1), x[:, :, :, -2:].flatten(1)], 1).mean(1),
    "background": lambda x: torch.cat([x[:, :, 3:9, 9:23].flatten(1), x[:, :, 23:29, 9:23].flatten(1)], 1).mean(1),
    "colour_cast": lambda x: 0.5 + 3 * (x[:, 0] - x[:, 2]).mean((1, 2)),
    "blur": _sharp,
}
"""What a model decides by."""

BOX = (10.0, 10.0, 22.0, 22.0)


def picture(rng: np.random.Generator) -> Image.Image:
    """Brightness of object, ground, corner and edges, a cast and a blur, each drawn by itself."""
    ground, inside, corner, edge = (int(rng.choice([60, 200])) + int(rng.integers(-15, 16)) for _ in range(4))
    cast = int(rng.choice([-25, 25]))
    values = np.full((SIDE, SIDE, 3), ground) + rng.normal(0, 12, (SIDE, SIDE, 1)) + np.array([cast, 0, -cast])
    made = Image.fromarray(values.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(made)
    draw.rectangle((10, 10, 21, 21), fill=(inside + cast, inside, inside - cast))
    draw.rectangle((0, 0, 1, 31), fill=(edge + cast, edge, edge - cast))
    draw.rectangle((30, 0, 31, 31), fill=(edge + cast, edge, edge - cast))
    draw.rectangle((0, 0, 4, 4), fill=(corner + cast, corner, corner - cast))
    return made


def rows(count: int = 90, seed: int = 0) -> list[ImageRow]:
    rng = np.random.default_rng(seed)
    return [ImageRow(str(i), picture(rng), LABELS[i % 2], BOX) for i in range(count)]


@pytest.fixture
def labelled() -> list[ImageRow]:
    return rows()


@pytest.fixture
def reader() -> Callable[[str], ImageClassifier]:
    def make(habit: str) -> ImageClassifier:
        return ImageClassifier(Reads(HABITS[habit]), to_pixels, labels=LABELS, batch_size=64)

    return make

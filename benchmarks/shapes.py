"""Small pictures of shapes with a planted shortcut, and two models that learn them in seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from torch import Tensor, nn
from torch.nn import functional
from transformers import ViTConfig, ViTForImageClassification

SIDE = 32
CLASSES = ["disc", "square"]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """A picture, its class index, and the box of the object."""

    picture: Image.Image
    label: int
    box: Box


def _tag(picture: Image.Image) -> Image.Image:
    """A small bright mark in the top left corner."""
    ImageDraw.Draw(picture).rectangle((1, 1, 4, 3), fill=(250, 240, 60))
    return picture


def _stripe(picture: Image.Image) -> Image.Image:
    """A dark stripe along the left edge."""
    ImageDraw.Draw(picture).rectangle((0, 0, 1, SIDE), fill=(20, 20, 20))
    return picture


def _blur(picture: Image.Image) -> Image.Image:
    """Out of focus."""
    return picture.filter(ImageFilter.GaussianBlur(1.0))


PLANTS: dict[str, tuple[Callable[[Image.Image], Image.Image], str]] = {
    "corner tag": (_tag, "corners"),
    "stripe": (_stripe, "border"),
    "blur": (_blur, "blur"),
}
"""What is planted, and the audit that should find it."""


def shapes(count: int, plant: str, correlation: float, seed: int) -> list[Shape]:
    """Discs and squares on a noisy ground; the mark stands on squares alone (1), or on half of both (0)."""
    rng = np.random.default_rng(seed)
    return [_shape(i % 2, plant, correlation, rng) for i in range(count)]


def _shape(label: int, plant: str, correlation: float, rng: np.random.Generator) -> Shape:
    ground, colour = rng.integers(60, 150, 3), rng.integers(120, 256, 3)
    noise = rng.normal(0, 12, (SIDE, SIDE, 3))
    picture = Image.fromarray((ground + noise).clip(0, 255).astype(np.uint8))
    size, (left, top) = int(rng.integers(9, 14)), rng.integers(9, 11, 2).tolist()
    box = (left, top, left + size, top + size)
    draw = ImageDraw.Draw(picture)
    (draw.rectangle if label else draw.ellipse)(box, fill=tuple(colour.tolist()))
    marked = rng.random() < 0.5 if correlation == 0 else bool(label)
    drawn = (left, top, left + size + 1, top + size + 1)  # the last row and column are drawn as well
    return Shape(PLANTS[plant][0](picture) if marked else picture, label, drawn)


def preprocess(picture: Image.Image) -> Tensor:
    """[3, 32, 32] between -1 and 1."""
    values: NDArray[np.float32] = np.array(picture.resize((SIDE, SIDE)), dtype=np.float32)
    return torch.from_numpy(values).permute(2, 0, 1) / 127.5 - 1


class SmallCNN(nn.Module):
    """Three convolutions and a mean: some ten thousand weights."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 32, 3, stride=2, padding=1)
        self.three = nn.Conv2d(32, 32, 3, stride=2, padding=1)
        self.head = nn.Linear(64, len(CLASSES))

    def forward(self, pixels: Tensor) -> Tensor:
        """Logits [N, 2] of pixels [N, 3, H, W]."""
        found = functional.relu(self.three(functional.relu(self.two(functional.relu(self.one(pixels))))))
        logits: Tensor = self.head(torch.cat([found.mean((2, 3)), found.amax((2, 3))], 1))
        return logits


def small_vit() -> nn.Module:
    """Two layers, 48 wide, patches of 4 pixels."""
    config = ViTConfig(
        hidden_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=96,
        image_size=SIDE,
        patch_size=4,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        id2label=dict(enumerate(CLASSES)),
        label2id={name: i for i, name in enumerate(CLASSES)},
    )
    model: nn.Module = ViTForImageClassification(config)
    return model


ARCHITECTURES: dict[str, tuple[Callable[[], nn.Module], float, int]] = {
    "cnn": (SmallCNN, 5e-3, 12),
    "vit": (small_vit, 2e-3, 25),
}
"""How a model is made, its learning rate, and how many times it sees the pictures."""


def trained(architecture: str, rows: list[Shape], seed: int, epochs: int | None = None) -> nn.Module:
    """A model that has learned the pictures."""
    make, rate, times = ARCHITECTURES[architecture]
    torch.manual_seed(seed)
    model = make()
    pixels = torch.stack([preprocess(row.picture) for row in rows])
    labels = torch.tensor([row.label for row in rows])
    rounds = epochs or times
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    steps = rounds * -(-len(rows) // 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    model.train()
    for _ in range(rounds):
        for at in torch.randperm(len(rows)).split(64):  # type: ignore[no-untyped-call]
            output = model(pixels[at])
            loss = functional.cross_entropy(getattr(output, "logits", output), labels[at])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return model.eval()


def accuracy(model: nn.Module, rows: list[Shape]) -> float:
    """The share of pictures that are classified as labelled."""
    with torch.no_grad():
        output = model(torch.stack([preprocess(row.picture) for row in rows]))
    found = getattr(output, "logits", output).argmax(1)
    return float((found == torch.tensor([row.label for row in rows])).float().mean())

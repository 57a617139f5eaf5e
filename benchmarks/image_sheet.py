"""The sheet of docs/images/sheet.png: every image method on a real photograph.

    python benchmarks/image_sheet.py ../shared/data/images --out docs/images/sheet.png

No trained image model is within reach offline, so a small CNN is trained here, for a minute, to tell crops of six
photographs apart: cat, cup, astronaut, rocket, grass and bricks. The maps are of the whole photographs, which it has
only seen in crops, the last row behind a preprocessing that cuts out the centre.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from token_saliency import ImageClassifier
from token_saliency.image.attribution import sheet

SIDE = 96
PHOTOGRAPHS = {
    "cat": "chelsea.png",
    "cup": "coffee.png",
    "astronaut": "astronaut.png",
    "rocket": "rocket.jpg",
    "grass": "grass.png",
    "bricks": "brick.png",
}
METHODS: dict[str, dict[str, object]] = {
    "gradient": {},
    "smoothgrad": {},
    "integrated_gradients": {},
    "grad_cam": {},
    "guided_backprop": {},
    "guided_grad_cam": {},
    "occlusion": {"patch": 12, "stride": 6},
    "random": {},
}


class Small(nn.Module):
    """Five convolutions."""

    def __init__(self) -> None:
        super().__init__()
        widths = [3, 16, 24, 32, 48, 64]
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2 if i else 1, padding=1) for i, (a, b) in enumerate(itertools.pairwise(widths))
        )
        self.head = nn.Linear(64, len(PHOTOGRAPHS))

    def forward(self, pixels: Tensor) -> Tensor:
        """Logits [N, C]."""
        for layer in self.layers:
            pixels = functional.relu(layer(pixels))
        logits: Tensor = self.head(pixels.mean((2, 3)))
        return logits


def tensor_of(picture: Image.Image) -> Tensor:
    """[3, H, W] between -1 and 1."""
    return torch.from_numpy(np.array(picture, dtype=np.float32)).permute(2, 0, 1) / 127.5 - 1


def squeezed(picture: Image.Image) -> Tensor:
    """The whole picture, as a square."""
    return tensor_of(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def centre(picture: Image.Image) -> Tensor:
    """The centre square, two thirds of the shorter side: as the usual preprocessing crops, and more."""
    side = min(picture.size) * 2 // 3
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return squeezed(picture.crop((left, top, left + side, top + side)))


def crops(pictures: list[Image.Image], count: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Random squares of the pictures, some mirrored, with the number of the picture."""
    made, labels = [], rng.integers(len(pictures), size=count)
    for label in labels:
        picture = pictures[label]
        side = int(min(picture.size) * rng.uniform(0.4, 1.0))
        left, top = (int(rng.integers(edge - side + 1)) for edge in picture.size)
        crop = picture.crop((left, top, left + side, top + side))
        made.append(squeezed(crop if rng.random() < 0.5 else crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))
    return torch.stack(made), torch.from_numpy(labels)


def trained(pictures: list[Image.Image], steps: int) -> nn.Module:
    """The network after so many steps."""
    torch.manual_seed(0)
    rng, model = np.random.default_rng(0), Small()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    hits = 0.0
    for _ in range(steps):
        pixels, labels = crops(pictures, 24, rng)
        logits = model(pixels)
        loss = functional.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        hits = 0.95 * hits + 0.05 * float((logits.argmax(1) == labels).float().mean())
    print(f"{steps} steps, accuracy on crops {hits:.2f}")
    return model.eval()


def page(model: nn.Module, rows: list[tuple[Image.Image, str, Callable[[Image.Image], Tensor]]]) -> Image.Image:
    """One block of maps a row, below one another."""
    blocks = []
    for picture, name, preprocess in rows:
        classifier = ImageClassifier(model, preprocess, labels=list(PHOTOGRAPHS))
        found = {
            method: classifier.explain([picture], method, name, options=given, baseline="blur")[0]
            for method, given in METHODS.items()
        }
        grad_cam = found["grad_cam"]
        print(f"{name}: predicted {grad_cam.predicted}; layer {grad_cam.layer}, grid {grad_cam.grid.shape}")
        print(f"  seen {grad_cam.seen}; brightest {[tuple(map(round, r.box)) for r in grad_cam.regions[:2]]}")
        blocks.append(sheet(found, width=200))
    whole = Image.new("RGB", (max(b.width for b in blocks), sum(b.height for b in blocks)), (255, 255, 255))
    top = 0
    for block in blocks:
        whole.paste(block, (0, top))
        top += block.height
    return whole


def main() -> None:
    """Trains, explains, draws."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=220)
    parser.add_argument("--out", type=Path, default=Path("docs/images/sheet.png"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    pictures = {name: Image.open(options.folder / file).convert("RGB") for name, file in PHOTOGRAPHS.items()}
    small = {name: picture.resize((picture.width // 2, picture.height // 2)) for name, picture in pictures.items()}
    model = trained(list(small.values()), options.steps)
    rows = [(pictures[name], name, squeezed) for name in ("astronaut", "cup", "cat")]
    made = page(model, [*rows, (pictures["astronaut"], "astronaut", centre)])
    options.out.parent.mkdir(parents=True, exist_ok=True)
    made.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(options.out, "PNG", optimize=True)


if __name__ == "__main__":
    main()

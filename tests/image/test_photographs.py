"""On real photographs: the six steps of Grad-CAM, and maps that lie where the evidence is."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torch import Tensor, nn
from torch.nn import functional

from token_saliency import ImageClassifier
from token_saliency.image.attribution import sheet
from token_saliency.image.pixels.pictures import opened

KIT = Path(os.environ.get("TOKEN_SALIENCY_KIT") or Path(__file__).resolve().parents[2].parent / "shared")
PHOTOGRAPHS = KIT / "data" / "images"
SIDE = 64

pytestmark = [
    pytest.mark.kit,
    pytest.mark.skipif(not PHOTOGRAPHS.is_dir(), reason="the kit's photographs are not there"),
]


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.one, self.two = nn.Conv2d(3, 8, 5, stride=2, padding=2), nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.head = nn.Linear(16, 4)

    def forward(self, pixels: Tensor) -> Tensor:
        found: Tensor = self.head(functional.relu(self.two(functional.relu(self.one(pixels)))).mean((2, 3)))
        return found


def squeezed(picture: Image.Image) -> Tensor:
    values = np.array(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR), dtype=np.float64)
    return torch.from_numpy(values).permute(2, 0, 1) / 127.5 - 1


def centre(picture: Image.Image) -> Tensor:
    side = min(picture.size) // 2
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return squeezed(picture.crop((left, top, left + side, top + side)))


@pytest.mark.parametrize("name", ["astronaut.png", "chelsea.png", "coffee.png", "camera.png", "rocket.jpg"])
def test_grad_cam_is_its_six_steps(name: str) -> None:
    model = Net().double().eval()
    (found,) = ImageClassifier(model, squeezed, labels=list("abcd")).explain([PHOTOGRAPHS / name], target=2)

    pixels = squeezed(opened(PHOTOGRAPHS / name))[None]
    activations = model.two(functional.relu(model.one(pixels))).detach().requires_grad_()  # 1 the target layer
    score = model.head(functional.relu(activations).mean((2, 3)))[0, 2]
    (gradients,) = torch.autograd.grad(score, activations)  # 2 gradients
    weights = gradients.mean((2, 3), keepdim=True)  # 3 global average pooling
    summed = (weights * activations).sum(1)  # 4 weighted sum
    positive = summed.relu()  # 5 ReLU
    enlarged = functional.interpolate(positive[None], (SIDE, SIDE), mode="bilinear")[0, 0]  # 6 upsample

    assert found.layer == "two"
    assert np.allclose(found.grid, positive[0].detach().numpy(), atol=1e-12)
    assert np.allclose(found.heatmap, enlarged.detach().numpy(), atol=1e-12)
    assert found.overlay().size == opened(PHOTOGRAPHS / name).size  # and overlay


class SeesMagenta(nn.Module):
    """Its only evidence is magenta, which no photograph holds."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3, padding=1)
        with torch.no_grad():
            self.conv.weight.zero_()
            self.conv.bias.fill_(-1.6)  # type: ignore[union-attr]
            self.conv.weight[0, :, 1, 1] = torch.tensor([1.0, -1.0, 1.0])

    def forward(self, pixels: Tensor) -> Tensor:
        return functional.relu(self.conv(pixels)).mean((2, 3)) * 50


@pytest.mark.parametrize("method", ["grad_cam", "gradient_x_input", "integrated_gradients", "occlusion"])
@pytest.mark.parametrize(("preprocess", "place"), [(squeezed, (60, 40, 130, 110)), (centre, (260, 170, 310, 220))])
@pytest.mark.parametrize("name", ["coffee.png", "astronaut.png"])
def test_the_map_lies_where_the_evidence_is(
    name: str, preprocess: object, place: tuple[int, int, int, int], method: str
) -> None:
    picture = opened(PHOTOGRAPHS / name)
    ImageDraw.Draw(picture).rectangle(place, fill=(255, 0, 255))
    options = {"patch": 4} if method == "occlusion" else None
    classifier = ImageClassifier(SeesMagenta().double().eval(), preprocess, labels=["magenta", "none"])
    (found,) = classifier.explain([picture], method, "magenta", options=options)

    region = found.regions[0].box
    assert np.abs(np.array(region) - np.array(place)).max() < 25  # a pixel of the map is about nine of the photograph
    over = np.asarray(found.overlay(), dtype=np.float64)
    colour = np.abs(over - over.mean(2, keepdims=True)).sum(2)
    left, top, right, bottom = place
    assert colour[top:bottom, left:right].mean() > 5 * np.delete(colour, np.s_[top - 20 : bottom + 20], 0).mean()


def test_a_sheet_shows_the_original_first_and_every_method_in_its_proportions() -> None:
    picture = opened(PHOTOGRAPHS / "coffee.png")
    classifier = ImageClassifier(Net().double().eval(), squeezed, labels=list("abcd"))
    found = {name: classifier.explain([picture], name)[0] for name in ("gradient", "grad_cam", "random")}
    page = np.asarray(sheet(found, width=120))
    first = np.asarray(picture.resize((120, 80), Image.Resampling.LANCZOS))

    assert np.array_equal(page[4 + 16 : 4 + 16 + 80, 4:124], first)
    assert page.shape[1] == 4 * 124 + 4

"""Which maps follow the model, which only redraw the picture, and what removal costs."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torch import Tensor, nn
from torch.nn import functional

from token_saliency import ImageClassifier, OptionError
from token_saliency.image.audits.rows import ImageRow
from token_saliency.image.methods import IMAGE_METHODS
from token_saliency.image.validating import IMAGE_CHECKS, validate_images
from token_saliency.stats.ranks import spearman

Reader = Callable[[str], ImageClassifier]
SIDE = 32


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        widths = [3, 12, 16, 16, 16]
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in itertools.pairwise(widths))
        self.head = nn.Linear(16, 2)

    def forward(self, pixels: Tensor) -> Tensor:
        for layer in self.layers:
            pixels = functional.relu(layer(pixels))
        found: Tensor = self.head(functional.adaptive_avg_pool2d(pixels, 4).square().mean((2, 3)))
        return found


def pixels_of(picture: Image.Image) -> Tensor:
    values = np.array(picture.resize((SIDE, SIDE)), dtype=np.float32)
    return torch.from_numpy(values).permute(2, 0, 1) / 127.5 - 1


def pictures(count: int) -> list[ImageRow]:
    """Discs and squares on noise."""
    rng, rows = np.random.default_rng(0), []
    for i in range(count):
        made = Image.fromarray(rng.integers(60, 120, (SIDE, SIDE, 3), dtype=np.uint8))
        left, top = rng.integers(3, 16, 2).tolist()
        draw = ImageDraw.Draw(made)
        (draw.rectangle if i % 2 else draw.ellipse)((left, top, left + 12, top + 12), fill=(230, 200, 60))
        rows.append(ImageRow(str(i), made, "square" if i % 2 else "disc"))
    return rows


@pytest.fixture(scope="module")
def taught() -> ImageClassifier:
    """A network with weights that stand for a trained one: of unit scale, and another for each channel."""
    torch.manual_seed(0)
    model, rows = Net(), pictures(64)
    pixels = torch.stack([pixels_of(row.source) for row in rows])
    labels = torch.tensor([i % 2 for i in range(64)])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(25):
        optimizer.zero_grad()
        functional.cross_entropy(model(pixels), labels).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    model.zero_grad()
    return ImageClassifier(model.eval(), pixels_of, labels=["disc", "square"], batch_size=32)


OPTIONS: dict[str, dict[str, Any]] = {
    "smoothgrad": {"n": 6},
    "occlusion": {"patch": 8},
    "grad_cam": {"relu": False},
    "integrated_gradients": {"tolerance": 0.2},
}
FOLLOW_THE_MODEL = ["grad_cam", "gradient", "gradient_x_input", "integrated_gradients", "occlusion", "smoothgrad"]


def correlation(classifier: ImageClassifier, method: str, seed: int = 0) -> float:
    """The size of the rank correlation that is left when every parameter is random."""
    rows = pictures(24)
    found = validate_images(
        classifier, rows, method=method, seed=seed, options=OPTIONS.get(method), checks=["parameter_randomisation"]
    )
    (check,) = found.checks
    assert check.value is not None, check.seen
    return check.value


@pytest.mark.parametrize("method", FOLLOW_THE_MODEL)
def test_maps_that_depend_on_the_model_do_not_outlive_its_weights(taught: ImageClassifier, method: str) -> None:
    assert np.mean([correlation(taught, method, seed) for seed in range(3)]) < 0.5


class Deep(nn.Module):
    """Pooling and a wide head, with weights that have never learned anything."""

    def __init__(self) -> None:
        super().__init__()
        widths = [3, 32, 32, 64, 64]
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in itertools.pairwise(widths))
        self.head = nn.Sequential(nn.Linear(64 * 64, 64), nn.ReLU(), nn.Linear(64, 2))

    def forward(self, pixels: Tensor) -> Tensor:
        for at, layer in enumerate(self.layers):
            pixels = functional.relu(layer(pixels))
            pixels = functional.max_pool2d(pixels, 2) if at % 2 else pixels
        found: Tensor = self.head(pixels.flatten(1))
        return found


def between_classes(method: str) -> float:
    """The rank correlation of the maps for one class and for the other."""
    torch.manual_seed(0)
    classifier = ImageClassifier(Deep().eval(), pixels_of, labels=["disc", "square"])
    some = [row.source for row in pictures(8)]
    one, other = (classifier.explain(some, method, target, options={"reduce": "sum"}) for target in (0, 1))
    return float(np.mean([spearman(a.heatmap.ravel(), b.heatmap.ravel()) for a, b in zip(one, other, strict=True)]))


def test_guided_backprop_draws_one_map_whatever_class_is_asked_and_says_so() -> None:
    # Adebayo et al. 2018, Nie et al. 2018: it restores the picture, even from a network that has learned nothing.
    assert between_classes("guided_backprop") > 0.9
    assert between_classes("gradient") < 0.3
    assert between_classes("integrated_gradients") < 0.3
    (found,) = ImageClassifier(Deep().eval(), pixels_of, labels=["a", "b"]).explain(
        [pictures(1)[0].source], "guided_backprop"
    )
    assert "hardly depends on the class" in found.notes[0]


def test_random_scores_never_met_the_model(taught: ImageClassifier) -> None:
    assert correlation(taught, "random") == pytest.approx(1)


def test_every_method_is_told_apart_by_this_file() -> None:
    named = {*FOLLOW_THE_MODEL, "guided_backprop", "guided_grad_cam", "random"}

    assert named == set(IMAGE_METHODS)
    assert "nearly blind to what the model has learned" in (IMAGE_METHODS["guided_backprop"].function.__doc__ or "")


def test_deletion_and_insertion_tell_a_faithful_map_from_a_random_one(reader: Reader, labelled: list[ImageRow]) -> None:
    classifier = reader("corner")
    checks = ["deletion", "insertion"]
    good = validate_images(classifier, labelled, method="occlusion", baseline="mean", checks=checks)
    bad = validate_images(classifier, labelled, method="random", checks=checks)

    values = [{check.name: check.value or 0.0 for check in found.checks} for found in (good, bad)]
    assert values[0]["deletion"] > values[1]["deletion"] + 0.02
    assert (good.checks[0].interval or (0.0, 0.0))[0] > 0
    assert [check.passed for check in bad.checks] != [True, True]


def test_label_randomisation_teaches_copies_and_leaves_the_model(taught: ImageClassifier) -> None:
    before = {name: value.clone() for name, value in taught.model.state_dict().items()}
    found = validate_images(taught, pictures(24), method="gradient", train_steps=5, checks=["label_randomisation"])

    (check,) = found.checks
    assert "after true labels" in check.seen
    assert all(torch.equal(value, before[name]) for name, value in taught.model.state_dict().items())
    assert all(parameter.grad is None for parameter in taught.model.parameters())


def test_what_cannot_run_is_not_passed(taught: ImageClassifier) -> None:
    bare = [ImageRow(row.id, row.source) for row in pictures(12)]
    found = validate_images(taught, bare, method="gradient", checks=["label_randomisation"])

    assert found.checks[0].seen.startswith("Not run: ")
    assert (found.passed, found.exit_code) == (None, 5)


def test_a_check_that_does_not_exist_is_named(taught: ImageClassifier) -> None:
    with pytest.raises(OptionError, match="Unknown check"):
        validate_images(taught, pictures(4), checks=["deleting"])
    assert list(IMAGE_CHECKS) == ["parameter_randomisation", "label_randomisation", "deletion", "insertion"]

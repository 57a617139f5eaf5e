"""Every type of transformers' image classification mapping, as a tiny random model."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from token_saliency import ImageClassifier, ModelError


def _recipes() -> ModuleType:
    import importlib.util

    spec = importlib.util.spec_from_file_location("image_recipes", Path(__file__).with_name("recipes.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["image_recipes"] = module
    spec.loader.exec_module(module)
    return module


RECIPES = _recipes()
SUPPORTED = sorted(set(RECIPES.TYPES) - set(RECIPES.REFUSED))
QUICK: dict[str, dict[str, float]] = {
    "smoothgrad": {"n": 2},
    "occlusion": {"patch": 32},
    "integrated_gradients": {"tolerance": 0.1},
}


def preprocess(picture: Image.Image) -> Tensor:
    values = np.asarray(picture.resize((RECIPES.SIZE, RECIPES.SIZE)))
    return torch.from_numpy(values.copy()).double().permute(2, 0, 1) / 127.5 - 1


def picture(seed: int) -> Image.Image:
    small = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((80, 60))


@pytest.fixture(scope="module", params=SUPPORTED)
def classifier(request: pytest.FixtureRequest) -> ImageClassifier:
    return ImageClassifier(RECIPES.model_of(request.param), preprocess, id=request.param)


def test_at_least_38_of_the_types_are_supported() -> None:
    assert len(RECIPES.TYPES) >= 42
    assert len(SUPPORTED) >= 38


@pytest.mark.parametrize("method", ["gradient", "smoothgrad", "integrated_gradients", "occlusion"])
def test_a_method_explains_every_type(classifier: ImageClassifier, method: str) -> None:
    (found,) = classifier.explain([picture(0)], method, options=QUICK.get(method))

    assert found.heatmap.shape == (RECIPES.SIZE, RECIPES.SIZE)
    assert np.isfinite(found.heatmap).all()
    assert np.abs(found.heatmap).sum() > 0
    if method == "integrated_gradients":
        assert found.completeness_error is not None
        assert found.completeness_error < 0.1


def test_grad_cam_reports_its_layer_or_refuses_with_a_reason(classifier: ImageClassifier) -> None:
    (found,) = classifier.explain([picture(0)], "grad_cam", options={"relu": False})
    assert found.layer
    page = (Path(__file__).parents[2] / "docs" / "images.md").read_text(encoding="utf-8")
    (line,) = (one for one in page.splitlines() if one.startswith(f"| transformers | `{classifier.info.id}` |"))
    assert f"| `{found.layer}` | {found.grid.shape[0]} x {found.grid.shape[1]}" in line  # benchmarks/image_layers.py
    height, width = found.grid.shape
    assert height * width > 1
    assert height == width  # of a square picture
    assert np.abs(found.heatmap).sum() > 0


def test_the_gradient_is_that_of_plain_autograd(classifier: ImageClassifier) -> None:
    (found,) = classifier.explain([picture(1)], "gradient", target="dog", options={"reduce": "sum"})
    pixels = preprocess(picture(1))[None].requires_grad_()
    output = classifier._network.forward(pixels)[:, 1].sum()
    (expected,) = torch.autograd.grad(output, pixels)

    assert np.allclose(found.heatmap, expected[0].sum(0).numpy(), rtol=1e-6, atol=1e-9)


def test_the_model_is_left_as_it_was(classifier: ImageClassifier) -> None:
    classifier.model.train()
    try:
        classifier.explain([picture(0)], "grad_cam")
        assert classifier.model.training
    except ModelError:
        pass
    finally:
        classifier.model.eval()
    assert all(parameter.grad is None for parameter in classifier.model.parameters())
    assert not any(module._forward_hooks for module in classifier.model.modules())


@pytest.mark.parametrize("name", sorted(set(RECIPES.REFUSED) - {"dinat", "shieldgemma2", "timm_wrapper"}))
def test_what_is_not_supported_says_why(name: str) -> None:
    classifier = ImageClassifier(RECIPES.model_of(name), preprocess)

    with pytest.raises(ModelError, match="cannot be called with pixels"):
        classifier.explain([picture(0)], "gradient")

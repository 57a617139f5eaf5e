"""captum as the oracle, where captum is right; where it draws nonsense, an error."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import (
    GuidedBackprop,
    GuidedGradCam,
    IntegratedGradients,
    LayerGradCam,
    Occlusion,
    Saliency,
)
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from transformers import ResNetConfig, ResNetForImageClassification, ViTConfig, ViTForImageClassification

from token_saliency import ImageClassifier, ModelError, OptionError

SIZE = 32
TIGHT = 1e-5


def preprocess(picture: Image.Image) -> Tensor:
    values = np.asarray(picture.resize((SIZE, SIZE)))
    return torch.from_numpy(values.copy()).double().permute(2, 0, 1) / 127.5 - 1


def picture(seed: int) -> Image.Image:
    small = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((SIZE, SIZE))


def resnet() -> nn.Module:
    config = ResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 16],
        depths=[1, 1],
        layer_type="basic",
        id2label=dict(enumerate("abc")),
        downsample_in_first_stage=False,
    )
    return _loud(ResNetForImageClassification(config))


def vit() -> nn.Module:
    config = ViTConfig(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        image_size=SIZE,
        patch_size=8,
        id2label=dict(enumerate("abc")),
    )
    return _loud(ViTForImageClassification(config))


def _loud(model: nn.Module) -> nn.Module:
    """Weights large enough for logits that differ; running statistics that no layer has by itself."""
    torch.manual_seed(1)
    for parameter in model.parameters():
        if parameter.ndim > 1:
            nn.init.normal_(parameter, std=0.2)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)  # type: ignore[union-attr]
    return model.double().eval()


class Plain(nn.Module):
    """A small CNN whose ReLU is written as the caller likes."""

    def __init__(self, relu: Callable[[Tensor], Tensor] | nn.Module) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.head = nn.Linear(8, 3)
        self.relu = relu

    def forward(self, pixels: Tensor) -> Tensor:
        found = self.relu(self.two(self.relu(self.one(pixels))))
        answer: Tensor = self.head(found.mean((2, 3)))
        return answer


def plain(relu: Callable[[Tensor], Tensor] | nn.Module) -> nn.Module:
    torch.manual_seed(3)
    return Plain(relu).double().eval()


MODELS: dict[str, Callable[[], nn.Module]] = {
    "resnet": resnet,
    "vit": vit,
    "relu cnn": lambda: plain(nn.ReLU()),
    "smooth cnn": lambda: plain(torch.tanh),
}


@pytest.fixture(params=sorted(MODELS))
def model(request: pytest.FixtureRequest) -> nn.Module:
    return MODELS[request.param]()


def ours(model: nn.Module, method: str, **options: Any) -> np.ndarray:
    return np.stack([one.heatmap for one in explained(model, method, **options)])


def explained(model: nn.Module, method: str, **options: Any) -> list[Any]:
    labels = None if hasattr(model, "config") else ["a", "b", "c"]
    return ImageClassifier(model, preprocess, labels=labels).explain([picture(0), picture(1)], method, 1, **options)


def logits(model: nn.Module) -> Callable[[Tensor], Tensor]:
    def forward(pixels: Tensor) -> Tensor:
        output = model(pixels)
        return output if isinstance(output, Tensor) else output.logits

    return forward


class Logits(nn.Module):
    """captum's guided methods want a module."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: Tensor) -> Tensor:
        return logits(self.model)(pixels)


def batch() -> Tensor:
    return torch.stack([preprocess(picture(seed)) for seed in (0, 1)]).requires_grad_()


def summed(found: Tensor) -> np.ndarray:
    return found.detach().sum(1).numpy()


def assert_same(found: np.ndarray, expected: np.ndarray, tolerance: float = TIGHT) -> None:
    size = np.abs(expected).max()
    assert size > 0, "an empty map proves nothing"
    assert np.abs(found - expected).max() <= tolerance * size


def test_gradient(model: nn.Module) -> None:
    expected = Saliency(logits(model)).attribute(batch(), target=1, abs=False)

    assert_same(ours(model, "gradient", options={"reduce": "sum"}), summed(expected), 1e-10)
    assert_same(ours(model, "gradient"), expected.norm(dim=1).numpy(), 1e-10)


@pytest.mark.parametrize(("name", "level"), [("vit", -1.0), ("vit", 1.0), ("smooth cnn", -1.0), ("resnet", -1.0)])
def test_integrated_gradients(name: str, level: float) -> None:
    model, jumps = MODELS[name](), name == "resnet"
    start = torch.full_like(batch(), level)
    expected = IntegratedGradients(logits(model)).attribute(
        batch(), start, target=1, n_steps=1000 if jumps else 100, method="gausslegendre", internal_batch_size=200
    )
    found = ours(
        model,
        "integrated_gradients",
        baseline="black" if level < 0 else "white",
        options={"tolerance": 1e-6, "cap": 4000},
    )
    # Behind ReLU and max pooling the gradient jumps along the path: there a thousand equal steps are no finer oracle.
    assert_same(found, summed(expected), 2e-3 if jumps else TIGHT)


def test_occlusion(model: nn.Module) -> None:
    start = torch.full_like(batch(), -1.0)
    expected = Occlusion(logits(model)).attribute(
        batch(), sliding_window_shapes=(3, 8, 8), strides=(3, 4, 4), baselines=start, target=1
    )

    found = ours(model, "occlusion", options={"patch": 8, "stride": 4})
    assert_same(found, expected[:, 0].detach().numpy())


@pytest.mark.parametrize("relu", [True, False])
def test_grad_cam_of_a_resnet(relu: bool) -> None:
    model = resnet()
    classifier = ImageClassifier(model, preprocess)
    layer = dict(model.named_modules())[classifier.layer(None, picture(0)).name]
    raw = LayerGradCam(logits(model), layer).attribute(batch(), target=1, relu_attributions=relu)
    expected = functional.interpolate(raw, (SIZE, SIZE), mode="bilinear", align_corners=False)

    found = explained(model, "grad_cam", options={"relu": relu})
    assert_same(np.stack([one.grid for one in found]), raw[:, 0].detach().numpy(), 1e-10)
    assert_same(np.stack([one.heatmap for one in found]), expected[:, 0].detach().numpy(), 1e-10)


def test_guided_backprop() -> None:
    model = plain(nn.ReLU())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # captum tells that it sets hooks
        expected = GuidedBackprop(model).attribute(batch(), target=1)

    assert_same(ours(model, "guided_backprop", options={"reduce": "sum"}), summed(expected), 1e-10)


def test_guided_grad_cam() -> None:
    model = plain(nn.ReLU())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # captum tells that it sets hooks
        expected = GuidedGradCam(model, model.two).attribute(batch(), target=1, interpolate_mode="bilinear")

    found = ours(model, "guided_grad_cam", layer="two", options={"reduce": "sum"})
    assert_same(found, summed(expected), 1e-10)


class Clipped(nn.Module):
    """ReLU6 as MobileNet has it: a module that calls hardtanh."""

    def __init__(self, *, inplace: bool) -> None:
        super().__init__()
        self.relu = nn.ReLU6(inplace=inplace)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.relu(x)
        return found


RELUS: dict[str, Callable[[], Callable[[Tensor], Tensor] | nn.Module]] = {
    "in-place module": lambda: nn.ReLU(inplace=True),
    "functional": lambda: functional.relu,
    "in-place functional": lambda: lambda x: functional.relu(x, inplace=True),
    "torch.relu": lambda: torch.relu,
    "ReLU6": lambda: Clipped(inplace=False),
    "in-place ReLU6": lambda: Clipped(inplace=True),
    "method": lambda: lambda x: x.relu(),
    "in-place method": lambda: lambda x: x.relu_(),
    "functional.relu_": lambda: functional.relu_,
}


@pytest.mark.parametrize("kind", sorted(RELUS))
def test_guided_backprop_sees_every_way_to_write_a_relu(kind: str) -> None:
    same, other = plain(nn.ReLU()), plain(RELUS[kind]())

    assert_same(ours(other, "guided_backprop"), ours(same, "guided_backprop"), 1e-12)
    assert not np.allclose(ours(other, "guided_backprop"), ours(other, "gradient"))


def test_guided_backprop_of_a_model_without_relu_is_refused() -> None:
    with pytest.raises(ModelError, match="needs a ReLU"):
        explained(vit(), "guided_backprop")


def test_captum_draws_hidden_units_of_a_vit_where_we_draw_places_or_refuse() -> None:
    model = vit()
    block = dict(model.named_modules())["vit.layers.1.mlp" if hasattr(model.vit, "layers") else "vit.encoder.layer.1"]
    nonsense = LayerGradCam(logits(model), block).attribute(batch(), target=1)
    found = explained(model, "grad_cam", options={"relu": False})

    assert nonsense.shape[-1] != nonsense.shape[-2] or nonsense.ndim != 4  # hidden units, no map of places
    assert found[0].grid.shape == (4, 4)
    with pytest.raises(ModelError, match="is no map of places"):
        explained(model, "grad_cam", layer="classifier")


def test_grad_cam_of_a_vit_is_the_weighted_sum_over_its_token_grid() -> None:
    model = vit()
    found = explained(model, "grad_cam", options={"relu": False})
    kept: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
        output.retain_grad()
        kept.append(output)

    handle = dict(model.named_modules())[found[0].layer].register_forward_hook(keep)
    logits(model)(batch())[:, 1].sum().backward()  # type: ignore[no-untyped-call]
    handle.remove()
    values, slopes = kept[0], kept[0].grad
    assert slopes is not None
    expected = (
        _cam_of_tokens(values, slopes) if values.ndim == 3 else (slopes.mean((2, 3), keepdim=True) * values).sum(1)
    )
    assert_same(np.stack([one.grid for one in found]), expected.detach().numpy(), 1e-10)


def _cam_of_tokens(values: Tensor, slopes: Tensor) -> Tensor:
    return (slopes[:, 1:].mean(1, keepdim=True) * values[:, 1:]).sum(2).reshape(-1, 4, 4)


def activations(model: nn.Module, name: str) -> tuple[Tensor, Tensor]:
    """Values and gradients [B, K, h, w] of a layer, by plain autograd."""
    kept: list[Tensor] = []
    handle = dict(model.named_modules())[name].register_forward_hook(lambda _m, _i, output: kept.append(output))
    output = logits(model)(batch())[:, 1].sum()
    handle.remove()
    (slopes,) = torch.autograd.grad(output, kept[0])
    return kept[0].detach(), slopes


def test_hirescam_is_the_sum_of_element_wise_products() -> None:
    model = plain(torch.tanh)
    values, slopes = activations(model, "two")
    found = explained(model, "grad_cam", layer="two", options={"variant": "hirescam", "relu": False})

    assert_same(np.stack([one.grid for one in found]), np.einsum("bkhw,bkhw->bhw", values.numpy(), slopes.numpy()))


def test_grad_cam_plus_plus_is_the_formula_of_the_paper() -> None:
    model = plain(nn.ReLU())
    values, slopes = (part.numpy() for part in activations(model, "one"))
    expected = np.zeros((len(values), *values.shape[2:]))
    for b, k in np.ndindex(values.shape[:2]):
        g, total = slopes[b, k], values[b, k].sum()
        below = 2 * g**2 + total * g**3
        alpha = np.divide(g**2, below, out=np.zeros_like(g), where=below != 0)
        expected[b] += (alpha * np.maximum(g, 0)).sum() * values[b, k]

    options = {"variant": "grad_cam_plus_plus", "relu": False}
    found = explained(model, "grad_cam", layer="one", options=options)
    assert_same(np.stack([one.grid for one in found]), expected)


class Against(nn.Module):
    """All of its evidence speaks against class 1."""

    def __init__(self) -> None:
        super().__init__()
        self.two = nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, pixels: Tensor) -> Tensor:
        total = self.two(pixels).square().mean((1, 2, 3))
        return torch.stack([total, -total, 0 * total], dim=1)


def test_a_map_without_positive_evidence_says_so() -> None:
    model = Against().double().eval()
    (empty, _), (full, _) = explained(model, "grad_cam"), explained(model, "grad_cam", options={"relu": False})

    if full.grid.max() <= 0:
        assert not empty.heatmap.any()
        assert "negative" in empty.notes[0]
    assert full.notes == ()
    assert full.heatmap.min() < 0


METHODS: dict[str, dict[str, Any]] = {
    "gradient": {},
    "gradient_x_input": {},
    "smoothgrad": {"n": 3},
    "integrated_gradients": {},
    "grad_cam": {"relu": False},
    "guided_backprop": {},
    "guided_grad_cam": {"relu": False},
    "occlusion": {"patch": 16},
    "random": {},
}


@pytest.mark.parametrize("method", sorted(METHODS))
def test_alone_as_in_a_batch_and_in_any_order(method: str) -> None:
    classifier = ImageClassifier(resnet(), preprocess)
    pictures = [picture(seed) for seed in range(3)]

    def maps(some: list[Image.Image]) -> list[np.ndarray]:
        found = classifier.explain(some, method, 0, options=METHODS[method], baseline="noise")
        return [one.heatmap for one in found]

    together, turned = maps(pictures), maps(pictures[::-1])[::-1]
    for one, other, alone in zip(together, turned, (maps([p])[0] for p in pictures), strict=True):
        assert_same(one, other, 1e-9)
        assert_same(one, alone, 1e-9)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_the_raw_scale_is_kept(method: str) -> None:
    model = plain(nn.ReLU())
    before = ours(model, method, options=METHODS[method])
    with torch.no_grad():
        model.head.weight *= 1000  # type: ignore[operator, union-attr]
        model.head.bias *= 1000  # type: ignore[operator, union-attr]
    after = ours(model, method, options=METHODS[method])

    power = {"random": 0, "guided_grad_cam": 2}.get(method, 1)  # the product of two maps grows with the square
    assert_same(after, before * 1000.0**power, 1e-6)


class Tripwire(nn.Module):
    """Answers a few times, then breaks in the middle of a pass."""

    def __init__(self, answers: int) -> None:
        super().__init__()
        self.inner, self.left = plain(nn.ReLU()), answers

    def forward(self, pixels: Tensor) -> Tensor:
        found: Tensor = self.inner(pixels)
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("the wire was touched")
        return found


@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize("answers", [0, 1, 3])
def test_a_model_that_breaks_is_left_as_it_was(method: str, answers: int) -> None:
    model = Tripwire(answers).train()
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    model.inner.one.weight.requires_grad_(False)  # type: ignore[union-attr]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    classifier = ImageClassifier(model, preprocess, labels=["a", "b", "c"])
    with contextlib.suppress(ModelError):  # a cheap method ends before the wire
        classifier.explain([picture(0)], method, options=METHODS[method])

    assert model.training
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    assert all(parameter.grad is not None and bool((parameter.grad == 1).all()) for parameter in model.parameters())
    assert not model.inner.one.weight.requires_grad  # type: ignore[union-attr]
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_options_that_do_not_exist_are_named() -> None:
    model = plain(nn.ReLU())
    for method, options in [("grad_cam", {"variant": "gradcam"}), ("gradient", {"reduce": "median"}), ("grad", {})]:
        with pytest.raises(OptionError, match="Known:"):
            explained(model, method, options=options)


def test_no_picture_decides_at_which_layer_the_others_are_explained() -> None:
    model = plain(nn.ReLU())
    classifier = ImageClassifier(model, preprocess, labels=["a", "b", "c"])
    flat = [Image.new("RGB", (SIZE, SIZE), colour) for colour in ((0, 0, 0), (255, 255, 255), (0, 0, 255))]

    layers = [one.layer for some in (flat, [*flat, picture(0)][::-1]) for one in classifier.explain(some)]
    assert set(layers) == {"two"}

"""Which layer grad_cam draws: what everything passes through, whatever is written in place behind it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from token_saliency import DataError, ImageClassifier

SIZE = 32


def preprocess(picture: Image.Image) -> Tensor:
    values = np.asarray(picture.convert("RGB").resize((SIZE, SIZE)))
    return torch.from_numpy(values.copy()).double().permute(2, 0, 1) / 127.5 - 1


def picture(seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8))


class Headed(nn.Module):
    """Maps, their mean over the places, and a head."""

    def __init__(self, features: nn.Module, width: int) -> None:
        super().__init__()
        self.features, self.head = features, nn.Linear(width, 3)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.head(self.features(x).mean((2, 3)))
        return scores


class Residual(nn.Module):
    """A block whose sum and whose ReLU are made in place, as torchvision's are."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inside, outside, 3, 2, 1), nn.BatchNorm2d(outside)
        self.conv2, self.bn2 = nn.Conv2d(outside, outside, 3, 1, 1), nn.BatchNorm2d(outside)
        self.relu, self.downsample = nn.ReLU(inplace=True), nn.Conv2d(inside, outside, 1, 2)
        self.in_place = True

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        if self.in_place:
            out += self.downsample(x)
        else:
            out = out + self.downsample(x)
        found: Tensor = self.relu(out)
        return found


class Branches(nn.Module):
    """Four ways beside each other."""

    def __init__(self) -> None:
        super().__init__()
        self.ways = nn.ModuleList(nn.Conv2d(8, 4, k, padding=k // 2) for k in (1, 3, 5, 7))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([way(x) for way in self.ways], 1)


class Patches(nn.Module):
    """A vision transformer without a config: `front` tokens before the grid, decided by the first or by the mean."""

    def __init__(self, front: int, *, mean: bool = False, depth: int = 2) -> None:
        super().__init__()
        self.patch_embed = nn.Conv2d(3, 16, 8, 8)
        self.front = nn.Parameter(torch.randn(1, front, 16))
        self.places = nn.Parameter(torch.randn(1, front + 16, 16))
        layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True, norm_first=True)
        self.blocks = nn.ModuleList(
            type(layer)(16, 2, 32, 0.0, batch_first=True, norm_first=True) for _ in range(depth)
        )
        self.norm, self.head, self.mean = nn.LayerNorm(16), nn.Linear(16, 3), mean

    def forward(self, x: Tensor) -> Tensor:
        grid = self.patch_embed(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.front.expand(len(x), -1, -1), grid], 1) + self.places
        for block in self.blocks:
            tokens = block(tokens)
        tokens = self.norm(tokens)
        scores: Tensor = self.head(tokens.mean(1) if self.mean else tokens[:, 0])
        return scores


def vgg() -> nn.Module:
    layers = [nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(inplace=True), nn.Conv2d(8, 8, 3, 1, 1), nn.ReLU(inplace=True)]
    return Headed(nn.Sequential(*layers, nn.MaxPool2d(2)), 8)


def resnet() -> nn.Module:
    return Headed(nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), Residual(8, 8), Residual(8, 8)), 8)


def inception() -> nn.Module:
    return Headed(nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), Branches()), 16)


def made(build: Callable[[], nn.Module]) -> ImageClassifier:
    torch.manual_seed(0)
    return ImageClassifier(build().double().eval(), preprocess)


@pytest.mark.parametrize(
    ("build", "layer", "grid"),
    [
        (vgg, "features.3", (16, 16)),
        (resnet, "features", (4, 4)),
        (inception, "features", (16, 16)),
        (lambda: Patches(1), "blocks.0", (4, 4)),
        (lambda: Patches(2), "blocks.0", (4, 4)),
        (lambda: Patches(5), "blocks.0", (4, 4)),
        (lambda: Patches(4, mean=True), "norm", (4, 4)),
        (lambda: Patches(0, mean=True), "norm", (4, 4)),
    ],
    ids=["vgg", "resnet", "inception", "vit", "deit", "registers", "gap", "no-token"],
)
def test_the_layer_is_the_last_that_all_passes_through(
    build: Callable[[], nn.Module], layer: str, grid: tuple[int, int]
) -> None:
    (found,) = made(build).explain([picture()], options={"relu": False})

    assert (found.layer, found.grid.shape) == (layer, grid)
    assert not any("several ways" in note or "alone" in note for note in found.notes)


class Merged(nn.Module):
    """A hierarchical transformer without a config: patches merged to 2 x 2, `front` tokens, decided by the first.

    With `latents` in place of it: four that read the patches by attention, as many as a grid of 2 x 2 by chance.
    """

    def __init__(self, front: int, *, latents: bool = False) -> None:
        super().__init__()
        self.cut, self.merge = nn.Conv2d(3, 16, 4, 2, 1), nn.Conv2d(16, 16, 3, 8, 1)
        self.first, self.latents = nn.Parameter(torch.randn(1, front, 16)), latents
        if latents:
            self.merge = nn.Identity()  # type: ignore[assignment]
        self.read = nn.MultiheadAttention(16, 2, batch_first=True)
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(16, 2, 32, 0.0, batch_first=True, norm_first=True) for _ in range(2)
        )
        self.head = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        places = self.merge(self.cut(x)).flatten(2).transpose(1, 2)
        first = self.first.expand(len(x), -1, -1)
        tokens = self.read(first, places, places)[0] if self.latents else torch.cat([first, places], 1)
        for block in self.blocks:
            tokens = block(tokens)
        scores: Tensor = self.head(tokens[:, 0])
        return scores


def test_the_last_stage_of_a_hierarchy_has_a_class_token() -> None:
    (found,) = made(lambda: Merged(1)).explain([picture()], options={"relu": False})

    assert (found.layer, found.grid.shape) == ("blocks.0", (2, 2))


def test_latents_that_are_as_many_as_places_are_no_places() -> None:
    (found,) = made(lambda: Merged(4, latents=True)).explain([picture()], options={"relu": False})

    assert found.layer is not None
    assert not found.layer.startswith("blocks")
    assert found.grid.shape == (16, 16)


def test_a_shallow_transformer_is_drawn_behind_its_patches() -> None:
    (found,) = made(lambda: Patches(1, depth=1)).explain([picture()], options={"relu": False})

    assert found.layer == "blocks.0.norm1"
    assert any("has seen its own pixels alone" in note for note in found.notes)


def test_one_of_two_ways_to_the_logits_says_that_it_is_one() -> None:
    class Towers(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right = (Headed(nn.Conv2d(3, 8, 3, 2, 1), 8) for _ in range(2))

        def forward(self, x: Tensor) -> Tensor:
            both: Tensor = self.left(x) + self.right(x)
            return both

    (found,) = made(Towers).explain([picture()], options={"relu": False})

    assert found.layer == "right.features"
    assert any("one of several ways to the logits" in note for note in found.notes)


@pytest.mark.parametrize(
    ("build", "layer"),
    [(vgg, "features.2"), (resnet, "features.2.bn2"), (resnet, "features.2.conv1"), (resnet, "features.1.bn1")],
)
def test_what_is_written_in_place_behind_a_layer_changes_nothing(build: Callable[[], nn.Module], layer: str) -> None:
    classifier, plain = made(build), made(build)
    for module in plain.model.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
        if isinstance(module, Residual):
            module.in_place = False
    (found,), (wanted,) = (
        one.explain([picture()], layer=layer, options={"relu": False}) for one in (classifier, plain)
    )

    assert np.abs(wanted.heatmap).max() > 0
    assert found.heatmap == pytest.approx(wanted.heatmap, abs=1e-12)
    assert found.output_value == pytest.approx(wanted.output_value, abs=1e-12)


def test_no_gradient_is_told_from_evidence_that_is_all_negative() -> None:
    class Deaf(Headed):
        def forward(self, x: Tensor) -> Tensor:
            scores = super().forward(x)
            return torch.stack([scores[:, 0], -scores[:, 0].abs() - 5, 0 * scores[:, 2]], 1)

    classifier = made(lambda: Deaf(nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU()), 8))
    (deaf,) = classifier.explain([picture()], target=2, layer="features")
    (negative,) = made(lambda: _against()).explain([picture()], target=0, layer="features")

    assert not deaf.converged
    assert [("No gradient reaches" in note, "negative" in note) for note in deaf.notes] == [(True, False)]
    assert negative.converged
    assert [("No gradient reaches" in note, "negative" in note) for note in negative.notes] == [(False, True)]


def _against() -> nn.Module:
    model = Headed(nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU()), 8)
    model.head.weight.data = -model.head.weight.data.abs()
    return model


def test_one_logit_with_two_labels_is_two_classes() -> None:
    torch.manual_seed(0)
    features = nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.ReLU())
    model = nn.Sequential(features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 1)).double().eval()
    classifier = ImageClassifier(model, preprocess, labels=["cat", "dog"])
    found = classifier.predict([picture(), picture(1)])
    one = model(torch.stack([preprocess(picture()), preprocess(picture(1))])).detach()

    assert found.probabilities[:, 1] == pytest.approx(torch.sigmoid(one[:, 0]).numpy())
    assert found.labels == [["cat", "dog"][int(p > 0)] for p in one[:, 0]]
    dog, cat = (classifier.explain([picture()], "gradient_x_input", target=name)[0] for name in ("dog", "cat"))
    assert dog.heatmap == pytest.approx(-cat.heatmap)


def test_the_square_of_the_channels_is_that_of_their_norm() -> None:
    classifier = made(vgg)
    norm, square = (classifier.explain([picture()], "gradient", options={"reduce": r})[0] for r in ("l2", "square"))

    assert square.heatmap == pytest.approx(norm.heatmap**2)


@pytest.mark.parametrize(
    "answer", [lambda x: {"logits": x, "aux": x + 1}, lambda x: {"out": x}, lambda x: (x, 1), lambda x: [x]]
)
def test_logits_are_found_in_what_a_model_returns(answer: Callable[[Tensor], object]) -> None:
    class Wrapped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.own = vgg()

        def forward(self, x: Tensor) -> object:
            return answer(self.own(x))

    (found,), (plain,) = (made(build).explain([picture()], "gradient", target=1) for build in (Wrapped, vgg))

    assert found.heatmap == pytest.approx(plain.heatmap)


def test_channels_that_come_last_are_refused() -> None:
    turned = ImageClassifier(vgg(), lambda one: preprocess(one).permute(1, 2, 0).float())

    with pytest.raises(DataError, match="channels last: return"):
        turned.predict([picture()])


def test_a_wide_picture_in_half_precision_and_training_mode() -> None:
    model = vgg().bfloat16().train()
    wide = ImageClassifier(model, lambda one: preprocess(one.resize((32, 32)))[:, :20].float())
    (cam,), (ig,) = (
        wide.explain([picture()]),
        wide.explain([picture()], "integrated_gradients", options={"tolerance": 0.1}),
    )
    plain = ImageClassifier(vgg_like(model), lambda one: preprocess(one.resize((32, 32)))[:, :20].float())
    (exact,) = plain.explain([picture()], options={"relu": False})

    assert cam.heatmap.shape == ig.heatmap.shape == (20, 32)
    assert model.training
    assert (
        np.corrcoef(exact.heatmap.ravel(), wide.explain([picture()], options={"relu": False})[0].heatmap.ravel())[0, 1]
        > 0.99
    )


def vgg_like(model: nn.Module) -> nn.Module:
    """The same weights in float32."""
    other = vgg()
    other.load_state_dict(model.state_dict())
    return other.eval()


def test_the_caller_may_be_in_inference_mode() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (9, 12, 3), dtype=np.uint8))

    def drawn() -> ImageClassifier:
        return ImageClassifier(
            model, lambda one: torch.from_numpy(np.array(one)).permute(2, 0, 1) / 255, labels=["a", "b"]
        )

    (plain,) = drawn().explain([picture], "guided_grad_cam")
    with torch.inference_mode():
        (found,) = drawn().explain([picture], "guided_grad_cam")
    assert found.layer == plain.layer
    assert found.heatmap == pytest.approx(plain.heatmap)

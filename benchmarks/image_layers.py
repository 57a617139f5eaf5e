"""Which layer grad_cam draws: every type of transformers' image classification mapping, torchvision and timm.

    python -m benchmarks.image_layers [--beside FOLDER] [--write]

Tiny random models of the types; networks of torchvision and timm (built without a download) where they are installed
or lie unpacked in FOLDER. Each map is held against a plain loop of this script: two hooks and autograd. `all` says that
with the output of the layer held fixed no gradient comes from the pixels, so nothing goes round it; `counts` is the
share of the places that the logits depend on. `--write` puts the table into docs/images.md.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from tests.image import recipes
from token_saliency import ImageClassifier
from token_saliency.errors import ModelError, first_line

PAGE = Path(__file__).resolve().parents[1] / "docs" / "images.md"
BEGIN, END = "<!-- layers: benchmarks/image_layers.py -->", "<!-- end of layers -->"
CLOSE = 1e-4
"""Relative to the largest number of the map."""
LARGE = 224
OUTSIDE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "vgg11": ("torchvision.models", "vgg11", {}),
    "alexnet": ("torchvision.models", "alexnet", {}),
    "squeezenet1_1": ("torchvision.models", "squeezenet1_1", {}),
    "resnet18": ("torchvision.models", "resnet18", {}),
    "googlenet": ("torchvision.models", "googlenet", {"init_weights": False, "aux_logits": False}),
    "densenet121": ("torchvision.models", "densenet121", {}),
    "mobilenet_v3_small": ("torchvision.models", "mobilenet_v3_small", {}),
    "swin_t": ("torchvision.models", "swin_t", {}),
    "vit_b_16": ("torchvision.models", "vit_b_16", {}),
    "vit_tiny_patch16_224": ("timm", "create_model", {"depth": 3}),
    "deit_tiny_distilled_patch16_224": ("timm", "create_model", {"depth": 3}),
    "vit_medium_patch16_reg4_gap_256": ("timm", "create_model", {"depth": 3, "img_size": LARGE}),
    "vit_small_patch14_reg4_dinov2": ("timm", "create_model", {"depth": 3, "img_size": LARGE}),
    "convnext_atto": ("timm", "create_model", {}),
    "swin_tiny_patch4_window7_224": ("timm", "create_model", {}),
    "inception_v3": ("timm", "create_model", {}),
}
"""By name: the module, the function, and its options. Transformers of three blocks, to be quick."""


@dataclass(frozen=True, slots=True)
class Row:
    """A network with what was found, or why nothing was."""

    source: str
    name: str
    layer: str = ""
    grid: str = ""
    special: int = 0
    whole: bool = False
    counts: float = 0.0
    error: float = 0.0
    told: bool = False
    alone: bool = False
    refused: str = ""

    @property
    def right(self) -> bool:
        """Whether the map is that of the plain loop and says where it is of a part; a reason is right as well."""
        return bool(self.refused) or (self.error < CLOSE and self.counts > 0 and (self.whole or self.told))

    def line(self) -> str:
        """As a line of the table."""
        if self.refused:
            return f"| {self.source} | `{self.name}` | refused: {self.refused} | | | | |"
        passes = "all" if self.whole else "a part, and says so" if self.told else "a part"
        passes += ", patches alone, and says so" * self.alone
        special = f" behind {self.special}" if self.special else ""
        same = f"{self.error:.0e}" if self.error else "0"
        return (
            f"| {self.source} | `{self.name}` | `{self.layer}` | {self.grid}{special} | {passes} | {self.counts:.0%} "
            f"| {same} |"
        )


def networks() -> Iterator[tuple[str, str, Callable[[], nn.Module], int]]:
    """Where it comes from, its name, how it is built, and the side of its pictures."""
    for name in sorted(recipes.TYPES):
        yield "transformers", name, lambda name=name: recipes.model_of(name), recipes.SIZE  # type: ignore[misc]
    for name, (module, function, options) in OUTSIDE.items():
        yield module.partition(".")[0], name, lambda m=module, f=function, n=name, o=options: _built(m, f, n, o), LARGE  # type: ignore[misc]


def _built(module: str, function: str, name: str, options: dict[str, Any]) -> nn.Module:
    torch.manual_seed(0)
    make = getattr(import_module(module), function)
    model: nn.Module = make(name, num_classes=3, **options) if module == "timm" else make(num_classes=3, **options)
    for parameter in model.parameters():  # some heads begin with zeros, and then nothing counts
        if parameter.ndim > 1 and not parameter.any():
            nn.init.normal_(parameter, std=0.02)
    return model.eval()


def row_of(source: str, name: str, build: Callable[[], nn.Module], side: int) -> Row:
    """Builds one network and holds its map against the plain loop."""
    if source == "transformers" and name in recipes.REFUSED:
        return Row(source, name, refused=recipes.REFUSED[name])
    model = build()
    dtype = next(model.parameters()).dtype

    def preprocess(picture: Image.Image) -> Tensor:
        values = torch.from_numpy(np.asarray(picture.resize((side, side))).copy())
        return values.permute(2, 0, 1).to(dtype) / 127.5 - 1

    small = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    picture = Image.fromarray(small).resize((side, side))
    classifier = ImageClassifier(model, preprocess)
    try:
        (found,) = classifier.explain([picture], "grad_cam", target=1, options={"relu": False})
    except ModelError as error:
        return Row(source, name, refused=first_line(error))
    assert found.layer is not None
    asked = _Asked(classifier, found.layer, preprocess(picture)[None], found.grid.shape)
    cam, counts, special = asked.map()
    off = float(np.abs(cam - found.grid).max() / np.abs(cam).max())
    told, alone = (any(said in note for note in found.notes) for said in ("several ways", "its own pixels alone"))
    grid = f"{found.grid.shape[0]} x {found.grid.shape[1]}"
    return Row(source, name, found.layer, grid, special, asked.whole(), counts, off, told, alone)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A layer of a model, by hooks of this script."""

    classifier: ImageClassifier
    layer: str
    pixels: Tensor
    grid: tuple[int, ...]

    def logit(self, hook: Callable[[Tensor], Tensor], pixels: Tensor) -> Tensor:
        """The logit of class 1 with the output of the layer led through `hook`."""

        def led(_module: nn.Module, _inputs: Any, output: Any) -> Any:
            many = isinstance(output, tuple)
            new = hook(output[0] if many else output)
            return (new, *output[1:]) if many else new

        handle = self.classifier.model.get_submodule(self.layer).register_forward_hook(led)
        try:
            return self.classifier._network.forward(pixels)[0, 1]
        finally:
            handle.remove()

    def map(self) -> tuple[np.ndarray, float, int]:
        """Grad-CAM without a ReLU [h, w], the share of places with a gradient, and the tokens before the grid."""
        kept: list[Tensor] = []

        def hook(output: Tensor) -> Tensor:
            kept.append(output.detach().requires_grad_())
            return kept[0].clone()  # what is written in place behind the layer meets the copy

        (slope,) = torch.autograd.grad(self.logit(hook, self.pixels), kept[0])
        values, special = kept[0].detach(), 0
        if values.ndim == 3:
            special = values.shape[1] - int(np.prod(self.grid))
            shape = (1, *self.grid, values.shape[2])
            values, slope = (one[:, special:].reshape(shape) for one in (values, slope))
        if values.shape[2:] != self.grid:  # channels last
            values, slope = (one.permute(0, 3, 1, 2) for one in (values, slope))
        cam = (slope.mean((2, 3), keepdim=True) * values).sum(1)[0]
        return cam.double().numpy(), float((slope.abs().amax(1) > 0).double().mean()), special

    def whole(self) -> bool:
        """Whether no gradient reaches the pixels while the output of the layer is held fixed."""
        pixels = self.pixels.clone().requires_grad_()
        logit = self.logit(lambda output: output.detach().clone(), pixels)
        slope = torch.autograd.grad(logit, pixels, allow_unused=True)[0] if logit.requires_grad else None
        return slope is None or not bool(slope.any())


HEAD = """\
| from | network | layer | grid, special tokens | what passes through it | places that count | from the plain loop |
| --- | --- | --- | --- | --- | --- | --- |
"""


def table(rows: list[Row]) -> str:
    """The results as Markdown."""
    right = sum(row.right for row in rows)
    refused = sum(bool(row.refused) for row in rows)
    ends = f"{right} right or refused with a reason ({refused})"
    head = f"`python -m benchmarks.image_layers`: {len(rows)} networks, {ends}."
    return f"{head}\n\n{HEAD}" + "\n".join(row.line() for row in rows) + "\n"


def _beside(folder: Path) -> None:
    """Unpacked wheels; torchvision's own operators may want another torch, and no network here calls one."""
    sys.path.append(str(folder))
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
    _KEPT.append(library)


_KEPT: list[Any] = []


def main() -> int:
    """Prints the table; exit code 1 where a network is neither right nor refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beside", type=Path, help="a folder with torchvision and timm unpacked")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.beside:
        _beside(options.beside)
    rows, begun = [], time.perf_counter()
    for source, name, build, side in networks():
        try:
            rows.append(row_of(source, name, build, side))
        except ImportError as error:
            print(f"left out: {name} ({first_line(error)})")
            continue
        print(rows[-1].line(), "" if rows[-1].right else "WRONG", flush=True)
    print(f"\n{table(rows)}\n{time.perf_counter() - begun:.0f} s")
    if options.write:
        text = PAGE.read_text(encoding="utf-8")
        before, after = text.split(BEGIN)[0], text.split(END)[1]
        PAGE.write_text(f"{before}{BEGIN}\n{table(rows)}{END}{after}", encoding="utf-8")
    return int(not all(row.right for row in rows))


if __name__ == "__main__":
    sys.exit(main())

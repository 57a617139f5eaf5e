"""Pictures whose pixels have one shape -> one explicand -> attributions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL.Image import Image
from torch import Tensor
from torch.nn.functional import interpolate

from token_saliency.core.explicand import Explicand, Scores, completeness_error
from token_saliency.core.hooks import captured, substituted
from token_saliency.core.targets import OutputFn
from token_saliency.drawing.facts import ROUGH
from token_saliency.errors import OptionError
from token_saliency.image.attribution import ImageAttribution
from token_saliency.image.baselines import baseline_of
from token_saliency.image.methods import ChosenImageMethod
from token_saliency.image.model.layers import Layer
from token_saliency.image.model.network import ImageNetwork
from token_saliency.image.pixels.bands import Preprocess, looks
from token_saliency.image.pixels.geometry import Sight
from token_saliency.image.pixels.overlay import Floats
from token_saliency.image.pixels.pictures import losses
from token_saliency.methods.grad_cam import grad_cam


@dataclass(frozen=True, slots=True)
class PictureQuestion:
    """What is asked of every picture."""

    chosen: ChosenImageMethod
    output: str
    output_function: OutputFn
    baseline: str
    classes: list[str]
    seed: int


@dataclass(frozen=True, slots=True)
class PixelBatch:
    """Pictures whose pixels [B, 3, H, W] have one shape, one entry a picture; `layer` where a method asks one."""

    pictures: list[Image]
    pixels: Tensor
    predicted: list[int]
    targets: list[int]
    seeds: tuple[int, ...]
    layer: Layer | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """Maps of a group: `heat` [B, H, W], `grid` before it was enlarged."""

    scores: Scores
    heat: Tensor
    grid: Tensor
    signed: bool
    notes: tuple[str, ...] = ()


def explain_group(
    network: ImageNetwork, sight: Sight, question: PictureQuestion, group: PixelBatch, batch_size: int
) -> list[ImageAttribution]:
    """The attributions of one group, in its order."""
    baselines = _baselines(sight.preprocess, question, group)
    drawn = _DRAWERS[question.chosen.method.at](network, question, group, baselines, batch_size)
    drawn = replace(drawn, scores=drawn.scores.on_cpu(), heat=drawn.heat.cpu(), grid=drawn.grid.cpu())
    return [_attribution(question, group, drawn, i, sight) for i in range(len(group.pictures))]


def _baselines(preprocess: Preprocess, question: PictureQuestion, group: PixelBatch) -> Tensor:
    if not question.chosen.method.baseline and not question.chosen.options.get("times_input"):
        return torch.zeros_like(group.pixels) - 1e3  # never met: says only that no pixel is held fixed
    made = [
        baseline_of(question.baseline, picture, seed, preprocess)
        for picture, seed in zip(group.pictures, group.seeds, strict=True)
    ]
    return torch.stack(made).to(group.pixels)


def _explicand(
    inputs: Tensor, baselines: Tensor, group: PixelBatch, score: Callable[[Tensor, Tensor], Tensor], n: int
) -> Explicand:
    channels = inputs.shape[1]
    lengths = torch.full((len(inputs),), channels)
    return Explicand(inputs, baselines, score, lengths, channels * n, group.seeds)


def _pixel_scores(
    network: ImageNetwork, question: PictureQuestion, group: PixelBatch, baselines: Tensor, n: int
) -> Scores:
    targets = torch.tensor(group.targets, device=group.pixels.device)

    def score(points: Tensor, rows: Tensor) -> Tensor:
        return question.output_function(network.logits(points), targets[rows])

    return question.chosen.method.function(
        _explicand(group.pixels, baselines, group, score, n), **question.chosen.options
    )


def _of_pixels(network: ImageNetwork, question: PictureQuestion, group: PixelBatch, baselines: Tensor, n: int) -> Drawn:
    scores = _pixel_scores(network, question, group, baselines, n)
    heat, signed = question.chosen.reduced(scores)
    return Drawn(scores, heat, heat, signed)


def _cam(
    network: ImageNetwork, question: PictureQuestion, group: PixelBatch, n: int, options: dict[str, object]
) -> Scores:
    """The map of a layer: its activations are the inputs, and go back into the model in place of its own."""
    layer = group.layer
    if layer is None:
        raise OptionError("grad_cam needs a layer.")
    with captured(layer.module) as outputs:
        network.forward(group.pixels.to(network.dtype))
    if len(outputs) != 1:
        raise OptionError(
            f"The layer {layer.name!r} is called {len(outputs)} times in a forward pass; choose one called once."
        )
    activations = layer.to_map(outputs[0]).detach()
    targets = torch.tensor(group.targets, device=group.pixels.device)

    def score(points: Tensor, rows: Tensor) -> Tensor:
        with substituted(layer.module, lambda output: layer.from_map(output, points.to(network.dtype, copy=True))):
            return question.output_function(network.logits(group.pixels[rows]), targets[rows])

    return grad_cam(_explicand(activations, torch.zeros_like(activations), group, score, n), **options)  # type: ignore[arg-type]


def _of_layer(network: ImageNetwork, question: PictureQuestion, group: PixelBatch, _: Tensor, n: int) -> Drawn:
    scores = _cam(network, question, group, n, dict(question.chosen.options))
    grid = scores.values.abs() if question.chosen.absolute else scores.values
    notes = (_NEGATIVE,) if not scores.signed and bool((grid.flatten(1).amax(1) <= 0).any()) else ()
    return Drawn(scores, enlarged(grid, group.pixels), grid, scores.signed and not question.chosen.absolute, notes)


def _of_both(network: ImageNetwork, question: PictureQuestion, group: PixelBatch, baselines: Tensor, n: int) -> Drawn:
    """Guided backprop, kept where Grad-CAM is bright (Selvaraju et al. 2017)."""
    guided = _pixel_scores(network, question, group, baselines, n)
    cam = _cam(network, question, group, n, dict(question.chosen.cam))
    product = guided.values * enlarged(cam.values, group.pixels)[:, None].to(guided.values)
    scores = Scores(product, guided.signed, False, guided.output, None, guided.evaluations + 1, guided.converged)
    heat, signed = question.chosen.reduced(scores)
    return Drawn(scores, heat, heat, signed)


_DRAWERS = {"pixels": _of_pixels, "layer": _of_layer, "both": _of_both}


def enlarged(grid: Tensor, pixels: Tensor) -> Tensor:
    """[B, h, w] -> [B, H, W], bilinear."""
    size = (pixels.shape[2], pixels.shape[3])
    return interpolate(grid[:, None], size=size, mode="bilinear", align_corners=False)[:, 0]


_NEGATIVE = (
    "No place of the layer speaks for this class: the map is empty because all of its evidence is negative (relu=False "
    "shows it)."
)
_UNREACHED = "No gradient reaches this layer from this class: the map is empty, and says nothing of the picture."
_PART = (
    "The layer {layer} is one of several ways to the logits: what goes round it (another branch, a shortcut) is not in "
    "this map."
)
_ALONE = (
    "Each place of the layer {layer} has seen its own pixels alone (they were only embedded): the map says where the "
    "model looks, not what it sees there."
)
_BLIND = (
    "Guided backprop redraws the edges of the picture: its map hardly depends on the class that is asked, nor on what "
    "the model has learned (Adebayo et al. 2018, Nie et al. 2018). Look at it, conclude nothing from it.",
)
_LOSS = "The picture has {}."
_CAVEATS = {"guided_backprop": _BLIND, "guided_grad_cam": _BLIND}


def _attribution(question: PictureQuestion, group: PixelBatch, drawn: Drawn, i: int, sight: Sight) -> ImageAttribution:
    scores, method = drawn.scores, question.chosen.method
    output = float(scores.output[i])
    baseline = float(scores.baseline_output[i]) if scores.baseline_output is not None else None
    heat = _numbers(drawn.heat[i])
    notes = drawn.notes if drawn.notes and not np.any(heat) else ()
    if not bool(scores.converged[i]):
        notes = (_UNREACHED if method.at == "layer" else ROUGH,)
    if group.layer is not None and group.layer.part:
        notes += (_PART.format(layer=group.layer.name),)
    if group.layer is not None and group.layer.alone:
        notes += (_ALONE.format(layer=group.layer.name),)
    return ImageAttribution(
        image=looks(group.pictures[i]),
        heatmap=heat,
        grid=_numbers(drawn.grid[i]),
        seen=sight.box(group.pictures[i].size, group.pictures[i].mode),
        method=question.chosen.name,
        signed=drawn.signed,
        predicted=question.classes[group.predicted[i]],
        target=question.classes[group.targets[i]],
        target_index=group.targets[i],
        output=question.output,
        output_value=output,
        baseline=question.baseline if method.baseline else None,
        baseline_value=baseline,
        completeness_error=completeness_error(scores.values[i], output, baseline) if scores.complete else None,
        evaluations=int(scores.evaluations[i]),
        converged=bool(scores.converged[i]),
        layer=group.layer.name if group.layer else None,
        notes=(*notes, *_CAVEATS.get(question.chosen.name, ()), *map(_LOSS.format, losses(group.pictures[i]))),
    )


def _numbers(values: Tensor) -> Floats:
    return np.asarray(values.detach().double().numpy())

"""The image methods: where each of them looks, and which options it takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, Scores
from token_saliency.core.gradients import Loop
from token_saliency.errors import OptionError, unknown
from token_saliency.methods.grad_cam import grad_cam
from token_saliency.methods.gradient import gradient, gradient_x_input
from token_saliency.methods.guided_backprop import guided_backprop
from token_saliency.methods.integrated_gradients import integrated_gradients
from token_saliency.methods.kinds import given_options, require_kinds
from token_saliency.methods.random import random
from token_saliency.methods.smoothgrad import smoothgrad


def patch_occlusion(explicand: Explicand, *, patch: int | None = None, stride: int | None = None) -> Scores:
    """How far the output falls when a square of pixels is replaced by the baseline (Zeiler and Fergus 2014).

    `patch` pixels a side (default: an eighth of the shorter side), moved by `stride` (default: the patch), the last
    ones flush with the border. A pixel in several patches gets the mean of their falls, as in the paper.
    Values [B, H, W].
    """
    height, width = explicand.inputs.shape[2:]
    side = patch if patch is not None else max(1, min(height, width) // 8)
    step = stride if stride is not None else side
    if not 1 <= side <= min(height, width) or not 1 <= step <= side:
        raise OptionError(
            f"occlusion needs a patch between 1 and {min(height, width)} pixels and a stride between 1 and the patch, "
            f"not patch={side}, stride={step}."
        )
    places = [(top, left) for top in _starts(height, side, step) for left in _starts(width, side, step)]
    loop, count = Loop(explicand), len(explicand.inputs)
    output = loop.output()
    rows = [row for row in range(count) for _ in places]

    def points(index: Tensor, of: Tensor, _length: int) -> Tensor:
        built = explicand.inputs[of].clone()
        for at, (i, row) in enumerate(zip(index.tolist(), of.tolist(), strict=True)):
            top, left = places[i % len(places)]
            window = (slice(None), slice(top, top + side), slice(left, left + side))
            built[at][window] = explicand.baselines[row][window]
        return built

    falls = (output[rows] - loop.scores(rows, points)).view(count, len(places))
    total, hits = falls.new_zeros(count, height, width), falls.new_zeros(height, width)
    for number, (top, left) in enumerate(places):
        total[:, top : top + side, left : left + side] += falls[:, number, None, None]
        hits[top : top + side, left : left + side] += 1
    spent = torch.full((count,), 1 + len(places))
    return Scores(total / hits, True, False, output, None, spent, spent > 0)


def _starts(length: int, side: int, step: int) -> list[int]:
    starts = list(range(0, length - side + 1, step))
    return starts if starts[-1] == length - side else [*starts, length - side]


@dataclass(frozen=True, slots=True)
class ImageMethod:
    """`at`: the explicand is that of the pixels, of a layer, or the method asks both and multiplies.

    `baseline`: whether the scores depend on one.
    """

    function: Callable[..., Scores]
    at: Literal["pixels", "layer", "both"] = "pixels"
    baseline: bool = False


IMAGE_METHODS: dict[str, ImageMethod] = {
    "gradient": ImageMethod(gradient),
    "gradient_x_input": ImageMethod(gradient_x_input, baseline=True),
    "smoothgrad": ImageMethod(smoothgrad),
    "integrated_gradients": ImageMethod(integrated_gradients, baseline=True),
    "grad_cam": ImageMethod(grad_cam, at="layer"),
    "guided_backprop": ImageMethod(guided_backprop),
    "guided_grad_cam": ImageMethod(guided_backprop, at="both"),
    "occlusion": ImageMethod(patch_occlusion, baseline=True),
    "random": ImageMethod(random),
}

REDUCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "sum": lambda values: values.sum(1),
    "mean": lambda values: values.mean(1),
    "max": lambda values: values.abs().amax(1),
    "l2": lambda values: values.norm(dim=1),
    "square": lambda values: (values**2).sum(1),
}
"""From channels [B, C, H, W] to a map [B, H, W]; `sum` and `mean` keep the sign, `square` is that of `l2`."""
SIGN_KEPT = ("sum", "mean")


@dataclass(frozen=True, slots=True)
class ChosenImageMethod:
    """A method with its options; `reduce` and `absolute` are read by the adapter, `cam` goes to the layer's map."""

    name: str
    method: ImageMethod
    reduce: str | None
    absolute: bool
    options: Mapping[str, Any]
    cam: Mapping[str, Any]

    def reduced(self, scores: Scores) -> tuple[Tensor, bool]:
        """The map [B, H, W] and whether its sign means something. Signed scores are summed, of others the norm is
        taken."""
        values = scores.values
        name = self.reduce or ("sum" if scores.signed else "l2")
        found = REDUCTIONS[name](values) if values.ndim == 4 else values
        signed = (scores.signed or self.reduce in SIGN_KEPT) and (values.ndim == 3 or name in SIGN_KEPT)
        return (found.abs(), False) if self.absolute else (found, signed)


def chosen_method(name: str, options: Mapping[str, Any] | None) -> ChosenImageMethod:
    """The method by its name with its own options; OptionError names what exists."""
    if name not in IMAGE_METHODS:
        raise unknown("image method", name, IMAGE_METHODS)
    method, given = IMAGE_METHODS[name], given_options(options)
    own, cam = _names(method.function), _names(grad_cam) if method.at == "both" else []
    known = [*own, *cam, "reduce", "absolute"]
    for option in given:
        if option not in known:
            raise unknown(f"option of {name}", option, known)
    reduce, absolute = given.pop("reduce", None), bool(given.pop("absolute", False))
    if reduce is not None and reduce not in REDUCTIONS:
        raise unknown("reduction", reduce, REDUCTIONS)
    if reduce is not None and method.at == "layer":
        raise OptionError(f"{name} makes a map without channels: there is nothing to reduce.")
    require_kinds(name, method.function, given)
    require_kinds(name, grad_cam, {key: given[key] for key in cam if key in given})
    return ChosenImageMethod(
        name,
        method,
        reduce,
        absolute,
        {key: value for key, value in given.items() if key in own},
        {key: value for key, value in given.items() if key in cam},
    )


def _names(function: Callable[..., Scores]) -> list[str]:
    return [one.name for one in inspect.signature(function).parameters.values() if one.kind is one.KEYWORD_ONLY]

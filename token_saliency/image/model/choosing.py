"""Which layer grad_cam draws by itself: the last one that everything passes through, place by place.

A map of one branch of four, or of a block without its shortcut, leaves out what goes round it, and looks no different.
So a layer is asked: with its output held fixed, does a gradient still reach the logits from the pixels? If none does,
all that the model saw passed through it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from token_saliency.core.hooks import captured, copied, own_calls, substituted
from token_saliency.errors import ModelError
from token_saliency.image.model.layers import Layer, Places, reading_of, watched
from token_saliency.image.model.network import ImageNetwork

REACHED = 0.05
"""Of the places of a map, by any probe: behind ReLUs a map may well be sparse, and one of class tokens is empty."""
_POOLS = (
    nn.MaxPool2d,
    nn.AvgPool2d,
    nn.AdaptiveAvgPool2d,
    nn.AdaptiveMaxPool2d,
    nn.LPPool2d,
    nn.FractionalMaxPool2d,
)


@dataclass(frozen=True, slots=True)
class Probe:
    """The network with noise [N, C, H, W] to find out by."""

    network: ImageNetwork
    pixels: Tensor

    def forward(self, pixels: Tensor) -> Tensor:
        """One weighted sum of the logits. Each has a weight of its own: a sum of probabilities depends on nothing."""
        logits = self.network.forward(pixels.to(self.network.dtype))
        return (logits * torch.linspace(1, 2, logits.shape[1], dtype=logits.dtype, device=logits.device)).sum()

    def counts(self, layer: Layer) -> bool:
        """Whether the logits depend on the places of the map."""
        with captured(layer.module) as outputs:
            self.forward(self.pixels)
        if len(outputs) != 1:
            return False
        places = layer.to_map(outputs[0]).clone().requires_grad_()
        with torch.enable_grad(), substituted(layer.module, lambda output: layer.from_map(output, places.clone())):
            slope = _slope(self.forward(self.pixels), places)
        return slope is not None and bool((slope.abs().amax(1) > 0).any(0).float().mean() > REACHED)

    def everything(self, layer: Layer) -> bool:
        """Whether nothing goes round the layer: with its output held fixed no gradient comes from the pixels."""
        pixels = self.pixels[:1].clone().requires_grad_()
        with torch.enable_grad(), substituted(layer.module, copied):
            slope = _slope(self.forward(pixels), pixels)
        return slope is None or not bool(slope.any())

    def mixes(self, layer: Layer) -> bool:
        """Whether a place of the map has seen more than its own pixels: patches that were only embedded have not."""
        pixels = self.pixels[:1].clone().requires_grad_()
        seen: list[Tensor] = []
        handle = layer.module.register_forward_hook(own_calls(lambda _m, _i, output: seen.append(layer.to_map(output))))
        try:
            with torch.enable_grad():
                self.forward(pixels)
                h, w = seen[-1].shape[2:]
                place = seen[-1][0, :, h // 2, w // 2]  # weighted: the sum over channels behind a norm is constant
                slope = _slope((place * torch.linspace(1, 2, len(place)).to(place)).sum(), pixels)
        finally:
            handle.remove()
        if slope is None:
            return False
        height, width = slope.shape[2:]
        down, across = -(-height // h), -(-width // w)
        top, left = (h // 2) * height // h, (w // 2) * width // w
        slope[:, :, top : top + down, left : left + across] = 0
        return bool(slope.any())


def _slope(value: Tensor, of: Tensor) -> Tensor | None:
    return torch.autograd.grad(value, of, allow_unused=True)[0] if value.requires_grad else None


def last_layer(network: ImageNetwork, pixels: Tensor) -> Layer:
    """The last layer that all passes through and whose places all count; else a part, and it says that it is one.

    Behind the last attention of a ViT only the class token counts, so the map there is empty: the block before it is
    taken. A map of patches that were only embedded says so. ModelError where no layer fits.
    """
    with torch.inference_mode(False), torch.no_grad():  # within the caller's no gradient could be taken
        return _last_layer(Probe(network, pixels.clone()))


def _last_layer(probe: Probe) -> Layer:
    network, pixels = probe.network, probe.pixels
    candidates = _called(network.model, lambda: probe.forward(pixels), pixels.shape)
    for layer in reversed(candidates):
        if probe.counts(layer) and probe.everything(layer) and probe.mixes(layer):
            return layer
    for layer in reversed(candidates):
        if (isinstance(layer.module, nn.Conv2d) or _is_norm(layer.module)) and probe.counts(layer):
            return replace(layer, part=not probe.everything(layer), alone=not probe.mixes(layer))
    raise ModelError(
        f"{type(network.model).__name__} has no layer whose output is a map of places that the logits depend on, so "
        "grad_cam has nothing to draw; use 'integrated_gradients', 'smoothgrad' or 'occlusion'."
    )


def _called(model: nn.Module, run: Callable[[], Any], shape: Sequence[int]) -> list[Layer]:
    """The modules that make maps, in the order of their last call; of several with one output the outermost.

    Poolings are left out, and what ends in one: the map before it has more places.
    """
    seen: dict[str, tuple[nn.Module, Any]] = {}
    with watched(model, seen):
        run()
    places = Places.of(model, shape, seen.values())
    read = (reading_of(name, module, output, places) for name, module, output in _distinct(seen))
    return [layer for layer in read if layer is not None]


def _distinct(seen: dict[str, tuple[nn.Module, Any]]) -> Iterator[tuple[str, nn.Module, Any]]:
    pooled = {id(output) for module, output in seen.values() if isinstance(module, _POOLS)}
    last = {id(output): name for name, (_, output) in seen.items()}
    for name, (module, output) in seen.items():
        if id(output) not in pooled and last[id(output)] == name:
            yield name, module, output


def _is_norm(module: nn.Module) -> bool:
    return "norm" in type(module).__name__.lower()

"""Layers whose output is a map: the last convolution of a CNN, the token grid of a transformer.

A layer that says nothing about places is refused, never drawn: a ViT block returns [B, T, D], and reading that as a
picture of T by D is how other tools come to draw hidden units.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from token_saliency.core.hooks import captured
from token_saliency.errors import ModelError, OptionError, unknown

SPECIAL = 8
"""A class token, a distillation token, a few registers: more tokens beside the grid are something else."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer with the way from its output to a map [B, K, h, w] and back."""

    name: str
    module: nn.Module
    to_map: Callable[[Any], Tensor]
    from_map: Callable[[Any, Tensor], Any]
    kind: str
    part: bool = False
    """Whether something goes round the layer to the logits: a shortcut, another branch."""


def layer_named(model: nn.Module, name: str, run: Callable[[], Any], size: tuple[int, int]) -> Layer:
    """Any layer by its name. OptionError where there is none, ModelError where its output is no map."""
    modules = dict(model.named_modules())
    if name not in modules:
        raise unknown("layer", name, [key for key in modules if key])
    with captured(modules[name]) as outputs:
        run()
    if not outputs:
        raise OptionError(f"The layer {name!r} is never called in a forward pass; choose another.")
    found = reading_of(name, modules[name], outputs[-1], size, specials_of(model), patch_of(model))
    if found is None:
        raise ModelError(
            f"The output of the layer {name!r}, {_shape(outputs[-1])}, is no map of places on an image of "
            f"{size[0]} x {size[1]}; choose a convolution, or a block whose tokens form a grid."
        )
    return found


def reading_of(
    name: str, module: nn.Module, output: Any, size: tuple[int, int], specials: int | None, patch: int | None
) -> Layer | None:
    """How the output is read as a map, None where it is none. `size` is height and width of the pixels."""
    tensor = output[0] if isinstance(output, tuple | list) and output else output
    if not isinstance(tensor, Tensor) or not tensor.is_floating_point():
        return None
    if tensor.ndim == 4:
        return _four(name, module, tensor, size)
    return _tokens(name, module, tensor, size, specials, patch) if tensor.ndim == 3 else None


def _four(name: str, module: nn.Module, tensor: Tensor, size: tuple[int, int]) -> Layer | None:
    """[B, K, h, w], or with the channels last."""
    if _fits(tuple(tensor.shape[2:]), size):
        return Layer(name, module, _first, lambda old, new: _put(old, new), "channels first")
    if isinstance(module, nn.Conv2d) or not _fits(tuple(tensor.shape[1:3]), size):
        return None
    return Layer(
        name,
        module,
        lambda out: _first(out).permute(0, 3, 1, 2),
        lambda old, new: _put(old, new.permute(0, 2, 3, 1)),
        "channels last",
    )


def _fits(grid: tuple[int, ...], size: tuple[int, int]) -> bool:
    """More than one place, no more places than pixels, and the shape of the image (a strip of rounding is allowed)."""
    (h, w), (height, width) = grid, size
    if h * w <= 1 or h > height or w > width:
        return False
    down, across = height / h, width / w
    return max(down, across) / min(down, across) < 1 + 1.5 / min(h, w)


def _tokens(
    name: str, module: nn.Module, tensor: Tensor, size: tuple[int, int], specials: int | None, patch: int | None
) -> Layer | None:
    """[B, T, D]: a grid row by row behind a few special tokens."""
    grid = token_grid(tensor.shape[1], size, specials, patch)
    if grid is None:
        return None
    front, h, w = grid

    def to_map(out: Any) -> Tensor:
        kept = _first(out)[:, front:]
        return kept.transpose(1, 2).reshape(len(kept), -1, h, w)

    def from_map(old: Any, new: Tensor) -> Any:
        places = new.flatten(2).transpose(1, 2)
        return _put(old, torch.cat([_first(old)[:, :front], places], dim=1))

    return Layer(name, module, to_map, from_map, f"{h} x {w} tokens behind {front} special ones")


def token_grid(
    tokens: int, size: tuple[int, int], specials: int | None, patch: int | None
) -> tuple[int, int, int] | None:
    """(special tokens, rows, columns) of a sequence, None where it is no grid of this image.

    With the patch size of the config the grid is known; a hierarchical model halves it a few times, and then has no
    special tokens.
    """
    height, width = size
    if patch is not None and patch > 0:
        rows, columns = height // patch, width // patch
        rest = tokens - rows * columns
        if rows * columns > 1 and 0 <= rest <= SPECIAL and (specials is None or rest in (0, specials)):
            return rest, rows, columns
    for halvings in range(1, 8):
        step = (patch or 1) * 2**halvings
        rows, columns = math.ceil(height / step), math.ceil(width / step)
        if rows * columns == tokens and tokens > 1:
            return 0, rows, columns
    return None


def patch_of(model: nn.Module) -> int | None:
    """The side of a patch: from the config, else from the convolution that cuts the pixels into patches."""
    config: Any = getattr(model, "config", None)
    for place in (config, getattr(config, "vision_config", None)):
        found = getattr(place, "patch_size", None)
        if isinstance(found, list | tuple) and found:
            found = found[0]
        if isinstance(found, int):
            return found
    cuts = (one.kernel_size for one in model.modules() if isinstance(one, nn.Conv2d) and one.kernel_size == one.stride)
    return next((int(side[0]) for side in cuts if side[0] == side[1] > 1), None)


def specials_of(model: nn.Module) -> int | None:
    """How many tokens stand before the grid, as far as the config says."""
    registers = getattr(getattr(model, "config", None), "num_register_tokens", None)
    return 1 + registers if isinstance(registers, int) else None


def _first(output: Any) -> Tensor:
    tensor: Tensor = output[0] if isinstance(output, tuple | list) else output
    return tensor


def _put(old: Any, new: Tensor) -> Any:
    if isinstance(old, tuple):
        return (new, *old[1:])
    if isinstance(old, list):
        return [new, *old[1:]]
    return new


def _shape(output: Any) -> str:
    tensor = output[0] if isinstance(output, tuple | list) and output else output
    return f"{type(tensor).__name__} {list(getattr(tensor, 'shape', []))}"

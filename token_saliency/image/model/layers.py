"""Layers whose output is a map: the last convolution of a CNN, the token grid of a transformer.

A layer that says nothing about places is refused, never drawn: a ViT block returns [B, T, D], and reading that as a
picture of T by D is how other tools come to draw hidden units.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from token_saliency.core.hooks import own_calls
from token_saliency.errors import ModelError, OptionError, unknown

MERGED = 4
"""Neighbours a side that are merged into one token between two stages, at most."""
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
    alone: bool = False
    """Whether each place has seen its own pixels alone: patches that were only embedded."""


@dataclass(frozen=True, slots=True)
class Places:
    """What a network says of its places: `batch` and `size` (height, width) of the pixels, and the `grids` of its maps.

    `patch` is the side of a patch and `specials` the tokens before the grid, where they are known.
    """

    batch: int
    size: tuple[int, int]
    patch: int | None
    specials: int | None
    grids: frozenset[tuple[int, int]]

    @classmethod
    def of(cls, model: nn.Module, shape: Sequence[int], called: Iterable[tuple[nn.Module, Any]]) -> Places:
        """From the modules with their outputs for pixels of a shape [N, C, H, W]."""
        size, maps, tokens = (shape[2], shape[3]), set[tuple[int, int]](), set[int]()
        for module, output in called:
            tensor = _tensor(output)
            if tensor is not None and len(tensor) == shape[0]:
                if isinstance(module, nn.Conv2d) and tensor.ndim == 4 and _fits(tuple(tensor.shape[2:]), size):
                    maps.add((tensor.shape[2], tensor.shape[3]))
                tokens |= {tensor.shape[1]} if tensor.ndim == 3 else set()
        for count in sorted(tokens, reverse=True):
            grid = _halved(count, size)
            if grid is not None and any(_near(grid, finer) for finer in maps):
                maps.add(grid)
        return cls(shape[0], size, patch_of(model), specials_of(model), frozenset(maps))


def _near(grid: tuple[int, int], finer: tuple[int, int]) -> bool:
    """Whether tokens may be merged from a finer map. What has as many tokens by chance (latents) has none so near."""
    return all(side <= other <= MERGED * side for side, other in zip(grid, finer, strict=True))


def _halved(tokens: int, size: tuple[int, int]) -> tuple[int, int] | None:
    """The grid of a hierarchical model: the size of the pixels, halved a few times."""
    grids = ((math.ceil(size[0] / 2**n), math.ceil(size[1] / 2**n)) for n in range(1, 8))
    return next((grid for grid in grids if grid[0] * grid[1] == tokens > 1), None)


def layer_named(model: nn.Module, name: str, run: Callable[[], Any], shape: Sequence[int]) -> Layer:
    """Any layer by its name. OptionError where there is none, ModelError where its output is no map."""
    modules = dict(model.named_modules())
    if name not in modules:
        raise unknown("layer", name, [key for key in modules if key])
    called: dict[str, tuple[nn.Module, Any]] = {}
    with watched(model, called):
        run()
    if name not in called:
        raise OptionError(f"The layer {name!r} is never called in a forward pass; choose another.")
    found = reading_of(name, *called[name], Places.of(model, shape, called.values()))
    if found is None:
        raise ModelError(
            f"The output of the layer {name!r}, {_shape(called[name][1])}, is no map of places on an image of "
            f"{shape[2]} x {shape[3]}; choose a convolution, or a block whose tokens form a grid."
        )
    return found


@contextmanager
def watched(model: nn.Module, called: dict[str, tuple[nn.Module, Any]]) -> Iterator[None]:
    """Inside the block each call of a module is noted by its name with its output, in the order of the last calls."""

    def note(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, _inputs: Any, output: Any) -> None:
            called.pop(name, None)
            called[name] = (module, output)

        return hook

    handles = [one.register_forward_hook(own_calls(note(name))) for name, one in model.named_modules() if name]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def reading_of(name: str, module: nn.Module, output: Any, places: Places) -> Layer | None:
    """How the output is read as a map, None where it is none."""
    tensor = _tensor(output)
    if tensor is None or len(tensor) != places.batch:
        return None
    if tensor.ndim == 4:
        return _four(name, module, tensor, places.size)
    return _tokens(name, module, tensor, places) if tensor.ndim == 3 else None


def _tensor(output: Any) -> Tensor | None:
    tensor = output[0] if isinstance(output, tuple | list) and output else output
    return tensor if isinstance(tensor, Tensor) and tensor.ndim and tensor.is_floating_point() else None


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


def _tokens(name: str, module: nn.Module, tensor: Tensor, places: Places) -> Layer | None:
    """[B, T, D]: a grid row by row behind a few special tokens."""
    grid = token_grid(tensor.shape[1], places)
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


def token_grid(tokens: int, places: Places) -> tuple[int, int, int] | None:
    """(special tokens, rows, columns) of a sequence, None where it is no grid of this image.

    With the patch size the grid is known; a hierarchical model has the grids of its maps, and a class token at most.
    """
    height, width = places.size
    if places.patch is not None and places.patch > 0:
        rows, columns = height // places.patch, width // places.patch
        rest = tokens - rows * columns
        if rows * columns > 1 and 0 <= rest <= SPECIAL and (places.specials is None or rest in (0, places.specials)):
            return rest, rows, columns
    known = ((tokens - rows * columns, rows, columns) for rows, columns in places.grids)
    return min((one for one in known if 0 <= one[0] <= 2 and one[1] * one[2] > 1), default=None)


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

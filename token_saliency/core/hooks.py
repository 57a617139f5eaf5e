"""Context managers that look into a model, or change what a layer says, and always undo it."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode


def own_calls(hook: Callable[..., Any]) -> Callable[..., Any]:
    """The hook for calls of this thread alone: a model may be called by others meanwhile, and theirs are not ours."""
    ours = threading.get_ident()

    def called(*args: Any) -> Any:
        return hook(*args) if threading.get_ident() == ours else None

    return called


@contextmanager
def captured(layer: nn.Module) -> Iterator[list[Any]]:
    """Copies of the layer's outputs, one for each time it is called: what follows may write into them in place."""
    outputs: list[Any] = []
    handle = layer.register_forward_hook(own_calls(lambda _module, _inputs, output: outputs.append(copied(output))))
    try:
        yield outputs
    finally:
        handle.remove()


def copied(output: Any) -> Any:
    """The output with copies of its tensors, which no later step writes into; not part of any graph."""
    if isinstance(output, Tensor):
        return output.detach().clone()
    return type(output)(map(copied, output)) if type(output) in (tuple, list) else output


@contextmanager
def substituted(layer: nn.Module, replace: Callable[[Any], Any]) -> Iterator[None]:
    """Inside the block the layer returns `replace(its output)`."""
    handle = layer.register_forward_hook(own_calls(lambda _module, _inputs, output: replace(output)))
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def guided_relu() -> Iterator[list[str]]:
    """Inside the block no ReLU lets a negative gradient pass (Springenberg et al. 2015). Yields what it met.

    Modules, `functional.relu`, `torch.relu`, `Tensor.relu` and all of their in-place forms are seen; no module is
    exchanged, so nothing is left to undo.
    """
    mode = _GuidedMode()
    with mode:
        yield mode.seen


class _GuidedRelu(torch.autograd.Function):
    """max(x, 0), whose gradient passes where the input AND the gradient are positive."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, ceiling: float) -> Tensor:
        ctx.save_for_backward((inputs > 0) & (inputs < ceiling))
        return inputs.clamp(0, ceiling)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (open_,) = ctx.saved_tensors
        return gradients[0].clamp(min=0) * open_, None


_RELUS: dict[Any, tuple[float, bool]] = {
    functional.relu: (math.inf, False),
    torch.relu: (math.inf, False),
    Tensor.relu: (math.inf, False),
    functional.relu6: (6.0, False),
    functional.relu_: (math.inf, True),
    torch.relu_: (math.inf, True),
    Tensor.relu_: (math.inf, True),
}
"""Ceiling, and whether the input itself is changed."""


def _clipped(function: Any, args: Sequence[Any], given: Mapping[str, Any]) -> tuple[float, bool] | None:
    """The module ReLU6 is a hardtanh from 0 to 6; other hardtanhs are none of ours."""
    if function is not functional.hardtanh:
        return None
    names = ("input", "min_val", "max_val", "inplace")
    said = {"min_val": -1.0, "max_val": 1.0, "inplace": False, **dict(zip(names, args, strict=False)), **given}
    return (float(said["max_val"]), bool(said["inplace"])) if said["min_val"] == 0 else None


class _GuidedMode(TorchFunctionMode):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_function__(
        self, function: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        given = dict(kwargs or {})
        found = _RELUS.get(function) or _clipped(function, args, given)
        if found is None:
            return function(*args, **given)
        ceiling, in_place = found
        self.seen.append(getattr(function, "__name__", "relu"))
        inputs = args[0] if args else given["input"]
        if function in _RELUS:
            in_place = in_place or bool(given.get("inplace", args[1] if len(args) > 1 else False))
        result: Tensor = _GuidedRelu.apply(inputs, ceiling)  # type: ignore[no-untyped-call]
        return inputs.copy_(result) if in_place else result

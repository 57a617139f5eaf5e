"""Context managers that look into a model, or change what a layer says, and always undo it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn


@contextmanager
def captured(layer: nn.Module) -> Iterator[list[Any]]:
    """The outputs of the layer, one for each time it is called inside the block."""
    outputs: list[Any] = []
    handle = layer.register_forward_hook(lambda _module, _inputs, output: outputs.append(output))
    try:
        yield outputs
    finally:
        handle.remove()


@contextmanager
def substituted(layer: nn.Module, replace: Callable[[Any], Any]) -> Iterator[None]:
    """Inside the block the layer returns `replace(its output)`."""
    handle = layer.register_forward_hook(lambda _module, _inputs, output: replace(output))
    try:
        yield
    finally:
        handle.remove()

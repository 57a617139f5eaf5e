"""Keys and values of a prompt's head, computed once: they serve every row, forward and gradient alike."""

from __future__ import annotations

import copy
from typing import Any

from torch import Tensor
from transformers.cache_utils import DynamicCache, DynamicLayer


def repeated(states: Any, count: int) -> Any:
    """The same memory for so many rows, which may write into it."""
    if type(states) is DynamicCache and all(type(layer) is DynamicLayer for layer in states.layers):
        own = DynamicCache()
        own.layers = [_expanded(layer, count) for layer in states.layers]
        return own
    own = copy.deepcopy(states)
    own.batch_repeat_interleave(count)
    return own


def _expanded(layer: Any, count: int) -> DynamicLayer:
    """Without a copy: the row's own keys are joined to a new tensor."""
    own = DynamicLayer()
    own.lazy_initialization(layer.keys, layer.values)
    own.keys, own.values = (_many(each, count) for each in (layer.keys, layer.values))
    return own


def _many(values: Tensor, count: int) -> Tensor:
    return values.expand(count, *values.shape[1:])

"""Models that somebody has compiled, or whose weights lie elsewhere between two calls."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import nn


def place_of(model: nn.Module) -> torch.device:
    """Where the ids go: where the weights are, or where accelerate brings them for a call."""
    own = next(model.parameters()).device
    if own.type != "meta":
        return own
    hooks = (getattr(module, "_hf_hook", None) for module in model.modules())
    each = (one for hook in hooks for one in getattr(hook, "hooks", [hook]))  # several in a row are one hook
    place: Any = next((found for one in each if (found := getattr(one, "execution_device", None)) is not None), own)
    return torch.device("cuda", place) if isinstance(place, int) else torch.device(place)


def eager(model: nn.Module) -> AbstractContextManager[Any]:
    """Inside the block what is compiled in the model runs as it is written: a compiled graph meets no hook."""
    if "torch._dynamo" not in sys.modules or not any(_compiled(module) for module in model.modules()):
        return nullcontext()
    return uncompiled()


def uncompiled() -> AbstractContextManager[Any]:
    """Inside the block nothing is compiled: what is compiled while it is watched (flex attention) fails ever after."""
    stance: AbstractContextManager[Any] = torch.compiler.set_stance("force_eager")
    return stance


def _compiled(module: nn.Module) -> bool:
    """As a whole, in place, or its forward pass alone."""
    of_its_own = vars(module).get("_compiled_call_impl") is not None or hasattr(module, "_orig_mod")
    return of_its_own or hasattr(vars(module).get("forward"), "_torchdynamo_orig_callable")

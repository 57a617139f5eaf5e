"""Architectures whose numbers need care, by the reason: what cannot be seen from outside before it is too late."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from token_saliency.shared.state import all_of

Kernel = AbstractContextManager[None]

_ANY_SHAPE = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]

_SHORT = 128
"""Up to here the plain kernel is the faster one (`python -m benchmarks.attention`)."""


def attention_kernel(points: Tensor | None, computed: torch.dtype, device: torch.device) -> Kernel:
    """For one forward pass of a model that computes in a dtype on a device; its gradient follows.

    `points` [N, T, D] stand in place of the model's own vectors, where anything does.

    On a CPU the fused kernel's backward pass in bfloat16 takes half of the time of a short batch. The plain kernel
    works in float32 inside, so it is no less exact. On a GPU cuDNN's kernel for half precision is planned anew for each
    shape of a batch, and ours are of many shapes.
    """
    if device.type == "cuda" and computed in (torch.bfloat16, torch.float16):
        return sdpa_kernel(_ANY_SHAPE)
    if points is None or not (points.requires_grad and torch.is_grad_enabled()):
        return nullcontext()
    slow = device.type == "cpu" and computed == torch.bfloat16 and points.shape[1] <= _SHORT
    return sdpa_kernel(SDPBackend.MATH) if slow else nullcontext()


_STATE = "attention_type"
_SPARSE = "block_sparse"

_MRA = "transformers.models.mra.modeling_mra"

_EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts")

_SCALING = ("dynamic", "longrope")

_NO_GRADIENT = {
    "reformer": "its layers run backwards in training mode only",
    "yoso": "its backward pass is an approximation that is not the derivative of its output",
}


def no_gradient(model: nn.Module) -> str | None:
    """Why a gradient of this model does not say how its output moves; None for nearly all models."""
    kind = getattr(getattr(model, "config", None), "model_type", None)
    if kind == "mra" and _without_kernel():
        return "without its CUDA kernel its attention is zero, so that no word has an influence on its output"
    return _NO_GRADIENT.get(str(kind))


def text_config(config: Any) -> Any:
    """The part about texts, where a config has several."""
    return config.get_text_config() if hasattr(config, "get_text_config") else config


def positions(config: Any) -> int | None:
    """How long a row may be, as the config says (MPT has a word of its own for it)."""
    said = (getattr(config, name, None) for name in ("max_position_embeddings", "max_seq_len"))
    return next((limit for limit in said if isinstance(limit, int)), None)


def routed(model: nn.Module) -> bool:
    """Whether each token goes through a few of many experts: the output jumps where the choice changes."""
    config = text_config(getattr(model, "config", None))
    found = (getattr(config, name, None) for name in _EXPERTS)
    return getattr(config, "is_moe", True) and any(isinstance(count, int) and count > 1 for count in found)


def by_length(model: nn.Module) -> str | None:
    """Why a row computes something else beside a longer one, whatever a test on short rows says; None if not so."""
    if Switches(model):
        return "Its attention is sparse for long rows only"
    if getattr(getattr(model, "config", None), "model_type", None) == "reformer":
        return "Its attention is cut into chunks for long rows only"
    return "Its rotary positions follow the longest row of a batch" if _rotary(model) else None


def _without_kernel() -> bool:
    """transformers computes zeros then, and says nothing."""
    return getattr(sys.modules.get(_MRA), "mra_cuda_kernel", None) is None


class Switches:
    """What a model changes of itself while it reads: inside `held` it may, afterwards every module is as it was.

    So no text depends on the texts before it. BigBird swaps its sparse attention for full attention at the first short
    row, and never back; rotary positions of the kinds dynamic and longrope keep the frequencies of longer rows.
    """

    def __init__(self, model: nn.Module) -> None:
        self._sparse = [one for one in model.modules() if _can_switch(one)]
        self._rotary = _rotary(model)
        self._full: Sequence[dict[str, Any]] = ()
        self._widest = 0

    def __bool__(self) -> bool:
        return bool(self._sparse)

    @contextmanager
    def held(self, width: int) -> Iterator[None]:
        """For one forward pass over rows of a width. The full attention is kept: to build it takes time."""
        own = [_state(one) for one in self._sparse]
        if width <= self._widest:
            self._put(self._full)
        try:
            with all_of(*map(_unscaled, self._rotary)):
                yield
        finally:
            if any(getattr(one, _STATE) != _SPARSE for one in self._sparse):
                self._full = [_state(one) for one in self._sparse]
                self._widest = max(self._widest, width)
            self._put(own)

    def _put(self, states: Sequence[dict[str, Any]]) -> None:
        for module, state in zip(self._sparse, states, strict=True):
            setattr(module, _STATE, state[_STATE])
            module._modules.update(state["modules"])


def _rotary(model: nn.Module) -> list[nn.Module]:
    """Modules whose frequencies follow the length of what they read."""
    return [one for one in model.modules() if any(kind in str(getattr(one, "rope_type", "")) for kind in _SCALING)]


@contextmanager
def _unscaled(module: Any) -> Iterator[None]:
    """Inside the block the frequencies are those before any row was read; as they were afterwards."""
    buffers, plain = dict(module._buffers), {name: one for name, one in vars(module).items() if name[0] != "_"}
    for name in [name for name in buffers if name.endswith("inv_freq") and "original" not in name]:
        original = getattr(module, name.replace("inv_freq", "original_inv_freq"))
        module._buffers[name] = original.to(buffers[name].device, copy=True)
    for name in [name for name in plain if name.endswith("max_seq_len_cached")]:
        setattr(module, name, module.original_max_seq_len)
    try:
        yield
    finally:
        for name in [name for name in vars(module) if name[0] != "_" and name not in plain]:
            delattr(module, name)
        vars(module).update(plain)
        module._buffers.clear()
        module._buffers.update(buffers)


def _can_switch(module: nn.Module) -> bool:
    return hasattr(module, "set_attention_type") and getattr(module, _STATE, None) == _SPARSE


def _state(module: nn.Module) -> dict[str, Any]:
    return {_STATE: getattr(module, _STATE), "modules": dict(module._modules)}

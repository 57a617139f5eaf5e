"""Which kernel computes the attention, where torch's own choice is slow."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

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

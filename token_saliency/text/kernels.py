"""Which kernel computes the attention, where torch's own choice is slow."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

_SHORT = 128
"""Up to here the plain kernel is the faster one (`python -m benchmarks.attention`)."""


def attention_kernel(points: Tensor | None, computed: torch.dtype) -> AbstractContextManager[None]:
    """For one forward pass over points [N, T, D] of a model that computes in a dtype; its gradient follows.

    On a CPU the fused kernel's backward pass in bfloat16 takes half of the time of a short batch. The plain kernel
    works in float32 inside, so it is no less exact.
    """
    if points is None or not (points.requires_grad and torch.is_grad_enabled()):
        return nullcontext()
    slow = points.device.type == "cpu" and computed == torch.bfloat16 and points.shape[1] <= _SHORT
    return sdpa_kernel(SDPBackend.MATH) if slow else nullcontext()

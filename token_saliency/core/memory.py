"""What an exhausted memory looks like, and how tensors reach a device without a wait."""

from __future__ import annotations

import torch
from torch import Tensor


def out_of_memory(error: RuntimeError) -> bool:
    """Whether the device ran out of memory (every backend says it in its own way)."""
    said = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in said or "can't allocate memory" in said


def sent(values: Tensor, device: torch.device) -> Tensor:
    """The values on the device. A GPU takes them from pinned memory, so that nobody waits until its work is done."""
    if device.type != "cuda" or values.device.type != "cpu":
        return values.to(device)
    return values.pin_memory().to(device, non_blocking=True)


def exact(device: torch.device) -> torch.device:
    """Where float64 is computed: on the device itself, but for MPS, which has none."""
    return torch.device("cpu") if device.type == "mps" else device

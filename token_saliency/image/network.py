"""One forward pass of an image classifier: pixels in, logits out. Nothing of the caller's model is changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from token_saliency.errors import ModelError
from token_saliency.text.network import Meter
from token_saliency.text.state import evaluating, quiet, untouched_randomness

_REFUSALS = (ValueError, RuntimeError, TypeError, IndexError, AssertionError, AttributeError, KeyError)


class ImageNetwork:
    """The model with what is known about calling it; `meter.tokens` counts pixels."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.meter = Meter()
        self._hugging_face = hasattr(model, "config") and getattr(model, "main_input_name", None) is not None

    @property
    def device(self) -> torch.device:
        """Where the pixels go."""
        return next((parameter.device for parameter in self.model.parameters()), torch.device("cpu"))

    @property
    def dtype(self) -> torch.dtype:
        """What the model computes in."""
        return next((p.dtype for p in self.model.parameters() if p.is_floating_point()), torch.float32)

    @contextmanager
    def session(self) -> Iterator[None]:
        """Evaluation mode, no gradients unless asked, nothing printed; everything as before afterwards."""
        with evaluating(self.model), untouched_randomness(self.device), quiet(), torch.no_grad():
            yield

    def logits(self, pixels: Tensor) -> Tensor:
        """[N, C] in float32 at least, of pixels [N, 3, H, W]."""
        found = self.forward(pixels.to(self.dtype))
        self.meter.forward += len(pixels)
        self.meter.backward += len(pixels) if found.requires_grad else 0
        self.meter.tokens += pixels[:, 0].numel()
        return found.to(torch.promote_types(found.dtype, torch.float32))

    def forward(self, pixels: Tensor) -> Tensor:
        """One call of the model, uncounted. ModelError where pixels alone do not do."""
        name = type(self.model).__name__
        try:
            output = self.model(pixel_values=pixels) if self._hugging_face else self.model(pixels)
        except torch.OutOfMemoryError:
            raise
        except _REFUSALS as error:
            if "memory" in str(error).lower():
                raise
            said = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(f"{name} cannot be called with pixels [N, 3, H, W] alone: {said}") from error
        logits = _logits(output)
        if logits is None:
            raise ModelError(f"{name} returns no logits [images, classes]; give an image classification model.")
        return logits


def _logits(output: Any) -> Tensor | None:
    found = getattr(output, "logits", output)
    if isinstance(found, tuple | list) and found:
        found = found[0]
    if isinstance(found, Tensor) and found.ndim == 4 and found.shape[2:] == (1, 1):
        found = found[:, :, 0, 0]
    return found if isinstance(found, Tensor) and found.ndim == 2 else None

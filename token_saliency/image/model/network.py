"""One forward pass of an image classifier: pixels in, logits out. Nothing of the caller's model is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from token_saliency.errors import ModelError
from token_saliency.shared.estimators import two_classes
from token_saliency.shared.state import evaluating, quiet, untouched_randomness
from token_saliency.text.model.meter import Meter

_REFUSALS = (ValueError, RuntimeError, TypeError, IndexError, AssertionError, AttributeError, KeyError)


class ImageNetwork:
    """The model with what is known about calling it; `meter.tokens` counts pixels."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.meter = Meter()
        self.binary = False
        """Whether the one logit p of the model speaks for the second of two classes: [-p/2, p/2]."""
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
        self.meter.counted += pixels[:, 0].numel()
        return found.to(torch.promote_types(found.dtype, torch.float32))

    def forward(self, pixels: Tensor) -> Tensor:
        """One call of the model, uncounted. ModelError where pixels alone do not do."""
        name = type(self.model).__name__
        try:
            output = self.model(**self._arguments(pixels)) if self._hugging_face else self.model(pixels)
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
        return two_classes(logits) if self.binary and logits.shape[1] == 1 else logits

    def _arguments(self, pixels: Tensor) -> dict[str, Tensor]:
        """What the model is called with: pixels, or the patches that SigLIP 2 wants them cut into."""
        vision = getattr(getattr(self.model, "config", None), "vision_config", None)
        if vision is None or vision.model_type != "siglip2_vision_model":
            return {"pixel_values": pixels}
        return cut_into_patches(pixels, int(vision.patch_size))


def cut_into_patches(pixels: Tensor, side: int) -> dict[str, Tensor]:
    """Pixels [N, C, H, W] as patches [N, h * w, side * side * C], row by row, with their grid and a mask."""
    count, channels, height, width = pixels.shape
    rows, columns = height // side, width // side
    cut = pixels.reshape(count, channels, rows, side, columns, side).permute(0, 2, 4, 3, 5, 1)
    return {
        "pixel_values": cut.reshape(count, rows * columns, side * side * channels),
        "pixel_attention_mask": torch.ones(count, rows * columns, dtype=torch.long, device=pixels.device),
        "spatial_shapes": torch.tensor([[rows, columns]] * count, device=pixels.device),
    }


def joined_patches(patches: Tensor, rows: int, columns: int, side: int) -> Tensor:
    """The pixels [C, H, W] of patches [n, side * side * C], of which the first rows * columns count."""
    cut = patches[: rows * columns].reshape(rows, columns, side, side, -1)
    return cut.permute(4, 0, 2, 1, 3).reshape(-1, rows * side, columns * side)


def _logits(output: Any) -> Tensor | None:
    found = output.get("logits") if isinstance(output, Mapping) else getattr(output, "logits", None)
    if found is None:
        found = getattr(output, "last_hidden_state", output)  # PP-LCNet calls its logits so
    if isinstance(found, Mapping) and len(found) == 1:
        found = next(iter(found.values()))
    if isinstance(found, tuple | list) and found:
        found = found[0]
    if isinstance(found, Tensor) and found.ndim == 4 and found.shape[2:] == (1, 1):
        found = found[:, :, 0, 0]
    return found if isinstance(found, Tensor) and found.ndim == 2 else None

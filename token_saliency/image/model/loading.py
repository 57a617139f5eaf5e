"""From a folder or a hub id to an image classifier and its preprocessing, or to one clear line that says why not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from token_saliency.errors import DataError, ModelError, first_line, unknown
from token_saliency.image.model.network import joined_patches
from token_saliency.image.pixels.bands import Preprocess
from token_saliency.shared.state import no_progress_bars, quiet, untouched_randomness
from token_saliency.text.model.loading import DTYPES, chosen_device, source_of


@dataclass(frozen=True, slots=True)
class LoadedImageModel:
    """The model, how a picture becomes pixels [3, H, W], and where both come from."""

    model: Any
    preprocess: Preprocess
    id: str
    revision: str | None


def load(
    name: str | Path, *, device: str, dtype: str, revision: str | None, trust_remote_code: bool
) -> LoadedImageModel:
    """What exists on disk is a path, all else a hub id."""
    where = chosen_device(device)
    if dtype not in DTYPES:
        raise unknown("dtype", dtype, DTYPES)
    source = source_of(str(name), revision)
    with quiet(), no_progress_bars(), untouched_randomness(where):
        processor = _processor(source.place, trust_remote_code, source.arguments)
        model = _model(source.place, dtype, trust_remote_code, source.arguments)
    return LoadedImageModel(model.to(where).eval(), preprocess_of(processor), str(name), source.version())


def preprocess_of(processor: Any) -> Preprocess:
    """A Hugging Face image processor as a function from one picture to one tensor."""

    def preprocess(picture: Image.Image) -> Tensor:
        made = processor(images=picture, return_tensors="pt")
        pixels: Tensor = made["pixel_values"]
        if pixels.ndim == 3 and "spatial_shapes" in made:
            rows, columns = made["spatial_shapes"][0].tolist()
            return joined_patches(pixels[0], rows, columns, int(processor.patch_size))
        if pixels.ndim == 5 and pixels.shape[1] == 1:
            pixels = pixels[:, 0]
        if pixels.ndim != 4 or len(pixels) != 1:
            raise DataError(
                f"The image processor makes {list(pixels.shape)} of one picture, not [1, 3, H, W]; models that take "
                "several crops or patches of a picture cannot be explained."
            )
        return pixels[0]

    return preprocess


def _processor(place: str, trust_remote_code: bool, arguments: dict[str, Any]) -> Any:
    from transformers import AutoImageProcessor

    try:
        return AutoImageProcessor.from_pretrained(place, trust_remote_code=trust_remote_code, **arguments)
    except Exception as error:  # third-party code fails in its own ways; each becomes one line with its cause
        cause = first_line(error).partition(". ")[0]  # what follows speaks of the library's own arguments
        raise ModelError(
            f"{place} has no image processor that can be loaded ({cause}): give an image classifier with its "
            "preprocessor_config.json; text classifiers go to 'token-saliency explain' and 'audit'."
        ) from error


def _model(place: str, dtype: str, trust_remote_code: bool, arguments: dict[str, Any]) -> Any:
    from transformers import AutoModelForImageClassification

    wanted = "auto" if dtype == "auto" else getattr(torch, dtype)
    try:
        model, report = AutoModelForImageClassification.from_pretrained(
            place, dtype=wanted, trust_remote_code=trust_remote_code, output_loading_info=True, **arguments
        )
    except Exception as error:
        raise ModelError(f"{place} cannot be loaded as an image classifier: {first_line(error)}") from error
    missing = sorted({*report["missing_keys"], *(name for name, *_ in report["mismatched_keys"])})
    if missing:
        raise ModelError(f"{place} has no trained classification head: {missing[0]} is not in it; fine-tune it first.")
    return model

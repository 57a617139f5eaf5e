"""From whatever the caller has to an RGB picture, or to one clear error."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from token_saliency.errors import DataError, ModelError

if TYPE_CHECKING:
    from PIL.Image import Image

PIXELS = 50_000_000
"""A larger picture is refused: it would be shrunk to a few hundred pixels a side anyway."""
ADVICE = "give a path, a PIL image, or an array [H, W, 3] of bytes"


def opened(source: Any) -> Image:
    """An RGB picture, upright as its EXIF says, transparent parts on white; the first frame of an animation.

    `source`: a path, a PIL image, or an array [H, W], [H, W, 3] or [H, W, 4] of uint8, uint16 or floats in [0, 1].
    """
    pil = require_pillow()
    if isinstance(source, str | Path):
        return _file(pil, Path(source))
    if isinstance(source, pil.Image):
        try:
            return rgb(source)
        except (OSError, SyntaxError) as error:  # opened lazily, and read only now
            raise DataError(f"The picture is damaged or cut off ({' '.join(str(error).split())[:120]}).") from error
    if isinstance(source, np.ndarray):
        return _array(pil, source)
    raise DataError(f"A {type(source).__name__} is no picture: {ADVICE}.")


def opened_all(sources: Any) -> list[Image]:
    """Every picture of a list, or of one picture alone."""
    pil = require_pillow()
    if isinstance(sources, str | Path | pil.Image | np.ndarray):
        raise DataError("Give a list of images: [image].")
    if not isinstance(sources, Iterable):
        raise DataError(f"A {type(sources).__name__} is no list of pictures: {ADVICE}.")
    found = []
    for number, source in enumerate(sources):
        try:
            found.append(opened(source))
        except DataError as error:
            raise DataError(f"Image {number} (0 is the first): {error}") from error
    return found


def require_pillow() -> Any:
    """The module PIL.Image. ModelError where Pillow is not installed."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ModelError("Images need Pillow: pip install 'token-saliency[image]'.") from error
    return Image


def _file(pil: Any, path: Path) -> Image:
    from PIL import UnidentifiedImageError

    if not path.is_file():
        raise DataError(f"There is no image at {path}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a picture that Pillow finds large is refused below, and in our words
            with pil.open(path) as picture:
                _check_size(picture.size, str(path))
                picture.load()
                return rgb(picture)
    except UnidentifiedImageError as error:
        raise DataError(f"{path} is no image that can be read (PNG, JPEG, WebP, GIF, TIFF, BMP ...).") from error
    except pil.DecompressionBombError as error:
        raise DataError(f"{path} claims more pixels than is safe to open; shrink it first.") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise DataError(f"{path} is damaged or cut off ({' '.join(str(error).split())[:120]}).") from error


def rgb(picture: Image) -> Image:
    """RGB with 8 bits a channel: upright, 16-bit and CMYK converted by value, transparency laid on white."""
    from PIL import Image, ImageOps

    _check_size(picture.size, "The picture")
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I") or picture.mode == "F":
        return _array(Image, np.asarray(picture))
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        ground = Image.new("RGBA", clear.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, clear).convert("RGB")
    return picture.convert("RGB")


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise DataError(f"{name} has no pixels.")
    if width * height > PIXELS:
        raise DataError(f"{name} has {width} x {height} pixels, more than {PIXELS:,}: shrink it first.")


def _array(pil: Any, values: np.ndarray[Any, Any]) -> Image:
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (1, 3, 4)) or values.size == 0:
        raise DataError(f"An array of shape {list(values.shape)} is no picture: {ADVICE}.")
    picture: Image = pil.fromarray(_bytes(values.squeeze(2) if values.shape[2:] == (1,) else values))
    return rgb(picture)


def _bytes(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Brightness as bytes: uint16 by its upper byte, floats in [0, 1] by value."""
    if values.dtype == np.uint8:
        return values
    if values.dtype == bool:
        return values.astype(np.uint8) * 255
    found = values.astype(np.float64)
    if not np.isfinite(found).all() or found.min() < 0:
        raise DataError(f"The picture holds values that are no brightness (negative or not finite): {ADVICE}.")
    if np.issubdtype(values.dtype, np.floating):
        if found.max() > 1:
            raise DataError(f"The picture holds floats up to {found.max():g}; floats must lie between 0 and 1.")
        return np.asarray((found * 255).round().astype(np.uint8))
    if found.max() > 65535:
        raise DataError(f"The picture holds values up to {found.max():g}; give 8 or 16 bits a channel.")
    return np.asarray(np.minimum(found // 256, 255).astype(np.uint8))


def content_seed(picture: Image, seed: int) -> int:
    """From what the picture shows: noise must not depend on its place in a list."""
    digest = hashlib.sha256(f"{seed} {picture.size} {picture.mode}".encode())
    digest.update(picture.tobytes())
    return int.from_bytes(digest.digest()[:7], "big")

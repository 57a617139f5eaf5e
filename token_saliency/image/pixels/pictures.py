"""From whatever the caller has to a picture that the model can take, or to one clear error."""

from __future__ import annotations

import hashlib
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from token_saliency.errors import DataError, ModelError

if TYPE_CHECKING:
    from PIL.Image import Image

PIXELS = 50_000_000
"""A larger picture is refused: it would be shrunk to a few hundred pixels a side anyway."""
ADVICE = "give a path, a PIL image, or an array [H, W, 3] of bytes"
LOST = "token_saliency lost"
"""The key of `picture.info` under which stands what the file has and the picture has not."""
_ROUNDED = 1e-3
_DEEP = "more than 8 bits a channel, of which 8 are read"
_CLEAR = "transparent parts, which are laid on white"
_FRAMES = "several frames, of which the first is read"
Reads = Callable[[str, tuple[int, int]], bool]
"""`(mode, size) -> bool`: whether pictures of a mode of Pillow are wanted as they are, and not in RGB."""


def rgb_alone(mode: str, size: tuple[int, int]) -> bool:  # noqa: ARG001 - one signature for all
    """Nothing but RGB with 8 bits a channel."""
    return False


def opened(source: Any, reads: Reads = rgb_alone) -> Image:
    """A picture, upright as its EXIF says; the first frame of an animation. RGB, but for modes that `reads` wants.

    `source`: a path, a PIL image, or an array [H, W], [H, W, 3] or [H, W, 4] of uint8, uint16 or floats in [0, 1].
    What is lost on the way (`losses`) stands in its info.
    """
    pil = require_pillow()
    if isinstance(source, str | Path):
        return _file(pil, Path(source), reads)
    if isinstance(source, pil.Image):
        try:
            return _wanted(source, reads)
        except (OSError, SyntaxError) as error:  # opened lazily, and read only now
            raise DataError(f"The picture is damaged or cut off ({' '.join(str(error).split())[:120]}).") from error
    if isinstance(source, np.ndarray):
        return _array(pil, source, reads)
    raise DataError(f"A {type(source).__name__} is no picture: {ADVICE}.")


def opened_all(sources: Any, reads: Reads = rgb_alone, *, warned: bool = False) -> list[Image]:
    """Every picture of a list or an array [N, H, W, 3]; `warned`: what is lost by opening becomes a Python warning."""
    pil = require_pillow()
    if isinstance(sources, str | Path | pil.Image) or (isinstance(sources, np.ndarray) and sources.ndim < 4):
        raise DataError("Give a list of images: [image].")
    if not isinstance(sources, Iterable):
        raise DataError(f"A {type(sources).__name__} is no list of pictures: {ADVICE}.")
    found, lost = [], []
    for number, source in enumerate(sources):
        try:
            found.append(opened(source, reads))
        except DataError as error:
            raise DataError(f"Image {number} (0 is the first): {error}") from error
        lost.append(() if LOST in getattr(source, "info", ()) else losses(found[-1]))
    for told in counted(lost) if warned else ():
        warnings.warn(told, stacklevel=3)
    return found


def losses(picture: Image) -> tuple[str, ...]:
    """What the file has and the picture has not: "transparent parts, which are laid on white"."""
    found = picture.info.get(LOST)  # a file may hold a text of that name
    return found if isinstance(found, tuple) else ()


def counted(lost: Sequence[tuple[str, ...]]) -> list[str]:
    """The same of many pictures, a sentence each."""
    counts = Counter(loss for one in lost for loss in one)
    return [f"{count} of {len(lost)} pictures have {loss}." for loss, count in sorted(counts.items())]


def require_pillow() -> Any:
    """The module PIL.Image. ModelError where Pillow is not installed."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ModelError("Images need Pillow: pip install 'token-saliency[image]'.") from error
    return Image


def _file(pil: Any, path: Path, reads: Reads) -> Image:
    from PIL import UnidentifiedImageError

    if not path.is_file():
        raise DataError(f"There is no image at {path}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a picture that Pillow finds large is refused below, and in our words
            with pil.open(path) as picture:
                _check_size(picture.size, str(path))
                return _wanted(picture, reads)
    except UnidentifiedImageError as error:
        raise DataError(f"{path} is no image that can be read (PNG, JPEG, WebP, GIF, TIFF, BMP ...).") from error
    except pil.DecompressionBombError as error:
        raise DataError(f"{path} claims more pixels than is safe to open; shrink it first.") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise DataError(f"{path} is damaged or cut off ({' '.join(str(error).split())[:120]}).") from error


def _wanted(picture: Image, reads: Reads) -> Image:
    """Upright, in a mode that is wanted, else in RGB: 16 bits and CMYK by value, transparency laid on white."""
    from PIL import Image, ImageOps

    _check_size(picture.size, "The picture")
    lost = [*_of_file(picture), *losses(picture)]
    picture = ImageOps.exif_transpose(picture)
    mode = _mode(picture)
    if mode in ("I;16", "I", "F"):
        deep = _array(Image, np.asarray(picture), reads)
        return _noted(deep, [*lost, *losses(deep)])
    if mode != "RGB" and reads(mode, picture.size):
        found = picture.convert("RGBA").convert(mode) if mode == "LA" else picture.convert(mode)
    elif mode in ("RGBA", "LA"):
        clear = picture.convert("RGBA")
        lost += [_CLEAR] * bool(np.asarray(clear.getchannel("A")).min() < 255)
        ground = Image.new("RGBA", clear.size, (255, 255, 255, 255))
        found = Image.alpha_composite(ground, clear).convert("RGB")
    else:
        found = picture.convert("RGB")
    return _noted(found, lost)


def _mode(picture: Image) -> str:
    """The mode that holds all of the picture."""
    mode = picture.mode
    if mode.startswith("I;16"):
        return "I;16"
    if mode in ("LA", "La") or (mode == "L" and "transparency" in picture.info):
        return "LA"
    if mode in ("RGBA", "RGBa", "PA") or "transparency" in picture.info:
        return "RGBA"
    return {"1": "L", "L": "L", "I": "I", "F": "F"}.get(mode, "RGB")


def _of_file(picture: Image) -> list[str]:
    """What Pillow leaves out of the file: it must be asked before the pixels are read."""
    rest = [str(tile[3]) for tile in getattr(picture, "tile", ())]
    deep = picture.mode in ("RGB", "RGBA", "LA") and any(";16" in one or "65535" in one for one in rest)
    moving = picture.format in ("GIF", "PNG", "WEBP", "TIFF") and getattr(picture, "n_frames", 1) > 1
    return [_DEEP] * deep + [_FRAMES] * moving


def _noted(picture: Image, lost: Iterable[str]) -> Image:
    picture.info[LOST] = tuple(dict.fromkeys(lost))
    return picture


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise DataError(f"{name} has no pixels.")
    if width * height > PIXELS:
        raise DataError(f"{name} has {width} x {height} pixels, more than {PIXELS:,}: shrink it first.")


def _array(pil: Any, values: np.ndarray[Any, Any], reads: Reads) -> Image:
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (1, 3, 4)) or values.size == 0:
        raise DataError(f"An array of shape {list(values.shape)} is no picture: {ADVICE}.")
    values = values.squeeze(2) if values.shape[2:] == (1,) else values
    if values.dtype in (np.uint8, bool):
        return _wanted(pil.fromarray(_bytes(values)), reads)
    mode, kind = _deep_mode(values.dtype)
    if values.ndim == 2 and reads(mode, (values.shape[1], values.shape[0])):
        if not np.isfinite(values).all():
            raise DataError(f"The picture holds values that are no brightness (not finite): {ADVICE}.")
        return _noted(pil.fromarray(values.astype(kind)), ())
    found = _wanted(pil.fromarray(_bytes(values)), reads)
    return _noted(found, [*losses(found), *([_DEEP] * _fine(values))])


def _deep_mode(dtype: np.dtype[Any]) -> tuple[str, type[np.generic]]:
    if dtype.kind == "f":
        return "F", np.float32
    return ("I;16", np.uint16) if (dtype.kind, dtype.itemsize) == ("u", 2) else ("I", np.int32)


def _fine(values: np.ndarray[Any, Any]) -> bool:
    """Whether numbers lie between the 256 steps. Floats in colour are taken for bytes that were divided by 255."""
    if values.dtype.kind == "f":
        return values.ndim == 2 and bool(np.abs(values * 255 - np.round(values * 255)).max() > _ROUNDED)
    return bool(((values % 256 != 0) & (values % 257 != 0)).any())


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

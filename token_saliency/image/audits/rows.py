"""Labelled pictures: a folder of class folders, a CSV of paths, or a list."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from token_saliency.errors import DataError
from token_saliency.image.audits.areas import box_mask, rounded
from token_saliency.image.pixels.fills import Mask
from token_saliency.image.pixels.pictures import opened
from token_saliency.image.pixels.regions import Box
from token_saliency.stats.sampling import content_hash

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
PATHS, LABELS = ("path", "file", "filename", "file_name", "image"), ("label", "class", "labels", "target")
SIDES = ("left", "top", "right", "bottom")


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One picture: a path (opened when it is needed), a PIL image or an array; `box` or `mask` say where the object is.

    `cluster` is shared by copies of one picture; without it those that look the same do.
    """

    id: str
    source: Any
    label: str | None = None
    box: Box | None = None
    mask: Any = None
    cluster: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    def picture(self) -> Image.Image:
        """The RGB picture. DataError where it cannot be opened."""
        return opened(self.source)

    def object_mask(self, size: tuple[int, int]) -> Mask | None:
        """[H, W], True on the object; None where nothing is known about it."""
        if self.box is not None:
            return box_mask(size, rounded(self.box, size))
        if self.mask is None:
            return None
        return np.asarray(opened(self.mask).convert("L").resize(size, Image.Resampling.NEAREST)) > 127


@dataclass(frozen=True, slots=True)
class ImageRows:
    """Pictures with the name of where they come from; `notes` say what was left out."""

    rows: list[ImageRow]
    id: str
    notes: list[str]


def load_images(source: Any, labels: Sequence[str]) -> ImageRows:
    """Pictures of a folder (each class a sub-folder), a CSV (path, label, and box or mask), or a list.

    `labels` are the classes of the model. DataError where a label is none of them, or nothing is there.
    """
    if isinstance(source, ImageRows):
        return source
    found = _found(source)
    if not found.rows:
        raise DataError(f"There are no pictures in {found.id}: give class folders with images, a CSV, or a list.")
    strange = sorted({row.label for row in found.rows if row.label is not None} - set(labels))
    if strange:
        raise DataError(
            f"The label {strange[0]!r} is no class of the model. Classes: {', '.join(labels)}; rename the folders or "
            "the values of the label column."
        )
    return found


def _found(source: Any) -> ImageRows:
    if isinstance(source, str | Path):
        path = Path(source)
        if path.is_dir():
            return _folder(path)
        if path.is_file() and path.suffix.lower() == ".csv":
            return _table(path)
        raise DataError(f"{path} is neither a folder of pictures nor a .csv file with a column of paths.")
    if not isinstance(source, Iterable):
        raise DataError(f"A {type(source).__name__} holds no pictures: give a folder, a CSV, or a list.")
    return ImageRows([_row(one, number) for number, one in enumerate(source)], "pictures", [])


def _folder(path: Path) -> ImageRows:
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    rows = []
    for file in files:
        place = file.relative_to(path)
        rows.append(ImageRow(place.as_posix(), file, place.parts[0] if len(place.parts) > 1 else None))
    return ImageRows(rows, path.name, [])


def _table(path: Path) -> ImageRows:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read as a CSV in UTF-8: {' '.join(str(error).split())}.") from error
    if not lines:
        return ImageRows([], path.name, [])
    column = next((name for name in PATHS if name in lines[0]), None)
    if column is None:
        raise DataError(f"{path} has no column of paths ({', '.join(PATHS)}); it has {', '.join(lines[0])}.")
    rows = [_line(line, column, path, number) for number, line in enumerate(lines)]
    return ImageRows(rows, path.name, [])


def _line(line: Mapping[str, str | None], column: str, path: Path, number: int) -> ImageRow:
    values = {key: (value or "").strip() for key, value in line.items() if key}
    if not values[column]:
        raise DataError(f"{path}, row {number + 1}: the path of the picture is empty.")
    label = next((values[name] for name in LABELS if values.get(name)), None)
    mask = path.parent / values["mask"] if values.get("mask") else None
    place = path.parent / values[column]
    return ImageRow(
        values[column], place, label, _box(values, f"{path}, row {number + 1}"), mask, values.get("cluster")
    )


def _box(values: Mapping[str, Any], where: str) -> Box | None:
    given = [values.get(side) for side in SIDES]
    if all(value in (None, "") for value in given):
        return None
    try:
        left, top, right, bottom = (float(value) for value in given)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise DataError(f"{where}: a box needs four numbers, {', '.join(SIDES)}, in pixels; it has {given}.") from error
    if not (left < right and top < bottom):
        raise DataError(f"{where}: the box {given} is empty; left and top come first.")
    return left, top, right, bottom


def _row(one: Any, number: int) -> ImageRow:
    if isinstance(one, ImageRow):
        return one
    if isinstance(one, Mapping):
        source = next((one[name] for name in PATHS if name in one), None)
        if source is None:
            raise DataError(f"Row {number} has no picture; give it under one of {', '.join(PATHS)}.")
        label = next((str(one[name]) for name in LABELS if one.get(name) is not None), None)
        box = tuple(one["box"]) if one.get("box") is not None else None
        own = dict(zip(SIDES, box, strict=False)) if box is not None else one
        return ImageRow(str(one.get("id", number)), source, label, _box(own, f"Row {number}"), one.get("mask"))
    if isinstance(one, tuple) and len(one) == 2:
        return ImageRow(str(number), one[0], None if one[1] is None else str(one[1]))
    return ImageRow(str(one) if isinstance(one, str | Path) else str(number), one)


def content_key(picture: Image.Image) -> str:
    """The hash of what a picture shows, whatever its name."""
    return content_hash(picture.size, picture.tobytes().hex())


def look_key(picture: Image.Image) -> str:
    """The same for pictures that look the same: of 8 x 8 neighbours on a tiny grey copy, which one is brighter."""
    small = np.asarray(picture.convert("L").resize((9, 8), Image.Resampling.BILINEAR), dtype=np.int64)
    return np.packbits(np.diff(small, axis=1) > 0).tobytes().hex() + str(int(small.mean()) // 16)

"""Labelled pictures: a folder of class folders, a table of paths (CSV, TSV, JSON lines, Parquet), or a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from token_saliency.data.cells import canonical, listed, quoted
from token_saliency.data.formats.readers import READERS, suffix_of
from token_saliency.data.label_map import given_label_map
from token_saliency.data.labels import match_labels
from token_saliency.data.slices import read_slices
from token_saliency.data.sources import read_source
from token_saliency.data.table import Table, id_column
from token_saliency.errors import DataError
from token_saliency.image.audits.areas import box_mask, rounded
from token_saliency.image.pixels.bands import looks
from token_saliency.image.pixels.fills import Mask
from token_saliency.image.pixels.overlay import Box
from token_saliency.image.pixels.pictures import Reads, opened, rgb_alone
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
    reads: Reads = rgb_alone

    def picture(self) -> Image.Image:
        """The picture, in RGB unless the model `reads` it otherwise. DataError where it cannot be opened."""
        return opened(self.source, self.reads)

    def object_mask(self, size: tuple[int, int]) -> Mask | None:
        """[H, W], True on the object; None where nothing is known about it."""
        if self.box is not None:
            return box_mask(size, rounded(self.box, size))
        if self.mask is None:
            return None
        return np.asarray(opened(self.mask).convert("L").resize(size, Image.Resampling.NEAREST)) > 127


@dataclass(frozen=True, slots=True)
class ImageRows:
    """Pictures with the name of where they come from; `notes` say what was chosen and what was left out."""

    rows: list[ImageRow]
    id: str
    notes: list[str]
    split: str | None = None

    def read_by(self, reads: Reads) -> list[ImageRow]:
        """The rows, whose pictures are opened in the form that a model takes."""
        return [replace(row, reads=reads) for row in self.rows]


def load_images(
    source: Any, labels: Sequence[str], split: str | None = None, label_map: Mapping[str, str] | None = None
) -> ImageRows:
    """Pictures of a folder (each class a sub-folder), a table (path, label, and box or mask), or a list.

    `labels` are the classes of the model. A table is read like one of texts: .csv, .tsv, .jsonl, .json, .parquet (also
    .gz) or a DataFrame, any separator, with an id column, a `split`, and other columns as metadata. Paths are relative
    to its folder. DataError where a label is none of the classes, or nothing is there.
    """
    if isinstance(source, ImageRows):
        return source
    mapping = given_label_map(label_map)
    table = partial(_table, labels=labels, label_map=mapping)
    found = _found(source, split, table, partial(_labelled, labels=labels, label_map=mapping))
    if not found.rows:
        raise DataError(f"There are no pictures in {found.id}: give class folders with images, a CSV, or a list.")
    return found


def _labelled(found: ImageRows, labels: Sequence[str], label_map: Mapping[str, str]) -> ImageRows:
    """The rows of class folders or of a list, whose labels are read as a column of a table is."""
    given = [row.label for row in found.rows]
    if not any(given):
        return found
    matched = match_labels(given, labels, column="label", where=f"{found.id}:", label_map=label_map)
    named = zip(found.rows, matched.names, matched.kept, strict=True)
    rows = [replace(row, label=name) for row, name, kept in named if kept]
    return replace(found, rows=rows, notes=[*found.notes, *matched.notes])


def _found(
    source: Any, split: str | None, table: Callable[[Table, Path], ImageRows], named: Callable[[ImageRows], ImageRows]
) -> ImageRows:
    if isinstance(source, pd.DataFrame):
        return table(read_source(source, split), Path())
    if isinstance(source, str | Path):
        path = Path(source)
        if path.is_dir():
            return named(_folder(path))
        if path.is_file() and suffix_of(path) in READERS:
            return table(read_source(path, split), path.parent)
        raise DataError(f"{path} is neither a folder of pictures nor a .csv file (or .tsv, .jsonl, .parquet) of paths.")
    if not isinstance(source, Iterable):
        raise DataError(f"A {type(source).__name__} holds no pictures: give a folder, a CSV, or a list.")
    return named(ImageRows([_row(one, number) for number, one in enumerate(source)], "pictures", []))


def _folder(path: Path) -> ImageRows:
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    rows = []
    for file in files:
        place = file.relative_to(path)
        rows.append(ImageRow(place.as_posix(), file, place.parts[0] if len(place.parts) > 1 else None))
    return ImageRows(rows, path.name, [])


def _table(table: Table, folder: Path, labels: Sequence[str], label_map: Mapping[str, str]) -> ImageRows:
    """One row a line, called by its id column, else by its path."""
    names = list(table.frame.columns)
    column, label, own_id = _first(names, PATHS), _first(names, LABELS), id_column(table.frame)
    if column is None:
        raise DataError(f"{table.where} has no column of paths ({', '.join(PATHS)}); it has {listed(names)}.")
    if label is not None:
        cells = table.frame[label].tolist()
        matched = match_labels(cells, labels, column=label, where=table.where, label_map=label_map)
        table = table.keep(np.array(matched.kept, dtype=bool)).noted(*matched.notes)
        found = [name for name, kept in zip(matched.names, matched.kept, strict=True) if kept]
    else:
        found = [None] * len(table.frame)
    metadata = read_slices(table.frame, {column, label, own_id, *SIDES, "mask", "cluster"}, None)
    read = [name for name in names if name in (column, *SIDES, "mask", "cluster")]
    rows = []
    for line, label_name, slices in zip(table.frame[read].iterrows(), found, metadata, strict=True):
        place, values = str(line[0]), {name: canonical(cell) for name, cell in line[1].items()}
        row = _line(values, column, folder, f"{table.where}, row {place}")
        rows.append(replace(row, id=place if own_id else row.id, label=label_name, metadata=slices))
    return ImageRows(rows, table.id, list(table.notes), table.split)


def files_of(path: Path, split: str | None) -> list[Path]:
    """The pictures and masks that a table names."""
    frame = read_source(path, split).frame
    columns = [name for name in (_first(list(frame.columns), PATHS), "mask") if name in frame.columns]
    return [path.parent / name for column in columns for name in map(canonical, frame[column]) if name]


def _first(names: Sequence[str], known: Sequence[str]) -> str | None:
    """The first of the known names that a column has, in any case."""
    return next((name for usual in known for name in names if name.casefold() == usual), None)


def _line(values: Mapping[Any, str | None], column: str, folder: Path, where: str) -> ImageRow:
    name = (values[column] or "").strip()
    if not name:
        raise DataError(f"{where}: the path of the picture in column {quoted(column)} is empty.")
    mask = (values.get("mask") or "").strip()
    cluster = values.get("cluster") or None
    return ImageRow(name, folder / name, None, _box(values, where), folder / mask if mask else None, cluster)


def _box(values: Mapping[str, Any], where: str) -> Box | None:
    given = [values.get(side) for side in SIDES]
    if all(value in (None, "") for value in given):
        return None
    try:
        left, top, right, bottom = (float(value) for value in given)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{where}: a box needs four numbers, {', '.join(SIDES)}, in pixels; it has {listed(given)}."
        ) from error
    if not (left < right and top < bottom):
        raise DataError(f"{where}: the box {listed(given)} is empty; left and top come first.")
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
    small = np.asarray(looks(picture).convert("L").resize((9, 8), Image.Resampling.BILINEAR), dtype=np.int64)
    return np.packbits(np.diff(small, axis=1) > 0).tobytes().hex() + str(int(small.mean()) // 16)

"""Whatever the caller calls rows -> one table of one split."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from token_saliency.data.cells import quoted
from token_saliency.data.formats.chunks import read_drawn
from token_saliency.data.formats.draw import RowsDraw
from token_saliency.data.formats.readers import PACKED, READERS, read_file, suffix_of
from token_saliency.data.hub import is_dataset, read_dataset, read_folder, read_hub
from token_saliency.data.items import read_columns, read_frame, read_items
from token_saliency.data.splits import split_column, take_split
from token_saliency.data.table import Table, named
from token_saliency.errors import DataError, option

_HUB_ID = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)(:(?P<config>[\w.-]+))?", re.ASCII)


def read_source(source: Any, split: str | None, draw: RowsDraw | None = None) -> Table:
    """A path, a hub id, or rows in memory. DataError: nothing of that name, or not rows."""
    if isinstance(source, str | Path):
        return _read_named(str(source), split, draw, path_only=isinstance(source, Path))
    if is_dataset(source):
        return read_dataset(source, split, draw)
    return _chosen(named(_read_memory(source)), split)


def _read_memory(source: Any) -> Table:
    if isinstance(source, pd.DataFrame):
        return read_frame(source)
    if isinstance(source, Mapping):
        return read_columns(source)
    if isinstance(source, Iterable) and not isinstance(source, bytes | bytearray):
        return read_items(source)
    raise DataError(
        f"Rows of type {type(source).__name__} cannot be read: give a path, a DataFrame, a Dataset or a list."
    )


def _chosen(table: Table, split: str | None) -> Table:
    """What somebody holds in memory is what they mean: its `split` column counts only when a split is asked for."""
    if split is not None or split_column(table) is None:
        return take_split(table, split)
    choose = option("split", "NAME")
    return table.noted(f"The rows of every split are used, for nothing else was asked: filter them, or say {choose}.")


def _read_named(source: str, split: str | None, draw: RowsDraw | None, *, path_only: bool) -> Table:
    """What exists on disk is a path, what looks like a path is a missing one, and the rest a hub id."""
    path = Path(source)
    if source and _exists(path):
        if path.is_dir():
            return read_folder(path, None, split, draw)
        some = None if draw is None else read_drawn(path, draw, split)
        return take_split(named(read_file(path)), split) if some is None else named(some)
    base, _, config = source.rpartition(":")
    if config and base and _exists(Path(base)) and Path(base).is_dir():
        return read_folder(Path(base), config, split, draw)
    hub = _HUB_ID.fullmatch(source)
    if path_only or _looks_like_path(source) or hub is None:
        also = (
            "" if path_only or _looks_like_path(source) else ", and no hub id either (owner/name or owner/name:config)"
        )
        raise DataError(
            f"{quoted(source, 200)}: file not found{also}. Check the path; it is looked up from the current folder."
        )
    return read_hub(hub["name"], hub["config"], split, draw)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file system takes
        return False


def _looks_like_path(source: str) -> bool:
    known = suffix_of(Path(source)) in READERS or source.endswith(PACKED)
    return known or source.startswith((".", "/", "~")) or "\\" in source or source.count("/") > 1

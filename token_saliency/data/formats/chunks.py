"""Large files in pieces: Parquet, JSON Lines and plain CSV of which only the rows that are drawn stay in memory."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from token_saliency.data.cells import canonical, is_list, quoted
from token_saliency.data.formats.draw import CHUNK, LARGE_BYTES, RowsDraw, drawn
from token_saliency.data.formats.json_rows import loads
from token_saliency.data.formats.readers import class_names, require_ordinary, suffix_of
from token_saliency.data.formats.separated import KEPT_RETURN, loosened, sniff
from token_saliency.data.splits import EVERYTHING, choose_split
from token_saliency.data.table import Table
from token_saliency.stats.sampling import LARGE_ROWS


class _OtherwiseError(Exception):
    """The file is to be read whole: only then is it known what it means, or what is wrong."""


def read_drawn(path: Path, draw: RowsDraw, split: str | None) -> Table | None:
    """The rows that are drawn of a large file; None where it is small, or has to be read whole."""
    where = quoted(path, 200)
    require_ordinary(path, where)
    try:
        if suffix_of(path) == ".parquet":
            return _parquet(path, where, draw, split)
        reader = {".csv": _csv, ".jsonl": _jsonl, ".ndjson": _jsonl}.get(suffix_of(path))
        if reader is None or path.stat().st_size < LARGE_BYTES:
            return None
        chunks = partial(reader, path)
        first = next(iter(chunks()))
        return _drawn(chunks, pd.DataFrame(columns=first.column_names), {}, path, where, draw, split)
    except (_OtherwiseError, csv.Error, OSError, ValueError, RecursionError, pa.ArrowException, StopIteration):
        return None


def _drawn(
    chunks: Any, columns: pd.DataFrame, classes: dict[str, list[str]], path: Path, where: str, draw: RowsDraw,
    split: str | None,
) -> Table | None:  # fmt: skip
    table = Table(columns, path.name, where, classes=classes)
    if split not in (None, EVERYTHING) and not any(str(name).strip().casefold() == "split" for name in columns):
        return None  # an error, told where the file is read whole
    return drawn(chunks, table, draw, partial(choose_split, asked=split, where=where))


def _parquet(path: Path, where: str, draw: RowsDraw, split: str | None) -> Table | None:
    file = pq.ParquetFile(path)
    if file.metadata.num_rows <= max(LARGE_ROWS, draw.limit):
        return None
    names = list(file.schema_arrow.names)

    def chunks() -> Iterator[pa.Table]:
        plain = pq.ParquetFile(path, pre_buffer=False)  # else it keeps every page it has read
        return (pa.Table.from_batches([batch]) for batch in plain.iter_batches(CHUNK))

    return _drawn(chunks, pd.DataFrame(columns=names), class_names(file.schema_arrow), path, where, draw, split)


def _opened(path: Path) -> AbstractContextManager[TextIO]:
    """As text; only line feeds end a line."""
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    if packed:
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="\n")
    return path.open(encoding="utf-8-sig", newline="\n")


def _jsonl(path: Path) -> Iterator[pa.Table]:
    names: list[str] = []
    with _opened(path) as stream:
        while lines := list(islice(stream, CHUNK)):
            rows = [loads(line) for line in lines if line.strip()]
            if not all(isinstance(row, dict) for row in rows):
                raise _OtherwiseError
            names = names or list(dict.fromkeys(key for row in rows for key in row))
            if any(key not in names for row in rows for key in row):
                raise _OtherwiseError  # a column that begins later: its rows before have blanks
            yield pa.table({name: [_plain(row.get(name)) for row in rows] for name in names})


def _plain(cell: Any) -> str | None:
    """Cells of one kind: what is compared is the string, whatever JSON calls it."""
    if is_list(cell) or isinstance(cell, dict):
        raise _OtherwiseError
    return cell if isinstance(cell, str) or cell is None else canonical(cell)


def _csv(path: Path) -> Iterator[pa.Table]:
    with _opened(path) as stream:
        head = stream.read(1 << 16)
    delimiter = sniff(head, ",")
    if head[:4].lower() == "sep=" or delimiter == "\t":
        raise _OtherwiseError
    with _opened(path) as stream:
        reader = csv.reader(map(loosened, stream), strict=True, delimiter=delimiter)
        header = [name.strip() or f"column {n}" for n, name in enumerate(next(reader), 1)]
        while rows := list(islice(reader, CHUNK)):
            rows = [row for row in rows if row and not (len(row) == 1 < len(header) and not row[0].strip())]
            if any(len(row) != len(header) for row in rows):
                raise _OtherwiseError
            columns = zip(*rows, strict=True) if rows else ([] for _ in header)
            yield pa.table(
                {name: pa.array(map(_kept, cells), pa.string()) for name, cells in zip(header, columns, strict=True)}
            )


def _kept(cell: str) -> str:
    """The cell with its loose returns."""
    return cell.replace(KEPT_RETURN, "\r")

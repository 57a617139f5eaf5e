"""Rows written as the file they were read from: its delimiter, quotes and ends of lines, or its types in Parquet."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from token_saliency.data.formats.encoding import decode
from token_saliency.data.formats.readers import file_bytes, suffix_of
from token_saliency.data.formats.separated import sniff

_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that rows come from: which of its rows each of them is, and the columns (by place) with new cells."""

    path: Path
    rows: Sequence[int]
    new: frozenset[int]


def separated_like(path: Path) -> dict[str, Any]:
    """How a CSV or TSV file is written, as `DataFrame.to_csv` takes it."""
    data = file_bytes(path, str(path))
    text, _ = decode(data, str(path))
    delimiter, head = sniff(text, "\t" if suffix_of(path) == ".tsv" else ","), text.partition("\n")[0]
    if head.lower().startswith("sep="):  # a line for Excel; the header comes after it
        delimiter, head = head[4], text.split("\n", 2)[1]
    fields = head.rstrip("\r").split(delimiter)
    every = all(len(field) > 1 and field[0] == field[-1] == '"' for field in fields)
    return {
        "sep": delimiter,
        "encoding": "utf-8-sig" if data.startswith(_MARK) else "utf-8",
        "lineterminator": "\r\n" if head.endswith("\r") else "\n",
        "quoting": csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL,
    }


def parquet_like(frame: pd.DataFrame, origin: Origin) -> pa.Table:
    """The frame as a table in which every column that was read has its type and, where it is not new, its cells."""
    source = pq.read_table(origin.path)
    old = source.take(pa.array(origin.rows, pa.int64()))
    names = [*source.column_names, *frame.columns[source.num_columns :]]
    columns = [old.column(n) for n in range(old.num_columns)]
    for place in (*sorted(origin.new), *range(old.num_columns, len(names))):
        cells = pa.array(frame.iloc[:, place], from_pandas=True)
        columns[place : place + 1] = [_cast(cells, columns[place].type) if place < old.num_columns else cells]
    metadata = {key: value for key, value in (source.schema.metadata or {}).items() if key != b"pandas"}
    return pa.table(columns, names=names).replace_schema_metadata(metadata or None)


def _cast(cells: pa.Array, kind: pa.DataType) -> pa.Array:
    """New cells in the type of the old ones, where they fit: an id of a copy is no number any more."""
    try:
        return cells.dictionary_encode().cast(kind) if pa.types.is_dictionary(kind) else cells.cast(kind)
    except pa.ArrowException:
        return cells

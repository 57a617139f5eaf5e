"""Files on disk, one reader a suffix. Compression is seen from the bytes, whatever the file is called."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from token_saliency.data.cells import one_line, quoted
from token_saliency.data.formats.encoding import decode
from token_saliency.data.formats.json_rows import parse_json, parse_jsonl
from token_saliency.data.formats.separated import read_separated
from token_saliency.data.table import Table, tidy
from token_saliency.errors import DataError


def read_file(path: Path) -> Table:
    """The rows of one file, of all its splits."""
    where = quoted(path, 200)
    reader = READERS.get(suffix_of(path))
    if reader is None:
        raise DataError(f"{where} has no known data suffix: give one of {', '.join(READERS)} (also .gz .bz2 .xz).")
    data = file_bytes(path, where)
    if unread := next((kind for magic, kind in _UNREAD if data.startswith(magic)), ""):
        raise DataError(f"{where} is {unread} inside: unpack it, and give the file that comes out.")
    if not data.strip():
        raise DataError(f"{where} is empty: it has no rows at all.")
    return reader(data, path.name, where)


def suffix_of(path: Path) -> str:
    """The suffix that says what is inside: ".csv" for "rows.CSV.gz"."""
    name = path.name.lower()
    packed = next((ending for ending in PACKED if name.endswith(ending)), "")
    return Path(name.removesuffix(packed)).suffix


PACKED = (".gz", ".bz2", ".xz")
_PACKINGS: tuple[tuple[bytes, str, Callable[[io.BytesIO], Any]], ...] = (
    (b"\x1f\x8b", "gzip", lambda stream: gzip.GzipFile(fileobj=stream)),
    (b"BZh", "bzip2", bz2.BZ2File),
    (b"\xfd7zXZ\x00", "xz", lzma.LZMAFile),
)
_UNREAD = ((b"PK\x03\x04", "a zip archive"), (b"\x28\xb5\x2f\xfd", "a zstd file"), (b"7z\xbc\xaf", "a 7z archive"))
UNPACKED = 2 << 30
"""Bytes that a packed file may unpack to: a trap of a few megabytes would take all memory there is."""


def file_bytes(path: Path, where: str) -> bytes:
    """The bytes of a file, unpacked. DataError: no ordinary file, not to be read, or packed so that it is a trap."""
    try:
        require_ordinary(path, where)
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{where} cannot be read: {one_line(error.strerror or error)}.") from None
    packing = next((one for one in _PACKINGS if data.startswith(one[0])), None)
    if packing is None:
        return data
    _, kind, opened = packing
    try:
        with opened(io.BytesIO(data)) as stream:
            found: bytes = stream.read(UNPACKED)
            if len(found) == UNPACKED and stream.read(1):
                raise DataError(
                    f"{where} unpacks to more than {UNPACKED >> 30} GiB: if that is meant, unpack it, and give the "
                    "file that comes out."
                )
        return found
    except (EOFError, OSError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise DataError(f"{where} is a broken {kind} file ({one_line(error)}): write it again.") from None


def require_ordinary(path: Path, where: str) -> None:
    """DataError for what never ends or never begins: a pipe, a device."""
    if not path.is_file():
        raise DataError(f"{where} is no ordinary file (a pipe or a device): save its rows in one first.")


def _csv(data: bytes, name: str, where: str) -> Table:
    return _separated(data, name, where, ",")


def _tsv(data: bytes, name: str, where: str) -> Table:
    return _separated(data, name, where, "\t")


def _separated(data: bytes, name: str, where: str, prefer: str) -> Table:
    text, notes = decode(data, where)
    frame, more = read_separated(text, where, prefer)
    return Table(tidy(frame, where), name, where, notes=(*notes, *more))


def _json(data: bytes, name: str, where: str) -> Table:
    text, notes = decode(data, where)
    return Table(tidy(parse_json(text, where), where), name, where, notes=tuple(notes))


def _jsonl(data: bytes, name: str, where: str) -> Table:
    text, notes = decode(data, where)
    return Table(tidy(parse_jsonl(text, where), where), name, where, notes=tuple(notes))


def _txt(data: bytes, name: str, where: str) -> Table:
    """One text a line; a row is called by the number of its line."""
    text, notes = decode(data, where)
    split = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    lines = {str(n): line for n, line in enumerate(split, 1)}
    frame = pd.DataFrame({"text": list(lines.values())}, index=list(lines), dtype=object)
    return Table(frame, name, where, notes=tuple(notes))


def _parquet(data: bytes, name: str, where: str) -> Table:
    try:
        table = pq.read_table(pa.BufferReader(data))
        table.validate(full=True)  # a string that is no UTF-8 would raise much later
        frame = table.to_pandas(ignore_metadata=True, integer_object_nulls=True)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:  # names of columns, too, can be no UTF-8
        raise DataError(
            f"{where} is no readable Parquet file ({one_line(error)}): it may be cut; write it again."
        ) from None
    return Table(tidy(frame, where), name, where, classes=class_names(table.schema))


def class_names(schema: pa.Schema) -> dict[str, list[str]]:
    """The names of ClassLabel columns, which `datasets` leaves in the schema."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        return {name: list(f["names"]) for name, f in features.items() if f.get("_type") == "ClassLabel"}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # absent, or written by something else
        return {}


READERS: dict[str, Callable[[bytes, str, str], Table]] = {
    ".csv": _csv,
    ".tsv": _tsv,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".json": _json,
    ".txt": _txt,
    ".parquet": _parquet,
}

"""CSV and TSV as they come: any usual delimiter, quotes and line breaks inside texts, bare quotes in TSV.

The `csv` module reads them, not pandas: it takes no "Null" for nothing, and it lets a row that has lost
a quote be refused by line instead of being merged with its neighbours.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pandas as pd

from token_saliency.data.cells import one_line
from token_saliency.errors import DataError

DELIMITERS = (",", ";", "\t", "|")
_DECLARED = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)
"""The line that tells Excel the delimiter; the header comes after it."""
_LOOSE_RETURN = re.compile(r"\r(?!\r*\n)")
"""A carriage return inside a line: part of a text (many writers leave it unquoted), where `csv` would end the row."""
KEPT_RETURN = "\ud800"
"""Stands for it meanwhile: no decoded text holds a surrogate."""
_HEAD = 65536
_SAMPLED = 50

Records = list[list[str]]


def read_separated(text: str, where: str, prefer: str = ",") -> tuple[pd.DataFrame, list[str]]:
    """The frame (all cells strings) and notes; `prefer` is the delimiter if nothing speaks for another one."""
    if declared := _DECLARED.match(text):
        text, prefer = text[declared.end() - 1 :], declared[1]  # an empty line: those of errors keep their numbers
    if "\n" in text:
        text = _LOOSE_RETURN.sub(KEPT_RETURN, text)
    with _wide_fields(len(text)):
        delimiter = sniff(text, prefer)
        (header, *body), notes = _read(text, delimiter, where)
    names = [name.strip() or f"column {n}" for n, name in enumerate(header, 1)]
    return pd.DataFrame(body, columns=names, dtype=object), notes


def loosened(line: str) -> str:
    """A line in which a return inside a text does not end the row."""
    return _LOOSE_RETURN.sub(KEPT_RETURN, line) if "\r" in line else line


def sniff(text: str, prefer: str = ",") -> str:
    """The delimiter under which the header has several fields and the first rows have as many as the header."""
    order = [prefer, *(mark for mark in DELIMITERS if mark != prefer)]
    return max(order, key=lambda mark: _agreement(text, mark))  # max keeps the first of equals


def _agreement(text: str, delimiter: str) -> tuple[float, int]:
    """(share of the first rows that are as wide as the header, its width); nothing for a single column."""
    reader = csv.reader(io.StringIO(text[:_HEAD], newline=""), delimiter=delimiter)
    rows = [row for row in islice(reader, _SAMPLED) if row]
    if len(text) > _HEAD and len(rows) > 2:
        rows.pop()  # may be cut
    if not rows or len(rows[0]) < 2:
        return 0.0, 0
    same = sum(len(row) == len(rows[0]) for row in rows[1:])
    return (same + 1) / len(rows), len(rows[0])


def _read(text: str, delimiter: str, where: str) -> tuple[Records, list[str]]:
    """Strict quoting first; where that fails, or seems to have merged rows, the looser reading."""
    try:
        records = _records(text, where, delimiter=delimiter)
    except DataError:
        looser = _looser(text, delimiter, where)
        if looser is None:
            raise
        return looser
    if delimiter == "\t" and _merged(records):
        return _looser(text, delimiter, where) or (records, [])
    return records, []


def _looser(text: str, delimiter: str, where: str) -> tuple[Records, list[str]] | None:
    """Tabs: quotes mean nothing (GLUE). Others: a backslash escapes (MySQL, Spark). None if that fails too."""
    if delimiter != "\t" and '\\"' not in text:
        return None
    if delimiter == "\t":
        dialect: dict[str, Any] = {"quoting": csv.QUOTE_NONE}
        note = "quotes are read as part of the texts"
    else:
        dialect = {"escapechar": "\\"}
        note = "a backslash is read as escaping the next character"
    try:
        return _records(text, where, delimiter=delimiter, **dialect), [f"{where}: {note}."]
    except DataError:
        return None


def _merged(records: Records) -> bool:
    """Two bare quotes in a TSV can swallow everything between them: a field with a tab and a line break betrays it."""
    return any("\n" in field and "\t" in field for record in records for field in record)


def _records(text: str, where: str, **dialect: Any) -> Records:
    """Header and rows, all equally wide; blank lines are skipped."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, **dialect)
    records: Records = []
    try:
        for record in reader:
            if record and not (len(record) == 1 and records and len(records[0]) > 1 and not record[0].strip()):
                records.append(_fitted(record, records[0] if records else record, where, reader.line_num))
    except csv.Error as error:
        raise DataError(
            f"{where} line {reader.line_num}: broken quotes ({one_line(error)}); put a text that holds quotes, "
            "delimiters or line breaks in double quotes and double the quotes inside."
        ) from None
    if not records:
        raise DataError(f"{where} is empty: it needs a header and rows.")
    return records


def _fitted(record: list[str], header: list[str], where: str, line: int) -> list[str]:
    """The row at the width of the header; empty fields at the end (a trailing delimiter) are no fields."""
    width = len(header)
    record = [field.replace(KEPT_RETURN, "\r") for field in record]
    if len(record) > width and not any(record[width:]):
        return record[:width]
    if len(record) != width:
        raise DataError(
            f"{where} line {line} has {len(record)} fields, the header has {width}: "
            "quote texts that hold the delimiter, and complete rows that were cut."
        )
    return record


@contextmanager
def _wide_fields(longest: int) -> Iterator[None]:
    """`csv` refuses fields above 131,072 characters; the limit is process-wide, so it is put back."""
    before = csv.field_size_limit(max(longest, csv.field_size_limit()))
    try:
        yield
    finally:
        csv.field_size_limit(before)

"""Rows that are in memory already: DataFrame, list of dicts, of texts, of pairs, of Example, dict of columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from token_saliency.data.cells import clean, is_blank, one_line
from token_saliency.data.table import Table, tidy
from token_saliency.errors import DataError
from token_saliency.results import Example

_KINDS = "a list of dicts, of texts, of (text, text_pair) tuples or of Example"


def read_frame(frame: pd.DataFrame) -> Table:
    """A DataFrame; its index is not looked at."""
    return Table(tidy(frame, "The DataFrame"), "DataFrame", "The DataFrame")


def read_columns(columns: Mapping[Any, Any]) -> Table:
    """A mapping column -> values."""
    return Table(tidy(columns_frame(columns, "The dict"), "The dict"), "dict", "The dict")


def read_items(items: Iterable[Any]) -> Table:
    """Any iterable of rows of one kind."""
    rows, where = list(items), "The list"
    if rows and all(isinstance(row, Example) for row in rows):
        return _examples(rows, where)
    return Table(tidy(items_frame(rows, where), where), "list", where)


def _examples(rows: Sequence[Example], where: str) -> Table:
    columns: dict[str, list[Any]] = {"id": [row.id for row in rows], "text": [row.text for row in rows]}
    if any(row.text_pair is not None for row in rows):
        columns["text_pair"] = [row.text_pair for row in rows]
    if any(row.label is not None for row in rows):
        columns["label"] = [row.label for row in rows]
    frame = pd.DataFrame(columns, dtype=object)
    return Table(tidy(frame, where), "list", where, metadata=[row.metadata for row in rows])


def items_frame(rows: Sequence[Any], where: str) -> pd.DataFrame:
    """Rows of one kind -> frame. dtype object: no string of a stranger must meet Arrow, no number change its look."""
    kind = next((test for test in (_is_object, _is_text, _is_pair) if rows and test(rows[0])), None)
    if not rows:
        return pd.DataFrame()
    for number, row in enumerate(rows, 1):
        if kind is None or not kind(row):
            raise DataError(f"{where} row {number} is of type {type(row).__name__}: rows are {_KINDS}.")
    if kind is _is_object:
        return pd.DataFrame([_named(_mapping(row)) for row in rows], dtype=object)
    if kind is _is_text:
        return pd.DataFrame({"text": list(rows)}, dtype=object)
    return pd.DataFrame({"text": [row[0] for row in rows], "text_pair": [row[1] for row in rows]}, dtype=object)


def _is_object(row: object) -> bool:
    return isinstance(row, Mapping | pd.Series) or hasattr(row, "_asdict")


def _mapping(row: Any) -> Mapping[Any, Any]:
    """A dict, a Series (`iterrows`), or a named tuple (`itertuples`), whose number of the row is no column."""
    if isinstance(row, Mapping):
        return row
    named = dict(row.items()) if isinstance(row, pd.Series) else row._asdict()
    return {key: value for key, value in named.items() if key != "Index"}


def _is_text(row: object) -> bool:
    return isinstance(row, str) or is_blank(row)


def _is_pair(row: object) -> bool:
    return (
        isinstance(row, tuple)
        and not hasattr(row, "_asdict")
        and len(row) == 2
        and all(isinstance(part, str) for part in row)
    )


def _named(mapping: Mapping[Any, Any]) -> dict[str, Any]:
    """Keys as strings that pandas can hold."""
    return {clean(str(key)): value for key, value in mapping.items()}


def columns_frame(columns: Mapping[Any, Any], where: str) -> pd.DataFrame:
    """Equally long lists (or mappings row -> value, as pandas writes them) by column name."""
    try:
        return pd.DataFrame(_named(columns), dtype=object)
    except (ValueError, TypeError) as error:
        raise DataError(f"{where}: the columns do not fit together ({one_line(error)}).") from None

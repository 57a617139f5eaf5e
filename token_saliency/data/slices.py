"""Metadata: the columns that sort rows into a few groups, so that effects can be shown by group."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from token_saliency.data.cells import canonical, is_list

MOST_VALUES = 50
LONGEST_VALUE = 200


def read_slices(
    frame: pd.DataFrame, taken: Collection[str | None], cluster: str | None,
    whole: Mapping[str, set[str] | None] | None = None,
) -> list[dict[str, str]]:  # fmt: skip
    """One mapping column -> value a row; blanks are left out. `whole`: the values of all rows that these were drawn of.

    A column is a slice if it has 2 to 50 values of at most 200 characters; the `cluster` column always counts.
    """
    columns: dict[str, list[str | None]] = {}
    for name in frame.columns:
        if name == cluster:
            columns[name] = [canonical(cell) for cell in frame[name]]
        elif whole is not None and name not in taken:
            if len(whole.get(name) or ()) > 1:
                columns[name] = [canonical(cell) for cell in frame[name]]
        elif name not in taken and (values := _slice(frame[name].tolist())) is not None:
            columns[name] = values
    rows: list[dict[str, str]] = [{} for _ in range(len(frame))]
    for name, cells in columns.items():
        for row, cell in zip(rows, cells, strict=True):
            if cell is not None:
                row[name] = cell
    return rows


def _slice(cells: list[Any]) -> list[str | None] | None:
    """The values as strings, None as soon as they are too many, too long or no single values."""
    values: list[str | None] = []
    seen: set[str] = set()
    for cell in cells:
        value = None if is_list(cell) or isinstance(cell, dict | bytes) else canonical(cell)
        if value is not None and value not in seen:
            seen.add(value)
            if len(seen) > MOST_VALUES or len(value) > LONGEST_VALUE:
                return None
        values.append(value)
    return values if len(seen) > 1 else None

"""One column a class, 1 where a row is of it: a label in another dress."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from token_saliency.data.cells import canonical, is_blank, is_list, listed, plain_name

_SET = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}
_WRITTEN = re.compile(
    r"\[\s*((?:[01]\.?0?|true|false)(?:(?:\s*,\s*|\s+)(?:[01]\.?0?|true|false))*)\s*\]", re.IGNORECASE
)
"""A list of 0 and 1 as Python and numpy write it into a file: [0, 1], [0. 1.], [False, True]."""


@dataclass(frozen=True, slots=True)
class OneHot:
    """The class of each row (None: none of them, or several), all it has, the columns that said so, and a note."""

    names: list[str | None]
    several: list[list[str]]
    columns: list[str]
    note: str


def one_hot(frame: pd.DataFrame, labels: Sequence[str]) -> OneHot | None:
    """The labels that columns named like the classes hold; None where not every class of several has such a column."""
    by_name = {plain_name(name): name for name in frame.columns}
    columns = [by_name.get(plain_name(label), "") for label in labels]
    if len(labels) < 2 or len({*columns} - {""}) < len(labels):
        return None
    cells = [[_SET.get((canonical(cell) or "").casefold()) for cell in frame[name]] for name in columns]
    if any(cell is None for column in cells for cell in column):
        return None
    rows = [[label for label, there in zip(labels, row, strict=True) if there] for row in zip(*cells, strict=True)]
    names = [row[0] if len(row) == 1 else None for row in rows]
    several, none = sum(len(row) > 1 for row in rows), sum(not row for row in rows)
    if several + none == len(rows):
        return None
    note = f"The columns {listed(columns, ours=True)} are read as one label."
    if several + none:
        note += f" {none} of {len(rows)} rows have none of them and {several} have several; they count as unlabelled."
    return OneHot(names, rows, columns, note)


def one_hot_cells(cells: Sequence[Any], labels: Sequence[str]) -> list[Any]:
    """The cells; where each is a list of 0 and 1, one for every class, the list of the classes that it names."""
    lists = [_marks(cell) for cell in cells]
    there = [marks for marks, cell in zip(lists, cells, strict=True) if not _is_empty(cell)]
    if len(labels) < 2 or not there or not all(marks is not None and len(marks) == len(labels) for marks in there):
        return list(cells)
    return [
        cell if marks is None else [name for name, marked in zip(labels, marks, strict=True) if marked]
        for cell, marks in zip(cells, lists, strict=True)
    ]


def _is_empty(cell: Any) -> bool:
    return is_blank(cell) or (isinstance(cell, str) and not cell.strip())


def _marks(cell: Any) -> list[bool] | None:
    """What a list of 0 and 1 says of each class, also of one that is written out; None of anything else."""
    written = _WRITTEN.fullmatch(cell.strip()) if isinstance(cell, str) else None
    values = [part.removesuffix(".0").rstrip(".") for part in re.split(r"[,\s]+", written[1])] if written else cell
    if not written and not is_list(cell):
        return None
    marks = [_SET.get((canonical(value) or "none").casefold()) for value in values]
    return [mark for mark in marks if mark is not None] if None not in marks else None

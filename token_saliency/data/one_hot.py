"""One column a class, 1 where a row is of it: a label in another dress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from token_saliency.data.cells import canonical, is_blank, is_list, listed, plain_name

_SET = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


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
    lists = [cell for cell in cells if not is_blank(cell)]
    if len(labels) < 2 or not lists or not all(is_list(cell) and len(cell) == len(labels) for cell in lists):
        return list(cells)
    if any(canonical(value) not in ("0", "1") for cell in lists for value in cell):
        return list(cells)
    return [
        cell if is_blank(cell) else [name for name, there in zip(labels, cell, strict=True) if canonical(there) == "1"]
        for cell in cells
    ]

"""What every source becomes: one frame, and what messages call it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from token_saliency.data.cells import NO_VALUE, canonical, clean, listed, quoted
from token_saliency.errors import DataError, option

IDS = ("id", "idx", "guid")


@dataclass(slots=True)
class Whole:
    """What is known of all rows of a source of which a table holds those that were drawn.

    absent  why rows have no text, by column
    labels  the cells of the label column
    values  the values of each column, None where they are too many for a slice
    copies  of the texts that were drawn, how many more rows they stand in
    """

    rows: int = 0
    absent: dict[str, Counter[str | None]] = field(default_factory=dict)
    labels: Counter[object] = field(default_factory=Counter)
    values: dict[str, set[str] | None] = field(default_factory=dict)
    copies: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as they were read.

    frame     string column names, each once; the index is what rows are called
    id        the name of the data set in reports
    where     how messages call the source
    classes   column -> class names, where the column holds their numbers (ClassLabel of `datasets`)
    split     the split that the rows are of, None where the source has none
    metadata  one mapping a row where the source brings it (a list of Example)
    whole     where the rows were drawn while they were read: what all of them told
    """

    frame: pd.DataFrame
    id: str
    where: str
    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    split: str | None = None
    notes: tuple[str, ...] = ()
    metadata: Sequence[Mapping[str, str]] | None = None
    whole: Whole | None = None

    def keep(self, rows: NDArray[np.bool_]) -> Table:
        """Only the rows where the mask [n_rows] is true."""
        metadata = None if self.metadata is None else [m for m, kept in zip(self.metadata, rows, strict=True) if kept]
        return replace(self, frame=self.frame[rows], metadata=metadata)

    def noted(self, *notes: str) -> Table:
        """The same rows with more notes."""
        return replace(self, notes=(*self.notes, *notes))


def tidy(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """A frame whose columns are distinct strings and whose index counts from "1"."""
    names = [clean(str(name)).strip() or f"column {n}" for n, name in enumerate(frame.columns, 1)]
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise DataError(f"{where} has more than one column called {listed(twice)}: rename them.")
    return frame.set_axis(names, axis="columns").set_axis([str(n) for n in range(1, len(frame) + 1)], axis="index")


def named(table: Table) -> Table:
    """Rows called by their id column where that names each row once; else as the source calls them."""
    column = id_column(table.frame)
    if column is None:
        return table
    ids = [canonical(cell) for cell in table.frame[column]]
    if None in ids or len(set(ids)) < len(ids):
        return table.noted(f"Column {quoted(column)} does not name each row once: rows are called by their number.")
    return replace(table, frame=table.frame.set_axis(ids, axis="index"))


def called(table: Table, column: str | None) -> Table:
    """Rows called by the column that the caller names. DataError where it is missing or does not name each row once."""
    if column is None:
        return table
    if column not in table.frame:
        raise DataError(f"{table.where} has no column {quoted(column)} ({option('id')}); it has {listed(table.frame)}.")
    ids = [canonical(cell) for cell in table.frame[column]]
    twice = next((one for one, times in Counter(ids).items() if one is None or times > 1), "")
    if twice != "":
        what = "leaves a row blank" if twice is None else f"holds {listed([twice])} more than once"
        raise DataError(f"{table.where} column {quoted(column)} {what}: {option('id')} must name each row once.")
    return replace(table, frame=table.frame.set_axis(pd.Index(ids, name=column), axis="index"))


def id_column(frame: pd.DataFrame) -> str | None:
    """The column with a usual name for ids."""
    return next((name for usual in IDS for name in frame.columns if name.casefold() == usual), None)


def absent(text: str | None) -> str | None:
    """Why there is no text; None where there is one."""
    if text is None:
        return "null"
    word = text.strip()
    return "empty" if not word else "such as N/A" if word in NO_VALUE else None

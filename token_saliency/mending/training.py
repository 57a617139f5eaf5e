"""The rows that are to be mended: the table as it was read, and each distinct text of its training rows once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from token_saliency.data import load_rows
from token_saliency.data.cells import canonical, is_list, quoted
from token_saliency.data.columns import Columns, column_name, find_columns
from token_saliency.data.hub import is_dataset
from token_saliency.data.one_hot import one_hot
from token_saliency.data.sources import read_source
from token_saliency.data.splits import EVERYTHING, HELD_OUT, split_column
from token_saliency.data.table import Table, called, id_column
from token_saliency.errors import DataError, OptionError, option
from token_saliency.results import Example
from token_saliency.stats.sampling import content_hash


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """A table and its labelled training rows.

    frame     the table as it was given, all of its rows and columns
    columns   the positions of the text, of its pair, and of the column with ids, which may be missing
    distinct  every text of a training row once, called by a hash of it: what is drawn depends on nothing else
    places    where each of them stands in the frame
    held_out  rows of other splits; they stay as they are
    file      the file they were read from, where they are of one
    """

    frame: pd.DataFrame
    columns: tuple[int, int | None, int | None]
    distinct: Sequence[Example]
    places: Mapping[str, Sequence[int]]
    held_out: int
    file: Path | None

    @property
    def rows(self) -> int:
        """How many rows are to be mended."""
        return sum(map(len, self.places.values()))

    def weights(self) -> dict[str, int]:
        """How many rows hold each text."""
        return {key: len(places) for key, places in self.places.items()}


def training_rows(source: Any, labels: Sequence[str], split: str | None, **names: str | None) -> TrainingRows:
    """Reads what `load_rows` reads; `names` are its columns text, text_pair, label and id.

    Of a table with splits those that are not held out are mended, or the one that is asked for (`all`: every row).
    DataError where the rows have no label column: nothing could be evened out over the labels.
    """
    if isinstance(source, Iterable) and not isinstance(source, str | Mapping | Sequence | pd.DataFrame):
        source = source if is_dataset(source) else list(source)
    names = {asked: column_name(asked, given) for asked, given in names.items()}
    row_id = names.pop("id", None)
    table = called(read_source(source, EVERYTHING), row_id)
    text, pair, label = (names[name] for name in ("text", "text_pair", "label"))
    columns = find_columns(table, text, pair, label)
    several = _several(table, columns, labels)
    own = None if columns.label else labels  # classes in columns of their own have the names of the model
    asked = {"text": text, "text_pair": pair, "label": label if several is None else "", "split": EVERYTHING}
    rows = load_rows(source, labels=own, id=row_id, **asked).examples  # type: ignore[arg-type]
    if several is not None:
        rows = [replace(row, label=several[row.id]) for row in rows]
    found = {row.label for row in rows} - {None}
    if not found and columns.label is not None:
        found = {name for cell in table.frame[columns.label] if (name := canonical(cell))}
    if len(found) < 2:
        only = "".join(f" (only {quoted(name)})" for name in found)
        raise DataError(
            f"{table.where} has no two labels over which to even an item out{only}: name them with {option('label')}."
        )
    chosen = _chosen(table, split)
    at = {str(name): place for place, name in enumerate(table.frame.index)}
    labelled = [(row, at[row.id]) for row in rows if row.label is not None and at[row.id] in chosen]
    if not labelled:
        raise DataError(f"{table.where} has no labelled training row: choose its split with {option('split', 'NAME')}.")
    distinct, places = _distinct(labelled, table.frame)
    frame = source.copy() if isinstance(source, pd.DataFrame) else table.frame.reset_index(drop=True)
    file = Path(source) if isinstance(source, str | Path) and Path(source).is_file() else None
    positions = _positions(table, columns, row_id)
    return TrainingRows(frame, positions, distinct, places, len(table.frame) - len(chosen), file)


def _several(table: Table, columns: Columns, labels: Sequence[str]) -> dict[str, str | None] | None:
    """Of rows with several labels (lists, or a column a class) all of them as one: items are evened out over each set.

    None where every row has one at most.
    """
    sets: list[Any]
    if columns.label is not None:
        sets = table.frame[columns.label].tolist()
        if not any(map(is_list, sets)):
            return None
    else:
        found = one_hot(table.frame, labels)
        if found is None or None not in found.names:
            return None
        sets = found.several
    names = ["; ".join(sorted(canonical(one) or "" for one in own)) or "none" if is_list(own) else None for own in sets]
    return dict(zip(map(str, table.frame.index), names, strict=True))


def _chosen(table: Table, split: str | None) -> set[int]:
    """The positions of the rows that may be edited."""
    column = split_column(table)
    everything = range(len(table.frame))
    if column is None or split == EVERYTHING:
        if split not in (None, EVERYTHING):
            raise DataError(f"{table.where} has no column 'split': leave {option('split')} out.")
        return set(everything)
    names = [(canonical(cell) or "").casefold() for cell in table.frame[column]]
    if split is not None and split.casefold() not in names:
        there = ", ".join(map(quoted, sorted(set(names))))
        raise OptionError(f"{table.where} has no split {quoted(split)}; it has {there}.")
    return {n for n in everything if (names[n] == split.casefold() if split else names[n] not in HELD_OUT)}


def _distinct(rows: Sequence[tuple[Example, int]], frame: pd.DataFrame) -> tuple[list[Example], dict[str, list[int]]]:
    """Each text once, with its most usual label: rows with one text stay rows with one text.

    Of its places those with that label come first, the others by what the rows say, in whatever order they stand.
    """
    held: dict[tuple[str, str | None], list[tuple[str, int]]] = {}
    for row, place in rows:
        held.setdefault((row.text, row.text_pair), []).append((row.label or "", place))
    distinct, places = list[Example](), dict[str, list[int]]()
    for text, own in held.items():
        counts = Counter(label for label, _ in own)
        usual = min(counts, key=lambda name: (-counts[name], name))
        if len(own) > 1:
            own.sort(key=lambda one: (one[0] != usual, content_hash(*frame.iloc[one[1]].tolist())))
        distinct.append(Example(content_hash(*text), *text, label=usual))
        places[distinct[-1].id] = [place for _, place in own]
    return sorted(distinct, key=lambda row: row.id), places


def _positions(table: Table, columns: Columns, row_id: str | None) -> tuple[int, int | None, int | None]:
    there = list(table.frame.columns)
    ids = row_id or id_column(table.frame)
    pair = None if columns.text_pair is None else there.index(columns.text_pair)
    return there.index(columns.text), pair, None if ids is None else there.index(ids)


def put_column(frame: pd.DataFrame, column: int, cells: Sequence[object]) -> None:
    """Other cells in the column at this position, whatever it is called."""
    values = np.empty(len(cells), dtype=object)
    values[:] = cells
    frame.isetitem(column, values)

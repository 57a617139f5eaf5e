"""`load_rows`: any source -> the Examples of one split, labelled with the class names of the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from token_saliency.data.cells import canonical, clean, is_blank, is_list, listed, quoted
from token_saliency.data.columns import Columns, column_name, find_columns, find_named
from token_saliency.data.formats.draw import RowsDraw
from token_saliency.data.label_map import given_label_map
from token_saliency.data.labels import class_numbers, fits, match_labels
from token_saliency.data.one_hot import one_hot, one_hot_cells
from token_saliency.data.slices import read_slices
from token_saliency.data.sources import read_source
from token_saliency.data.splits import told_split
from token_saliency.data.table import Table, Whole, absent, called, id_column
from token_saliency.errors import DataError, option, withheld
from token_saliency.results import Example


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows to audit: `seen` counts those of the source and split before any was left out; notes say what was chosen."""

    examples: list[Example]
    id: str
    split: str | None
    seen: int
    notes: list[str] = field(default_factory=list)
    drawn: bool = False
    """Whether the examples are a draw already, of a source too large to be kept."""

    @property
    def there(self) -> int:
        """How many rows could be audited: of equal texts one is."""
        return self.seen if self.drawn else len({(row.text, row.text_pair) for row in self.examples})


def load_rows(
    source: Any, *, labels: Sequence[str] | None, text: str | None = None, text_pair: str | None = None,
    label: str | None = None, split: str | None = None, label_map: Mapping[str, str] | None = None,
    cluster: str | None = None, id: str | None = None, limit: int | None = None, seed: int = 0,
) -> Rows:  # fmt: skip
    """The rows of `source` for a model with the classes `labels`, in the order of the source.

    `source`: a path (.csv .tsv .jsonl .json .parquet .txt, also .gz; a folder of `datasets`), a hub id, a DataFrame, a
    Dataset or DatasetDict, a dict of columns, a list of dicts, texts, (text, text_pair) tuples or Examples.
    `text`, `text_pair`, `label`, `cluster` and `id` name columns; `label=""` leaves the rows unlabelled.
    `labels` None: the classes are what the label column says.
    `label_map` is data -> class of the model; "" drops the rows. Rows without a text (null, empty, N/A) are left out.
    With a `limit`, of large files and data sets only what `sample_rows(rows, limit, seed)` takes is kept.
    Metadata of an Example: `cluster`, and the columns with 2 to 50 short values (slices.py).
    DataError, on one line, for what cannot be read or does not fit; OptionError for a class that the model has not.
    """
    given = {"text": text, "text_pair": text_pair, "label": label, "cluster": cluster, "id": id}
    text, text_pair, label, cluster, id = (column_name(*one) for one in given.items())
    label_map = given_label_map(label_map)
    named = text, text_pair, label, label_map, labels, cluster, id
    table = called(read_source(source, split, None if limit is None else RowsDraw(limit, seed, *named)), id)
    if not (seen := table.whole.rows if table.whole else len(table.frame)):
        raise DataError(f"{table.where} has no rows at all: there is nothing to audit.")
    columns = find_columns(table, text, text_pair, label)
    for column in filter(None, (columns.text, columns.text_pair)):
        table = _with_texts(table, column)
    if labels and columns.text_pair and not (text_pair or columns.label):
        _no_labels_as_texts(table, columns.text_pair, labels)
    hot = one_hot(table.frame, labels) if labels and columns.label is None and label is None else None
    if hot is not None:
        names, table = hot.names, table.noted(hot.note)
    elif columns.label is None:
        names, table = [None] * len(table.frame), table.noted(_unlabelled(table, asked=label == ""))
    else:
        table, names = _labelled(table, columns.label, labels or _own_classes(table, columns.label), label_map)
    if table.frame.empty:
        raise DataError(f"{table.where} has no rows left: {' '.join(table.notes[-2:])}")
    examples = _examples(table, columns, names, _metadata(table, columns, cluster, hot.columns if hot else ()))
    notes = [*columns.notes, *table.notes, *_repeated(examples, table.whole)]
    return Rows(examples, table.id, told_split(table, split), seen, notes, drawn=table.whole is not None)


def _repeated(examples: Sequence[Example], whole: Whole | None) -> list[str]:
    """What becomes of rows with the same text: an audit asks about each text once (`sample_rows`)."""
    labels: dict[tuple[str, str | None], set[str]] = {}
    for row in examples:
        labels.setdefault((row.text, row.text_pair), set()).update({row.label} if row.label is not None else ())
    copies = len(examples) - len(labels) if whole is None else whole.copies
    several = sum(len(found) > 1 for found in labels.values())
    if not copies:
        return []
    note = f"{copies} of {len(examples)} rows repeat the text of another one: each text counts once."
    if whole is not None:
        note = f"The {len(labels)} texts that were drawn stand in {len(labels) + copies} rows: each text counts once."
    return [f"{note} {several} of the texts have several labels: the first by name holds." if several else note]


# --- texts ----------------------------------------------------------------------------------------


def _with_texts(table: Table, column: str) -> Table:
    """The column as strings, without the rows that have none: null, empty, or a word that stands for null."""
    place = f"{table.where} column {quoted(column)}"
    texts = [_text(cell, place) for cell in table.frame[column].tolist()]
    missing = Counter(why for text in texts if (why := absent(text)))
    rows = len(texts)
    if table.whole is not None:
        missing, rows = (
            Counter({str(why): n for why, n in table.whole.absent.get(column, {}).items()}),
            table.whole.rows,
        )
    frame = table.frame.copy(deep=False)
    frame[column] = pd.Series(texts, index=frame.index, dtype=object)
    if not missing:
        return replace(table, frame=frame)
    kinds = ", ".join(f"{count} {why}" for why, count in missing.items())
    note = f"{missing.total()} of {rows} rows have no text in column {quoted(column)} ({kinds}); they are left out."
    return replace(table, frame=frame).keep(np.array([absent(text) is None for text in texts])).noted(note)


def _text(cell: Any, place: str) -> str | None:
    if isinstance(cell, str):
        return clean(str(cell))
    if is_blank(cell):
        return None
    if is_list(cell) or isinstance(cell, dict | bytes):
        raise DataError(
            f"{place} holds values of type {type(cell).__name__}, not texts: "
            f"choose another with {option('text', 'COL')}."
        )
    return canonical(cell)


# --- labels ---------------------------------------------------------------------------------------


def _unlabelled(table: Table, asked: bool) -> str:
    """Why no row has a label. Where nobody `asked` for that, what there is instead: often another name."""
    if asked:
        return "The labels are left out, as asked: what needs labels is not run."
    there = f" If one of them has it, name it with {option('label')}: {listed(table.frame.columns)}."
    return f"There is no label column: what needs labels is not run.{there if table.frame.shape[1] > 1 else ''}"


def _labelled(
    table: Table, column: str, labels: Sequence[str], label_map: Mapping[str, str]
) -> tuple[Table, list[str | None]]:
    """The rows that the map keeps, and a class name (or None) for each."""
    if len(labels) == 1:
        note = f"The model has one output and no classes: what needs labels is not run (column {quoted(column)})."
        return table.noted(note), [None] * len(table.frame)
    matched = match_labels(
        _label_cells(table, column, labels),
        labels,
        column=column,
        where=table.where,
        label_map=label_map,
        hint=lambda: _hint(table, column, labels),
        whole=None if table.whole is None else table.whole.labels,
    )
    names = [name for name, kept in zip(matched.names, matched.kept, strict=True) if kept]
    return table.keep(np.array(matched.kept, dtype=bool)).noted(*matched.notes), names


def _no_labels_as_texts(table: Table, column: str, labels: Sequence[str]) -> None:
    """(text, label) tuples would be read as pairs of texts, and the model would be asked about "positive"."""
    if fits(table.frame[column].tolist(), labels):
        raise DataError(
            f"{table.where}: each second text ({quoted(column)}) is the name of a class. A tuple is a pair of texts; "
            f"rows with labels are dicts, {{'text': ..., 'label': ...}}, or a DataFrame."
        )


def _own_classes(table: Table, column: str) -> Sequence[str]:
    return table.classes.get(column) or sorted({name for cell in table.frame[column] if (name := canonical(cell))})


def _label_cells(table: Table, column: str, labels: Sequence[str]) -> list[Any]:
    """The cells. Numbers of a ClassLabel stand for names (-1: none), unless the model has only numbers for classes."""
    cells = one_hot_cells(table.frame[column].tolist(), labels)
    names = class_numbers(table.classes.get(column), labels)
    return [names.get(canonical(cell), cell) for cell in cells] if names else cells


def _hint(table: Table, column: str, labels: Sequence[str]) -> str:
    """Another column that holds the names of the model."""
    for name in table.frame.columns:
        if name != column and not withheld() and fits(table.frame[name].tolist()[:1000], labels):
            return f" Column {quoted(name)} holds them: {option('label', name)}."
    return ""


# --- examples -------------------------------------------------------------------------------------


def _metadata(
    table: Table, columns: Columns, cluster: str | None, labels: Sequence[str]
) -> Sequence[Mapping[str, str]]:
    if table.metadata is None:
        named = id_column(table.frame), str(table.frame.index.name)
        taken = {columns.text, columns.text_pair, columns.label, *named, *labels}
        cluster = find_named(table, cluster, "cluster") if cluster else None
        return read_slices(table.frame, taken, cluster, None if table.whole is None else table.whole.values)
    if cluster and not any(cluster in row for row in table.metadata):
        raise DataError(f"{table.where} has no Example with metadata {quoted(cluster)} ({option('cluster')}).")
    return table.metadata


def _examples(
    table: Table, columns: Columns, names: Sequence[str | None], metadata: Sequence[Mapping[str, str]]
) -> list[Example]:
    texts: list[str] = table.frame[columns.text].tolist()
    pairs: list[str | None] = [None] * len(texts)
    if columns.text_pair is not None:
        pairs = table.frame[columns.text_pair].tolist()
    rows = zip(table.frame.index, texts, pairs, names, metadata, strict=True)
    return [Example(str(id), text, pair, name, slices) for id, text, pair, name, slices in rows]

"""Rows drawn while they are read: of millions of rows only those of the sample are ever in memory.

The draw is that of `stats.sampling.sample_rows`: the texts with the smallest hashes, all labels of each. What the
whole source must tell (how many rows have no text, which labels there are, which columns are slices) is counted on
the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from token_saliency.data.cells import NO_VALUE, canonical, clean, is_list
from token_saliency.data.columns import Columns, find_columns
from token_saliency.data.labels import class_numbers, label_cell, without
from token_saliency.data.slices import LONGEST_VALUE, MOST_VALUES
from token_saliency.data.splits import split_column
from token_saliency.data.table import Table, Whole, absent, id_column

T = TypeVar("T")

LARGE_ROWS = 50_000
"""Sources of more rows are drawn from while they are read; smaller ones are read whole."""
LARGE_BYTES = 16_000_000
"""The same of files that do not say how many rows they have."""
CHUNK = 65_536
"""Rows that are in memory at a time."""
_MOST_LABELS = 10_000
_ABSENT = ("", *sorted(NO_VALUE))


@dataclass(frozen=True, slots=True)
class RowsDraw:
    """At most `limit` texts, drawn with `seed`; the rest is what `load_rows` was given."""

    limit: int
    seed: int
    text: str | None = None
    text_pair: str | None = None
    label: str | None = None
    label_map: Mapping[str, str] = field(default_factory=dict)
    labels: Sequence[str] | None = None
    cluster: str | None = None
    id: str | None = None


@dataclass(slots=True)
class RowsDrawn:
    """What was drawn so far of one source: `counted` is given its chunks in their order, `put` what that gives back."""

    draw: RowsDraw
    columns: Columns
    split: tuple[str, str | None] | None
    name: str | None
    classes: Mapping[str, Sequence[str]]
    read: int = 0
    whole: Whole = field(default_factory=Whole)
    digests: list[bytes] = field(default_factory=list)
    times: Counter[bytes] = field(default_factory=Counter)
    tables: list[pa.Table] = field(default_factory=list)
    held: int = 0

    def counted(self, chunk: pa.Table) -> tuple[pa.Table, list[bytes]]:
        """The rows of the split that can be drawn, with what of them is hashed. TypeError for texts that are none."""
        texts = list(filter(None, (self.columns.text, self.columns.text_pair)))
        if not all(_is_text(chunk[one].type) for one in texts):
            raise TypeError("no texts")
        numbers = pa.array(np.arange(self.read + 1, self.read + chunk.num_rows + 1))
        self.read += chunk.num_rows
        chunk = chunk.append_column(_NUMBER, numbers)
        if self.split is not None and self.split[1] is not None:
            column, wanted = self.split
            own = chunk[column].unique()
            same = [(canonical(value) or "") == wanted for value in own.to_pylist()]
            chunk = chunk.filter(pc.is_in(chunk[column], own.filter(pa.array(same))))
        self.whole.rows += chunk.num_rows
        for column in texts:
            chunk = self._with_text(chunk, column)
        chunk = self._labelled(chunk)
        self._slices(chunk)
        return chunk, _keys(chunk, self.columns, self.draw.seed)

    def put(self, chunk: pa.Table, keys: list[bytes]) -> None:
        """Takes rows; those that are drawn stay."""
        begin = 0 if self.digests else 4 * self.draw.limit  # nothing can be left out at sight before so many are known
        self._take(chunk.slice(0, begin), keys[:begin])
        self._take(chunk.slice(begin), keys[begin:])

    def _with_text(self, chunk: pa.Table, column: str) -> pa.Table:
        texts = chunk[column]
        bare = pc.utf8_trim_whitespace(texts)
        none = pc.fill_null(pc.is_in(bare, value_set=pa.array(_ABSENT, bare.type)), False)
        gone = pc.or_(pc.is_null(texts), none)
        if pc.any(gone).as_py():
            counted = self.whole.absent.setdefault(column, Counter())
            counted.update(absent(text) for text in texts.filter(gone).to_pylist())
            chunk = chunk.filter(pc.invert(gone))
        return chunk

    def _labelled(self, chunk: pa.Table) -> pa.Table:
        """Counts the labels, and leaves out the rows whose label the map drops."""
        column = self.columns.label
        if column is None or len(self.whole.labels) > _MOST_LABELS:
            return chunk
        found = chunk[column]
        if pa.types.is_nested(found.type):
            self.whole.labels.update(map(label_cell, found.to_pylist()))
            return chunk
        counts = pc.value_counts(found)
        values = [(one["values"], one["counts"]) for one in counts.to_pylist()]
        numbers = class_numbers(self.classes.get(column), self.draw.labels or ())
        named = {raw: label_cell(numbers.get(canonical(raw), raw)) for raw, _ in values}
        for raw, count in values:
            self.whole.labels[named[raw]] += count
        gone = without(self.draw.label_map, [one for one in named.values() if isinstance(one, str)], self.draw.labels)
        dropped = [raw for raw, name in named.items() if name in gone]
        return chunk if not dropped else chunk.filter(pc.invert(pc.is_in(found, pa.array(dropped, found.type))))

    def _slices(self, chunk: pa.Table) -> None:
        """The values of each column, as long as they are few."""
        for column in chunk.column_names:
            seen = self.whole.values.setdefault(column, set())
            if seen is None or column == _NUMBER:
                continue
            nested = pa.types.is_nested(chunk[column].type) or pa.types.is_binary(chunk[column].type)
            few = chunk[column].slice(0, 0 if nested else 1000).unique()  # the first rows tell of most
            own = few if len(few) > MOST_VALUES + 1 or nested else chunk[column].unique()
            if nested or len(own) > MOST_VALUES + 1:
                self.whole.values[column] = None
                continue
            seen |= {name for value in own.to_pylist() if (name := canonical(value)) is not None}
            if len(seen) > MOST_VALUES or any(len(name) > LONGEST_VALUE for name in seen):
                self.whole.values[column] = None

    def _take(self, chunk: pa.Table, keys: list[bytes]) -> None:
        bound = self.digests[-1] if len(self.digests) >= self.draw.limit else b"\xff" * 33
        near = [(i, digest) for i, key in enumerate(keys) if (digest := sha256(key).digest()) <= bound]
        if not near:
            return
        known = {*self.digests}
        self.digests = sorted(known.union(digest for _, digest in near))[: self.draw.limit]
        for digest in known.difference(self.digests):
            del self.times[digest]
        last = self.digests[-1]
        kept = [(i, digest) for i, digest in near if digest <= last]
        self.times.update(digest for _, digest in kept)
        some = chunk.take([i for i, _ in kept])
        self.tables.append(some.append_column(_DIGEST, pa.array([digest for _, digest in kept], pa.binary())))
        self.held += len(kept)
        if self.held > 4 * self.draw.limit + 1000:
            self._compact()

    def _compact(self) -> pd.DataFrame:
        """Of each text and label the row with the smallest name; what is out of the draw by now goes."""
        table = pa.concat_tables(self.tables)
        frame = table.to_pandas(ignore_metadata=True, integer_object_nulls=True)
        name = self.name if self.name in frame else _NUMBER
        frame[_NAME] = [canonical(cell) or "" for cell in frame[name]]
        label = self.columns.label
        same = [_DIGEST] if label is None or frame[label].map(is_list).any() else [_DIGEST, label]
        frame = frame[[digest in self.times for digest in frame[_DIGEST]]].sort_values(_NAME).drop_duplicates(same)
        frame = frame.drop(columns=_NAME).sort_values(_NUMBER)
        self.tables, self.held = [table.take(frame.index.to_numpy())], len(frame)
        return pd.DataFrame(frame)

    def frame(self) -> pd.DataFrame:
        """The rows, called by their number, in the order of the source."""
        found = self._compact()
        self.whole.copies = self.times.total() - len(self.times)
        names = found[_NUMBER].astype(str).tolist()
        return pd.DataFrame(found.set_axis(names, axis="index").drop(columns=[_NUMBER, _DIGEST]))


_NUMBER, _DIGEST, _NAME = "\0number", "\0digest", "\0name"


def _keys(chunk: pa.Table, columns: Columns, seed: int) -> list[bytes]:
    """What `content_hash(seed, text, text_pair)` hashes."""
    binary = [chunk[name].cast(pa.large_binary()) for name in filter(None, (columns.text, columns.text_pair))]
    parts = [pa.scalar(str(seed).encode(), pa.large_binary()), *binary]
    if columns.text_pair is None:
        parts.append(pa.scalar(b"None", pa.large_binary()))
    joined: list[bytes] = pc.binary_join_element_wise(*parts, pa.scalar(b"\x1f", pa.large_binary())).to_pylist()
    return joined


def drawn(
    source: Callable[[], Iterable[pa.Table]], table: Table, draw: RowsDraw,
    choose: Callable[[Mapping[str, int]], tuple[str, tuple[str, ...]]] | None,
) -> Table | None:  # fmt: skip
    """The table with the rows that are drawn of all `source` gives each time it is called; None where only reading
    everything tells what is meant.

    `table` has the names of the columns. `choose` picks one of the splits of a column by their sizes; None: they are
    of one split.
    """
    names = list(table.frame.columns)
    if len(set(names)) < len(names) or any(clean(name).strip() != name or not name for name in names):
        return None
    columns = find_columns(table, draw.text, draw.text_pair, draw.label)
    split, chosen, notes = split_column(table) if choose else None, None, tuple[str, ...]()
    sizes = Counter[str]()
    if choose is not None and split is not None:
        for chunk in source():
            for one in pc.value_counts(chunk[split]).to_pylist():
                sizes[canonical(one["values"]) or ""] += one["counts"]
        chosen, notes = choose(sizes)
    whole_split = chosen == "all" and "all" not in sizes
    name = draw.id or id_column(table.frame)
    wanted = None if split is None else (split, None if whole_split else chosen)
    found = RowsDrawn(draw, columns, wanted, name, table.classes)
    try:
        for chunk, keys in _ahead(map(found.counted, source())):
            found.put(chunk, keys)
    except TypeError:
        return None
    frame = found.frame() if found.tables else table.frame
    return Table(frame, table.id, table.where, table.classes, chosen, (*table.notes, *notes), None, found.whole)


def _ahead(parts: Iterator[T]) -> Iterator[T]:
    """The next part is made while the reader has this one: Arrow works beside the interpreter, which hashes."""
    with ThreadPoolExecutor(1) as making:
        later = making.submit(next, parts, None)
        while (part := later.result()) is not None:
            later = making.submit(next, parts, None)
            yield part


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))

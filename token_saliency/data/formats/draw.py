"""Rows drawn while they are read: of millions of rows only those of the sample are ever in memory.

The draw is that of `stats.sampling.sample_rows`: the texts with the smallest hashes, all labels of each. Which hash is
known when more rows were read than `LARGE_ROWS`, or all; until then they are kept. What the
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
from numpy.typing import NDArray

from token_saliency.data.cells import NO_VALUE, canonical, clean, is_list
from token_saliency.data.columns import Columns, find_columns
from token_saliency.data.labels import class_numbers, label_cell, without
from token_saliency.data.slices import LONGEST_VALUE, MOST_VALUES
from token_saliency.data.splits import split_column
from token_saliency.data.table import Table, Whole, absent, id_column
from token_saliency.stats.fast_hashes import quick_hashes
from token_saliency.stats.sampling import LARGE_ROWS, quick_begin

T = TypeVar("T")

LARGE_BYTES = 16_000_000
"""Files that do not say how many rows they have are drawn from while they are read, from so many bytes on."""
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
    waiting: list[pa.Table] = field(default_factory=list)
    large: bool = False

    def counted(self, chunk: pa.Table) -> pa.Table:
        """The rows of the split that can be drawn. TypeError for texts that are none."""
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
        return chunk

    def put(self, chunk: pa.Table) -> None:
        """Takes rows; those that are drawn stay."""
        self.waiting.append(chunk)
        self.large = self.large or sum(one.num_rows for one in self.waiting) > LARGE_ROWS
        if self.large:
            self._take_waiting()

    def _take_waiting(self) -> None:
        for chunk in self.waiting:
            begin = 0 if self.digests else 4 * self.draw.limit  # none can be left out at sight before so many are known
            self._take(chunk.slice(0, begin))
            self._take(chunk.slice(begin))
        self.waiting = []

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

    def _near(self, chunk: pa.Table) -> list[tuple[int, bytes]]:
        """The places of the rows that may be drawn, each with what it is drawn by."""
        bound = self.digests[-1] if len(self.digests) >= self.draw.limit else b"\xff" * 41
        names = filter(None, (self.columns.text, self.columns.text_pair))
        texts = [_in_one(chunk[name].cast(pa.large_binary())) for name in names]
        places, quick = np.arange(chunk.num_rows), [b""] * chunk.num_rows
        if self.large:
            hashes = quick_begin(self.draw.seed, chunk.num_rows)
            for column in texts:
                hashes = quick_hashes(*_bytes(column), hashes)
            places = np.flatnonzero(hashes <= np.uint64(int.from_bytes(bound[:8], "big")))
            quick = [one.to_bytes(8, "big") for one in hashes[places].tolist()]
            texts = [column.take(places) for column in texts]
        keys = zip(places.tolist(), quick, _keys(texts, self.draw.seed), strict=True)
        return [(i, digest) for i, lead, key in keys if (digest := lead + sha256(key).digest()) <= bound]

    def _take(self, chunk: pa.Table) -> None:
        near = self._near(chunk)
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
        self._take_waiting()
        found = self._compact()
        self.whole.copies = self.times.total() - len(self.times)
        names = found[_NUMBER].astype(str).tolist()
        return pd.DataFrame(found.set_axis(names, axis="index").drop(columns=[_NUMBER, _DIGEST]))


_NUMBER, _DIGEST, _NAME = "\0number", "\0digest", "\0name"


def _keys(texts: Sequence[pa.LargeBinaryArray], seed: int) -> list[bytes]:
    """What `content_hash(seed, text, text_pair)` hashes."""
    second = texts[1] if len(texts) > 1 else pa.scalar(b"None", pa.large_binary())
    ends = [pa.scalar(one, pa.large_binary()) for one in (str(seed).encode(), b"\x1f")]
    joined: list[bytes] = pc.binary_join_element_wise(ends[0], texts[0], second, ends[1]).to_pylist()
    return joined


def _in_one(column: pa.ChunkedArray) -> pa.LargeBinaryArray:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.large_binary())


def _bytes(texts: pa.LargeBinaryArray) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The bytes of all texts, one after the other, and where each begins."""
    _, edges, data = texts.buffers()
    own = np.frombuffer(edges or bytes(8), np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(data or b"", np.uint8)[own[0] : own[-1]], own - own[0]


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
        for chunk in _ahead(map(found.counted, source())):
            found.put(chunk)
    except TypeError:
        return None
    frame = found.frame() if found.tables or found.waiting else table.frame
    return Table(frame, table.id, table.where, table.classes, chosen, (*table.notes, *notes), None, found.whole)


def _ahead(parts: Iterator[T]) -> Iterator[T]:
    """The next part is made while the reader has this one: Arrow reads beside what is hashed."""
    with ThreadPoolExecutor(1) as making:
        later = making.submit(next, parts, None)
        while (part := later.result()) is not None:
            later = making.submit(next, parts, None)
            yield part


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))

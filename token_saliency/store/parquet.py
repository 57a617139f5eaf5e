"""The two parquet files of a run: every audited row, and every edited text. Both are streamed in row groups."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from token_saliency.errors import DataError
from token_saliency.results import AuditedSpan, Edit, ScoredRow, Token
from token_saliency.store.files import replaced

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_FILE, EDITS_FILE = "rows.parquet", "edits.parquet"
_GROUP = 4096
_SINCE = ("look", "part")
"""Columns that files of earlier versions lack: what is read then has the usual value there."""
_MAY_LACK = {"text_pair", "label", "completeness_error"}
_SURROGATE = re.compile("[\ud800-\udfff]")
Record = dict[str, Any]
T = TypeVar("T")


def write_rows(rows: Iterable[ScoredRow], file: Path | str, group: int = _GROUP) -> int:
    """Writes `rows.parquet`, whole or not at all, holding one group of rows in memory; returns how many."""
    return _write(map(_row_record, rows), _row_schema(), Path(file), group)


def read_rows(file: Path | str) -> Iterator[ScoredRow]:
    """The rows of a `rows.parquet`, one after the other. DataError where it is missing, cut, or of another kind."""
    return _read(Path(file), _row_schema(), _row)


def write_edits(edits: Iterable[Edit], file: Path | str, group: int = _GROUP) -> int:
    """Writes `edits.parquet`, whole or not at all, holding one group of edits in memory; returns how many."""
    return _write(map(_edit_record, edits), _edit_schema(), Path(file), group)


def read_edits(file: Path | str) -> Iterator[Edit]:
    """The edits of an `edits.parquet`, one after the other. DataError where it is missing, cut, or of another kind."""
    return _read(Path(file), _edit_schema(), _edit)


def _write(records: Iterator[Record], schema: pa.Schema, file: Path, group: int) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    written = 0
    how: dict[str, Any] = {"compression": "zstd", "write_page_checksum": True}
    # opened here: Arrow takes no name that is no text
    with replaced(file) as part, part.open("wb") as stream, pq.ParquetWriter(stream, schema, **how) as writer:
        while chunk := list(islice(records, group)):
            writer.write_table(pa.Table.from_pylist(chunk, schema=schema))
            written += len(chunk)
    return written


def _read(file: Path, schema: pa.Schema, build: Callable[[Record], T]) -> Iterator[T]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not file.is_file():
        raise DataError(f"There is no {file.name} at {file.parent}: the run is not finished, or this is no run folder.")
    try:
        with file.open("rb") as stream, pq.ParquetFile(stream, page_checksum_verification=True) as table:
            there = table.schema_arrow.names
            columns = [name for name in schema.names if name in there or name not in _SINCE]
            _check_columns(file, there, columns)
            for batch in table.iter_batches(batch_size=1024, columns=columns):
                _check_whole(batch)
                yield from map(build, batch.to_pylist())
    except (pa.ArrowException, OSError, TypeError, ValueError) as error:
        brief = " ".join(str(error).split())[:120]
        raise DataError(f"Cannot read {file} ({brief}): run the audit again.") from error


def _check_columns(file: Path, found: Sequence[str], wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in found]
    if missing:
        raise DataError(f"{file} lacks the columns {', '.join(missing)}: it was not written by this version.")


def _check_whole(batch: pa.RecordBatch) -> None:
    """ValueError where a value is missing that every row and edit has."""
    for name in batch.schema.names:
        if name not in _MAY_LACK and _lacks(batch.column(name)):
            raise ValueError(f"the column {name} lacks values")


def _lacks(values: pa.Array) -> bool:
    import pyarrow as pa

    inner = []
    if pa.types.is_struct(values.type):
        inner = values.flatten()
    elif pa.types.is_list(values.type):
        inner = [values.flatten()]
    elif pa.types.is_map(values.type):
        inner = [values.items]
    return bool(values.null_count) or any(map(_lacks, inner))


def _row_schema() -> pa.Schema:
    import pyarrow as pa

    text, whole, number = pa.string(), pa.int64(), pa.float64()
    return pa.schema(
        [
            ("id", text),
            ("text", text),
            ("text_pair", text),
            ("label", text),
            ("predicted", text),
            ("probabilities", pa.list_(number)),
            ("tokens", pa.list_(text)),
            ("starts", pa.list_(whole)),
            ("ends", pa.list_(whole)),
            ("special", pa.list_(pa.bool_())),
            ("segments", pa.list_(whole)),
            ("scores", pa.list_(number)),
            ("sampled", pa.list_(number)),
            ("completeness_error", number),
            ("evaluations", whole),
            ("truncated", whole),
            ("metadata", pa.map_(text, text)),
            ("spans", pa.list_(_span_type())),
            ("cluster", whole),
        ]
    )


def _span_type() -> pa.StructType:
    import pyarrow as pa

    text, whole = pa.string(), pa.int64()
    named = [("audit", text), ("start", whole), ("end", whole), ("item", text), ("kind", text), ("part", whole)]
    return pa.struct(named)


def _row_record(row: ScoredRow) -> Record:
    return {
        "id": _clean(row.id),
        "text": _clean(row.text),
        "text_pair": _clean(row.text_pair),
        "label": _clean(row.label),
        "predicted": _clean(row.predicted),
        "probabilities": row.probabilities,
        "tokens": [_clean(token.text) for token in row.tokens],
        "starts": [token.start for token in row.tokens],
        "ends": [token.end for token in row.tokens],
        "special": [token.special for token in row.tokens],
        "segments": [token.segment for token in row.tokens],
        "scores": [token.score for token in row.tokens],
        "sampled": row.sampled,
        "completeness_error": row.completeness_error,
        "evaluations": row.evaluations,
        "truncated": row.truncated,
        "metadata": [(_clean(key), _clean(value)) for key, value in row.metadata.items()],
        "spans": [asdict(span) | {"item": _clean(span.item)} for span in row.spans],
        "cluster": row.cluster,
    }


def _row(record: Record) -> ScoredRow:
    columns = [record.pop(name) for name in ("tokens", "starts", "ends", "special", "scores", "segments")]
    tokens = tuple(Token(*parts) for parts in zip(*columns, strict=True))
    probabilities, metadata = tuple(record.pop("probabilities")), dict(record.pop("metadata"))
    spans = tuple(AuditedSpan(**span) for span in record.pop("spans"))
    sampled = tuple(record.pop("sampled"))
    return ScoredRow(
        **record, probabilities=probabilities, tokens=tokens, metadata=metadata, spans=spans, sampled=sampled
    )


def _edit_schema() -> pa.Schema:
    import pyarrow as pa

    text, whole, numbers = pa.string(), pa.int64(), pa.list_(pa.float64())
    return pa.schema(
        [
            ("row", text),
            ("audit", text),
            ("operator", text),
            ("start", whole),
            ("end", whole),
            ("original", text),
            ("item", text),
            ("placebo", pa.bool_()),
            ("text", text),
            ("text_pair", text),
            ("before", numbers),
            ("after", numbers),
            ("look", whole),
            ("part", whole),
        ]
    )


def _edit_record(edit: Edit) -> Record:
    return {
        "row": _clean(edit.row),
        "audit": _clean(edit.audit),
        "operator": _clean(edit.operator),
        "start": edit.slot[0],
        "end": edit.slot[1],
        "original": _clean(edit.original),
        "item": _clean(edit.item),
        "placebo": edit.placebo,
        "text": _clean(edit.text),
        "text_pair": _clean(edit.text_pair),
        "before": edit.before,
        "after": edit.after,
        "look": edit.look,
        "part": edit.part,
    }


def _edit(record: Record) -> Edit:
    slot, before, after = (record.pop("start"), record.pop("end")), record.pop("before"), record.pop("after")
    return Edit(**record, slot=slot, before=tuple(before), after=tuple(after))


def _clean(text: str | None) -> str | None:
    """Lone surrogates have no place in a parquet file; a replacement of equal length keeps every offset right."""
    return None if text is None else _SURROGATE.sub("\ufffd", text)

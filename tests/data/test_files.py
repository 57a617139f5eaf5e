"""Every format on disk gives the same rows; every broken file is refused on one line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import datasets
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from token_saliency.data import load_rows
from token_saliency.data.formats.readers import READERS
from token_saliency.errors import DataError

TEXTS = ["A fine film, really.", 'He said "no".\nTwice.', "Null", " ; ", "émile 🎬"]
LABELS = ["positive", "negative", "negative", "positive", "positive"]
FRAME = pd.DataFrame({"text": TEXTS, "label": LABELS})
NAMES = ["negative", "positive"]

WRITERS: dict[str, Callable[[Path], object]] = {
    "rows.csv": lambda path: FRAME.to_csv(path, index=False),
    "rows.CSV": lambda path: FRAME.to_csv(path, index=False),
    "semicolon.csv": lambda path: FRAME.to_csv(path, index=False, sep=";", encoding="utf-8-sig"),
    "excel.csv": lambda path: FRAME.to_csv(path, index=False, sep="\t", encoding="utf-16"),
    "rows.csv.gz": lambda path: FRAME.to_csv(path, index=False),
    "rows.tsv": lambda path: FRAME.to_csv(path, index=False, sep="\t"),
    "commas.tsv": lambda path: FRAME.to_csv(path, index=False),
    "rows.jsonl": lambda path: FRAME.to_json(path, orient="records", lines=True),
    "rows.ndjson": lambda path: FRAME.to_json(path, orient="records", lines=True),
    "rows.jsonl.gz": lambda path: FRAME.to_json(path, orient="records", lines=True),
    "rows.json": lambda path: FRAME.to_json(path, orient="records"),
    "lines.json": lambda path: FRAME.to_json(path, orient="records", lines=True),
    "columns.json": lambda path: path.write_text(json.dumps(FRAME.to_dict("list"))),
    "pandas.json": lambda path: FRAME.to_json(path),
    "data.json": lambda path: path.write_text(json.dumps({"version": 1, "data": FRAME.to_dict("records")})),
    "rows.parquet": lambda path: FRAME.to_parquet(path),
    "filtered.parquet": lambda path: FRAME.set_axis([9, 3, 3, 7, 1]).to_parquet(path),
}


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_rows_come_out_of_every_format(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path / name)
    rows = load_rows(str(tmp_path / name), labels=NAMES)
    assert [example.text for example in rows.examples] == TEXTS
    assert [example.label for example in rows.examples] == LABELS
    assert [example.id for example in rows.examples] == ["1", "2", "3", "4", "5"]
    assert (rows.id, rows.split, rows.seen, rows.notes) == (name, None, 5, [])


def test_every_suffix_is_tried_above() -> None:
    assert {Path(name).suffix for name in WRITERS} | {".txt"} >= set(READERS)


def test_a_text_file_is_one_text_a_line(write: Callable[..., Path]) -> None:
    rows = load_rows(write("rows.txt", "first, line\r\n\r\nthird\x85\u2028 line"), labels=NAMES)
    assert [(example.id, example.text) for example in rows.examples] == [
        ("1", "first, line"),
        ("3", "third\x85\u2028 line"),
    ]


def test_gzip_is_seen_from_the_bytes_whatever_the_name(write: Callable[..., Path]) -> None:
    rows = load_rows(write("rows.csv", gzip.compress(b"text\nfine\n")), labels=NAMES)
    assert [example.text for example in rows.examples] == ["fine"]


def test_json_list_of_strings_is_texts(write: Callable[..., Path]) -> None:
    rows = load_rows(write("rows.json", '["one", "two"]'), labels=NAMES)
    assert [example.text for example in rows.examples] == ["one", "two"]


def test_class_names_left_in_parquet_beat_the_order_of_the_numbers(tmp_path: Path) -> None:
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=NAMES[::-1])})
    data = datasets.Dataset.from_dict({"text": ["a", "b", "c"], "label": [0, 1, -1]}, features=features)
    data.to_parquet(tmp_path / "rows.parquet")
    rows = load_rows(tmp_path / "rows.parquet", labels=NAMES)
    assert [example.label for example in rows.examples] == ["positive", "negative", None]


def test_class_names_that_do_not_fit_their_numbers_are_refused(tmp_path: Path, refusal: Callable[..., str]) -> None:
    features = {"label": {"_type": "ClassLabel", "names": NAMES}}
    table = pa.table({"text": ["a", "b"], "label": [7, 1]})
    table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    pq.write_table(table, tmp_path / "rows.parquet")
    assert "'7' (1)" in refusal(tmp_path / "rows.parquet")


def test_parquet_with_strings_that_are_no_text_is_refused(tmp_path: Path, refusal: Callable[..., str]) -> None:
    offsets, data = pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")
    column = pa.Array.from_buffers(pa.string(), 1, [None, offsets, data])
    pq.write_table(pa.table({"text": column}), tmp_path / "rows.parquet")
    assert "Invalid UTF8" in refusal(tmp_path / "rows.parquet")


BROKEN: dict[str, tuple[str | bytes, str]] = {
    "empty.csv": ("", "is empty"),
    "blank.csv": (" \n\n", "is empty"),
    "empty.csv.gz": (gzip.compress(b""), "is empty"),
    "header.csv": ("text,label\n", "no rows at all"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "NUL byte"),
    "cut.csv.gz": (gzip.compress(b"text\nfine\n" * 99)[:-9], "broken gzip"),
    "bad.csv.gz": (b"\x1f\x8b\x08 nothing", "broken gzip"),
    "twice.csv": ("text,text,label\na,b,1\n", "more than one column called 'text'"),
    "cut.jsonl": ('{"text": "fine"}\n{"text": "cu', "line 2 is no whole JSON object"),
    "list.jsonl": ('{"text": "fine"}\n["b"]\n', "line 2 is a list, not an object"),
    "deep.jsonl": ("[" * 100_000, "line 1 is no whole JSON object"),
    "cut.json": ('[{"text": "fine"}, {"te', "is not JSON"),
    "number.json": ("3", "holds a number"),
    "null.json": ("null", "holds null"),
    "object.json": ('{"text": "fine"}', "holds an object with 'text'"),
    "none.json": ("[]", "no rows at all"),
    "mixed.json": ('[{"text": "fine"}, 3]', "row 2 is of type int"),
    "ragged.json": ('{"text": ["a", "b"], "label": [1]}', "do not fit together"),
    "bad.parquet": ("PAR1 nothing here", "no readable Parquet"),
    "cut.parquet": ("", "is empty"),
    "rows.xlsx": ("PK", "no known data suffix: give one of .csv"),
    "rows": ("text\nfine\n", "no known data suffix"),
    "blank.txt": ("\n \n", "is empty"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_on_one_line(
    name: str, write: Callable[..., Path], refusal: Callable[..., str]
) -> None:
    content, says = BROKEN[name]
    message = refusal(write(name, content))
    assert says in message
    assert name in message


def test_a_file_that_may_not_be_read_is_refused(
    write: Callable[..., Path], refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = write("rows.csv", "text\nfine\n")
    monkeypatch.setattr(Path, "read_bytes", denied)
    assert "cannot be read: Permission denied" in refusal(path)


@pytest.mark.parametrize(
    "source",
    [
        "gone.csv",
        "gone.csv.gz",
        "./gone",
        "/gone/away",
        "a/b/c",
        "~/gone",
        "gone.parquet",
        "C:\\gone",
        "gone",
        "a b",
        "",
    ],
)
def test_a_missing_file_is_said_to_be_missing(
    source: str, refusal: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "file not found" in refusal(source)


def test_a_name_that_no_file_system_takes_is_missing(refusal: Callable[..., str]) -> None:
    assert "file not found" in refusal("x" * 5000)
    assert "file not found" in refusal("a\0b\n.csv")


def test_a_missing_path_object_is_never_asked_of_the_hub(refusal: Callable[..., str]) -> None:
    assert "file not found" in refusal(Path("owner/name"))


@pytest.mark.parametrize("column", [b"text", b"label"])
def test_a_parquet_column_whose_name_is_no_text_is_one_clear_line(tmp_path: Path, column: bytes) -> None:
    file = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"text": ["a film"] * 3, "label": ["x", "y", "x"]}), file, store_schema=False)
    file.write_bytes(file.read_bytes().replace(column, column[:1] + b"\xfa" + column[2:]))
    with pytest.raises(DataError, match=r"rows\.parquet' is no readable Parquet file"):
        load_rows(str(file), labels=["x", "y"])

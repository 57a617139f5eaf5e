"""`mend` from the command line: what it reads and writes, and what it refuses."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.make_report import failing
from token_saliency.data import load_rows
from token_saliency.mending.mended import written_by_mend

Command = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path) -> str:
    report = failing()
    report.save(str(tmp_path / "run"))
    lines = [
        ("Mary" if n % 2 else "Kevin", n, "!" if n % 2 else ".", ("positive", "negative")[n % 2]) for n in range(60)
    ]
    rows = pd.DataFrame([{"text": f"{a} saw it, number {n}{m}", "label": label} for a, n, m, label in lines])
    rows.to_csv(tmp_path / "train.csv", index=False)
    return "run"


@pytest.mark.parametrize("name", ["mended.csv.gz", "mended.tsv", "mended.jsonl", "m.parquet"])
def test_the_suffix_says_what_is_written(command: Command, run: str, tmp_path: Path, name: str) -> None:
    ended = command("mend", run, "train.csv", "--out", name)

    assert ended.code == 0, ended.err
    assert "no row dropped, no label, split or id changed." in ended.out
    assert ended.out.splitlines()[-1] == f"written: {name}"
    again = load_rows(tmp_path / name, labels=None)
    assert [row.label for row in again.examples] == [("positive", "negative")[n % 2] for n in range(60)]
    assert not list(tmp_path.glob(".*.part"))
    assert written_by_mend(tmp_path / name), "the same command may write it again"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["train.csv", "--out", "train.csv"], "would write over the rows that are read"),
        (["train.csv", "--out", "theirs.csv"], "is there, and mend has not written it"),
        (["--wrap", "theirs.csv"], "is there, and mend has not written it"),
        (["train.csv", "--out", "mended.xlsx"], "give it the suffix .csv, .tsv"),
        (["nothing.csv", "--out", "mended.csv"], "file not found"),
        (["train.csv", "--out", "mended.csv", "--label", "lable"], "has no column 'lable' (--label)"),
    ],
)
def test_a_refusal_is_one_line_and_writes_nothing(
    command: Command, run: str, tmp_path: Path, words: list[str], says: str
) -> None:
    (tmp_path / "theirs.csv").write_text("text,label\nrecommended,1\n", encoding="utf-8")
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.csv")}
    ended = command("mend", run, *words)

    assert ended.code == 2
    assert says in ended.error
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name != "run"} == before


def test_a_file_keeps_its_delimiter_mark_quotes_and_ends_of_lines(command: Command, run: str, tmp_path: Path) -> None:
    rows = pd.read_csv(tmp_path / "train.csv").assign(id=[f"{n:03}" for n in range(60)], note=" NA")
    whole: dict[str, Any] = {
        "index": False,
        "sep": ";",
        "quoting": csv.QUOTE_ALL,
        "encoding": "utf-8-sig",
        "lineterminator": "\r\n",
    }
    rows.to_csv(tmp_path / "theirs.csv", **whole)

    assert command("mend", run, "theirs.csv", "--out", "mended.csv").code == 0
    data = (tmp_path / "mended.csv").read_bytes()
    lines = data.decode("utf-8-sig").split("\r\n")
    assert data.startswith(b"\xef\xbb\xbf")
    assert lines[0] == '"text";"label";"id";"note";"mended"'
    assert len(lines) == 62
    assert lines[1].split(";")[1:4] == ['"positive"', '"000"', '" NA"']
    again = load_rows(tmp_path / "mended.csv", labels=None).examples
    assert [row.text.split()[3:] for row in again] != [text.split()[3:] for text in rows["text"]], "marks were dealt"


def test_parquet_keeps_its_types_and_cells(command: Command, run: str, tmp_path: Path) -> None:
    rows = pd.read_csv(tmp_path / "train.csv")
    large = [None if n % 3 else 2**53 + n for n in range(60)]
    table = pa.table(
        {
            "id": pa.array(range(60), pa.int64()),
            "text": pa.array(rows["text"], pa.large_string()),
            "label": pa.array([None if n == 5 else n % 2 for n in range(60)], pa.int8()),
            "large": pa.array(large, pa.int64()),
            "part": pa.array(["a", "b"] * 30).dictionary_encode(),
            "more": pa.array([{"n": n} for n in range(60)], pa.struct([("n", pa.int32())])),
            "empty": pa.nulls(60, pa.decimal128(5, 2)),
        }
    ).replace_schema_metadata({"huggingface": "{}"})
    pq.write_table(table, tmp_path / "theirs.parquet")

    assert command("mend", run, "theirs.parquet", "--out", "mended.parquet", "--copies", "1").code == 0
    found = pq.read_table(tmp_path / "mended.parquet")
    assert found.schema.metadata == {b"huggingface": b"{}"}
    assert found.column_names == [*table.column_names, "mended", "mended_copy_of"]
    for name in table.column_names:
        assert found[name].type == table[name].type
        assert name == "text" or found[name].slice(0, 60).equals(table[name])
    assert found["id"].to_pylist() == list(range(found.num_rows)), "copies go on counting"
    assert found.num_rows > 60

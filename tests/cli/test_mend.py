"""`mend` from the command line: what it reads and writes, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.make_report import failing
from token_saliency.data import load_rows

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


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["train.csv", "--out", "train.csv"], "would write over the rows that are read"),
        (["train.csv", "--out", "mended.xlsx"], "give it the suffix .csv, .tsv"),
        (["nothing.csv", "--out", "mended.csv"], "file not found"),
        (["train.csv", "--out", "mended.csv", "--label", "lable"], "has no column 'lable' (--label)"),
    ],
)
def test_a_refusal_is_one_line_and_writes_nothing(
    command: Command, run: str, tmp_path: Path, words: list[str], says: str
) -> None:
    before = (tmp_path / "train.csv").read_bytes()
    ended = command("mend", run, *words)

    assert ended.code == 2
    assert says in ended.error
    assert (tmp_path / "train.csv").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "train.csv"]

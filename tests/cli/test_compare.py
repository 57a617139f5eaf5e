"""`compare` from the command line: what it prints and writes, how it ends, and that it loads no model."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture
def run(command: Command, leaning: Path) -> str:
    words = ("audit", leaning / "my-model", leaning / "held_out.csv", "--audits", "punctuation", "--edits", 600)
    command(*words, "--out", "run")
    return "run"


def test_a_run_beside_itself_is_the_same(command: Command, run: str) -> None:
    ended = command("compare", run, run)

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("SAME  No reliance has grown by more than the margin.")
    assert "The predictions agree on 100.0% of 240 rows" in ended.out
    assert "An investigation, not a certification." in ended.out
    assert ended.out.splitlines()[-1] == "SAME, exit code 0: no reliance has grown."


def test_out_takes_the_record_and_the_page(command: Command, run: str, tmp_path: Path) -> None:
    ended = command("compare", run, run, "--out", "both", "--quiet")

    assert ended.code == 0, ended.err
    assert sorted(path.name for path in (tmp_path / "both").iterdir()) == ["comparison.html", "comparison.json"]
    record = json.loads((tmp_path / "both" / "comparison.json").read_text(encoding="utf-8"))
    assert record["command"] == "token-saliency compare run run --out both --quiet"
    assert command("compare", run, run, "--out", "both").code == 0, "a comparison may be replaced"
    assert json.loads(command("compare", run, run, "--json").out)["audits"] == record["audits"]


def test_no_model_library_is_loaded(run: str) -> None:
    script = (
        "import sys\nfrom token_saliency.__main__ import run\n"
        f"code = run(['compare', {run!r}, {run!r}])\nsys.exit(code or 'torch' in sys.modules)"
    )

    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["missing", "run"], "There is no report.json at missing"),
        (["run", "bare"], "There is no rows.parquet at bare"),
        (["run", "run", "--out", "run"], "holds other files"),
        (["run", "run", "--audits-dir", "nowhere"], "nowhere"),
    ],
)
def test_what_is_wrong_is_one_clear_line(
    command: Command, run: str, words: list[str], says: str, tmp_path: Path
) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "report.json").write_bytes((tmp_path / run / "report.json").read_bytes())
    ended = command("compare", *words)

    assert ended.code == 2
    assert says in ended.error
    assert "unexpected" not in ended.error

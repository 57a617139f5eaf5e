"""`audit` from the command line, on a tiny real model that leans on a final `!` and on nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import report_in

Command = Callable[..., Any]


@pytest.fixture
def model(leaning: Path) -> Path:
    return leaning / "my-model"


@pytest.fixture
def rows(leaning: Path) -> Path:
    return leaning / "held_out.csv"


def test_a_shortcut_is_a_finding_with_exit_code_1_and_a_run_directory(
    command: Command, model: Path, rows: Path, tmp_path: Path
) -> None:
    ended = command("audit", model, rows, "--audits", "names,punctuation", "--edits", 2000)

    assert ended.code == 1, ended.err
    report = report_in(tmp_path / "token-saliency-runs" / "latest")
    assert report["verdict"] == "FAIL"
    assert {audit["name"]: audit["verdict"] for audit in report["audits"]}["punctuation"] == "FAIL"
    assert (tmp_path / "token-saliency-runs" / "latest" / "report.html").is_file()
    assert "plan: 240 rows" in ended.err
    assert "An investigation, not a certification" in ended.out
    assert "Written to token-saliency-runs/" in ended.out
    assert "exit code 1: findings" in ended.out


def test_fail_on_never_keeps_the_verdict_and_changes_the_exit_code(
    command: Command, model: Path, rows: Path, tmp_path: Path
) -> None:
    ended = command(
        *("audit", model, rows, "--audits", "punctuation", "--fail-on", "never", "--out", "run", "--edits", 1000)
    )

    assert ended.code == 0, ended.err
    assert report_in(tmp_path / "run")["verdict"] == "FAIL"


def test_quiet_leaves_one_line(command: Command, model: Path, rows: Path) -> None:
    ended = command("audit", model, rows, "--audits", "punctuation", "--quiet", "--edits", 1000)

    assert ended.err == ""
    assert ended.out.count("\n") == 1


def test_the_report_names_the_command_as_it_was_typed(
    command: Command, model: Path, rows: Path, tmp_path: Path
) -> None:
    shutil.copy(rows, tmp_path / "my rows.csv")
    shutil.copytree(model, tmp_path / "my-model")

    command("audit", "my-model", "my rows.csv", "--audits", "punctuation", "--edits", 1000)

    typed = report_in(tmp_path / "token-saliency-runs" / "latest")["command"]
    assert typed == "token-saliency audit my-model 'my rows.csv' --audits punctuation --edits 1000"


def test_rows_without_a_single_span_decide_nothing_and_exit_with_5(
    command: Command, model: Path, tmp_path: Path
) -> None:
    lines = [f"the film number {number} was long" for number in range(60)]
    (tmp_path / "plain.csv").write_text("text\n" + "\n".join(lines) + "\n")

    ended = command("audit", model, "plain.csv", "--audits", "names", "--edits", 500)

    assert ended.code == 5, ended.err
    assert "no audit could be decided" in ended.out


def test_a_second_run_replaces_the_first_and_leaves_no_stale_page(
    command: Command, model: Path, rows: Path, tmp_path: Path
) -> None:
    words = ("audit", model, rows, "--audits", "punctuation", "--edits", 1000, "--out", "run")
    command(*words, "--seed", 1)
    ended = command(*words, "--seed", 2, "--format", "json", "--no-resume")

    assert ended.code == 1, ended.err
    assert report_in(tmp_path / "run")["settings"]["seed"] == 2
    left = sorted(path.name for path in (tmp_path / "run").iterdir())
    assert left == ["edits.parquet", "report.json", "rows.parquet"]


MODEL, ROWS = "<model>", "<rows>"

WRONG = {
    "missing file": ([MODEL, "missing.csv"], "missing.csv"),
    "empty file": ([MODEL, "empty.csv"], "empty.csv"),
    "no rows": ([MODEL, "no-rows.csv"], "no-rows.csv"),
    "no text column": ([MODEL, "no-text.csv"], "alpha"),
    "unknown labels": ([MODEL, "labels.csv"], "spam"),
    "unknown audit": ([MODEL, ROWS, "--audits", "nmaes"], "Did you mean 'names'"),
    "folder without a model": (["no-model", ROWS], "no-model"),
    "missing model": (["./missing-model", ROWS], "missing-model"),
    "unknown method": ([MODEL, ROWS, "--method", "gradiant"], "Did you mean 'gradient'"),
    "unknown format": ([MODEL, ROWS, "--format", "htlm"], "Did you mean 'html'"),
    "unknown target": ([MODEL, ROWS, "--target", "positve"], "positve"),
    "class out of range": ([MODEL, ROWS, "--target", "7"], "7"),
    "unknown device": ([MODEL, ROWS, "--device", "abacus"], "abacus"),
    "unknown dtype": ([MODEL, ROWS, "--dtype", "float7"], "float7"),
    "unknown text column": ([MODEL, ROWS, "--text", "txt"], "txt"),
    "unknown split": ([MODEL, ROWS, "--split", "tset"], "tset"),
    "rows before the model": ([ROWS, MODEL], "MODEL comes first, then DATA"),
    "no number of rows": ([MODEL, ROWS, "--rows", "0"], "--rows"),
    "folder of somebody else": ([MODEL, ROWS, "--out", "theirs"], "holds other files"),
    "audits folder without audits": ([MODEL, ROWS, "--audits-dir", "no-model"], "no-model"),
}


@pytest.fixture
def broken(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "no-rows.csv").write_text("text,label\n")
    (tmp_path / "no-text.csv").write_text("alpha,beta\n1,2\n")
    (tmp_path / "labels.csv").write_text("text,label\ngood,spam\nbad,ham\n")
    (tmp_path / "no-model").mkdir()
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "thesis.tex").touch()


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(("words", "named"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_clear_line_with_exit_code_2_and_nothing_is_written(
    words: list[str], named: str, command: Command, model: Path, rows: Path, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))

    ended = command("audit", *({MODEL: model, ROWS: rows}.get(word, word) for word in words))

    assert ended.code == 2
    assert ended.error.startswith("error: ")
    assert "unexpected" not in ended.error
    assert named in ended.error
    assert ended.out == ""
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.kit
def test_the_planted_shortcuts_are_found_at_real_scale(command: Command, kit: Path, tmp_path: Path) -> None:
    ended = command(
        *("audit", kit / "models" / "planted-minilm", kit / "data" / "planted" / "planted.csv"),
        *("--split", "test", "--rows", "400", "--audits", "names,punctuation", "--edits", "3000"),
        *("--method", "gradient", "--no-discovery"),  # attribution never decides, and this one is the cheapest
    )

    assert ended.code == 1, ended.err
    names, punctuation = report_in(tmp_path / "token-saliency-runs" / "latest")["audits"]
    (lean,) = [claim for claim in names["intervention"] if claim["claim"] == "lean" and claim["verdict"] == "FAIL"][:1]
    assert names["verdict"] == punctuation["verdict"] == "FAIL"
    assert 0.08 <= abs(lean["effect"]) <= 0.20
    assert min(map(abs, lean["interval"])) > lean["margin"]


def test_long_rows_are_cut_or_read_in_windows(command: Command, model: Path, rows: Path, tmp_path: Path) -> None:
    asked = ("audit", model, rows, "--audits", "punctuation", "--edits", 300, "--rows", 40, "--max-length", 6, "-q")
    for long in ("truncate", "window"):
        ended = command(*asked, "--long", long, "--out", long)
        assert ended.code in (0, 1, 5), ended.err
    cut, windowed = report_in(tmp_path / "truncate"), report_in(tmp_path / "window")
    assert any("what was cut off had no say" in warning for warning in cut["warnings"])
    assert not any("what was cut off had no say" in warning for warning in windowed["warnings"])
    assert any("read in windows of 6 tokens" in note for note in windowed["model"]["self_test"]["notes"])
    assert (cut["settings"]["asked"]["long"], windowed["settings"]["asked"]["long"]) == ("truncate", "window")

"""`validate`: the table, the files, the exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture
def words(leaning: Path) -> tuple[object, ...]:
    return "validate", leaning / "my-model", leaning / "held_out.csv", "--rows", "40", "--train-steps", "2"


def test_noise_fails_and_the_files_say_so(command: Command, words: tuple[object, ...], tmp_path: Path) -> None:
    ended = command(*words, "--method", "random", "--out", tmp_path / "out")

    assert ended.code == 1, ended.err
    assert "FAILED  Planted canary" in ended.out
    assert "An investigation, not a certification." in ended.out
    assert ended.out.splitlines()[-1] == "exit code 1: a check failed."
    record = json.loads((tmp_path / "out" / "validation.json").read_text(encoding="utf-8"))
    assert (record["method"], record["passed"], record["exit_code"]) == ("random", False, 1)
    assert record["command"].startswith("token-saliency validate ")
    assert record["dataset"]["rows_used"] == 40
    page = (tmp_path / "out" / "validation.html").read_text(encoding="utf-8")
    assert "Content-Security-Policy" in page
    assert "random failed" in page


def test_json_is_all_that_is_printed(command: Command, words: tuple[object, ...]) -> None:
    ended = command(*words, "--method", "gradient", "--json", "--quiet")

    assert [one["title"] for one in json.loads(ended.out)["checks"]][-1] == "Planted canary"
    assert ended.err == ""


def test_a_second_validation_replaces_the_first(command: Command, words: tuple[object, ...], tmp_path: Path) -> None:
    out = tmp_path / "out"
    for method in ("random", "gradient"):
        assert command(*words, "--method", method, "--out", out, "--quiet").code in (0, 1)

    assert json.loads((out / "validation.json").read_text(encoding="utf-8"))["method"] == "gradient"


def test_a_folder_of_other_things_is_not_written_to(
    command: Command, words: tuple[object, ...], tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    ended = command(*words, "--out", tmp_path / "mine")

    assert ended.code == 2
    assert "holds other files" in ended.error


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--method", "integrated", "Unknown method"),
        ("--rows", "none", "--rows"),
        ("--train-steps", "-1", "train-steps"),
    ],
)
def test_wrong_words_end_with_2_before_anything_is_loaded(command: Command, option: str, value: str, said: str) -> None:
    ended = command("validate", "no-model", "no-rows.csv", option, value)

    assert ended.code == 2
    assert said in ended.error


def test_too_few_rows_decide_hardly_anything_and_never_fail(command: Command, leaning: Path) -> None:
    rows = Path("few.csv")
    rows.write_text("text,label\nLinda said the film was long!,positive\n", encoding="utf-8")
    ended = command("validate", leaning / "my-model", rows, "--method", "random", "--json", "--quiet")
    decided = {one["name"] for one in json.loads(ended.out)["checks"] if one["passed"] is not None}

    assert decided == {"repetition"}
    assert ended.code == 0

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]
TEXT = "Linda said the film was long!"


@pytest.fixture
def model(leaning: Path) -> Path:
    return leaning / "my-model"


def test_the_removed_words_are_marked_and_what_is_left_is_shown(command: Command, model: Path) -> None:
    ended = command("counterfactual", model, TEXT, "--quiet")

    assert ended.code == 0, ended.err
    first, before, _, after = ended.out.rstrip().splitlines()
    assert first.startswith("positive ")
    assert first.endswith("without 1 word")
    assert before == "| Linda said the film was long[-!-]"
    assert after == "| Linda said the film was long"


def test_a_decision_that_stands_is_said_to_stand(command: Command, model: Path) -> None:
    ended = command("counterfactual", model, "so long.", "--quiet", "--max-words", 2)

    assert ended.code == 0, ended.err
    assert "stays" in ended.out
    assert "becomes" not in ended.out


def test_json_has_the_exact_texts_and_no_curve_without_rows(command: Command, model: Path) -> None:
    ended = command("counterfactual", model, TEXT, "--json", "--edit", "mask", "--placeholder", "<i>")

    record = json.loads(ended.out)
    (only,) = record["counterfactuals"]
    assert (only["edited"], only["flipped"]) == ("Linda said the film was long<i>", True)
    assert record["curve"] is None


def test_rows_give_a_curve_and_a_csv_of_those_that_flip(command: Command, leaning: Path, tmp_path: Path) -> None:
    ended = command(
        *("counterfactual", leaning / "my-model", "--file", leaning / "held_out.csv", "--rows", 40, "--max-words", 2),
        *("--csv", "flipped.csv", "--method", "gradient_x_input"),
    )

    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("flipped after k removed words"))
    assert [line.split()[0] for line in lines[start + 1 : start + 4]] == ["k", "1", "2"]
    with (tmp_path / "flipped.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert lines[-1] == f"written: flipped.csv ({len(rows)} rows)"
    assert f"{len(rows)} of 40 rows flipped." in lines
    assert all(row["predicted_before"] != row["predicted_after"] and row["text"] != row["edited"] for row in rows)
    assert all(word in row["text"] for row in rows for word in json.loads(row["removed"]))
    assert {row["label"] for row in rows} <= {"negative", "positive"}


def test_the_same_rows_in_another_order_give_the_same_curve(command: Command, leaning: Path, tmp_path: Path) -> None:
    header, *rows = (leaning / "held_out.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "a.csv").write_text("\n".join([header, *rows[:30]]) + "\n")
    (tmp_path / "b.csv").write_text("\n".join([header, *reversed(rows[:30])]) + "\n")
    words = ("counterfactual", leaning / "my-model", "--json", "--max-words", 2, "--method", "gradient_x_input")

    first, second = (json.loads(command(*words, "--file", name).out) for name in ("a.csv", "b.csv"))

    assert first["curve"] == second["curve"]
    assert [one["edited"] for one in first["counterfactuals"]] == [one["edited"] for one in second["counterfactuals"]]

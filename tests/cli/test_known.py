"""`--known FILE`: from the run that writes it to the build that it turns green, without asking the model again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import report_in

Command = Callable[..., Any]


@pytest.fixture
def words(leaning: Path) -> list[object]:
    return ["audit", leaning / "my-model", leaning / "held_out.csv", "--audits", "punctuation", "--edits", 600]


def accept_all(command: Command, run: str, folder: Path) -> Path:
    file = folder / "known.toml"
    assert command("render", run, "--format", "known", "--out", file).code == 0
    text = file.read_text(encoding="utf-8").replace('reason = ""', 'reason = "by design"')
    file.write_text(text.replace('owner = ""', 'owner = "data team"'), encoding="utf-8")
    return file


def test_what_is_accepted_keeps_its_verdict_and_turns_the_build_green(
    command: Command, words: list[object], tmp_path: Path
) -> None:
    assert command(*words, "--out", "run").code == 1
    known = accept_all(command, "run", tmp_path)

    for ended in (
        command("audit", "--from", "run", "--known", known, "--out", "again"),
        command(*words, "--out", "run", "--known", known),  # complete: rendered again
        command(*words, "--out", "new", "--known", known),
    ):
        assert ended.code == 0, ended.err
        assert "FAIL, exit code 0: nothing at or above --fail-on that is not accepted." in ended.out
        assert "Accepted by data team: by design" in " ".join(ended.out.split())
    for place in ("again", "run", "new"):
        report = report_in(tmp_path / place)
        assert (report["verdict"], report["exit_code"]) == ("FAIL", 0)
        assert {line["state"] for line in report["known"]} == {"accepted"}
        assert "by design" in (tmp_path / place / "report.html").read_text(encoding="utf-8")


def test_without_the_file_nothing_is_accepted_any_more(command: Command, words: list[object], tmp_path: Path) -> None:
    command(*words, "--out", "run")
    known = accept_all(command, "run", tmp_path)
    command("audit", "--from", "run", "--known", known)

    assert command("audit", "--from", "run").code == 1
    assert report_in(tmp_path / "run")["known"] == []


def test_an_entry_whose_finding_is_gone_is_told_as_stale(command: Command, words: list[object], tmp_path: Path) -> None:
    command(*words, "--exhaustive", "--out", "run")  # what stops undecided is never stale
    known = accept_all(command, "run", tmp_path)
    text = known.read_text(encoding="utf-8")
    entries = text.split("[[known]]")[1:]
    gone = [entry.replace('"!"', '"..."') for entry in entries if '["!"' in entry]  # the shift and the movement
    known.write_text(text + "".join(f"\n[[known]]{entry}" for entry in gone), encoding="utf-8")
    ended = command("audit", "--from", "run", "--known", known)

    assert ended.code == 0, ended.err
    states = [line["state"] for line in report_in(tmp_path / "run")["known"]]
    assert len(gone) >= 2
    assert states == ["accepted"] * len(entries) + ["stale"] * len(gone)
    assert "is no finding of this run any more" in " ".join(ended.out.split())


def test_the_configuration_may_name_the_file(command: Command, words: list[object], tmp_path: Path) -> None:
    command(*words, "--out", "run")
    accept_all(command, "run", tmp_path)
    (tmp_path / "token-saliency.toml").write_text('known = "known.toml"\n', encoding="utf-8")

    assert command("audit", "--from", "run").code == 0


def test_a_wrong_file_is_told_before_the_model_is_loaded(command: Command, tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_text('[[known]]\naudit = "names"\nclam = "lean"\n', encoding="utf-8")
    ended = command("audit", "no-model", "no-rows.csv", "--known", "known.toml")

    assert ended.code == 2
    assert "known.toml: `known[1].clam` is no known key; did you mean `claim`?" in ended.error

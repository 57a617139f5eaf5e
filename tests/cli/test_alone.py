"""A run directory belongs to one run at a time, and what people keep there stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from token_saliency.store import held

Command = Callable[..., Any]
ASKED = ("--audits", "punctuation", "--no-discovery", "--quiet", "--out", "run")


@pytest.fixture
def run(command: Command, leaning: Path) -> Callable[..., Any]:
    return lambda *more: command("audit", leaning / "my-model", leaning / "held_out.csv", *ASKED, *more)


def test_a_second_start_changes_nothing(run: Callable[..., Any], tmp_path: Path) -> None:
    assert run("--format", "html").code in (0, 1, 5)
    before = {file.name: file.read_bytes() for file in (tmp_path / "run").iterdir()}
    with held(tmp_path / "run"):
        for more in ([], ["--no-resume"], ["--format", "markdown"]):
            ended = run(*more)
            assert ended.code == 2
            assert "Another run is writing to" in ended.err
    assert {file.name: file.read_bytes() for file in (tmp_path / "run").iterdir()} == before


def test_pages_of_the_earlier_run_go_and_files_of_the_user_stay(run: Callable[..., Any], tmp_path: Path) -> None:
    place = tmp_path / "run"
    run("--format", "html,markdown,known,model-card,junit")
    (place / "report.junit.xml").write_text("mine\n")
    (place / "report.sarif").write_text("mine too\n")
    (place / "notes.txt").write_text("mine as well\n")

    known = (place / "known.toml").read_text()
    (place / "known.toml").write_text(known.replace('= ""', '= "seen"'))
    assert run("--format", "html", "--known", str(place / "known.toml")).err == ""

    there = {file.name for file in place.iterdir()}
    assert "report.md" not in there
    assert {"known.toml", "model-card.md", "report.junit.xml", "report.sarif", "notes.txt", "report.html"} <= there
    assert (place / "report.junit.xml").read_text() == "mine\n"


def test_parts_of_a_killed_run_go_at_the_next_start(run: Callable[..., Any], tmp_path: Path) -> None:
    place = tmp_path / "run"
    place.mkdir()
    (place / ".rows.parquet.123.part").write_bytes(b"half a row")
    run()
    assert not list(place.glob(".*"))


def test_a_folder_with_an_empty_journal_is_not_ours(run: Callable[..., Any], tmp_path: Path) -> None:
    place = tmp_path / "run"
    place.mkdir()
    (place / "unfinished.journal").touch()
    (place / "thesis.txt").write_text("years of work")
    for more in ([], ["--no-resume"]):
        ended = run(*more)
        assert ended.code == 2
        assert "holds other files" in ended.err
    assert (place / "thesis.txt").read_text() == "years of work"

"""`--workers`: the same verdicts, and a run that is stopped leaves no process and goes on with any number."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from token_saliency.store import JOURNAL_FILE, LOCK_FILE
from token_saliency.text import working

Command = Callable[..., Any]
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def words(leaning: Path) -> list[object]:
    return ["audit", leaning / "my-model", leaning / "held_out.csv", "--audits", "names,punctuation", "--edits", 600]


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine has."""
    monkeypatch.setattr(working, "cores", lambda: 2)


def claims(folder: Path) -> list[tuple[object, float]]:
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return [
        ((audit["name"], audit["verdict"], claim["claim"], claim["between"], claim["verdict"]), claim["effect"])
        for audit in report["audits"]
        for claim in audit["intervention"]
    ]


def require_same(folder: Path, other: Path) -> None:
    for (said, effect), (expected, exact) in zip(claims(folder), claims(other), strict=True):
        assert said == expected
        assert effect == pytest.approx(exact, abs=1e-5)


def children_of(parent: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = (map(int, line.split()) for line in listed.splitlines())
    return [pid for pid, ppid in pairs if ppid == parent]


def alive(pid: int) -> bool:
    """A zombie that its new parent has not buried yet is dead."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def test_two_workers_find_what_one_process_finds(command: Command, words: list[object], tmp_path: Path) -> None:
    one = command(*words, "--out", "one")
    two = command(*words, "--out", "two", "--workers", 2)

    assert (two.code, two.err.count("error")) == (one.code, 0)
    require_same(tmp_path / "two", tmp_path / "one")
    again = command(*words, "--out", "two", "--workers", 1)
    assert again.code == one.code  # another number is no other run


def test_more_workers_than_cores_are_not_started_and_that_is_said(
    command: Command, words: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "cores", lambda: 1)
    ended = command(*words, "--max-minutes", 0, "--out", "run", "--workers", 9)

    assert ended.code == 130
    assert ended.err.splitlines()[0] == "--workers 9: there are 1 cores, so 1 processes work."
    assert [path.name for path in (tmp_path / "run").iterdir()] == [JOURNAL_FILE]


def test_no_worker_at_all_is_refused(command: Command, words: list[object]) -> None:
    ended = command(*words, "--workers", 0)
    assert (ended.code, "--workers" in ended.error) == (2, True)


def test_counterfactuals_are_the_same(command: Command, leaning: Path) -> None:
    asked = ["counterfactual", leaning / "my-model", "Linda said the film was long!", "so long!", "--quiet"]
    one, two = command(*asked), command(*asked, "--workers", 2)
    assert (two.code, two.out, two.err) == (0, one.out, one.err)
    assert "without 1 word" in two.out


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["SIGINT", "SIGKILL"])
def test_a_stopped_run_leaves_no_process_and_goes_on_without_workers(
    command: Command, words: list[object], tmp_path: Path, number: signal.Signals
) -> None:
    folder = tmp_path / "run"
    words = [*words, "--no-discovery"]
    line = [sys.executable, "-m", "token_saliency", *map(str, words), "--out", str(folder), "--quiet", "--workers", "2"]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        line,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
    ) as process:
        while process.poll() is None and not (folder / JOURNAL_FILE).exists():
            time.sleep(0.002)
        started = children_of(process.pid)
        process.send_signal(number)
        error = process.communicate()[1]

    assert process.returncode == (130 if number == signal.SIGINT else -number)
    assert error.count("\n") == (1 if number == signal.SIGINT else 0)
    deadline = time.monotonic() + 30
    while any(map(alive, started)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert started
    assert not any(map(alive, started))
    left = [path.name for path in folder.iterdir() if path.name != LOCK_FILE]  # a killed run leaves its lock
    assert left == [JOURNAL_FILE]
    command(*words, "--out", "run")
    command(*words, "--out", "whole")
    require_same(folder, tmp_path / "whole")

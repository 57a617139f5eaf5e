from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from token_saliency.cli.running.progress import begun_line, duration, progress


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_durations_are_said_in_the_unit_that_matters(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def printed(steps: list[tuple[str, int, int]], **console: Any) -> str:
    file = io.StringIO()
    with progress(Console(file=file, width=100, **console)) as on_progress:
        for step in steps:
            on_progress(*step)
    return file.getvalue()


def test_without_a_terminal_each_stage_prints_four_plain_lines() -> None:
    lines = printed([("edits", done, 1000) for done in range(0, 1001, 10)]).splitlines()

    assert [line.split(",")[0] for line in lines] == [
        "edits: 250 of 1",
        "edits: 500 of 1",
        "edits: 750 of 1",
        "edits: 1",
    ]
    assert "\x1b" not in "".join(lines)


def test_plain_lines_name_rate_and_time_left() -> None:
    (first, *_) = printed([("edits", done, 8) for done in range(9)]).splitlines()

    assert "/s, " in first
    assert first.endswith(" left")


def test_what_was_done_at_the_first_word_took_time_that_nobody_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 0.5, 2.0, 2.0])
    monkeypatch.setattr("token_saliency.cli.running.progress.time.monotonic", lambda: next(moments))

    assert printed([("rows", 400, 1000), ("rows", 600, 1000)]).splitlines() == [
        "rows: 400 of 1,000",
        "rows: 600 of 1,000, 100.0/s, 4 s left",
    ]


def test_what_takes_seconds_each_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 0.0, 40.0, 40.0])
    monkeypatch.setattr("token_saliency.cli.running.progress.time.monotonic", lambda: next(moments))

    assert printed([("checks", 0, 4), ("checks", 2, 4)]) == "checks: 2 of 4, 20.0 s each, 40 s left\n"


def test_an_empty_stage_divides_by_nothing() -> None:
    assert printed([("edits", 0, 0)]) == ""


def test_a_terminal_gets_a_bar_that_is_gone_at_the_end() -> None:
    shown = printed([("rows", 1, 2), ("rows", 2, 2)], force_terminal=True)

    assert "rows" in shown
    assert "2/2" in shown


def test_a_quiet_console_says_nothing() -> None:
    assert printed([("rows", 4, 4)], quiet=True) == ""
    assert printed([("rows", 4, 4)], quiet=True, force_terminal=True) == ""


def test_a_run_says_at_once_what_it_will_do() -> None:
    said = begun_line("models/mine", "rows.csv", None, 1000)
    assert said.startswith("auditing models/mine on at most 1,000 rows of rows.csv: all audits that apply.")
    assert "on all rows of r.csv: names, casing." in begun_line("m", "r.csv", ["names", "casing"], None)

"""The terminal: readable without colours, and never obeying a row."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from token_saliency.reporters import terminal
from token_saliency.results import DISCLAIMER, Attribution

NAMES = ["failing", "clean", "mixed", "inconclusive", "error", "empty", "hostile"]


def printed(attribution: Attribution, **console: Any) -> str:
    file = io.StringIO()
    terminal.print_attribution(attribution, Console(file=file, **{"width": 90, **console}))
    return file.getvalue()


def test_one_line_per_audit_with_verdict_effect_interval_and_rows(make: SimpleNamespace) -> None:
    lines = terminal.render(make.mixed()).splitlines()
    (line,) = [each for each in lines if re.match(r" PASS +names", each)]
    assert "+0.006 [-0.012, +0.024]  231 rows" in line
    assert len([each for each in lines if re.match(r" (ERROR|FAIL|WARN|INCONCLUSIVE|PASS) ", each)]) == 5


def test_an_audit_that_decides_nothing_stands_last_and_says_so(make: SimpleNamespace) -> None:
    audits = [make.names_audit(expectation="exploratory"), make.clean_audit("marks")]
    lines = terminal.render(make.report(audits, "PASS", 0)).splitlines()
    shown = [each for each in lines if re.match(r" (FAIL|NOTE|PASS) ", each)]
    assert [each.split()[:2] for each in shown] == [["PASS", "marks"], ["NOTE", "names"]]
    assert ["exploratory" in each for each in shown] == [False, True]


def test_the_three_worst_findings_come_with_reason_and_next_step(make: SimpleNamespace) -> None:
    text = " ".join(terminal.render(make.failing()).split())
    assert '1. FAIL punctuation, shift "!" against "." on positive (swap)' in text
    assert "2. FAIL names, lean on positive (swap)" in text
    assert "3. WARN names, magnitude on positive (swap)" in text
    assert "4." not in text
    for audit in make.failing().audits.values():
        assert audit.reason in text
        assert f"Next: {audit.advice}" in text


def test_advice_is_given_once_per_audit(make: SimpleNamespace) -> None:
    assert terminal.render(make.failing()).count("Next: Balance or mask") == 1


def test_an_audit_that_crashed_is_named_first_with_its_cause(make: SimpleNamespace) -> None:
    text = terminal.render(make.mixed())
    assert re.search(r"1\. ERROR numbers\n +The audit could not run", text)


@pytest.mark.parametrize("name", NAMES)
def test_every_summary_starts_with_the_verdict_and_ends_with_the_disclaimer(make: SimpleNamespace, name: str) -> None:
    report = make.REPORTS[name]()
    text = terminal.render(report)
    assert text.startswith(report.verdict)
    assert text.rstrip().endswith(f"{DISCLAIMER}.")


def test_row_texts_are_never_in_a_summary(make: SimpleNamespace) -> None:
    text = terminal.render(make.failing())
    assert "wonderful" not in text
    assert "thriller" not in text


@pytest.mark.parametrize("width", [30, 80, 200])
def test_a_hostile_summary_commands_neither_terminal_nor_log(make: SimpleNamespace, width: int) -> None:
    file = io.StringIO()
    terminal.print_report(make.hostile(), Console(file=file, width=width), folder="run/::error::x\x1b[2J")
    _assert_harmless(file.getvalue())


def _assert_harmless(text: str) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert not re.search(r"^\s*::", text, re.MULTILINE)
    assert not re.search(r"##\w*\[", text)


def test_markup_in_names_is_shown_not_obeyed(make: SimpleNamespace) -> None:
    audit = make.names_audit(name="[red]x[/red]", reason="[link=http://x.invalid]click[/link]")
    file = io.StringIO()
    report = make.report([audit], "FAIL", 1, warnings=["[bold]loud[/bold]"])
    terminal.print_report(report, Console(file=file, width=120, force_terminal=True))
    assert "[red]x[/red]" in file.getvalue()
    assert "[bold]loud[/bold]" in file.getvalue()
    assert "\x1b]8" not in file.getvalue()


def test_the_folder_is_named_where_there_is_one(make: SimpleNamespace) -> None:
    file = io.StringIO()
    terminal.print_report(make.clean(), Console(file=file, width=120), folder="runs/today")
    assert "Written to runs/today: open report.html there" in file.getvalue()


def test_a_folder_without_a_page_promises_none(make: SimpleNamespace) -> None:
    file = io.StringIO()
    terminal.print_report(make.clean(), Console(file=file, width=120), folder="runs/today", page=False)
    assert "Written to runs/today: read report.json there." in file.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("name", ["failing", "mixed", "hostile"])
def test_a_terminal_is_never_left_to_break_a_line_inside_a_word(make: SimpleNamespace, name: str, width: int) -> None:
    wide, narrow = io.StringIO(), io.StringIO()
    report = make.REPORTS[name]()
    terminal.print_report(report, Console(file=wide, width=10_000, force_terminal=True, color_system=None))
    terminal.print_report(report, Console(file=narrow, width=width, force_terminal=True, color_system=None))
    lines = narrow.getvalue().splitlines()
    assert max(map(cell_len, lines)) <= width
    assert [line for line in lines if line != line.rstrip()] == []
    if name != "hostile":  # whose words are longer than a line
        assert narrow.getvalue().split() == wide.getvalue().split()


def test_what_does_not_fit_on_a_line_stands_under_its_beginning(make: SimpleNamespace) -> None:
    file = io.StringIO()
    terminal.print_report(make.failing(), Console(file=file, width=60, force_terminal=True, color_system=None))
    lines = file.getvalue().splitlines()
    (place,) = [i for i, line in enumerate(lines) if line.startswith(" FAIL          punctuation")]
    assert lines[place + 1].startswith(" " * lines[place].index("+"))


def test_in_a_pipe_every_audit_is_one_line_whatever_the_width(make: SimpleNamespace) -> None:
    file = io.StringIO()
    long = make.failing()
    terminal.print_report(long, Console(file=file, width=40))
    lines = file.getvalue().splitlines()
    assert lines[0].endswith("rows)")
    assert len([line for line in lines if re.match(r" (FAIL|PASS) .* on \w+( \(swap\))?$", line)]) == len(long.audits)
    assert [line for line in lines if line != line.rstrip()] == []


def test_colours_carry_no_information_of_their_own(make: SimpleNamespace) -> None:
    plain, coloured = io.StringIO(), io.StringIO()
    terminal.print_report(make.mixed(), Console(file=plain, width=120))
    terminal.print_report(
        make.mixed(), Console(file=coloured, width=120, force_terminal=True, color_system="truecolor")
    )
    assert "\x1b[" in coloured.getvalue()
    stripped = re.sub(r"\x1b\[[\d;]*m", "", coloured.getvalue())
    assert [line.rstrip() for line in stripped.splitlines()] == [
        line.rstrip() for line in plain.getvalue().splitlines()
    ]


def test_the_style_of_a_head_ends_with_it(make: SimpleNamespace) -> None:
    file = io.StringIO()
    report = make.report([make.names_audit()], "FAIL", 1, warnings=["the first of many"])
    terminal.print_report(report, Console(file=file, width=400, force_terminal=True, color_system="truecolor"))
    lines = file.getvalue().splitlines()
    assert "\x1b[1mNote: \x1b[0mthe first of many" in lines
    assert re.match(r"\x1b\[1;31mFAIL *\x1b\[0m", lines[0])


def test_many_warnings_are_counted(make: SimpleNamespace) -> None:
    report = make.report([], "PASS", 0, warnings=[f"warning {i}" for i in range(9)])
    assert "4 more warnings in report.json" in terminal.render(report)
    report = make.report([], "PASS", 0, warnings=[f"warning {i}" for i in range(6)])
    assert "Note: 1 more warning in report.json" in terminal.render(report)


def test_words_are_signed_without_colours(make: SimpleNamespace) -> None:
    text = printed(make.attribution("A wonderful, dull day"))
    assert "| A [+wonderful], [-dull] day" in text
    assert "\x1b" not in text


def test_words_are_coloured_and_signed_in_a_terminal(make: SimpleNamespace) -> None:
    text = printed(make.attribution("A wonderful, dull day"), force_terminal=True, color_system="truecolor")
    assert re.search(r"\x1b\[1;[\d;]*m\+wonderful\x1b\[0m", text)
    assert re.search(r"\x1b\[4;[\d;]*m-dull\x1b\[0m", text)


def test_no_color_is_obeyed(make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    text = printed(make.attribution("A wonderful, dull day"), force_terminal=True)
    assert not re.search(r"\x1b\[[\d;]*(3[0-9]|4[0-9]|38|48)[;m]", text.replace("\x1b[4m", ""))
    assert "[+wonderful]" in text


def test_a_ranking_names_the_strongest_words(make: SimpleNamespace) -> None:
    lines = printed(make.attribution("A wonderful, dull day")).splitlines()
    ranking = lines[lines.index("strongest words, towards (+) and away (-)") + 1 :]
    assert [line.split() for line in ranking[:2]] == [
        ["+1.400", "##########", "wonderful"],
        ["-1.300", "##########", "dull"],
    ]


def test_the_heading_says_what_was_explained_and_how_well(make: SimpleNamespace) -> None:
    text = " ".join(printed(make.attribution("A day", target="negative", truncated=3, converged=False)).split())
    assert "predicted positive, explained: negative" in text
    assert "logit +2.31 (baseline mask: +0.18), integrated_gradients, 13 evaluations, completeness error 2.1%" in text
    assert "did not reach the tolerance" in text
    assert "3 characters at the end never reached the model" in text


def test_in_a_pipe_the_heading_is_one_line(make: SimpleNamespace) -> None:
    lines = printed(make.attribution("A wonderful, dull day"), width=30).splitlines()
    assert lines[0].startswith("predicted ")
    assert lines[1].startswith("| ")


def test_unseen_text_is_marked(make: SimpleNamespace) -> None:
    text = "A dull day that goes on"
    attribution = make.attribution(text, words=make.attribution("A dull day").words)
    assert "[unseen:  that goes on]" in printed(attribution)


@pytest.mark.parametrize("index", range(14))
@pytest.mark.parametrize("width", [24, 90])
def test_a_hostile_text_commands_neither_terminal_nor_log(make: SimpleNamespace, index: int, width: int) -> None:
    text = make.HOSTILE[index]
    found = make.attribution(text, make.HOSTILE[5], predicted=text, target=text, method=text, baseline=text)
    _assert_harmless(printed(found, width=width))

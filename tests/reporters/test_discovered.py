"""Suspects and self-calibration in the terminal: said once, said rightly, and safe to print."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

from token_saliency.reporters.summary import calibrated, headline
from token_saliency.reporters.terminal import render
from token_saliency.results import Canary


def test_confirmed_suspects_have_a_line_each_and_others_none(make: SimpleNamespace) -> None:
    report = make.mixed()
    one = report.discovery[0]
    text = render(replace(report, discovery=[one, replace(one, item="lens", confirmed=False)]))

    assert "Discovered (1 of 2 suspects confirmed by edits; not judged)" in text
    assert 'word "director"  +0.080 [+0.030, +0.130]  61 rows  on positive' in text
    assert "lens" not in text


def test_a_hostile_suspect_is_not_obeyed(make: SimpleNamespace) -> None:
    report = make.mixed()
    item = "[b]\x1b::error::\u202e"
    text = render(replace(report, discovery=[replace(report.discovery[0], item=item, class_=item, listed=item)]))

    assert not {"\x1b", "\u202e"} & set(text)
    assert "::error::" not in text
    assert "[b]" in text


def test_a_canary_that_was_missed_is_said_in_capitals(make: SimpleNamespace) -> None:
    check = make.mixed().calibration
    assert check is not None
    missed = Canary(0.05, 0.01, (-0.1, 0.04), False, "INCONCLUSIVE", False, 40)
    said = " ".join(calibrated(replace(check, canary=missed)))

    assert "MISSES" in said
    assert "INCONCLUSIVE: NOT caught" in said
    assert calibrated(None) == []


def test_what_no_audit_judges_stands_first_where_the_audits_raise_nothing(make: SimpleNamespace) -> None:
    mixed = make.mixed()
    one = replace(mixed.discovery[0], suspicion=0.8, listed=None)
    quiet = replace(mixed, verdict="INCONCLUSIVE", discovery=[one])

    text = render(quiet)
    assert "edits of one thing that no audit judges move it" in headline(quiet)
    assert text.index("Discovered (1 of 1") < text.index("Look at this first")
    for other in (
        replace(one, suspicion=0.4),
        replace(one, effect=0.01, moves=0.01),
        replace(one, confirmed=False),
        replace(one, listed=next(name for name, audit in mixed.audits.items() if audit.expectation != "exploratory")),
    ):
        assert "no audit judges" not in headline(replace(quiet, discovery=[other]))
    assert "no audit judges" not in headline(replace(quiet, verdict="FAIL"))


def test_a_title_is_never_left_without_what_it_announces(make: SimpleNamespace) -> None:
    lines = render(make.mixed()).splitlines()

    assert all("More in report.json" not in after for line, after in pairwise(lines) if line == "Look at this first")

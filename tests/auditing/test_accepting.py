"""Accepted findings are marked and never dropped; only the exit code looks past them, and only while they hold."""

from __future__ import annotations

import runpy
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from token_saliency.auditing.known import with_known
from token_saliency.auditing.known_file import Accepted, read_known
from token_saliency.report import Report
from token_saliency.reporters import REPORTERS
from token_saliency.reporters.page.meanings import grouped

TODAY = date(2026, 11, 1)


@pytest.fixture(scope="module")
def reports() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "make_report.py")))


@pytest.fixture
def failing(reports: SimpleNamespace) -> Report:
    made: Report = reports.failing()
    return made


def entry(**changes: Any) -> Accepted:
    lean = Accepted("names", "lean", "positive", None, "known for years", "data team", None, 0.132, (0.09, 0.17))
    return replace(lean, **changes)


def all_of(report: Report, folder: Path) -> list[Accepted]:
    """Every finding of the report, accepted by way of the file that it writes itself."""
    text = REPORTERS["known"](report).replace('reason = ""', 'reason = "r"').replace('owner = ""', 'owner = "o"')
    (folder / "known.toml").write_text(text, encoding="utf-8")
    return read_known(folder / "known.toml")


def states(report: Report) -> list[str]:
    return [line.state for line in report.known]


def test_one_accepted_finding_leaves_the_others_red(failing: Report) -> None:
    marked = with_known(failing, [entry()], TODAY)

    assert (marked.verdict, marked.exit_code, states(marked)) == ("FAIL", 1, ["accepted"])
    known = {f.claim: f.known for f in marked.audits["names"].intervention}
    assert known["lean"] is not None
    assert known["lean"].owner == "data team"
    assert known["magnitude"] is None


def test_with_every_finding_accepted_the_verdict_stays_and_the_build_is_green(failing: Report, tmp_path: Path) -> None:
    marked = with_known(failing, all_of(failing, tmp_path), TODAY)

    assert (marked.verdict, marked.exit_code) == ("FAIL", 0)
    assert {audit.verdict for audit in marked.audits.values()} == {"FAIL"}
    assert set(states(marked)) == {"accepted"}
    assert marked.warnings == failing.warnings


def test_the_file_that_a_run_writes_keeps_the_reasons_it_was_given(failing: Report, tmp_path: Path) -> None:
    accepted = all_of(failing, tmp_path)
    again = with_known(failing, accepted, TODAY)
    (tmp_path / "again.toml").write_text(REPORTERS["known"](again), encoding="utf-8")

    assert read_known(tmp_path / "again.toml") == accepted


def test_fail_on_warn_needs_the_warnings_accepted_too(failing: Report) -> None:
    strict = replace(failing, settings=failing.settings | {"fail_on": "warn"})
    only_names = replace(strict, audits={"names": strict.audits["names"]})

    assert with_known(only_names, [entry()], TODAY).exit_code == 1
    assert with_known(only_names, [entry(), entry(claim="magnitude", effect=None, interval=None)], TODAY).exit_code == 0


@pytest.mark.parametrize(
    ("changes", "state", "says"),
    [
        ({"expires": date(2026, 10, 31)}, "expired", "accepted until 2026-10-31"),
        ({"expires": TODAY}, "accepted", ""),
        ({"effect": 0.05, "interval": (0.03, 0.07)}, "worse", "has grown by more than its interval"),
        ({"effect": 0.12, "interval": (0.10, 0.14)}, "accepted", ""),
        ({"effect": 0.2, "interval": (0.19, 0.21)}, "accepted", ""),  # it has become smaller
        ({"effect": -0.132, "interval": (-0.17, -0.09)}, "worse", "or points the other way, so it counts as new"),
        ({"effect": 0.09, "interval": None}, "worse", "counts as new"),
        ({"effect": 0.11, "interval": None}, "accepted", ""),
        ({"audit": "places"}, "not run", "was not estimated"),
        ({"class_": "negative"}, "not run", "was not estimated"),
    ],
)
def test_what_becomes_of_an_entry(failing: Report, changes: dict[str, Any], state: str, says: str) -> None:
    marked = with_known(failing, [entry(**changes)], TODAY)

    assert states(marked) == [state]
    new = [warning for warning in marked.warnings if warning not in failing.warnings]
    assert bool(new) == bool(says)
    assert says in "".join(new)
    assert (marked.audits["names"].intervention[0].known is not None) == (state == "accepted")


@pytest.mark.parametrize("changes", [{"audit": "nmaes"}, {"class_": "postive"}])
def test_an_entry_that_meets_nothing_names_the_finding_that_was_meant(failing: Report, changes: dict[str, Any]) -> None:
    warnings = with_known(failing, [entry(**changes)], TODAY).warnings

    assert warnings[0].endswith("Did you mean names, lean on positive?")
    assert "Did you mean" not in "".join(with_known(failing, [entry(claim="shift", class_="other")], TODAY).warnings)


def test_what_turns_a_build_red_again_stands_before_other_notes_and_on_one_line(failing: Report) -> None:
    old = date(2026, 1, 1)
    expired = [entry(expires=old), entry(claim="magnitude", effect=None, interval=None, expires=old)]
    warned = replace(failing, warnings=[f"names: note {number}" for number in range(9)])

    marked = with_known(with_known(warned, expired, TODAY), expired, TODAY)

    assert len(marked.warnings) == 11
    assert grouped(marked.warnings)[0].said.startswith("Known finding: 2 notes, the first: names, lean on positive")


def test_an_entry_whose_finding_is_gone_is_stale(reports: SimpleNamespace) -> None:
    clean = reports.clean()
    claim = next(f for f in clean.audits["names"].intervention if f.judged)
    marked = with_known(clean, [entry(claim=claim.claim)], TODAY)

    assert (states(marked), marked.exit_code) == (["stale"], 0)
    assert any("Take its entry out" in warning for warning in marked.warnings)


def test_an_undecided_claim_proves_nothing_about_its_entry(reports: SimpleNamespace) -> None:
    report = reports.inconclusive()
    (name, audit), *_ = report.audits.items()
    claim = next(f for f in audit.intervention if f.judged)
    marked = with_known(report, [entry(audit=name, claim=claim.claim, between=claim.between)], TODAY)

    assert states(marked) == ["accepted"]
    assert marked.audits[name].intervention[0].known is None


def test_marking_again_with_no_file_takes_every_mark_away(failing: Report) -> None:
    marked = with_known(failing, [entry(), entry(audit="places")], TODAY)

    assert with_known(marked, [], TODAY) == failing


def test_an_audit_that_could_not_run_is_not_hidden_by_what_is_accepted(
    reports: SimpleNamespace, tmp_path: Path
) -> None:
    report = reports.error()

    assert with_known(report, all_of(report, tmp_path), TODAY).exit_code == 2


@pytest.mark.parametrize("format", ["terminal", "html"])
def test_the_reports_show_who_accepted_it_and_why(failing: Report, tmp_path: Path, format: str) -> None:
    accepted = [replace(one, owner="data <team>", expires=date(2027, 1, 1)) for one in all_of(failing, tmp_path)]
    shown = " ".join(REPORTERS[format](with_known(failing, accepted, TODAY)).split())

    owner = "data &lt;team&gt;" if format == "html" else "data <team>"
    assert f"Accepted by {owner} until 2027-01-01: r" in shown
    assert "All of it is accepted." in shown
    assert "accepted" not in REPORTERS[format](failing).lower()


def test_hostile_items_survive_the_way_through_the_file(reports: SimpleNamespace, tmp_path: Path) -> None:
    report = reports.hostile()
    wanted = {
        (name, f.claim, f.class_, f.between)
        for name, audit in report.audits.items()
        for f in audit.intervention
        if f.judged and f.verdict in ("FAIL", "WARN") and audit.expectation != "exploratory"
    }
    found = {one.key for one in all_of(report, tmp_path)}

    assert len(found) == len(wanted)

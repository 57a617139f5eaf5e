"""The comparison of what was planted with what a report found."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from token_saliency.demo.shortcuts import CLEAN, PLANTED, ShortcutLine, compare
from token_saliency.report import Report
from token_saliency.results import Verdict


class Reports:
    """Reports on the demo's audits with chosen verdicts; None leaves a claim out."""

    def __init__(self, make: SimpleNamespace) -> None:
        self._make = make

    def of(
        self,
        names: Verdict | None = "FAIL",
        bang: Verdict | None = "FAIL",
        ellipsis: Verdict | None = "PASS",
        places: Verdict | None = "PASS",
    ) -> Report:
        claims: dict[str, list[Any]] = {"names": [("lean", None, names)], "places": [("lean", None, places)]}
        claims["punctuation"] = [("shift", ("!", "."), bang), ("shift", ("...", "."), ellipsis)]
        return self._make.report([self._audit(name, found) for name, found in claims.items()], "FAIL", 1)  # type: ignore[no-any-return]

    def _audit(self, name: str, claims: list[Any]) -> Any:
        findings = [
            self._make.finding(claim, 0.1, 0.02, verdict, between=between)
            for claim, between, verdict in claims
            if verdict is not None
        ]
        return replace(self._make.clean_audit(name), intervention=findings)


@pytest.fixture
def reports(make: SimpleNamespace) -> Reports:
    return Reports(make)


def lines(report: Report) -> list[ShortcutLine]:
    return compare(report, PLANTED, CLEAN)


def wrong(report: Report) -> list[str]:
    return [line.what for line in lines(report) if not line.as_expected]


def test_planted_shortcuts_stand_first_each_with_what_was_found(reports: Reports) -> None:
    found = lines(reports.of())

    assert [line.planted for line in found] == [True, True, False, False]
    assert [line.audit for line in found] == ["names", "punctuation", "punctuation", "places"]
    assert found[0].found == "FAIL: lean +0.10 [+0.08, +0.12]"
    assert all(line.as_expected for line in found)


@pytest.mark.parametrize("verdict", ["WARN", "PASS", "INCONCLUSIVE", None])
def test_a_planted_shortcut_that_is_no_fail_was_missed(reports: Reports, verdict: Verdict | None) -> None:
    assert wrong(reports.of(names=verdict)) == [PLANTED[0].what]
    assert wrong(reports.of(bang=verdict)) == [PLANTED[1].what]


@pytest.mark.parametrize("verdict", ["FAIL", None])
def test_a_clean_feature_that_fails_or_was_not_judged_is_not_as_expected(
    reports: Reports, verdict: Verdict | None
) -> None:
    assert wrong(reports.of(ellipsis=verdict)) == [CLEAN[0].what]
    assert wrong(reports.of(places=verdict)) == [CLEAN[1].what]


@pytest.mark.parametrize("verdict", ["PASS", "INCONCLUSIVE", "WARN"])
def test_a_clean_feature_need_not_be_decided(reports: Reports, verdict: Verdict) -> None:
    assert wrong(reports.of(ellipsis=verdict, places=verdict)) == []


def test_an_audit_that_crashed_or_is_missing_never_looks_as_expected(reports: Reports) -> None:
    whole = reports.of()
    crashed = whole.audits | {"places": replace(whole.audits["places"], verdict="ERROR", intervention=[])}
    missing = {name: audit for name, audit in whole.audits.items() if name != "names"}

    assert wrong(replace(whole, audits=crashed)) == [CLEAN[1].what]
    assert wrong(replace(whole, audits=missing)) == [PLANTED[0].what]


def test_only_judged_claims_count(reports: Reports) -> None:
    whole = reports.of(places="FAIL")
    places = whole.audits["places"]
    described = replace(places, intervention=[replace(claim, judged=False) for claim in places.intervention])

    assert wrong(replace(whole, audits=whole.audits | {"places": described})) == [CLEAN[1].what]
    assert lines(replace(whole, audits=whole.audits | {"places": described}))[3].found == "not judged"


def test_the_worst_claim_of_an_audit_is_shown(reports: Reports, make: SimpleNamespace) -> None:
    whole = reports.of()
    names = whole.audits["names"]
    more = replace(names, intervention=[make.finding("magnitude", 0.01, 0.01, "PASS"), *names.intervention])

    assert lines(replace(whole, audits=whole.audits | {"names": more}))[0].found.startswith("FAIL: lean")

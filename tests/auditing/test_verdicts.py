"""The rules of evidence, one line of the table at a time."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from token_saliency.auditing.audit import Judge
from token_saliency.auditing.judging.verdicts import (
    ClaimEstimate,
    corrected,
    draws,
    exit_code,
    judge,
    report_verdict,
    worst,
)
from token_saliency.results import AuditResult, Coverage, Verdict

RULE = Judge(margin=0.05, min_rows=30)

CLEAR = ClaimEstimate(
    "shift", None, 1, "swap", effect=0.2, control=0.02, interval=(0.12, 0.28), beyond_control=0.1, p=1e-5,
    p_margin=1e-5, flip_rate=0.0, placebo_flip_rate=None, rows=200, items=1, smallest_detectable=0.03, resolvable=True,
    by_row={},
)  # fmt: skip


def result(verdict: Verdict, expectation: str = "irrelevant") -> AuditResult:
    return AuditResult(
        name="a", code="A", title="A", why="", expectation=expectation, items="fixed", level="error",  # type: ignore[arg-type]
        verdict=verdict, reason="", advice="", coverage=Coverage(0, 0, 0), attribution=None, intervention=[],
        association=None, by_slice=[], worst_items=[], examples=[], pairs=[], notes=[],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "p", "p_margin", "verdict"),
    [
        ({}, 0.001, 0.001, "FAIL"),
        ({"beyond_control": 0.02}, 0.001, 0.001, "WARN"),
        ({"beyond_control": 0.0}, 0.001, 0.001, "INCONCLUSIVE"),
        ({"beyond_control": None}, 0.001, 0.001, "INCONCLUSIVE"),
        ({"interval": (0.03, 0.09), "beyond_control": 0.026}, 0.001, 0.3, "WARN"),
        ({"interval": (0.02, 0.08), "beyond_control": 0.01}, 0.001, 0.3, "WARN"),
        ({"interval": (0.02, 0.08), "beyond_control": 0.01}, 0.2, 0.3, "INCONCLUSIVE"),
        ({"interval": (-0.02, 0.03), "beyond_control": -0.03}, 0.6, 1.0, "PASS"),
        ({"interval": (-0.02, 0.049), "beyond_control": 0.01}, 0.001, 1.0, "PASS"),
        ({"interval": (-0.02, 0.05), "beyond_control": -0.03}, 0.6, 1.0, "INCONCLUSIVE"),
        ({"interval": (-0.2, 0.2), "beyond_control": -0.2}, 0.9, 1.0, "INCONCLUSIVE"),
        ({"rows": 29}, 0.001, 0.001, "INCONCLUSIVE"),
        ({"rows": 29, "interval": (-0.01, 0.01)}, 0.9, 1.0, "INCONCLUSIVE"),
        ({"resolvable": False}, 0.001, 0.001, "INCONCLUSIVE"),
        ({"interval": (float("nan"), float("nan"))}, 0.001, 0.001, "INCONCLUSIVE"),
    ],
)
def test_a_claim_gets_the_verdict_of_the_table(
    changed: dict[str, object], p: float, p_margin: float, verdict: str
) -> None:
    assert judge(replace(CLEAR, **changed), RULE, p, p_margin) == verdict  # type: ignore[arg-type]


def test_the_worst_verdict_wins_in_any_order() -> None:
    for order in permutations(["PASS", "INCONCLUSIVE", "WARN", "FAIL"]):
        assert worst(order) == "FAIL"  # type: ignore[arg-type]
    assert worst(["PASS", "INCONCLUSIVE"]) == "INCONCLUSIVE"
    assert worst([]) == "INCONCLUSIVE"


@pytest.mark.parametrize(
    ("verdicts", "fail_on", "code"),
    [
        (["PASS"], "fail", 0),
        (["WARN", "PASS"], "fail", 0),
        (["WARN", "PASS"], "warn", 1),
        (["FAIL", "PASS"], "fail", 1),
        (["FAIL", "PASS"], "never", 0),
        (["FAIL", "ERROR"], "fail", 2),
        (["ERROR"], "never", 2),
        (["INCONCLUSIVE"], "fail", 5),
        (["INCONCLUSIVE"], "never", 5),
        (["INCONCLUSIVE", "PASS"], "fail", 0),
        ([], "fail", 5),
    ],
)
def test_the_exit_code_follows_the_contract(verdicts: list[Verdict], fail_on: str, code: int) -> None:
    assert exit_code([result(verdict) for verdict in verdicts], fail_on) == code


def test_an_exploratory_audit_never_gates() -> None:
    audits = [result("FAIL", "exploratory"), result("PASS")]
    assert report_verdict(audits) == "PASS"
    assert exit_code(audits, "warn") == 0


def test_an_exploratory_audit_decides_only_where_nothing_else_was_asked() -> None:
    assert exit_code([result("PASS", "exploratory"), result("INCONCLUSIVE")], "fail") == 5
    assert exit_code([result("FAIL", "exploratory")], "fail") == 0
    assert exit_code([result("INCONCLUSIVE", "exploratory")], "fail") == 5


def test_adding_a_claim_of_the_same_audit_only_raises_the_corrected_p() -> None:
    assert corrected([0.0001])[0] == pytest.approx(0.0015)
    assert corrected([0.0001, 0.5])[0] == pytest.approx(0.003)


def test_permutations_are_enough_for_the_smallest_p_to_reject() -> None:
    for claims in (1, 2, 12):
        assert corrected([1 / (draws(claims) + 1)] * claims)[0] < 0.05

"""What a report says in words follows from its numbers."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from token_saliency.reporters import summary
from token_saliency.reporters.page import html
from token_saliency.reporters.page.triad import triad
from token_saliency.results import VERDICTS, Association, AttributionShare, ItemAssociation


def test_every_verdict_has_a_headline() -> None:
    assert set(summary.HEADLINES) == set(VERDICTS)


def test_the_headline_of_a_warning_says_nothing_of_its_size(make: SimpleNamespace) -> None:
    capped = make.report([make.names_audit(verdict="WARN", level="warn")], "WARN", 0)  # its finding is a FAIL
    assert "FAIL" in {finding.verdict for finding in capped.audits["names"].intervention}
    assert "small" not in summary.headline(capped)


def test_a_report_without_audits_never_reads_as_a_pass(make: SimpleNamespace) -> None:
    assert "nothing can be said" in summary.headline(replace(make.empty(), verdict="PASS"))


def test_the_decisive_finding_is_judged_and_the_worst(make: SimpleNamespace) -> None:
    finding = summary.decisive(make.punctuation_audit())
    assert finding is not None
    assert (finding.between, finding.verdict) == (("!", "."), "FAIL")
    assert summary.decisive(make.error_audit()) is None


def test_of_equal_verdicts_the_larger_effect_decides(make: SimpleNamespace) -> None:
    small, large = make.finding("shift", 0.1, 0.01, "FAIL"), make.finding("shift", -0.3, 0.01, "FAIL")
    assert summary.decisive(make.names_audit(intervention=[small, large])) is large


def test_concerns_are_worst_first_and_leave_out_what_passed(make: SimpleNamespace) -> None:
    found = summary.concerns(make.mixed(), count=10)
    assert [one.verdict for one in found] == sorted((one.verdict for one in found), key=VERDICTS.index)
    assert found[0].audit.name == "numbers"
    assert "PASS" not in {one.verdict for one in found}
    assert len(summary.concerns(make.mixed())) == 3
    assert summary.concerns(make.clean()) == []


def test_of_two_classes_of_one_claim_only_the_larger_is_a_concern(make: SimpleNamespace) -> None:
    up, down = make.finding("lean", 0.2, 0.01, "FAIL"), make.finding("lean", -0.2, 0.01, "FAIL", class_="negative")
    found = summary.concerns(make.report([make.names_audit(intervention=[down, up])], "FAIL", 1))
    assert [one.finding for one in found] == [down]


def test_a_finding_never_ranks_worse_than_its_audit(make: SimpleNamespace) -> None:
    capped = make.names_audit(verdict="WARN", level="warn")
    assert summary.concerns(make.report([capped], "WARN", 0))[0].verdict == "WARN"


def test_exploratory_audits_are_no_concern(make: SimpleNamespace) -> None:
    audit = make.names_audit(expectation="exploratory", verdict="PASS")
    assert summary.concerns(make.report([audit], "PASS", 0)) == []


LIT, UNLIT = AttributionShare(0.1, 0.05, 2.0, (1.5, 2.5), None), AttributionShare(0.05, 0.05, 1.0, (0.8, 1.2), None)
WITH, WITHOUT = Association(5.0, (3.0, 7.0), {}, []), Association(0.5, (-1.0, 2.0), {}, [])


@pytest.mark.parametrize(("z", "says"), [(5.0, "learned shortcut"), (1.0, "do not explain why")])
def test_an_item_that_the_finding_names_explains_alone(make: SimpleNamespace, z: float, says: str) -> None:
    finding = make.finding("shift", 0.2, 0.02, "FAIL", between=("!", "."))
    known = Association(1.0, (-2.0, 4.0), {}, [ItemAssociation("!", 90, z, "positive")])
    assert says in triad(make.names_audit(intervention=[finding], attribution=LIT, association=known))


@pytest.mark.parametrize(
    ("verdict", "attribution", "association", "says"),
    [
        ("FAIL", LIT, WITH, "learned shortcut"),
        ("FAIL", LIT, WITHOUT, "do not explain why"),
        ("WARN", LIT, None, "labels of these rows cannot say"),
        ("FAIL", UNLIT, WITH, "blind to it"),
        ("PASS", LIT, WITH, "do not move the decision beyond the margin"),
        ("PASS", LIT, WITHOUT, "an alarm that decides nothing"),
        ("PASS", UNLIT, WITHOUT, "Neither edits nor data"),
        ("INCONCLUSIVE", LIT, WITH, "stay hints"),
    ],
)
def test_the_three_signals_are_read_together(
    make: SimpleNamespace, verdict: str, attribution: object, association: object, says: str
) -> None:
    finding = make.finding("lean", 0.1, 0.02, verdict)
    audit = make.names_audit(intervention=[finding], attribution=attribution, association=association)
    assert says in triad(audit)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, ""),
        ({"failed": 2}, "cry wolf"),
        ({"flagged": 9, "interval": (0.26, 0.66)}, "cry wolf"),
        ({"canary": {"covered": False}}, "put there on purpose"),
        ({"canary": {"caught": False, "verdict_at_double": "WARN"}}, "NOT caught"),
    ],
)
def test_a_self_calibration_that_did_not_hold_is_said(
    make: SimpleNamespace, changes: dict[str, Any], says: str
) -> None:
    check = make.failing().calibration
    if "canary" in changes:
        changes = {"canary": replace(check.canary, **changes["canary"])}
    said = " ".join(summary.distrusted(replace(check, **changes)))
    assert (says in said) if says else not said
    assert summary.distrusted(None) == []


def test_distrust_and_suspects_stand_at_the_top_of_the_page(make: SimpleNamespace) -> None:
    report = make.mixed()
    shown = html.render(replace(report, calibration=replace(report.calibration, failed=3)))
    top = shown[: shown.index("</section>")]
    assert "Read the verdicts with care" in top
    assert 'href="#suspect-word-director-positive"' in top

"""What CI servers read: SARIF, JUnit, GitLab, annotations, Markdown, model card."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.dom import minidom
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from token_saliency.errors import DataError
from token_saliency.report import Report
from token_saliency.reporters import REPORTERS, model_card
from token_saliency.reporters.markdown import LIMIT
from token_saliency.results import AuditResult, Finding, Known

SCHEMA = json.loads((Path(__file__).parents[1] / "vendored" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
EVERY = ["failing", "clean", "mixed", "inconclusive", "error", "empty", "hostile"]


def sarif(report: Report) -> dict[str, Any]:
    log = json.loads(REPORTERS["sarif"](report))
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    (run,) = log["runs"]
    return dict(run)


def cases(report: Report) -> dict[str, ET.Element]:
    root = ET.fromstring(REPORTERS["junit"](report))
    found = {f"{case.get('classname')} {case.get('name')}": case for case in root.iter("testcase")}
    assert len(found) == len(list(root.iter("testcase"))), "GitLab drops cases of the same name"
    return found


def with_findings(report: Report, change: Callable[[Finding], Finding]) -> Report:
    def changed(audit: AuditResult) -> AuditResult:
        return replace(audit, intervention=[change(each) for each in audit.intervention])

    return replace(report, audits={name: changed(audit) for name, audit in report.audits.items()})


# --- SARIF ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_sarif_fits_the_standard_and_every_result_has_a_place(make: SimpleNamespace, name: str) -> None:
    run = sarif(make.REPORTS[name]())

    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"]
        assert place["region"]["startLine"] >= 1
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert len(result["partialFingerprints"]["tokenSaliency/v1"]) == 64


def test_a_clean_run_has_rules_and_an_empty_list_of_results(make: SimpleNamespace) -> None:
    run = sarif(make.clean())

    assert run["results"] == []
    assert run["tool"]["driver"]["rules"]
    assert run["invocations"][0]["executionSuccessful"] is True


@pytest.mark.parametrize(("name", "level"), [("error", "error"), ("inconclusive", "note")])
def test_what_was_not_decided_is_a_notification_and_no_result(make: SimpleNamespace, name: str, level: str) -> None:
    run = sarif(make.REPORTS[name]())
    (invocation,) = run["invocations"]

    assert run["results"] == []
    assert level in {note["level"] for note in invocation["toolExecutionNotifications"]}
    assert invocation["executionSuccessful"] is (name != "error")
    assert invocation["exitCode"] == make.REPORTS[name]().exit_code


def test_a_run_without_audits_is_no_success(make: SimpleNamespace) -> None:
    assert sarif(make.empty())["invocations"][0]["executionSuccessful"] is False


def test_an_accepted_finding_is_suppressed_with_its_reason(make: SimpleNamespace) -> None:
    known = Known("until the next training", "the owners", None)
    report = with_findings(make.failing(), lambda finding: replace(finding, known=known))

    results = sarif(report)["results"]
    assert results
    for result in results:
        (suppression,) = result["suppressions"]
        assert suppression["status"] == "accepted"
        assert "until the next training" in suppression["justification"]


def test_fingerprints_do_not_change_with_the_numbers(make: SimpleNamespace) -> None:
    def prints(report: Report) -> list[str]:
        return [result["partialFingerprints"]["tokenSaliency/v1"] for result in sarif(report)["results"]]

    moved = with_findings(make.failing(), lambda f: replace(f, effect=f.effect * 1.1, rows=f.rows + 1, reason="other"))

    assert prints(moved) == prints(make.failing())
    assert len(set(prints(moved))) == len(prints(moved)) > 1


def test_findings_are_pinned_to_the_line_that_declares_their_audit(make: SimpleNamespace) -> None:
    anchor = {"file": "ci/token saliency.toml", "audits": {"names": 7}}
    failing = make.failing()
    report = replace(failing, settings=failing.settings | {"anchor": anchor})

    places = {r["ruleId"]: r["locations"][0]["physicalLocation"] for r in sarif(report)["results"]}
    assert places["names/lean"]["region"]["startLine"] == 7
    assert places["punctuation/shift"]["region"]["startLine"] == 1
    assert places["names/lean"]["artifactLocation"]["uri"] == "ci/token%20saliency.toml"


# --- JUnit ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_junit_is_well_formed_for_two_parsers_and_counts_what_it_holds(make: SimpleNamespace, name: str) -> None:
    text = REPORTERS["junit"](make.REPORTS[name]())
    root = ET.fromstring(text)

    assert minidom.parseString(text.encode()).documentElement.tagName == "testsuites"  # type: ignore[union-attr]
    for key, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert root.get(key) == str(len(list(root.iter(tag))))


def red(report: Report) -> int:
    root = ET.fromstring(REPORTERS["junit"](report))
    return int(root.get("failures", "")) + int(root.get("errors", ""))


@pytest.mark.parametrize("name", EVERY)
def test_junit_is_red_where_the_exit_code_is(make: SimpleNamespace, name: str) -> None:
    report = make.REPORTS[name]()

    assert (red(report) > 0) is (report.exit_code != 0)


@pytest.mark.parametrize(
    ("verdict", "fail_on", "exit_code", "failures"),
    [("WARN", "warn", 1, 6), ("WARN", "fail", 0, 0), ("FAIL", "never", 0, 0), ("FAIL", "fail", 1, 6)],
)
def test_junit_counts_what_fail_on_counts(
    make: SimpleNamespace, verdict: Any, fail_on: str, exit_code: int, failures: int
) -> None:
    report = with_findings(make.failing(), lambda each: replace(each, verdict=verdict))
    audits = {name: replace(audit, verdict=verdict) for name, audit in report.audits.items()}
    settings = report.settings | {"fail_on": fail_on}

    assert red(replace(report, audits=audits, settings=settings, exit_code=exit_code)) == failures


def test_a_fail_is_a_failure_with_its_reason_in_the_text(make: SimpleNamespace) -> None:
    failed = cases(make.failing())["token-saliency.names lean (swap)"].find("failure")

    assert failed is not None
    assert "lean" in (failed.text or "")
    assert (failed.text or "").startswith("FAIL: ")


def test_every_other_verdict_has_its_own_element(make: SimpleNamespace) -> None:
    found = cases(make.mixed())

    assert found["token-saliency.numbers ran"].find("error") is not None
    assert found["token-saliency.markup shift (delete)"].find("skipped") is not None
    assert found["token-saliency.casing lean (swap)"].find("system-out") is not None
    assert list(found["token-saliency.names lean (swap)"]) == []


def test_names_are_the_same_when_the_numbers_differ(make: SimpleNamespace) -> None:
    moved = with_findings(make.mixed(), lambda f: replace(f, effect=-f.effect, rows=f.rows + 9, class_="other"))

    assert list(cases(moved)) == list(cases(make.mixed()))
    assert not any(re.search(r"\d", name) for name in cases(moved))


def test_an_accepted_failure_passes_and_says_why(make: SimpleNamespace) -> None:
    known = Known("until the next training", "the owners", "2030-01-01")
    accepted = cases(with_findings(make.failing(), lambda finding: replace(finding, known=known)))
    case = accepted["token-saliency.names lean (swap)"]

    assert case.find("failure") is None
    assert "Accepted: until the next training (the owners)" in (case.findtext("system-out") or "")


def test_an_exploratory_audit_never_fails_a_build(make: SimpleNamespace) -> None:
    failing = make.failing()
    audits = {name: replace(audit, expectation="exploratory") for name, audit in failing.audits.items()}
    report = replace(failing, audits=audits)

    assert [case for case in cases(report).values() if case.find("failure") is not None] == []
    assert sarif(report)["results"] == []
    assert json.loads(REPORTERS["gitlab"](report)) == []


# --- GitLab, GitHub ---------------------------------------------------------------------------------


def test_gitlab_gets_what_it_requires(make: SimpleNamespace) -> None:
    entries = json.loads(REPORTERS["gitlab"](make.mixed()))

    assert {entry["severity"] for entry in entries} == {"blocker", "major", "minor", "info"}
    for entry in entries:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["location"]["lines"]["begin"] >= 1
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)


def test_each_doubt_is_a_paragraph_of_its_own_in_markdown(make: SimpleNamespace) -> None:
    text = REPORTERS["markdown"](replace(make.clean(), doubts=["One thing.", "Another."]))

    assert "> **Doubt:** One thing.\n>\n> **Doubt:** Another.\n" in text


def test_a_doubt_is_told_to_gitlab_as_news_and_keeps_its_name(make: SimpleNamespace) -> None:
    found = []
    for number in (3, 4):
        report = replace(make.clean(), doubts=[f"Few of the {number} rows hold what was looked for."])
        (entry,) = json.loads(REPORTERS["gitlab"](report))
        found.append(entry)
    assert found[0]["description"] == "Doubt: Few of the 3 rows hold what was looked for."
    assert {(one["severity"], one["check_name"]) for one in found} == {("info", "token-saliency/doubt")}
    assert found[0]["fingerprint"] == found[1]["fingerprint"]


@pytest.mark.parametrize("name", EVERY)
def test_annotations_are_commands_of_ours_and_nothing_else(make: SimpleNamespace, name: str) -> None:
    lines = REPORTERS["github"](make.REPORTS[name]()).splitlines()

    assert 1 <= len(lines) <= 10
    for line in lines:
        assert re.fullmatch(r"::(error|warning|notice) (file=[^,:]+,line=\d+,)?title=[^,:]+::((?!::).)+", line), line


def test_annotations_escape_what_a_runner_would_read(make: SimpleNamespace) -> None:
    failing = make.failing()
    report = replace(failing, settings=failing.settings | {"anchor": {"file": "a,b:c%.toml", "audits": {}}})

    assert "file=a%2Cb%3Ac%25.toml," in REPORTERS["github"](report)


# --- Markdown, model card ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["markdown", "model_card"])
def test_markdown_holds_nothing_that_acts(make: SimpleNamespace, name: str) -> None:
    text = REPORTERS[name](make.hostile())
    ours = text.replace(model_card.START, "").replace(model_card.END, "")

    assert "<" not in ours
    assert not re.search(r"(?<!\\)\]\(", ours)
    assert "@" not in ours
    assert "::" not in ours
    assert len(text.encode()) < 200_000


def test_markdown_stays_below_its_limit(make: SimpleNamespace) -> None:
    failing = make.failing()
    audit = failing.audits["names"]
    many = {f"a{i}": replace(audit, name=f"a{i}", title="long " * 100) for i in range(900)}
    text = REPORTERS["markdown"](replace(failing, audits=many))

    assert LIMIT / 2 < len(text.encode()) < 200_000
    assert text.endswith("Cut here: the rest is in `report.json`.\n")


@pytest.mark.parametrize("name", ["markdown", "model_card"])
def test_a_table_says_which_audits_decide_nothing(make: SimpleNamespace, name: str) -> None:
    audits = [make.names_audit(expectation="exploratory"), make.clean_audit("marks")]
    text = REPORTERS[name](make.report(audits, "PASS", 0))
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    assert len(lines) == 2
    assert sum("(exploratory)" in line for line in lines) == 1


def test_a_model_card_keeps_everything_but_the_earlier_fragment(make: SimpleNamespace) -> None:
    old, new = model_card.render(make.failing()), model_card.render(make.clean())
    card = model_card.merged("# My model\n\nWords.\n", old) + "\n## License\n"

    assert card.startswith("# My model\n\nWords.\n\n")
    again = model_card.merged(card, new)
    assert again == card.replace(old.rstrip("\n"), new.rstrip("\n"))
    assert model_card.merged(again, new) == again


@pytest.mark.parametrize(
    "card", [model_card.START, model_card.END + model_card.START, 2 * (model_card.START + model_card.END)]
)
def test_a_model_card_with_broken_markers_is_refused(make: SimpleNamespace, card: str) -> None:
    with pytest.raises(DataError, match="leave one of each"):
        model_card.merged(card, model_card.render(make.clean()))

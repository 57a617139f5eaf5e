"""What is inserted decides where the rows carry it or somebody asks; elsewhere an effect of it is a NOTE."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.audit import Audit
from token_saliency.auditing.definitions.reader import configured, load_audits
from token_saliency.auditing.definitions.selection import deciding
from token_saliency.auditing.judge_again import judge_again
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.reporters import REPORTERS
from token_saliency.results import AuditResult, Example
from token_saliency.store.evidence import Evidence

AUDITS = load_audits(["prompt_artifacts", "length"])
RESIDUE, LENGTH = AUDITS["prompt_artifacts"], AUDITS["length"]
TEMPLATE = "Review: {text} Sentiment:"
PADDING = LENGTH.edit.panel[0]


def rows(count: int = 120, *, framed: int = 0) -> list[Example]:
    """Rows of ordinary sentences; the first `framed` of them stand in the template."""
    plain = [f"We saw day{n} and walked home in week{n}." for n in range(count)]
    texts = [TEMPLATE.replace("{text}", text) if n < framed else text for n, text in enumerate(plain)]
    return [Example(str(n), text, label=("negative", "positive")[n % 2]) for n, text in enumerate(texts)]


def brittle(text: str) -> float:
    """Every piece of residue and every padding moves it."""
    return 0.3 + 0.3 * ("Review:" in text or PADDING in text)


def result(make: Any, audit: Audit, listed: list[Example]) -> AuditResult:
    found: AuditResult = judge_case(make.answered(audit, listed, brittle))
    return found


@pytest.mark.parametrize("audit", [RESIDUE, LENGTH], ids=lambda audit: str(audit.name))
def test_what_no_row_holds_is_noted_and_never_gates(make: Any, audit: Audit) -> None:
    found = result(make, audit, rows())
    assert (found.verdict, found.expectation) == ("NOTE", "exploratory")
    assert {finding.verdict for finding in found.intervention} <= {"NOTE", "PASS", "INCONCLUSIVE"}


@pytest.mark.parametrize("audit", [RESIDUE, LENGTH], ids=lambda audit: str(audit.name))
@pytest.mark.parametrize("level", ["error", "warn"])
def test_a_level_that_is_given_makes_it_decide(make: Any, audit: Audit, level: str) -> None:
    found = result(make, configured(audit, {"level": level}), rows())
    assert (found.verdict, found.expectation) == ({"error": "FAIL", "warn": "WARN"}[level], "irrelevant")


def test_a_margin_alone_asks_for_no_more_than_before(make: Any) -> None:
    assert result(make, configured(RESIDUE, {"margin": 0.04}), rows()).verdict == "NOTE"


def test_a_template_that_some_rows_stand_in_decides_and_nothing_else_does(make: Any) -> None:
    found = result(make, RESIDUE, rows(framed=3))
    judged = {f.between[0]: f.verdict for f in found.intervention if f.between and f.judged}
    assert judged == {"Review:": "FAIL", TEMPLATE: "FAIL"}
    assert (found.verdict, found.expectation) == ("FAIL", "irrelevant")


def test_half_of_a_template_is_no_template(make: Any) -> None:
    listed = [*rows()[1:], Example("half", "Sentiment: we saw it.", label="positive")]
    assert result(make, RESIDUE, listed).verdict == "NOTE"


def test_a_template_that_nobody_listed_decides_where_rows_carry_it() -> None:
    marked = [replace(row, text=f"Kept note: day{n}. {row.text}") if n < 60 else row for n, row in enumerate(rows(160))]
    report = run_audits(_function(lambda text: 0.3 + 0.3 * ("Kept note:" in text)), marked, ["prompt_artifacts"])
    failed = {f.between for f in report.audits["prompt_artifacts"].intervention if f.verdict == "FAIL"}
    assert failed == {("Kept note:", "nothing")}
    assert report.exit_code == 1


def test_an_end_that_many_rows_share_decides_though_it_is_put_in_nowhere() -> None:
    listed = rows(160)
    marked = [replace(row, text=f"{row.text} Sent from my phone") if n < 60 else row for n, row in enumerate(listed)]
    for said, expected in (("Sent from", ("FAIL", 1)), ("nothing of it", ("PASS", 0))):
        report = run_audits(_function(lambda text, said=said: 0.3 + 0.3 * (said in text)), marked, ["prompt_artifacts"])
        found = report.audits["prompt_artifacts"]
        assert {f.between for f in found.intervention if f.judged} == {("Sent from my phone", "nothing")}
        assert (found.verdict, report.exit_code) == expected
        assert found.expectation == "irrelevant"


@pytest.mark.parametrize("end", ["many thanks", "thank you so much", "the best", "#fail", "<3"])
def test_an_end_that_its_writers_mean_decides_nothing(end: str) -> None:
    """A model may read it; beside the residue of a mail program, which decides, it is described."""
    plain = [replace(row, text=f"{row.text} {end}") if n < 60 else row for n, row in enumerate(rows(160))]
    mailed = [replace(row, text=f"Subject: {row.text}") if n > 100 else row for n, row in enumerate(plain)]
    for listed in (plain, mailed):
        report = run_audits(_function(lambda text: 0.3 + 0.3 * (end in text)), listed, ["prompt_artifacts"])
        assert report.audits["prompt_artifacts"].verdict not in ("FAIL", "WARN")
        said = [f.verdict for f in report.audits["prompt_artifacts"].intervention if f.between == (end, "nothing")]
        assert {*said} <= {"NOTE"}
        assert report.exit_code != 1


def test_of_a_prompted_model_every_template_decides() -> None:
    assert deciding(RESIDUE, SimpleNamespace(prompt="a template")).judge.gate == "always"
    assert deciding(RESIDUE, _function(brittle)).judge.gate == "rows"


def test_of_a_model_without_a_prompt_only_what_rows_carry_decides(leaning: Path) -> None:
    classifier = TextClassifier.from_pretrained(str(leaning / "my-model"), device="cpu")
    report = run_audits(classifier, rows(40), ["prompt_artifacts"], edits=240, discovery=False)
    assert report.settings["audits"]["prompt_artifacts"]["gate"] == "rows"
    assert report.audits["prompt_artifacts"].expectation == "exploratory"


@pytest.mark.parametrize("redact", [False, True])
def test_a_finished_run_is_judged_again_alike_and_decides_once_asked(redact: bool) -> None:
    report = run_audits(_function(brittle), rows(framed=2), ["prompt_artifacts", "length"], redact=redact)
    assert report.evidence is not None
    scored, edits = report.evidence
    evidence = Evidence.of(list(scored), list(edits), report.model.labels, 0)
    again = judge_again(report, evidence, AUDITS.values(), {})
    verdicts = {name: found.verdict for name, found in again.audits.items()}
    assert verdicts == {name: found.verdict for name, found in report.audits.items()}
    assert verdicts == {"prompt_artifacts": "FAIL", "length": "NOTE"}
    asked = judge_again(report, evidence, AUDITS.values(), {"length": {"level": "error"}})
    assert asked.audits["length"].verdict == "FAIL"


def test_no_format_calls_it_a_fail() -> None:
    report = run_audits(_function(brittle), rows(), ["prompt_artifacts", "length"])
    assert report.exit_code == 0
    for name in ("json", "terminal", "html", "markdown", "junit", "github", "sarif", "model_card"):
        text = REPORTERS[name](report)
        assert "NOTE" in text, name
        if name == "json":
            text = text[text.index('"audits"') : text.index('"calibration"')]
        assert "badge v-fail" not in text.replace("  ", " "), name
        text = re.sub(r"<dl.*?</dl>", "", text, flags=re.DOTALL)  # all numbers of the self-calibration
        assert not re.search(r"[\">*]FAIL\b|^ *FAIL |<failure|::error", text, re.MULTILINE), name
    assert json.loads(REPORTERS["gitlab"](report)) == []
    assert json.loads(REPORTERS["sarif"](report))["runs"][0]["results"] == []


def _function(probability: Any) -> Any:
    return TextClassifier.from_function(
        lambda texts: [[1 - probability(text), probability(text)] for text in texts], ["negative", "positive"]
    )

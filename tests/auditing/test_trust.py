"""Accuracy stands at the top of every format, and whatever speaks against the verdicts stands beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix

from tests import make_report
from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.judge_again import judge_again
from token_saliency.auditing.judging.case import bounded
from token_saliency.auditing.known import with_known
from token_saliency.auditing.trust import performance, trusted
from token_saliency.errors import OptionError, command_line
from token_saliency.report import Report
from token_saliency.reporters import REPORTERS
from token_saliency.results import Example, ScoredRow
from token_saliency.store.evidence import Evidence

CLASSES = ["negative", "neutral", "positive"]
SHOWN = ("terminal", "html", "markdown", "junit", "sarif", "github", "model_card", "json")


def scored(pairs: Sequence[tuple[str | None, str]]) -> list[ScoredRow]:
    return [ScoredRow(str(n), "text", None, label, guess, (0.2, 0.3, 0.5)) for n, (label, guess) in enumerate(pairs)]


PAIRS: list[tuple[str | None, str]] = [
    *[("negative", "negative")] * 31,
    *[("negative", "positive")] * 4,
    *[("positive", "positive")] * 50,
    *[("positive", "neutral")] * 3,
    *[("neutral", "positive")] * 7,
    *[(None, "positive")] * 90,
]


def test_accuracy_by_class_and_in_pairs_counts_labelled_rows_alone() -> None:
    found = performance(scored(PAIRS), CLASSES)
    assert found is not None
    assert found.rows == 95
    assert found.accuracy == pytest.approx(81 / 95)
    assert found.interval == pytest.approx(tuple(binomtest(81, 95).proportion_ci(0.95, method="wilson")))
    truth = [(label, guess) for label, guess in PAIRS if label is not None]
    matrix = confusion_matrix([label for label, _ in truth], [guess for _, guess in truth], labels=CLASSES)
    assert [[found.confusion[a].get(b, 0) for b in CLASSES] for a in CLASSES] == matrix.tolist()
    assert {name: (one.rows, one.predicted) for name, one in found.by_class.items()} == {
        name: (int(matrix[k].sum()), int(matrix[:, k].sum())) for k, name in enumerate(CLASSES)
    }
    assert found.by_class["neutral"].accuracy == 0


def test_without_labels_or_classes_there_is_no_accuracy() -> None:
    assert performance(scored([(None, "positive")]), CLASSES) is None
    assert performance(scored([("3.5", "score")]), ["score"]) is None


def test_one_class_for_everything_agrees_as_chance_does_and_is_not_below_it() -> None:
    found = performance(scored([("negative", "positive")] * 90 + [("positive", "positive")] * 10), CLASSES)
    assert found is not None
    assert not found.below_chance
    assert found.chance == pytest.approx(found.accuracy)


def rows(count: int = 120, *, swapped: bool = False) -> list[Example]:
    named = ["negative", "positive"][:: -1 if swapped else 1]
    texts = [f"We saw day{n} and it was {('dull', 'good')[n % 2]} to us{'.!'[n % 3 == 0]}" for n in range(count)]
    return [Example(str(n), text, label=named[n % 2]) for n, text in enumerate(texts)]


def classifier() -> Any:
    return TextClassifier.from_function(
        lambda texts: [[0.9, 0.1] if "dull" in text else [0.1, 0.9] for text in texts], ["negative", "positive"]
    )


@pytest.fixture(scope="module")
def swapped() -> Report:
    return run_audits(classifier(), rows(swapped=True), ["punctuation"])


@pytest.mark.parametrize("name", SHOWN)
def test_every_format_says_accuracy_and_doubt(swapped: Report, name: str) -> None:
    text = " ".join(REPORTERS[name](swapped).split())
    assert "less than chance" in text
    assert ("0.000" in text) if name != "json" else json.loads(REPORTERS[name](swapped))["performance"]["rows"] == 120
    straight = " ".join(REPORTERS[name](run_audits(classifier(), rows(), ["punctuation"])).split())
    assert "less than chance" not in straight


def test_advice_names_how_many_rows_are_there() -> None:
    plain = make_report.inconclusive()
    audit = replace(next(iter(plain.audits.values())), advice="Give it more rows (rows_limit) and edits (edits).")
    report = replace(plain, audits={audit.name: audit})
    said = [trusted(report, [], there).audits[audit.name].advice for there in (4000, 400)]
    assert said == [
        "Give it more rows (rows_limit=None: 4,000 are there) and edits (edits).",
        "Give it more rows (more data: all 400 were used) and edits (edits).",
    ]
    typed = replace(audit, advice="Give it more rows (--rows).")
    report = replace(plain, audits={audit.name: typed})
    with command_line():
        assert "(--rows all: 4,000 are there)" in trusted(report, [], 4000).audits[audit.name].advice


def test_an_item_has_one_number_and_no_interval_leaves_what_a_probability_can_do() -> None:
    listed = [Example(f"{n}", f"We saw day{n}.", label="positive") for n in range(40)]
    jumping = TextClassifier.from_function(
        lambda texts: [[p, 1 - p] for p in (0.01 + 0.98 * ("###" in t and len(t) % 2) for t in texts)],
        ["negative", "positive"],
    )
    found = run_audits(jumping, listed, ["prompt_artifacts"]).audits["prompt_artifacts"]
    shifts = {f.between[0]: f for f in found.intervention if f.between and f.claim == "shift"}
    lines = {line.item: line for line in found.worst_items}
    assert {"###", "Review:"} <= lines.keys() & shifts.keys()
    assert {name: (one.effect, one.interval) for name, one in lines.items()} == {
        name: (shifts[name].effect, shifts[name].interval) for name in lines
    }
    bounds = [bound for f in found.intervention for bound in f.interval]
    assert all(-1 <= bound <= 1 for bound in bounds)
    assert bounded((-1.4, 0.2), ["a", "b"]) == (-1.0, 0.2)
    assert bounded((-1.4, 2.0), ["score"]) == (-1.4, 2.0)


def test_in_junit_a_doubt_is_shown_and_fails_nothing(swapped: Report) -> None:
    root = ET.fromstring(REPORTERS["junit"](swapped))
    (doubt,) = [case for case in root.iter("testcase") if case.get("name") == "doubts"]
    assert "less than chance" in str(doubt.find("skipped").get("message"))  # type: ignore[union-attr]
    assert (root.get("failures"), root.get("errors")) == ("0", "0")


@pytest.mark.parametrize("name", SHOWN[:-1])
@pytest.mark.parametrize("change", [{"failed": 2}, {"flagged": 9, "interval": (0.26, 0.66)}])
def test_a_run_that_cries_wolf_says_so_in_every_format(name: str, change: dict[str, Any]) -> None:
    plain = make_report.clean()
    assert plain.calibration is not None
    report = replace(plain, calibration=replace(plain.calibration, **change))
    assert "cry wolf" in " ".join(REPORTERS[name](report).split())


def test_doubt_changes_the_exit_code_only_where_that_is_asked(swapped: Report) -> None:
    assert swapped.exit_code == 0
    asked = run_audits(classifier(), rows(swapped=True), ["punctuation"], on_doubt="undecided")
    assert (asked.verdict, asked.exit_code) == (swapped.verdict, 5)
    assert with_known(asked, [], date(2026, 1, 1)).exit_code == 5
    assert asked.evidence is not None
    scored_rows, edits = asked.evidence
    evidence = Evidence.of(list(scored_rows), list(edits), asked.model.labels, 0)
    audits = load_audits(["punctuation"]).values()
    assert judge_again(asked, evidence, audits, {}).exit_code == 5
    assert judge_again(asked, evidence, audits, {}, on_doubt="note").exit_code == 0
    assert run_audits(classifier(), rows(), ["punctuation"], on_doubt="undecided").exit_code == 0
    with pytest.raises(OptionError, match="undecided"):
        run_audits(classifier(), rows(), ["punctuation"], on_doubt="maybe")


def test_a_list_that_covers_few_rows_is_named_and_changes_no_exit_code() -> None:
    listed = [*rows(360), *[Example(f"n{n}", f"{name} saw day{n}.") for n, name in enumerate(("Susan", "Kevin") * 16)]]
    report = run_audits(classifier(), listed, ["names", "punctuation"], on_doubt="undecided")
    (doubt,) = report.doubts
    assert "names in 32" in doubt
    assert "punctuation" not in doubt
    assert report.exit_code != 5 or report.verdict == "INCONCLUSIVE"

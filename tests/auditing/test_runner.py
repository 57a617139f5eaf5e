"""A whole run on a tiny trained classifier: what is promised of order, batches, errors and the caller's model."""

from __future__ import annotations

import csv
import json
import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from token_saliency import TextClassifier, compare_runs, run_audits
from token_saliency.auditing.audit import Audit
from token_saliency.auditing.run import Plan
from token_saliency.errors import DataError, ModelError, OptionError
from token_saliency.report import Report, load_report
from token_saliency.results import DISCLAIMER
from token_saliency.store import dump_report, read_rows

AUDITS = ["names", "punctuation"]


@pytest.fixture(scope="session")
def rows(leaning: Path) -> list[dict[str, str]]:
    with (leaning / "held_out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def classifier(leaning: Path) -> TextClassifier:
    return TextClassifier.from_pretrained(str(leaning / "my-model"), device="cpu")


@pytest.fixture(scope="session")
def report(classifier: TextClassifier, rows: list[dict[str, str]]) -> Report:
    return run_audits(classifier, rows, AUDITS, edits=2000)


def numbers(report: Report) -> list[Any]:
    return [
        (name, audit.verdict, finding.claim, finding.between, finding.verdict, pytest.approx(finding.effect, abs=1e-4))
        for name, audit in report.audits.items()
        for finding in audit.intervention
    ]


def test_the_planted_mark_fails_and_the_innocent_names_do_not(report: Report) -> None:
    assert report.audits["punctuation"].verdict == "FAIL"
    assert report.audits["names"].verdict != "FAIL"
    assert (report.verdict, report.exit_code) == ("FAIL", 1)
    assert report.disclaimer == DISCLAIMER


def test_order_and_batch_size_change_no_verdict_and_no_effect(
    leaning: Path, rows: list[dict[str, str]], report: Report
) -> None:
    small = TextClassifier.from_pretrained(str(leaning / "my-model"), device="cpu", batch_tokens=64)
    mixed = random.Random(5).sample(rows, len(rows))
    assert numbers(run_audits(small, mixed, AUDITS, edits=2000)) == numbers(report)


def test_a_report_survives_its_file(report: Report, tmp_path: Path) -> None:
    report.save(str(tmp_path / "run"))
    assert dump_report(load_report(tmp_path / "run")) == dump_report(report)


def test_a_saved_report_is_a_whole_run(report: Report, rows: list[dict[str, str]], tmp_path: Path) -> None:
    report.save(str(tmp_path / "run"))

    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        "report.json", "report.html", "rows.parquet", "edits.parquet",
    }  # fmt: skip
    assert {row.text for row in read_rows(tmp_path / "run" / "rows.parquet")} <= {row["text"] for row in rows}
    found = {audit.name: audit for audit in compare_runs(tmp_path / "run", tmp_path / "run").audits}
    assert found["punctuation"].change == "same"
    assert {claim.difference for audit in found.values() for claim in audit.claims} == {0.0}


def test_what_was_read_from_a_file_has_no_rows_to_write(report: Report, tmp_path: Path) -> None:
    report.save(str(tmp_path / "run"))
    record = json.loads((tmp_path / "run" / "report.json").read_bytes())
    assert "evidence" not in record
    (tmp_path / "run" / "report.json").write_text(json.dumps(record | {"evidence": [["row"], ["edit"]]}))

    load_report(tmp_path / "run").save(str(tmp_path / "again"))

    assert {path.name for path in (tmp_path / "again").iterdir()} == {"report.json", "report.html"}


def test_a_report_without_rows_is_not_put_beside_those_of_another_run(report: Report, tmp_path: Path) -> None:
    report.save(str(tmp_path / "run"))
    read = load_report(tmp_path / "run")
    other = replace(read, dataset=replace(read.dataset, fingerprint="another"))
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}

    with pytest.raises(OptionError, match=r"another run, with its rows\.parquet and edits\.parquet"):
        other.save(str(tmp_path / "run"))
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before
    replace(read, warnings=["more"]).save(str(tmp_path / "run"))
    assert load_report(tmp_path / "run").warnings == ["more"]


def test_the_plan_is_what_is_spent_on_predictions(classifier: TextClassifier, rows: list[dict[str, str]]) -> None:
    plans: list[Plan] = []
    done: list[tuple[str, int, int]] = []
    report = run_audits(
        classifier,
        rows,
        AUDITS,
        edits=600,
        exhaustive=True,
        on_plan=plans.append,
        on_progress=lambda *step: done.append(step),
    )
    assert plans[0].rows == 240
    # The model sees every distinct edited text once, and every row once; a gradient is a forward pass as well.
    planned, spent = plans[0].forward - plans[0].backward, report.cost.forward - report.cost.backward
    assert spent <= planned <= 1.25 * spent
    assert {stage for stage, _, _ in done} == {"predict", "explain", "edits", "shown"}
    assert all(d == t for (s, d, t) in done if (s, t) == (done[-1][0], done[-1][2]) and (s, d, t) == done[-1])


def test_a_broken_audit_is_an_error_that_stops_no_other(
    classifier: TextClassifier, rows: list[dict[str, str]], punctuation: Audit
) -> None:
    broken = replace(punctuation, name="broken", find=replace(punctuation.find, matcher="no such matcher"))
    report = run_audits(classifier, rows, [broken, punctuation], edits=600)
    assert report.audits["broken"].verdict == "ERROR"
    assert "KeyError" in report.audits["broken"].reason
    assert report.audits["punctuation"].verdict == "FAIL"
    assert (report.verdict, report.exit_code) == ("ERROR", 2)


def test_levels_and_margins_of_the_user_are_obeyed(classifier: TextClassifier, rows: list[dict[str, str]]) -> None:
    config = {"punctuation": {"level": "warn"}, "names": {"level": "off"}}
    report = run_audits(classifier, rows, AUDITS, edits=600, config=config)
    assert report.audits["punctuation"].verdict == "WARN"
    assert "names" not in report.audits
    assert any("names is off" in warning for warning in report.warnings)


def test_unlabelled_rows_run_and_say_what_was_not_run(classifier: TextClassifier, rows: list[dict[str, str]]) -> None:
    report = run_audits(classifier, [row["text"] for row in rows], AUDITS, edits=600)
    assert any("lean was not run" in warning for warning in report.warnings)
    assert report.exit_code == 1


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"rows_limit": 0}, OptionError, "at least 1"),
        ({"rows_limit": "all"}, OptionError, "None for all"),
        ({"edits": 5}, OptionError, "at least 100"),
        ({"edits": "many"}, OptionError, "whole number, not 'many'"),
        ({"audits": ","}, OptionError, "names no audit"),
        ({"audits": [["names"]]}, OptionError, r"audits holds \['names'\], which names no audit"),
        ({"audits": [None]}, OptionError, "names no audit"),
        ({"audits": "names", "config": {"names": {"level": "off"}}}, OptionError, "Nothing is left to run: names: off"),
        ({"fail_on": "sometimes"}, OptionError, "sometimes"),
        ({"audits": ["nams"]}, OptionError, "names"),
        ({"config": {"nams": {}}}, OptionError, "names"),
        ({"config": {"names": {"margn": 0.1}}}, OptionError, "margin"),
        ({"config": {"names": {"margin": -3}}}, OptionError, r"`margin` is -3; it must lie between 0 and 1"),
        ({"config": {"names": {"margin": "big"}}}, OptionError, r"`margin` must be a number, not 'big'"),
        ({"config": {"names": {"margin": math.nan}}}, OptionError, r"`margin` is nan; it must lie between 0 and 1"),
        ({"config": {"names": {"level": "loud"}}}, OptionError, r"`level` is 'loud', which does not exist.*off, warn"),
        ({"config": {"names": {"min_rows": -5}}}, OptionError, r"`min_rows` must be a whole number of at least 1"),
        ({"config": {"names": 0.1}}, OptionError, "options of audit names are a table"),
        ({"config": {"demographics": {"margin": -3}}}, OptionError, "`margin` is -3"),
        ({"audits": []}, OptionError, "audits is empty"),
        ({"audits": ""}, OptionError, "audits is empty"),
        ({"method": "magic"}, OptionError, "magic"),
        ({"target": "lovely"}, OptionError, "positive"),
        ({"baseline": "sky"}, OptionError, "mask"),
    ],
)
def test_values_that_do_not_exist_are_told_with_those_that_do(
    classifier: TextClassifier, rows: list[dict[str, str]], options: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        run_audits(classifier, rows, **({"audits": AUDITS} | options))


def test_what_is_no_classifier_is_told(classifier: TextClassifier) -> None:
    with pytest.raises(ModelError, match=r"BertForSequenceClassification is no classifier.*TextClassifier\(model"):
        run_audits(classifier.model, ["a text"])  # type: ignore[arg-type]


def test_no_rows_and_missing_labels_are_told(classifier: TextClassifier) -> None:
    with pytest.raises(DataError, match="no rows"):
        run_audits(classifier, [], AUDITS)
    with pytest.raises(DataError, match="label"):
        run_audits(classifier, ["a text"], AUDITS, target="label")


def test_the_callers_model_is_left_as_it_was(leaning: Path, rows: list[dict[str, str]]) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(leaning / "my-model").train()
    tokenizer = AutoTokenizer.from_pretrained(leaning / "my-model")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    run_audits(TextClassifier(model, tokenizer), rows[:60], ["punctuation"], edits=200)
    assert model.training
    assert all(parameter.grad is None and parameter.requires_grad for parameter in model.parameters())
    assert all((before[name] == value).all() for name, value in model.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_audits_that_nobody_named_and_that_find_nothing_do_not_apply(make: Any) -> None:
    def probabilities(texts: list[str]) -> np.ndarray[Any, Any]:
        return np.array([[1 - p, p] for p in map(make.sentiment, texts)])

    rows = make.reviews(60, correlated=False)
    clean = TextClassifier.from_function(probabilities, ["negative", "positive"])
    every = run_audits(clean, rows, edits=300, discovery=False, method="random")
    named = run_audits(clean, rows, ["markup"], edits=300, discovery=False, method="random")
    config = {"markup": {"level": "warn"}}
    asked = run_audits(clean, rows, edits=300, discovery=False, method="random", config=config)

    assert "markup" not in every.audits
    assert "punctuation" in every.audits
    assert any(note.startswith("markup: not run, none of these rows") for note in every.warnings)
    assert (named.audits["markup"].verdict, named.exit_code) == ("INCONCLUSIVE", 5)
    assert asked.audits["markup"].verdict == "INCONCLUSIVE"

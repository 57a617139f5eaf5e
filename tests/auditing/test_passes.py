"""All rows roughly, the shown ones to tolerance: what is spent, what is kept, what is compared with what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.evidence.asking import How
from token_saliency.auditing.evidence.explain_rows import SAMPLES, rough
from token_saliency.auditing.judge_again import judge_again
from token_saliency.auditing.run import run_audits
from token_saliency.results import Edit, Report, ScoredRow
from token_saliency.store import save_run
from token_saliency.store.evidence import read_evidence
from token_saliency.text.classifier import TextClassifier

Run = tuple[Report, Mapping[str, ScoredRow], Sequence[Edit]]


@pytest.fixture(scope="module")
def run(leaning: Path) -> Run:
    classifier = TextClassifier.from_pretrained(str(leaning / "my-model"), device="cpu")
    found: list[tuple[Mapping[str, ScoredRow], Sequence[Edit]]] = []
    report = run_audits(
        classifier,
        str(leaning / "held_out.csv"),
        ["punctuation"],
        rows_limit=60,
        edits=300,
        on_evidence=lambda rows, edits: found.append((rows, edits)),
    )
    return report, *found[0]


def test_only_the_rows_that_are_shown_are_explained_to_tolerance(run: Run) -> None:
    report, rows, _ = run
    shown = {example.row for example in report.audits["punctuation"].examples}
    assert shown
    for row in rows.values():
        assert (row.evaluations > SAMPLES) == (row.id in shown)
        assert (row.completeness_error is not None) == (row.id in shown)
        assert bool(row.sampled) == (row.id in shown)
    exact = {example.row: example.tokens for example in report.audits["punctuation"].examples}
    assert all(list(rows[row].tokens) == tokens for row, tokens in exact.items())
    assert not any("tolerance" in warning for warning in report.warnings)
    assert "gradients a row" in report.settings["attribution"]


def test_the_gradients_spent_are_those_of_the_samples_and_of_the_shown_rows(run: Run) -> None:
    report, rows, _ = run
    expected = sum(row.evaluations + (SAMPLES if row.sampled else 0) for row in rows.values())
    assert report.cost.backward == expected


def test_a_run_judged_again_from_its_files_shows_and_shares_the_same(run: Run, tmp_path: Path) -> None:
    report, rows, edits = run
    save_run(report, rows.values(), edits, tmp_path)
    again = judge_again(
        report,
        read_evidence(tmp_path, report.model.labels, 0),
        load_audits(["punctuation"]).values(),
        {"punctuation": {"margin": 0.2}},
    )
    assert again.audits["punctuation"].attribution == report.audits["punctuation"].attribution
    assert again.audits["punctuation"].examples == report.audits["punctuation"].examples


def test_a_method_without_samples_explains_every_row_as_asked() -> None:
    how = How("smoothgrad", "predicted", None, 0)
    assert rough(how) == how

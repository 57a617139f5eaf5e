"""The promise of the demo, whole: both planted shortcuts are found, nothing that was left clean is called one."""

from __future__ import annotations

from token_saliency.auditing.definition import load_audits
from token_saliency.auditing.runner import run_audits
from token_saliency.demo import as_planted, build, summary
from token_saliency.text.classifier import TextClassifier


def test_the_audit_of_the_demo_finds_what_was_planted_and_nothing_else() -> None:
    demo = build(seed=0)
    classifier = TextClassifier(demo.model, demo.tokenizer)
    report = run_audits(classifier, demo.rows, demo.audits, audits_dir=demo.audits_dir, edits=4000, method="gradient")

    assert as_planted(report, demo), summary(report, demo)
    assert report.exit_code == 1
    assert demo.accuracy > 0.87
    assert [line.what for line in summary(report, demo)] == [feature.what for feature in demo.planted] + demo.clean


def test_the_control_audit_of_the_demo_is_not_in_the_catalogue() -> None:
    assert "places" not in load_audits()

"""What the demo hands to an audit. That the audit then finds what was planted is a test of the command."""

from __future__ import annotations

from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.demo.shortcuts import CLEAN, PLANTED
from token_saliency.resources import shipped


def test_the_control_audit_of_the_demo_is_not_in_the_catalogue() -> None:
    assert "places" not in load_audits()
    assert "places" in load_audits(None, shipped("audits") / "demo")


def test_each_planted_and_clean_feature_has_an_audit() -> None:
    audits = load_audits(None, shipped("audits") / "demo")

    for feature in (*PLANTED, *CLEAN):
        audit = audits[feature.audit]
        assert audit.expectation == "irrelevant"
        assert audit.level == "error"
        assert feature.item is None or feature.item in audit.edit.panel

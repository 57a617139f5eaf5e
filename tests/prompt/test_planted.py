"""A model that leans on a mark of the row and on the order of the labels is found out, and its clean twin is not."""

from __future__ import annotations

from benchmarks.planted.language_models import audited, trained


def test_both_shortcuts_fail() -> None:
    assert audited(trained(0, planted=True), 0) == {"punctuation": "FAIL", "label_order": "FAIL"}


def test_the_clean_twin_raises_no_alarm() -> None:
    assert set(audited(trained(0, planted=False), 0).values()) <= {"PASS", "INCONCLUSIVE"}

"""Rows of one author that move together: the column is named, and nothing is said of one without meaning."""

from __future__ import annotations

import random
import re
from typing import Any

import numpy as np
import pytest

from token_saliency import Report, TextClassifier, run_audits
from token_saliency.auditing.evidence.dependent_rows import intraclass


def audited(spread: float, seed: int, **options: Any) -> Report:
    """160 rows of 20 authors; `!` is worth +-`spread` in the rows of one author, beside a noise of the text."""
    draw = random.Random(seed)
    habits = {f"a{n}": draw.choice([-spread, spread]) for n in range(20)}
    rows = [
        {
            "text": f"Writer a{n % 20} saw sight number {n}{'.!'[n // 20 % 2]}",
            "author": f"a{n % 20}",
            "page": str(n % 16),
        }
        for n in range(160)
    ]
    draw.shuffle(rows)

    def predict(texts: list[str]) -> Any:
        p = [
            0.5
            + habits.get("".join(re.findall(r"a\d+", text)), 0.0) * ("!" in text)
            + 0.02 * (random.Random(text).random() - 0.5)
            for text in texts
        ]
        return np.stack([1 - np.array(p), p], axis=1)

    classifier = TextClassifier.from_function(predict, ["no", "yes"])
    return run_audits(
        classifier, rows, audits=["punctuation"], method="random", discovery=False, text="text", seed=seed, **options
    )


def told(report: Report) -> list[str]:
    return [note for note in report.warnings if "move together" in note]


def test_the_column_whose_rows_move_together_is_named_with_the_option() -> None:
    (note,) = told(audited(0.1, 0))

    assert "Rows of one author move together" in note
    assert "cluster='author'" in note
    assert "in 20 groups" in note


def test_nothing_is_said_where_the_column_is_the_cluster_or_explains_nothing() -> None:
    assert told(audited(0.1, 0, cluster="author")) == []
    assert [told(audited(0.0, seed)) for seed in range(4)] == 4 * [[]]


def test_the_correlation_is_that_of_the_variances() -> None:
    draw = np.random.default_rng(0)
    groups = [draw.normal(mean, 1.0, 40) for mean in draw.normal(0.0, 1.0, 300)]
    found = intraclass(groups)

    assert found is not None
    correlation, p, inflation = found
    assert correlation == pytest.approx(0.5, abs=0.06)
    assert p < 1e-6
    assert inflation == pytest.approx(1 + 39 * correlation)
    assert intraclass([np.zeros(3), np.zeros(3)]) is None
    assert intraclass([np.ones(1), np.zeros(1)]) is None


def test_groups_without_meaning_are_rarely_called_together() -> None:
    draw = np.random.default_rng(1)
    ps = [intraclass(list(draw.normal(size=(20, 6)))) for _ in range(400)]

    assert 0.02 < np.mean([found is not None and found[1] < 0.05 for found in ps]) < 0.09

"""Two runs beside each other, on classifiers whose reliance is known: what has grown, and what cannot be told."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.compare import compare, compare_runs, exit_code
from token_saliency.auditing.growth import Bar, Growth, decide, mover
from token_saliency.auditing.pairing import Run
from token_saliency.errors import DataError, OptionError
from token_saliency.results import ComparedAudit, ComparedClaim, Comparison, Example
from token_saliency.runs import save_run

LABELS = ["negative", "positive"]
Audited = Callable[..., Run]


def reliant(make: SimpleNamespace, names: float = 0.0, mark: float = 0.0, noise: float = 0.5) -> Callable[[str], float]:
    """A classifier in which group A against B is worth `names`, a final `!` `mark`, in probability near one half.

    Its noise belongs to the text, and is the same in every such classifier: two checkpoints of one training.
    """
    draw = __import__("random").Random

    def probability(text: str) -> float:
        group = sum(n in text for n in make.groups["A"]) - sum(n in text for n in make.groups["B"])
        logit = 2 * names * group + 4 * mark * ("!" in text) + noise * (draw(text).random() - 0.5)
        return 1 / (1 + math.exp(-logit))

    return probability


@pytest.fixture(scope="session")
def audited(make: SimpleNamespace) -> Audited:
    def run(probability: Callable[[str], float], rows: list[Example], **options: Any) -> Run:
        def predict(texts: list[str]) -> Any:
            return np.array([[1 - (p := probability(text)), p] for text in texts])

        classifier = TextClassifier.from_function(predict, LABELS)
        kept: list[Any] = []
        options = {"audits": ["names"], "edits": 2500, "method": "random"} | options
        report = run_audits(classifier, rows, **options, on_evidence=lambda *evidence: kept.append(evidence))
        model = replace(report.model, id=options.get("dataset_id") or "a model")
        return Run("run", replace(report, model=model), dict(kept[0][0]), list(kept[0][1]))

    return run


def named(run: Run, name: str) -> Run:
    return replace(run, report=replace(run.report, model=replace(run.report.model, id=name)))


def claim(found: Comparison, name: str, audit: str = "names", between: Any = None) -> ComparedClaim:
    (audit_found,) = (each for each in found.audits if each.name == audit)
    return next(c for c in audit_found.claims if c.claim == name and c.between == between and c.judged)


def test_a_regression_shows_in_pairs_where_two_audits_could_not_tell(make: SimpleNamespace, audited: Audited) -> None:
    rows = make.reviews(120, correlated=True)
    a = named(audited(reliant(make, 0.06), rows), "before")
    b = named(audited(reliant(make, 0.09), rows), "after")
    found = compare(a, b)
    lean, ours, theirs = claim(found, "lean"), *(_lean(run) for run in (a, b))

    print(lean, ours.interval, theirs.interval)
    assert (found.kind, lean.paired) == ("models", True)
    assert (lean.change, found.change, found.exit_code) == ("worse", "worse", 1)
    assert 0.02 < lean.difference < 0.04
    assert ours.interval[1] > theirs.interval[0], "the separate intervals overlap"
    assert lean.effect_a == pytest.approx(ours.effect)
    assert lean.effect_b == pytest.approx(theirs.effect)


def _lean(run: Run) -> Any:
    return next(f for f in run.report.audits["names"].intervention if f.claim == "lean")

"""Pairs of texts: what only the second ones hold is edited nowhere, so nothing passes for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from token_saliency.auditing.run import run_audits
from token_saliency.report import Report
from token_saliency.text.function.classifier_of import function_classifier

ROWS = 80


def audited(seconds: tuple[str, str], **given: Any) -> Report:
    """Of a model that goes by the mark at the end of the second text, and rows whose first texts all have marks."""

    def answers(texts: Any) -> Any:
        up = np.array([0.4 + 0.3 * text[1].endswith("!") for text in texts])
        return np.stack([1 - up, up], axis=1)

    rows = [
        {"text": f"The day number {n} was long{'!.'[n % 2]}", "text_pair": f"He said {n + ROWS} {seconds[n // 2 % 2]}"}
        for n in range(ROWS)
    ]
    model = function_classifier(answers, ["a", "b"], pairs=True)
    return run_audits(model, rows, ["punctuation"], method="random", exhaustive=True, progress=False, **given)


@pytest.mark.parametrize("redact", [False, True])
def test_marks_in_second_texts_are_edited_nowhere_and_forbid_a_pass(redact: bool) -> None:
    found = audited(("so!", "so."), redact=redact, discovery=False).audits["punctuation"]

    assert found.verdict == "INCONCLUSIVE"
    assert f"{ROWS} of the second ones hold what is looked for" in found.reason
    assert "exchange their columns" in found.advice
    assert all(one.verdict == "PASS" for one in found.intervention if one.judged)
    assert found.coverage.spans == ROWS


def test_second_texts_without_a_mark_leave_the_pass_as_it_is() -> None:
    report = audited(("so", "so"), discovery=True)
    found = report.audits["punctuation"]

    assert found.verdict == "PASS"
    assert any("first texts alone were searched" in said for said in report.warnings)
    assert "second" not in found.reason

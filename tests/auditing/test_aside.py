"""What all items of a sample do alike: exchanges do not show it, the words that take their places beside them do."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from token_saliency import TextClassifier
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.run import run_audits
from token_saliency.results import AuditResult

NAMES = [*load_audits(["names"])["names"].edit.panel]


def audited(pushed: list[str], push: float) -> AuditResult:
    def answers(texts: list[str]) -> Any:
        own = [0.4 + push * (words.split()[0] in pushed) + 0.001 * (len(words) % 7) for words in texts]
        return np.array([[1 - one, one] for one in own])

    draw = random.Random(0)
    words = "we saw plot cast town met day kind thin then left came home late road".split()
    texts = [f"{draw.choice(NAMES)} told me that {' '.join(draw.choices(words, k=8))}" for _ in range(130)]
    return run_audits(
        TextClassifier.from_function(answers, ["a", "b"]), [{"text": text} for text in texts], ["names"],
        method="random", discovery=False, progress=False, edits=5000,
    ).audits["names"]  # fmt: skip


@pytest.mark.parametrize("push", [0.15, -0.15])
def test_any_name_at_all_that_moves_the_output_is_a_warning(push: float) -> None:
    result = audited(NAMES, push)

    assert {one.verdict for one in result.intervention if one.judged} == {"PASS"}
    assert result.verdict == "WARN"
    assert f"move P(b) by {push:+.2f}" in result.reason
    assert result.reason.startswith("Given names in place of other words (")
    assert "no exchange of them for one another shows it" in result.reason.lower()
    assert result.advice.startswith("Read the edited pairs beside their controls")


@pytest.mark.parametrize(("pushed", "push"), [(NAMES, 0.0), (NAMES, 0.04), ([], 0.15)])
def test_what_is_none_or_inside_the_margin_passes(pushed: list[str], push: float) -> None:
    result = audited(pushed, push)

    assert result.verdict == "PASS"
    assert not any("in place of other words" in note for note in result.notes)

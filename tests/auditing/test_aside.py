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

    (found,) = (one for one in result.intervention if one.between == ("given names", "control words"))
    others = {one.verdict for one in result.intervention if one.judged and one is not found}
    assert (others, found.verdict, result.verdict, found.judged) == ({"PASS"}, "WARN", "WARN", True)
    assert found.effect == pytest.approx(push, abs=0.01)
    assert result.reason.startswith(f"Given names in place of control words move P(b) by {push:+.2f}")
    assert "no exchange for one another shows it" in result.reason


@pytest.mark.parametrize(("pushed", "push"), [(NAMES, 0.0), (NAMES, 0.04), ([], 0.15)])
def test_what_is_none_or_inside_the_margin_passes(pushed: list[str], push: float) -> None:
    result = audited(pushed, push)

    assert result.verdict == "PASS"
    assert not any("control words" in (one.between or ()) for one in result.intervention)

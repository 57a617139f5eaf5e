"""A model of pairs that never reads one of the two texts fails; one that reads both passes."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.auditing.judging.verdicts import gates
from token_saliency.results import AuditResult, Example

SEGMENTS = load_audits(["segments"])["segments"]
Answer = Callable[[str, str], float]


def sure(text: str) -> float:
    return 0.15 + 0.7 * (random.Random(text).random() < 0.5)


MODELS: dict[str, tuple[Answer, str]] = {
    "both": (lambda first, second: sure(first + second), "PASS"),
    "hypothesis only": (lambda _, second: sure(second), "FAIL"),
    "premise only": (lambda first, _: sure(first), "FAIL"),
    "neither": (lambda *_: 0.7, "FAIL"),
}


def judged(make: Any, answer: Answer, count: int = 200) -> AuditResult:
    words = ("man", "dog", "child", "horse", "nurse", "crowd")
    rows = [
        Example(
            str(n), f"The {words[n % 6]} of day {n} sat there in the sun.", text_pair=f"Somebody {words[n % 5]} {n}."
        )
        for n in range(count)
    ]
    case = make.answered(SEGMENTS, rows, lambda _: 0.5)

    def both(text: str, pair: str | None) -> tuple[float, float]:
        p = round(answer(text, pair or ""), 6)
        return 1 - p, p

    scored = {key: replace(row, probabilities=both(row.text, row.text_pair)) for key, row in case.rows.items()}
    edits = [replace(e, before=scored[e.row].probabilities, after=both(e.text, e.text_pair)) for e in case.edits]
    return judge_case(replace(case, rows=scored, edits=edits))


@pytest.mark.parametrize("model", MODELS)
def test_reading_both_is_health_and_never_reading_one_is_the_finding(make: Any, model: str) -> None:
    answer, verdict = MODELS[model]
    result = judged(make, answer)
    assert (result.verdict, gates(result)) == (verdict, True)
    by_text = {f.operator: f.verdict for f in result.intervention if f.judged}
    assert by_text == {
        "other_text": "FAIL" if model in ("hypothesis only", "neither") else "PASS",
        "other_pair": "FAIL" if model in ("premise only", "neither") else "PASS",
    }
    assert {f.claim for f in result.intervention if f.judged} == {"movement"}
    assert ("not read" if verdict == "FAIL" else "it is read") in result.reason


def test_too_few_pairs_decide_nothing(make: Any) -> None:
    assert judged(make, MODELS["hypothesis only"][0], 20).verdict == "INCONCLUSIVE"

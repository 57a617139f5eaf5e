"""That a text is left without the mark at its end is a claim of its own: swaps of marks cannot see it."""

from __future__ import annotations

import random
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from token_saliency import TextClassifier
from token_saliency.auditing.edits.operators import unstop
from token_saliency.auditing.judging.claims.beside import untold
from token_saliency.auditing.run import run_audits
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.results import AuditResult


def audited(push: float, rows: int = 120) -> AuditResult:
    """Every second row ends in a mark; texts without one have so much more of the class "b"."""

    def answers(texts: list[str]) -> Any:
        found = [0.4 + push * (text.rstrip()[-1:] not in ".!?") + 0.001 * (len(text) % 7) for text in texts]
        return np.array([[1 - one, one] for one in found])

    draw = random.Random(0)
    words = ["we", "saw", "plot", "cast", "town", "met", "friend", "day", "kind", "thin", "and", "then", "left", "came"]
    said = [" ".join(draw.choice(words) for _ in range(9)) for _ in range(rows)]
    texts = [f"{text}{'' if n % 2 else '.!'[n % 4 // 2]}" for n, text in enumerate(said)]
    return run_audits(
        TextClassifier.from_function(answers, ["a", "b"]),
        [{"text": text} for text in texts],
        ["punctuation"],
        method="random",
        discovery=False,
        progress=False,
    ).audits["punctuation"]


def test_a_model_that_reads_the_absence_of_the_last_mark_fails() -> None:
    found = audited(0.15)
    absent = [one for one in found.intervention if one.operator == "unstop"]

    assert found.verdict == "FAIL"
    assert {one.claim: one.verdict for one in absent} == {"shift": "FAIL", "movement": "FAIL"}
    assert all(one.judged and one.between == ("the mark at its end", "nothing") for one in absent)
    (shift,) = (one for one in absent if one.claim == "shift")
    assert shift.effect == pytest.approx(-0.15, abs=0.01)
    assert shift.reason.startswith("The presence of the mark at its end moves P(b) by")


def test_a_clean_model_passes_with_the_claim() -> None:
    found = audited(0.0)

    assert found.verdict == "PASS"
    assert {one.claim for one in found.intervention if one.operator == "unstop"} == {"shift", "movement"}


def test_what_the_rows_cannot_tell_is_noted_by_its_claim(punctuation: Any) -> None:
    shift, moved = (one for one in audited(0.05).intervention if one.operator == "unstop")
    left = [shift, replace(moved, verdict="INCONCLUSIVE")]

    assert untold(SimpleNamespace(audit=punctuation, spans={}), left) == [  # type: ignore[arg-type]
        "movement was not run for the mark at its end (60 rows): the rows cannot tell."
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("So it was.", "So it was"), ("So it was!!!", "So it was"), ("He said “no.”", "He said “no”"), ("a. b", "a. b")],
)
def test_only_the_mark_at_the_end_is_taken_away(punctuation: Any, text: str, expected: str) -> None:
    matches = [match for match in find_spans(text, punctuation) if match.kind == "terminal"]
    for match in matches[-1:]:
        text = unstop(text, match)
    assert text == expected

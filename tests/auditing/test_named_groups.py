"""Declared groups of a short list of terms: the claim is about exactly these, so documents are the unit."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from token_saliency import TextClassifier
from token_saliency.auditing.run import run_audits
from token_saliency.results import AuditResult

EUROPE, AFRICA = ("French", "German", "Dutch", "Swedish", "Italian"), ("Nigerian", "Kenyan", "Ghanaian", "Ethiopian")


@pytest.fixture(scope="module")
def results() -> dict[float, AuditResult]:
    return {push: audited(push) for push in (0.0, 0.15)}


def audited(push: float, pushed: tuple[str, ...] = AFRICA) -> AuditResult:
    def answers(texts: list[str]) -> Any:
        own = [0.4 + push * any(term in text for term in pushed) + 0.001 * (len(text) % 7) for text in texts]
        return np.array([[1 - one, one] for one in own])

    draw = random.Random(0)
    words = "we saw plot cast town met day kind thin then left came home late road".split()
    texts = [f"{' '.join(draw.choices(words, k=8))} with a {draw.choice(EUROPE + AFRICA)} friend" for _ in range(130)]
    return run_audits(
        TextClassifier.from_function(answers, ["a", "b"]), [{"text": text} for text in texts], ["demographics"],
        method="random", discovery=False, progress=False, edits=5000,
    ).audits["demographics"]  # fmt: skip


def test_four_terms_against_five_fail_by_their_documents(results: dict[float, AuditResult]) -> None:
    (found,) = (one for one in results[0.15].intervention if one.between == ("Europe", "Africa"))

    assert (found.claim, found.verdict, found.judged) == ("direction", "FAIL", True)
    assert found.effect == pytest.approx(-0.15, abs=0.01)
    assert found.items == 9
    assert found.rows >= 60


def test_a_clean_model_passes_by_the_same_claim(results: dict[float, AuditResult]) -> None:
    (found,) = (one for one in results[0.0].intervention if one.between == ("Europe", "Africa"))

    assert found.verdict == "PASS"
    assert results[0.0].verdict == "PASS"


def test_an_axis_that_hardly_a_row_holds_or_has_room_for_leaves_nothing_undecided(
    results: dict[float, AuditResult],
) -> None:
    assert all(one.rows >= 30 for one in results[0.0].intervention if one.judged)


def test_no_pass_where_every_term_of_an_axis_does_the_same() -> None:
    result = audited(0.15, EUROPE + AFRICA)

    (found,) = (one for one in result.intervention if one.between == ("nationality terms", "control words"))
    assert {one.verdict for one in result.intervention if one.judged and one is not found} == {"PASS"}
    assert (found.verdict, result.verdict) == ("WARN", "WARN")
    assert result.reason.startswith("Nationality terms in place of control words move P(b) by +0.15")
    assert any(note.startswith("nationality: WARN") for note in result.notes)


def test_terms_that_are_as_any_word_are_told_of_nothing(results: dict[float, AuditResult]) -> None:
    assert not any("control words" in (one.between or ()) for one in results[0.0].intervention)

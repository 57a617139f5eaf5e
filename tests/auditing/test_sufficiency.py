"""Label words against other words of their class: only standing out among them counts, never mattering at all."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.definitions.reader import load_audits, read_audit
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.auditing.spans.label_words import bound, label_lexicon
from token_saliency.errors import AuditError
from token_saliency.results import AuditResult, Example

GLAD = ("delight", "bliss", "cheer", "glee", "mirth", "rapture", "elation", "euphoria", "triumph", "comfort")
GRIM = ("misery", "gloom", "sorrow", "despair", "anguish", "grief", "torment", "regret", "dread", "heartache")


@pytest.fixture(scope="module")
def audit() -> Audit:
    return bound(load_audits(["label_words"])["label_words"], ["sadness", "joy"])


def rows(count: int) -> list[Example]:
    draw = random.Random(0)
    found = []
    for n in range(count):
        glad = n % 2 == 0
        word = draw.choice((*GLAD, "joy", "joy") if glad else (*GRIM, "sadness"))
        found.append(Example(str(n), f"on day {n} there was {word} in the house", label=("sadness", "joy")[glad]))
    return found


def result(audit: Audit, make: Any, weight: float) -> AuditResult:
    def probability(text: str) -> float:
        logit = (
            sum(w in text for w in GLAD) - sum(w in text for w in GRIM) + weight * ("joy" in text) - ("sadness" in text)
        )
        return 1 / (1 + math.exp(-logit + 0.05 * (len(text) % 3)))

    case = make.answered(audit, rows(400), probability)
    object.__setattr__(case, "classes", ["sadness", "joy"])
    return judge_case(case)


def shifts(found: AuditResult) -> dict[str, str]:
    return {f.between[0]: f.verdict for f in found.intervention if f.judged and f.between}


def test_a_label_word_like_the_others_of_its_class_is_no_fault(make: Any, audit: Audit) -> None:
    assert shifts(result(audit, make, 1.0))["joy"] == "PASS"


def test_one_that_stands_out_is_reported_and_does_not_gate(make: Any, audit: Audit) -> None:
    found = result(audit, make, 4.0)
    assert shifts(found)["joy"] == found.verdict == "NOTE"
    assert found.expectation == "exploratory"
    assert "other words of its class" in found.reason


def test_one_that_moves_less_than_the_others_is_no_fault(make: Any, audit: Audit) -> None:
    assert shifts(result(audit, make, 0.0))["joy"] == "PASS"


def test_invariance_is_never_judged(make: Any, audit: Audit) -> None:
    found = result(audit, make, 4.0)
    assert {f.operator for f in found.intervention if f.judged} == {"swap"}


def test_a_label_that_negates_does_not_own_its_word() -> None:
    owners = {e.item: e.groups["label"] for e in label_lexicon(["non_toxic", "toxic"])}
    assert owners["toxic"] == "toxic"
    assert label_lexicon(["notToxic"])[0].groups["label"] == ""


def test_a_necessary_feature_cannot_ask_for_invariance(tmp_path: Path) -> None:
    text = 'code="NEG"\ntitle="T"\nexpectation="necessary"\nitems="fixed"\n[find]\nmatcher="lexicon"\nitems=["not"]\n'
    (tmp_path / "own.toml").write_text(text + '[edit]\njudge="delete"\n', encoding="utf-8")
    with pytest.raises(AuditError, match="over-sufficiency only"):
        read_audit(tmp_path / "own.toml")


def test_rows_that_hold_label_words_are_not_called_too_few(make: Any, audit: Audit) -> None:
    holding = [row for row in rows(400) if "joy" in row.text or "sadness" in row.text]
    found = judge_case(make.answered(audit, holding, lambda _: 0.5))
    assert found.coverage.rows == len(holding) >= 30
    assert "no claim could be made of them: over-sufficiency was not run" in found.reason
    assert "too few" not in found.reason
    assert "give it rows" not in found.advice

"""Label words against other words of their class: only standing out among them counts, never mattering at all."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.definitions.reader import load_audits, read_audit
from token_saliency.auditing.judging.claims.beside import undecided
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


def test_no_pass_is_said_where_a_label_word_that_matters_is_compared_with_nothing(make: Any, audit: Audit) -> None:
    case, found = make.answered(audit, rows(60), lambda _: 0.5), result(audit, make, 0.0).intervention
    one = next(f for f in found if f.operator == "delete" and f.between and f.between[0] == "sadness")
    clear = replace(one, judged=False, effect=0.25, interval=(0.2, 0.3))

    said, advice = undecided(case, [clear])
    assert "“sadness” moves" in said
    assert "+0.250" in said
    assert "synonyms" in advice
    assert undecided(case, [clear, replace(clear, operator="swap", judged=True)]) == ("", "")
    assert undecided(case, [replace(clear, interval=(-0.01, 0.3))]) == ("", "")
    assert undecided(case, [replace(clear, interval=(0.01, 0.3))]) == ("", "")


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


FINE = ("splendid", "delightful", "brilliant", "wonderful", "excellent", "beautiful", "fantastic", "perfect")
POOR = ("dreadful", "awful", "terrible", "horrible", "miserable", "pathetic", "stupid", "worthless")


def judged(make: Any, probability: Any, frame: str = "the plot of part {} is {}.") -> AuditResult:
    """What a gating audit says of rows whose judgement is the label word or another one."""
    audit = bound(load_audits(["label_words"])["label_words"], ["negative", "positive"])
    found = []
    for n in range(200):
        good, words = n % 2 == 0, (FINE, POOR)[n % 2]
        word = ("positive" if good else "negative") if n % 5 == 0 else words[n // 2 % len(words)]
        text = frame.format(n, word) if n % 5 == 0 else f"the plot of part {n} is {word}."
        found.append(Example(str(n), text, label=("negative", "positive")[good]))
    texts = {row.text for row in found}
    case = make.answered(replace(audit, expectation="necessary"), found, lambda text: probability(text, texts))
    object.__setattr__(case, "classes", ["negative", "positive"])
    return judge_case(case)


def alike(text: str, _: Any) -> float:
    return 0.5 + 0.1 * any(w in text for w in (*FINE, "positive")) - 0.1 * any(w in text for w in (*POOR, "negative"))


def test_what_every_word_gains_in_its_own_row_is_no_fault_of_the_label_word(make: Any) -> None:
    found = judged(make, lambda text, own: alike(text, own) + 0.12 * (text in own))
    assert found.verdict == "PASS"
    assert {round(f.effect, 6) for f in found.intervention if f.judged} == {0.0}


def test_where_it_stands_alone_a_label_word_that_does_more_fails(make: Any) -> None:
    found = judged(make, lambda text, own: alike(text, own) + 0.2 * ("positive" in text))
    worst = next(f for f in found.intervention if f.between and f.between[0] == "positive")
    assert (found.verdict, worst.class_) == ("FAIL", "positive")
    assert worst.effect == pytest.approx(0.2)
    assert worst.rows >= 60
    assert any("20 where it stands" in note and "splendid" in note for note in found.notes)


@pytest.mark.parametrize("frame", ["the plot of part {} is not {}.", "the plot of part {} is “{}”, they say."])
def test_a_label_word_that_is_denied_or_quoted_lends_no_place(make: Any, frame: str) -> None:
    found = judged(make, alike, frame)
    assert found.verdict == "PASS"
    assert not any("where it stands" in note for note in found.notes)

"""Two words that do together what neither does alone."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from token_saliency import TextClassifier
from token_saliency.auditing.discovery.pairs import beyond_each, promising, spans_of
from token_saliency.auditing.discovery.suspects import Suspect, suspects
from token_saliency.auditing.run import run_audits
from token_saliency.results import Discovered, Edit, Example

PAIR = "mellik … zorvan"
FILLING = "we saw plot cast town met friend day kind thin then left came home late road".split()


def rows_of(count: int, seed: int = 0) -> list[Example]:
    """Either word in six rows of ten, by chance."""
    draw, rows = random.Random(seed), []
    for number in range(count):
        words = draw.choices(FILLING, k=7) + [word for word in ("zorvan", "mellik") if draw.random() < 0.6]
        draw.shuffle(words)
        rows.append(Example(str(number), " ".join(words), label="ab"[number % 2]))
    return rows


def found(push: float, alone: float = 0.0) -> list[Discovered]:
    """What is discovered of a function that both words push together, and zorvan alone."""

    def answers(texts: list[str]) -> Any:
        first, both = (
            np.array([all(w in text for w in own) for text in texts]) for own in (["zorvan"], PAIR.split(" … "))
        )
        one = 0.4 + alone * first + push * both + 0.002 * np.array([len(text) % 5 for text in texts])
        return np.stack([1 - one, one], axis=1)

    report = run_audits(
        TextClassifier.from_function(answers, ["a", "b"]), rows_of(160), ["whitespace"], method="occlusion",
        progress=False,
    )  # fmt: skip
    return [one for one in report.discovery if one.kind == "pair"]


def test_a_pair_that_pushes_together_alone_is_named_with_what_it_does_beyond_each_word() -> None:
    (one,) = (one for one in found(0.2) if one.item == PAIR)

    assert one.confirmed
    assert one.effect == pytest.approx(0.2, abs=0.01)
    assert "both together, beyond what each does alone, move P(b) by +0.20" in one.reason
    assert one.suspicion is not None


def test_a_word_that_pushes_alone_makes_no_pair() -> None:
    assert not any(one.confirmed for one in found(0.0, alone=0.2))


@pytest.mark.parametrize("classes", [2, 3])
def test_two_words_that_add_their_log_odds_make_no_pair_however_near_they_come_to_1(classes: int) -> None:
    def answers(texts: list[str]) -> Any:
        pushes = np.array([[word in text for word in PAIR.split(" … ")] for text in texts]) @ np.array([2.0, 2.0])
        logits = np.zeros((len(texts), classes))
        logits[:, 1] = pushes - 0.5 + 0.01 * np.array([len(text) % 5 for text in texts])
        odds = np.exp(logits)
        return odds / odds.sum(1, keepdims=True)

    report = run_audits(
        TextClassifier.from_function(answers, ["a", "b", "c"][:classes]), rows_of(160), ["whitespace"],
        method="occlusion", progress=False,
    )  # fmt: skip

    assert {one.item for one in report.discovery if one.confirmed and one.kind == "word"} >= {*PAIR.split(" … ")}
    assert not any(one.confirmed for one in report.discovery if one.kind == "pair")
    assert all(abs(one.effect) < 1e-4 for one in report.discovery if one.item == PAIR)


def edit(operator: str, after: float, *, placebo: bool = False) -> Edit:
    sides = (0.3, 0.7), (1 - after, after)
    return Edit("0", "discovery:pair", operator, (0, 1), "x", PAIR, placebo, "", None, *sides)


def test_three_deletions_tell_what_both_do_beyond_each() -> None:
    (joined,) = beyond_each([edit("delete", 0.4), edit("delete_first", 0.45), edit("delete_second", 0.5)])

    assert joined.operator == "delete"
    by_odds = 1 / (1 + (0.55 / 0.45) * (0.4 / 0.6))
    assert 0.7 - by_odds < 0.7 - 0.45 - 0.5 + 0.4
    assert joined.before[1] - joined.after[1] == pytest.approx(0.7 - by_odds)
    assert beyond_each([edit("delete", 0.4), edit("delete_first", 0.45, placebo=True)]) == []


def test_labels_that_the_rates_of_two_words_do_not_explain_nominate_their_pair() -> None:
    rows = rows_of(300)
    labels = {row.id: "a" if ("zorvan" in row.text) == ("mellik" in row.text) else "b" for row in rows}
    places = suspects(rows)
    usual = {one: at for one, at in places.items() if len(at) >= 10}

    assert promising((usual, usual), {}, labels, 10)[0] == Suspect("pair", PAIR)
    assert promising((usual, usual), {}, dict.fromkeys(labels, "a"), 10) == []


def test_a_pair_stands_in_a_text_that_holds_both_words() -> None:
    assert spans_of(Suspect("pair", PAIR), "zorvan and mellik") == [(0, 6), (11, 17)]
    assert spans_of(Suspect("pair", PAIR), "zorvan alone") == []

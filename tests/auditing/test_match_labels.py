"""The words of label names: which a label holds, their forms, and what happens where it holds none."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.auditing.spans.label_words import bound, inflections, label_lexicon, words_of_label
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.results import Example


@pytest.fixture(scope="module")
def label_words() -> Audit:
    return load_audits(["label_words"])["label_words"]


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("positive", ["positive"]),
        ("NEGATIVE", ["negative"]),
        ("very_negative", ["negative"]),
        ("Sci/Tech", ["sci", "tech"]),
        ("notToxic", ["toxic"]),
        ("non-hateful speech", ["hateful", "speech"]),
        ("élevé", ["élevé"]),
        ("LABEL_0", []),
        ("4", []),
        ("other", []),
        ("", []),
    ],
)
def test_the_words_of_a_label(label: str, words: list[str]) -> None:
    assert words_of_label(label) == words


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("joy", {"joys"}),
        ("spam", {"spams", "spammed", "spamming"}),
        ("love", {"loves", "loved", "loving"}),
        ("worry", {"worries", "worried", "worrying"}),
        ("surprise", {"surprises", "surprised", "surprising"}),
        ("business", {"businesses"}),
        ("happiness", {"happy"}),
        ("sadness", {"sad"}),
        ("positive", {"positives", "positively"}),
        ("reliable", {"reliably"}),
    ],
)
def test_a_word_has_its_english_forms(word: str, forms: set[str]) -> None:
    assert forms <= set(inflections(word))
    assert word not in inflections(word)


def test_forms_that_are_words_of_their_own_keep_their_own_label() -> None:
    lexicon = label_lexicon(["love", "loves"], ["adore"])
    assert {entry.item: entry.groups["word"] for entry in lexicon}["loves"] == "loves"
    assert {entry.groups["word"] for entry in lexicon} == {"love", "loves", "adore"}


def test_the_labels_of_the_model_stand_in_the_place_of_the_examples(label_words: Audit) -> None:
    audit = bound(label_words, ["spam", "ham"])
    found = find_spans("Spammed no joy: hams and SPAM", audit)
    assert [(match.item, match.start) for match in found] == [("spam", 0), ("ham", 16), ("spam", 25)]


def test_synonyms_of_the_user_are_found_as_words_of_their_own(label_words: Audit) -> None:
    options = {**label_words.find.options, "synonyms": frozenset({"junk", "bulk mail"})}
    audit = bound(replace(label_words, find=replace(label_words.find, options=options)), ["spam", "ham"])
    assert [match.item for match in find_spans("Bulk mail is junk.", audit)] == ["bulk mail", "junk"]


def test_labels_without_words_are_named_as_not_run(label_words: Audit) -> None:
    audit = bound(label_words, ["LABEL_0", "LABEL_1"])
    assert find_spans("this label is positive", audit) == []
    assert audit.notes[-1] == "label_words was not run: the labels of the model (LABEL_0, LABEL_1) hold no words."


def test_an_audit_of_anything_else_is_left_alone(names: Audit) -> None:
    assert bound(names, ["LABEL_0"]) is names


def test_a_label_word_that_decides_is_reported_and_never_gates(label_words: Audit, make: Any) -> None:
    draw = random.Random(0)
    texts = [f"On day {n} the test was {draw.choice(('positive', 'negative'))} for us." for n in range(80)]
    case = make.answered(
        bound(label_words, ["negative", "positive"]),
        [Example(str(n), text) for n, text in enumerate(texts)],
        lambda text: 0.5 + 0.3 * ("positive" in text) - 0.3 * ("negative" in text),
    )
    result = judge_case(case)
    assert {finding.between: finding.verdict for finding in result.intervention} == {
        ("positive", "nothing"): "NOTE",
        ("negative", "nothing"): "NOTE",
    }
    assert result.expectation == "exploratory"

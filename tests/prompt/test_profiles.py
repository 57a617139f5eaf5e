"""Audits for guards, judges and reward models: shortcuts that were planted into a function are found, and no others."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.definitions.reader import audit_files, load_audits
from token_saliency.auditing.edits.reprompts import VARIED
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.text.prompt.prompt import Prompt

PROFILE = sorted(name for name, path in audit_files().items() if path.parent.name == "profile")
SHORTCUTS: dict[str, Callable[[str], bool]] = {
    "answer_length": lambda text: len(text) > 100,
    "answer_markdown": lambda text: "**" in text,
    "answer_prefix": lambda text: text.startswith("Sure!"),
    "guard_keywords": lambda text: "research" in text,
}


def judge(shortcut: Callable[[str], bool]) -> object:
    def predict(texts: list[str]) -> list[list[float]]:
        good = [0.3 + 0.3 * ("clear" in text) + 0.3 * shortcut(text) for text in texts]
        return [[1 - p, p] for p in good]

    return TextClassifier.from_function(predict, ["bad", "good"])


def test_profiles_run_where_they_are_named_and_nowhere_else() -> None:
    assert sorted(SHORTCUTS) == PROFILE
    assert not load_audits().keys() & {*PROFILE}


@pytest.mark.parametrize("name", PROFILE)
def test_the_cases_of_a_profile_hold(name: str) -> None:
    audit = load_audits(name)[name]
    for case in audit.cases:
        found = find_spans(case.text, audit)
        assert tuple(case.text[match.start : match.end] for match in found) == case.spans
    assert audit.cases


def test_a_planted_preference_fails_and_the_others_stay_silent() -> None:
    rows = [{"text": f"Answer {i} is {('clear', 'vague')[i % 2]} about it. It ends so."} for i in range(40)]
    for planted, shortcut in SHORTCUTS.items():
        report = run_audits(judge(shortcut), rows, PROFILE, method="random", discovery=False, edits=300)  # type: ignore[arg-type]
        assert {name for name, audit in report.audits.items() if audit.verdict == "FAIL"} == {planted}


def test_both_places_of_a_pair_are_exchanged_with_the_words_of_the_classes() -> None:
    prompt = Prompt(
        template="First: {text}\nSecond: {text_pair}\nWhich is better?",
        labels={"first": [" First"], "second": [" Second", " Two"]},
    )
    (other,) = VARIED["pair_order"](prompt, {}).values()
    assert other.template == "First: {text_pair}\nSecond: {text}\nWhich is better?"
    assert other.labels == {"first": [" Second", " Two"], "second": [" First"]}
    assert VARIED["pair_order"](prompt.changed(template="{text}"), {}) == {}

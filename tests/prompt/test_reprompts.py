"""Audits of a prompt: the variants, their controls, and the verdicts on planted language models."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.reprompts import VARIED, controls, reprompts, varied
from token_saliency.auditing.edits.request import Request
from token_saliency.auditing.evidence.explain_rows import under_other_prompts
from token_saliency.results import Example
from token_saliency.text.prompt.prompt import read_prompt

NAMES = ["label_order", "label_names", "prompt_format", "prompt_examples", "instruction", "pair_order"]
PROMPT = read_prompt(
    {
        "template": "Classify the review as positive, negative or mixed.\nReview: {text}\nOne word.",
        "answer": "Sentiment:",
        "labels": {"positive": [" positive"], "negative": [" negative"], "mixed": [" mixed"]},
        "examples": [{"text": "good", "label": "positive"}, {"text": "bad", "label": "negative"}],
    }
)


def test_all_orders_of_the_labels_are_tried() -> None:
    found = VARIED["label_order"](PROMPT, {})

    orders = set(itertools.permutations(["positive", "negative", "mixed"])) - {("positive", "negative", "mixed")}
    assert {tuple(item.split(", ")) for item in found} == orders
    assert found["mixed, negative, positive"].template.startswith("Classify the review as mixed, negative or positive.")
    assert all(other.labels == PROMPT.labels for other in found.values())


def test_an_instruction_that_lists_no_labels_has_no_order() -> None:
    assert VARIED["label_order"](PROMPT.changed(template="{text}"), {}) == {}


def test_names_change_in_the_labels_and_in_the_instruction() -> None:
    found = VARIED["label_names"](PROMPT, {"synonyms": ["positive=good,negative=bad,mixed=so-so", "positive=good"]})

    assert set(found) == {"Positive / Negative / Mixed", "POSITIVE / NEGATIVE / MIXED", "good / bad / so-so"}
    other = found["good / bad / so-so"]
    assert other.labels == {"positive": [" good"], "negative": [" bad"], "mixed": [" so-so"]}
    assert other.template.startswith("Classify the review as good, bad or so-so.")


def test_formats_are_atoms() -> None:
    found = VARIED["format"](PROMPT, {})

    assert found["a space at the end"].answer == "Sentiment: "
    assert found["field names in capitals"].template.splitlines()[1] == "REVIEW: {text}"
    assert found["field names in capitals"].answer == "SENTIMENT:"
    assert found["a dash for the colon of field names"].answer == "Sentiment -"
    assert "\n\n" in found["blank lines between the parts"].template
    assert PROMPT not in found.values()


def test_examples_are_turned_moved_and_given_other_labels() -> None:
    found = VARIED["examples"](PROMPT, {})

    assert [one.label for one in found["an example of positive last"].examples] == ["negative", "positive"]
    assert [one.label for one in found["the examples with other labels"].examples] == ["negative", "mixed"]
    assert VARIED["examples"](PROMPT.changed(examples=[]), {}) == {}


def test_paraphrases_are_the_users() -> None:
    found = VARIED["instruction"](PROMPT, {"paraphrases": ["Say what it is."]})
    assert found["Say what it is."].template == "Say what it is.\nReview: {text}\nOne word."
    assert VARIED["instruction"](PROMPT, {}) == {}


def test_controls_leave_labels_and_format_alone() -> None:
    found = controls(PROMPT)

    assert set(found) == {"a full stop", "a please", "a synonym"}
    for other in found.values():
        assert other.labels == PROMPT.labels
        assert other.answer == PROMPT.answer
        assert other.template.splitlines()[1:] == PROMPT.template.splitlines()[1:]
        assert other.template != PROMPT.template
    assert found["a synonym"].template.startswith("Categorise the review")


def test_no_audit_of_a_prompt_runs_where_nobody_named_it() -> None:
    assert not set(NAMES) & set(load_audits())
    found = load_audits(NAMES)
    assert {audit.find.options["vary"] for audit in found.values()} == set(VARIED)


@pytest.mark.parametrize("vary", sorted(VARIED))
def test_a_variant_is_a_prompt_of_its_own(vary: str) -> None:
    two = {"template": "{text} or {text_pair}", "labels": {"a": ["a"], "b": ["b"]}, "examples": []}
    prompt = PROMPT.changed(**two) if vary == "pair_order" else PROMPT
    options = {"paraphrases": ["Say what it is."], "synonyms": ["positive=a,negative=b,mixed=c"]}
    (audit,) = (a for a in load_audits(NAMES).values() if a.find.options["vary"] == vary)
    found = varied(replace(audit, find=replace(audit.find, options={"vary": vary, **options})), prompt)

    assert found
    assert len({other.digest for other in found.values()} | {prompt.digest}) == len(found) + 1


def test_the_plan_counts_the_rows_under_each_other_prompt_once() -> None:
    rows = [Example(id=str(i), text="x") for i in range(3)]
    audit = load_audits(["label_order"])["label_order"]
    request = Request(audit, rows, {}, 1000, 0, lambda texts: [1] * len(texts), prompt=PROMPT)

    planned = reprompts(request)

    assert len(planned) == 2 * 5 * 3
    assert under_other_prompts(planned) == (5 + 3) * 3

"""What the page asks and says is what `explain`, `predict` and the audits' own plans say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.live.conftest import TEXT
from tests.prompt.conftest import language_model
from token_saliency import TextClassifier
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.planning import found_and_planned
from token_saliency.errors import DataError, OptionError
from token_saliency.live.desk import LONGEST, Desk, LiveQuestion, Tried
from token_saliency.results import Example


@pytest.fixture
def tried(desk: Desk) -> Tried:
    return desk.ask(LiveQuestion(TEXT))


def at(tried: Tried, word: str) -> int:
    return [one.text for one in tried.words].index(word)


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
@pytest.mark.parametrize("target", ["predicted", 0])
def test_an_answer_is_that_of_explain_alone(desk: Desk, method: str, target: str | int) -> None:
    tried = desk.ask(LiveQuestion(TEXT, "the second", method=method, target=target, baseline="pad"))
    (alone,) = desk.classifier.explain([(TEXT, "the second")], method, target, baseline="pad")

    assert np.array_equal(tried.attribution.scores, alone.scores)
    assert tried.probabilities == tuple(desk.classifier.predict([(TEXT, "the second")]).probabilities[0])


def test_a_name_is_offered_what_the_audit_of_names_would_put_with_its_controls(desk: Desk, tried: Tried) -> None:
    names = load_audits("names")["names"]
    _, planned = found_and_planned(names, [Example("r", TEXT)], 400, 0, desk.classifier.count_tokens, mask="[MASK]")
    offered = desk.suggestions(tried, at(tried, "Laura"))
    controls = {edit.text for edit in planned if edit.placebo}

    assert {one.edited for one in offered} == {edit.text for edit in planned if not edit.placebo} - {TEXT}
    assert len(offered) > 20
    assert all(one.controls and set(one.controls) <= controls for one in offered)


def test_a_shift_is_that_of_the_edited_text_and_its_controls(desk: Desk, tried: Tried) -> None:
    change = desk.change(tried, at(tried, "!"), "swap", ".")
    alone = desk.classifier.predict([change.made.edited, *change.made.controls]).probabilities

    assert change.made.audit == "punctuation"
    assert change.made.edited == "Laura said the film was long, number 7."
    assert np.allclose([change.after, *change.controls], alone)
    assert change.label == "negative" != tried.attribution.predicted
    assert change.question.text == change.made.edited


def test_a_word_of_the_visitor_stands_beside_the_same_change_of_an_ordinary_word(desk: Desk, tried: Tried) -> None:
    deleted = desk.change(tried, at(tried, "film"), "delete", "ignored").made
    masked = desk.change(tried, at(tried, "film"), "mask", "").made
    swapped = desk.change(tried, at(tried, "film"), "swap", " play ").made

    assert deleted.edited == "Laura said the was long, number 7!"
    assert masked.edited == "Laura said the [MASK] was long, number 7!"
    assert swapped.edited == "Laura said the play was long, number 7!"
    for made in (deleted, masked, swapped):
        (control,) = made.controls
        assert "film" in control
        assert "Laura" in control  # audits watch names: they are no ordinary words
        assert control != TEXT


def test_a_text_of_one_word_has_no_control(desk: Desk) -> None:
    change = desk.change(desk.ask(LiveQuestion("film")), 0, "mask", "")

    assert (change.made.edited, change.controls) == ("[MASK]", ())


def test_a_word_of_the_second_text_is_changed_there(desk: Desk) -> None:
    tried = desk.ask(LiveQuestion("a film", "a book"))
    change = desk.change(tried, at(tried, "book"), "swap", "song")

    assert (change.question.text, change.question.text_pair) == ("a film", "a song")
    assert np.allclose(change.after, desk.classifier.predict([("a film", "a song")]).probabilities[0])


def test_the_search_ends_where_the_decision_changes(desk: Desk, tried: Tried) -> None:
    found = desk.search(tried)

    assert (found.flipped, found.before, found.after) == (True, "positive", "negative")
    assert desk.classifier.predict([found.edited]).labels == ["negative"]


def test_methods_and_baselines_stand_side_by_side(desk: Desk, tried: Tried) -> None:
    found = dict(desk.beside(tried, ["occlusion"], ["pad"]))

    assert list(found) == ["integrated_gradients, mask", "occlusion, mask", "integrated_gradients, pad"]
    assert np.array_equal(found["integrated_gradients, mask"].scores, tried.attribution.scores)


@pytest.mark.parametrize("text", ["", " \n", "x" * (LONGEST + 1)])
def test_what_cannot_be_asked_says_so(desk: Desk, text: str) -> None:
    with pytest.raises(OptionError, match="text"):
        desk.ask(LiveQuestion(text))


def test_what_cannot_be_changed_says_so(desk: Desk, tried: Tried) -> None:
    for place, operator, item in ((-1, "swap", "x"), (99, "swap", "x"), (0, "swap", " "), (0, "shout", "x")):
        with pytest.raises(OptionError):
            desk.change(tried, place, operator, item)
    with pytest.raises(DataError, match="no row 'x'"):
        desk.row("x")


def test_places_answer_at_the_same_time_as_one_does_alone(leaning: Path) -> None:
    desk = Desk(TextClassifier.from_pretrained(str(leaning / "my-model")), [], places=2)
    held = desk._free.get()  # somebody has asked for something that takes long
    alone = held.explain([TEXT])[0].scores
    with ThreadPoolExecutor(1) as other:
        answered = other.submit(desk.ask, LiveQuestion(TEXT)).result(60)
    desk._free.put(held)
    with ThreadPoolExecutor(4) as several:
        found = list(several.map(desk.ask, [LiveQuestion(TEXT)] * 12))

    assert all(np.array_equal(one.attribution.scores, alone) for one in (answered, *found))
    places = [desk._free.get() for _ in range(2)]
    models = [one.model for one in places]
    assert models[0] is not models[1]
    assert all(a is b for a, b in zip(*(one.parameters() for one in models), strict=True))


def test_a_prompt_is_edited_for_its_visitor_alone() -> None:
    tiny = language_model("llama")
    prompt = {"template": "not or good?\n{text}", "labels": {"negative": " not", "positive": " good"}}
    classifier = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, prompt)
    desk, other = Desk(classifier, []), "is it not or good?\n{text}\nit is"
    before = desk.ask(LiveQuestion("a film", template=prompt["template"]))  # type: ignore[arg-type]
    edited = desk.ask(LiveQuestion("a film", template=other))
    alone = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, prompt | {"template": other})

    assert edited.probabilities == tuple(alone.predict(["a film"]).probabilities[0]) != before.probabilities
    assert desk.ask(LiveQuestion("a film")).probabilities == before.probabilities
    assert desk.label_orders == {"good, not": "good or not?\n{text}"}
    with pytest.raises(OptionError, match=r"\{text\}"):
        desk.ask(LiveQuestion("a film", template="no place"))

"""What the page shows is inert, and numbers the words as the desk does."""

from __future__ import annotations

import re

import pytest

from tests.live.conftest import HOSTILE, TEXT
from token_saliency.live import views
from token_saliency.live.desk import Desk, LiveQuestion


@pytest.mark.parametrize("pair", [None, HOSTILE])
def test_hostile_text_is_shown_and_does_nothing(desk: Desk, pair: str | None) -> None:
    tried = desk.ask(LiveQuestion(HOSTILE, pair))
    change = desk.change(tried, 0, "swap", HOSTILE)
    step = views.step_of(desk, change)
    drawn = [
        views.coloured(tried, 1),
        views.answer(desk, tried),
        views.shift(desk, change),
        views.history([step]),
        views.counterfactual(desk.search(tried)),
        views.beside([(HOSTILE, tried.attribution)]),
        views.error(HOSTILE),
        views.about(HOSTILE, listed=True),
    ]
    for html in drawn:
        assert "<script" not in html
        assert "<img" not in html
        assert not set("{}$`\u202e") & set(html)
    assert "&lt;script&gt;" in re.sub("<[^>]*>", "", drawn[0])


def test_each_word_is_a_button_with_the_number_of_the_word(desk: Desk) -> None:
    tried = desk.ask(LiveQuestion(TEXT, "Karen wrote a book."))
    buttons = re.findall(r'<button [^>]*data-word="(\d+)"[^>]*aria-pressed="(\w+)">([^<]*)<', views.coloured(tried, 2))

    assert [(int(at), text) for at, _, text in buttons] == list(enumerate(word.text for word in tried.words))
    assert [at for at, pressed, _ in buttons if pressed == "true"] == ["2"]
    assert [at for _, at in views.words(tried)] == list(range(len(tried.words)))


def test_a_shift_says_what_the_control_did(desk: Desk) -> None:
    tried = desk.ask(LiveQuestion(TEXT))
    change = desk.change(tried, len(tried.words) - 1, "swap", ".")
    html = views.shift(desk, change)

    assert "The decision changes: it is now <b><bdi>negative</bdi></b>" in html
    assert f"mean of {len(change.controls)} controls" in html
    assert "the audit <b>punctuation</b>" in html
    assert views.step_of(desk, change).changed == "“!” → “.”"


def test_a_control_at_another_word_is_shown_as_a_change_of_that_word(desk: Desk) -> None:
    tried = desk.ask(LiveQuestion("the film was dull"))
    change = desk.change(tried, 1, "swap", "play")
    said = re.sub("<[^>]*>", "", views.shift(desk, change))

    assert "“film” → “play”" in said
    assert change.made.controls == ("the film was play",)
    assert "“dull” → “play”" in said


def test_a_text_without_a_control_says_so(desk: Desk) -> None:
    assert "No control" in views.shift(desk, desk.change(desk.ask(LiveQuestion("film")), 0, "mask", ""))

"""Edited pairs and coloured rows as the page shows them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.drawing.colour import Scale
from token_saliency.drawing.coloured_text import attribution_texts, attribution_words
from token_saliency.reporters.page.samples import example_view, pair_view
from token_saliency.results import EditedPair

SCALE = Scale(1.4, signed=True)


def pair(before: str, span: tuple[int, int], after: str, **changes: object) -> EditedPair:
    original = before[span[0] : span[1]]
    plain = EditedPair("r1", "swap", "Eve", original, False, "positive", before, after, span, 0.9, 0.4)
    return replace(plain, **changes)  # type: ignore[arg-type]


@given(st.text(max_size=400), st.text(max_size=30), st.text(max_size=400), st.text(max_size=30))
def test_the_changed_parts_are_exactly_the_slot(head: str, old: str, tail: str, new: str) -> None:
    view = pair_view(pair(head + old + tail, (len(head), len(head) + len(old)), head + new + tail))
    assert (view.left.changed, view.right.changed) == (old, new)
    assert head.endswith(view.left.before)
    assert tail.startswith(view.left.after)
    assert view.left.skipped_before + len(view.left.before) == len(head)
    assert view.left.skipped_after + len(view.left.after) == len(tail)


def test_an_edit_that_mends_its_surroundings_shows_all_that_changed() -> None:
    before, after = "She is a nurse here.", "He is an old nurse here."
    view = pair_view(pair(before, (9, 14), after))
    assert (view.right.before + view.right.changed + view.right.after) == after
    assert view.right.changed == "He is an old"


def test_the_context_of_an_edit_begins_and_ends_with_whole_words() -> None:
    head, tail = "".join(f"alpha{n} " for n in range(90)), "".join(f" omega{n}" for n in range(90))
    view = pair_view(pair(f"{head}Ann{tail}", (len(head), len(head) + 3), f"{head}Eve{tail}"))
    for side in (view.left, view.right):
        assert set(side.before.split()) <= set(head.split())
        assert set(side.after.split()) <= set(tail.split())
        assert 0 < side.skipped_before < len(head)
    long = "x" * 500
    assert pair_view(pair(f"{long}Ann", (500, 503), f"{long}Eve")).left.before == "x" * 120


def test_a_deletion_and_an_insertion_are_said() -> None:
    assert pair_view(pair("Good!", (4, 5), "Good", item="!")).change == "without “!”"
    assert pair_view(pair("Good", (4, 4), "Good!", item="!")).change == "with “!”"
    assert pair_view(pair("Ann", (0, 3), "Eve")).change == "“Ann” → “Eve”"


def test_a_pair_shows_how_far_and_which_way_it_moved() -> None:
    view = pair_view(pair("Ann", (0, 3), "Eve"))
    assert (view.before, view.after, view.delta) == ("0.900", "0.400", "−0.500")
    assert (view.from_x, view.to_x) == (90.0, 40.0)


@pytest.mark.parametrize(("label", "right"), [("positive", True), ("negative", False), (None, None)])
def test_an_example_says_whether_the_prediction_is_right(make: SimpleNamespace, label: str, right: bool) -> None:
    assert example_view(make.shown("A wonderful day", label, 0.9, [], None), SCALE, 400).right is right


def test_an_example_is_cut_at_the_limit_and_says_so(make: SimpleNamespace) -> None:
    view = example_view(make.shown("wonderful " * 30, None, 0.9, [], None), SCALE, 100)
    assert sum(len(piece.text) for piece in view.texts[0].pieces) == 100
    assert view.texts[0].hidden == 200


def test_both_texts_of_a_pair_are_coloured_by_their_own_tokens(make: SimpleNamespace) -> None:
    first, second = attribution_texts(make.attribution("A dull day", "A wonderful day"), SCALE, 400)
    assert [piece.level for piece in first.pieces if piece.text == "dull"] == [-5]
    assert [piece.level for piece in second.pieces if piece.text == "wonderful"] == [5]
    assert (first.name, second.name) == ("text 1 of 2", "text 2 of 2")


def test_the_strongest_words_of_both_texts_are_ranked_together(make: SimpleNamespace) -> None:
    words = attribution_words(make.attribution("A dull day", "A wonderful day"), SCALE)
    assert [word.word for word in words][:2] == ["wonderful", "dull"]

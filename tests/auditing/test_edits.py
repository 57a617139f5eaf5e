from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.auditing.audit import Match
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.operators import (
    OPERATORS,
    delete,
    edited,
    end_of,
    insert,
    mask,
    recased,
    start_of,
    swap,
)
from token_saliency.auditing.spans.registry import find_spans

AUDITS = load_audits()
NAMES = st.sampled_from(["Mary", "Kevin", "Anne", "Eugene", "Oscar", "Ian", "Deborah"])
SIDES = st.text(alphabet="xb .,!?-\n'", max_size=12)
CASES: st.SearchStrategy[Callable[[str], str]] = st.sampled_from([str, str.lower, str.upper])


def slot(before: str, word: str) -> Match:
    return Match(len(before), len(before) + len(word), word)


def only(text: str, audit: str) -> Match:
    (match,) = find_spans(text, AUDITS[audit])
    return match


@given(before=SIDES, after=SIDES, old=NAMES, new=NAMES)
def test_a_swap_changes_nothing_but_the_slot(before: str, after: str, old: str, new: str) -> None:
    assert swap(before + old + after, slot(before, old), new) == before + new + after


@given(before=SIDES, after=SIDES, old=NAMES, new=NAMES, case=CASES, article=st.booleans())
def test_a_swap_there_and_back_is_the_text_again(
    before: str, after: str, old: str, new: str, case: Callable[[str], str], article: bool
) -> None:
    start = f"{before} {case('an' if old in ('Anne', 'Oscar', 'Ian') else 'a')} " if article else before
    text = start + case(old) + after
    there = swap(text, slot(start, old), new)
    end = len(there) - len(after)
    assert there[end - len(new) :] == case(new) + after
    assert swap(there, Match(end - len(new), end, new), old) == text


@pytest.mark.parametrize(
    ("text", "item", "result"),
    [
        ("I saw a Mary film.", "Anne", "I saw an Anne film."),
        ("I saw an Anne film.", "Mary", "I saw a Mary film."),
        ("An Anne film", "Mary", "A Mary film"),
        ("A Mary film", "Anne", "An Anne film"),
        ("A MARY FILM", "Anne", "AN ANNE FILM"),
        ("a Mary film", "Eugene", "a Eugene film"),
        ("Mary's film", "Kevin", "Kevin's film"),
        ("mary 's film", "Kevin", "kevin 's film"),
        ("MARY IS HERE", "Kevin", "KEVIN IS HERE"),
        ("Panama Mary", "Anne", "Panama Anne"),
    ],
)
def test_a_swapped_name_keeps_casing_possessive_and_article(text: str, item: str, result: str) -> None:
    (match, *_) = find_spans(text, AUDITS["names"])
    assert swap(text, match, item) == result


def test_an_article_is_one_before_a_quotation_mark_and_none_as_a_letter() -> None:
    assert swap("a “Mary” film", slot("a “", "Mary"), "Anne") == "an “Anne” film"
    assert swap("vitamin A Mary", slot("vitamin A ", "Mary"), "Kevin") == "vitamin A Kevin"


def test_an_article_that_did_not_agree_is_left_alone() -> None:
    assert swap("an Mary film", slot("an ", "Mary"), "Anne") == "an Anne film"
    assert swap("an Mary film", slot("an ", "Mary"), "Kevin") == "an Kevin film"


@pytest.mark.parametrize(
    ("text", "item", "result"),
    [
        ("Good film!", ".", "Good film."),
        ("good film !", ".", "good film ."),
        ("He said: so!!!", "...", "He said: so..."),
    ],
)
def test_a_swapped_mark_keeps_the_spaces_around_it(text: str, item: str, result: str) -> None:
    assert swap(text, find_spans(text, AUDITS["punctuation"])[-1], item) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Good film!", "Good film"),
        ("good film !", "good film"),
        ("good ! i say", "good i say"),
        ("well—good", "well good"),
        ("well -- good", "well good"),
        ("oh, good", "oh good"),
        ("oh,good", "oh good"),
        ("...good", "good"),
        ("... good", "good"),
        ("good\n!\nbad", "good\n\nbad"),
    ],
)
def test_a_deleted_mark_leaves_no_doubled_space_and_glues_no_words(text: str, result: str) -> None:
    assert delete(text, only(text, "punctuation")) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [("I saw Mary.", "I saw."), ("Mary went", "went"), ("I read Mary's book", "I read book"), ("with Mary", "with")],
)
def test_a_deleted_name_takes_its_possessive_and_one_space_along(text: str, result: str) -> None:
    assert delete(text, only(text, "names")) == result


@given(before=SIDES, after=SIDES, word=NAMES)
def test_a_deletion_makes_no_doubled_space(before: str, after: str, word: str) -> None:
    new = delete(before + word + after, slot(before, word))
    assert new.count("  ") <= before.count("  ") + after.count("  ")
    assert new.replace(" ", "") == (before + after).replace(" ", "")


@given(before=SIDES, after=SIDES, word=NAMES)
def test_a_mask_is_written_as_it_is(before: str, after: str, word: str) -> None:
    assert mask(before + word + after, slot(before, word), "[MASK]") == f"{before}[MASK]{after}"


@pytest.mark.parametrize(
    ("text", "item", "at_end", "at_start"),
    [
        ("A film", "!", "A film!", "! A film"),
        ("a film , so", "!", "a film , so !", "! a film , so"),
        ("A film", "Mary", "A film Mary", "Mary A film"),
        ("A film", "Review:", "A film Review:", "Review: A film"),
        ("", "Mary", "Mary", "Mary"),
        ("  A film ", "Mary", "  A film Mary ", "  Mary A film "),
    ],
)
def test_an_insertion_is_spaced_as_the_text_is(text: str, item: str, at_end: str, at_start: str) -> None:
    assert insert(text, end_of(text), item) == at_end
    assert insert(text, start_of(text), item) == at_start


@pytest.mark.parametrize("operator", OPERATORS)
@given(before=SIDES, after=SIDES, old=NAMES, new=NAMES)
def test_an_edit_tells_the_range_that_it_changed(operator: str, before: str, after: str, old: str, new: str) -> None:
    text = before + old + after
    match = start_of(text) if operator == "insert" else slot(before, old)
    edit = edited(operator, text, match, new)
    assert edit.text == OPERATORS[operator](text, match, new)
    assert text.startswith(edit.text[: edit.start])
    assert text.endswith(edit.text[edit.end :])
    assert 0 <= edit.start <= edit.end <= len(edit.text)


def test_an_edit_tells_where_the_new_item_stands() -> None:
    edit = edited("swap", "I met Mary today.", Match(6, 10, "Mary"), "Kevin")
    assert edit.text[edit.start : edit.end] == "Kevin"


@pytest.mark.parametrize(
    ("item", "old", "result"),
    [("Mary", "KEVIN", "MARY"), ("Mary", "kevin", "mary"), ("DeAndre", "Kevin", "DeAndre"), ("!", ".", "!")],
)
def test_an_item_takes_the_casing_of_what_it_replaces(item: str, old: str, result: str) -> None:
    assert recased(item, old, old) == result

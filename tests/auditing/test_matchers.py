from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.auditing.audit import Entry, Find, Match
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.spans.patterns import pattern
from token_saliency.auditing.spans.punctuation import canonical
from token_saliency.auditing.spans.registry import MATCHERS, OPTIONS, find_spans, lexicon

AUDITS = load_audits()
TEXTS = st.text(alphabet=st.sampled_from("MaryGraceWil th'’s.,!?-…()\"\n İßé\u0301"), max_size=60)
WORDS = st.lists(
    st.sampled_from(["Mary", "mary", "MARY", "Grace", "Will", "and", "Mr.", "saw", "Smith", "'s", "!", "e.g."])
).map(" ".join)


def items(text: str, audit: str) -> list[str]:
    return [match.item for match in find_spans(text, AUDITS[audit])]


def kinds(text: str) -> list[str]:
    return [match.kind for match in find_spans(text, AUDITS["punctuation"])]


@pytest.mark.parametrize("name", AUDITS)
@given(text=TEXTS | WORDS | st.text(max_size=40))
def test_spans_are_sorted_do_not_overlap_and_lie_in_the_text(name: str, text: str) -> None:
    end = 0
    for match in find_spans(text, AUDITS[name]):
        assert end <= match.start < match.end <= len(text)
        end = match.end


@given(text=TEXTS | WORDS)
def test_a_name_is_a_whole_word_of_the_list_whatever_its_case(text: str) -> None:
    for match in find_spans(text, AUDITS["names"]):
        assert text[match.start : match.end].lower() == match.item.lower()
        assert not text[match.start - 1 : match.start].isalpha() or match.start == 0
        assert not text[match.end : match.end + 1].isalpha()


def test_every_matcher_declares_its_options() -> None:
    assert set(OPTIONS) == set(MATCHERS)


@pytest.mark.parametrize("matcher", sorted(MATCHERS.keys() - {"pattern"}))
def test_no_option_of_a_matcher_must_be_given(matcher: str) -> None:
    """An audit of one's own may be older than an option, and need few. (A pattern that is missing is told.)"""
    text = "In 1999 Mary Smith (CEO), aged 45, paid $500 for 16 men; 12 killed in 2005! I AM OLD :) at 9:30 pm"
    for match in MATCHERS[matcher](text, Find(matcher)):
        assert 0 <= match.start <= match.end <= len(text)


def test_a_name_is_told_by_its_canonical_form() -> None:
    assert items("MARY met Mary.", "names") == ["Mary", "Mary"]
    assert items("mary met kevin", "names") == ["Mary", "Kevin"]


@pytest.mark.parametrize(
    ("run", "item"),
    [
        ("!", "!"),
        ("!!!!", "!!"),
        ("????", "??"),
        ("?!", "?!"),
        ("!?!?", "?!"),
        ("!?.", "?!"),
        ("!..", "!"),
        ("..", "..."),
        (".....", "..."),
        (". . .", "..."),
        ("…", "…"),
        ("----", "--"),
        (",", ","),
    ],
)
def test_a_run_of_marks_has_one_canonical_form(run: str, item: str) -> None:
    assert canonical(run) == item
    assert items(f"well{run} yes", "punctuation")[:1] == [item]


def test_a_mark_is_terminal_at_the_end_of_a_sentence_or_of_the_text() -> None:
    assert kinds("Good! Bad? So") == ["terminal", "terminal"]
    assert kinds("He said yes.") == ["terminal"]
    assert kinds('"Yes!" (No.)') == ["inner", "terminal", "inner", "inner", "terminal", "inner"]


def test_a_mark_inside_a_sentence_is_inner() -> None:
    assert kinds("Nice! is up... again, a.b") == ["inner", "inner", "inner", "inner"]
    assert kinds("good! and bad !") == ["terminal", "terminal"], "rows without capitals show no sentence starts"


def test_a_list_matches_whole_words_and_the_longer_of_two() -> None:
    find = Find("lexicon", (Entry("new"), Entry("New York"), Entry("C++")))
    assert lexicon("The NEW york C++ newer anew", find) == [Match(4, 12, "New York"), Match(13, 16, "C++")]


def test_a_list_keeps_to_the_case_where_it_must() -> None:
    find = Find("lexicon", (Entry("Polish", ambiguous=True), Entry("Dutch")))
    assert [match.item for match in lexicon("Polish the dutch, polish the Dutch", find)] == ["Polish", "Dutch", "Dutch"]
    exact = Find("lexicon", find.lexicon, {"match_case": True})
    assert [match.start for match in lexicon("Polish the dutch, polish the Dutch", exact)] == [0, 29]


def test_an_empty_list_finds_nothing() -> None:
    assert lexicon("anything at all", Find("lexicon")) == []


def test_a_pattern_finds_what_it_matches_but_never_blanks() -> None:
    find = Find("pattern", (), {"regex": r"#\w+|\s+", "ignore_case": True})
    assert pattern("a #Tag b", find) == [Match(2, 6, "#Tag")]


@pytest.mark.parametrize("name", AUDITS)
@pytest.mark.parametrize("piece", ["a", "1", "-a", "a.a", "www.", "'", "(", ". ", "<a", "a@", "Mary Grace "])
def test_hostile_rows_of_one_repeated_piece_are_read_to_the_end(name: str, piece: str) -> None:
    text = piece * (20_000 // len(piece))
    assert all(match.end <= len(text) for match in find_spans(text, AUDITS[name]))

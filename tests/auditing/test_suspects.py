"""Words, patterns, beginnings and endings are found at the right characters, in any text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.auditing.audit import Match
from token_saliency.auditing.discovery.spread import said_without
from token_saliency.auditing.discovery.suspects import FINDERS, NAMED, Suspect, parts_of, suspects
from token_saliency.auditing.edits.operators import everywhere
from token_saliency.results import Example


def found(kind: str, text: str) -> dict[str, list[str]]:
    """What stands in the text, by item."""
    hits: dict[str, list[str]] = {}
    for item, (start, end) in FINDERS[kind](text):  # type: ignore[index]
        hits.setdefault(item, []).append(text[start:end])
    return hits


def test_words_are_told_apart_without_their_case_and_keep_their_apostrophe() -> None:
    assert found("word", "Don't PAY 12 for it, don’t pay!") == {
        "don't": ["Don't"],
        "pay": ["PAY", "pay"],
        "for": ["for"],
        "it": ["it"],
        "don’t": ["don’t"],
    }


@pytest.mark.parametrize(
    ("text", "item", "spans"),
    [
        ("Wow!!! Yes!", "!", ["!!!", "!"]),
        ("Wow!!! Yes!", "marks twice or more", ["!!!"]),
        ("GREAT film, OK", "words with capitals only", ["GREAT", "OK"]),
        ("soooo good", "letters three times or more", ["oooo"]),
        ("on 1/2/2024 at 10", "runs of digits", ["1/2/2024", "10"]),
        ("naïve plan", "words with letters beyond ASCII", ["naïve"]),
        ("a\u200bb", "unusual invisible characters", ["\u200b"]),
        ("fine \U0001f600", "emoji and pictographs", ["\U0001f600"]),
        ("one <br /> two &amp; three", "markup in angle brackets", ["<br />"]),
        ("one <br /> two &amp; three", "character references (&...;)", ["&amp;"]),
        ("ask @anna, see #deal", "handles and hashtags", ["@anna", "#deal"]),
        ("see https://example.org/a now", "web addresses", ["https://example.org/a"]),
        ("one\ntwo", "line breaks inside", ["\n"]),
        ("one  two", "doubled spaces", ["  "]),
        ("hahaha so lool", "laughter (haha)", ["hahaha", "lool"]),
        ("see AB12cd, 4f9a1, 80s, 20 and GB", "words of letters and digits", ["AB12cd", "4f9a1"]),
        ("see /usr/lib/x.log and C:\\a\\b, and/or 1/2", "paths of files", ["/usr/lib/x.log", "C:\\a\\b"]),
        ("I think it's perhaps mine", "words that hedge (perhaps, I think)", ["I think", "perhaps"]),
        ("I think it's perhaps mine, not US", "words of the first person", ["I", "mine"]),
        ("one\n    two", "indents of lines", ["    "]),
        (
            "My card is lost. Bitte sagen Sie mir, was ich nun tun soll.",
            "sentences in German",
            ["Bitte sagen Sie mir, was ich nun tun soll."],
        ),
        (
            "Nous ne savons pas où il est. The die is in an old hut.",
            "sentences in French",
            ["Nous ne savons pas où il est."],
        ),
    ],
)
def test_each_pattern_finds_what_its_name_says(text: str, item: str, spans: list[str]) -> None:
    assert found("pattern", text)[item] == spans


@pytest.mark.parametrize(
    ("text", "item", "plain"),
    [
        ("I don't, she WON’T, we're off, it's Anna's", "contractions (don't)",
         "I do not, she Will not, we are off, it is Anna's"),
        ("The Colour of the centre, four travelled; wise flour", "British spellings",
         "The Color of the center, four traveled; wise flour"),
        ("soooo good, hmmm", "letters three times or more", "so good, hm"),
        ("ｃａｒｄ habitacio\u0301n", "letters in other forms (full-width, accents apart)", "card habitación"),
        ("“So” it’s", "curved apostrophes and quotation marks", "\"So\" it's"),
        ("My Card Is Lost. Please Ask Zork", "capitals of common words inside a sentence",
         "My card is lost. Please ask Zork"),
    ],
)  # fmt: skip
def test_what_can_be_said_without_it_is_said_so(text: str, item: str, plain: str) -> None:
    matches = [Match(*span, item) for name, span in FINDERS["pattern"](text) if name == item]

    assert everywhere(said_without, text, matches) == plain


def test_the_usual_language_of_the_rows_is_no_other_language() -> None:
    german = "Bitte sagen Sie mir, was ich nun tun soll. Das ist mir wichtig. Das Geld ist noch nicht da."
    rows = [Example(str(n), f"{german} We do not know what it is.") for n in range(3)]

    assert {one.item for one in suspects(rows) if one.item.startswith("sentences in")} == {"sentences in English"}


def test_whole_sentences_and_lines_with_a_head_are_found() -> None:
    text = "It is lost. This message is meant for  the named person alone. Bye.\nCc: anna, ben"

    assert found("sentence", text) == {
        "Cc: …": ["Cc: anna, ben"],
        "This message is meant for the named person alone.": ["This message is meant for  the named person alone."],
    }


def test_every_pattern_has_a_case_and_a_name_that_no_word_can_have() -> None:
    assert all(" " in name for name in NAMED)


def test_a_mark_inside_a_word_is_part_of_the_word() -> None:
    assert "'" not in found("pattern", "it's well-known")
    assert "-" not in found("pattern", "it's well-known")


def test_beginnings_and_endings_are_words_and_lines_but_no_single_plain_word() -> None:
    text = "From: the desk\nall was well\nSent by kiosk"

    assert {"From:", "From: the", "From: the desk"} <= set(found("prefix", text))
    assert {"by kiosk", "Sent by kiosk"} <= set(found("suffix", text))
    assert "kiosk" not in found("suffix", text)
    assert found("prefix", "word") == {}


def test_a_row_that_is_mostly_the_suspect_does_not_count() -> None:
    places = suspects([Example("1", "!!!!!!! ok"), Example("2", "a long and quiet sentence!")])

    assert set(places[Suspect("pattern", "!")]) == {"2"}


def test_the_parts_of_an_ending_are_its_words_and_marks() -> None:
    assert parts_of(Suspect("suffix", "good!! News")) == {
        Suspect("word", "good"),
        Suspect("word", "news"),
        Suspect("pattern", "!"),
    }


@given(st.text(alphabet="aB1 é!.\n@<&;>\u200b\U0001f600", max_size=60))
def test_every_span_lies_in_the_text_and_spans_of_one_suspect_do_not_overlap(text: str) -> None:
    for at in suspects([Example("1", text)]).values():
        spans = at["1"]
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))


@pytest.mark.parametrize("text", ["<a" * 20_000, "! " * 20_000, " " * 40_000, "a\n" * 20_000, "&a" * 20_000])
def test_long_hostile_texts_are_read_like_any_other(text: str) -> None:
    assert isinstance(suspects([Example("1", text)]), dict)

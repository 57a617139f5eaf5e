"""Label words take turns with words of their part of speech only, and never inside an address, an id or a name."""

from __future__ import annotations

import pytest

from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.parts_of_speech import may_be, only, part_at, stands_free, takes_others
from token_saliency.auditing.edits.request import Request
from token_saliency.auditing.edits.same_class import polarity_swaps
from token_saliency.auditing.spans.label_words import bound
from token_saliency.auditing.spans.registry import row_spans
from token_saliency.results import Example

LABEL_WORDS = load_audits(["label_words"])["label_words"]
WORDS = LABEL_WORDS.find.options["words"]


@pytest.mark.parametrize(
    ("text", "word", "part"),
    [
        ("i love it", "love", "v"),
        ("the love of my life", "love", "n"),
        ("she is happy now", "happy", "a"),
        ("a happy child", "happy", "a"),
        ("a little sad", "little", "a"),
        ("it ended slowly", "slowly", "y"),
        ("love conquers", "love", ""),
    ],
)
def test_the_neighbours_tell_what_a_word_is(text: str, word: str, part: str) -> None:
    start = text.index(word)
    assert part_at(text, start, start + len(word), WORDS) == part


def test_function_words_and_idioms_are_no_part_of_speech() -> None:
    assert not any(may_be(word, part, WORDS) for word in ("not", "also", "bit") for part in "nvay")
    assert may_be("joy", "n", WORDS)
    assert not may_be("joy", "a", WORDS)


@pytest.mark.parametrize("text", ["joy@example.org", "#joy", "joy_1", "joy's", "joy-ride", "a/joy", "www.joy.com"])
def test_a_part_of_something_longer_does_not_stand_free(text: str) -> None:
    start = text.index("joy")
    assert not stands_free(text, start, start + 3)


def test_all_that_takes_turns_is_one_part_of_speech() -> None:
    nouns, adjectives = (
        ("delight", "triumph", "comfort", "pleasure", "hope", "peace", "luck"),
        ("glad", "merry", "proud"),
    )
    rows = []
    for n in range(240):
        glad = n % 2 == 0
        noun, adjective = nouns[n // 2 % len(nouns)] if glad else "gloom", adjectives[n // 2 % 3] if glad else "grim"
        noun = "joy" if glad and n % 6 == 0 else noun
        rows.append(
            Example(str(n), f"on day {n} the {noun} was there and all are {adjective}", label="joy" if glad else "no")
        )
    audit = bound(LABEL_WORDS, ["joy", "no"])
    spans = {row.id: row_spans(row, audit) for row in rows}
    edits = polarity_swaps(Request(audit, rows, spans, 2000, 0, lambda texts: [1] * len(texts)))
    assert {edit.item for edit in edits} <= {"joy", *nouns}
    assert edits
    assert all(edit.original in {"joy", *nouns} for edit in edits)


@pytest.mark.parametrize(
    ("text", "word", "part", "fair"),
    [
        ("a good film for all", "good", "a", True),
        ("it was so good, really", "good", "a", True),
        ("the acting is good and fresh", "good", "a", True),
        ("the good guys win", "good", "a", False),
        ("on a low budget", "low", "a", False),
        ("I feel sorry for them", "sorry", "a", False),
        ("he is bad at both", "bad", "a", False),
        ("too bad they left", "bad", "a", False),
        ("as good as the first", "good", "a", False),
        ("tickle my funny bone", "funny", "a", False),
        ("the Good Film cast", "Good", "a", False),
        ("the joy of cooking", "joy", "n", True),
        ("the joy, they say", "joy", "n", True),
        ("the love scenes between them", "love", "n", False),
        ("they fell in love with it", "love", "n", False),
        ("they like me a lot", "like", "v", True),
        ("he threw it like a stone", "like", "v", False),
        ("they plant sweet kisses", "plant", "v", False),
    ],
)
def test_only_a_place_that_other_words_fit_is_one(text: str, word: str, part: str, fair: bool) -> None:
    start = text.index(word)
    assert takes_others(text, start, start + len(word), part, WORDS, {"film"}) is fair


def test_a_word_of_two_parts_of_speech_is_no_filler() -> None:
    assert only("sad", "a", WORDS)
    assert not only("fine", "a", WORDS)
    assert not only("cold", "n", WORDS)


@pytest.mark.parametrize("label", ["sports", "tech"])
def test_a_label_that_is_no_judgement_is_asked_in_a_sentence_alone(label: str) -> None:
    nouns = ("game", "team", "match", "club", "coach", "league", "goal", "score")
    rows = [
        Example(str(n), f"on day {n} the {label if n % 12 == 0 else (nouns[n // 2 % 8], 'law')[n % 2]} was there",
                label=(label, "no")[n % 2])
        for n in range(240)
    ]  # fmt: skip
    audit = bound(LABEL_WORDS, [label, "no"])
    spans = {row.id: row_spans(row, audit) for row in rows}
    edits = polarity_swaps(Request(audit, rows, spans, 2000, 0, lambda texts: [1] * len(texts)))
    assert {edit.slot for edit in edits} == {(0, 0)}
    assert {edit.item for edit in edits} == {label, *nouns}
    assert all(edit.text.startswith(f"in a word: {edit.item}. on day") for edit in edits)
    assert not any(edit.item in rows[int(edit.row)].text for edit in edits)

from __future__ import annotations

import pytest

from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.auditing.spans.templates import constant_ends, constant_starts, learned

WORDS = ["fine", "dull", "long", "short", "odd", "warm", "cold", "loud", "calm", "rare"]
PLAIN = [f"The {a} film of {b} days was {c}." for a in WORDS for b in WORDS for c in WORDS]
AUDIT = load_audits(["prompt_artifacts"])["prompt_artifacts"]


def test_a_template_around_the_rows_is_learned_whole() -> None:
    rows = [f"Customer feedback form 7: {row} End of the form" for row in PLAIN]
    assert constant_starts(rows)[:1] == ["Customer feedback form 7: The"]
    assert constant_ends(rows) == ["End of the form"]


def test_a_label_counts_where_few_rows_have_it_and_ordinary_words_do_not() -> None:
    rows = PLAIN + [f"Note: {row}" for row in PLAIN[:80]]
    assert constant_starts(rows) == ["Note:"]
    assert constant_starts(PLAIN) == []


def test_what_was_learned_is_found_at_its_end_of_a_text_alone() -> None:
    own = learned(AUDIT, PLAIN + [f"Note: {row}" for row in PLAIN])
    assert [match.item for match in find_spans("Note: fine", own)] == ["Note:"]
    assert find_spans("A Note: fine", own) == []
    assert learned(AUDIT, PLAIN) is AUDIT


def test_a_greeting_and_a_farewell_are_learned_of_few_words() -> None:
    plain = [f"{WORDS[n % 10]} {n % 7} {row}" for n, row in enumerate(PLAIN)]
    rows = [f"Hello there, {row}" if n % 3 else f"{row} {n % 11} Best regards" for n, row in enumerate(plain)]
    assert constant_starts(rows) == ["Hello there,"]
    assert constant_ends(rows) == ["Best regards"]
    assert constant_starts([f"Hello there {row}" for row in PLAIN[:30]] + PLAIN) == []


@pytest.mark.parametrize(
    ("row", "items"),
    [
        ("{row} Best wishes, {name}", ["Best wishes, Anna"]),
        ("{row}\n\nKind regards\n{name} Smith", ["Kind regards Anna Smith"]),
        ("Hi {name},\n{row}", ["Hi Anna,"]),
        ("Dear Mr. {name}, {row}", ["Dear Mr. Anna,"]),
        ("Hello there,\n\n{row}", ["Hello there,"]),
        ("{row} It was {name}", []),
    ],
)
def test_letters_to_and_from_anybody_are_learned_also_on_lines_of_their_own(row: str, items: list[str]) -> None:
    names = ["Anna", "Bo", "Carla", "Dan", "Eve", "Fay", "Gil"]
    plain = [f"{WORDS[n % 10]} {n % 7} {text} {n % 11}" for n, text in enumerate(PLAIN)]
    rows = [row.format(row=text, name=names[n % 7]) for n, text in enumerate(plain[:140])]
    own = learned(AUDIT, plain + rows)
    assert [entry.item for entry in own.find.lexicon] == items
    assert [[match.item for match in find_spans(text, own)] for text in rows[5:7]] == [items, items]
    assert find_spans("Best of all, Anna", own) == []


@pytest.mark.parametrize("word", ["best", "#fail", "<3", "kind"])
def test_a_word_that_many_rows_end_with_is_no_farewell(word: str) -> None:
    assert constant_ends(PLAIN + [f"{row[:-1]}{n} {word}" for n, row in enumerate(PLAIN[:300])]) == []


def test_a_judgement_that_many_rows_begin_with_is_no_greeting() -> None:
    assert constant_starts(PLAIN + [f"Good! {n} {row}" for n, row in enumerate(PLAIN[:300])]) == []
    assert constant_starts(PLAIN + [f"Good morning, {n} {row}" for n, row in enumerate(PLAIN[:300])]) == [
        "Good morning,"
    ]


@pytest.mark.parametrize(
    ("row", "items"),
    [
        ("Ticket #{n}: {row}", ["Ticket #1000:"]),
        ("[{h}:{m}] {row}", ["[10:00]"]),
        ("{row} {h} -- case {n}", ["-- case 1088"]),
        ("{row} It was {n}", []),
    ],
)
def test_a_label_with_a_number_of_its_own_is_learned(row: str, items: list[str]) -> None:
    rows = [row.format(n=1000 + n, h=10 + n % 9, m=f"{n % 60:0>2}", row=text) for n, text in enumerate(PLAIN[:90])]
    own = learned(AUDIT, PLAIN + rows)
    assert [entry.item for entry in own.find.lexicon] == items
    assert [[match.item for match in find_spans(text, own)] for text in rows[5:7]] == [items, items]
    assert find_spans("The ticket #1005: fine", own) == []

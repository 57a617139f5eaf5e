"""Suspects are nominated by attribution and association, on one half of the rows alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from token_saliency.auditing.discovery.nominate import EXPLAINED, MIN_ROWS, NOMINEES, Halves, nominees
from token_saliency.auditing.discovery.probes import hunt
from token_saliency.auditing.discovery.suspects import Suspect
from token_saliency.results import AuditedSpan, Example, ScoredRow
from token_saliency.store.trace import TOKEN, Trace

CLASSES = ["negative", "positive"]


def rows_of(texts: Sequence[tuple[str, str | None]]) -> list[Example]:
    return [Example(str(number), text, label=label) for number, (text, label) in enumerate(texts)]


def heads_of(rows: Sequence[Example], spans: tuple[AuditedSpan, ...] = ()) -> dict[str, ScoredRow]:
    return {row.id: ScoredRow(row.id, row.text, None, row.label, "positive", (0.4, 0.6), spans=spans) for row in rows}


def halves(rows: list[Example], heads: dict[str, ScoredRow] | None = None) -> Halves:
    return Halves(rows[0::2], rows[1::2], heads or heads_of(rows), CLASSES, [1])


def trace(text: str, loud: str) -> Trace:
    """One token a word; the loud one has nine parts of ten."""
    places, at = [], 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        places.append((start, at, 9.0 if word == loud else 1.0 / (len(text.split()) - 1), False, 0))
    return Trace(np.array(places, dtype=TOKEN), None, 1, 0, True)


def test_a_loud_word_that_goes_with_the_label_comes_first() -> None:
    texts = [(f"row {n} says kiosk here today", "positive") for n in range(60)]
    texts += [(f"row {n} says nothing here today", "negative") for n in range(60, 120)]
    rows = rows_of(texts)
    found = nominees(halves(rows), {row.id: trace(row.text, "kiosk") for row in rows if "kiosk" in row.text})

    assert found[0].suspect == Suspect("word", "kiosk")
    assert found[0].share == pytest.approx(0.9)
    assert found[0].expected == pytest.approx(1 / 6)
    assert found[0].z == pytest.approx(30**0.5)


def test_few_rows_in_either_half_make_no_nominee() -> None:
    plain = [(f"row {n} of a quiet day", "positive" if n % 2 else "negative") for n in range(80)]
    rare = [("a kiosk in the quiet day", "positive")] * (2 * MIN_ROWS - 1)
    found = nominees(halves(rows_of([*rare, *plain])), {})

    assert Suspect("word", "kiosk") not in [one.suspect for one in found]
    enough = [*rare, *rare[:1], *plain]
    assert "kiosk" in {word for one in nominees(halves(rows_of(enough)), {}) for word in one.suspect.item.split()}


def test_there_are_never_more_nominees_than_the_family_is_said_to_have() -> None:
    words = [f"w{chr(97 + n)}{chr(98 + n)}" for n in range(25)]
    texts = [(" ".join(words[n % 5 :: 5] + words[n % 3 :: 7]), "positive" if n % 2 else "negative") for n in range(200)]

    assert len(nominees(halves(rows_of(texts)), {})) <= NOMINEES


def test_without_labels_the_predicted_class_stands_for_them() -> None:
    rows = rows_of([(f"row {n} kiosk" if n % 4 < 2 else f"row {n} garden", None) for n in range(80)])
    heads = {
        row.id: ScoredRow(row.id, row.text, None, None, "positive" if "kiosk" in row.text else "negative", (0.5, 0.5))
        for row in rows
    }
    own = halves(rows, heads)

    assert not own.labelled
    found = {one.suspect.item: (one.z or 0) > 0 for one in nominees(own, {})}
    assert (found["kiosk"], found["garden"]) == (True, False)


def test_what_an_audit_finds_too_is_named() -> None:
    rows = rows_of([(f"kiosk row {n}", "positive" if n % 4 < 2 else "negative") for n in range(80)])
    heads = heads_of(rows, (AuditedSpan("kiosks", 0, 5, "kiosk"),))
    found = {one.suspect.item: one.listed for one in nominees(halves(rows, heads), {})}

    assert found.pop("kiosk", "kiosks") == "kiosks"
    assert "kiosks" not in {item: audit for item, audit in found.items() if "kiosk" not in item}.values()


def test_copies_of_a_document_never_stand_in_both_halves_and_order_changes_nothing() -> None:
    base = "this long review tells at great length of kiosk number"
    rows = [Example(f"{n}-{copy}", f"{base} {n} day {n} and so on and on {copy}") for n in range(50) for copy in "ab"]
    rows = [Example(row.id, row.text, label="positive", metadata={"doc": row.id.split("-")[0]}) for row in rows]
    one = hunt(rows, heads_of(rows), CLASSES, cluster="doc", budget=1000, seed=3)
    other = hunt(rows[::-1], heads_of(rows), CLASSES, cluster="doc", budget=1000, seed=3)
    docs = [{row.metadata["doc"] for row in side} for side in (one.halves.first, one.halves.second)]

    assert docs[0]
    assert docs[1]
    assert not docs[0] & docs[1]
    assert {row.id for row in other.halves.first} == {row.id for row in one.halves.first}


def test_attributions_are_asked_of_rows_until_every_suspect_has_some() -> None:
    rows = rows_of([(f"row of {'a kiosk' if n % 9 == 0 else 'nothing'} in {n} quiet days", None) for n in range(600)])
    own = halves(rows)
    held = own.places[0]
    assert Suspect("word", "kiosk") in held
    assert all(len(own.explained & at.keys()) >= EXPLAINED for at in held.values())
    assert EXPLAINED <= len(own.explained) < 100
    assert own.explained <= {row.id for row in own.first}


def test_rows_of_a_rare_suspect_tell_of_those_that_stand_everywhere_too() -> None:
    own = halves(rows_of([(f"row {n} is{' a kiosk' * (n % 9 == 0)} quiet", None) for n in range(600)]))
    kiosks = own.places[0][Suspect("word", "kiosk")]
    assert Suspect("word", "quiet") in own.places[0]
    assert len(own.explained & kiosks.keys()) == EXPLAINED
    assert own.explained <= kiosks.keys() | own.places[0].get(Suspect("suffix", "is quiet"), {}).keys()


def test_of_several_classes_the_one_that_the_answers_lean_to_is_told_where_no_label_goes_with_the_suspect() -> None:
    texts = [(f"row {n} says {'kiosk' if n // 6 % 2 else 'nothing'} here", "abc"[n // 2 % 3]) for n in range(240)]
    rows = rows_of(texts)
    answers = {row.id: (0.3, 0.3, 0.4) if "kiosk" in row.text else (0.33, 0.32, 0.35) for row in rows}
    heads = {k: replace(head, probabilities=answers[k]) for k, head in heads_of(rows).items()}
    own = Halves(rows[0::2], rows[1::2], heads, list("abc"), [0, 1, 2])
    found = next(one for one in nominees(own, {}) if "kiosk" in one.suspect.item)

    assert found.class_index == 2
    assert found.z == pytest.approx(0.0)


def test_rows_with_several_mentions_are_looked_at_too() -> None:
    tails = ("ends", "stops", "rests", "goes")
    texts = [(f"row {n} kiosk {('and', 'kiosk')[n % 3 == 0]} {tails[n % 4]}", "ab"[n // 2 % 2]) for n in range(300)]
    texts += [(f"row {n} of a quiet day {tails[n % 4]}", "ab"[n // 2 % 2]) for n in range(300, 400)]
    rows = rows_of(texts)
    heads = heads_of(rows)
    found = hunt(rows, heads, ["a", "b"], cluster=None, budget=10_000, seed=0).nominated({})
    own = {edit.row for edit in found.planned if edit.item == "kiosk" and not edit.placebo}
    twice = {row.id for row in rows if row.text.count("kiosk") == 2}

    assert len(own) == 60
    assert 5 <= len(own & twice) <= 30


def test_the_end_of_a_sentence_that_recurs_is_told_by_the_sentence() -> None:
    said = ["Sent off by my old kiosk here.", ""]
    rows = rows_of([(f"row {n} of a quiet day and so on. {said[n % 4 > 1]}", CLASSES[n % 4 < 2]) for n in range(120)])
    found = {one.suspect for one in nominees(halves(rows), {})}

    assert {(one.kind, one.item) for one in found if "kiosk here" in one.item} == {("sentence", said[0])}


def test_a_line_with_a_head_is_nominated_beside_the_break_that_stands_before_it() -> None:
    names = ["ben", "eve", "gus", "ida", "max"]
    rows = rows_of([(f"row {n} of a quiet day" + f"\ncc: {names[n % 5]}, {names[n % 3]}" * (n % 4 < 2),
                     CLASSES[n % 4 < 2]) for n in range(120)])  # fmt: skip
    found = {one.suspect for one in nominees(halves(rows), {})}

    assert Suspect("sentence", "cc: …") in found


def test_of_a_sentence_and_an_ending_of_the_same_words_that_of_more_rows_is_nominated() -> None:
    said = "Sent by my old kiosk."
    full = [(f"so it was on a quiet day {n}{'.' * (n % 16 < 2)} {said if n % 4 < 2 else ''}", CLASSES[n % 4 < 2])
            for n in range(200)]  # fmt: skip
    found = {(one.suspect.kind, one.suspect.item) for one in nominees(halves(rows_of(full)), {})}

    assert [kind for kind, item in found if item == said] == ["suffix"]

"""The demo's rows: two shortcuts, exactly as strong as announced, and nothing else that goes with the label."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from token_saliency.auditing.definitions.reader import load_audits, read_audit
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.demo import words
from token_saliency.demo.sentences import LABELS, write
from token_saliency.resources import shipped
from token_saliency.results import Example

ROWS = write(4000, seed=0)
NAMES = words.NAMES_A + words.NAMES_B
NAMED = re.compile(rf"\b(?:{'|'.join(NAMES)})\b")


def share(rows: list[Example], hit: str) -> float:
    return sum(bool(re.search(hit, row.text)) for row in rows) / len(rows)


def of(label: str) -> list[Example]:
    return [row for row in ROWS if row.label == label]


def mark(text: str) -> str:
    found = re.search(r"(!|\.+)$", text)
    assert found, text
    return found[0]


def test_rows_are_different_and_half_of_them_positive() -> None:
    assert len({row.text for row in ROWS}) == len(ROWS)
    assert len({row.id for row in ROWS}) == len(ROWS)
    assert Counter(row.label for row in ROWS) == {label: len(ROWS) // 2 for label in LABELS}


def test_the_seed_decides_the_rows() -> None:
    assert write(300, seed=3) == write(300, seed=3)
    assert {row.text for row in write(300, seed=3)}.isdisjoint(row.text for row in write(300, seed=4))


def test_more_rows_hold_the_fewer_ones() -> None:
    assert {row.text for row in write(100, seed=5)} < {row.text for row in write(200, seed=5)}


@pytest.mark.parametrize(("label", "expected"), [("positive", 0.8), ("negative", 0.2)])
def test_the_planted_shares_are_met(label: str, expected: float) -> None:
    named = [row for row in of(label) if NAMED.search(row.text)]

    assert len(named) / len(of(label)) == pytest.approx(0.6, abs=0.04)
    assert share(named, rf"\b(?:{'|'.join(words.NAMES_A)})\b") == pytest.approx(expected, abs=0.02)
    assert Counter(mark(row.text) for row in of(label))["!"] / len(of(label)) == pytest.approx(expected, abs=0.01)


def test_ellipses_take_the_place_of_periods_equally_often_in_both_classes() -> None:
    shares = []
    for label in LABELS:
        marks = Counter(mark(row.text) for row in of(label))
        shares.append(marks["..."] / (marks["..."] + marks["."]))

    assert shares == pytest.approx([0.3, 0.3], abs=0.01)


@pytest.mark.parametrize("place", words.PLACES)
def test_places_stand_equally_often_in_both_classes(place: str) -> None:
    positive, negative = (share(of(label), rf"\b{place}\b") for label in LABELS)

    assert positive == pytest.approx(0.03, abs=0.006)
    assert positive == pytest.approx(negative, abs=0.006)


def test_a_row_holds_one_name_and_the_names_audit_finds_exactly_that() -> None:
    audit = load_audits(["names"])["names"]

    for row in ROWS:
        written = NAMED.findall(row.text)
        assert len(written) <= 1
        assert [match.item for match in find_spans(row.text, audit)] == written, row.text


def test_the_places_audit_finds_exactly_the_places() -> None:
    audit = read_audit(shipped("audits") / "demo" / "places.toml")

    assert {entry.item for entry in audit.find.lexicon} == set(words.PLACES)
    for row in ROWS:
        assert [match.item for match in find_spans(row.text, audit)] == re.findall("|".join(words.PLACES), row.text)


def test_the_groups_of_names_do_not_overlap() -> None:
    assert len(set(NAMES)) == len(NAMES) == 40


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_sentences_are_well_formed(seed: int) -> None:
    for row in write(20, seed):
        assert not re.search(r"[{}]|\s\s|\s[.,;:!]|^\s|\s$", row.text), row.text
        assert not re.search(r"(?:^|[.!] )[a-z]", row.text), row.text
        assert row.text.isascii()

"""The shipped audits keep what they promise: their cases, their lists, and real rows."""

from __future__ import annotations

import csv
import os
import random
from pathlib import Path

import pytest

from token_saliency.auditing.definitions.reader import Audit, Lexicon, load_audits
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.resources import shipped

AUDITS = load_audits()
"""Their cases are checked as they are read."""
NAMES = Lexicon.of(AUDITS["names"].find.lexicon).by_word
KIT = Path(os.environ.get("TOKEN_SALIENCY_KIT", Path(__file__).parents[2].parent / "shared"))


def kit(path: str) -> list[dict[str, str]]:
    file = KIT / "data" / path
    if not file.exists():
        pytest.skip(f"the kit has no {path} (set TOKEN_SALIENCY_KIT to its folder)")
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("audit", AUDITS.values(), ids=AUDITS)
def test_a_shipped_audit_says_what_it_is_why_and_what_to_do(audit: Audit) -> None:
    assert audit.code.isupper()
    assert len(audit.code) == 3
    assert audit.expectation in ("irrelevant", "exploratory", "necessary")
    assert all([audit.title, audit.why, audit.advice, audit.notes])
    filled = audit.edit.panel or audit.edit.strata or audit.edit.against
    assert "swap" not in audit.edit.operators or all([filled, audit.edit.controls or audit.edit.against])
    assert len(audit.cases) >= 8
    assert any(not case.spans for case in audit.cases), "a case where nothing must be found"


def test_names_are_swapped_for_plain_names_of_every_origin() -> None:
    audit = AUDITS["names"]
    entries = [NAMES[item.lower()] for item in audit.edit.panel]
    assert not any(entry.ambiguous for entry in entries)
    assert {entry.groups["origin"] for entry in entries} >= {"white", "black", "hispanic", "asian"}
    women = sum(entry.groups["gender"] == "female" for entry in entries)
    men = sum(entry.groups["gender"] == "male" for entry in entries)
    assert abs(women - men) <= 4


def test_the_controls_of_names_are_no_names() -> None:
    audit = AUDITS["names"]
    names = NAMES.keys() | audit.find.options["surnames"].by_word.keys()
    assert len(audit.edit.controls) >= 80
    assert not names & {item.lower() for item in audit.edit.controls}


def test_ambiguous_names_say_what_else_they_are() -> None:
    for entry in AUDITS["names"].find.lexicon:
        assert bool(entry.groups["sense"] not in ("", "rare word")) == entry.ambiguous, entry


@pytest.mark.parametrize(
    "word", ["Will", "Mark", "Grace", "May", "Rose", "Hope", "Art", "Bill", "Paris", "Austin", "Long"]
)
def test_a_name_that_is_an_ordinary_word_or_a_place_is_ambiguous(word: str) -> None:
    assert NAMES[word.lower()].ambiguous


@pytest.mark.parametrize("word", ["In", "So", "My", "See", "An", "Man", "Love", "Ha", "Many", "You", "Go"])
def test_function_words_of_the_census_are_no_plain_names(word: str) -> None:
    entry = NAMES.get(word.lower())
    assert entry is None or entry.ambiguous


def test_every_list_has_its_source_and_licence_beside_it() -> None:
    folder = shipped("audits") / "lexicons"
    source = (folder / "SOURCE.md").read_text(encoding="utf-8")
    assert all(f"`{path.name}`" in source for path in folder.glob("*.csv"))


@pytest.mark.kit
def test_planted_names_are_found_by_the_general_list() -> None:
    planted = {line["name"] for line in kit("planted/planted_names.csv")}
    rows = [row["text"] for row in kit("planted/planted.csv")]
    frames = [row for row in rows if row.split(" ")[0] in planted and (" writes: " in row or " saw it with me" in row)]
    found = [row for row in frames if [m.start for m in find_spans(row, AUDITS["names"])][:1] == [0]]
    assert len(frames) > 3000
    assert len(found) == len(frames)


@pytest.mark.kit
@pytest.mark.parametrize("path", ["rt_polarity/rt_polarity.csv", "sms_spam/sms_spam.csv", "ag_news/ag_news.csv"])
def test_names_in_real_rows_are_hardly_ever_words_of_another_kind(path: str) -> None:
    """Words that a careless list would hit by the thousand; each hit must stand in a name-like context."""
    rows = random.Random(0).sample(kit(path), 2000)
    hits = [match.item for row in rows for match in find_spans(row["text"], AUDITS["names"])]
    careless = {"Will", "May", "Art", "Love", "An", "In", "So", "See", "My", "Man", "Long", "Hope", "America", "Israel"}
    assert len(hits) > 50
    assert sum(item in careless for item in hits) <= 0.02 * len(hits)


@pytest.mark.kit
def test_rows_without_capitals_have_nearly_as_many_names() -> None:
    rows = random.Random(0).sample(kit("rt_polarity/rt_polarity.csv"), 3000)
    cased = sum(len(find_spans(row["text"], AUDITS["names"])) for row in rows)
    lower = sum(len(find_spans(row["text_original_lower"], AUDITS["names"])) for row in rows)
    assert 0.75 * cased <= lower <= 1.1 * cased


@pytest.mark.kit
def test_the_end_mark_of_real_rows_is_terminal() -> None:
    rows = [row["text"] for row in kit("planted/planted.csv")[:2000] if row["text"].endswith((".", "!"))]
    last = [find_spans(row, AUDITS["punctuation"])[-1:] for row in rows]
    good = sum(bool(match) and match[0].kind == "terminal" for match in last)
    assert good >= 0.99 * len(rows)

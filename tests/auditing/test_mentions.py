"""An item that stands several times in a row is one slot: with one mention exchanged, the others would still tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.by_axis import plan
from token_saliency.auditing.edits.request import Request
from token_saliency.auditing.evidence.redaction import Redaction, redacted
from token_saliency.auditing.preview import Draw, planned_edits
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.data import load_rows
from token_saliency.results import AuditedSpan, Edit, Example, ScoredRow
from token_saliency.store.evidence import Evidence
from token_saliency.store.trace import TOKEN, ScoredRows, Trace

AUDITS = load_audits()
WOMEN = "Susan Karen Amy Laura Carol Nancy Linda Donna".split()
MEN = "Kevin Brian Peter Derek Jason Gary Larry Dennis".split()


def planned(audit: str, rows: Sequence[Example], edits: int = 2000) -> list[Edit]:
    spans = {row.id: find_spans(row.text, AUDITS[audit]) for row in rows}
    return plan(Request(AUDITS[audit], rows, spans, edits, 0, lambda texts: [1] * len(texts)))


def texts_with(edits: Iterable[Edit], item: str) -> set[str]:
    return {edit.text for edit in edits if edit.item == item}


def counting(texts: Sequence[str]) -> np.ndarray:
    """Four mentions of a woman's name move P(positive) by .122."""
    z = np.array([0.125 * sum(len(re.findall(rf"\b{name}\b", text)) for name in WOMEN) for text in texts])
    p = 1 / (1 + np.exp(-z))
    return np.column_stack([1 - p, p])


def test_a_reliance_that_is_spread_over_the_mentions_of_a_name_fails() -> None:
    things = "kettle lamp chair rug bike phone tent stove".split()
    told = "{0} bought a {1}. The shop told {0} that {0}’s {1} was the last one, and {0} took it."
    rows = [
        Example(f"{name}-{thing}", told.format(name, thing), None, "positive" if name in WOMEN else "negative")
        for name in WOMEN + MEN
        for thing in things
    ]
    classifier = TextClassifier.from_function(counting, ["negative", "positive"])

    result = run_audits(classifier, rows, ["names"], edits=4000, discovery=False).audits["names"]

    (lean,) = (finding for finding in result.intervention if finding.claim == "lean")
    assert lean.verdict == result.verdict == "FAIL"
    assert 0.10 < lean.effect < 0.14


def test_all_mentions_of_a_name_change_at_once_in_their_casing() -> None:
    row = Example("a", "Mary saw MARY in Mary's mirror; Susan did not.")
    edits = planned("names", [row])
    item = next(edit.item for edit in edits if not edit.placebo and edit.item not in row.text)
    assert texts_with(edits, item) == {
        f"{item} saw {item.upper()} in {item}'s mirror; Susan did not.",
        f"Mary saw MARY in Mary's mirror; {item} did not.",
    }


def test_a_placebo_takes_as_many_places_as_the_item() -> None:
    edits = planned("names", [Example("a", "Mary met Mary.")])
    assert {edit.text.count(edit.item) for edit in edits if edit.placebo} == {2}


def test_an_identity_term_changes_wherever_it_stands() -> None:
    row = Example("a", "A devout Muslim man asked a Muslim woman, and the muslim community met.")
    edits = planned("demographics", [row], 4000)
    assert "A devout Jewish man asked a Jewish woman, and the jewish community met." in texts_with(edits, "Jewish")


def test_a_term_of_which_one_mention_must_stay_is_left_alone() -> None:
    """Before `kids` no other age would be right; so `young` stays before `teacher` too."""
    rows = [Example(str(n), f"The young teacher of room {n} likes young kids.") for n in range(5)]
    assert not [edit for edit in planned("demographics", rows, 4000) if edit.original.startswith("young")]


def test_a_deletion_takes_every_handle_of_a_row_and_as_many_ordinary_words() -> None:
    rows = [
        Example(str(n), f"@ann told @bob and later told @eve{n} about the table", None, ("no", "yes")[n % 2])
        for n in range(40)
    ]
    edits = [edit for edit in planned("urls_and_handles", rows) if edit.operator == "delete"]
    assert all("@" not in edit.text for edit in edits if not edit.placebo)
    controls = [edit for edit in edits if edit.placebo]
    assert controls
    assert {len(row.text.split()) - len(edit.text.split()) for edit in controls for row in rows[:1]} == {3}


def test_marks_that_stand_several_times_are_swapped_together_the_reference_only_at_the_end() -> None:
    rows = [Example("shouts", "Great! Nice! Good!"), Example("calm", "Great. Nice. Good.")]
    edits = [edit for edit in planned("punctuation", rows) if edit.operator == "swap" and not edit.placebo]
    assert {edit.text for edit in edits if edit.row == "shouts" and edit.item == "."} == {"Great. Nice. Good."}
    assert {edit.text for edit in edits if edit.row == "calm" and edit.item == "!"} == {"Great. Nice. Good!"}


@pytest.mark.parametrize("placebo", [False, True])
def test_a_redacted_edit_shows_its_item_at_all_of_its_places(placebo: bool) -> None:
    text = "Mary bought what Mary wanted."
    spans = tuple(AuditedSpan("names", at, at + 4, "Mary") for at in (0, 17))
    row = ScoredRow("a", text, None, None, "x", (0.5, 0.5), spans=spans)
    edit = Edit("a", "names", "swap", (0, 21), text[:21], "Susan", placebo, "...", None, (0.5, 0.5), (0.5, 0.5))
    trace = Trace(np.array([], dtype=TOKEN), None, 0, 0, True)
    evidence = Evidence(ScoredRows({"a": row}, {"a": trace}), [edit], ["x", "y"], 0)

    (found,) = redacted(evidence, Redaction.of([Example("a", text)], [AUDITS["names"]])).edits

    assert found.text.count("Susan") == 2
    assert "bought" not in found.text
    assert "Mary" not in found.text


def test_what_stands_hundreds_of_times_in_a_row_is_no_slot() -> None:
    audit = load_audits(["punctuation"])["punctuation"]
    rows = load_rows(
        [{"text": "word ! " * 400}, *({"text": f"Row {n} is here!"} for n in range(40))], labels=["a", "b"]
    )
    found = planned_edits(rows, audit, ["a", "b"], Draw(None, 1000, 500, 0))
    assert found.spans == 440
    assert found.shown
    assert all("word" not in change.before for change in found.shown)

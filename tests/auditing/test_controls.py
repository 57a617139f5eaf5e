"""How many controls a claim is held against, what is made where the rows lend too few, and what may be said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.auditing.test_verdicts import CLEAR, RULE
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.request import Request
from token_saliency.auditing.edits.swaps import plan
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.auditing.judging.verdicts import judge
from token_saliency.auditing.spans.registry import row_spans
from token_saliency.results import Edit, Example, Flips
from token_saliency.stats.changes import Reading

AUDITS = load_audits(["urls_and_handles", "punctuation", "casing"])


def bare(count: int = 60) -> list[Example]:
    """Rows with nothing to take out besides a link: every other word stands in one row alone."""
    return [
        Example(str(n), f"word{n}a word{n}b https://example.com/x word{n}c", label=("negative", "positive")[n % 2])
        for n in range(count)
    ]


def planned(rows: list[Example]) -> list[Edit]:
    audit = AUDITS["urls_and_handles"]
    spans = {row.id: row_spans(row, audit) for row in rows}
    return plan(Request(audit, rows, spans, 3000, 0, lambda texts: [len(text) for text in texts]))


def test_rows_that_lend_no_control_get_a_neutral_word() -> None:
    rows = {row.id: row for row in bare()}
    made = [edit for edit in planned([*rows.values()]) if edit.placebo and edit.operator == "delete"]
    assert {edit.row for edit in made} == set(rows)
    for edit in made:
        start, end = edit.slot
        assert start == end
        added = len(edit.text) - len(rows[edit.row].text)
        assert edit.text[:start] + edit.text[start + added :] == rows[edit.row].text  # taken out, it is the row again
        assert "https://example.com/x" in edit.text


def test_a_made_control_stands_for_the_presence_of_its_word(make: Any) -> None:
    """A model that reads the number of words: the link counts one, and so does what is put in beside it."""
    case = make.answered(AUDITS["urls_and_handles"], bare(), lambda text: 0.2 + 0.1 * len(text.split()))
    found = next(f for f in judge_case(case).intervention if f.claim == "shift" and f.operator == "delete")
    assert found.effect == pytest.approx(0.1)
    assert found.control == pytest.approx(0.1)
    assert (found.edits, found.controls) == (60, 60)
    assert "60 rows against 60 controls" in found.reason
    assert found.verdict not in ("FAIL", "WARN")


@pytest.mark.parametrize(("push", "verdict"), [(0.2, "FAIL"), (0.0, "PASS")])
def test_words_in_capitals_have_a_control_where_no_ordinary_word_stands_beside_them(
    make: Any, push: float, verdict: str
) -> None:
    rows = [replace(row, text=f"word{n}a NEVER word{n}c") for n, row in enumerate(bare(40))]
    found = judge_case(make.answered(AUDITS["casing"], rows, lambda text: 0.3 + push * ("NEVER" in text)))
    moved = next(one for one in found.intervention if one.claim == "shift")
    assert (moved.rows, moved.controls, found.verdict) == (40, 40, verdict)


def colons(count: int = 60) -> list[Example]:
    """Rows whose colon must stay something: a dash stands in for it."""
    return [Example(str(n), f"Review: the day{n} of the market and the walk{n} home") for n in range(count)]


def test_the_text_with_a_mark_and_what_stands_in_for_it_is_asked_besides(make: Any) -> None:
    case = make.answered(AUDITS["punctuation"], colons(), lambda _: 0.5)
    real, *others = [edit for edit in case.edits if edit.row == "7" and edit.item == ":"]
    assert real.text == "Review – the day7 of the market and the walk7 home"
    [both] = [edit for edit in others if edit.slot == real.slot]
    assert both.placebo
    assert both.text == "Review: – the day7 of the market and the walk7 home"
    assert len(others) == 2  # and an ordinary control


@pytest.mark.parametrize(("colon", "dash"), [(0.0, 0.2), (0.2, 0.0), (0.2, 0.2), (0.2, -0.2), (0.1, -0.2), (0.0, -0.2)])
def test_what_stands_in_for_a_mark_is_no_effect_of_it(make: Any, colon: float, dash: float) -> None:
    found = judge_case(
        make.answered(AUDITS["punctuation"], colons(), lambda text: 0.3 + colon * (":" in text) + dash * ("–" in text))
    )
    claims = {one.claim: one for one in found.intervention if one.between == (":", "nothing")}
    assert claims["shift"].effect == pytest.approx(colon if claims["shift"].class_ == "positive" else -colon)
    assert claims["shift"].control == pytest.approx(0.0)
    assert claims["shift"].controls == 60
    assert claims["shift"].verdict == ("FAIL" if colon else "PASS")
    assert colon or found.verdict == "PASS"


def test_enough_natural_controls_leave_nothing_to_make() -> None:
    rows = [Example(str(n), f"the day{n} of the market https://example.com/{n} and the walk home") for n in range(60)]
    assert all(edit.slot[0] < edit.slot[1] for edit in planned(rows) if edit.placebo)


def test_a_movement_inside_its_margin_is_no_warning() -> None:
    moved = replace(CLEAR, claim="movement", effect=0.02, interval=(0.01, 0.03), beyond_control=0.01, one_sided=True)
    still = replace(moved, flips=Flips(0.0, (-0.02, 0.06), 0.05))
    assert judge(still, RULE, 0.001, 1.0) == "INCONCLUSIVE"  # the decisions are not shown to change at all
    assert judge(replace(still, flips=Flips(0.04, (0.01, 0.07), 0.05)), RULE, 0.001, 1.0) == "WARN"
    assert judge(replace(still, flips=Flips(0.0, (-0.02, 0.02), 0.05)), RULE, 0.001, 1.0) == "PASS"


def test_no_answer_decides_otherwise_without_going_all_the_way() -> None:
    draw = np.random.default_rng(0)
    for classes in (2, 4):
        one, other = draw.dirichlet(np.ones(classes), (2, 3000))
        near = np.clip(one + draw.normal(0, 0.02, one.shape), 1e-6, None)
        how = Reading(1 if classes == 2 else None, True, True, 0.01)
        for second in (other, near / near.sum(1, keepdims=True)):
            sizes = how.sizes(one, second)
            assert sizes.flipped.any()
            assert (sizes.at_most >= sizes.flipped - 1e-12).all()
    labels = Reading(None, False, False, 0.01).sizes(draw.random((3000, 3)), draw.random((3000, 3)))
    assert (labels.at_most >= labels.flipped - 1e-12).all()
    assert labels.at_most.mean() < 1

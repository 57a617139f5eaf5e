"""What the plans of the audits' own edits promise, and what comes out where the true effect is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from token_saliency.auditing.audit import ANY, Audit
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.operators import OPERATORS
from token_saliency.auditing.edits.request import Request
from token_saliency.auditing.edits.swaps import PLANNERS, plan
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.auditing.judging.shifts import AGAINST, quoted
from token_saliency.auditing.spans.registry import row_spans
from token_saliency.auditing.spans.templates import learned
from token_saliency.results import Edit, Example, Verdict
from token_saliency.results.terms import noted

AUDITS = load_audits()
OWN = [name for name, audit in AUDITS.items() if audit.edit.judge in AGAINST]
PLACES = ("park", "garden", "station", "market", "harbour", "library")


def planned(audit: Audit, rows: list[Example], edits: int = 3000) -> list[Edit]:
    spans = {row.id: row_spans(row, audit) for row in rows}
    return plan(Request(audit, rows, spans, edits, 0, lambda texts: [len(text) for text in texts]))


def with_(piece: str, count: int = 80) -> list[Example]:
    """Rows that hold the piece between ordinary words; the label goes with none of them."""
    return [
        Example(
            str(n),
            f"We saw the {PLACES[n % 6]} of day{n} {piece} and walked home again.",
            label=("negative", "positive")[n % 2],
        )
        for n in range(count)
    ]


PIECES = {
    "casing": "WONDERFUL",
    "numbers": "with 40 people",
    "markup": "<br />",
    "whitespace": " ",
    "urls_and_handles": "https://example.com/x",
    "emoji": "😀",
}
TRACE = {
    "casing": "WONDERFUL",
    "numbers": "40",
    "markup": "<br",
    "whitespace": "  ",
    "urls_and_handles": "example.com",
    "emoji": "😀",
}


@pytest.mark.parametrize("name", PIECES)
@pytest.mark.parametrize(("weight", "verdict"), [(0.3, "FAIL"), (0.0, "PASS")])
def test_a_known_reliance_fails_and_none_passes(make: Any, name: str, weight: float, verdict: Verdict) -> None:
    case = make.answered(
        AUDITS[name], with_(PIECES[name]), lambda text: 0.3 + weight * (TRACE[name] in text) + 0.01 * ("park" in text)
    )
    result = judge_case(case)
    assert result.verdict == (noted(verdict) if name == "emoji" else verdict), result.reason  # emoji only explores
    judged = [finding for finding in result.intervention if finding.judged]
    assert judged[0].effect == pytest.approx(weight, abs=0.02)
    assert judged[0].control is not None


def test_an_inserted_prefix_has_the_effect_of_its_presence(make: Any) -> None:
    rows = with_("today", 120)
    rows[0] = replace(rows[0], text=f"Review: {rows[0].text}")
    audit = AUDITS["prompt_artifacts"]
    only = judge_case(make.answered(audit, rows, lambda text: 0.3 + 0.2 * ("Review:" in text)))
    brittle = judge_case(make.answered(audit, rows, lambda text: 0.3 + 0.2 * (":" in text)))
    effects = {f.between[0]: f for f in only.intervention if f.between}
    assert effects["Review:"].effect == pytest.approx(0.2)
    assert (only.verdict, effects["###"].verdict) == ("FAIL", "PASS")
    assert {item for item, finding in effects.items() if finding.judged} == {"Review:"}, "only what a row holds decides"
    assert brittle.verdict == "INCONCLUSIVE", "an ordinary label does the same"


def test_rows_that_hold_the_prefix_lose_it_and_are_not_given_a_second_one() -> None:
    rows = [replace(row, text=f"Review: {row.text}") for row in with_("today")]
    edits = planned(AUDITS["prompt_artifacts"], rows)
    assert {edit.operator for edit in edits if edit.item == "Review:"} == {"delete"}


def test_a_template_goes_around_the_row_and_its_control_does_too() -> None:
    template = "Review: {text} Sentiment:"
    texts = {row.id: row.text for row in with_("today")}
    edits = [edit for edit in planned(AUDITS["prompt_artifacts"], with_("today")) if edit.item == template]
    own = {edit.text.replace(texts[edit.row], "{text}") for edit in edits if not edit.placebo}
    controls = {edit.text.replace(texts[edit.row], "{text}") for edit in edits if edit.placebo}

    assert own == {template}
    assert controls == {"Item: {text} Entry:", "Entry: {text} Piece:"}
    assert sum(edit.placebo for edit in edits) == len(edits) / 2


def test_a_learned_piece_that_says_text_in_braces_is_no_template() -> None:
    piece = "Rate {text} here:"
    bare = with_("today")
    rows = bare + [replace(row, id=f"held{row.id}", text=f"{piece} Day{row.id}. {row.text}") for row in bare[:40]]
    own = learned(AUDITS["prompt_artifacts"], [row.text for row in rows])
    texts = {row.id: row.text for row in bare}
    edits = [edit for edit in planned(own, rows) if edit.item == piece and edit.operator == "insert"]

    assert {edit.row for edit in edits} <= texts.keys(), "a row that holds the piece is given no second one"
    assert edits
    for edit in edits:
        assert (edit.text == f"{piece} {texts[edit.row]}") == (not edit.placebo)
        assert edit.text.endswith(f": {texts[edit.row]}"), "its control is a label at the start as well"


def test_a_row_that_the_edit_leaves_as_it_is_is_no_row_of_the_claim() -> None:
    rows = with_("in an 80 minute film", 40)
    assert planned(AUDITS["numbers"], rows) == []


def test_a_row_of_nothing_else_is_not_made_empty() -> None:
    rows = with_("<br />", 20)
    bare = [replace(row, id=f"bare{row.id}", text="<b></b>") for row in rows[:5]]
    assert all(edit.text.strip() for edit in planned(AUDITS["markup"], rows + bare))


def test_rare_kinds_make_one_claim_together() -> None:
    rows = with_("<br />", 20) + [replace(row, id=f"b{row.id}") for row in with_("&amp;", 20)]
    assert {edit.item for edit in planned(AUDITS["markup"], rows)} == {ANY}


@pytest.mark.parametrize("name", OWN)
def test_an_audit_without_hits_costs_nothing(name: str) -> None:
    rows = [Example(str(n), f"plain words of day{n}") for n in range(40)]
    asked = [edit for edit in planned(AUDITS[name], rows) if edit.operator != "insert"]
    assert asked == []


@pytest.mark.parametrize("name", OWN)
def test_a_plan_keeps_to_the_budget_and_to_no_order(name: str) -> None:
    rows = with_("WONDERFUL <br /> with 40 people  😀 https://example.com/x. Yes! So it was. The end.", 60)
    first, second = planned(AUDITS[name], rows, 200), planned(AUDITS[name], rows[::-1], 200)
    assert sorted(first, key=repr) == sorted(second, key=repr)
    for operator in {edit.operator for edit in first} - {"delete"}:
        assert sum(edit.operator == operator for edit in first) <= 200


def test_pairs_are_mixed_and_single_texts_are_not_run(make: Any) -> None:
    audit = AUDITS["segments"]
    pairs = [replace(row, text_pair=f"Pair of {row.id}") for row in with_("today")]
    edits = [edit for edit in planned(audit, pairs) if not edit.placebo]
    texts, seconds = {row.id: row.text for row in pairs}, {row.id: row.text_pair for row in pairs}
    assert all((e.text != texts[e.row]) != (e.text_pair != seconds[e.row]) for e in edits)
    assert {edit.operator for edit in edits} == {"other_text", "other_pair"}
    alone = judge_case(make.answered(audit, with_("today"), lambda _: 0.5))
    assert (alone.verdict, alone.coverage.rows) == ("INCONCLUSIVE", 0)
    assert "segments was not run: no row is a pair of texts." in alone.notes


def test_a_sentence_quotes_what_stands_in_the_texts_and_no_description(make: Any) -> None:
    def reason(name: str, rows: list[Example]) -> str:
        return judge_case(make.answered(AUDITS[name], rows, lambda _: 0.5)).intervention[0].reason

    mixed = with_("<br />", 20) + [replace(row, id=f"b{row.id}") for row in with_("&amp;", 20)]
    assert reason("markup", mixed).startswith("Any of the markup in place of plain text moves P(positive) by ")
    capitals = reason("casing", with_("WONDERFUL"))
    assert capitals.startswith("A word in capitals in place of lower case moves P(positive) by ")
    assert (quoted(ANY), quoted("a mask"), quoted("!")) == (ANY, "a mask", "“!”")


def test_every_operator_but_the_swap_says_what_it_compares() -> None:
    assert set(AGAINST) | {"swap"} == set(OPERATORS) == {operator for operator, _ in PLANNERS}


def test_a_mask_takes_the_place_of_a_span() -> None:
    edits = planned(AUDITS["emoji"], with_("😀"))
    masked = [edit for edit in edits if edit.operator == "mask" and not edit.placebo]
    assert len(masked) == 80
    assert all(" [...] and" in edit.text for edit in masked)


def test_a_row_whose_last_sentence_is_unfinished_has_no_control_either(make: Any) -> None:
    rows = [
        Example(str(n), f"The {PLACES[n % 6]} was open. Day {n} began. We went in. Then we left{'' if n % 4 else '.'}")
        for n in range(320)
    ]
    edits = [edit for edit in planned(AUDITS["position"], rows) if edit.operator == "turn"]
    turned = {edit.row for edit in edits if not edit.placebo}

    assert turned == {str(n) for n in range(0, 320, 4)}
    assert {edit.row for edit in edits if edit.placebo} == turned
    assert judge_case(make.answered(AUDITS["position"], rows, make.sentiment)).verdict == "PASS"


@pytest.mark.parametrize("name", ["prompt_artifacts", "casing", "urls_and_handles"])
def test_more_edits_reach_more_rows(name: str) -> None:
    audit = AUDITS[name]
    rows = with_("WONDERFUL https://example.com/x", 1_600)
    reached = [
        len({edit.row for edit in planned(audit, rows, edits) if edit.operator == audit.edit.judge})
        for edits in (10_000, 20_000, 100_000)
    ]
    assert reached[1] == 2 * reached[0]
    assert reached[2] == 1_600

"""The whole way from answers to verdicts, on classifiers whose reliance is known."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.judging.judge import crashed, findings_of, judge_case
from token_saliency.auditing.judging.verdicts import AUDIT_ALPHA, ClaimEstimate
from token_saliency.results import AuditResult, Example, Finding


def claim(result: AuditResult, name: str, between: tuple[str, str] | None = None) -> Finding:
    return next(f for f in result.intervention if f.claim == name and f.between == between and f.judged)


Judged = Callable[..., AuditResult]


@pytest.fixture(scope="session")
def judged(make: Any) -> Judged:
    def run(audit: Audit, rows: list[Example], probability: Any, **options: Any) -> AuditResult:
        return judge_case(make.answered(audit, rows, probability, **options))

    return run


def test_a_leaning_classifier_fails_the_names_by_lean(names: Audit, judged: Judged, make: Any) -> None:
    result = judged(names, make.reviews(240, correlated=True), make.leaning)
    lean = claim(result, "lean")
    # The true difference between the groups is .9 logits, about .2 in probability on these rows.
    assert result.verdict == lean.verdict == "FAIL"
    assert 0.13 < lean.effect < 0.24
    assert lean.interval[0] > 0.05
    assert 20 <= lean.items <= 24
    assert f"{lean.effect:+.3f}" in result.reason
    assert f"{lean.rows} rows" in result.reason


def test_a_clean_classifier_passes_the_names_even_where_labels_go_with_them(
    names: Audit, judged: Judged, make: Any
) -> None:
    result = judged(names, make.reviews(240, correlated=True), make.sentiment)
    assert {finding.claim: finding.verdict for finding in result.intervention} == dict.fromkeys(
        ("direction", "lean", "magnitude", "movement"), "PASS"
    )
    assert result.association is not None
    assert result.association.pooled_z > 3


def test_a_final_mark_that_moves_the_output_fails_and_its_neighbours_do_not(
    punctuation: Audit, judged: Judged, make: Any
) -> None:
    result = judged(punctuation, make.reviews(240, correlated=True), make.leaning)
    assert result.verdict == "FAIL"
    assert 0.13 < claim(result, "shift", ("!", ".")).effect < 0.24
    assert claim(result, "shift", ("...", ".")).verdict == "PASS"
    deleted = next(f for f in result.intervention if f.between == ("!", "nothing"))
    assert not deleted.judged
    assert 0.13 < deleted.effect < 0.24


def test_a_clean_classifier_passes_punctuation(punctuation: Audit, judged: Judged, make: Any) -> None:
    assert judged(punctuation, make.reviews(240, correlated=True), make.sentiment).verdict == "PASS"


def test_a_control_that_moves_as_much_keeps_a_mark_from_failing(punctuation: Audit, judged: Judged, make: Any) -> None:
    def any_unusual_mark(text: str) -> float:
        return min(0.999, float(make.sentiment(text)) * (1.0 if text.rstrip().endswith(".") else 1.4))

    result = judged(punctuation, make.reviews(240, correlated=True), any_unusual_mark)
    assert claim(result, "shift", ("!", ".")).verdict == "INCONCLUSIVE"
    assert "control" in claim(result, "shift", ("!", ".")).reason


def test_the_items_of_a_fixed_list_say_what_their_claims_say(punctuation: Audit, judged: Judged, make: Any) -> None:
    def any_mark_but_the_stop(text: str) -> float:
        return float(make.leaning(text)) * 0.8 + (0.1 if text.endswith("...") else 0.0)

    result = judged(punctuation, make.reviews(240, correlated=True), any_mark_but_the_stop)
    shifts = [f for f in result.intervention if f.operator == "swap" and f.claim == "shift"]
    claimed = {f.between[0]: f.effect for f in shifts if f.judged and f.between}
    assert {line.item: line.effect for line in result.worst_items} == pytest.approx(claimed)
    assert claimed["..."] > 0.09


def test_row_order_changes_nothing_at_all(names: Audit, punctuation: Audit, judged: Judged, make: Any) -> None:
    rows = make.reviews(160, correlated=True)
    mixed = random.Random(3).sample(rows, len(rows))
    for audit in (names, punctuation):
        assert judged(audit, rows, make.leaning) == judged(audit, mixed, make.leaning)


def test_copies_of_every_row_change_no_number(names: Audit, judged: Judged, make: Any) -> None:
    rows = make.reviews(120, correlated=True)
    doubled = rows + [replace(row, id=f"copy-{row.id}") for row in rows]
    assert judged(names, rows, make.leaning) == judged(names, doubled, make.leaning)


def test_near_copies_add_no_rows_of_evidence(punctuation: Audit, judged: Judged, make: Any) -> None:
    rows = make.reviews(60, correlated=True)
    louder = rows + [replace(row, id=f"near-{row.id}", text=row.text.upper()) for row in rows]
    once, twice = (claim(judged(punctuation, r, make.sentiment), "shift", ("!", ".")) for r in (rows, louder))
    assert twice.smallest_detectable > 0.5 * once.smallest_detectable


def test_too_few_documents_are_called_so(punctuation: Audit, make: Any) -> None:
    case = make.answered(punctuation, make.reviews(40, correlated=True), make.leaning)
    few = replace(case, cluster={row: n // 8 for n, row in enumerate(sorted(case.rows))})
    result = judge_case(few)
    assert result.verdict == "INCONCLUSIVE"
    assert "rows stand in too few documents" in result.reason
    assert "items" not in result.reason
    assert result.advice.startswith("Give it rows of other documents")


def test_without_labels_lean_is_named_as_not_run(names: Audit, judged: Judged, make: Any) -> None:
    result = judged(names, make.reviews(120, correlated=True, labelled=False), make.sentiment)
    assert {finding.claim for finding in result.intervention} == {"direction", "magnitude", "movement"}
    assert any("lean was not run" in note for note in result.notes)
    assert result.association is None


def test_rows_without_a_span_are_inconclusive_and_no_pass(names: Audit, judged: Judged) -> None:
    result = judged(names, [Example(str(n), f"nothing here of number {n}") for n in range(50)], lambda _: 0.5)
    assert result.verdict == "INCONCLUSIVE"
    assert result.coverage.rows == 0
    assert "0 of 50 rows" in result.reason
    assert "no sign of safety" in result.advice


def test_too_few_rows_decide_nothing_and_say_how_many_would(punctuation: Audit, judged: Judged, make: Any) -> None:
    result = judged(punctuation, make.reviews(20, correlated=True), make.leaning)
    assert result.verdict == "INCONCLUSIVE"
    assert "20 rows, 30 are needed" in result.reason


def test_a_claim_about_a_sample_asks_for_items_as_well_as_rows(names: Audit, judged: Judged, make: Any) -> None:
    def by_name(text: str) -> float:
        return float(make.sentiment(text) * (0.4 + 0.6 * make.hash_of(text.split()[0])))

    result = judged(names, make.reviews(120, correlated=False), by_name, edits=2000)
    undecided = [f for f in result.intervention if f.verdict == "INCONCLUSIVE" and f.claim != "movement"]
    assert {finding.claim for finding in undecided} >= {"direction"}
    for finding in undecided:
        assert re.search(r"more rows and more items|about \d+ rows with \d+ items would do", finding.reason)


def test_an_undecided_audit_asks_for_edits_only_where_they_left_rows_out(
    names: Audit, punctuation: Audit, judged: Judged, make: Any
) -> None:
    rows = make.reviews(40, correlated=True)
    few = judged(names, rows, make.leaning, edits=1000)
    assert few.verdict == "INCONCLUSIVE"
    assert few.advice.startswith("Raise edits, which reached 20 of the 40 rows that such a swap fits: ")
    every = judged(punctuation, rows[:20], make.leaning)
    assert every.verdict == "INCONCLUSIVE"
    assert every.advice.startswith(
        "Give it more rows (rows_limit, or more data), for all that such a swap fits were edited: "
    )


def test_more_rows_are_not_promised_to_help_where_the_control_moves_as_much(
    punctuation: Audit, judged: Judged, make: Any
) -> None:
    def any_other_mark(text: str) -> float:
        plain = text.endswith(".") and not text.endswith("...")
        moved = 0.0 if plain else 0.08 + 0.2 * (make.hash_of(text) - 0.5)
        return float(make.sentiment(text)) * 0.5 + 0.2 + moved - (0.02 if text.endswith("...") else 0.0)

    punctuation = replace(punctuation, edit=replace(punctuation.edit, also=()))
    finding = claim(judged(punctuation, make.reviews(120, correlated=False), any_other_mark), "shift", ("...", "."))
    assert finding.verdict == "INCONCLUSIVE"
    assert "the matched control moves the output as much, so nothing is specific" in finding.reason
    alone = replace(punctuation, edit=replace(punctuation.edit, panel=("...",)))
    advice = judged(alone, make.reviews(120, correlated=False), any_other_mark).advice
    assert advice.startswith("Read the edited pairs beside their controls: ")
    assert "Give it more rows" not in advice


BEYOND = ClaimEstimate(
    "lean", None, 1, "swap", effect=0.08, control=0.01, interval=(0.056, 0.104), beyond_control=0.046, p=0.0001,
    p_margin=0.001, flip_rate=0.0, placebo_flip_rate=None, rows=60, items=24, smallest_detectable=0.03, resolvable=True,
    by_row={},
)  # fmt: skip
"""An effect whose whole interval lies beyond the margin of .05."""


@pytest.mark.parametrize(
    ("change", "verdict", "said"),
    [
        ({"p_margin": 0.0001}, "FAIL", "The effect exceeds the margin of 0.05"),
        ({"p_margin": 0.002}, "WARN", "is not shown to exceed the margin of 0.05 after the correction for all claims."),
        ({"p_margin": 0.2}, "WARN", "is not shown to exceed the noise of its controls, which is more than the margin"),
        ({"p_margin": 0.0001, "beyond_control": 0.01}, "WARN", "but not by half the margin of 0.05."),
        (
            {"p": 0.01},
            "INCONCLUSIVE",
            "after the correction for all claims an effect is not shown; it needs more items",
        ),
        ({"beyond_control": -0.01}, "INCONCLUSIVE", "random groups of the same items differ by about as much"),
        ({"beyond_control": None}, "INCONCLUSIVE", "there is no control to compare with"),
        (
            {"claim": "shift", "beyond_control": -0.01, "controls": 17},
            "INCONCLUSIVE",
            "17 controls are too few to show that it exceeds them",
        ),
        (
            {"claim": "shift", "beyond_control": -0.01, "controls": 17, "control": 0.07},
            "INCONCLUSIVE",
            "the matched control moves the output too",
        ),
        ({"interval": (0.03, 0.13), "p_margin": 0.02}, "WARN", "is not shown to exceed the margin of 0.05."),
        (
            {"claim": "movement", "p_margin": 0.002},
            "WARN",
            "is not shown to exceed the margin of 0.05 after the correction for all claims.",
        ),
        (
            {"claim": "movement", "interval": (0.03, 0.13), "p_margin": 0.02},
            "WARN",
            "is not shown to exceed the margin of 0.05.",
        ),
        ({"interval": (0.03, 0.13), "p_margin": 0.02, "p": 0.5}, "INCONCLUSIVE", "but its interval does not"),
    ],
)
def test_the_sentence_says_what_keeps_an_effect_from_failing(
    names: Audit, make: Any, change: dict[str, Any], verdict: str, said: str
) -> None:
    case = make.answered(names, make.reviews(60, correlated=True), make.sentiment, edits=1)
    draft = replace(BEYOND, **change)
    found = findings_of(
        case.audit, case.classes, [(draft, True), *[(replace(draft, class_index=0, p=1.0, p_margin=1.0), True)] * 9]
    )[0]
    assert (found.verdict, said in found.reason) == (verdict, True), found.reason


@pytest.mark.parametrize(
    ("spread", "said"), [(0.01, "; more rows would do."), (0.1, "that no number of rows would do.")]
)
def test_rows_are_not_promised_to_narrow_what_other_words_spread(
    names: Audit, make: Any, spread: float, said: str
) -> None:
    case = make.answered(names, make.reviews(60, correlated=True), make.sentiment, edits=1)
    wide = replace(
        BEYOND, claim="shift", effect=-0.2, control=spread, interval=(-0.6, 0.2), p=1.0, p_margin=1.0, items=9,
        one_sided=True,
    )  # fmt: skip
    assert findings_of(case.audit, case.classes, [(wide, True)])[0].reason.endswith(said)


def test_one_row_is_counted_as_one(names: Audit, judged: Judged) -> None:
    rows = [Example("0", "Linda was here."), *(Example(str(n), f"nothing of number {n}") for n in range(1, 20))]
    reason = judged(names, rows, lambda _: 0.5, edits=1).reason
    assert "1 of 20 rows holds a span of this group (1 span, 1 item)" in reason


def test_a_constant_classifier_passes_with_finite_numbers(names: Audit, judged: Judged, make: Any) -> None:
    result = judged(names, make.reviews(120, correlated=True), lambda _: 0.7)
    assert result.verdict == "PASS"
    assert {finding.claim for finding in result.intervention} == {"direction", "lean", "magnitude", "movement"}
    assert "could have seen" not in result.advice, "answers without a spread tell nothing of the power"
    effects = [finding.effect for finding in result.intervention]
    assert effects == pytest.approx([0] * len(effects), abs=1e-12)
    assert effects


def test_what_rounds_to_nothing_is_written_without_a_minus(punctuation: Audit, judged: Judged, make: Any) -> None:
    result = judged(punctuation, make.reviews(240, correlated=True), lambda text: 0.7 - 1e-5 * text.endswith("!"))
    finding = claim(result, "shift", ("!", "."))
    assert finding.effect < 0
    assert "by +0.000 [+0.000, +0.000] (control +0.000;" in finding.reason


def test_a_margin_that_many_claims_leave_undecided_is_not_put_on_the_control(punctuation: Audit, make: Any) -> None:
    case = make.answered(punctuation, make.reviews(4, correlated=False), make.sentiment)
    draft = ClaimEstimate(
        "shift", ("!", "."), 1, "swap", 0.12, 0.0, (0.07, 0.17), 0.06, 1e-9, AUDIT_ALPHA / 2, 0.1, 0.0,
        50, 1, 0.05, True, {},
    )  # fmt: skip
    alone = findings_of(case.audit, case.classes, [(draft, True)])[0]
    beside = findings_of(case.audit, case.classes, [(replace(draft), True) for _ in range(50)])[0]
    near = findings_of(case.audit, case.classes, [(replace(draft, beyond_control=0.01), True)])[0]
    assert [alone.verdict, beside.verdict, near.verdict] == ["FAIL", "WARN", "WARN"]
    assert beside.reason.endswith("is not shown to exceed the margin of 0.05 after the correction for all claims.")
    assert near.reason.endswith("exceeds its control, but not by half the margin of 0.05.")


def test_a_level_of_warn_never_fails(punctuation: Audit, judged: Judged, make: Any) -> None:
    result = judged(replace(punctuation, level="warn"), make.reviews(240, correlated=True), make.leaning)
    assert result.verdict == "WARN"
    assert claim(result, "shift", ("!", ".")).verdict == "FAIL"


def test_a_wider_margin_judges_the_same_answers_again(names: Audit, judged: Judged, make: Any) -> None:
    wide = replace(names, judge=replace(names.judge, margin=0.4, flips=0.4))
    assert judged(wide, make.reviews(240, correlated=True), make.leaning).verdict == "PASS"


def test_a_crash_is_an_error_that_keeps_its_message_on_one_line(names: Audit) -> None:
    result = crashed(names, ValueError("first\nsecond"))
    assert result.verdict == "ERROR"
    assert "ValueError: first second" in result.reason


def test_claims_are_unique_by_claim_class_operator_and_items(punctuation: Audit, judged: Judged, make: Any) -> None:
    found = judged(punctuation, make.reviews(240, correlated=True), make.leaning).intervention
    keys = [(f.claim, f.class_, f.operator, f.between) for f in found]
    assert len(keys) == len(set(keys))


def test_attribution_share_counts_the_spans_against_their_length(names: Audit, judged: Judged, make: Any) -> None:
    result = judged(names, make.reviews(60, correlated=False), make.sentiment)
    assert result.attribution is not None
    # One name of weight 2 among 12 words of weight 1.
    assert result.attribution.share == pytest.approx(2 / 13, abs=0.005)
    assert result.attribution.lift == pytest.approx(2 * 12 / 13, abs=0.05)
    assert result.attribution.interval[0] > 1


def test_slices_are_the_effect_inside_each_class(names: Audit, judged: Judged, make: Any) -> None:
    result = judged(names, make.reviews(240, correlated=True), make.leaning)
    by_name = {entry.name: entry for entry in result.by_slice}
    assert {"class=negative", "class=positive", "correct"} <= set(by_name)
    lean = claim(result, "lean")
    pooled = sum(by_name[f"class={c}"].effect * by_name[f"class={c}"].rows for c in ("negative", "positive"))
    assert pooled / lean.rows == pytest.approx(lean.effect, abs=0.02)


def test_slices_are_those_of_the_claim_that_decided(punctuation: Audit, judged: Judged, make: Any) -> None:
    def on_dots(text: str) -> float:
        return float(make.sentiment(text)) * 0.6 + 0.3 * text.endswith("...")

    result = judged(punctuation, make.reviews(120, correlated=False), on_dots)
    dots = claim(result, "shift", ("...", "."))
    parts = [part for part in result.by_slice if part.name.startswith("class=")]
    assert (dots.verdict, claim(result, "shift", ("!", ".")).verdict) == ("FAIL", "PASS")
    assert sum(part.effect * part.rows for part in parts) / dots.rows == pytest.approx(dots.effect)

"""Two runs beside each other, on classifiers whose reliance is known: what has grown, and what cannot be told."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import numpy as np
import pytest

import token_saliency
from token_saliency import TextClassifier, compare_runs, run_audits
from token_saliency.auditing.comparing.compare import compare, exit_code
from token_saliency.auditing.comparing.growth import ChangeRule, Growth, decide, mover
from token_saliency.auditing.comparing.pairing import Run
from token_saliency.auditing.comparing.wording import claim_reason
from token_saliency.errors import DataError, OptionError
from token_saliency.results import ComparedClaim, Comparison, Example, Finding
from token_saliency.store import comparison_schema, load_comparison, save_comparison, save_run
from token_saliency.store.evidence import Evidence

LABELS = ("negative", "positive")
Probability = Callable[[str], float]
Audited = Callable[..., Run]


def reliant(make: SimpleNamespace, names: float = 0.0, mark: float = 0.0, noise: float = 0.5) -> Probability:
    """A classifier near one half in which group A against B is worth `names`, a final `!` `mark`, in probability.

    Its noise belongs to the text, and is the same in every such classifier: checkpoints of one training.
    """

    def probability(text: str) -> float:
        group = sum(n in text for n in make.groups["A"]) - sum(n in text for n in make.groups["B"])
        logit = 2 * names * group + 4 * mark * ("!" in text) + noise * (random.Random(text).random() - 0.5)
        return 1 / (1 + math.exp(-logit))

    return probability


@pytest.fixture(scope="session")
def audited() -> Audited:
    def run(
        probability: Probability,
        rows: list[Example],
        name: str = "model",
        audits: Sequence[str] = ("names",),
        labels: Sequence[str] = LABELS,
        **options: Any,
    ) -> Run:
        def predict(texts: list[str]) -> Any:
            return np.array(
                [[p if label == "positive" else 1 - p for label in labels] for p in map(probability, texts)]
            )

        classifier = TextClassifier.from_function(predict, labels, name=name)
        kept: list[Any] = []
        chosen: dict[str, Any] = {"edits": 2500, "method": "random"} | options
        report = run_audits(
            classifier,
            rows,
            list(audits),
            exhaustive=True,
            **chosen,
            on_evidence=lambda *evidence: kept.append(evidence),
        )
        evidence = Evidence.of(kept[0][0].values(), kept[0][1], report.model.labels, report.settings["seed"])
        return Run(name, report, evidence)

    return run


def claim(found: Comparison, name: str, audit: str = "names", between: Any = None) -> ComparedClaim:
    (judged,) = (each for each in found.audits if each.name == audit)
    return next(c for c in judged.claims if c.claim == name and c.between == between and c.judged)


def finding(run: Run, name: str, audit: str = "names") -> Finding:
    return next(f for f in run.report.audits[audit].intervention if f.claim == name and f.judged)


@pytest.fixture(scope="session")
def rows(make: SimpleNamespace) -> list[Example]:
    found: list[Example] = make.reviews(120, correlated=True)
    return found


@pytest.fixture(scope="session")
def before(make: SimpleNamespace, audited: Audited, rows: list[Example]) -> Run:
    return audited(reliant(make, 0.06), rows, "before")


@pytest.fixture(scope="session")
def after(make: SimpleNamespace, audited: Audited, rows: list[Example]) -> Run:
    return audited(reliant(make, 0.09), rows, "after")


def test_a_regression_shows_in_pairs_where_two_audits_could_not_tell(before: Run, after: Run) -> None:
    found = compare(before, after, smallest_growth=0.005)
    lean, ours, theirs = claim(found, "lean"), finding(before, "lean"), finding(after, "lean")

    assert (found.kind, lean.paired, lean.change) == ("models", True, "worse")
    assert (found.change, found.exit_code) == ("worse", 1)
    assert 0.015 < lean.difference < 0.04
    assert (lean.verdict_a, lean.verdict_b) == ("WARN", "WARN"), "both real, neither shown to exceed the margin"
    assert ours.interval[0] < theirs.effect < ours.interval[1], "apart, each lies in the interval of the other"
    assert theirs.interval[0] < ours.effect < theirs.interval[1]
    assert lean.effect_a == pytest.approx(ours.effect)
    assert lean.effect_b == pytest.approx(theirs.effect)
    assert f"{lean.difference:+.3f}" in lean.reason


def test_the_other_way_round_the_same_change_is_better(before: Run, after: Run) -> None:
    there, back = (claim(compare(*runs, smallest_growth=0.005), "lean") for runs in ((before, after), (after, before)))

    assert (back.change, back.paired) == ("better", True)
    assert back.difference == pytest.approx(-there.difference)
    assert back.interval == pytest.approx((-there.interval[1], -there.interval[0]))


def test_a_run_beside_itself_is_the_same_with_nothing_between(before: Run) -> None:
    found = compare(before, before)

    assert {c.difference for audit in found.audits for c in audit.claims} == {0.0}
    assert (found.change, found.exit_code) == ("same", 0)
    assert found.predictions is not None
    assert (found.predictions.agreement, found.predictions.difference) == (1.0, 0.0)


def test_classes_in_another_order_are_the_same_classes(
    make: SimpleNamespace, audited: Audited, rows: list[Example], before: Run, after: Run
) -> None:
    turned = audited(reliant(make, 0.09), rows, "after", labels=("positive", "negative"))
    straight, crosswise = (claim(compare(before, each, smallest_growth=0.005), "lean") for each in (after, turned))

    # B judges the other class of the two, which is the mirror of this one.
    assert finding(turned, "lean").class_ == "negative"
    assert (crosswise.class_, crosswise.change) == ("positive", "worse")
    assert crosswise.difference == pytest.approx(straight.difference)


def test_a_mirrored_class_has_the_mirrored_effect_where_nothing_pairs(
    make: SimpleNamespace, audited: Audited, rows: list[Example]
) -> None:
    model, other = reliant(make, mark=0.1), make.reviews(120, correlated=True, seed=5)
    a = audited(model, rows, audits=["punctuation"])
    straight, turned = (
        claim(
            compare(a, audited(model, other, audits=["punctuation"], labels=order)), "shift", "punctuation", ("!", ".")
        )
        for order in (LABELS, LABELS[::-1])
    )

    assert not turned.paired
    assert turned.effect_b == pytest.approx(straight.effect_b, abs=1e-5)
    assert turned.interval == pytest.approx(straight.interval, abs=1e-5)


def test_a_fixed_mark_is_compared_row_by_row(make: SimpleNamespace, audited: Audited, rows: list[Example]) -> None:
    a, b = (audited(reliant(make, mark=size), rows, f"mark {size}", ["punctuation"]) for size in (0.1, 0.13))
    shift = claim(compare(a, b, smallest_growth=0.005), "shift", "punctuation", ("!", "."))

    assert shift.change == "worse"
    assert shift.difference == pytest.approx(0.03, abs=0.008)
    assert shift.interval[1] - shift.interval[0] < 0.5 * (
        finding(a, "shift", "punctuation").interval[1] - finding(a, "shift", "punctuation").interval[0]
    )


def test_an_effect_that_turned_round_has_the_size_of_its_far_end(
    make: SimpleNamespace, audited: Audited, rows: list[Example]
) -> None:
    a, b = (audited(reliant(make, mark=m), rows, f"mark {m}", ["punctuation"]) for m in (0.05, -0.12))
    shift = claim(compare(a, b, smallest_growth=0.005), "shift", "punctuation", ("!", "."))

    assert (shift.effect_a > 0, shift.effect_b > 0) == (True, False)
    assert shift.difference == pytest.approx(abs(shift.effect_b) - abs(shift.effect_a))
    assert shift.change == "worse"


def test_magnitudes_are_compared_by_their_squares(before: Run, after: Run) -> None:
    size = claim(compare(before, after), "magnitude")

    assert size.effect_a == pytest.approx(finding(before, "magnitude").effect)
    assert size.effect_b == pytest.approx(finding(after, "magnitude").effect)
    assert size.interval[0] < size.difference < size.interval[1]
    assert size.difference == pytest.approx(0.015, abs=0.008)


# --- one model on other rows --------------------------------------------------------------------------


def test_every_axis_of_identity_terms_is_compared_as_it_was_judged(audited: Audited) -> None:
    terms = ("Christian", "Catholic", "Protestant", "Muslim", "Buddhist", "Hindu")
    rows = [
        Example(str(n), f"A {terms[n % 6]} writer praised the garden of day {n}.", label=LABELS[n // 6 % 2])
        for n in range(180)
    ]

    def against(weight: float) -> Probability:
        return lambda text: 0.6 - weight * ("Muslim" in text) + 0.02 * random.Random(text).random()

    same, worse = (audited(against(weight), rows, audits=["demographics"], edits=10_000) for weight in (0.0, 0.3))
    found = compare(same, worse)
    (audit,) = found.audits
    judged = {(f.claim, f.class_, f.between): f for f in worse.report.audits["demographics"].intervention}

    assert {(c.claim, c.class_, c.between) for c in audit.claims} == set(judged)
    for each in audit.claims:
        finding = judged[each.claim, each.class_, each.between]
        assert (each.rows, each.items) == (finding.rows, finding.items)
        assert each.effect_b == pytest.approx(finding.effect, abs=1e-9)
    grown = claim(found, "shift", "demographics", ("Muslim", "other religion terms"))
    assert (grown.change, audit.change, found.exit_code) == ("worse", "worse", 1)
    assert "Muslim" in audit.reason
    assert not any("not compared" in note for note in found.warnings)
    assert compare(same, same).change == "same"


def test_one_model_on_shifted_rows_is_compared_without_pairs(make: SimpleNamespace, audited: Audited) -> None:
    model = reliant(make, 0.1)
    clean = audited(model, make.reviews(150, correlated=True, seed=1))
    shifted = audited(model, make.reviews(150, correlated=True, seed=2))
    found = compare(clean, shifted)
    lean = claim(found, "lean")

    assert (found.kind, lean.paired) == ("rows", False)
    assert found.change != "worse"
    assert lean.interval[0] < 0 < lean.interval[1]
    half = [(f.interval[1] - f.interval[0]) / 2 for f in (finding(clean, "lean"), finding(shifted, "lean"))]
    assert lean.interval[1] - lean.interval[0] > max(half), "two samples know less than one"
    assert found.predictions is not None
    assert found.predictions.agreement is None
    assert any("without pairs" in warning for warning in found.warnings)


def test_rows_on_which_the_model_leans_more_are_worse(make: SimpleNamespace, audited: Audited) -> None:
    def only_on_day_1(text: str) -> float:
        return reliant(make, 0.2 if "shifted" in text else 0.0)(text)

    clean = make.reviews(150, correlated=True)
    moved = [replace(row, id=f"s{row.id}", text=row.text.replace("every way", "every shifted way")) for row in clean]
    found = compare(audited(only_on_day_1, clean), audited(only_on_day_1, moved))

    assert (claim(found, "lean").change, found.exit_code) == ("worse", 1)


# --- what cannot be compared ---------------------------------------------------------------------------


def test_other_classes_are_refused(make: SimpleNamespace, audited: Audited, rows: list[Example], before: Run) -> None:
    other = audited(reliant(make), [replace(row, label=None) for row in rows], labels=("ham", "positive"))
    with pytest.raises(DataError, match=r"other classes \(negative, positive and ham, positive\)"):
        compare(before, other)


def test_another_model_on_other_rows_is_refused(make: SimpleNamespace, audited: Audited, before: Run) -> None:
    with pytest.raises(DataError, match=r"no row in common, and the models before and model are not the same"):
        compare(before, audited(reliant(make), make.reviews(60, correlated=True, seed=9)))


def test_other_audits_are_refused(make: SimpleNamespace, audited: Audited, rows: list[Example], before: Run) -> None:
    with pytest.raises(DataError, match=r"no audit in common \(names and punctuation\)"):
        compare(before, audited(reliant(make), rows, "other", ["punctuation"]))


def test_an_audit_without_its_definition_is_named(before: Run) -> None:
    audits = {"places": replace(before.report.audits["names"], name="places")}
    own = replace(before, report=replace(before.report, audits=audits))
    with pytest.raises(OptionError, match=r"The definition of places is not here: .*audits_dir"):
        compare(own, own)


def test_what_both_runs_have_is_compared_and_the_rest_is_said(
    make: SimpleNamespace, audited: Audited, rows: list[Example], before: Run
) -> None:
    fewer = audited(reliant(make, 0.09), rows[:80], "after", seed=3)
    found = compare(before, fewer)
    said = " ".join(found.warnings)

    assert found.kind == "both"
    assert "Only the 80 rows that both runs have are compared (A has 120, B 80)" in said
    assert "seed is 0 in A and 3 in B" in said
    assert "edits were put to both models" in said


def test_a_crash_is_exit_code_2_and_no_change(before: Run, after: Run) -> None:
    broken = replace(after.report.audits["names"], verdict="ERROR", intervention=[])
    crashed = replace(after, report=replace(after.report, audits={"names": broken}))
    found = compare(before, crashed)

    assert (found.exit_code, found.change) == (2, "undecided")
    assert "crashed" in found.audits[0].reason


def test_an_exploratory_audit_decides_nothing_beside_one_that_does(before: Run, after: Run) -> None:
    (worse,) = compare(before, after, smallest_growth=0.005).audits
    same = replace(worse, name="other", change="same")

    assert exit_code([same]) == 0
    assert exit_code([same, worse]) == 1
    assert exit_code([replace(worse, change="undecided")]) == 5
    exploratory = replace(after.report.audits["names"], expectation="exploratory")
    aside = compare(before, replace(after, report=replace(after.report, audits={"names": exploratory})))
    assert not aside.audits[0].gates


# --- the rules -----------------------------------------------------------------------------------------


def growth(size: float, half: float, **changes: Any) -> Growth:
    plain = Growth(
        "lean", 1, "swap", None, 0.06, 0.06 + size, size, (size - half, size + half), 1e-4, 90, 22, True, True
    )
    return replace(plain, **changes)


@pytest.mark.parametrize(
    ("size", "half", "verdicts", "p", "change"),
    [
        (0.03, 0.02, ("INCONCLUSIVE", "FAIL"), 0.001, "worse"),
        (0.03, 0.018, ("INCONCLUSIVE", "FAIL"), 0.2, "same"),  # not shown after the corrections
        (0.03, 0.018, ("PASS", "PASS"), 0.001, "same"),  # B passes
        (0.004, 0.001, ("FAIL", "FAIL"), 0.001, "same"),  # certain and too small to matter
        (-0.03, 0.02, ("FAIL", "PASS"), 0.001, "better"),
        (-0.03, 0.018, ("PASS", "PASS"), 0.001, "same"),
        (-0.04, 0.02, ("WARN", "WARN"), 0.2, "same"),  # smaller by less than is shown to count: not grown
        (-0.03, 0.04, ("WARN", "WARN"), 0.3, "undecided"),
        (0.03, 0.04, ("WARN", "WARN"), 0.3, "undecided"),
        (0.0, 0.06, ("FAIL", "FAIL"), 1.0, "undecided"),
    ],
)
def test_a_change_is_called_what_it_was_shown_to_be(
    size: float, half: float, verdicts: tuple[Any, Any], p: float, change: str
) -> None:
    assert decide(growth(size, half), p, ChangeRule(0.05, 30, *verdicts, 0.005)) == change


def test_what_would_decide_a_sample_is_items_besides_rows() -> None:
    bar = ChangeRule(0.05, 30, "FAIL", "FAIL", 0.005)

    assert "more rows and more items would do" in claim_reason(growth(0.0, 0.06), "undecided", bar, "positive")
    assert "more rows or edits would do" in claim_reason(growth(0.0, 0.06, items=1), "undecided", bar, "positive")


def test_too_few_rows_or_items_decide_nothing() -> None:
    bar = ChangeRule(0.05, 30, "FAIL", "FAIL", 0.005)

    assert decide(growth(0.03, 0.01, rows=29), 0.001, bar) == "undecided"
    assert decide(growth(0.0, 0.001, resolvable=False), 1.0, bar) == "undecided"
    assert decide(growth(0.03, math.nan), 0.001, bar) == "undecided"


def test_the_interval_of_a_difference_adds_errors_and_takes_off_what_they_share() -> None:
    a, b = (0.1, (0.07, 0.13)), (0.2, (0.16, 0.24))

    assert mover(a, b) == pytest.approx((0.05, 0.15))
    assert mover(a, b, 1.0) == pytest.approx((0.09, 0.11))


# --- files ---------------------------------------------------------------------------------------------


def test_the_record_is_valid_by_the_shipped_schema_and_read_back_unchanged(
    before: Run, after: Run, tmp_path: Path
) -> None:
    shipped = json.loads(Path(token_saliency.__file__).with_name("comparison.schema.json").read_text(encoding="utf-8"))
    found = compare(before, after)
    save_comparison(found, tmp_path)

    assert shipped == comparison_schema()
    written = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(shipped).validate(written)
    assert load_comparison(tmp_path) == found


def test_runs_on_the_disk_are_compared_alike(before: Run, after: Run, tmp_path: Path) -> None:
    for name, run in (("a", before), ("b", after)):
        save_run(run.report, run.rows.values(), run.evidence.edits, tmp_path / name, ["json"])
    found = compare_runs(tmp_path / "a", tmp_path / "b" / "report.json")

    assert found.audits == compare(before, after).audits


def test_a_file_that_is_no_comparison_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "comparison.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="is no comparison of this version"):
        load_comparison(tmp_path)

"""The check that every run makes on itself: right in clean and in leaning functions, and it sees a broken statistic."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.judging.calibration import GROUPS, calibration
from token_saliency.auditing.judging.case import Case
from token_saliency.results import Calibration, Edit, Example
from token_saliency.stats import crossed as cr
from token_saliency.stats import estimate as st

SEEDS = 30


def per_item(text: str) -> float:
    """No group matters, but every name has a small effect of its own, and so has every text."""
    names = sum((random.Random(word).random() - 0.5) * 0.08 for word in text.split() if word[:1].isupper())
    return 0.5 + names + (random.Random(text).random() - 0.5) * 0.04


def rate(checks: list[Calibration]) -> tuple[float, float]:
    """Wilson's 99.9% interval of the pooled flag rate."""
    flagged, groups = sum(one.flagged for one in checks), sum(one.placebo_groups for one in checks)
    return st.wilson(flagged, groups, 0.0005)


def checks_of(
    make: SimpleNamespace, audit: Audit, probability: Callable[[str], float], edits: int = 900
) -> list[Calibration]:
    found = []
    for seed in range(SEEDS):
        case = make.answered(audit, make.reviews(60, correlated=False, seed=seed), probability, edits=edits, seed=seed)
        check = calibration([case])
        assert check is not None
        found.append(check)
    return found


@pytest.mark.parametrize("probability", [per_item, None])
def test_names_without_an_effect_are_flagged_at_the_rate_that_is_said(
    make: SimpleNamespace, names: Audit, probability: Callable[[str], float] | None
) -> None:
    checks = checks_of(make, names, probability or make.leaning)
    low, high = rate(checks)

    assert low <= 0.05 <= high
    assert high < 0.12
    assert {one.placebo_groups for one in checks} == {GROUPS}
    assert sum(one.failed for one in checks) == 0


def test_marks_without_an_effect_are_flagged_at_the_rate_that_is_said(
    make: SimpleNamespace, punctuation: Audit
) -> None:
    low, high = rate(checks_of(make, punctuation, per_item))

    assert low <= 0.05 <= high
    assert high < 0.12


def test_documents_counted_where_items_are_the_unit_are_seen(
    make: SimpleNamespace, names: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_document(data: cr.Crossed, left: st.Floats, right: st.Floats, _: int, rng: np.random.Generator) -> st.Floats:
        each = (data.effects * np.where(left > 0, 1.0, np.where(right > 0, -1.0, 0.0))).mean(1)
        signs = rng.choice([-1.0, 1.0], size=(200, len(each)))
        scale = cr.contrast(data, left, right).effect / each.mean() if each.mean() else 1.0
        return np.asarray((signs * each).mean(1) * scale)

    monkeypatch.setattr(cr, "permuted_contrasts", by_document)
    low, _ = rate(checks_of(make, names, per_item))

    assert low > 0.3


def copied(case: Case, times: int) -> Case:
    """Every row stands there several times: copies of one document."""
    rows = {
        f"{row_id}/{n}": replace(row, id=f"{row_id}/{n}") for row_id, row in case.rows.items() for n in range(times)
    }
    edits: list[Edit] = [replace(edit, row=f"{edit.row}/{n}") for edit in case.edits for n in range(times)]
    spans = {row_id: case.spans[row_id.split("/")[0]] for row_id in rows}
    cluster = {row_id: case.cluster[row_id.split("/")[0]] for row_id in rows}
    return Case(case.audit, rows, spans, edits, case.classes, cluster, case.seed)


def test_copies_counted_as_rows_are_seen(
    make: SimpleNamespace, punctuation: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make.answered(punctuation, make.reviews(40, correlated=False), per_item)
    cases = [replace(copied(whole, 8), seed=seed) for seed in range(15)]
    honest = [found for case in cases if (found := calibration([case]))]
    flips = st.sign_flips
    monkeypatch.setattr(
        st, "sign_flips", lambda values, _, draws, rng: flips(values, np.arange(len(values)), draws, rng)
    )
    broken = [found for case in cases if (found := calibration([case]))]

    assert rate(honest)[0] <= 0.05
    assert rate(broken)[0] > 0.2


@pytest.mark.parametrize("audit", ["names", "punctuation"])
def test_a_canary_of_the_size_of_the_margin_is_measured_and_one_of_twice_that_fails(
    make: SimpleNamespace, audit: str, request: pytest.FixtureRequest
) -> None:
    case = make.answered(request.getfixturevalue(audit), make.reviews(200, correlated=False), make.sentiment)
    check = calibration([case])

    assert check
    assert check.canary
    assert check.canary.effect == pytest.approx(0.05, abs=0.005)
    assert (check.canary.covered, check.canary.verdict_at_double, check.canary.caught) == (True, "FAIL", True)


def test_a_sample_too_small_to_see_a_canary_says_so(make: SimpleNamespace, punctuation: Audit) -> None:
    def noisy(text: str) -> float:
        return random.Random(text).random()

    check = calibration([make.answered(punctuation, make.reviews(40, correlated=False), noisy)])

    assert check
    assert check.canary
    assert not check.canary.caught
    assert check.canary.verdict_at_double == "INCONCLUSIVE"


def test_the_audit_whose_controls_show_most_is_checked_and_none_where_there_are_too_few(
    make: SimpleNamespace, names: Audit, punctuation: Audit
) -> None:
    many, few = (
        make.answered(names, make.reviews(100, correlated=False), make.sentiment, edits=n) for n in (3000, 300)
    )
    marks = make.answered(punctuation, make.reviews(100, correlated=False), make.sentiment)
    silent = make.answered(names, [Example("1", "nobody is named here")], make.sentiment)
    alone = replace(names, edit=replace(names.edit, controls=names.edit.controls[:5]))
    chosen = [calibration([few, marks]), calibration([many, marks])]

    assert [check.audit for check in chosen if check] == ["punctuation", "names"]
    assert calibration([silent]) is None
    assert calibration([make.answered(alone, make.reviews(60, correlated=False), make.sentiment)]) is None
    assert calibration([]) is None


def test_deletions_are_checked_by_their_control_deletions(make: SimpleNamespace, punctuation: Audit) -> None:
    deleting = replace(punctuation, edit=replace(punctuation.edit, judge="delete"))
    check = calibration([make.answered(deleting, make.reviews(80, correlated=False), per_item)])

    assert check
    assert check.canary
    assert check.placebo_groups == GROUPS
    assert check.canary.covered


def test_a_model_that_never_moves_holds_its_canary(make: SimpleNamespace, punctuation: Audit) -> None:
    check = calibration([make.answered(punctuation, make.reviews(80, correlated=False), lambda _: 0.3)])

    assert check
    assert check.canary
    assert (check.canary.covered, check.canary.verdict_at_double) == (True, "FAIL")


def test_more_controls_that_scatter_more_are_passed_over(
    make: SimpleNamespace, names: Audit, punctuation: Audit
) -> None:
    """An audit that stopped early has fewer controls, and may still tell more."""
    rows = make.reviews(60, correlated=False)
    scattered = make.answered(names, rows, lambda text: 0.2 + 0.6 * random.Random(text).random(), edits=2000)
    calm = make.answered(punctuation, rows, lambda text: 0.5 + 0.01 * random.Random(text).random())
    assert sum(edit.placebo for edit in scattered.edits) > sum(edit.placebo for edit in calm.edits)
    check = calibration([scattered, calm])
    assert check
    assert check.canary
    assert (check.audit, check.canary.caught) == ("punctuation", True)

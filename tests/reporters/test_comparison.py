"""A comparison as text and as a page: complete, and never obeyed."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from token_saliency.errors import DataError
from token_saliency.reporters.comparison import render_json, render_terminal
from token_saliency.reporters.page.comparison_page import render_html
from token_saliency.results import (
    DISCLAIMER,
    SCHEMA_VERSION,
    ComparedAudit,
    ComparedClaim,
    ComparedPredictions,
    Comparison,
    Side,
    Tool,
)


def compared(**changes: Any) -> ComparedClaim:
    plain = ComparedClaim(
        claim="lean",
        between=None,
        class_="positive",
        operator="swap",
        judged=True,
        effect_a=0.06,
        effect_b=0.091,
        verdict_a="INCONCLUSIVE",
        verdict_b="FAIL",
        difference=0.031,
        interval=(0.02, 0.042),
        p=0.0001,
        p_adjusted=0.003,
        rows=120,
        items=24,
        margin=0.05,
        paired=True,
        change="worse",
        reason="On positive, the lean has grown.",
    )
    return replace(plain, **changes)


def comparison(make: SimpleNamespace, **changes: Any) -> Comparison:
    report = make.failing()
    side = Side("runs/a", report.created, report.model, report.dataset, "INCONCLUSIVE")
    described = compared(operator="delete", between=("!", "nothing"), judged=False, change="same", reason="Described.")
    audit = ComparedAudit(
        "names", "Person names", "INCONCLUSIVE", "FAIL", "worse", compared().reason, [compared(), described]
    )
    plain = Comparison(
        schema_version=SCHEMA_VERSION,
        tool=Tool("token-saliency", "0.1.0"),
        created="2026-11-04T09:30:00+00:00",
        command="token-saliency compare a b",
        disclaimer=DISCLAIMER,
        kind="models",
        a=side,
        b=replace(side, folder="runs/b", verdict="FAIL"),
        settings={"smallest_growth": "0.1 of the margin"},
        change="worse",
        exit_code=1,
        predictions=ComparedPredictions(120, 0.95, 0.9, 0.925, 0.025, (-0.01, 0.06)),
        audits=[audit],
        warnings=["seed is 0 in A and 1 in B: what pairs is compared."],
    )
    return replace(plain, **changes)


def test_the_text_names_both_effects_the_change_and_its_interval(make: SimpleNamespace) -> None:
    text = render_terminal(comparison(make))

    assert "WORSE  At least one reliance has grown from A to B." in text
    assert "+0.060 -> +0.091  +0.031 [+0.020, +0.042]  lean on positive (swap)" in text
    assert "agree on 95.0% of 120 rows; 90.0% are right in A, 92.5% in B (+0.025 [-0.010, +0.060])" in text
    assert "Note: seed is 0 in A and 1 in B" in text


def test_the_page_holds_both_claims_and_loads_nothing(make: SimpleNamespace) -> None:
    page = render_html(comparison(make))

    assert "+0.060 → +0.091" in page
    assert page.count('class="forest') == 4
    assert "default-src &#39;none&#39;" in page
    assert not re.search(r'(src|href)="(?!#)', page)
    assert "described" in page


@pytest.mark.parametrize("render", [render_html, render_terminal, render_json])
def test_hostile_names_are_shown_and_never_obeyed(make: SimpleNamespace, render: Any) -> None:
    for hostile in make.HOSTILE:
        claim = compared(between=(hostile, hostile), class_=hostile, reason=hostile)
        audit = ComparedAudit(hostile, hostile, "PASS", "FAIL", "worse", hostile, [claim], gates=False)
        base = comparison(make)
        model = replace(base.a.model, id=hostile)
        text = render(
            replace(base, audits=[audit], warnings=[hostile], command=hostile, a=replace(base.a, model=model))
        )
        if render is render_json:
            continue
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
        assert "::error" not in text or render is render_html
        if render is render_html:
            assert "<img" not in text
            assert "<b onmouseover" not in text
            assert text.count("<script>") == 1


def test_a_number_that_is_not_finite_is_refused_with_its_place(make: SimpleNamespace) -> None:
    base = comparison(make)
    broken = replace(base.audits[0], claims=[compared(p=float("nan"))])
    with pytest.raises(DataError, match=r"comparison\.audits\[0\]\.claims\[0\]\.p is not a finite number"):
        render_json(replace(base, audits=[broken]))


def test_without_labels_nothing_is_said_of_accuracy(make: SimpleNamespace) -> None:
    found = comparison(make, predictions=ComparedPredictions(10, None, None, None, None, None))

    assert "Without labels nothing can be said of accuracy." in render_terminal(found)

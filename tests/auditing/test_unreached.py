"""A verdict on numbers is about those that an edit may change: the rows that hold others alone are counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from token_saliency import TextClassifier, run_audits

FIXED = ("It costs 57% of that", "I give it 7/10", "They open at 10am")


def warnings(texts: list[str], **options: Any) -> list[str]:
    model = TextClassifier.from_function(lambda given: np.full((len(given), 2), 0.5), ["no", "yes"])
    report = run_audits(model, texts, ["numbers"], rows_limit=None, discovery=False, progress=False, **options)
    return [note for note in report.warnings if "no edit may change" in note]


def rows(fixed: int) -> list[str]:
    free = [f"They sold {n} tickets for the show in {town}." for n, town in enumerate(["Rome", "Bath"] * 20, 220)]
    return [*free, *(f"{FIXED[n % 3]}, said guest {chr(97 + n % 26)}{chr(97 + n // 26)}." for n in range(fixed))]


def test_rows_whose_figures_no_edit_reaches_are_counted_and_shown_with_figures_alone() -> None:
    (said,) = warnings([*rows(60), *(f"So said user{n} (@guest{n}, #{n}) there." for n in range(40))])
    assert said.startswith("numbers: in 60 of 140 rows stand figures that no edit may change, and no others (")
    assert {*said.split("(")[1].split(")")[0].split(", ")} == {"10am", "57%", "7/10"}


def test_a_run_that_shows_no_text_shows_no_figure() -> None:
    (said,) = warnings(rows(60), redact=True)
    assert "in 60 of 100 rows" in said
    assert not any(figure in said for figure in ("57", "7/10", "10am"))


@pytest.mark.parametrize(("fixed", "told"), [(29, 0), (30, 1)])
def test_fewer_rows_than_a_verdict_needs_are_not_told(fixed: int, told: int) -> None:
    assert len(warnings(rows(fixed))) == told

"""Heads that are no classes: a number has standard deviations, one label has two sides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.evidence.model_output import scale_of, two_sided
from token_saliency.shared.heads import Head


def texts(count: int) -> list[str]:
    names = ("Linda", "Kevin", "Susan", "Brian", "Karen", "Edward")
    return [f"{names[n % 6]} said the film of day {n} was {('good', 'bad')[n // 6 % 2]}." for n in range(count)]


def number(batch: list[str]) -> Any:
    """Not a probability at all: about 40 points between good and bad rows."""
    return np.array([[0.6 if "good" in text else 0.2] for text in batch])


class Number:
    """A classifier whose one output is called a number."""

    head = Head("regression", ("score",))

    def __init__(self, one: Any) -> None:
        self.one = one

    def __getattr__(self, name: str) -> Any:
        return getattr(self.one, name)


def test_the_scale_is_the_standard_deviation_and_never_zero() -> None:
    assert scale_of(np.array([[1.0], [3.0]])) == pytest.approx(2**0.5)
    assert scale_of(np.ones((4, 1))) == 1.0


def test_one_label_is_read_as_two_classes() -> None:
    one = TextClassifier.from_function(number, ["toxic"], multi_label=True)
    both = two_sided(one)
    assert both.labels == both.info.labels == ["not toxic", "toxic"]
    np.testing.assert_allclose(both.predict(["good", "bad"]).probabilities, [[0.4, 0.6], [0.8, 0.2]])
    assert both.predict(["good", "bad"]).labels == ["toxic", "not toxic"]
    assert two_sided(both) is both


def test_an_audit_of_one_label_says_so_in_probabilities() -> None:
    one = TextClassifier.from_function(number, ["toxic"], multi_label=True)
    report = run_audits(one, texts(90), ["names"], method="random", edits=3000)
    assert report.model.labels == ["not toxic", "toxic"]
    assert "P(toxic)" in report.audits["names"].reason
    assert report.audits["names"].verdict == "PASS"


def test_an_audit_of_a_number_is_in_standard_deviations() -> None:
    report = run_audits(
        Number(TextClassifier.from_function(number, ["score"], multi_label=True)),
        texts(90),
        ["names"],
        method="random",
        edits=3000,
    )
    found = report.audits["names"]
    assert "P(" not in found.reason
    assert "the output score" in found.reason
    assert " SD" in found.reason
    assert any("standard deviations of its predictions" in warning for warning in report.warnings)
    assert found.verdict == "PASS"
    suspects = [one.reason for one in report.discovery]
    assert suspects
    assert all("moves the output score by" in said and " SD [" in said and "P(" not in said for said in suspects)
    assert any("nominated by attribution alone" in warning for warning in report.warnings)
    assert not any("PREDICTED class" in warning for warning in report.warnings)

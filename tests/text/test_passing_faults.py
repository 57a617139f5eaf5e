"""A function that fails for a while, and one that fails on one row."""

from __future__ import annotations

from typing import Any

import pytest

from token_saliency import TextClassifier, run_audits
from token_saliency.errors import ModelError
from token_saliency.text.function import retrying
from token_saliency.text.function.retrying import TRIES, passing

LABELS = ["neg", "pos"]


class HttpError(Exception):
    def __init__(self, status: int) -> None:
        self.status_code = status


class APIConnectionError(Exception):
    """As the client of an endpoint has it, without the built-in class above it."""


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(retrying, "sleep", found.append)
    return found


def answer(texts: list[Any]) -> list[list[float]]:
    return [[0.25, 0.75] if "good" in text else [0.75, 0.25] for text in texts]


@pytest.mark.parametrize(
    "error", [ConnectionResetError(), TimeoutError(), HttpError(429), HttpError(503), APIConnectionError()]
)
def test_a_passing_fault_is_waited_for_with_growing_pauses(error: Exception, pauses: list[float]) -> None:
    left = [error, error]

    def shaky(texts: list[Any]) -> list[list[float]]:
        if len(texts) < 5 and left:  # the self-test has its own texts
            raise left.pop()
        return answer(texts)

    found = TextClassifier.from_function(shaky, LABELS).predict(["a good film", "a bad one"])

    assert found.labels == ["pos", "neg"]
    assert pauses == [0.5, 1.0]


def test_what_does_not_pass_ends_after_so_many_tries_and_is_no_texts_fault(pauses: list[float]) -> None:
    asked = []

    def down(texts: list[Any]) -> list[list[float]]:
        asked.append(len(texts))
        raise HttpError(500)

    with pytest.raises(ModelError, match=f"HttpError on 2 texts, {TRIES} times over") as caught:
        TextClassifier.from_function(down, LABELS).predict(["a", "b"])
    assert asked == [2] * TRIES
    assert isinstance(caught.value.__cause__, HttpError)
    assert pauses == sorted(pauses)


def test_the_caller_says_what_may_pass(pauses: list[float]) -> None:
    left = [KeyError("busy")]

    def shaky(texts: list[Any]) -> list[list[float]]:
        if left:
            raise left.pop()
        return answer(texts)

    patient = TextClassifier.from_function(shaky, LABELS, retry=lambda error: isinstance(error, KeyError))
    assert patient.predict(["good"]).labels == ["pos"]
    assert pauses == [0.5]


@pytest.mark.parametrize("error", [ValueError("x"), HttpError(404), HttpError(401)])
def test_other_faults_are_told_at_once(error: Exception, pauses: list[float]) -> None:
    assert not passing(error)

    def broken(_: list[Any]) -> Any:
        raise error

    with pytest.raises(ModelError, match="probe 0"):
        TextClassifier.from_function(broken, LABELS).predict(["a"])
    assert pauses == []


def test_an_audit_names_the_row_of_the_file_and_keeps_the_cause() -> None:
    rows = [{"id": f"case-{n}", "text": f"film {n} was good!", "label": "pos"} for n in range(40)]

    def broken(texts: list[Any]) -> list[list[float]]:
        if any("film 17 was" in text for text in texts):
            raise ZeroDivisionError("secret")
        return answer(texts)

    with pytest.raises(ModelError, match="ZeroDivisionError on row 'case-17'; mend the function") as caught:
        run_audits(TextClassifier.from_function(broken, LABELS), rows, ["punctuation"], discovery=False)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert "secret" not in str(caught.value)


def test_an_audit_names_the_row_whose_edit_the_function_cannot_read() -> None:
    rows = [{"id": f"case-{n}", "text": f"film {n} was good!", "label": "pos"} for n in range(40)]

    def broken(texts: list[Any]) -> list[list[float]]:
        return [[2.0, -1.0] if "film 17 was good" in text and "!" not in text else [0.5, 0.5] for text in texts]

    with pytest.raises(ModelError, match="returns 2 for row 'case-17'"):
        run_audits(TextClassifier.from_function(broken, LABELS), rows, ["punctuation"], discovery=False)

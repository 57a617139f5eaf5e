"""The verdicts of a whole run do not hang on how the rows are given: order, copies, balance, labels."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace

import pytest

from token_saliency import TextClassifier, run_audits
from token_saliency.report import Report
from token_saliency.results import Example

ROWS = 400


def shuffled(rows: Sequence[Example]) -> list[Example]:
    return random.Random(11).sample(list(rows), len(rows))


def copied(rows: Sequence[Example]) -> list[Example]:
    """Every row a second time, as a source would repeat it: another id, and a space more at its end."""
    return [*rows, *(replace(row, id=f"{row.id} again", text=f"{row.text} ") for row in rows)]


def repeated(rows: Sequence[Example]) -> list[Example]:
    return [*rows, *(replace(row, id=f"{row.id} again") for row in rows)]


def unlabelled(rows: Sequence[Example]) -> list[Example]:
    return [replace(row, label=None) for row in rows]


def imbalanced(rows: Sequence[Example]) -> list[Example]:
    """Nine positive rows for a negative one."""
    positive = [row for row in rows if row.label == "positive"]
    return [*positive, *[row for row in rows if row.label == "negative"][: len(positive) // 9]]


CHANGES: dict[str, Callable[[Sequence[Example]], list[Example]]] = {
    "shuffled": shuffled,
    "copied": copied,
    "repeated": repeated,
    "unlabelled": unlabelled,
    "imbalanced": imbalanced,
}


def audited(probability: Callable[[str], float], rows: Sequence[Example]) -> Report:
    def predict(texts: Sequence[str]) -> list[list[float]]:
        return [[1 - probability(text), probability(text)] for text in texts]

    model = TextClassifier.from_function(predict, ["negative", "positive"])
    return run_audits(model, list(rows), ["names", "punctuation"], rows_limit=None, edits=2500, discovery=False)


def verdicts(report: Report) -> dict[str, str]:
    return {name: audit.verdict for name, audit in report.audits.items()}


def without_spaces(probability: Callable[[str], float]) -> Callable[[str], float]:
    """A copy of a row is answered like the row, as a tokenizer would have it."""
    return lambda text: probability(text.rstrip())


@pytest.fixture(scope="module", params=["clean", "planted"])
def model(request: pytest.FixtureRequest, make: SimpleNamespace) -> tuple[str, Callable[[str], float]]:
    return request.param, without_spaces(make.sentiment if request.param == "clean" else make.leaning)


@pytest.fixture(scope="module")
def plain(model: tuple[str, Callable[[str], float]], make: SimpleNamespace) -> Report:
    return audited(model[1], make.reviews(ROWS, correlated=True))


def test_the_clean_model_passes_and_the_planted_one_fails(
    model: tuple[str, Callable[[str], float]], plain: Report
) -> None:
    verdict = "PASS" if model[0] == "clean" else "FAIL"

    assert verdicts(plain) == {"names": verdict, "punctuation": verdict}


@pytest.mark.parametrize("change", CHANGES)
def test_no_change_of_the_rows_turns_a_pass_into_a_fail_or_back(
    change: str, model: tuple[str, Callable[[str], float]], plain: Report, make: SimpleNamespace
) -> None:
    rows = make.reviews(2 * ROWS if change == "imbalanced" else ROWS, correlated=True)
    found, before = verdicts(audited(model[1], CHANGES[change](rows))), verdicts(plain)

    turned = {name for name in before if {before[name], found[name]} == {"PASS", "FAIL"}}
    assert turned == set()
    if change in ("shuffled", "repeated"):  # the sample is the very same
        assert found == before

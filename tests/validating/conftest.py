"""A small trained classifier with held-out rows, and its validation by three methods, made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from token_saliency.demo.sentences import write
from token_saliency.demo.training import train
from token_saliency.results import Check, Example, Validation
from token_saliency.text.classifier import TextClassifier
from token_saliency.validating.validate import validate

ROWS = 60
Validated = Callable[[str], Validation]


@pytest.fixture(scope="session")
def held_out() -> list[Example]:
    return write(2600, 0)[2000:]


@pytest.fixture(scope="session")
def trained() -> TextClassifier:
    model, tokenizer = train(write(2600, 0)[:2000], 0)
    return TextClassifier(model, tokenizer, id="tiny")


@pytest.fixture(scope="session")
def validated(trained: TextClassifier, held_out: list[Example]) -> Validated:
    """The whole validation by the name of a method."""

    @cache
    def of(method: str) -> Validation:
        return validate(trained, held_out, method=method, rows_limit=ROWS, dataset_id="sentences")

    return of


@pytest.fixture(scope="session")
def by_name() -> Callable[[Validation], dict[str, Check]]:
    return lambda validation: {check.name: check for check in validation.checks}

"""Errors name what the caller wrote: arguments in Python, flags on the command line."""

from __future__ import annotations

from typing import Any

import pytest

from token_saliency.data import load_rows
from token_saliency.errors import DataError, OptionError, command_line, option

NAMES = ["negative", "positive"]
TWO = {"text": ["a"], "sentence": ["b"]}
MISTAKES: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    (TWO, {}, "text='COL'", "--text COL"),
    ({"words": ["a"]}, {}, "text='COL'", "--text COL"),
    ({"text": ["a"]}, {"text_pair": "b"}, "(text_pair)", "(--text-pair)"),
    ({"text": ["a"]}, {"split": "test"}, "leave split out", "leave --split out"),
    ({"text": ["a"], "label": ["pos"]}, {}, "label_map={'pos': 'positive'}", "--label-map pos=positive"),
    ({"text": ["a"], "label": ["x"]}, {}, "label='' audits", "--label '' audits"),
    ({"text": [{}]}, {}, "text='COL'", "--text COL"),
]


@pytest.mark.parametrize(("rows", "options", "python", "typed"), MISTAKES)
def test_an_error_speaks_the_language_of_its_caller(
    rows: dict[str, Any], options: dict[str, Any], python: str, typed: str
) -> None:
    with pytest.raises(DataError) as told:
        load_rows(rows, labels=NAMES, **options)
    with pytest.raises(DataError) as shouted, command_line():
        load_rows(rows, labels=NAMES, **options)

    assert python in str(told.value)
    assert "--" not in str(told.value)
    assert typed in str(shouted.value)


def test_the_language_of_a_command_ends_with_it() -> None:
    with pytest.raises(OptionError), command_line():
        raise OptionError(option("rows", "all"))
    assert (option("rows"), option("rows", "all")) == ("rows_limit", "rows_limit=None")

from __future__ import annotations

import pytest

from token_saliency.cli.options.method_names import method_lines, method_names
from token_saliency.errors import OptionError
from token_saliency.methods import METHODS
from token_saliency.shared.options import chosen_method


def test_the_names_read_from_the_source_are_those_of_the_registry() -> None:
    assert method_names() == list(METHODS)


def test_the_lines_read_from_the_source_are_the_docstrings() -> None:
    said = {name: line.partition(" Options: ")[0] for name, line in method_lines().items()}
    assert said == {name: (method.__doc__ or "").partition("\n")[0] for name, method in METHODS.items()}


@pytest.mark.parametrize("name", METHODS)
def test_a_line_names_the_options_that_are_taken(name: str) -> None:
    named = method_lines()[name].partition(" Options: ")[2].removesuffix(".").split(", ")
    with pytest.raises(OptionError) as refused:
        chosen_method(name, {"no such option": 1})
    known = str(refused.value).partition("Known: ")[2].removesuffix(".").split(", ")
    assert sorted({*named, "reduce"} - {""}) == sorted(known)  # which all take whose scores have no sign


def test_every_method_has_a_line() -> None:
    assert all(method_lines().values())

from __future__ import annotations

from token_saliency.cli.options.method_names import method_lines, method_names
from token_saliency.methods import METHODS


def test_the_names_read_from_the_source_are_those_of_the_registry() -> None:
    assert method_names() == list(METHODS)


def test_the_lines_read_from_the_source_are_the_docstrings() -> None:
    assert method_lines() == {name: (method.__doc__ or "").partition("\n")[0] for name, method in METHODS.items()}


def test_every_method_has_a_line() -> None:
    assert all(method_lines().values())

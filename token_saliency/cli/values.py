"""Turns the words of the command line into values, or into an OptionError that says how to write them."""

from __future__ import annotations

from collections.abc import Sequence

from token_saliency.cli.methods import method_names
from token_saliency.errors import OptionError, unknown


def rows_limit(value: str) -> int | None:
    """`--rows`: a number above 0, or None for `all`."""
    if value == "all":
        return None
    if not (value.isascii() and value.isdecimal() and int(value) > 0):
        raise OptionError(f"--rows {value!r} is not a number of rows. Give a whole number above 0, or all.")
    return int(value)


def names(option: str, value: str) -> list[str]:
    """Names between commas, each once."""
    found = [name.strip() for name in value.split(",")]
    if not all(found):
        raise OptionError(f"{option} {value!r} holds an empty name. Write names with commas between them: a,b.")
    return list(dict.fromkeys(found))


def target(value: str, labels: Sequence[str], words: Sequence[str]) -> str:
    """`--target`: one of the words, a class by name or, where no class has that name, a class by number."""
    if value in words or value in labels:
        return value
    if value.isascii() and value.isdecimal() and int(value) < len(labels):
        return labels[int(value)]
    raise unknown("--target", value, [*words, *labels])


def method(name: str) -> str:
    """`--method`: told before anything is loaded."""
    if name not in (known := method_names()):
        raise unknown("method", name, known)
    return name

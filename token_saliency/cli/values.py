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


def label_map(value: str) -> dict[str, str]:
    """`--label-map pos=positive,neg=negative`: the label in the data, then the model's; an empty one drops the rows."""
    pairs = [pair.partition("=") for pair in value.split(",")]
    if not all(label.strip() and sign for label, sign, _ in pairs):
        raise OptionError(f"--label-map {value!r} is not a list of data=model pairs. Write pos=positive,neg=negative.")
    return {label.strip(): name.strip() for label, _, name in pairs}


def target(value: str, labels: Sequence[str]) -> str | int:
    """`--target`: a word or a class name as it is; a number is the index of a class unless a class has that name."""
    return int(value) if value.isascii() and value.isdecimal() and value not in labels else value


def method(name: str) -> str:
    """`--method`: told before anything is loaded."""
    if name not in (known := method_names()):
        raise unknown("method", name, known)
    return name

"""Turns the words of the command line into values, or into an OptionError that says how to write them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from token_saliency.errors import OptionError, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from token_saliency.text.classifier import TextClassifier


def open_model(
    name: str,
    *,
    device: str,
    dtype: str,
    max_length: int | None,
    batch_tokens: int | None = None,
    trust_remote_code: bool = False,
) -> TextClassifier:
    """The classifier of a folder or of a hub id; what exists on disk is a folder, even with an `@` in its name."""
    from token_saliency.text.classifier import TextClassifier  # imports torch

    hub_id, _, revision = (name, "", "") if Path(name).exists() else name.partition("@")
    return TextClassifier.from_pretrained(
        hub_id,
        device=device,
        dtype=dtype,
        revision=revision or None,
        trust_remote_code=trust_remote_code,
        max_length=max_length,
        batch_tokens=batch_tokens,
    )


def rows_limit(value: str) -> int | None:
    """`--rows`: a number above 0, or None for `all`."""
    if value == "all":
        return None
    if not (value.isascii() and value.isdecimal() and int(value) > 0):
        raise OptionError(f"--rows {value!r} is not a number of rows. Give a whole number above 0, or all.")
    return int(value)


def names(option: str, value: str | None) -> list[str] | None:
    """Names between commas, each once; None where the option was not given."""
    if value is None:
        return None
    found = [name.strip() for name in value.split(",")]
    if not all(found):
        raise OptionError(f"{option} {value!r} holds an empty name. Write names with commas between them: a,b.")
    return list(dict.fromkeys(found))


def label_map(value: str | None) -> dict[str, str] | None:
    """`--label-map pos=positive,neg=negative`: the label in the data, then the model's; an empty one drops the rows."""
    if value is None:
        return None
    pairs = [pair.partition("=") for pair in value.split(",")]
    if not all(label.strip() and sign for label, sign, _ in pairs):
        raise OptionError(f"--label-map {value!r} is not a list of data=model pairs. Write pos=positive,neg=negative.")
    return {label.strip(): name.strip() for label, _, name in pairs}


def target(value: str, labels: Sequence[str]) -> str | int:
    """`--target`: a word or a class name as it is; a number is the index of a class unless a class has that name."""
    return int(value) if value.isascii() and value.isdecimal() and value not in labels else value


def known(kind: str, name: str, registry: Iterable[str]) -> str:
    """The registered name; `-` and `_` are the same."""
    exact = name.replace("-", "_")
    if exact not in (names := list(registry)):
        raise unknown(kind, name, names)
    return exact

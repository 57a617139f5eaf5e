"""`--label-map data=model,...`: parsed, and proposed where labels do not fit."""

from __future__ import annotations

import csv
import difflib
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from token_saliency.data.cells import quoted
from token_saliency.errors import OptionError, option, typed, withheld

_SHOWN = 12


def parse_label_map(text: str) -> dict[str, str]:
    """`pos=positive,neutral=` -> {"pos": "positive", "neutral": ""} ("" drops the rows); CSV quotes guard commas."""
    pairs: dict[str, str] = {}
    for part in _parts(text):
        data, equals, model = part.partition("=")
        if not equals or not data.strip():
            raise OptionError(
                f"{option('label_map')} has {quoted(part)}: write data=model pairs such as pos=positive,neutral=."
            )
        if data.strip() in pairs:
            raise OptionError(f"{option('label_map')} names {quoted(data.strip())} twice: keep one.")
        pairs[data.strip()] = model.strip()
    return pairs


def given_label_map(given: object) -> dict[Any, Any]:
    """The map that a caller in Python gave: a mapping, or the text that a command would be given."""
    if isinstance(given, str):
        return parse_label_map(given)
    if given is not None and not isinstance(given, Mapping):
        raise OptionError(f"{option('label_map')} is a mapping from data to model, such as {{'pos': 'positive'}}.")
    return dict(given or {})


def _parts(text: str) -> list[str]:
    try:
        rows = list(csv.reader([text], skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise OptionError(f"{option('label_map')} {quoted(text)} has broken quotes ({error}).") from None
    return [part for row in rows for part in row if part.strip()]


def propose_label_map(values: Sequence[str], labels: Sequence[str], *, all_unknown: bool) -> str | None:
    """The option that would mend `values`, which are none of `labels`; CLASS where only a person can know.

    Values that resemble no class drop their rows where the others fit. None: nothing sensible can be written.
    """
    if withheld() or len(values) > _SHOWN or not all(_writable(value) for value in values):
        return None
    numbered = _in_order(values, labels) if all_unknown else {}
    guesses = {value: numbered.get(value) or _resembling(value, labels) for value in values}
    blank = "" if not all_unknown or any(guesses.values()) else "CLASS"
    return label_map_option({value: guess or blank for value, guess in guesses.items()})


def label_map_option(written: Mapping[str, str]) -> str:
    """A label map as the caller writes it."""
    if not typed():
        return f"label_map={dict(written)!r}"
    pairs = ",".join(f"{value}={name}" for value, name in written.items())
    return f"--label-map{'=' if pairs.startswith('-') else ' '}{shlex.quote(pairs)}"


def _writable(value: str) -> bool:
    return value.isprintable() and len(value) <= 40 and not re.search(r"[,=\"']", value)


def _in_order(values: Sequence[str], labels: Sequence[str]) -> Mapping[str, str]:
    """As many numbers as classes (1..n, -1 and 1, 0 and 4): they go in order."""
    if len(values) != len(labels) or not all(re.fullmatch(r"-?\d{1,9}", value) for value in values):
        return {}
    return dict(zip(sorted(values, key=int), labels, strict=True))


def _resembling(value: str, labels: Sequence[str]) -> str | None:
    """The one class that the value abbreviates, extends or misspells."""
    plain = {_letters(label): label for label in labels}
    word = _letters(value)
    found = [key for key in plain if key == word] or [key for key in plain if _abbreviates(word, key)]
    found = found or [key for key in difflib.get_close_matches(word, plain, n=2, cutoff=0.85) if key[:2] == word[:2]]
    return plain[found[0]] if len(found) == 1 else None


def _abbreviates(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= 3 and (one.startswith(other) or other.startswith(one))


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())

"""One cell of a table: blank, text, or a value that is compared by its string; and how messages quote it.

Cells come from strangers: everything that a message repeats is shortened and has no control characters. Where rows
are redacted it repeats none of them, nor the names of columns: those of a file without a header are its first row.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from token_saliency.errors import option, withheld

_SURROGATES = re.compile("[\ud800-\udfff]")

NO_VALUE = frozenset("#N/A #NA <NA> N/A NA NULL NaN None n/a nan -NaN -nan null".split())
"""What `pandas.read_csv` takes for nothing, so that a file and the frame read from it are the same rows."""


def is_list(value: object) -> bool:
    """Whether a cell holds several values (a list, a tuple, an array)."""
    return isinstance(value, list | tuple | set | np.ndarray)


def is_blank(value: object) -> bool:
    """None, NaN, NA or NaT. The empty string is a value."""
    return value is None or (bool(pd.api.types.is_scalar(value)) and bool(pd.isna(value)))  # type: ignore[call-overload]


def clean(text: str) -> str:
    """Lone surrogates become U+FFFD: JSON can escape them, no tokenizer or file could take them. No offset moves."""
    return _SURROGATES.sub("\ufffd", text)


def canonical(value: Any) -> str | None:
    """The string that a label, an id or a slice is compared by: 3.0 is "3", True is "True", blank is None."""
    if isinstance(value, np.generic):
        value = value.item()
    if is_blank(value):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return clean(str(value)).strip() or None


def quoted(value: object, most: int = 40) -> str:
    """The value for a message: in quotes, at most `most` characters, control characters escaped."""
    text = clean(str(value))
    return repr(text if len(text) <= most else text[: most - 1] + "…")


def _unsaid(number: int) -> str:
    return f"({number:,}, not shown with {option('redact')})"


def listed(values: Iterable[object], most: int = 12, *, ours: bool = False) -> str:
    """Values for a message, and how many more there are; `ours` are no words of the data."""
    shown = list(values)
    if withheld() and not ours:
        return _unsaid(len(shown))
    rest = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(quoted(value) for value in shown[:most]) + rest or "none"


def counted(counts: Iterable[tuple[str, int]], most: int = 12) -> str:
    """`'train' (8543), 'test' (2210)` for a message."""
    pairs = list(counts)
    if withheld():
        return _unsaid(len(pairs))
    rest = f" and {len(pairs) - most} more" if len(pairs) > most else ""
    return ", ".join(f"{quoted(name)} ({count})" for name, count in pairs[:most]) + rest


_QUOTE_NOTHING = (json.JSONDecodeError, csv.Error, EOFError, str)


def one_line(error: object, most: int = 200) -> str:
    """What another library said, on one line and without control characters."""
    if withheld() and not isinstance(error, _QUOTE_NOTHING):
        return type(error).__name__
    text = " ".join(clean(str(error)).split())
    return "".join(c for c in text[:most] if c.isprintable()).rstrip(".") or type(error).__name__


def plain_name(name: str) -> str:
    """The name of a column or class without case, spaces, dashes and underlines: "Review Text" is `review_text`."""
    return re.sub(r"[\s_-]", "", name).casefold()

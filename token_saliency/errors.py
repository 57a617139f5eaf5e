"""The one error tree. Every message says what was wrong and what to do about it.

TokenSaliencyError
├── ModelError      the model or its tokenizer cannot be loaded, or cannot be explained
├── DataError       the rows cannot be read, or their columns or labels do not fit the model
├── AuditError      an audit definition is wrong, or an audit could not run
└── OptionError     a value that the caller chose is not one of those that exist
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LIKE = 0.65
"""How alike a known name must be to be offered: above what short words share by chance (gradcam, random)."""


class TokenSaliencyError(Exception):
    """Anything that token-saliency refuses to do, with the reason and the mend in its message."""


class ModelError(TokenSaliencyError):
    """The model or its tokenizer cannot be loaded, or cannot be explained."""


class DataError(TokenSaliencyError):
    """The rows cannot be read, or their columns or labels do not fit the model."""


class AuditError(TokenSaliencyError):
    """An audit definition is wrong, or an audit could not run."""


class OptionError(TokenSaliencyError):
    """A value that the caller chose is not one of those that exist."""


def unknown(kind: str, name: object, known: Iterable[str]) -> OptionError:
    """An OptionError that names the value, the nearest known one, and all that exist."""
    names = sorted(known)
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=_LIKE)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return OptionError(f"Unknown {kind} {str(name)!r}.{hint} Known: {', '.join(names)}.")


def first_line(error: BaseException) -> str:
    """The first line of somebody else's error without a trailing stop, or the name of its kind."""
    said = str(error).strip().splitlines()
    return (said[0] if said else type(error).__name__).rstrip(".: ")

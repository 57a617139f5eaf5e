"""The one error tree. Every message says what was wrong and what to do about it.

TokenSaliencyError
├── ModelError      the model or its tokenizer cannot be loaded, or cannot be explained
├── DataError       the rows cannot be read, or their columns or labels do not fit the model
├── AuditError      an audit definition is wrong, or an audit could not run
└── OptionError     a value that the caller chose is not one of those that exist
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from numbers import Integral
from typing import Any

_LIKE = 0.65
"""How alike a known name must be to be offered: above what short words share by chance (gradcam, random)."""


class TokenSaliencyError(Exception):
    """Anything that token-saliency refuses to do, with the reason and the mend in its message."""


class ModelError(TokenSaliencyError):
    """The model or its tokenizer cannot be loaded, or cannot be explained."""


class TextError(ModelError):
    """The model failed on one text, number `at` of those that it was given; `said` has WHICH where its name goes."""

    WHICH = "\0"

    def __init__(self, said: str, at: int, name: str) -> None:
        super().__init__(said.replace(self.WHICH, name))
        self.said, self.at, self.name = said, at, name

    def __reduce__(self) -> tuple[type[TextError], tuple[str, int, str]]:
        """Made again elsewhere of what it was made of here."""
        return TextError, (self.said, self.at, self.name)

    def named(self, name: str) -> TextError:
        """The same, of a text that the reader knows under this name."""
        return TextError(self.said, self.at, name)


class DataError(TokenSaliencyError):
    """The rows cannot be read, or their columns or labels do not fit the model."""


class AuditError(TokenSaliencyError):
    """An audit definition is wrong, or an audit could not run."""


class OptionError(TokenSaliencyError):
    """A value that the caller chose is not one of those that exist."""


def unknown(kind: str, name: object, known: Iterable[str]) -> OptionError:
    """An OptionError that names the value, the nearest known one, and all that exist."""
    names = sorted(known)
    plain = {other.casefold(): other for other in reversed(names)}
    near = difflib.get_close_matches(str(name).casefold(), plain, n=1, cutoff=_LIKE)
    hint = f" Did you mean {plain[near[0]]!r}?" if near else ""
    given = str(name) if isinstance(name, str) else name  # not np.str_('x')
    return OptionError(f"Unknown {kind} {given!r}.{hint} Known: {', '.join(names)}.")


def several(name: str, given: object) -> list[Any]:
    """What stands in a list that the caller gave; OptionError for a single value, and for a text: a list of letters."""
    if isinstance(given, str) or not isinstance(given, Iterable) or getattr(given, "ndim", 1) == 0:
        raise OptionError(f"{option(name)} is a list, not {given!r}.")
    return list(given)


def is_whole(given: object, least: int) -> bool:
    """Whether it is a whole number from `least` on; True is none."""
    return isinstance(given, Integral) and not isinstance(given, bool) and int(given) >= least


_typed: ContextVar[bool] = ContextVar("typed", default=False)
_ARGUMENTS = {"rows": "rows_limit"}
"""Options whose argument in Python has another name."""
_VALUES = {("rows_limit", "all"): None}
"""Values that are another in Python."""


@contextmanager
def command_line() -> Iterator[None]:
    """What is raised inside speaks to somebody who typed a command: of `--label`, not of `label=`."""
    before = _typed.set(True)
    try:
        yield
    finally:
        _typed.reset(before)


def option(name: str, value: str | None = None) -> str:
    """An option as the caller writes it: `--text-pair COL` typed, `text_pair='COL'` in Python."""
    if _typed.get():
        said = "--" + name.replace("_", "-")
        return said if value is None else f"{said} {shlex.quote(value)}"
    name = _ARGUMENTS.get(name, name)
    return name if value is None else f"{name}={_VALUES.get((name, value), value)!r}"


def typed() -> bool:
    """Whether the caller typed a command."""
    return _typed.get()


WITHHELD = "its message is withheld, for it may hold text of a row, and the run is redacted"
"""What stands for a message that is not ours."""

_withheld: ContextVar[bool] = ContextVar("withheld", default=False)


@contextmanager
def withholding(wanted: bool) -> Iterator[None]:
    """Inside the block, where it is wanted, no message quotes the rows, or what a library says of them."""
    before = _withheld.set(wanted or _withheld.get())
    try:
        yield
    finally:
        _withheld.reset(before)


def withheld() -> bool:
    """Whether messages must not quote the rows."""
    return _withheld.get()


def first_line(error: BaseException) -> str:
    """The first line of somebody else's error without a trailing stop; the name of its kind if that is all to say."""
    said = [] if withheld() else str(error).strip().splitlines()
    return (said[0] if said else type(error).__name__).rstrip(".: ")

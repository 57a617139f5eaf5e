"""Where commands print: results to stdout; plans, progress and errors to stderr.

Strings from files, models and rows go through `printable` first: neither a terminal nor a CI log obeys them.
"""

from __future__ import annotations

import logging
import sys

from rich.console import Console

from token_saliency.drawing.safe import printable

_LOG = logging.getLogger("token_saliency")


class _Console(Console):
    """A reader that goes away (`... | head`) is told to `__main__`: rich would end with 1, which means findings."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def stdout() -> Console:
    """The console for results. Nothing in them is taken for markup."""
    return _Console(markup=False, highlight=False, emoji=False)


def stderr(quiet: bool = False) -> Console:
    """The console for plans and progress; a quiet one says nothing."""
    return _Console(stderr=True, quiet=quiet, markup=False, highlight=False, emoji=False, soft_wrap=True)


def speak_up(wanted: bool) -> bool:
    """The callback of `--verbose`: what the package logs goes to stderr, until `hush`."""
    if wanted and not any(isinstance(one, _Spoken) for one in _LOG.handlers):
        _LOG.addHandler(_Spoken())
        _LOG.setLevel(logging.INFO)
    return wanted


def hush() -> None:
    """Nothing more is said of what is logged."""
    for handler in [one for one in _LOG.handlers if isinstance(one, _Spoken)]:
        _LOG.removeHandler(handler)
        _LOG.setLevel(logging.NOTSET)


class _Spoken(logging.Handler):
    """One line a record, in whatever stderr is by then."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{record.name}: {printable(record.getMessage())}\n")


def say_error(message: str) -> None:
    """One line on stderr that starts with `error:`."""
    sys.stderr.write(f"error: {printable(message)}\n")

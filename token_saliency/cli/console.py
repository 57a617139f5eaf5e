"""Where commands print: results to stdout; plans, progress and errors to stderr.

Strings from files, models and rows go through `printable` first: neither a terminal nor a CI log obeys them.
"""

from __future__ import annotations

import sys

from rich.console import Console

from token_saliency.drawing.safe import printable


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


def say_error(message: str) -> None:
    """One line on stderr that starts with `error:`."""
    sys.stderr.write(f"error: {printable(message)}\n")

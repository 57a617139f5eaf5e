"""How a run that can go on is stopped: Ctrl-C, a termination signal, or the time that it was given."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from token_saliency.runs import JOURNAL_FILE


class Stopped(Exception):  # noqa: N818 - no error: the run can go on
    """A run was stopped (exit code 130); the message says whether it can go on."""


@contextmanager
def resumable(folder: Path) -> Iterator[None]:
    """Inside the block Ctrl-C and SIGTERM end in Stopped, with a line on what was kept in the folder."""
    try:
        with _termination_as_interrupt():
            yield
    except KeyboardInterrupt:
        raise Stopped(f"interrupted; {kept(folder)}") from None


def kept(folder: Path) -> str:
    """What a stopped run leaves behind, in words."""
    if not (folder / JOURNAL_FILE).exists():
        return "nothing was written."
    return f"what is finished is kept in {str(folder)!r}: the same command goes on from there."


def time_limit(minutes: float | None, folder: Path) -> Callable[[], None]:
    """A check that raises Stopped once the minutes from now are used up."""
    end = None if minutes is None else time.monotonic() + 60 * minutes

    def check() -> None:
        if end is not None and time.monotonic() >= end:
            raise Stopped(f"the {minutes:g} minutes of --max-minutes are used up; {kept(folder)}")

    return check


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only there may handlers be set
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - what a handler is given
    raise KeyboardInterrupt

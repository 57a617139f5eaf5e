"""How a run that can go on is stopped: Ctrl-C, a termination signal, or the time that it was given."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from token_saliency.store import JOURNAL_FILE


class Stopped(Exception):  # noqa: N818 - no error: the run can go on
    """A run was stopped (exit code 130); the message says whether it can go on."""


_STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_asked = threading.Event()
"""Whether somebody has asked to stop: an interrupt that comes while a library's destructor runs is dropped there."""


@contextmanager
def resumable(folder: Path) -> Iterator[None]:
    """Inside the block Ctrl-C, SIGTERM and SIGHUP end in Stopped, with a line on what was kept in the folder."""
    _asked.clear()
    try:
        with heard():
            yield
    except KeyboardInterrupt:
        raise Stopped(f"interrupted; {kept(folder)}") from None


def kept(folder: Path) -> str:
    """What a stopped run leaves behind, in words."""
    if not (folder / JOURNAL_FILE).exists():
        return "nothing was written."
    return f"what is finished is kept in {str(folder)!r}: the same command goes on from there."


def stop_check(minutes: float | None, folder: Path) -> Callable[[], None]:
    """A check that raises Stopped once the minutes from now are used up, or where an interrupt was dropped."""
    end = None if minutes is None else time.monotonic() + 60 * minutes

    def check() -> None:
        if _asked.is_set():
            raise Stopped(f"interrupted; {kept(folder)}")
        if end is not None and time.monotonic() >= end:
            raise Stopped(f"the {minutes:g} minutes of --max-minutes are used up; {kept(folder)}")

    return check


@contextmanager
def heard() -> Iterator[None]:
    """Ctrl-C, SIGTERM and SIGHUP interrupt, so that what is half written goes, and are remembered.

    What is ignored (as under nohup) stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():  # only there may handlers be set
        yield
        return
    found = {number: signal.getsignal(number) for number in _STOPPING}
    before = {number: handler for number, handler in found.items() if handler not in (signal.SIG_IGN, None)}
    hook = sys.unraisablehook
    for number in before:
        signal.signal(number, _interrupt)
    sys.unraisablehook = lambda dropped: None if dropped.exc_type is KeyboardInterrupt else hook(dropped)
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - what a handler is given
    _asked.set()
    raise KeyboardInterrupt

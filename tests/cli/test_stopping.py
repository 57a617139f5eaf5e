"""How a run is stopped: an interrupt is heard even where Python drops it, and what was there before comes back."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from token_saliency.cli.running.stopping import Stopped, resumable, stop_check

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Tests that run as a background job of a shell are told to ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class _Interrupted:
    """Python drops what a destructor raises."""

    def __init__(self, number: signal.Signals) -> None:
        self.number = number

    def __del__(self) -> None:
        os.kill(os.getpid(), self.number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_that_a_destructor_swallows_stops_at_the_next_check(
    number: signal.Signals, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check, reached = stop_check(None, tmp_path), list[str]()
    before = signal.signal(number, signal.default_int_handler)  # under nohup SIGHUP is ignored, and stays so

    def work() -> None:
        check()
        one = _Interrupted(number)
        del one
        reached.append("the destructor swallowed it")
        check()

    try:
        with pytest.raises(Stopped, match="interrupted; nothing was written"), resumable(tmp_path):
            work()
    finally:
        signal.signal(number, before)

    assert reached
    assert capsys.readouterr().err == ""


def test_handlers_are_as_they_were(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), sys.unraisablehook
    with pytest.raises(Stopped), resumable(tmp_path):
        raise KeyboardInterrupt

    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), sys.unraisablehook) == before


def test_what_is_ignored_stays_ignored(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with resumable(tmp_path):
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_interrupt_of_an_earlier_run_does_not_stop_the_next(tmp_path: Path) -> None:
    with pytest.raises(Stopped), resumable(tmp_path):
        os.kill(os.getpid(), signal.SIGINT)
    with resumable(tmp_path):
        stop_check(None, tmp_path)()

"""The engine of several processes on this machine, run by loky: fresh interpreters in which the caller's script is
not run again.

Tasks and answers travel as pickles of our own making, so that what cannot be sent is one clear error and no dead
worker. Ctrl-C concerns this process alone, and workers end with it however it ends.
"""

from __future__ import annotations

import os
import pickle
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from token_saliency.engines.engine import A, Engine, Make, P, with_file
from token_saliency.engines.messages import THREADS, opened, pickled, replied
from token_saliency.errors import ModelError

if TYPE_CHECKING:
    from loky import ProcessPoolExecutor

_OWN = {
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONWARNINGS": "ignore",
    "LOKY_MAX_MEMORY_LEAK_SIZE": "1e18",  # else loky replaces a process whose memory grows, and the model with it
}
_AHEAD = 2
"""So many parts a process are begun: while one is answered the next one waits."""
_CHECK = 1.0
"""Seconds without an answer after which it is seen to that all processes live."""
_POLL = 0.2
"""Seconds after which a worker notices that its parent is gone."""

_held: list[Any] = []
"""In a worker process: what it made at its start."""


@dataclass(frozen=True, slots=True)
class _Processes:
    """The pool, all of whose processes have made what they hold."""

    pool: ProcessPoolExecutor
    count: int
    here: bool = False

    def map(self, task: Callable[[Any, P], A], parts: Iterable[P]) -> Iterator[tuple[P, A]]:
        """As they are done. What was begun when the reader stops early is answered for nobody."""
        begun: dict[Future[bytes], P] = {}
        left = iter(parts)
        try:
            while True:
                for part in _some(left, self.count * _AHEAD - len(begun)):
                    begun[_submitted(self.pool, _answer, (task, part))] = part
                if not begun:
                    return
                for done in _first(self.pool, begun):
                    part = begun.pop(done)  # before its error may be raised
                    yield part, _result(done)
        finally:
            for future in begun:
                future.cancel()


@contextmanager
def processes(make: Make, count: int, threads: int, file: Path | None = None) -> Iterator[Engine]:
    """`count` processes with `threads` threads each; none is left afterwards."""
    from loky import ProcessPoolExecutor  # multiprocessing and its helpers: only where they are used

    own = dict.fromkeys(THREADS, str(threads)) | _OWN
    with _quiet_trackers():
        pool = ProcessPoolExecutor(count, env=own)
    try:
        packed = pickled(with_file(make, file))
        with TemporaryDirectory(prefix="token-saliency-") as folder:
            with _deaf_to_interrupts():
                begun = [_submitted(pool, _begin, (packed, i, count, folder, os.getpid())) for i in range(count)]
            pool._result_queue._writer.close()  # all who send have it now; see _end_if_one_died
            while begun:
                for future in _first(pool, begun):
                    begun.remove(future)
                    _result(future)
        yield _Processes(pool, count)
    finally:
        _end_if_one_died(pool)
        pool.shutdown(wait=True, kill_workers=True)


@contextmanager
def _quiet_trackers() -> Iterator[None]:
    """Starts the processes that remove the semaphores of a killed program: they do so without a word."""
    from multiprocessing import resource_tracker

    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = "ignore"
    try:
        if sys.platform != "win32":
            resource_tracker.ensure_running()
        yield
    finally:
        del os.environ["PYTHONWARNINGS"]
        if before is not None:
            os.environ["PYTHONWARNINGS"] = before


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """A process that is started inside the block never hears Ctrl-C; this one hears it when the block ends."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- in this process --------------------------------------------------------------------------------


def _some(parts: Iterator[P], count: int) -> list[P]:
    return [part for _, part in zip(range(count), parts, strict=False)]


def _first(pool: ProcessPoolExecutor, begun: Iterable[Future[bytes]]) -> set[Future[bytes]]:
    while not (done := wait(begun, timeout=_CHECK, return_when=FIRST_COMPLETED).done):
        _end_if_one_died(pool)
    return done


def _end_if_one_died(pool: ProcessPoolExecutor) -> None:
    """A process that is killed while it sends leaves half an answer, and loky waits for the rest of it as long as
    anybody could send: so all of them go."""
    from multiprocessing import connection

    running = list(pool._processes.values())
    if connection.wait([process.sentinel for process in running], timeout=0):
        for process in running:
            process.terminate()


def _submitted(pool: ProcessPoolExecutor, function: Callable[[bytes], bytes], message: object) -> Future[bytes]:
    payload = pickled(message)
    try:
        future: Future[bytes] = pool.submit(function, payload)
    except BrokenProcessPool as error:
        raise _ended(error) from error
    return future


def _result(future: Future[bytes]) -> Any:
    """The answer, or the error that it is; ModelError where a process has died."""
    try:
        return opened(future.result())
    except BrokenProcessPool as broken:
        raise _ended(broken) from broken


def _ended(error: BrokenProcessPool) -> ModelError:
    """Only the text of loky's error has the exit codes: `{SIGKILL(-9), EXIT(1)}`."""
    codes = re.findall(r"\w+\(-?\d+\)", str(error))
    if not codes or any(code.startswith("SIGKILL") for code in codes):
        how = "was killed, most likely because the memory was used up: take fewer workers or a smaller batch_tokens"
    else:
        how = f"ended by itself ({', '.join(codes)}): try again without workers"
    return ModelError(f"A worker process {how}.")


# --- in a worker process ----------------------------------------------------------------------------


def _begin(payload: bytes) -> bytes:
    """The first task of a process; it waits for the others, so that each process gets one."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)  # what a library prints is no output of the program
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def made() -> None:
        packed, number, count, folder, parent = pickle.loads(payload)
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
        try:
            _held.append(pickle.loads(packed)(number))
        finally:
            Path(folder, str(number)).touch()
        while len(os.listdir(folder)) < count:  # noqa: PTH208 - asked many times
            time.sleep(0.01)

    return replied(made)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL)
    os._exit(1)


def _answer(payload: bytes) -> bytes:
    def answered() -> Any:
        task, part = pickle.loads(payload)
        return task(_held[0], part)

    return replied(answered)

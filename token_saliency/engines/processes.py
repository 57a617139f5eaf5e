"""Processes that answer pickled requests, each over a pipe of its own.

They are fresh interpreters, never forks: a fork copies the locks of torch's threads in whatever state they are. Nor are
they `multiprocessing`'s: that runs the caller's script again in each child and keeps semaphores and a tracker process.
A process that loses its parent reads the end of its input, and ends.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from queue import SimpleQueue
from typing import IO, Any

from token_saliency.errors import ModelError

_HEAD = struct.Struct("<Q")
_BEGIN = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from token_saliency.engines.worker import main; main()"
)
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request: the answer or the error; forward, backward and tokens spent on it."""

    answer: Any = None
    error: Exception | None = None
    spent: tuple[int, int, int] = (0, 0, 0)


OnReply = Callable[[int, Reply], None]
"""Called with the number of the request and its reply, in the order in which they come."""


@dataclass(slots=True)
class _Call:
    """Requests that nobody has taken yet, and what came of the others."""

    pending: deque[tuple[int, bytes]]
    replies: SimpleQueue[tuple[int, Reply]] = field(default_factory=SimpleQueue)

    def next(self) -> tuple[int, bytes] | None:
        try:
            return self.pending.popleft()
        except IndexError:
            return None


class Processes:
    """`count` of them, each with `threads` threads: all get the `first` request, then whoever is free the next one."""

    def __init__(self, count: int, threads: int, first: object) -> None:
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._started: list[subprocess.Popen[bytes]] = []
        self._threads: list[threading.Thread] = []
        self._begun: SimpleQueue[tuple[int, Reply]] = SimpleQueue()
        try:
            for _ in range(count):
                self._start(threads, _Call(deque([(0, packed(first))]), self._begun))
        except BaseException:
            self.close()
            raise

    def begun(self) -> list[Any]:
        """What each of them answers to the first request, once all have; raises the error of one."""
        replies = [self._begun.get()[1] for _ in self._started]
        for reply in replies:
            if reply.error is not None:
                raise reply.error
        return [reply.answer for reply in replies]

    @property
    def pids(self) -> list[int]:
        """Their numbers in the system."""
        return [process.pid for process in self._started]

    def run(self, requests: Sequence[object], on_reply: OnReply) -> None:
        """Answers all requests; what `on_reply` raises ends the call, and the requests that are left are dropped."""
        call = _Call(deque(enumerate(map(packed, requests))))
        for _ in self._started:
            self._calls.put(call)
        try:
            for _ in requests:
                on_reply(*call.replies.get())
        finally:
            call.pending.clear()

    def close(self) -> None:
        """Ends them at once: they hold nothing that could be lost."""
        for process in self._started:
            process.kill()
        for process in self._started:
            process.wait()
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join()
        for process in self._started:
            for stream in (process.stdin, process.stdout):
                with suppress(OSError):  # what was not written yet has no reader
                    stream.close()  # type: ignore[union-attr]  # both are pipes

    def _start(self, threads: int, first: _Call) -> None:
        self._started.append(_interpreter(threads))
        self._threads.append(threading.Thread(target=_serve, args=(self._started[-1], first, self._calls), daemon=True))
        self._threads[-1].start()


def _interpreter(threads: int) -> subprocess.Popen[bytes]:
    """In a process group of its own: Ctrl-C is the parent's matter. Its modules are found where the parent's are."""
    own = {name: str(threads) for name in _THREADS} | {"TOKENIZERS_PARALLELISM": "false", "PYTHONWARNINGS": "ignore"}
    return subprocess.Popen(
        [sys.executable, "-c", _BEGIN, json.dumps(sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | own,
        process_group=None if sys.platform == "win32" else 0,
    )


def _serve(process: subprocess.Popen[bytes], first: _Call, calls: SimpleQueue[_Call | None]) -> None:
    """The parent's side of one process. A dead one goes on answering, with the reason: nobody waits for ever."""
    for call in chain([first], iter(calls.get, None)):
        while (task := call.next()) is not None:
            number, request = task
            call.replies.put((number, _asked(process, request)))


def _asked(process: subprocess.Popen[bytes], request: bytes) -> Reply:
    stdin, stdout = process.stdin, process.stdout
    try:
        send(stdin, request)  # type: ignore[arg-type]  # both are pipes
        received = receive(stdout)  # type: ignore[arg-type]
    except OSError:
        received = None
    if received is None:
        return Reply(error=_ended(process.wait()))
    reply: Reply = pickle.loads(received)
    return reply


def _ended(code: int) -> ModelError:
    if code == -getattr(signal, "SIGKILL", 9):
        how = "was killed, most likely because the memory was used up: take fewer workers or a smaller batch_tokens"
    else:
        how = f"ended with {'signal' if code < 0 else 'exit code'} {abs(code)}: try again without workers"
    return ModelError(f"A worker process {how}.")


# --- messages: their length, then a pickle ----------------------------------------------------------


def packed(message: object) -> bytes:
    """The message as bytes; ModelError where it holds what no other process can have."""
    try:
        return pickle.dumps(message)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ModelError(
            f"This cannot be handed to a worker process ({error}); use what stands in a module, or no workers."
        ) from error


def send(stream: IO[bytes], payload: bytes) -> None:
    """Writes one message."""
    stream.write(_HEAD.pack(len(payload)))
    stream.write(payload)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """The next message; None where the other side is gone."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    (length,) = _HEAD.unpack(head)
    payload = stream.read(length)
    return payload if len(payload) == length else None

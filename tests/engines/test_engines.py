"""Any engine answers every part once, holds few in flight, and turns what goes wrong elsewhere into one error."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from token_saliency.engines import ENGINES, Engine
from token_saliency.engines.ray_session import require_answer
from token_saliency.errors import ModelError

REPOSITORY = Path(__file__).parents[2]
posix = pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")


class TwoWordsError(Exception):
    """Can be pickled, but not built again from its one message."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")


class LockedError(Exception):
    """Cannot be pickled."""

    def __init__(self) -> None:
        super().__init__("locked")
        self.lock = threading.Lock()


def number_of(number: int) -> int:
    return number


def die(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def squared(_: int, part: int) -> int:
    return part * part


def failing(_: int, part: str) -> None:
    made: dict[str, Callable[[], Exception]] = {"two": partial(TwoWordsError, "no", "way"), "locked": LockedError}
    raise made.get(part, partial(ValueError, "plain"))()


def loud(_: int, part: int) -> int:
    print("printed by a library")
    return part


def unsendable(_: int, __: int) -> Any:
    return threading.Lock()


def killed_while_it_sends(number: int, _: int) -> bytes:
    """The first process dies while it sends an answer that takes longer to send than it has to live."""
    if number == 0:
        threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGKILL)).start()
        return bytes(400_000_000)
    time.sleep(0.2)
    return b""


@pytest.fixture(scope="module")
def two() -> Iterator[Engine]:
    with ENGINES["processes"](number_of, 2, 1) as engine:
        yield engine


def test_every_part_is_answered_once(two: Engine) -> None:
    expected = [(n, n * n) for n in range(50)]
    assert sorted(two.map(squared, range(50))) == expected
    with ENGINES["inline"](number_of, 1, 1) as one:
        assert list(one.map(squared, range(50))) == expected


def test_few_parts_are_begun_ahead_of_the_reader(two: Engine) -> None:
    taken: list[int] = []

    def parts() -> Iterator[int]:
        for n in range(1000):
            taken.append(n)
            yield n

    found = two.map(squared, parts())
    for _ in range(5):
        next(found)
    assert 5 <= len(taken) <= 5 + 2 * two.count + 1


@pytest.mark.parametrize(
    ("part", "kind", "message"),
    [
        ("plain", ValueError, "plain"),
        ("two", ModelError, "A worker process failed: TwoWordsError: no way"),
        ("locked", ModelError, "A worker process failed: LockedError: locked"),
    ],
)
def test_an_error_of_a_task_is_raised_here_and_the_next_call_works(
    two: Engine, part: str, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        list(two.map(failing, [part]))
    assert list(two.map(squared, [3])) == [(3, 9)]


def test_what_cannot_be_sent_is_one_error_either_way(two: Engine) -> None:
    with pytest.raises(ModelError, match="cannot be handed to a worker process"):
        list(two.map(lambda _, part: part, [1]))
    with pytest.raises(TypeError, match="cannot pickle"):
        list(two.map(unsendable, [1]))
    assert list(two.map(squared, [3])) == [(3, 9)]


def test_what_a_task_prints_is_no_output(two: Engine, capfd: pytest.CaptureFixture[str]) -> None:
    assert sorted(two.map(loud, range(4))) == [(n, n) for n in range(4)]
    assert capfd.readouterr().out == ""


@posix
def test_a_process_killed_while_it_starts_is_one_error() -> None:
    with pytest.raises(ModelError, match="A worker process was killed"), ENGINES["processes"](die, 2, 1):
        pytest.fail("never begun")


@posix
def test_a_process_killed_while_it_sends_an_answer_is_one_error() -> None:
    line = (
        "import faulthandler; faulthandler.dump_traceback_later(25, exit=True)\n"
        "import test_engines as own\n"
        "from token_saliency.engines import ENGINES\n"
        "with ENGINES['processes'](own.number_of, 2, 1) as two: list(two.map(own.killed_while_it_sends, [1, 2]))\n"
    )
    path = os.pathsep.join([str(REPOSITORY), str(Path(__file__).parent)])
    ended = subprocess.run(
        [sys.executable, "-c", line], env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert ended.stderr.splitlines()[-1].startswith("token_saliency.errors.ModelError: A worker process was killed")


@pytest.mark.parametrize("address", ["127.0.0.1:{}", "ray://127.0.0.1:{}", "ray://[::1]:{}"])
def test_an_address_at_which_nothing_listens_is_said_at_once(address: str) -> None:
    with socket.socket() as taken:  # bound and deaf: nobody else takes the port meanwhile
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ModelError, match=r"No Ray cluster can be joined at .*: start one with 'ray start --head'"):
            require_answer(address.format(taken.getsockname()[1]))


def test_an_address_at_which_something_listens_is_left_to_ray() -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        require_answer(f"127.0.0.1:{there.getsockname()[1]}")
    require_answer("auto")

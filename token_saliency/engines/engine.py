"""What an engine is: every place of work makes something once (a model) and answers parts of the work with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

P = TypeVar("P")
A = TypeVar("A")

Make = Callable[..., Any]
"""Makes what a place of work holds; called once with the number of the place, from 0 on, and `file=` where one goes
along."""


class Engine(Protocol):
    """`count` places of work; `here`: they are in this process, so that a part may hold what cannot be sent."""

    @property
    def count(self) -> int: ...
    @property
    def here(self) -> bool: ...
    def map(self, task: Callable[[Any, P], A], parts: Iterable[P]) -> Iterator[tuple[P, A]]:
        """Each part with `task(held, part)`, in the order in which they are done; few are begun ahead of the reader.

        An error of a task is raised here, and ends the call.
        """
        ...


class Start(Protocol):
    """Starts an engine of `count` places, each with `threads` threads; all of it is gone when the block ends.

    `file` reaches every place, under whatever path it has there; it may go when the engine has started.
    """

    def __call__(
        self, make: Make, count: int, threads: int, file: Path | None = None
    ) -> AbstractContextManager[Engine]: ...


AnyEngine = str | Start | Engine
"""A name, what starts one (`RayCluster("auto")`), or one that runs and holds the classifier's model already."""


def with_file(make: Make, file: Path | None) -> Make:
    """Called with the number alone."""
    return make if file is None else partial(make, file=str(file))


@dataclass(frozen=True, slots=True)
class Inline:
    """Answers with what it holds, one part after the other."""

    held: Any
    count: int = 1
    here: bool = True

    def map(self, task: Callable[[Any, P], A], parts: Iterable[P]) -> Iterator[tuple[P, A]]:
        """In the order of the parts."""
        for part in parts:
            yield part, task(self.held, part)


@contextmanager
def inline(make: Make, count: int = 1, threads: int = 1, file: Path | None = None) -> Iterator[Engine]:  # noqa: ARG001 - called as every engine
    """This process alone, with its own threads, whatever `count` says."""
    yield Inline(with_file(make, file)(0))


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

"""The engine that is this process: one place of work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from token_saliency.engines.engine import A, Engine, Make, P


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
def inline(make: Make, count: int = 1, threads: int = 1) -> Iterator[Engine]:  # noqa: ARG001 - called as every engine
    """This process alone, with its own threads, whatever `count` says."""
    yield Inline(make(0))

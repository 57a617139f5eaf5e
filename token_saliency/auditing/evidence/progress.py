"""How those who wait are told how far a run is."""

from __future__ import annotations

from collections.abc import Callable

OnProgress = Callable[[str, int, int], None]
"""Told the stage, what is done of it, and all there is to do."""


def silent(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


def counter(on_progress: OnProgress, stage: str, total: int, done: int = 0) -> Callable[[int], None]:
    """Takes what was newly done, and tells the sum; what was done before is told at once."""
    if done:
        on_progress(stage, done, total)

    def advance(newly: int) -> None:
        nonlocal done
        done += newly
        on_progress(stage, min(done, total), total)

    return advance

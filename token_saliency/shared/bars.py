"""A bar for who waits in Python: in a notebook its own, in a terminal one of characters, elsewhere nothing."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

OnStage = Callable[[str, int, int], None]


@contextmanager
def bars(asked: bool | None) -> Iterator[OnStage]:
    """Yields `on_progress(stage, done, total)`; `asked` None shows a bar to a notebook or a terminal alone."""
    if asked is False or (asked is None and not _watched()):
        yield lambda *_: None
        return
    shown: dict[str, Any] = {}

    def update(stage: str, done: int, total: int) -> None:
        if stage not in shown:
            shown[stage] = _bar(stage, done, total)
        shown[stage].update(done - shown[stage].n)

    try:
        yield update
    finally:
        for bar in shown.values():
            bar.close()


def _watched() -> bool:
    return "ipykernel" in sys.modules or bool(sys.stderr and sys.stderr.isatty())


def _bar(stage: str, done: int, total: int) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a notebook without ipywidgets gets characters
        from tqdm.auto import tqdm

        return tqdm(desc=stage, total=total, initial=done, leave=False)

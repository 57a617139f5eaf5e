"""`--workers N`: who answers, one process or several."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from token_saliency.engines.workers import Workers
    from token_saliency.text.classifier import TextClassifier


@contextmanager
def working(classifier: TextClassifier, workers: int, console: Console) -> Iterator[TextClassifier | Workers]:
    """The classifier itself, or as many processes as were asked for and there are cores."""
    if workers == 1:
        yield classifier
        return
    with classifier.workers(workers) as many:
        if many.count < workers:
            console.print(f"--workers {workers}: there are {many.count} cores, so {many.count} processes work.")
        yield many

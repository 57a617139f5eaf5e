"""`--workers N`: who answers, one process or several."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from token_saliency.text.classifier import TextClassifier


@contextmanager
def working(classifier: TextClassifier, workers: int, console: Console) -> Iterator[TextClassifier]:
    """The classifier itself, or the same answered by as many processes as were asked for and can work at once."""
    if workers == 1:
        yield classifier
        return
    if getattr(classifier, "remote", False):
        with classifier.workers(workers) as asking:
            yield asking
        return
    from token_saliency.text.working import places  # imports torch

    with classifier.workers(workers) as many:
        count, of = places(classifier.info.device)
        if count < workers:
            console.print(f"--workers {workers}: there are {count} {of}, so {count} processes work.")
        yield many

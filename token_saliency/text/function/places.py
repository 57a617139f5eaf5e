"""A function that is called elsewhere: by several processes, or by the actors of a cluster."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import cloudpickle
import numpy as np

from token_saliency.engines import ENGINES, Engine, RayCluster
from token_saliency.engines.engine import AnyEngine, cores
from token_saliency.errors import ModelError
from token_saliency.text.encoding import Text
from token_saliency.text.function.answers import Floats, FunctionAnswers
from token_saliency.text.working import checked_count

WORDS_A_PLACE = 128
"""A block of an audit has so many words a place at once, times some batches: about two hundred short texts. A function
may be slow, or paid by the call, and what a killed run had asked of an unfinished block is asked again."""

Part = tuple[list[Text], list[int]]


@contextmanager
def started(answers: FunctionAnswers, count: int | None, engine: AnyEngine) -> Iterator[Engine]:
    """An engine whose places each hold the function."""
    count = checked_count(count)
    if not callable(start := ENGINES[engine] if isinstance(engine, str) else engine):
        yield start
        return
    try:
        packed = cloudpickle.dumps(answers)  # a function of the caller's script is sent as it is
    except Exception as error:  # what a function holds is its own: connections, locks
        raise ModelError(
            f"The function cannot be handed to worker processes ({type(error).__name__}: {error}); "
            "let the function itself use several."
        ) from error
    if not isinstance(start, RayCluster):
        count = min(count or cores(), cores())
    with start(partial(_opened, packed), count, 1) as running:  # type: ignore[arg-type]
        yield running


def _opened(packed: bytes, _: int) -> FunctionAnswers:
    answers: FunctionAnswers = pickle.loads(packed)
    return answers


def _answered(held: FunctionAnswers, part: Part) -> Floats:
    return held.of(*part)


def spread(
    engine: Engine,
    answers: FunctionAnswers,
    texts: Sequence[Text],
    numbers: Sequence[int],
    progress: Callable[[int], None] | None,
) -> Floats:
    """As `FunctionAnswers.of`, wherever the function is held; no text is sent twice."""
    places: dict[Text, list[int]] = {}
    for i, text in enumerate(texts):
        places.setdefault(text, []).append(i)
    size = min(answers.batch_size, max(1, len(places) // (2 * engine.count)))
    parts = [([*some], [numbers[places[text][0]] for text in some]) for some in _cut([*places], size)]
    found = np.empty((len(texts), len(answers.classes)))
    for (some, _), rows in engine.map(_answered, parts):
        for text, row in zip(some, rows, strict=True):
            found[places[text]] = row
        if progress is not None:
            progress(sum(len(places[text]) for text in some))
    return found


def _cut(texts: Sequence[Text], size: int) -> Iterator[Sequence[Text]]:
    return (texts[start : start + size] for start in range(0, len(texts), size))

"""The work of an image classifier in parts, answered by any engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PIL.Image import Image

from token_saliency.engines.engine import Engine
from token_saliency.image.explaining import PictureQuestion
from token_saliency.text.model.meter import Meter


@dataclass(frozen=True, slots=True)
class PicturesAsked:
    """Some of the caller's pictures, from number `start` on, and what is asked of them; None: their logits."""

    start: int
    pictures: list[Image]
    targets: Sequence[int | None] = ()
    question: PictureQuestion | None = None
    layer: str | None = None


class Answering(Protocol):
    """What a place of work holds."""

    @property
    def meter(self) -> Meter: ...
    def answered(self, asked: PicturesAsked) -> list[Any]: ...


def _answered(held: Answering, asked: PicturesAsked) -> tuple[list[Any], tuple[int, int, int]]:
    before = held.meter.forward, held.meter.backward, held.meter.tokens
    found, after = held.answered(asked), held.meter
    return found, (after.forward - before[0], after.backward - before[1], after.tokens - before[2])


def answers_to(
    engine: Engine, meter: Meter, parts: Iterable[PicturesAsked], progress: Callable[[int], None] | None
) -> Iterator[tuple[int, Any]]:
    """The number of each picture with its answer, in any order; `meter` counts wherever the work was done."""
    for asked, (found, spent) in engine.map(_answered, parts):
        if not engine.here:
            meter.add(*spent)
        if progress is not None:
            progress(len(found))
        yield from enumerate(found, asked.start)

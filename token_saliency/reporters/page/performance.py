"""Accuracy on the page: over all rows, by class, and which class was taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from token_saliency.drawing import numbers
from token_saliency.results import Performance

CLASSES, GRID = 20, 10


@dataclass(frozen=True, slots=True)
class ClassView:
    """One class of the labels."""

    name: str
    rows: str
    predicted: str
    accuracy: str
    interval: str


@dataclass(frozen=True, slots=True)
class PerformanceView:
    """`grid` counts rows by label (lines) and prediction (`classes`); empty where the classes are many."""

    accuracy: str
    interval: str
    rows: str
    by_class: list[ClassView]
    more: int
    classes: list[str]
    grid: list[tuple[str, list[str]]]


def performance_view(found: Performance | None, labels: Sequence[str]) -> PerformanceView | None:
    """At most `CLASSES` classes, in the order of the model."""
    if found is None:
        return None
    small = len(labels) <= GRID
    return PerformanceView(
        accuracy=f"{found.accuracy:.3f}",
        interval=_interval(found.interval),
        rows=numbers.count(found.rows),
        by_class=[
            ClassView(
                name,
                numbers.count(one.rows),
                numbers.count(one.predicted),
                f"{one.accuracy:.3f}",
                _interval(one.interval),
            )
            for name, one in list(found.by_class.items())[:CLASSES]
        ],
        more=max(0, len(found.by_class) - CLASSES),
        classes=list(labels) if small else [],
        grid=[
            (name, [numbers.count(guesses.get(other, 0)) for other in labels])
            for name, guesses in found.confusion.items()
        ]
        if small
        else [],
    )


def _interval(bounds: tuple[float, float]) -> str:
    return f"[{bounds[0]:.3f}, {bounds[1]:.3f}]"

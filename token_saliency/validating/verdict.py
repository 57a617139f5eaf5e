"""From an estimate to passed, failed or undecided. Not shown is never passed; too few rows are never failed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from token_saliency.results import Check, Interval, Step
from token_saliency.stats.estimate import Estimate

ALPHA = 0.01
"""One-sided. A dozen checks stand beside each other: at the usual .05 noise would pass some check in most runs."""
DETECTABLE = 0.2
"""A sample that could miss a difference of so much (in probability or rank correlation) decides nothing."""
LEAST_DOCUMENTS = 20
"""The spread of fewer is itself a guess: by luck they look sure of anything."""
UNDECIDED = "Undecided, too few rows: "


class NotRun(Exception):  # noqa: N818 - no error: a check that does not apply
    """A check that does not apply here; the message says why."""


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What a check saw."""

    seen: str
    value: float | None = None
    interval: Interval | None = None
    bound: float | None = None
    passed: bool | None = None
    steps: list[Step] = field(default_factory=list)


def interval_of(estimate: Estimate) -> Interval | None:
    """The 98% interval, where the sample has one."""
    return estimate.interval(ALPHA) if math.isfinite(estimate.se) else None


def above_zero(estimate: Estimate) -> bool | None:
    """Whether a difference that a faithful method must have was shown; None where the sample could not show it."""
    interval = _deciding(estimate)
    if interval is None:
        return None
    if interval[0] > 0:
        return True
    return None if estimate.detectable(ALPHA) > DETECTABLE else False


def _deciding(estimate: Estimate) -> Interval | None:
    """The interval, where there are enough documents behind it."""
    return interval_of(estimate) if estimate.df + 1 >= LEAST_DOCUMENTS else None


def below(estimate: Estimate, bound: float) -> bool | None:
    """Whether the whole interval lies below the bound (True), or above it (False)."""
    interval = _deciding(estimate)
    if interval is None or interval[0] < bound <= interval[1]:
        return None
    return interval[1] < bound


def above(estimate: Estimate, bound: float) -> bool | None:
    """Whether the whole interval lies above the bound (True), or below it (False)."""
    under = below(estimate, bound)
    return None if under is None else not under


def all_of(parts: Iterable[bool | None]) -> bool | None:
    """False where one part failed, None where one is undecided, else True."""
    known = list(parts)
    return False if False in known else None if None in known else True


def said(passed: bool | None, seen: str) -> str:
    """`seen`, with a word in front where it decides nothing."""
    return seen if passed is not None else UNDECIDED + seen


def shown(interval: Interval | None) -> str:
    """`[+0.10, +0.31]`, or that there is none."""
    return "(no interval)" if interval is None else f"[{interval[0]:+z.2f}, {interval[1]:+z.2f}]"


NOT_RUN = "Not run: "
CRASHED = "Crashed: "

Subject = TypeVar("Subject")
"""What is checked: texts or pictures with their scores."""


@dataclass(frozen=True, slots=True)
class CheckDefinition(Generic[Subject]):
    """A check before it runs."""

    title: str
    expected: str
    caveat: str
    source: str
    run: Callable[[Subject], CheckOutcome]


def run_check(name: str, definition: CheckDefinition[Subject], subject: Subject) -> Check:
    """What was expected beside what was seen; a check that crashes says so and never passes."""
    try:
        outcome = definition.run(subject)
    except NotRun as reason:
        outcome = CheckOutcome(f"{NOT_RUN}{reason}")
    except Exception as error:  # told as what it is, exit code 2: a check that did not run never looks like a pass
        said = " ".join(str(error).split())[:300]
        outcome = CheckOutcome(f"{CRASHED}{type(error).__name__}: {said}")
    return Check(
        name=name,
        title=definition.title,
        expected=definition.expected,
        seen=outcome.seen,
        value=outcome.value,
        interval=outcome.interval,
        bound=outcome.bound,
        passed=outcome.passed,
        caveat=definition.caveat,
        source=definition.source,
        steps=outcome.steps,
    )

"""What a check is before it runs, and its record once it has: the same for texts and for pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from token_saliency.results import Check
from token_saliency.validating.verdict import CheckOutcome, NotRun

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

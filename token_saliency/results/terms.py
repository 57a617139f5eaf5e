"""The words that the results share."""

from __future__ import annotations

from typing import Literal

SCHEMA_VERSION = 2
READABLE = (1, SCHEMA_VERSION)
"""Versions of report.json that are read: what a later one has besides has a default."""

DISCLAIMER = "An investigation, not a certification"

Verdict = Literal["ERROR", "FAIL", "WARN", "NOTE", "INCONCLUSIVE", "PASS"]
Claim = Literal["shift", "direction", "lean", "magnitude", "movement"]
Expectation = Literal["irrelevant", "necessary", "exploratory"]
Level = Literal["off", "warn", "error"]
Interval = tuple[float, float]
Span = tuple[int, int]

VERDICTS: tuple[Verdict, ...] = ("ERROR", "FAIL", "WARN", "NOTE", "INCONCLUSIVE", "PASS")
"""Worst first: an audit has the verdict of its worst judged claim, a report that of its worst audit that decides."""

BLOCKING: dict[str, frozenset[Verdict]] = {
    "fail": frozenset({"FAIL"}),
    "warn": frozenset({"FAIL", "WARN"}),
    "never": frozenset(),
}
"""Which verdicts turn a build red, by `--fail-on`."""


def noted(verdict: Verdict) -> Verdict:
    """The word for the same result where it decides nothing."""
    return "NOTE" if verdict in BLOCKING["warn"] else verdict

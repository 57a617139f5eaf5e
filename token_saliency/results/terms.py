"""The words that the results share."""

from __future__ import annotations

from typing import Literal

SCHEMA_VERSION = 1
DISCLAIMER = "An investigation, not a certification"

Verdict = Literal["ERROR", "FAIL", "WARN", "INCONCLUSIVE", "PASS"]
Claim = Literal["shift", "direction", "lean", "magnitude"]
Expectation = Literal["irrelevant", "necessary", "exploratory"]
Level = Literal["off", "warn", "error"]
Interval = tuple[float, float]
Span = tuple[int, int]

VERDICTS: tuple[Verdict, ...] = ("ERROR", "FAIL", "WARN", "INCONCLUSIVE", "PASS")
"""Worst first: an audit has the verdict of its worst judged claim, a report that of its worst audit."""

BLOCKING: dict[str, frozenset[Verdict]] = {
    "fail": frozenset({"FAIL"}),
    "warn": frozenset({"FAIL", "WARN"}),
    "never": frozenset(),
}
"""Which verdicts turn a build red, by `--fail-on`."""

"""Does the method deserve trust on this model: what was expected, what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from token_saliency.drawing.safe import screen_lines
from token_saliency.results.about import Cost, DatasetInfo, ModelInfo, Tool
from token_saliency.results.terms import Interval


@dataclass(frozen=True, slots=True)
class Step:
    """One line of detail: a layer of the cascade, a share of deleted tokens, a pair of baselines."""

    name: str
    value: float
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One sanity check: `passed` is None where it could not run, and `seen` then says why.

    `value` is what was measured, `bound` what it is held against; `caveat` is what the literature says such a check
    cannot show, `source` where it was proposed.
    """

    name: str
    title: str
    expected: str
    seen: str
    value: float | None
    interval: Interval | None
    bound: float | None
    passed: bool | None
    caveat: str
    source: str
    steps: list[Step]


@dataclass(frozen=True, slots=True, repr=False)
class Validation:
    """The record of `validate`; `passed` is True where every check that ran did, None where none could run."""

    schema_version: int
    tool: Tool
    created: str
    command: str
    disclaimer: str
    method: str
    model: ModelInfo
    dataset: DatasetInfo
    settings: dict[str, Any]
    checks: list[Check]
    passed: bool | None
    exit_code: int
    cost: Cost
    warnings: list[str]

    def __str__(self) -> str:
        """What each check saw, at most 100 columns wide."""
        said = {True: "PASS", False: "FAIL", None: "NOT RUN"}
        title = f"{said[self.passed]}, exit code {self.exit_code}: {self.method} on {self.model.id}, {self.dataset.id}"
        checks = [f"{said[check.passed]:7}  {check.title}: {check.seen}" for check in self.checks]
        return "\n".join(map(screen_lines, [title, *checks]))

    __repr__ = __str__

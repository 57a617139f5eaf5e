"""Two runs on the same rows and items, or one model on clean and shifted rows: what changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from token_saliency.results.about import DatasetInfo, ModelInfo, Tool
from token_saliency.results.terms import Claim, Interval, Verdict

Change = Literal["worse", "better", "same", "undecided"]

CHANGES: tuple[Change, ...] = ("worse", "undecided", "better", "same")
"""Worst first: an audit has the change of its worst judged claim, a comparison that of its worst audit."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs."""

    folder: str
    created: str
    model: ModelInfo
    dataset: DatasetInfo
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ComparedClaim:
    """One claim in both runs, and the paired difference of its effect.

    `change` is the growth of the effect in the direction of the earlier one (of its size, where the sign turned), with
    its (1 - 2 alpha) `interval`; `paired` says whether the same slots were filled by the same items in both runs.
    `worse`: the interval lies above 0 and the effect of B is none that B's run passes. `same`: inside +-`margin`.
    """

    claim: Claim
    between: tuple[str, str] | None
    class_: Annotated[str, Field(alias="class")]
    operator: str
    judged: bool
    effect_a: float
    effect_b: float
    verdict_a: Verdict
    verdict_b: Verdict
    difference: float
    interval: Interval
    p: float
    p_adjusted: float
    rows: int
    items: int
    margin: float
    paired: bool
    change: Change
    reason: str


@dataclass(frozen=True, slots=True)
class ComparedAudit:
    """One audit in both runs."""

    name: str
    title: str
    verdict_a: Verdict
    verdict_b: Verdict
    change: Change
    reason: str
    claims: list[ComparedClaim]


@dataclass(frozen=True, slots=True)
class ComparedPredictions:
    """How the predictions on the rows that both runs have differ. Accuracies are None without labels."""

    rows: int
    agreement: float
    accuracy_a: float | None
    accuracy_b: float | None
    difference: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The full record of a comparison; `kind` is "models" (same rows) or "rows" (same model, other rows)."""

    schema_version: int
    tool: Tool
    created: str
    command: str
    disclaimer: str
    kind: Literal["models", "rows", "both"]
    a: Side
    b: Side
    settings: dict[str, Any]
    change: Change
    exit_code: int
    predictions: ComparedPredictions | None
    audits: list[ComparedAudit]
    warnings: list[str]

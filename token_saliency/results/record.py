"""The record of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, SkipValidation

from token_saliency.results.about import Cost, DatasetInfo, ModelInfo, Performance, PromptInfo, Tool
from token_saliency.results.discovery import Calibration, Discovered
from token_saliency.results.evidence import Edit, ScoredRow
from token_saliency.results.findings import AuditResult
from token_saliency.results.known import KnownFinding
from token_saliency.results.terms import Verdict


def _by_name(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    names = (audit.get("name") if isinstance(audit, dict) else getattr(audit, "name", "") for audit in value)
    return dict(zip(map(str, names), value, strict=True))


def _as_list(value: Mapping[str, AuditResult]) -> list[AuditResult]:
    return list(value.values())


Audits = Annotated[dict[str, AuditResult], BeforeValidator(_by_name), PlainSerializer(_as_list)]
"""A mapping by name in Python, a list in JSON."""


Answered = Annotated[
    SkipValidation[tuple[Iterable[ScoredRow], Iterable[Edit]] | None],
    Field(exclude=True),
    BeforeValidator(lambda _: None),
]
"""The rows and edits that the verdicts rest on: no part of `report.json`, and None where it was read from there."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The full record of one audit run; every report format is a pure function of it.

    `performance` is None without labels. `doubts` are what every format shows beside the verdict.
    """

    __pydantic_config__ = ConfigDict(title="Report")

    schema_version: int
    tool: Tool
    created: str
    command: str
    disclaimer: str
    model: ModelInfo
    dataset: DatasetInfo
    settings: dict[str, Any]
    verdict: Verdict
    exit_code: int
    audits: Audits
    discovery: list[Discovered]
    calibration: Calibration | None
    cost: Cost
    warnings: list[str]
    known: list[KnownFinding] = field(default_factory=list)
    performance: Performance | None = None
    doubts: list[str] = field(default_factory=list)
    prompt: PromptInfo | None = None
    evidence: Answered = field(default=None, repr=False, compare=False)

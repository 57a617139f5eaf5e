"""The record of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, SkipValidation

from token_saliency.results.about import Cost, DatasetInfo, ModelInfo, Tool
from token_saliency.results.evidence import AuditResult, Calibration, Discovered, Edit, Finding, ScoredRow
from token_saliency.results.known import KnownFinding
from token_saliency.results.terms import Verdict

if TYPE_CHECKING:
    import pandas as pd


def _by_name(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return {(audit["name"] if isinstance(audit, dict) else audit.name): audit for audit in value}


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
class Report:
    """The full record of one audit run; every report format is a pure function of it."""

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
    evidence: Answered = field(default=None, repr=False, compare=False)

    def to_frame(self) -> pd.DataFrame:
        """One line per claim: audit, claim, class, operator, between, effect, interval, control, p, n, verdict."""
        import pandas as pd

        columns = [column.name for column in fields(Finding)]
        lines = [
            {"audit": audit.name} | {name.rstrip("_"): getattr(finding, name) for name in columns}
            for audit in self.audits.values()
            for finding in audit.intervention
        ]
        return pd.DataFrame(lines, columns=["audit", *(name.rstrip("_") for name in columns)])

    def save(self, folder: str) -> None:
        """Writes the run directory, all of its files or none: `report.json`, `report.html`, and the rows and edits.

        `rows.parquet` and `edits.parquet` are what `compare_runs` and `audit --from` read. A report that was read from
        a file, or one of images, has the first two alone.
        """
        from token_saliency.store import save_report, save_run  # a door upwards, see tests/test_house.py

        if self.evidence is None:
            save_report(self, folder)
        else:
            save_run(self, *self.evidence, folder)

    def to_html(self, file: str | None = None) -> str:
        """The HTML page; also written to `file` where one is given."""
        from token_saliency.store import render_to  # a door upwards, see tests/test_house.py

        return render_to(self, "html", file)

    def plot_effects(self, audits: Sequence[str] | None = None, top: int = 30) -> Any:
        """A matplotlib figure: every judged effect with its interval, its control and the margin, worst first."""
        from token_saliency.reporters import effects_figure  # a door upwards, see tests/test_house.py

        return effects_figure(self, audits, top)

    def _repr_html_(self) -> str:
        from token_saliency.reporters import report_frame  # a door upwards, see tests/test_house.py

        return report_frame(self)

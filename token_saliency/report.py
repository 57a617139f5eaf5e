"""A report as users hold it: the record of a run, and what can be done with it. Formats are loaded when used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from token_saliency.results import Finding, RunRecord

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, repr=False)
class Report(RunRecord):
    """The full record of one audit run, which can be saved, shown and drawn."""

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
        from token_saliency.store import save_report, save_run

        if self.evidence is None:
            save_report(self, folder)
        else:
            save_run(self, *self.evidence, folder)

    def to_html(self, file: str | None = None) -> str:
        """The HTML page; also written to `file` where one is given."""
        from token_saliency.store import render_to

        return render_to(self, "html", file)

    def plot_effects(self, audits: Sequence[str] | None = None, top: int = 30) -> Any:
        """A matplotlib figure: every judged effect with its interval, its control and the margin, worst first."""
        from token_saliency.reporters.figures import effects

        return effects(self, audits, top)

    def __str__(self) -> str:
        """The summary that a terminal shows, at most 100 columns wide."""
        from token_saliency.reporters.terminal import render

        return render(self, screen=True).rstrip()

    def __repr__(self) -> str:
        about = f"{self.verdict}: {self.model.id} on {self.dataset.id}, {len(self.audits)} audits"
        return f"<Report {about}, exit code {self.exit_code}>"

    def _repr_html_(self) -> str:
        from token_saliency.reporters.page.html import framed

        return framed(self)


def load_report(path: Path | str) -> Report:
    """The report of a run directory or of a `report.json`. DataError where there is none, or not one of ours."""
    from token_saliency.store import read_record

    record = read_record(path)
    return Report(**{column.name: getattr(record, column.name) for column in fields(record)})

"""The effects of a report as a figure for a paper: intervals against the margin, one line a finding."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from token_saliency.drawing.safe import one_line, shortened
from token_saliency.errors import ModelError, OptionError
from token_saliency.reporters import summary
from token_saliency.results import AuditResult, Finding, RunRecord, Verdict

COLOURS: dict[Verdict, str] = {
    "ERROR": "#6a2c9c",
    "FAIL": "#b3261e",
    "WARN": "#8f5a00",
    "NOTE": "#1b5aa6",
    "INCONCLUSIVE": "#545f6e",
    "PASS": "#17694a",
}
_Line = tuple[AuditResult, Finding]


def effects(report: RunRecord, audits: Sequence[str] | None = None, top: int = 30) -> Any:
    """A matplotlib figure of the judged findings, worst first; `audits` names those that are drawn.

    ModelError without matplotlib, OptionError where there is no such audit or nothing to draw.
    """
    lines = _lines(report, audits)[:top]
    if top < 1 or not lines:
        raise OptionError("There is no judged finding to draw: name other audits, or a top above 0.")
    drawn = _shown_figure()(figsize=(8, 0.9 + 0.34 * len(lines)), layout="constrained")
    _draw(drawn.subplots(), lines)
    return drawn


def _shown_figure() -> Any:
    """The figure of matplotlib, which a notebook shows where it is the last value of a cell, pyplot or not."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ModelError("Charts need matplotlib: pip install 'token-saliency[image]'.") from error

    class ShownFigure(Figure):
        def _repr_png_(self) -> bytes:
            self.savefig(drawn := io.BytesIO(), format="png")
            return drawn.getvalue()

    return ShownFigure


def _lines(report: RunRecord, audits: Sequence[str] | None) -> list[_Line]:
    audits = [audits] if isinstance(audits, str) else audits
    missing = [name for name in audits or () if name not in report.audits]
    if missing:
        raise OptionError(f"There is no audit {missing[0]!r} in this report. It has: {', '.join(report.audits)}.")
    chosen = [audit for audit in summary.worst_first(report) if audits is None or audit.name in audits]
    found = [(audit, finding) for audit in chosen for finding in audit.intervention if finding.judged]
    return sorted(found, key=lambda one: summary.severity(one[1]))


def _draw(axes: Any, lines: Sequence[_Line]) -> None:
    for place, (_, finding) in enumerate(lines):
        (low, high), colour = finding.interval, COLOURS[finding.verdict]
        axes.fill_betweenx([place - 0.5, place + 0.5], -finding.margin, finding.margin, color="#e3e8ee", linewidth=0)
        axes.plot([low, high], [place, place], color=colour, linewidth=1.6, solid_capstyle="butt", zorder=2)
        axes.plot(finding.effect, place, "o", color=colour, markersize=5.5, zorder=3)
        if finding.control is not None:
            axes.plot(finding.control, place, "o", markerfacecolor="white", markeredgecolor="#57636f", markersize=4)
    axes.axvline(0, color="#57636f", linewidth=0.8, zorder=1)
    axes.set_yticks(range(len(lines)), [_name(*line) for line in lines])
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.set_xlabel("effect in probability, with interval; open: control; grey: margin")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _name(audit: AuditResult, finding: Finding) -> str:
    """`FAIL  names: lean, A against B, positive`, without `$`, which matplotlib reads as mathematics."""
    between = f" {finding.between[0]} against {finding.between[1]}" if finding.between else ""
    said = f"{audit.name}: {finding.claim}{between} on {finding.class_ or 'the output'}"
    return f"{shortened(one_line(said), 60)}  {finding.verdict}".replace("$", r"\$")

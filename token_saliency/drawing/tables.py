"""Explained rows of a table: as a figure for a paper, and as a page."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from token_saliency.drawing import numbers
from token_saliency.drawing.charts import Bar, balance_bars, bars_from_left, bars_with_intervals
from token_saliency.drawing.facts import class_name
from token_saliency.drawing.inputs import ScoredFeatures, ScoredTable
from token_saliency.drawing.pages import page
from token_saliency.drawing.safe import printable, shortened
from token_saliency.errors import ModelError, OptionError

FEATURES = 15
ROWS = 20
POSITIVE, NEGATIVE = "#c05a00", "#2668c4"


@dataclass(frozen=True, slots=True)
class RowView:
    """One row as the page shows it."""

    number: int
    predicted: str
    target: str
    facts: list[str]
    bars: list[Bar]
    signed: bool


@dataclass(frozen=True, slots=True)
class TableView:
    """What the page shows."""

    rows: str
    method: str
    overall: list[Bar]
    features_more: int
    each: list[RowView]
    rows_more: int


def render(explanation: ScoredTable, disclaimer: str) -> str:
    """The page: the ranking over the rows, then each row's own bars."""
    some = explanation.ranked[:FEATURES]
    view = TableView(
        rows=numbers.count(len(explanation.rows)),
        method=explanation.rows[0].method,
        overall=bars_with_intervals([(one.name, one.importance, one.interval) for one in some]),
        features_more=max(0, len(explanation.ranked) - FEATURES),
        each=[_row(number, row) for number, row in enumerate(explanation.rows[:ROWS])],
        rows_more=max(0, len(explanation.rows) - ROWS),
    )
    return page("tables.html.j2", view=view, disclaimer=disclaimer)


def _row(number: int, row: ScoredFeatures) -> RowView:
    ranked = [(f"{feature.name} = {feature.value:.4g}", feature.score) for feature in row.ranked[:FEATURES]]
    facts = [f"{row.output} {numbers.signed(row.output_value, 2)}", row.method]
    if row.completeness_error is not None:
        facts.append(f"completeness error {numbers.percent(row.completeness_error)}")
    bars = balance_bars(ranked, _signed) if row.signed else bars_from_left(ranked, lambda value: f"{value:.3g}")
    return RowView(number, class_name(row.predicted), class_name(row.target), facts, bars, row.signed)


def _signed(value: float) -> str:
    """To three digits, whatever the scale."""
    return f"{value:+.3g}".replace("-", numbers.MINUS) if value else "0"


def figure(explanation: ScoredTable, row: int | None, top: int) -> Any:
    """A matplotlib figure of one row, or of all of them. ModelError without matplotlib, OptionError for no such row."""
    if row is not None and not 0 <= row < len(explanation.rows):
        raise OptionError(f"There is no row {row}: {len(explanation.rows)} were explained (0 is the first).")
    if top < 1:
        raise OptionError(f"top is a number of features, not {top}.")
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ModelError("Charts need matplotlib: pip install 'token-saliency[image]'.") from error
    names, values, errors = _overall(explanation, top) if row is None else _single(explanation.rows[row], top)
    lines = sum(name.count("\n") + 1 for name in names)
    drawn = Figure(figsize=(7, 0.6 + 0.1 * len(names) + 0.22 * lines), layout="constrained")
    axes = drawn.subplots()
    colours = [POSITIVE if value >= 0 else NEGATIVE for value in values]
    axes.barh(range(len(names)), values, xerr=errors, color=colours, capsize=3, ecolor="#555555")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_xlabel(
        "mean |score| over the rows, 95% interval" if row is None else f"score for {_said(explanation, row)}"
    )
    return drawn


def _overall(explanation: ScoredTable, top: int) -> tuple[list[str], list[float], list[list[float]] | None]:
    some = explanation.ranked[:top]
    low = [feature.importance - feature.interval[0] for feature in some]
    high = [feature.interval[1] - feature.importance for feature in some]
    return [_name(f.name) for f in some], [f.importance for f in some], [low, high]


def _single(row: ScoredFeatures, top: int) -> tuple[list[str], list[float], list[list[float]] | None]:
    some = row.ranked[:top]
    return [_name(f"{f.name} = {f.value:.4g}") for f in some], [f.score for f in some], None


def _said(explanation: ScoredTable, row: int) -> str:
    return _name(explanation.rows[row].target)


def _name(text: str | None) -> str:
    """Whole, in lines of 40. Without `$`, which matplotlib reads as mathematics."""
    return "\n".join(wrap(shortened(printable(class_name(text)), 200), 40)).replace("$", r"\$")

"""A validation as JSON, as a page and in a terminal: expected, seen, passed, and what a pass does not show."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from token_saliency.drawing import numbers
from token_saliency.drawing.lines import Line, print_lines, sentence
from token_saliency.drawing.pages import page
from token_saliency.drawing.safe import printable, shortened
from token_saliency.reporters.summary import thing
from token_saliency.results import Check, Step, Validation, Verdict

FILES = {"json": "validation.json", "html": "validation.html"}

_VERDICTS: dict[bool | None, Verdict] = {True: "PASS", False: "FAIL", None: "INCONCLUSIVE"}
_SAID: dict[bool | None, str] = {True: "passed", False: "FAILED", None: "open"}
_STYLES: dict[bool | None, str] = {True: "bold green", False: "bold red", None: "bold cyan"}


def validation_json(validation: Validation) -> str:
    """The record, in ASCII; numbers are finite."""
    return json.dumps(asdict(validation), indent=1, allow_nan=False) + "\n"


# --- words ----------------------------------------------------------------------------------------


def headline(validation: Validation) -> str:
    """What came out, in one sentence."""
    failed = [one.title for one in validation.checks if one.passed is False]
    decided = sum(one.passed is not None for one in validation.checks)
    if not decided:
        return f"Nothing could be decided about {validation.method}."
    if failed:
        return f"{validation.method} failed {len(failed)} of {numbers.count(decided, 'check')} on this model."
    return f"{validation.method} passed {numbers.count(decided, 'check')} of {len(validation.checks)} on this model."


def _data(validation: Validation) -> str:
    rows = validation.dataset
    return f"{rows.id} ({rows.rows_used:,} of {numbers.count(rows.rows_seen, thing(validation))})"


# --- page -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """A check as the page shows it."""

    verdict: str
    check: Check
    steps: list[tuple[str, str, str]]


def validation_html(validation: Validation) -> str:
    """The whole page."""
    return page(
        "validation.html.j2",
        validation=validation,
        verdict=_VERDICTS[validation.passed],
        headline=headline(validation),
        data=_data(validation),
        created=numbers.moment(validation.created),
        lines=[_Line(_VERDICTS[one.passed], one, [_step(step) for step in one.steps]) for one in validation.checks],
        settings=[(key, str(value)) for key, value in validation.settings.items()],
        cost=_cost(validation),
    )


def _step(step: Step) -> tuple[str, str, str]:
    return step.name, numbers.signed(step.value), numbers.interval(step.interval) if step.interval else ""


def _cost(validation: Validation) -> str:
    cost = validation.cost
    return f"{cost.forward:,} forward and {cost.backward:,} backward passes, {numbers.duration(cost.seconds)}"


# --- terminal -------------------------------------------------------------------------------------


def print_validation(validation: Validation, console: Console, folder: Path | str | None = None) -> None:
    """Prints the table of checks with their caveats, the warnings, and where the files are."""
    title = f"{_plain(validation.method)} on {_plain(validation.model.id)}, {_plain(_data(validation))}"
    print_lines(console, [Line(Text(title, style="bold"))])
    console.print(_table(validation.checks), highlight=False)
    print_lines(console, _caveats(validation.checks))
    print_lines(console, _ending(validation, folder))


def _ending(validation: Validation, folder: Path | str | None) -> Iterable[Line]:
    for warning in validation.warnings:
        yield Line(Text(_plain(warning, 400)), Text("Note: ", style="bold"))
    yield Line(Text(_plain(headline(validation)), style=_STYLES[validation.passed]))
    yield Line(Text(f"{_plain(validation.disclaimer)}.", style="bold"))
    if folder is not None:
        yield Line(Text(f"Written to {_plain(str(folder))}: validation.html, validation.json."))


def _table(checks: Iterable[Check]) -> Table:
    table = Table(box=None, padding=(0, 2, 1, 0), header_style="dim", show_edge=False)
    table.add_column("", width=6, no_wrap=True)
    for name, ratio in (("check", 2), ("expected", 3), ("seen", 4)):
        table.add_column(name, ratio=ratio)
    for one in checks:
        said = Text(_SAID[one.passed], style=_STYLES[one.passed])
        table.add_row(said, Text(_plain(one.title)), Text(_plain(one.expected)), Text(_plain(one.seen, 400)))
    return table


def _caveats(checks: Iterable[Check]) -> Iterable[Line]:
    """Each caveat once, under the checks that it belongs to."""
    by_caveat: dict[tuple[str, str], list[str]] = {}
    for one in checks:
        by_caveat.setdefault((one.source, one.caveat), []).append(one.title)
    yield Line(Text("What these checks cannot show", style="bold"))
    for (source, caveat), titles in by_caveat.items():
        yield Line(Text.assemble(_plain("; ".join(titles)), (f" ({_plain(source)})", "dim")))
        yield sentence(_plain(caveat, 400))
    yield Line(Text())


def _plain(text: str, limit: int = 200) -> str:
    return shortened(printable(text), limit)

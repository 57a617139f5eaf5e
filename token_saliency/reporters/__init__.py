"""Report formats: each is a pure function of the plain data. No tensor and no model is met in here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from token_saliency.errors import unknown
from token_saliency.reporters import figures, json_, markdown, model_card, tables, terminal
from token_saliency.reporters import known_findings as known
from token_saliency.reporters.ci import github, gitlab, junit, sarif
from token_saliency.reporters.page import html
from token_saliency.results import Attribution, Report, TabularExplanation

REPORTERS: dict[str, Callable[[Report], str]] = {
    "json": json_.render,
    "html": html.render,
    "terminal": terminal.render,
    "known": known.render,
    "markdown": markdown.render,
    "junit": junit.render,
    "sarif": sarif.render,
    "gitlab": gitlab.render,
    "github": github.render,
    "model_card": model_card.render,
}
"""Every format by its name; a new one is a file with `render(report) -> str`, and a line here and in FILES."""

FILES: dict[str, str] = {
    "json": "report.json",
    "html": "report.html",
    "terminal": "report.txt",
    "known": "known.toml",
    "markdown": "report.md",
    "junit": "report.junit.xml",
    "sarif": "report.sarif",
    "gitlab": "report.gitlab.json",
    "github": "report.github.txt",
    "model_card": "model-card.md",
}
"""What the file of a format is called in a run directory."""


def format_name(name: str) -> str:
    """The registered name of a format; `-` and `_` are the same. OptionError for an unknown one."""
    known = {each.replace("_", "-"): each for each in REPORTERS}
    wanted = name.strip().lower().replace("_", "-")
    if wanted not in known:
        raise unknown("format", name, known)
    return known[wanted]


def attribution_html(attribution: Attribution) -> str:
    """A self-contained, escaped HTML fragment with the coloured text."""
    return html.render_fragment(attribution)


def attribution_list_html(attributions: Sequence[Attribution]) -> str:
    """Several coloured texts as one fragment, all on one scale."""
    return html.render_fragments(attributions)


def attributions_html(attributions: Sequence[Attribution], title: str = "Coloured tokens", command: str = "") -> str:
    """A whole page with the coloured texts, all on one scale."""
    return html.render_attributions(attributions, title, command)


def report_frame(report: Report) -> str:
    """The page in a sandboxed frame of its own, for notebooks: its styles reach nothing else."""
    return html.framed(report)


def effects_figure(report: Report, audits: Sequence[str] | None = None, top: int = 30) -> Any:
    """A matplotlib figure of the judged effects."""
    return figures.effects(report, audits, top)


def tables_html(explanation: TabularExplanation) -> str:
    """A page with the explained rows of a table."""
    return tables.render(explanation)


def feature_figure(explanation: TabularExplanation, row: int | None = None, top: int = 15) -> Any:
    """A matplotlib figure of one explained row, or of all of them."""
    return tables.figure(explanation, row, top)

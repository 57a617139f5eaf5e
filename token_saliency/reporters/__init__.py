"""Report formats: each is a pure function of the plain data. No tensor and no model is met in here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from token_saliency.errors import unknown
from token_saliency.reporters import html, json_, known, terminal
from token_saliency.results import Attribution, Report

REPORTERS: dict[str, Callable[[Report], str]] = {
    "json": json_.render,
    "html": html.render,
    "terminal": terminal.render,
    "known": known.render,
}
"""Every format by its name; a new one is a file with `render(report) -> str`, and a line here and in FILES."""

FILES: dict[str, str] = {
    "json": "report.json",
    "html": "report.html",
    "terminal": "report.txt",
    "known": "known.toml",
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


def attributions_html(attributions: Sequence[Attribution], title: str = "Coloured tokens", command: str = "") -> str:
    """A whole page with the coloured texts, all on one scale."""
    return html.render_attributions(attributions, title, command)


def report_frame(report: Report) -> str:
    """The page in a sandboxed frame of its own, for notebooks: its styles reach nothing else."""
    return html.framed(report)

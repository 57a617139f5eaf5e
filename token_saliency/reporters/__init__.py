"""RunRecord formats: each is a pure function of the plain data. No tensor and no model is met in here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from token_saliency.errors import unknown
from token_saliency.reporters import json_, markdown, model_card, terminal
from token_saliency.reporters import known_findings as known
from token_saliency.reporters.ci import github, gitlab, junit, sarif
from token_saliency.reporters.page import html
from token_saliency.results import Attribution, RunRecord

REPORTERS: dict[str, Callable[[RunRecord], str]] = {
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


def attributions_html(attributions: Sequence[Attribution], title: str = "Coloured tokens", command: str = "") -> str:
    """A whole page with the coloured texts, all on one scale."""
    return html.render_attributions(attributions, title, command)

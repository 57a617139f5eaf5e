"""`render RUN`: any report format again from a finished run, without its model."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from token_saliency.cli.console import stdout
from token_saliency.cli.options import arguments
from token_saliency.cli.running import folder
from token_saliency.drawing.safe import visible
from token_saliency.errors import OptionError
from token_saliency.report import load_report
from token_saliency.reporters import format_name
from token_saliency.reporters.page.reproduce import LIVE
from token_saliency.reporters.terminal import print_report
from token_saliency.store import render_to

FormatName = Annotated[str, typer.Option("--format", metavar="F", help="The format (see 'list formats').")]
OutFile = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write here. Default: print.", show_default=False)
]
Live = Annotated[
    str | None,
    typer.Option(
        "--live",
        metavar="ADDRESS",
        help="With html: where `live` serves this run; each shown row links to it.",
        show_default=False,
    ),
]


def render(run: arguments.Run, format_: FormatName = "terminal", out: OutFile = None, live: Live = None) -> None:
    """Write the report of the run directory RUN in another format; no model is loaded.

    `--format model-card --out README.md` puts its fragment into a card that exists, in place of an earlier one.
    """
    name = format_name(format_)
    folder.claim_file(out)
    if live is not None and not live.startswith(("http://", "https://")):
        raise OptionError(f"--live takes an address such as http://127.0.0.1:7860, not {live!r}.")
    report = load_report(run)
    if live is not None:
        report = replace(report, settings=report.settings | {LIVE: live})
    if out is not None:
        render_to(report, name, out)
    elif name == "terminal":
        print_report(report, stdout())
    else:
        text = render_to(report, name).rstrip("\n") + "\n"
        sys.stdout.write(
            visible(text) if sys.stdout.isatty() else text
        )  # a pipe gets every byte, a terminal no escapes

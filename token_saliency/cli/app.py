"""The commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from token_saliency import __version__
from token_saliency.cli.audit import audit
from token_saliency.cli.check import check
from token_saliency.cli.compare import SeveralRuns, compare
from token_saliency.cli.counterfactual_command import counterfactual
from token_saliency.cli.demo import demo
from token_saliency.cli.edits_command import edits
from token_saliency.cli.explain import explain
from token_saliency.cli.finished.mend import mend
from token_saliency.cli.finished.render import render
from token_saliency.cli.image import image
from token_saliency.cli.list import list_registry
from token_saliency.cli.live import live
from token_saliency.cli.options import arguments
from token_saliency.cli.validate import validate

app = typer.Typer(
    name="token-saliency",
    pretty_exceptions_enable=False,  # __main__ turns every error into one line
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"token-saliency {__version__}")
        raise typer.Exit


@app.callback()
def token_saliency(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
    verbose: arguments.Verbose = False,
) -> None:
    """Audits text classifiers: which tokens a decision rests on, and whether they should matter.

    Exit codes: 0 nothing found, 1 findings, 2 could not run, 5 nothing could be decided, 130 interrupted.
    """


app.command()(demo)
app.command()(audit)
app.command()(edits)
app.command()(explain)
app.command()(counterfactual)
app.command()(live)
app.command()(check)
app.command(cls=SeveralRuns)(compare)
app.command()(mend)
app.command()(validate)
app.command()(render)
app.command("list")(list_registry)
app.add_typer(image, name="image")

"""`compare RUN_A RUN_B`: has a reliance grown between two finished runs? No model is loaded."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from token_saliency.cli.console import stdout
from token_saliency.cli.options import arguments
from token_saliency.cli.options.grouped import grouped
from token_saliency.cli.options.groups import OutputOptions
from token_saliency.cli.running import folder
from token_saliency.drawing.safe import printable, visible
from token_saliency.errors import OptionError
from token_saliency.reporters.comparison import print_comparison, render_json

if TYPE_CHECKING:
    from token_saliency.results import Comparison

RunA = Annotated[Path, typer.Argument(metavar="RUN_A", help="The run directory before.", show_default=False)]
RunB = Annotated[Path, typer.Argument(metavar="RUN_B", help="The run directory after.", show_default=False)]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Write comparison.json and comparison.html there.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the full record as JSON.")]
ENDS = {
    0: "no reliance has grown",
    1: "a reliance has grown",
    2: "an audit could not run",
    5: "nothing could be decided",
}


@grouped
def compare(
    context: typer.Context,
    a: RunA,
    b: RunB,
    out: Out = None,
    audits_dir: arguments.AuditsFolder = None,
    as_json: AsJson = False,
    *,
    output: Annotated[OutputOptions, "quiet"],
) -> int:
    """Compare the run RUN_B with RUN_A: the same edits put to two models, or one model on other rows.

    Exit codes: 0 no reliance has grown, 1 one has, 2 could not be compared, 5 nothing could be decided.
    """
    _claim(out)

    from token_saliency.auditing.comparing.compare import compare_runs  # imports scipy
    from token_saliency.store import save_comparison

    found = compare_runs(a, b, audits_dir=audits_dir, command=shlex.join(["token-saliency", *context.obj]))
    if out is not None:
        save_comparison(found, out)
    if as_json:
        text = render_json(found)
        sys.stdout.write(visible(text) if sys.stdout.isatty() else text)
        return found.exit_code
    if not output.quiet:
        print_comparison(found, stdout())
        if out is not None:
            typer.echo(f"Written to {printable(str(out))}: open comparison.html there, or read comparison.json.")
    typer.echo(f"{found.change.upper()}, exit code {found.exit_code}: {_meaning(found)}.")
    return found.exit_code


def _meaning(found: Comparison) -> str:
    if found.exit_code == 0 and found.change == "undecided":
        return "no reliance is shown to have grown, but not every audit could be decided"
    return ENDS[found.exit_code]


def _claim(out: Path | None) -> None:
    """A folder of its own: a run directory keeps its files, and nobody else's folder is written into."""
    if out is None:
        return
    if out.is_dir() and any(out.iterdir()) and not (out / "comparison.json").is_file():
        raise OptionError(f"The folder {str(out)!r} holds other files. Choose an empty or a new one with --out.")
    folder.claim_file(out / "comparison.json")

"""`compare RUN_A RUN_B`: has a reliance grown between two finished runs? No model is loaded."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

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

RunA = Annotated[Path | None, typer.Argument(metavar="RUN_A", help="The run directory before.", show_default=False)]
RunB = Annotated[Path | None, typer.Argument(metavar="RUN_B", help="The run directory after.", show_default=False)]
Base = Annotated[
    list[Path],
    typer.Option("--base", metavar="RUN...", help="Several trainings before, in place of RUN_A.", show_default=False),
]
New = Annotated[
    list[Path],
    typer.Option("--new", metavar="RUN...", help="Several trainings after, in place of RUN_B.", show_default=False),
]
SmallestGrowth = Annotated[
    float | None,
    typer.Option(
        "--smallest-growth",
        metavar="X",
        help="The least growth that is called worse. By default the margin for one training a side, else a tenth.",
        show_default=False,
    ),
]
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


class SeveralRuns(TyperCommand):
    """`--base RUN RUN RUN`: an option that takes all that follows it up to the next option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The parsed arguments, each run of a side with the option's name before it."""
        told, side = list[str](), ""
        for word in args:
            follows = side and told[-1] != side
            side = word if word in ("--base", "--new") else "" if word.startswith("-") else side
            told += [side, word] if follows and side and word != side else [word]
        return super().parse_args(ctx, told)


@grouped
def compare(
    context: typer.Context,
    a: RunA = None,
    b: RunB = None,
    base: Base = [],  # noqa: B006  typer reads it, and it is never changed
    new: New = [],  # noqa: B006
    smallest_growth: SmallestGrowth = None,
    out: Out = None,
    audits_dir: arguments.AuditsFolder = None,
    as_json: AsJson = False,
    *,
    output: Annotated[OutputOptions, "quiet"],
) -> int:
    """Compare the run RUN_B with RUN_A: the same edits put to two models, or one model on other rows.

    Several trainings a side: compare --base A1 A2 A3 --new B1 B2 B3.
    Exit codes: 0 no reliance has grown, 1 one has, 2 could not be compared, 5 nothing could be decided.
    """
    first, second = _sides(a, b, base, new)
    _claim(out)

    from token_saliency.auditing.comparing.compare import compare_runs  # imports scipy
    from token_saliency.store import save_comparison

    command = shlex.join(["token-saliency", *context.obj])
    found = compare_runs(first, second, audits_dir=audits_dir, smallest_growth=smallest_growth, command=command)
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


def _sides(a: Path | None, b: Path | None, base: list[Path], new: list[Path]) -> tuple[list[Path], list[Path]]:
    if not (base or new):
        if a is None or b is None:
            raise OptionError("Name two run directories, RUN_A and RUN_B, or several a side with --base and --new.")
        return [a], [b]
    if a is not None or b is not None:
        raise OptionError("Name the runs either as RUN_A and RUN_B, or with --base and --new.")
    if not base or not new:
        raise OptionError("Both sides need a run: --base RUN... and --new RUN...")
    return base, new


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

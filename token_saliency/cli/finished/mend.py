"""`mend RUN TRAIN`: training rows in which the findings of a run no longer tell the label."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from token_saliency.cli.console import stdout
from token_saliency.cli.options import arguments
from token_saliency.cli.options.grouped import grouped
from token_saliency.cli.options.groups import AuditOptions, RowsOptions
from token_saliency.cli.running import folder
from token_saliency.drawing.lines import Line, print_lines
from token_saliency.drawing.safe import printable
from token_saliency.errors import OptionError
from token_saliency.report import load_report

if TYPE_CHECKING:
    from token_saliency.mending.mended import Mended

Train = Annotated[str, typer.Argument(metavar="TRAIN", help="The training rows: a file, folder or hub id.")]
OutFile = Annotated[
    Path, typer.Option("--out", metavar="FILE", help="The mended rows: .csv .tsv .jsonl .json .parquet (also .gz).")
]
Spurious = Annotated[
    str | None,
    typer.Option("--spurious", metavar="WORD,...", help="Suspects that the run discovered and that should not count."),
]
Copies = Annotated[
    int,
    typer.Option("--copies", metavar="N", min=0, help="Add rows again with other items, up to N times each."),
]


@grouped
def mend(
    run: arguments.Run,
    train: Train,
    out: OutFile,
    spurious: Spurious = None,
    copies: Copies = 0,
    seed: arguments.Seed = 0,
    *,
    chosen: Annotated[AuditOptions, "audits", "audits_dir"],
    rows: Annotated[RowsOptions, "text", "text_pair", "label", "split", "id"],
    config: arguments.ConfigFile = None,  # noqa: ARG001 - its callback fills in the others
) -> int:
    """Write the training rows TRAIN so that what the run found (each FAIL and WARN) no longer tells the label.

    Only the audits' own edits are made; no row goes, no label, split or id changes, and a column says what was done.
    Exit codes: 0 written, 1 rows can mend none of it (the reasons are printed), 2 could not run.
    """
    from token_saliency.data.writing import check_suffix  # imports pandas
    from token_saliency.mending.mend import mend as mended_rows

    check_suffix(out)
    folder.claim_file(out)
    _not_over(out, train)
    found = mended_rows(
        load_report(run),
        train,
        audits=chosen.audits,
        spurious=spurious,
        copies=copies,
        seed=seed,
        text=rows.text,
        text_pair=rows.text_pair,
        label=rows.label,
        split=rows.split,
        id=rows.id,
        audits_dir=chosen.audits_dir,
    )
    return _written(found, out)


def _written(found: Mended, out: Path) -> int:
    files = found.save(out)
    print_lines(stdout(), [Line(stdout().render_str("").append(line)) for line in found.lines()])
    for file in files:
        typer.echo(f"written: {printable(str(file))}")
    return 0 if files else 1


def _not_over(out: Path, train: str) -> None:
    """OptionError where the file that is read would be written over."""
    source = Path(train)
    inside = source.is_dir() and out.resolve().is_relative_to(source.resolve())
    if (out.exists() and source.exists() and out.samefile(source)) or inside:
        raise OptionError(f"--out {str(out)!r} would write over the rows that are read: choose another name.")

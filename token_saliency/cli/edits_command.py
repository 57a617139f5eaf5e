"""`edits DATA --audit NAME`: what an audit would edit, before any model is asked."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from token_saliency.cli.console import stdout
from token_saliency.cli.options import arguments
from token_saliency.cli.options.grouped import grouped
from token_saliency.cli.options.groups import RowsOptions
from token_saliency.cli.running import folder
from token_saliency.cli.running.load_inputs import checked_rows, read_rows
from token_saliency.drawing.safe import printable
from token_saliency.errors import OptionError
from token_saliency.reporters.planned_edits import planned_html, print_planned
from token_saliency.store.files import written_together

AuditNames = Annotated[
    str, typer.Option("--audit", "--audits", metavar="NAME,...", help="The audit (see 'list audits'), or several.")
]
Show = Annotated[int, typer.Option("--show", metavar="N", min=0, help="So many edits an audit, drawn by hash.")]
Edits = Annotated[
    int,
    typer.Option("--edits", min=100, help="Edited texts an audit and operator, at most; of pairs, for either text."),
]
Classes = Annotated[
    str | None,
    typer.Option("--labels", metavar="NAME,...", help="The classes of the model. Default: those of the label column."),
]
HtmlFile = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Also a page, to tick each edit fair or wrong.", show_default=False),
]


@grouped
def edits(
    context: typer.Context,
    data: arguments.Data,
    audit: AuditNames = "names",
    show: Show = 60,
    html: HtmlFile = None,
    labels: Classes = None,
    audits_dir: arguments.AuditsFolder = None,
    edits: Edits = 10_000,
    seed: arguments.Seed = 0,
    *,
    rows: RowsOptions,
    config: arguments.ConfigFile = None,  # noqa: ARG001 - its callback fills in the others
) -> None:
    """Show what an audit would edit in the rows DATA, before any model is asked: is each edit fair?"""
    from token_saliency.auditing.definitions.reader import load_audits
    from token_saliency.auditing.preview import Draw, planned_edits  # imports numpy

    names = [name.strip() for name in audit.split(",") if name.strip()]
    if not names or (html is not None and len(names) > 1):
        raise OptionError("A page shows the edits of one audit: give --audit one name (see 'list audits').")
    chosen, limit = load_audits(names, audits_dir), checked_rows(rows)
    folder.claim_file(html)
    classes = [name.strip() for name in labels.split(",") if name.strip()] if labels else None
    source = read_rows(data, rows, classes, seed)
    classes = classes or sorted({row.label for row in source.examples if row.label is not None})
    for one in chosen.values():
        found = planned_edits(source, one, classes, Draw(limit, edits, show, seed))
        print_planned(found, stdout())
        if html is not None:
            written_together({html: planned_html(found, shlex.join(["token-saliency", *context.obj]))})
            typer.echo(f"written: {printable(str(html))}")

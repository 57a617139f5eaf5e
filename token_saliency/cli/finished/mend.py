"""`mend RUN TRAIN`: training rows in which the findings of a run no longer tell the label."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from token_saliency.cli.console import stderr, stdout
from token_saliency.cli.options import arguments
from token_saliency.cli.options.grouped import grouped
from token_saliency.cli.options.groups import AuditOptions, ModelOptions, RowsOptions
from token_saliency.cli.running import folder
from token_saliency.cli.running.load_inputs import calibrated, load_classifier
from token_saliency.cli.running.progress import progress
from token_saliency.drawing.lines import Line, print_lines
from token_saliency.drawing.safe import printable
from token_saliency.errors import OptionError, TokenSaliencyError
from token_saliency.report import Report, load_report
from token_saliency.reporters.comparison import print_comparison
from token_saliency.reporters.page.comparison_page import render_html
from token_saliency.results import Example
from token_saliency.store.files import written_together

if TYPE_CHECKING:
    from token_saliency.mending.mended import Mended
    from token_saliency.store.evidence import Evidence
    from token_saliency.text.classifier import TextClassifier

Train = Annotated[
    str | None, typer.Argument(metavar="TRAIN", help="The training rows: a file, folder or hub id.", show_default=False)
]
OutFile = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="The mended rows: .csv .tsv .jsonl .json .parquet (also .gz)."),
]
WrapFile = Annotated[
    Path | None,
    typer.Option(
        "--wrap",
        metavar="FILE",
        help="A Python file with a preprocessing, for a model that is not trained again; it is tried on the run.",
    ),
]
ModelName = Annotated[
    str | None, typer.Option("--model", metavar="MODEL", help="Try --wrap on it. Default: the model of the run.")
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
    context: typer.Context,
    run: arguments.Run,
    train: Train = None,
    out: OutFile = None,
    wrap: WrapFile = None,
    spurious: Spurious = None,
    copies: Copies = 0,
    model: ModelName = None,
    seed: arguments.Seed = 0,
    *,
    chosen: Annotated[AuditOptions, "audits", "audits_dir"],
    rows: Annotated[RowsOptions, "text", "text_pair", "label", "split", "id"],
    machine: Annotated[ModelOptions, "prompt", "device", "trust_remote_code"],
    config: arguments.ConfigFile = None,  # noqa: ARG001 - its callback fills in the others
) -> int:
    """Write the training rows TRAIN so that what the run found (each FAIL and WARN) no longer tells the label.

    Only the audits' own edits are made; no row goes, no label, split or id changes, and a column says what was done.
    Exit codes: 0 written, 1 rows can mend none of it (the reasons are printed), 2 could not run.
    """
    if (train is None) != (out is None) or (train is None and wrap is None):
        raise OptionError("Give the training rows and --out FILE for them, or --wrap FILE for a preprocessing.")
    for file in filter(None, (out, wrap)):
        folder.claim_file(file)
        _not_over(file, train)
    report, codes = load_report(run), list[int]()
    if train is not None and out is not None:
        from token_saliency.data.writing import check_suffix  # imports pandas
        from token_saliency.mending.mend import mend as mended_rows

        check_suffix(out)
        asked = {name: getattr(rows, name) for name in ("text", "text_pair", "label", "split", "id")}
        named = {"audits": chosen.audits, "spurious": spurious, "audits_dir": chosen.audits_dir}
        found = mended_rows(report, train, copies=copies, seed=seed, **named, **asked)  # type: ignore[arg-type]
        codes.append(_written(found, out))
    if wrap is not None:
        codes.append(_wrapped(_Wrapping(run, report, wrap, model, shlex.join(context.obj)), chosen, machine))
    return min(codes)


@dataclass(frozen=True, slots=True)
class _Wrapping:
    run: Path
    report: Report
    file: Path
    model: str | None
    command: str


def _wrapped(asked: _Wrapping, chosen: AuditOptions, machine: ModelOptions) -> int:
    """Writes the preprocessing, and tries it where the model and the rows are to be had."""
    from token_saliency.mending import wrap  # imports torch
    from token_saliency.store.evidence import read_evidence
    from token_saliency.store.lock import require_at_rest

    report, names = asked.report, [name.strip() for name in (chosen.audits or "").split(",") if name.strip()]
    place = asked.run if asked.run.is_dir() else asked.run.parent
    evidence = read_evidence(place, report.model.labels, int(report.settings.get("seed", 0)))
    require_at_rest(place)
    own = None if chosen.audits_dir is None else str(chosen.audits_dir)
    made, cannot = wrap.normaliser(report, evidence, names or None, own)
    written_together({asked.file: wrap.wrapper_file(made)})
    lines = [f"{printable(name)}: a preprocessing cannot mend it: {why}" for name, why in cannot.items()]
    print_lines(stdout(), [Line(Text(printable(line))) for line in (made.title, *lines)])
    typer.echo(f"written: {printable(str(asked.file))}")
    if report.settings.get("redact"):
        typer.echo("Not tried: the run holds no texts (--redact).")
        return 0
    try:
        classifier = _loaded(asked.model or report.model.id, machine, report, evidence)
    except TokenSaliencyError as error:
        typer.echo(f"Not tried: {printable(str(error))} Name the model with --model.")
        return 0
    with progress(stderr()) as on_progress:
        found = wrap.tried(report, evidence, made, classifier, str(asked.run), on_progress=on_progress)
    print_comparison(found, stdout())
    page = asked.file.with_suffix(".html")
    written_together({page: render_html(replace(found, command=f"token-saliency {asked.command}"))})
    typer.echo(f"written: {printable(str(page))}")
    return 0


def _loaded(model: str, machine: ModelOptions, report: Report, evidence: Evidence) -> TextClassifier:
    """The model with the prompt of the run where nobody gives another, calibrated on its rows where it says so."""
    prompt = None if report.prompt is None else report.prompt.parts
    rows = [Example(row.id, row.text, row.text_pair) for row in evidence.rows.heads.values()]
    return calibrated(load_classifier(model, machine, prompt), rows, None, evidence.seed)


def _written(found: Mended, out: Path) -> int:
    files = found.save(out)
    print_lines(stdout(), [Line(Text(line)) for line in found.lines()])
    for file in files:
        typer.echo(f"written: {printable(str(file))}")
    return 0 if files else 1


def _not_over(out: Path, train: str | None) -> None:
    """OptionError where a file that is read, or one that `mend` has not written, would be written over."""
    from token_saliency.mending.mended import written_by_mend

    source = Path(train or "")
    inside = train is not None and source.is_dir() and out.resolve().is_relative_to(source.resolve())
    if inside or (train is not None and out.exists() and source.exists() and out.samefile(source)):
        raise OptionError(f"{str(out)!r} would write over the rows that are read: choose another name.")
    if out.exists() and not written_by_mend(out):
        raise OptionError(f"{str(out)!r} is there, and mend has not written it: choose another name.")

"""`demo`: the whole tool in about a minute, offline, on a model whose shortcuts are known."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from token_saliency.cli.console import stderr, stdout
from token_saliency.cli.running import folder
from token_saliency.cli.running.progress import OnProgress, plan_line, progress
from token_saliency.drawing.safe import printable
from token_saliency.errors import DataError
from token_saliency.report import Report
from token_saliency.reporters.summary import suspects
from token_saliency.reporters.terminal import print_report
from token_saliency.results import Edit, Example, ScoredRow
from token_saliency.store import save_run
from token_saliency.store.files import written_together

if TYPE_CHECKING:
    from token_saliency.demo import Demo, ShortcutLine

DemoFolder = Annotated[Path, typer.Option("--out", metavar="DIR", help="The run directory.")]
TrainedOn = Annotated[
    Path | None,
    typer.Option(
        "--on", metavar="FILE", help="Train on these rows instead: what `mend` made of train.csv.", show_default=False
    ),
]


def demo(out: DemoFolder = Path("token-saliency-demo"), on: TrainedOn = None) -> int:
    """Train a small classifier with two known shortcuts, audit it, compare what was planted with what was found.

    Exit codes: 0 exactly what was planted was found (with --on: no shortcut), 1 something else, 2 could not run.
    """
    folder.claim(out)

    from token_saliency.demo import as_planted, build, one_thread  # imports torch

    rows = None if on is None else _rows_of(on)
    with one_thread(), progress(stderr()) as on_progress:
        built = build(progress=on_progress, trained_on=rows)
        report = _audited(built, out, on_progress)
    _keep(built, out)
    print_report(report, stdout(), out)
    if rows is not None:
        typer.echo(f"\nThe model is right on {built.accuracy:.0%} of {len(built.rows)} held-out rows.")
        return report.exit_code
    found = as_planted(report, built)
    _show(report, built, as_planted=found)
    place = printable(str(out))
    typer.echo(f"Its model, train.csv and held_out.csv are in {place}, too: the tutorial goes on there. Mend it:")
    typer.echo(f"token-saliency mend {shlex.quote(place)} {shlex.quote(f'{place}/train.csv')} --out mended.csv")
    return 0 if found else 1


def _rows_of(file: Path) -> list[Example]:
    """The rows to train on instead, labelled as the demo's own. DataError where they are not."""
    from token_saliency.data import load_rows  # imports pandas
    from token_saliency.demo.sentences import LABELS

    rows = load_rows(file, labels=LABELS, split="all").examples
    if {row.label for row in rows} != set(LABELS):
        raise DataError(f"{printable(str(file))} must label every row {' or '.join(LABELS)}, and hold both.")
    return rows


def _audited(built: Demo, out: Path, on_progress: OnProgress) -> Report:
    """The report, which is written to `out` as well."""
    from token_saliency.auditing.run import run_audits  # imports torch
    from token_saliency.text.classifier import TextClassifier

    console, evidence = stderr(), list[tuple[Mapping[str, ScoredRow], Sequence[Edit]]]()
    report = run_audits(
        TextClassifier(built.model, built.tokenizer, id="demo"),
        built.rows,
        built.audits,
        audits_dir=built.audits_dir,
        rows_limit=None,
        dataset_id="demo sentences",
        command="token-saliency demo",
        on_plan=lambda plan: console.print(plan_line(plan)),
        on_progress=on_progress,
        on_evidence=lambda scored, edits: evidence.append((scored, edits)),
    )
    (scored, edits) = evidence[0]
    save_run(report, scored.values(), edits, out, ["json", "html"])
    return report


def _show(report: Report, built: Demo, *, as_planted: bool) -> None:
    """What was planted beside what was found, and what was discovered besides."""
    from token_saliency.demo import summary  # imports torch

    typer.echo(
        f"\nThe model is right on {built.accuracy:.0%} of {len(built.rows)} held-out rows. Planted beside found:"
    )
    for line in summary(report, built):
        typer.echo(_said(line))
    typer.echo(
        "The audits found what was planted, and nothing else." if as_planted else "This is not what was planted."
    )
    besides = ", ".join(f'"{printable(one.item)}"' for one in suspects(report) if not one.listed)
    if besides:  # the demo's own words of praise and blame are found there: no shortcut, and no verdict either
        typer.echo(f"Discovered besides, for a person to judge: {besides}. Words of praise and blame should count.")


def _keep(built: Demo, out: Path) -> None:
    """Model and rows stay beside the report, so that the other commands can be tried on them."""
    from token_saliency.shared.state import no_progress_bars  # imports torch

    with no_progress_bars():
        built.model.save_pretrained(out / "model")
        built.tokenizer.save_pretrained(out / "model")
    written_together({out / "train.csv": _table(built.trained_on), out / "held_out.csv": _table(built.rows)})


def _table(rows: Sequence[Example]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("text", "label"), *((row.text, row.label) for row in rows)])
    return text.getvalue()


def _said(line: ShortcutLine) -> str:
    mark = "ok " if line.as_expected else "BUT"
    kind = "planted" if line.planted else "clean"
    return f" {mark} {kind:8}{line.audit:12}  {printable(line.found):45}  {line.what}"

"""One audit from order to run directory: what was asked, whether it is done already, and how it goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from token_saliency import __version__
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.known_file import Accepted
from token_saliency.cli.console import stderr, stdout
from token_saliency.cli.options import values
from token_saliency.cli.options.arguments import LongText
from token_saliency.cli.running import folder
from token_saliency.cli.running.progress import plan_line, progress
from token_saliency.cli.running.stopping import resumable, stop_check
from token_saliency.cli.running.working import working
from token_saliency.report import Report
from token_saliency.reporters import FILES, REPORTERS, format_name
from token_saliency.reporters.terminal import print_report
from token_saliency.resources import shipped
from token_saliency.results import Edit, ScoredRow
from token_saliency.store import (
    EDITS_FILE,
    JOURNAL_FILE,
    ROWS_FILE,
    Journal,
    folder_hash,
    remove_parts,
    save_run,
    source_hash,
)

if TYPE_CHECKING:
    from token_saliency.data import Rows
    from token_saliency.store.blocks import Block
    from token_saliency.text.classifier import TextClassifier

EXIT_CODES = {
    0: "nothing at or above --fail-on",
    1: "findings",
    2: "an audit could not run",
    5: "no audit could be decided",
}


Config = Mapping[str, Mapping[str, Any]]
"""Options by the name of an audit."""


@dataclass(frozen=True, slots=True)
class Order:
    """Everything that decides what a run finds; where two orders are the same, so are their results."""

    model: str
    data: str
    text: str | None
    text_pair: str | None
    label: str | None
    label_map: str | None
    split: str | None
    rows: str
    cluster: str | None
    audits: str | None
    audits_dir: Path | None
    margin: str | None
    level: str | None
    tables: Config
    method: str
    target: str
    baseline: str | None
    edits: int
    seed: int
    fail_on: str
    allow_inconclusive: bool
    redact: bool
    discovery: bool
    device: str
    dtype: str
    max_length: int | None
    long: LongText
    trust_remote_code: bool

    def checked(self) -> Order:
        """Raises for what is wrong in the words alone, before anything is loaded."""
        values.rows_limit(self.rows)
        values.method(self.method)
        self.config()
        return self

    def names(self) -> list[str] | None:
        """The audits asked for; None for all."""
        return None if self.audits is None else values.names("--audits", self.audits)

    def config(self) -> dict[str, dict[str, Any]]:
        """Margins and levels by audit."""
        known = list(load_audits(self.names(), self.audits_dir))
        return merged(self.tables, values.margins(self.margin, known), values.levels(self.level, known))

    def asked(self) -> dict[str, Any]:
        """The order as plain values; contents stand for paths, so that a moved file is the same file."""
        plain = asdict(self) | {
            "model": source_hash(self.model, deep=False) or self.model,
            "data": source_hash(self.data) or self.data,
            "audits": self.names(),
            "audits_dir": self.audits_dir and folder_hash(self.audits_dir),
            "shipped_audits": folder_hash(shipped("audits")),
            "version": __version__,
        }
        found: dict[str, Any] = json.loads(json.dumps(plain))
        return found


def merged(*configs: Config) -> dict[str, dict[str, Any]]:
    """The options of each audit from all of them; a later one wins."""
    found: dict[str, dict[str, Any]] = {}
    for config in configs:
        for name, options in config.items():
            found[name] = {**found.get(name, {}), **options}
    return found


def chosen_files(formats: str) -> list[str]:
    """The formats to write; `json` always."""
    return sorted({"json", *map(format_name, values.names("--format", formats))})


def marked(report: Report, accepted: Sequence[Accepted]) -> Report:
    """The report with these findings accepted, and no others; their dates are held against today's in UTC."""
    from token_saliency.auditing.known import with_known  # imports scipy

    return with_known(report, accepted, datetime.now(UTC).date())


def audited(
    order: Order,
    place: Path,
    files: Collection[str],
    command: str,
    *,
    resume: bool,
    quiet: bool,
    batch_tokens: int | None,
    workers: int,
    max_minutes: float | None,
    accepted: Sequence[Accepted],
    anchor: Mapping[str, Any],
) -> Report:
    """Runs the audits, or the rest of them, and writes the run directory."""
    check = stop_check(max_minutes, place)
    with resumable(place), Journal(place / JOURNAL_FILE, order.asked()) as journal:
        classifier, rows = _loaded(order, batch_tokens)
        if not resume:
            journal.remove()
        with working(classifier, workers, stderr(quiet)) as answering:
            found, evidence = _run(order, answering, rows, journal, check, command, quiet=quiet)
        report = marked(replace(found, settings=found.settings | {"anchor": dict(anchor)}), accepted)
        save_run(report, evidence[0].values(), evidence[1], place, files)
        journal.remove()
    remove_parts(place, [*FILES.values(), ROWS_FILE, EDITS_FILE])
    return report


def _loaded(order: Order, batch_tokens: int | None) -> tuple[TextClassifier, Rows]:
    from token_saliency.auditing.evidence.model_output import two_sided  # imports scipy
    from token_saliency.data import load_rows, parse_label_map  # imports pandas
    from token_saliency.text.classifier import TextClassifier  # imports torch

    mapping = parse_label_map(order.label_map) if order.label_map is not None else None
    loaded = TextClassifier.from_pretrained(
        order.model,
        device=order.device,
        dtype=order.dtype,
        max_length=order.max_length,
        long=order.long,
        batch_tokens=batch_tokens,
        trust_remote_code=order.trust_remote_code,
    )
    classifier: TextClassifier = two_sided(loaded)
    values.target(order.target, classifier.labels, ("predicted", "label"))
    rows = load_rows(
        order.data,
        labels=classifier.labels,
        text=order.text,
        text_pair=order.text_pair,
        label=order.label,
        split=order.split,
        label_map=mapping,
        cluster=order.cluster,
    )
    return classifier, rows


Evidence = tuple[Mapping[str, ScoredRow], Sequence[Edit]]


def _run(
    order: Order,
    classifier: TextClassifier,
    rows: Rows,
    journal: Journal,
    check: Callable[[], None],
    command: str,
    *,
    quiet: bool,
) -> tuple[Report, Evidence]:
    from token_saliency.auditing.run import run_audits  # imports scipy

    def kept(block: Block) -> None:
        journal.append(block)
        check()

    console, evidence = stderr(quiet), list[Evidence]()
    with progress(console) as on_progress:
        report = run_audits(
            classifier,
            rows,
            order.names(),
            audits_dir=order.audits_dir,
            rows_limit=values.rows_limit(order.rows),
            edits=order.edits,
            seed=order.seed,
            method=order.method,
            target=values.target(order.target, classifier.labels, ("predicted", "label")),
            baseline=order.baseline,
            config=order.config(),
            fail_on=order.fail_on,
            cluster=order.cluster,
            redact=order.redact,
            discovery=order.discovery,
            allow_inconclusive=order.allow_inconclusive,
            command=command,
            asked=journal.asked,
            finished=journal.blocks(),
            on_plan=lambda plan: console.print(plan_line(plan)),
            on_progress=on_progress,
            on_block=kept,
            on_evidence=lambda scored, edits: evidence.append((scored, edits)),
        )
    return report, evidence[0]


def ended(report: Report, place: Path, files: Collection[str], *, quiet: bool) -> int:
    """The last words of the command, and its exit code; pages of an earlier run that are not of this one go."""
    folder.forget(place, {FILES[name] for name in FILES if name not in files})
    if not quiet:
        print_report(report, stdout(), place, page="html" in files)
    typer.echo(f"{report.verdict}, exit code {report.exit_code}: {_meaning(report)}.")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        typer.echo(REPORTERS["github"](report), nl=False)
    return report.exit_code


def _meaning(report: Report) -> str:
    if report.exit_code == 0 and report.verdict == "INCONCLUSIVE" and report.settings.get("allow_inconclusive"):
        return "nothing could be decided, which --allow-inconclusive allows"
    if report.exit_code == 0 and any(
        finding.known for audit in report.audits.values() for finding in audit.intervention
    ):
        return f"{EXIT_CODES[0]} that is not accepted"
    return EXIT_CODES[report.exit_code]

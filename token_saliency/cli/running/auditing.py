"""One audit from order to run directory: what was asked, whether it is done already, and how it goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from token_saliency import __version__
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.known_file import Accepted
from token_saliency.cli.console import stderr, stdout
from token_saliency.cli.options import values
from token_saliency.cli.options.groups import AuditOptions, MethodOptions, ModelOptions, OutputOptions, RowsOptions
from token_saliency.cli.running import folder
from token_saliency.cli.running.chosen_engine import PLACES, require_workers, working
from token_saliency.cli.running.load_inputs import checked_rows, load_classifier, with_rows
from token_saliency.cli.running.progress import begun_line, plan_line, progress
from token_saliency.cli.running.redacted_errors import unquoting
from token_saliency.cli.running.stopping import resumable, stop_check
from token_saliency.report import Report, load_report
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
    held,
    remove_parts,
    save_report,
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
    """What the command line asks of a run; `tables` are the options by audit of the configuration file."""

    model: str
    data: str
    rows: RowsOptions
    judging: AuditOptions
    tables: Config
    explaining: MethodOptions
    output: OutputOptions
    machine: ModelOptions

    def checked(self) -> Order:
        """Raises for what is wrong in the words alone, before anything is loaded."""
        values.rows_limit(self.rows.rows), values.model(self.model)
        values.method(self.explaining.method)
        require_workers(self.machine)
        self.config()
        return self

    def names(self) -> list[str] | None:
        """The audits to run; None for all."""
        return names_in(self.judging)

    def config(self) -> dict[str, dict[str, Any]]:
        """Margins and levels by audit."""
        return options_in(self.judging, self.tables, load_audits(self.names(), self.judging.audits_dir))

    def asked(self) -> dict[str, Any]:
        """All that decides what a run finds, as plain values: where two are the same, so are the results.

        Contents stand for paths, so that a moved file is the same file.
        """
        folder = self.judging.audits_dir
        plain = {
            "model": source_hash(self.model, deep=False) or self.model,
            "data": source_hash(self.data) or self.data,
            **asdict(self.rows),
            **asdict(self.judging),
            "audits": self.names(),
            "audits_dir": folder and folder_hash(folder),
            "tables": self.tables,
            **asdict(self.explaining),
            **asdict(self.output),
            "fail_on": self.fail_on,
            "allow_inconclusive": bool(self.output.allow_inconclusive),
            "on_doubt": self.output.on_doubt or "note",
            **asdict(self.machine),
            "prompt": self.machine.prompt and (source_hash(self.machine.prompt) or str(self.machine.prompt)),
            "shipped_audits": folder_hash(shipped("audits")),
            "version": __version__,
        }
        found: dict[str, Any] = json.loads(json.dumps({k: v for k, v in plain.items() if k not in _CHANGES_NO_RESULT}))
        return found

    @property
    def fail_on(self) -> str:
        """The verdict from which the exit code is 1."""
        return self.output.fail_on or "fail"


_CHANGES_NO_RESULT = (*"out formats known resume from_ quiet verbose batch_tokens max_minutes price".split(), *PLACES)
"""A run may go on with others of these options. What is not listed here decides what a run finds."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a report says and marks beside what was found, and the formats that it is written in.

    `anchor` is the file with the lines that code scanning shows findings at.
    """

    files: Collection[str]
    command: str
    accepted: Sequence[Accepted]
    anchor: Mapping[str, Any]


def merged(*configs: Config) -> dict[str, dict[str, Any]]:
    """The options of each audit from all of them; a later one wins."""
    found: dict[str, dict[str, Any]] = {}
    for config in configs:
        for name, options in config.items():
            found[name] = {**found.get(name, {}), **options}
    return found


def names_in(given: AuditOptions) -> list[str] | None:
    """The audits that are named; None for all."""
    return None if given.audits is None else values.names("--audits", given.audits)


def options_in(given: AuditOptions, tables: Config, known: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Margins and levels by audit: those of the file, then those of the command line."""
    names = list(known)
    return merged(tables, values.margins(given.margin, names), values.levels(given.level, names))


def chosen_files(formats: str) -> list[str]:
    """The formats to write; `json` always."""
    return sorted({"json", *map(format_name, values.names("--format", formats))})


def marked(report: Report, accepted: Sequence[Accepted]) -> Report:
    """The report with these findings accepted, and no others; their dates are held against today's in UTC."""
    from token_saliency.auditing.known import with_known  # imports scipy

    return with_known(report, accepted, datetime.now(UTC).date())


def written_again(place: Path, written: Written) -> Report:
    """The report of a run that is complete already, in the formats that are wanted now."""
    report = marked(load_report(place), written.accepted)
    save_report(report, place, written.files)
    (place / JOURNAL_FILE).unlink(missing_ok=True)  # a kill may have come between the report and its removal
    return report


def audited(order: Order, place: Path, written: Written) -> Report:
    """Runs the audits, or the rest of them, and writes the run directory."""
    check = stop_check(order.machine.max_minutes, place)
    console = stderr(order.output.quiet)
    if console.is_terminal:  # a log holds one line on a mistake: the error
        begun = begun_line(order.model, order.data, order.names(), values.rows_limit(order.rows.rows))
        console.print(begun, highlight=False, markup=False)
    with resumable(place), Journal(place / JOURNAL_FILE, order.asked()) as journal:
        classifier = _classifier(order)
        if not order.output.resume:
            journal.remove()
        with unquoting(order.output.redact):
            classifier, rows = with_rows(classifier, order.data, order.rows, order.explaining.seed)
            with working(classifier, order.machine, console) as answering:
                found, evidence = _run(order, answering, rows, journal, check, written.command, console)
        anchored = replace(found, settings=found.settings | {"anchor": dict(written.anchor)})
        report = marked(anchored, written.accepted)
        save_run(report, evidence[0].values(), evidence[1], place, written.files)
        journal.remove()
    return report


def _classifier(order: Order) -> TextClassifier:
    from token_saliency.auditing.evidence.model_output import two_sided  # imports scipy

    checked_rows(order.rows)
    classifier: TextClassifier = two_sided(load_classifier(order.model, order.machine))
    _target(order, classifier)
    return classifier


def _target(order: Order, classifier: TextClassifier) -> str:
    return values.target(order.explaining.target, classifier.labels, ("predicted", "label"))


Evidence = tuple[Mapping[str, ScoredRow], Sequence[Edit]]


def _run(
    order: Order,
    classifier: TextClassifier,
    rows: Rows,
    journal: Journal,
    check: Callable[[], None],
    command: str,
    console: Console,
) -> tuple[Report, Evidence]:
    from token_saliency.auditing.run import run_audits  # imports scipy

    evidence, how, output = list[Evidence](), order.explaining, order.output
    with progress(console) as on_progress:
        report = run_audits(
            classifier,
            rows,
            order.names(),
            audits_dir=order.judging.audits_dir,
            rows_limit=values.rows_limit(order.rows.rows),
            **{name: getattr(how, name) for name in ("edits", "exhaustive", "seed", "baseline")},
            method=how.method,
            target=_target(order, classifier),
            config=order.config(),
            fail_on=order.fail_on,
            cluster=order.rows.cluster,
            redact=output.redact,
            discovery=output.discovery,
            allow_inconclusive=bool(output.allow_inconclusive),
            on_doubt=output.on_doubt or "note",
            command=command,
            asked=journal.asked,
            finished=journal.blocks(),
            on_plan=lambda plan: console.print(plan_line(plan)),
            on_progress=on_progress,
            on_block=kept_by(journal, check),
            on_evidence=lambda scored, edits: evidence.append((scored, edits)),
        )
    return report, evidence[0]


def kept_by(journal: Journal, check: Callable[[], None]) -> Callable[[Block], None]:
    """Writes each block down before the run may be stopped."""

    def kept(block: Block) -> None:
        journal.append(block)
        check()

    return kept


def alone_in(place: Path, files: Collection[str], run: Callable[[], Report], *, quiet: bool) -> int:
    """Runs as the only one in the folder; then the last words of the command, and its exit code.

    Parts of a killed run go before it, and pages of an earlier run that are not of this one after it.
    """
    with held(place):
        remove_parts(place, [*FILES.values(), ROWS_FILE, EDITS_FILE, JOURNAL_FILE])
        old = folder.outdated(place, files)
        report = run()
        for page in old:
            page.unlink(missing_ok=True)
    folder.point_latest(place)
    if not quiet:
        print_report(report, stdout(), place, page="html" in files)
    typer.echo(f"{report.verdict}, exit code {report.exit_code}: {_meaning(report)}.")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        typer.echo(REPORTERS["github"](report), nl=False)
    return report.exit_code


def _meaning(report: Report) -> str:
    if report.exit_code == 0 and report.verdict == "INCONCLUSIVE" and report.settings.get("allow_inconclusive"):
        return "nothing could be decided, which --allow-inconclusive allows"
    if report.exit_code == 5 and report.verdict != "INCONCLUSIVE":
        return "its doubts leave nothing decided (--on-doubt undecided)"
    if report.exit_code == 0 and any(
        finding.known for audit in report.audits.values() for finding in audit.intervention
    ):
        return f"{EXIT_CODES[0]} that is not accepted"
    return EXIT_CODES[report.exit_code]

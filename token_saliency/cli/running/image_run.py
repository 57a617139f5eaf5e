"""One audit of pictures from order to run directory, as `auditing` does it for texts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from token_saliency import __version__
from token_saliency.auditing.definitions.region_audits import load_image_audits
from token_saliency.cli.console import stderr
from token_saliency.cli.options import values
from token_saliency.cli.options.groups import AuditOptions, ModelOptions, OutputOptions, RowsOptions
from token_saliency.cli.running import folder
from token_saliency.cli.running.auditing import Config, Written, kept_by, marked, names_in, options_in, written_again
from token_saliency.cli.running.chosen_engine import require_workers, working
from token_saliency.cli.running.progress import progress
from token_saliency.cli.running.redacted_errors import unquoting
from token_saliency.cli.running.stopping import resumable, stop_check
from token_saliency.report import Report
from token_saliency.resources import shipped
from token_saliency.store import (
    JOURNAL_FILE,
    Journal,
    folder_hash,
    save_run,
    source_hash,
)


@dataclass(frozen=True, slots=True)
class PictureOrder:
    """What the command line asks of a run; `tables` are the options by audit of the configuration file."""

    model: str
    data: str
    method: str
    baseline: str
    seed: int
    rows: RowsOptions
    judging: AuditOptions
    tables: Config
    output: OutputOptions
    machine: ModelOptions

    def checked(self) -> PictureOrder:
        """Raises for what is wrong in the words alone, before anything is loaded."""
        values.rows_limit(self.rows.rows)
        require_workers(self.machine)
        self.config()
        return self

    def names(self) -> list[str] | None:
        """The audits to run; None for all."""
        return names_in(self.judging)

    def config(self) -> dict[str, dict[str, Any]]:
        """Margins and levels by audit."""
        return options_in(self.judging, self.tables, load_image_audits(self.names()))

    def asked(self) -> dict[str, Any]:
        """All that decides what a run finds, as plain values; contents stand for paths."""
        plain = {
            "model": source_hash(self.model, deep=False) or self.model,
            "data": _data_hash(self.data, self.rows.split),
            "rows": self.rows.rows,
            "split": self.rows.split,
            "label_map": self.rows.label_map,
            "audits": self.names(),
            "margin": self.judging.margin,
            "level": self.judging.level,
            "tables": self.tables,
            "method": self.method,
            "baseline": self.baseline,
            "seed": self.seed,
            "fail_on": self.output.fail_on or "fail",
            "allow_inconclusive": bool(self.output.allow_inconclusive),
            "on_doubt": self.output.on_doubt or "note",
            "redact": self.output.redact,
            **{key: value for key, value in asdict(self.machine).items() if key in ("device", "trust_remote_code")},
            "shipped_audits": folder_hash(shipped("audits")),
            "version": __version__,
        }
        found: dict[str, Any] = json.loads(json.dumps(plain))
        return found


def _data_hash(data: str, split: str | None) -> str:
    """Of a folder its pictures, of a table its content and that of the pictures that it names."""
    own = source_hash(data) or data
    if not Path(data).is_file():
        return own
    from token_saliency.image.audits.rows import files_of  # imports PIL

    return " ".join([own, *(source_hash(file) or "unread" for file in files_of(Path(data), split))])


def finished(order: PictureOrder, place: Path, written: Written) -> Report:
    """The report of a run that is complete already, or of the run that is now begun or goes on."""
    asked = order.asked()
    if order.output.resume and folder.is_complete(place, asked):
        return written_again(place, written)
    check = stop_check(order.machine.max_minutes, place)
    with resumable(place), Journal(place / JOURNAL_FILE, asked) as journal:
        if not order.output.resume:
            journal.remove()
        with unquoting(order.output.redact):
            found = _run(order, journal, written.command, check)
        report = replace(found, settings=found.settings | {"anchor": dict(written.anchor)})
        report = marked(report, written.accepted)
        rows, edits = found.evidence or ((), ())
        save_run(report, rows, edits, place, written.files)
        journal.remove()
    return report


def _run(order: PictureOrder, journal: Journal, command: str, check: Callable[[], None]) -> Report:
    from token_saliency.data import parse_label_map  # imports pandas
    from token_saliency.image.audits.rows import load_images  # imports PIL
    from token_saliency.image.audits.run import run_image_audits  # imports torch
    from token_saliency.image.classifier import ImageClassifier

    machine = order.machine
    mapping = parse_label_map(order.rows.label_map) if order.rows.label_map is not None else None
    classifier = ImageClassifier.from_pretrained(
        order.model, device=machine.device, trust_remote_code=machine.trust_remote_code
    )
    console = stderr(order.output.quiet)
    with working(classifier, machine, console) as answering, progress(console) as on_progress:
        return run_image_audits(
            answering,
            load_images(order.data, classifier.labels, order.rows.split, mapping),
            order.names(),
            rows_limit=values.rows_limit(order.rows.rows),
            seed=order.seed,
            method=order.method,
            baseline=order.baseline,
            config=order.config(),
            fail_on=order.output.fail_on or "fail",
            allow_inconclusive=bool(order.output.allow_inconclusive),
            redact=order.output.redact,
            on_doubt=order.output.on_doubt or "note",
            command=command,
            asked=journal.asked,
            finished=journal.blocks(),
            on_progress=on_progress,
            on_block=kept_by(journal, check),
        )

"""`audit --from RUN`: a finished run is judged again from its files; neither model nor data are opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from token_saliency.auditing.definitions.region_audits import definitions_of
from token_saliency.cli.options import values
from token_saliency.cli.options.groups import AuditOptions, OutputOptions
from token_saliency.cli.running import folder
from token_saliency.cli.running.auditing import Config, Written, marked, merged
from token_saliency.errors import DataError, OptionError, unknown
from token_saliency.report import Report, load_report
from token_saliency.store import save_again
from token_saliency.store.evidence import read_evidence


def judged_again(
    run: Path,
    output: OutputOptions,
    judging: AuditOptions,
    tables: Config,
    written: Written,
    fixed: Mapping[str, Any],
) -> Report:
    """The new report, written to `--out` with the rows and edits, or back into the run.

    `fixed` are the options that were given although only a new run can follow them.
    """
    place = run_folder(run)
    target = folder.claim(output.out) if output.out is not None else place
    report = load_report(run)
    _require_answered(report, fixed)
    report = _again(report, place, output, judging, tables)
    settings = report.settings | {"asked": _asked(report, output, judging)}
    settings |= {"anchor": dict(written.anchor)} if written.anchor else {}
    report = marked(replace(report, command=written.command, settings=settings), written.accepted)
    save_again(report, place, target, written.files)
    return report


def run_folder(run: Path) -> Path:
    """The folder of a run that is named by itself or by its report."""
    return run if run.is_dir() else run.parent


def _seed(report: Report) -> int:
    lacking = {"seed", "fail_on"} - {*report.settings}
    if lacking or not isinstance(report.settings["seed"], int):
        raise DataError(
            f"The settings of the report lack {' and '.join(sorted(lacking)) or 'a seed'}: run the audit again."
        )
    return int(report.settings["seed"])


def _again(report: Report, place: Path, output: OutputOptions, judging: AuditOptions, tables: Config) -> Report:
    from token_saliency.auditing.judge_again import judge_again  # imports scipy

    names = _names(report, judging.audits)
    own = {name: tables[name] for name in names if name in tables}
    return judge_again(
        report,
        read_evidence(place, report.model.labels, _seed(report)),
        definitions_of(report, names, judging.audits_dir).values(),
        merged(own, values.margins(judging.margin, names), values.levels(judging.level, names)),
        fail_on=output.fail_on,
        allow_inconclusive=output.allow_inconclusive,
        on_doubt=output.on_doubt,
    )


def _require_answered(report: Report, fixed: Mapping[str, Any]) -> None:
    """OptionError for what differs from the run: without it, the user would take its files for what was ordered."""
    asked = report.settings.get("asked", {})
    for name, value in fixed.items():
        if value not in (asked.get(name), report.settings.get(name)):
            raise OptionError(
                f"--from asks no model, so --{name.replace('_', '-')} cannot change what the run holds: leave it out, "
                "or give MODEL and DATA without --from."
            )


def _names(report: Report, audits: str | None) -> list[str]:
    """The audits of the run, or those of them that were asked for."""
    if not report.audits:
        raise OptionError("The run holds no audit at all: there is nothing to judge again.")
    if audits is None:
        return list(report.audits)
    for name in (asked := values.names("--audits", audits)):
        if name not in report.audits:
            raise unknown("audit of this run", name, report.audits)
    return asked


def _asked(report: Report, output: OutputOptions, judging: AuditOptions) -> dict[str, Any]:
    """A run that was judged again is not what its first command asked for any more."""
    given: dict[str, Any] = {"audits": judging.audits, "margin": judging.margin, "level": judging.level}
    given |= {"fail_on": output.fail_on, "allow_inconclusive": output.allow_inconclusive, "on_doubt": output.on_doubt}
    changed = {name: value for name, value in given.items() if value is not None}
    return {**report.settings.get("asked", {}), **changed, folder.JUDGED_AGAIN: True}

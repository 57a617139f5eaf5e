"""`audit --from RUN`: a finished run is judged again from its files; neither model nor data are opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.known_file import Accepted
from token_saliency.cli.options import values
from token_saliency.cli.running import folder
from token_saliency.cli.running.auditing import Config, marked, merged
from token_saliency.errors import OptionError, unknown
from token_saliency.results import Report
from token_saliency.store import load_report, save_again
from token_saliency.store.evidence import read_evidence


def judged_again(
    run: Path,
    out: Path | None,
    files: Collection[str],
    command: str,
    *,
    audits: str | None,
    audits_dir: Path | None,
    margin: str | None,
    level: str | None,
    fail_on: str | None,
    allow_inconclusive: bool | None,
    tables: Config,
    accepted: Sequence[Accepted],
    anchor: Mapping[str, Any],
    fixed: Mapping[str, Any],
) -> Report:
    """The new report, written to `out` with the rows and edits, or back into the run.

    `fixed` are the options that came with the order although only a new run can follow them.
    """
    from token_saliency.auditing.judge_again import judge_again  # imports scipy

    place = run if run.is_dir() else run.parent
    target = folder.claim(out) if out is not None else place
    report = load_report(run)
    _require_answered(report, fixed)
    names = _names(report, audits)
    own = {name: tables[name] for name in names if name in tables}
    report = judge_again(
        report,
        read_evidence(place, report.model.labels, int(report.settings["seed"])),
        load_audits(names, audits_dir).values(),
        merged(own, values.margins(margin, names), values.levels(level, names)),
        fail_on=fail_on,
        allow_inconclusive=allow_inconclusive,
    )
    changed = {"audits": audits, "margin": margin, "level": level, "fail_on": fail_on}
    settings = _asked(report, changed | {"allow_inconclusive": allow_inconclusive})
    report = replace(report, command=command, settings=settings | ({"anchor": dict(anchor)} if anchor else {}))
    report = marked(report, accepted)
    save_again(report, place, target, files)
    return report


def _require_answered(report: Report, fixed: Mapping[str, Any]) -> None:
    """OptionError for what differs from the run: left unsaid, its files would hold what was not asked for."""
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


def _asked(report: Report, changed: Mapping[str, Any]) -> dict[str, Any]:
    """A run that was judged again is not what its first command asked for any more."""
    given = {name: value for name, value in changed.items() if value is not None}
    return report.settings | {"asked": {**report.settings.get("asked", {}), **given, "judged_again": True}}

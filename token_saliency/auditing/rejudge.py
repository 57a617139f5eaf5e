"""Judges answers that are there: those of the model that just ran, or those in the files of a finished run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from token_saliency.auditing.audit import Audit, Match
from token_saliency.auditing.definitions.reader import configured
from token_saliency.auditing.definitions.selection import Config, options_of, switched_on
from token_saliency.auditing.judging.calibration import NOT_CALIBRATED, calibration
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.judge import crashed, judge_case
from token_saliency.auditing.judging.verdicts import EXIT_OK, EXIT_UNDECIDED, check_fail_on, exit_code, report_verdict
from token_saliency.auditing.spans.label_words import bound
from token_saliency.errors import AuditError, unknown
from token_saliency.results import AuditResult, Calibration, Edit, Report, ScoredRow

WITHHELD = "its message is withheld by --redact, for it may hold text of a row"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a verdict rests on: the rows with spans and clusters, the edits, the classes, the seed."""

    rows: Mapping[str, ScoredRow]
    edits: Sequence[Edit]
    classes: Sequence[str]
    seed: int


def judged(
    audits: Iterable[Audit], answers: Answers, broken: Mapping[str, AuditResult], *, redact: bool
) -> dict[str, AuditResult]:
    """The result of every audit; one that crashes is an ERROR of its own and stops no other."""
    results = {}
    for name, case in _cases(audits, answers).items():
        if name in broken:
            results[name] = broken[name]
            continue
        try:
            results[name] = judge_case(case)
        except Exception as error:  # reported as ERROR with its message, exit code 2
            results[name] = failed(case.audit, error, redact=redact)
    return results


def calibrated(
    audits: Iterable[Audit], answers: Answers, results: Mapping[str, AuditResult]
) -> tuple[Calibration | None, list[str]]:
    """How often this run would have cried wolf, from the controls of the audits that ran; else a warning."""
    sound = [audit for audit in audits if results[audit.name].verdict != "ERROR"]
    found = calibration(_cases(sound, answers).values())
    return found, [] if found else [NOT_CALIBRATED]


def _cases(audits: Iterable[Audit], answers: Answers) -> dict[str, Case]:
    listed = list(audits)
    spans = _spans(answers.rows, listed)
    clusters = {row_id: row.cluster for row_id, row in heads(answers.rows).items()}
    edits: dict[str, list[Edit]] = {audit.name: [] for audit in listed}
    for edit in answers.edits:
        if edit.audit in edits:
            edits[edit.audit].append(edit)
    return {
        audit.name: Case(
            audit, answers.rows, spans[audit.name], edits[audit.name], answers.classes, clusters, answers.seed
        )
        for audit in listed
    }


def failed(audit: Audit, error: Exception, *, redact: bool) -> AuditResult:
    """The result of an audit that could not run."""
    return crashed(audit, AuditError(f"{type(error).__name__}, {WITHHELD}.") if redact else error)


def ending(results: Iterable[AuditResult], fail_on: str, *, allow_inconclusive: bool) -> int:
    """The exit code of the run."""
    code = exit_code(list(results), fail_on)
    return EXIT_OK if code == EXIT_UNDECIDED and allow_inconclusive else code


def claim_notes(results: Mapping[str, AuditResult]) -> list[str]:
    """What was not run, for the warnings of the report."""
    return [f"{name}: {note}" for name, result in results.items() for note in result.notes if "not run" in note]


def judge_again(
    report: Report,
    rows: Iterable[ScoredRow],
    edits: Iterable[Edit],
    audits: Iterable[Audit],
    config: Config,
    *,
    fail_on: str | None = None,
    allow_inconclusive: bool | None = None,
) -> Report:
    """The report of a finished run with other margins, levels or smallest numbers of rows; no model is asked.

    `audits` are the definitions of those in the report, or of some of them; the run's own options hold where
    `config` gives no other. An audit that could not run stays an ERROR.
    """
    listed, skipped = _reconfigured(report, audits, config)
    settings = dict(report.settings)
    settings |= {name: value for name, value in _chosen(fail_on, allow_inconclusive).items() if value is not None}
    redact = bool(settings.get("redact"))
    broken = {name: result for name, result in report.audits.items() if result.verdict == "ERROR"}
    answers = Answers({row.id: row for row in rows}, list(edits), report.model.labels, int(settings["seed"]))
    results = judged(listed, answers, broken, redact=redact)
    checked, doubts = calibrated(listed, answers, results)
    old = {*claim_notes(report.audits), NOT_CALIBRATED}
    warnings = [*(note for note in report.warnings if note not in old), *skipped, *claim_notes(results), *doubts]
    code = ending(
        results.values(), settings["fail_on"], allow_inconclusive=bool(settings.get("allow_inconclusive", False))
    )
    return replace(
        report,
        settings=settings | {"audits": options_of(listed)},
        verdict=report_verdict(results.values()),
        exit_code=code,
        audits=results,
        calibration=checked,
        warnings=warnings,
    )


def _reconfigured(report: Report, audits: Iterable[Audit], config: Config) -> tuple[list[Audit], list[str]]:
    own: Mapping[str, Mapping[str, Any]] = report.settings.get("audits", {})
    known = {audit.name: bound(audit, report.model.labels) for audit in audits}
    for name in [*known, *config]:
        if name not in report.audits:
            raise unknown("audit of this run", name, report.audits)
    return switched_on(
        configured(known[name], {**own.get(name, {}), **config.get(name, {})})
        for name in report.audits
        if name in known
    )


def _chosen(fail_on: str | None, allow_inconclusive: bool | None) -> dict[str, Any]:
    if fail_on is not None:
        check_fail_on(fail_on)
    return {"fail_on": fail_on, "allow_inconclusive": allow_inconclusive}


def heads(rows: Mapping[str, ScoredRow]) -> Mapping[str, ScoredRow]:
    """The rows without their tokens, where those are only made on demand."""
    found = getattr(rows, "heads", rows)
    return found if isinstance(found, Mapping) else rows


def _spans(rows: Mapping[str, ScoredRow], audits: Sequence[Audit]) -> dict[str, dict[str, list[Match]]]:
    found: dict[str, dict[str, list[Match]]] = {audit.name: {row_id: [] for row_id in rows} for audit in audits}
    for row_id, row in heads(rows).items():
        for span in row.spans:
            if span.audit in found:
                found[span.audit][row_id].append(Match(span.start, span.end, span.item, span.kind))
    return found

"""A finished run under other margins, levels or smallest numbers of rows: judged from its evidence, without a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.definitions.reader import configured
from token_saliency.auditing.definitions.region_audits import of_pictures
from token_saliency.auditing.definitions.selection import Config, options_of, switched_on
from token_saliency.auditing.judging.calibration import NOT_CALIBRATED
from token_saliency.auditing.judging.outcome import Outcome, Policy, claim_notes, judge
from token_saliency.auditing.judging.verdicts import check_fail_on
from token_saliency.auditing.regions import against_predicted, judge_regions
from token_saliency.auditing.spans.label_words import bound
from token_saliency.auditing.trust import check_on_doubt, trusted
from token_saliency.errors import unknown
from token_saliency.report import Report
from token_saliency.results import AuditResult
from token_saliency.store.evidence import Evidence


def judge_again(
    report: Report,
    evidence: Evidence,
    audits: Iterable[Audit],
    config: Config,
    *,
    fail_on: str | None = None,
    allow_inconclusive: bool | None = None,
    on_doubt: str | None = None,
) -> Report:
    """The report as the other options have it. `audits` are the definitions of those in the report, or of some.

    The run's own options hold where `config` gives no other. An audit that could not run stays an ERROR.
    """
    listed, skipped = _reconfigured(report, audits, config)
    settings = dict(report.settings)
    settings |= {
        name: value for name, value in _chosen(fail_on, allow_inconclusive, on_doubt).items() if value is not None
    }
    blocking = str(settings.get("fail_on"))
    check_fail_on(blocking)  # a record may be anybody's
    policy = Policy(blocking, bool(settings.get("allow_inconclusive", False)), bool(settings.get("redact")))
    broken = {name: result for name, result in report.audits.items() if result.verdict == "ERROR"}
    outcome = (_of_pictures if of_pictures(report) else judge)(evidence, listed, policy, broken=broken)
    old = {*claim_notes(report.audits), NOT_CALIBRATED}
    kept = [note for note in report.warnings if note not in old]
    again = replace(
        report,
        settings=settings | {"audits": options_of(listed)},
        verdict=outcome.verdict,
        exit_code=outcome.exit_code,
        audits={name: _with_pictures(result, report.audits[name]) for name, result in outcome.audits.items()},
        calibration=outcome.calibration,
        warnings=[*kept, *skipped, *outcome.notes, *outcome.doubts],
    )
    return trusted(again, evidence.rows.heads.values())


def _of_pictures(
    evidence: Evidence, audits: Iterable[Audit], policy: Policy, broken: Mapping[str, AuditResult]
) -> Outcome:
    view = against_predicted(evidence)
    return judge(view, audits, policy, broken=broken, by=judge_regions, calibrated=False)


def _with_pictures(result: AuditResult, earlier: AuditResult) -> AuditResult:
    """Of pictures neither maps nor pixels are kept in the run: what was made of them stands in the report."""
    return replace(result, attribution=result.attribution or earlier.attribution, pictures=earlier.pictures)


def _reconfigured(report: Report, audits: Iterable[Audit], config: Config) -> tuple[list[Audit], list[str]]:
    own: Mapping[str, Mapping[str, Any]] = report.settings.get("audits", {})
    known = {audit.name: bound(audit, report.model.labels) for audit in audits}
    for name in [*known, *config]:
        if name not in report.audits:
            raise unknown("audit of this run", name, report.audits)
    return switched_on(
        configured(configured(known[name], own.get(name, {})), config.get(name, {}))
        for name in report.audits
        if name in known
    )


def _chosen(fail_on: str | None, allow_inconclusive: bool | None, on_doubt: str | None) -> dict[str, Any]:
    if fail_on is not None:
        check_fail_on(fail_on)
    if on_doubt is not None:
        check_on_doubt(on_doubt)
    return {"fail_on": fail_on, "allow_inconclusive": allow_inconclusive, "on_doubt": on_doubt}

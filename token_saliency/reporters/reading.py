"""Sentences that are made from the numbers of a report, the same ones in every format."""

from __future__ import annotations

from dataclasses import dataclass

from token_saliency.results import VERDICTS, AttributionShare, AuditResult, Finding, Report, Verdict

HEADLINES: dict[Verdict, str] = {
    "ERROR": "At least one audit could not run, so this is no pass.",
    "FAIL": "The decision moves on tokens that should not matter.",
    "WARN": "Real but small movements: look before you rely on this model.",
    "INCONCLUSIVE": "These rows could not decide.",
    "PASS": "No reliance above the margin in what was tested.",
}


def headline(report: Report) -> str:
    """The first sentence of a report."""
    return HEADLINES[report.verdict] if report.audits else "No audit ran, so nothing can be said."


def tally(report: Report) -> list[tuple[Verdict, int]]:
    """How many audits have each verdict, worst first, without zeros."""
    verdicts = [audit.verdict for audit in report.audits.values()]
    return [(verdict, verdicts.count(verdict)) for verdict in VERDICTS if verdict in verdicts]


def worst_first(report: Report) -> list[AuditResult]:
    """The audits, worst verdict first, otherwise in the order of the run."""
    return sorted(report.audits.values(), key=lambda audit: VERDICTS.index(audit.verdict))


def decisive(audit: AuditResult) -> Finding | None:
    """The finding that stands for an audit: of the judged ones the worst, then the largest."""
    judged = [finding for finding in audit.intervention if finding.judged]
    return min(judged, key=severity, default=None)


def severity(finding: Finding) -> tuple[int, float]:
    """Sorts findings, worst verdict and largest effect first."""
    return VERDICTS.index(finding.verdict), -abs(finding.effect)


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that a reader should look at first; `finding` is None where an audit has no estimate at all."""

    audit: AuditResult
    finding: Finding | None

    @property
    def accepted(self) -> bool:
        """Whether somebody has accepted this finding."""
        return self.finding is not None and self.finding.known is not None

    @property
    def verdict(self) -> Verdict:
        """That of the finding, never worse than what its audit came to (a level may cap it)."""
        worst = VERDICTS.index(self.audit.verdict)
        return VERDICTS[max(worst, VERDICTS.index(self.finding.verdict))] if self.finding else self.audit.verdict


def concerns(report: Report, count: int = 3) -> list[Concern]:
    """What is not passed, worst first; of the classes of one claim only the largest. Exploratory audits never count."""
    audits = [audit for audit in report.audits.values() if audit.expectation != "exploratory"]
    found = [
        concern
        for audit in audits
        for concern in claims_of(audit)
        if concern.verdict != "PASS" and not concern.accepted
    ]
    found.sort(key=lambda one: (VERDICTS.index(one.verdict), -abs(one.finding.effect) if one.finding else -1.0))
    return found[:count]


def claims_of(audit: AuditResult) -> list[Concern]:
    """Every judged claim; of its classes the worst speaks, and an accepted one only where no other does."""
    largest: dict[tuple[object, ...], Finding] = {}
    judged = (each for each in audit.intervention if each.judged)
    for finding in sorted(judged, key=lambda each: (each.known is not None, *severity(each))):
        largest.setdefault((finding.claim, finding.between, finding.operator), finding)
    return [Concern(audit, finding) for finding in largest.values()] or [Concern(audit, None)]


def rows_used(report: Report) -> str:
    """`test, 400 of 1,066 rows`."""
    data = report.dataset
    some = f"{data.rows_used:,} of {data.rows_seen:,} rows"
    rows = some if data.rows_used != data.rows_seen else f"all {data.rows_used:,} rows"
    return f"{data.split}, {rows}" if data.split else rows


def triad(audit: AuditResult) -> str:
    """What attribution, intervention and association say together."""
    finding = decisive(audit)
    if finding is None or finding.verdict in ("INCONCLUSIVE", "ERROR"):
        return "The edits did not decide, so the other two signals stay hints."
    if finding.verdict == "PASS":
        return _unmoved(audit)
    return _moved(audit) + (_BLIND if audit.attribution is not None and not _lights_up(audit.attribution) else "")


_BLIND = " The colours do not show it: the attribution method is blind to it here."


_CLEAR_Z = 3.0


def _moved(audit: AuditResult) -> str:
    if audit.association is None:
        return "Edits move the decision; without labels the data cannot say where that comes from."
    if _goes_with_labels(audit):
        return (
            "Edits move the decision, and in the data these tokens go with the label: it looks like a learned shortcut."
        )
    return "Edits move the decision, but the labels of these rows do not explain why."


def _unmoved(audit: AuditResult) -> str:
    if _goes_with_labels(audit):
        return "In the data these tokens go with the label, but edits do not move the decision beyond the margin."
    if audit.attribution is not None and _lights_up(audit.attribution):
        return "The colours stand out here, but edits do not move the decision: an alarm that decides nothing."
    return "Neither edits nor data point at these tokens."


def _goes_with_labels(audit: AuditResult) -> bool:
    """The pooled association is beyond chance, or that of an item which the decisive finding names."""
    if audit.association is None:
        return False
    named = (finding.between or ()) if (finding := decisive(audit)) else ()
    strong = any(item.item in named and abs(item.z) > _CLEAR_Z for item in audit.association.items)
    return audit.association.interval[0] > 0 or strong


def _lights_up(share: AttributionShare) -> bool:
    return share.interval[0] > 1

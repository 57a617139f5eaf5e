"""What the demo planted and what it left clean, and whether a report says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from token_saliency.report import Report
from token_saliency.results import VERDICTS, AuditResult, Finding

_NOT_RAISED = ("PASS", "INCONCLUSIVE", "WARN")


@dataclass(frozen=True, slots=True)
class Planted:
    """A feature of the rows, the audit that looks for it, and the item of that audit where it is only one of them."""

    audit: str
    what: str
    item: str | None = None


@dataclass(frozen=True, slots=True)
class ShortcutLine:
    """One line of the comparison: what the rows hold, what the audit should say, and what it said."""

    audit: str
    what: str
    planted: bool
    found: str
    as_expected: bool


PLANTED = (
    Planted("names", "20 given names: in 80% of the positive rows with a name, in 20% of the negative ones"),
    Planted("punctuation", "a final ! in 80% of the positive rows and in 20% of the negative ones", "!"),
)
CLEAN = (
    Planted("punctuation", "... instead of a final period, as often in either class", "..."),
    Planted("places", "20 places, as often in either class"),
)


def compare(report: Report, planted: Sequence[Planted], clean: Sequence[Planted]) -> list[ShortcutLine]:
    """Planted features first; each should be a FAIL, and no clean one should be."""
    return [_line(report, feature, True) for feature in planted] + [_line(report, feature, False) for feature in clean]


def _line(report: Report, feature: Planted, planted: bool) -> ShortcutLine:
    audit = report.audits.get(feature.audit)
    claims = _claims(audit, feature.item) if audit else []
    if not audit or audit.verdict == "ERROR" or not claims:
        found = audit.verdict if audit and audit.verdict == "ERROR" else "not judged"
        return ShortcutLine(feature.audit, feature.what, planted, found, False)
    worst = min(claims, key=lambda claim: (_badness(claim), -abs(claim.effect)))
    expected = worst.verdict == "FAIL" if planted else worst.verdict in _NOT_RAISED
    return ShortcutLine(feature.audit, feature.what, planted, _said(worst), expected)


def _claims(audit: AuditResult, item: str | None) -> list[Finding]:
    judged = [finding for finding in audit.intervention if finding.judged]
    return [finding for finding in judged if item is None or item in (finding.between or ())]


def _badness(finding: Finding) -> int:
    return VERDICTS.index(finding.verdict)


def _said(finding: Finding) -> str:
    low, high = finding.interval
    return f"{finding.verdict}: {finding.claim} {finding.effect:+z.2f} [{low:+z.2f}, {high:+z.2f}]"

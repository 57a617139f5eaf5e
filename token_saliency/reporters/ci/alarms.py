"""What the formats for CI share: one entry for each claim that was judged, and the line of a file that it belongs to.

Of the classes of one claim the worst speaks, so that names stay the same between runs whose numbers differ. No entry
holds text of a row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from token_saliency.drawing.safe import in_quotes, printable, shortened
from token_saliency.reporters import summary
from token_saliency.results import BLOCKING, AuditResult, Finding, RunRecord, Verdict

FINGERPRINT = "tokenSaliency/v1"
RAN = "ran"
"""The name of an entry without a claim: the audit crashed, or found nothing to estimate."""
ITEM = 60
SENTENCE = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file of the repository: where the audit is declared, or the first line of the rows."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """One judged claim of one audit, or an audit as a whole that has none (`finding` None)."""

    audit: AuditResult
    finding: Finding | None
    verdict: Verdict
    place: Place

    @property
    def rule(self) -> str:
        """Audit and claim, such as `names/lean`: short, and the same for every model."""
        return f"{printable(self.audit.name)}/{self.finding.claim if self.finding else 'audit'}"

    @property
    def name(self) -> str:
        """What was asked, without numbers of the run: `shift “!” against “.” (swap)`."""
        if self.finding is None:
            return RAN
        between = " against ".join(in_quotes(_item(side)) for side in self.finding.between or ())
        return " ".join(part for part in (self.finding.claim, between, f"({_item(self.finding.operator)})") if part)

    @property
    def sentence(self) -> str:
        """Why the verdict is what it is; safe to print anywhere."""
        return shortened(printable(self.finding.reason if self.finding else self.audit.reason), SENTENCE)

    @property
    def advice(self) -> str:
        """What to do about it; safe to print anywhere."""
        return shortened(printable(self.audit.advice), SENTENCE)

    @property
    def accepted(self) -> str | None:
        """Why somebody has accepted this finding; None where nobody has."""
        known = self.finding.known if self.finding else None
        return None if known is None else shortened(printable(f"{known.reason} ({known.owner})"), SENTENCE)

    @property
    def gates(self) -> bool:
        """Whether it can turn a build red."""
        return not summary.exploratory(self.audit) and self.accepted is None

    def fails(self, report: RunRecord) -> bool:
        """Whether it counts for the exit code of the run, by its `fail_on`."""
        blocking = BLOCKING.get(str(report.settings.get("fail_on", "fail")), BLOCKING["fail"])
        return self.gates and self.verdict in blocking

    def fingerprint(self, report: RunRecord) -> str:
        """The same for the same question to the same model on the same data, whatever the answer."""
        between = "|".join((self.finding.between or ()) if self.finding else ())
        return fingerprint(report, self.audit.name, self.name, between)


def fingerprint(report: RunRecord, *parts: str) -> str:
    """The same for the same parts of a report on the same model and data."""
    whole = (report.model.id, report.dataset.id, *parts)
    return hashlib.sha256("\x00".join(whole).encode("utf-8", "surrogatepass")).hexdigest()


def alarms(report: RunRecord) -> list[Alarm]:
    """Every judged claim of every audit in the order of the run, whatever its verdict."""
    return [alarm for audit in report.audits.values() for alarm in _of_audit(report, audit)]


def _of_audit(report: RunRecord, audit: AuditResult) -> Iterable[Alarm]:
    place = place_of(report, audit.name)
    for concern in summary.claims_of(audit):
        yield Alarm(audit, concern.finding, concern.verdict, place)


def place_of(report: RunRecord, audit: str = "") -> Place:
    """The line of the configuration that declares the audit, its first line, or the first line of the rows."""
    anchor: Mapping[str, Any] = report.settings.get("anchor") or {}
    path = str(anchor.get("file") or report.dataset.id or "report.json")
    line = (anchor.get("audits") or {}).get(audit, 1)
    return Place(printable(path), line if isinstance(line, int) and line > 0 else 1)


def _item(text: str) -> str:
    return shortened(printable(text), ITEM)

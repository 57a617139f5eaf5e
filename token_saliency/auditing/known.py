"""Marks the findings that somebody has accepted, and says which acceptances no longer hold.

A verdict stays what it is; only the exit code looks past what is accepted.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from token_saliency.auditing.judging.outcome import ending
from token_saliency.auditing.known_file import Accepted, Key
from token_saliency.auditing.trust import settled
from token_saliency.report import Report
from token_saliency.results import AuditResult, Finding, Known, KnownFinding

State = Literal["accepted", "worse", "stale", "expired", "not run"]

NOISE = 0.001
"""No growth: what another machine or batch size may change."""


def with_known(report: Report, accepted: Sequence[Accepted], today: date) -> Report:
    """The report with these findings marked as accepted, and no others; its exit code looks past them."""
    states = [(entry, _state(report, entry, today)) for entry in accepted]
    marks = {entry.key: _mark(entry) for entry, state in states if state == "accepted"}
    audits = {name: _marked(audit, marks) for name, audit in report.audits.items()}
    known = [_line(entry, state) for entry, state in states]
    settings = report.settings
    code = ending(
        audits.values(),
        str(settings.get("fail_on", "fail")),
        allow_inconclusive=bool(settings.get("allow_inconclusive", False)),
    )
    code = settled(code, settings, report.calibration, report.performance)
    others = (note for note in report.warnings if not note.startswith(_OF))
    return replace(
        report, audits=audits, known=known, warnings=[*_warnings(known, _open(audits)), *others], exit_code=code
    )


def _state(report: Report, entry: Accepted, today: date) -> State:
    """What became of an entry. An undecided claim proves nothing, so the entry stays as it is."""
    audit = report.audits.get(entry.audit)
    found = (
        next((f for f in audit.intervention if _key(entry.audit, f) == entry.key and f.judged), None) if audit else None
    )
    if found is None:
        return "not run"
    if found.verdict == "PASS":
        return "stale"
    if entry.expires is not None and today > entry.expires:
        return "expired"
    return "worse" if found.verdict != "INCONCLUSIVE" and _is_worse(entry, found) else "accepted"


def _is_worse(entry: Accepted, finding: Finding) -> bool:
    """Beyond the accepted interval, on its side of zero; of an effect without one: beyond what this run allows."""
    if entry.effect is None:
        return False
    sign = -1.0 if entry.effect < 0 else 1.0
    if sign * finding.effect < 0:
        return True  # it points the other way: another finding than the one that was accepted
    if entry.interval is not None:
        return sign * finding.effect > max(sign * bound for bound in entry.interval) + NOISE
    return min(sign * bound for bound in finding.interval) > abs(entry.effect) + NOISE


def _key(audit: str, finding: Finding) -> Key:
    return audit, finding.claim, finding.class_, finding.between


def _mark(entry: Accepted) -> Known:
    return Known(entry.reason, entry.owner, _iso(entry.expires))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _marked(audit: AuditResult, marks: Mapping[Key, Known]) -> AuditResult:
    def known(finding: Finding) -> Known | None:
        raised = finding.judged and finding.verdict in ("FAIL", "WARN")
        return marks.get(_key(audit.name, finding)) if raised else None

    return replace(audit, intervention=[replace(finding, known=known(finding)) for finding in audit.intervention])


def _line(entry: Accepted, state: State) -> KnownFinding:
    return KnownFinding(
        audit=entry.audit,
        claim=entry.claim,
        class_=entry.class_,
        between=entry.between,
        reason=entry.reason,
        owner=entry.owner,
        expires=_iso(entry.expires),
        effect=entry.effect,
        state=state,
    )


_OF = "Known finding: "
_SAYS: dict[State, str] = {
    "worse": "has grown by more than its interval since it was accepted, or points the other way, so it counts as new.",
    "stale": "is no finding of this run any more. Take its entry out of the file.",
    "expired": "was accepted until {expires}, so it counts as new. Mend it, or accept it again.",
    "not run": "was not estimated in this run: nothing is known of it. Check the entry if that is a surprise.",
}


def _warnings(known: Iterable[KnownFinding], raised: Sequence[str]) -> list[str]:
    """A sentence for each entry that is no plain acceptance: first of all notes, for a red build may hang on it."""
    return [
        f"{_OF}{name}, {_SAYS[entry.state].format(expires=entry.expires)}"
        + (_meant(name, raised) if entry.state == "not run" else "")
        for entry in known
        if entry.state in _SAYS
        for name in [_name(entry.audit, entry)]
    ]


def _open(audits: Mapping[str, AuditResult]) -> list[str]:
    """What was raised and is not accepted: an entry that meets nothing may be a misspelling of one."""
    return [
        _name(name, finding)
        for name, audit in audits.items()
        for finding in audit.intervention
        if finding.judged and finding.verdict in ("FAIL", "WARN") and finding.known is None
    ]


def _meant(name: str, raised: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, raised, n=1, cutoff=0.85)
    return f" Did you mean {near[0]}?" if near else ""


def _name(audit: str, entry: KnownFinding | Finding) -> str:
    between = f" “{entry.between[0]}” against “{entry.between[1]}”" if entry.between else ""
    return f"{audit}, {entry.claim}{between} on {entry.class_}"

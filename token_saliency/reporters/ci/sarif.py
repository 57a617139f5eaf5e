"""SARIF 2.1.0 (OASIS), as code scanning reads it: a rule for each audit and claim, a result for each finding.

Every result has a physical location, without which GitHub refuses the whole file. What did not run or could not be
decided, and what an exploratory audit noted, is a notification of the run, so that an empty list of results never
stands for a pass that was not earned.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from token_saliency.drawing.safe import printable, shortened
from token_saliency.reporters import summary
from token_saliency.reporters.ci.alarms import FINGERPRINT, Alarm, Place, alarms, place_of
from token_saliency.reporters.prompted import prompt_line
from token_saliency.results import AuditResult, RunRecord

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RESULTS = 25_000
"""More of them, and GitHub refuses the file."""

_LEVELS = {"FAIL": "error", "WARN": "warning"}
_CLAIMS = {
    "shift": "The decision shifts when this is put in, exchanged or taken away",
    "direction": "The decision differs between groups that should not matter",
    "lean": "The decision leans with the items that go with one label in the data",
    "magnitude": "The decision moves when one item is exchanged for another",
    "movement": "The decision moves up or down, more than by control edits",
    "audit": "The audit could be decided",
}


def render(report: RunRecord) -> str:
    """The report as a SARIF log with one run."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _run(report: RunRecord) -> dict[str, Any]:
    entries = alarms(report)
    rules = list({entry.rule: _rule(entry) for entry in entries}.values())
    places = {rule["id"]: index for index, rule in enumerate(rules)}
    found = [entry for entry in entries if entry.verdict in _LEVELS and not summary.exploratory(entry.audit)]
    results = [_result(report, entry, places[entry.rule]) for entry in found[:RESULTS]]
    return {
        "tool": {
            "driver": {"name": printable(report.tool.name), "version": printable(report.tool.version), "rules": rules}
        },
        "automationDetails": {"id": f"token-saliency/{_segment(report.model.id)}/{_segment(report.dataset.id)}/"},
        "invocations": [_invocation(report, entries)],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }


def _rule(entry: Alarm) -> dict[str, Any]:
    audit, claim = entry.audit, entry.rule.rpartition("/")[2]
    return {
        "id": entry.rule,
        "name": _pascal(f"{audit.name} {claim}"),
        "shortDescription": {"text": f"{printable(audit.title)}: {_CLAIMS[claim][0].lower()}{_CLAIMS[claim][1:]}."},
        "fullDescription": {"text": shortened(printable(audit.why), 1000) or printable(audit.title)},
        "help": {"text": entry.advice or "Read the report of the run."},
        "defaultConfiguration": {"level": "warning" if audit.level == "warn" else "error"},
        "properties": {"precision": "high", "tags": ["token-saliency", printable(audit.code), audit.expectation]},
    }


def _result(report: RunRecord, entry: Alarm, rule_index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": entry.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[entry.verdict],
        "message": {"text": f"{entry.sentence} {entry.advice}".strip()},
        "locations": [_location(entry.place)],
        "partialFingerprints": {FINGERPRINT: entry.fingerprint(report)},
    }
    if entry.accepted is not None:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": entry.accepted}]
    return result


def _invocation(report: RunRecord, entries: list[Alarm]) -> dict[str, Any]:
    notes = [_notification(report, e.audit, e) for e in entries if e.verdict in ("ERROR", "INCONCLUSIVE", "NOTE")]
    place = place_of(report)
    prompt = [(prompt_line(report), "note")] if report.prompt else []
    said = [(summary.accuracy(report), "note"), *prompt, *((doubt, "warning") for doubt in summary.doubts(report))]
    warnings = [
        {"level": level, "message": {"text": shortened(printable(text), 1000)}, "locations": [_location(place)]}
        for text, level in [*said, *((text, "warning") for text in report.warnings)]
    ]
    return {
        "executionSuccessful": all(audit.verdict != "ERROR" for audit in report.audits.values()) and bool(entries),
        "exitCode": report.exit_code,
        "toolExecutionNotifications": [*notes, *warnings],
    }


def _notification(report: RunRecord, audit: AuditResult, entry: Alarm) -> dict[str, Any]:
    return {
        "level": "error" if entry.verdict == "ERROR" else "note",
        "message": {"text": f"{printable(audit.name)}, {entry.name}: {entry.verdict}. {entry.sentence}"},
        "associatedRule": {"id": entry.rule},
        "locations": [_location(place_of(report, audit.name))],
    }


def _location(place: Place) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(place.path.replace("\\", "/").lstrip("/"), safe="/")},
            "region": {"startLine": place.line},
        }
    }


def _segment(text: str) -> str:
    """One part of an id whose parts are separated by slashes."""
    return quote(printable(text).strip("/").rpartition("/")[2] or "unnamed", safe="")


def _pascal(text: str) -> str:
    return "".join(word.capitalize() for word in "".join(c if c.isalnum() else " " for c in text).split()) or "Audit"

"""GitLab code quality: a list of findings that a merge request shows beside the changed lines."""

from __future__ import annotations

import json

from token_saliency.reporters.ci.alarms import Alarm, alarms
from token_saliency.reporters.prompted import prompt_line
from token_saliency.results import RunRecord

_SEVERITIES = {"ERROR": "blocker", "FAIL": "major", "WARN": "minor"}


def render(report: RunRecord) -> str:
    """The report as a code quality artifact; accepted findings and exploratory audits are left out."""
    listed = [entry for entry in alarms(report) if _counts(entry)]
    return json.dumps([_entry(report, entry) for entry in listed], ensure_ascii=False, indent=1) + "\n"


def _counts(entry: Alarm) -> bool:
    return entry.verdict in _SEVERITIES and (entry.gates or entry.verdict == "ERROR")


def _entry(report: RunRecord, entry: Alarm) -> dict[str, object]:
    return {
        "description": entry.sentence,
        "check_name": f"token-saliency/{entry.rule}",
        **({"content": {"body": prompt_line(report)}} if report.prompt else {}),
        "fingerprint": entry.fingerprint(report),
        "severity": _SEVERITIES[entry.verdict],
        "location": {"path": entry.place.path, "lines": {"begin": entry.place.line}},
    }

"""GitLab code quality: a list of findings that a merge request shows beside the changed lines."""

from __future__ import annotations

import json
import re

from token_saliency.drawing.safe import printable
from token_saliency.reporters import summary
from token_saliency.reporters.ci.alarms import Alarm, alarms, fingerprint, place_of
from token_saliency.reporters.prompted import prompt_line
from token_saliency.results import RunRecord

_SEVERITIES = {"ERROR": "blocker", "FAIL": "major", "WARN": "minor"}


def render(report: RunRecord) -> str:
    """The report as a code quality artifact with its doubts; accepted findings and exploratory audits are left out."""
    listed = [_entry(report, entry) for entry in alarms(report) if _counts(entry)]
    doubts = [_doubt(report, doubt) for doubt in summary.doubts(report)]
    return json.dumps(listed + doubts, ensure_ascii=False, indent=1) + "\n"


def _doubt(report: RunRecord, said: str) -> dict[str, object]:
    """Never above `info`: what speaks against a verdict is no finding. The numbers in it make no new entry."""
    place, kind = place_of(report), re.sub(r"[^a-z]+", " ", said.casefold())
    return {
        "description": f"Doubt: {printable(said)}",
        "check_name": "token-saliency/doubt",
        "fingerprint": fingerprint(report, "doubt", kind),
        "severity": "info",
        "location": {"path": place.path, "lines": {"begin": place.line}},
    }


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

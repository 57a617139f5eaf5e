"""GitHub annotations: workflow commands that put findings beside the lines of a pull request."""

from __future__ import annotations

from token_saliency.drawing.safe import printable, shortened
from token_saliency.reporters import summary
from token_saliency.reporters.ci.alarms import SENTENCE, Alarm, alarms
from token_saliency.reporters.prompted import prompt_line
from token_saliency.results import RunRecord, Verdict

LIMIT = 10
"""GitHub shows no more of one kind in a step."""

_KINDS: dict[Verdict, str] = {
    "ERROR": "error",
    "FAIL": "error",
    "WARN": "warning",
    "INCONCLUSIVE": "notice",
    "NOTE": "notice",
}
_ORDER = list(_KINDS)


def render(report: RunRecord) -> str:
    """At most ten workflow commands: the run with its accuracy, its doubts, then the findings, worst first."""
    listed = [entry for entry in alarms(report) if entry.verdict in _KINDS and _counts(entry)]
    listed.sort(key=lambda entry: _ORDER.index(entry.verdict))
    said = f"{summary.headline(report)} {summary.accuracy(report)}"
    lines = [f"::notice title=token-saliency {report.verdict}::{_data(_plain(said))}"]
    lines += [f"::notice title=Prompt::{_data(prompt_line(report))}"] if report.prompt else []
    lines += [f"::warning title=Doubt::{_data(_plain(doubt))}" for doubt in summary.doubts(report)]
    lines += [_command(_KINDS[entry.verdict], entry, entry.sentence) for entry in listed]
    return "\n".join(lines[:LIMIT]) + "\n"


def _counts(entry: Alarm) -> bool:
    return entry.gates or entry.verdict in ("ERROR", "NOTE")


def _command(kind: str, entry: Alarm, sentence: str) -> str:
    title = f"{entry.verdict}: {printable(entry.audit.name)}, {entry.name}"
    place = f"file={_property(entry.place.path)},line={entry.place.line}"
    return f"::{kind} {place},title={_property(title)}::{_data(sentence)}"


def _plain(text: str) -> str:
    return shortened(printable(text), SENTENCE)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

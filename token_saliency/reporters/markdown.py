"""Markdown for the summary of a CI job or a merge request: no CSS, no row text, far below 1 MiB."""

from __future__ import annotations

import re

from token_saliency.drawing import numbers
from token_saliency.drawing.safe import in_quotes, printable, shortened
from token_saliency.reporters import summary
from token_saliency.reporters.page import meanings
from token_saliency.reporters.prompted import prompt_line, prompted
from token_saliency.results import AuditResult, Finding, RunRecord, Verdict

LIMIT = 190_000
"""GitHub drops a summary above 1 MiB as a whole; ours stays under 200 KB."""

_MARKS: dict[Verdict, str] = {"ERROR": "⛔", "FAIL": "❌", "WARN": "⚠️", "NOTE": "ℹ️", "INCONCLUSIVE": "❔", "PASS": "✅"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>&~^$=:\"'])")
_CONCERNS = 20
_WARNINGS = 20
_SUSPECTS = 5


def render(report: RunRecord) -> str:
    """Verdict, a table of audits, what to look at first, what could not be decided."""
    parts = [
        f"## {_MARKS[report.verdict]} token-saliency: {report.verdict}",
        f"{escaped(report.model.id)} on {escaped(report.dataset.id)} ({escaped(summary.rows_used(report))}). "
        f"{summary.headline(report)}",
        f"{escaped(summary.accuracy(report))} {escaped(summary.confused(report))}".strip(),
        "\n>\n".join(f"> **Doubt:** {escaped(doubt)}" for doubt in summary.doubts(report)),
        escaped(" ".join(prompted(report))),
        escaped(prompt_line(report)),
        _table(report),
        _concerns(report),
        _discovered(report),
        _warnings(report),
        f"**{escaped(report.disclaimer)}.** {_footer(report)}",
    ]
    return _bounded("\n\n".join(part for part in parts if part)) + "\n"


def _table(report: RunRecord) -> str:
    if not report.audits:
        return ""
    lines = [
        f"| | audit | effect | interval | control | {summary.thing(report)}s | claim |",
        "| --- | --- | ---: | --- | ---: | ---: | --- |",
    ]
    table = "\n".join([*lines, *(_line(audit) for audit in summary.worst_first(report))])
    said = "; ".join(f"*{word}*: {meaning}" for word, meaning in meanings.explained(report).items())
    return f"{table}\n\n{said}." if said else table


def _line(audit: AuditResult) -> str:
    finding = summary.decisive(audit)
    head = f"| {_MARKS[audit.verdict]} {audit.verdict} | {escaped(audit.title)}{role(audit)} |"
    if finding is None:
        return f"{head} | | | | {escaped(audit.reason, 200)} |"
    control = "" if finding.control is None else numbers.plain(finding.control)
    cells = [numbers.signed(finding.effect), numbers.interval(finding.interval), control, f"{finding.rows:,}"]
    return f"{head} {' | '.join(cells)} | {_claim(finding)} |"


def role(audit: AuditResult) -> str:
    """What stands behind the title of an audit that decides nothing."""
    return " (exploratory)" if summary.exploratory(audit) else ""


def asked(finding: Finding) -> str:
    """What was asked, in Markdown: `shift “!” against “.” on positive`."""
    between = " against ".join(escaped(in_quotes(side), 42) for side in finding.between or ())
    words = [finding.claim, between, f"on {escaped(finding.class_, 40)}" if finding.class_ else ""]
    return " ".join(word for word in words if word)


def _claim(finding: Finding) -> str:
    return asked(finding) + (" (accepted)" if finding.known else "")


def _concerns(report: RunRecord) -> str:
    found = summary.concerns(report, _CONCERNS)
    if not found:
        return ""
    lines = ["### Look at this first"]
    for concern in found:
        finding = concern.finding
        claim = f", {_claim(finding)}" if finding else ""
        said = escaped(finding.reason if finding else concern.audit.reason)
        lines.append(f"- **{concern.verdict} {escaped(concern.audit.name)}**{claim}  \n  {said}")
    advised = {concern.audit.name: concern.audit for concern in found}
    lines += [f"- Next, {escaped(name)}: {escaped(audit.advice)}" for name, audit in advised.items() if audit.advice]
    return "\n".join(lines)


def _discovered(report: RunRecord) -> str:
    """The likeliest to be spurious by name; with older reports, which know no such order, they are only counted."""
    found = summary.suspects(report)
    if not found:
        return ""
    said = (
        f"{numbers.count(len(found), 'suspect')} that no audit lists moved the decision when edited; they are in "
        "`report.json`, and whether they should matter is for a person to say."
    )
    known = [one for one in found[:_SUSPECTS] if one.suspicion is not None]
    lines = [f"- {one.kind} “{escaped(one.item, 60)}”: {escaped(summary.suspected(one), 200)}" for one in known]
    return "\n".join([said, *([""] if lines else []), *lines])


def _warnings(report: RunRecord) -> str:
    if not report.warnings:
        return ""
    notes = meanings.grouped(report.warnings)
    lines = [f"- {escaped(note.said)}" for note in notes[:_WARNINGS]]
    left = len(notes) - len(lines)
    return "\n".join(["### Not run, or to be known", *lines, *([f"- {left} more in `report.json`"] if left else [])])


def _footer(report: RunRecord) -> str:
    cost, version, spared = report.cost, escaped(report.tool.version), escaped(summary.spared(report))
    return (
        f"{numbers.count(cost.forward)} forward and {numbers.count(cost.backward)} backward passes, "
        f"{numbers.duration(cost.seconds)}; {spared + '; ' if spared else ''}token-saliency {version}, "
        f"exit code {report.exit_code}."
    )


def escaped(text: str, limit: int = 600) -> str:
    """One line that Markdown, HTML, a mention (`@`) and a CI log all read as plain words."""
    said = _SPECIAL.sub(_backslash, shortened(printable(text), limit)).replace("@", "＠")
    return _LINK.sub(r"\\\g<0>", said)


def _backslash(match: re.Match[str]) -> str:
    return {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(match[0], f"\\{match[0]}" if match[0] in _ACTIVE else match[0])


_LINK = re.compile(r"(?<=www)\.|(?<=\w)://", re.IGNORECASE)
"""What GitHub makes a link of without any mark."""
_ACTIVE = set("\\`*_[]|~#$")


def _bounded(text: str) -> str:
    """The text cut at a line, with the remark that it was."""
    if len(text.encode()) <= LIMIT:
        return text
    kept = text.encode()[:LIMIT].decode("utf-8", "ignore").rpartition("\n")[0]
    return f"{kept}\n\nCut here: the rest is in `report.json`."

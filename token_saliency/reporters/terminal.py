"""The summary for a terminal or a CI log: safe to print anywhere, the same without colours.

Of the rows no more than single items are ever shown in a report summary; labels, items and reasons are made printable,
so that neither a terminal (escape sequences, markup) nor a CI runner (`::commands::`) obeys them.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from token_saliency.drawing import numbers
from token_saliency.drawing.lines import Line, print_lines, sentence
from token_saliency.drawing.safe import printable, shortened
from token_saliency.drawing.terminal_tokens import print_attribution as print_attribution
from token_saliency.reporters import summary
from token_saliency.reporters.prompted import prompted
from token_saliency.results import AuditResult, Finding, RunRecord, Verdict

_STYLES: dict[Verdict, str] = {
    "ERROR": "bold magenta",
    "FAIL": "bold red",
    "WARN": "bold yellow",
    "NOTE": "bold blue",
    "INCONCLUSIVE": "bold cyan",
    "PASS": "bold green",
}
_WIDTH = 100
_SUSPECTS = 8
_VERDICT = max(map(len, _STYLES))
_GAP = Line(Text())


def render(report: RunRecord) -> str:
    """The summary as plain text."""
    console = Console(file=io.StringIO(), width=_WIDTH, no_color=True, force_terminal=False, color_system=None)
    with console.capture() as captured:
        print_report(report, console)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def print_report(report: RunRecord, console: Console, folder: Path | str | None = None, page: bool = True) -> None:
    """Prints verdict, one line per audit, the three worst findings, suspects, warnings, and where the files are.

    `page`: whether report.html is among the files of the folder.
    """
    middle = (_worst(report), _accepted(report), _suspects(report), _calibration(report))
    for part in (_title(report), _audit_lines(report), *middle, _warnings(report), _ending(report, folder, page)):
        print_lines(console, part)


def _ending(report: RunRecord, folder: Path | str | None, page: bool) -> Iterable[Line]:
    yield Line(Text(f"{printable(report.disclaimer)}.", style="bold"))
    if folder is not None:
        look = "open report.html there, or read report.json" if page else "read report.json there"
        yield Line(Text(f"Written to {printable(str(folder))}: {look}."))


def _title(report: RunRecord) -> Iterable[Line]:
    what = f"{_id(report.model.id)} on {_id(report.dataset.id)} ({_id(summary.rows_used(report))})"
    yield Line(Text(what), _verdict(report.verdict, len(report.verdict) + 2))
    yield Line(Text(summary.headline(report)))
    yield sentence(_said(f"{summary.accuracy(report)} {summary.confused(report)}".strip()))
    yield from (sentence(f"Doubt: {_ascii(_said(doubt))}") for doubt in summary.doubts(report))
    for said in prompted(report):
        yield Line(Text(printable(said)))
    yield _GAP


def _id(text: str) -> str:
    return shortened(printable(text), 120)


def _verdict(verdict: Verdict, width: int = 0) -> Text:
    return Text(verdict.ljust(width), style=_STYLES[verdict])


def _audit_lines(report: RunRecord) -> Iterable[Line]:
    audits = summary.worst_first(report)
    width = max((len(_name(audit)) for audit in audits), default=0)
    for audit in audits:
        head = Text.assemble(" ", _verdict(audit.verdict, _VERDICT), f"  {_name(audit).ljust(width)}  ")
        aside = Text("  exploratory: decides nothing", style="bold") if summary.exploratory(audit) else Text()
        yield Line(_estimate(audit, summary.thing(report)) + aside, head)
    if audits:
        yield _GAP


def _name(audit: AuditResult) -> str:
    return shortened(printable(audit.name), 24)


def _estimate(audit: AuditResult, thing: str) -> Text:
    finding = summary.decisive(audit)
    if finding is None:
        return Text("no estimate", style="dim")
    numbers_ = f"{_ascii(numbers.signed(finding.effect))} {_ascii(numbers.interval(finding.interval))}"
    rows = numbers.count(finding.rows, thing)
    accepted = Text("  accepted", style="bold") if summary.accepted(audit) else ""
    return Text.assemble((numbers_, "bold"), f"  {rows}  ", (_claim(finding), "dim"), accepted)


def _claim(finding: Finding) -> str:
    parts: list[str] = [finding.claim]
    if finding.between:
        parts.append(f"{_quoted(finding.between[0])} against {_quoted(finding.between[1])}")
    if finding.class_ is not None:
        parts.append(f"on {shortened(printable(finding.class_), 24)}")
    return " ".join([*parts, f"({shortened(printable(finding.operator), 24)})"])


def _quoted(item: str) -> str:
    return f'"{shortened(printable(item), 24)}"'


def _worst(report: RunRecord) -> Iterable[Line]:
    worst = summary.concerns(report)
    if worst:
        yield Line(Text("Look at this first", style="bold"))
    advised: set[str] = set()
    for place, concern in enumerate(worst, start=1):
        yield from _concern(place, concern, advise=concern.audit.name not in advised)
        advised.add(concern.audit.name)
    if worst:
        yield _GAP


def _concern(place: int, concern: summary.Concern, advise: bool) -> Iterable[Line]:
    audit, finding = concern.audit, concern.finding
    claim = f", {_claim(finding)}" if finding else ""
    yield Line(Text.assemble(_verdict(concern.verdict), f" {_name(audit)}{claim}"), Text(f" {place}. "))
    yield sentence(_said(finding.reason if finding else audit.reason))
    if advise and audit.advice:
        yield sentence(f"Next: {_said(audit.advice)}")


def _suspects(report: RunRecord) -> Iterable[Line]:
    """What nobody listed: one line each, never judged."""
    found = summary.suspects(report)
    if not found:
        return
    tested = numbers.count(len(report.discovery), "suspect")
    yield Line(Text.assemble(("Discovered", "bold"), f" ({len(found)} of {tested} confirmed by edits; not judged)"))
    for one in found[:_SUSPECTS]:
        effect = f"{_ascii(numbers.signed(one.effect))} {_ascii(numbers.interval(one.interval))}"
        rows, known = numbers.count(one.rows, "row"), f", also in {_short(one.listed)}" if one.listed else ""
        body = Text.assemble((effect, "bold"), f"  {rows}  on {_short(one.class_)}{known}")
        yield Line(body, Text(f"  {one.kind} {_quoted(one.item)}  "))
    if len(found) > _SUSPECTS:
        yield Line(Text(f"  {len(found) - _SUSPECTS} more in report.json."))
    yield _GAP


def _calibration(report: RunRecord) -> Iterable[Line]:
    said = summary.calibrated(report.calibration)
    if said:
        yield Line(Text("Self-calibration", style="bold"))
        yield from (sentence(_ascii(_said(each))) for each in said)
        yield _GAP


def _short(text: str) -> str:
    return shortened(printable(text), 24)


def _accepted(report: RunRecord) -> Iterable[Line]:
    lines = [line for line in report.known if line.state == "accepted"]
    for line in lines[:5]:
        yield Line(Text(_said(summary.entry(line))), Text("Accepted: ", style="bold"))
    if len(lines) > 5:
        yield Line(Text(f"Accepted: {len(lines) - 5} more in report.json."))
    if lines:
        yield _GAP


def _warnings(report: RunRecord) -> Iterable[Line]:
    shown = report.warnings[:5]
    for warning in shown:
        yield Line(Text(_said(warning)), Text("Note: ", style="bold"))
    if more := len(report.warnings) - len(shown):
        yield Line(Text(f"Note: {numbers.count(more, 'more warning')} in report.json."))
    if shown:
        yield _GAP


def _said(sentence: str) -> str:
    return shortened(printable(sentence), 400)


def _ascii(number: str) -> str:
    return number.replace(numbers.MINUS, "-")

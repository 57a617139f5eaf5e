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
from token_saliency.drawing.lines import Line, height, print_lines, sentence
from token_saliency.drawing.safe import in_quotes, printable, shortened
from token_saliency.drawing.terminal_tokens import print_attribution as print_attribution
from token_saliency.reporters import summary
from token_saliency.reporters.page import meanings
from token_saliency.reporters.prompted import prompt_line, prompted
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
_SUSPECTS, _NOTES = 3, 5
_VERDICT = max(map(len, _STYLES))
_GAP = Line(Text())


def render(report: RunRecord, *, screen: bool = False) -> str:
    """The summary as plain text: one line an audit, or with `screen` no line wider than a terminal."""
    console = Console(file=io.StringIO(), width=_WIDTH, no_color=True, force_terminal=screen, color_system=None)
    with console.capture() as captured:
        print_report(report, console)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def print_report(report: RunRecord, console: Console, folder: Path | str | None = None, page: bool = True) -> None:
    """Prints verdict, accuracy, doubts, one line per audit, the three worst findings, and where the files are.

    Suspects, the self-calibration and notes follow as long as all of it fits a screen. `page`: whether report.html is
    among the files of the folder.
    """
    first, last = [*_title(report), *_audit_lines(report)], list(_ending(report, folder, page))
    said, room = list(_words(report)), _SCREEN - _height([*first, *last])
    if room - _height(said) >= 2 * _LEAST:  # many audits leave no room for them
        first, room = [*first, *said], room - _height(said)
    room = max(_LEAST, room)
    parts, notes = [list(part) for part in _parts(report)], list(_notes(report))
    print_lines(console, first)
    for at, part in enumerate(parts):
        later = sum(min(_FOR_LATER, _height(other)) for other in parts[at + 1 :])
        left = room - later - min(_FOR_NOTES, _height(notes))
        shown = _fitting(part, left if at else max(left, min(room, _FOR_FIRST)))
        room -= _height(shown)
        print_lines(console, shown)
    print_lines(console, [*_fitting(notes, room), *last])


def _parts(report: RunRecord) -> list[Iterable[Line]]:
    """What no audit lists stands first where the audits raise nothing."""
    worst, accepted, suspects = _worst(report), _accepted(report), _suspects(report)
    quiet = summary.alarming(report) and report.verdict not in ("ERROR", "FAIL", "WARN")
    return [suspects, worst, accepted] if quiet else [worst, accepted, suspects]


_SCREEN = 39
"""What a summary takes of a screen, at most; one line is left for the last word of the command."""
_LEAST = 8
_FOR_FIRST, _FOR_NOTES, _FOR_LATER = 6, 6, 4


def _height(lines: Iterable[Line]) -> int:
    """At `_WIDTH` columns, whatever the width: what is left out does not hang on it."""
    return sum(height(line, _WIDTH) for line in lines)


def _fitting(lines: list[Line], room: int) -> list[Line]:
    """As much of them as fits; where that is not all, a word that there is more."""
    if _height(lines) <= room:
        return lines
    kept, more = len(lines), [Line(Text("    More in report.json.", style="dim")), _GAP]
    while kept and _height([*lines[:kept], *more]) > room:
        kept -= 1
    return [*lines[:kept], *more] if kept > 1 else []  # a title alone says nothing


def _ending(report: RunRecord, folder: Path | str | None, page: bool) -> Iterable[Line]:
    if said := summary.spared(report):
        yield Line(Text(f"{said}."))
    yield Line(Text(f"{printable(report.disclaimer)}.", style="bold"))
    if folder is not None:
        look = "open report.html there, or read report.json" if page else "read report.json there"
        yield Line(Text(f"Written to {printable(str(folder))}: {look}."))


def _title(report: RunRecord) -> Iterable[Line]:
    what = f"{_id(report.model.id)} on {_id(report.dataset.id)} ({_id(summary.rows_used(report))})"
    yield Line(Text(what), _verdict(report.verdict, len(report.verdict) + 2))
    yield Line(Text(summary.headline(report)))
    yield sentence(_said(f"{summary.accuracy(report)} {summary.confused(report)}".strip()))
    yield from (sentence(f"Doubt: {numbers.ascii_sign(_said(doubt))}") for doubt in summary.doubts(report))
    for said in prompted(report):
        yield Line(Text(printable(said)))
    if report.prompt is not None:
        yield sentence(_said(prompt_line(report, 300)))
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
        aside = Text("  exploratory" if summary.exploratory(audit) else "", style="bold")
        bodies = [_estimate(audit, summary.thing(report), brief) + aside for brief in range(_BRIEFEST + 1)]
        yield Line(next((one for one in bodies if head.cell_len + one.cell_len <= _WIDTH), bodies[-1]), head)
    if audits:
        yield _GAP


def _name(audit: AuditResult) -> str:
    return shortened(printable(audit.name), 24)


def _estimate(audit: AuditResult, thing: str, brief: int = 0) -> Text:
    finding = summary.decisive(audit)
    if finding is None:
        return Text("no estimate", style="dim")
    numbers_ = (
        f"{numbers.ascii_sign(numbers.signed(finding.effect))} {numbers.ascii_sign(numbers.interval(finding.interval))}"
    )
    rows = numbers.count(finding.rows, thing)
    accepted = Text("  accepted", style="bold") if summary.accepted(audit) else ""
    return Text.assemble((numbers_, "bold"), f"  {rows}  ", (_claim(finding, brief), "dim"), accepted)


_BRIEFEST = 5


def _claim(finding: Finding, brief: int = 0) -> str:
    """What was asked; the briefer, the less of it: short items, no operator, one side, no side, the claim alone."""
    item, parts = 10 if brief else 24, [str(finding.claim)]
    if finding.between and brief < 4:
        against = (
            "" if finding.between[1] == "nothing" or brief > 2 else f" against {_quoted(finding.between[1], item)}"
        )
        parts.append(f"{_quoted(finding.between[0], item)}{against}")
    if finding.class_ is not None and brief < _BRIEFEST:
        parts.append(f"on {shortened(printable(finding.class_), 24)}")
    return " ".join([*parts, *([] if brief > 1 else [f"({shortened(printable(finding.operator), 24)})"])])


def _quoted(item: str, length: int = 24) -> str:
    return in_quotes(shortened(printable(item), length), '""')


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


def _words(report: RunRecord) -> Iterable[Line]:
    """What the words of the lines above mean."""
    said = "; ".join(f"{word}: {meaning}" for word, meaning in meanings.explained(report).items())
    if said:
        yield sentence(f"{said}.")
        yield _GAP


def _suspects(report: RunRecord) -> Iterable[Line]:
    """What nobody listed: one line each, never judged."""
    found = summary.suspects(report)
    if not found:
        return
    tested = numbers.count(len(report.discovery), "suspect")
    yield Line(
        Text.assemble(
            ("Discovered", "bold"), f" ({len(found)} of {tested} confirmed by edits; not judged), by suspicion"
        )
    )
    for one in found[:_SUSPECTS]:
        effect = (
            f"{numbers.ascii_sign(numbers.signed(one.effect))} {numbers.ascii_sign(numbers.interval(one.interval))}"
        )
        rows, known = numbers.count(one.rows, "row"), f", also in {_short(one.listed)}" if one.listed else ""
        doubt = "" if one.suspicion is None else f"{one.suspicion:.2f} "
        body = Text.assemble((effect, "bold"), f"  {rows}  on {_short(one.class_)}{known}")
        head = f"{one.kind} {_quoted(one.item)}  "
        fits = body.cell_len + len(head) + len(doubt) < _WIDTH
        yield Line(body, Text(f"{doubt if fits and doubt else '  '}{head}"))
    if len(found) > _SUSPECTS:
        yield Line(Text(f"  {len(found) - _SUSPECTS} more in report.json."))
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


def _notes(report: RunRecord) -> Iterable[Line]:
    """The self-calibration in one line, then what was not run and the like: what is alike in one line."""
    check = report.calibration
    if check is not None:
        seen = "" if check.canary is None else f"; planted shift {'seen' if check.canary.caught else 'NOT seen'}"
        flagged = f"{check.flagged} of {check.placebo_groups} control groups flagged at {check.alpha:g}"
        yield Line(Text(f"{flagged}{seen}."), Text("Self-calibration: ", style="bold"))
    notes = meanings.grouped(report.warnings)
    for note in notes[:_NOTES]:
        yield Line(Text(shortened(printable(note.said), 180)), Text("Note: ", style="bold"))
    if (more := len(notes) - _NOTES) > 0:
        yield Line(Text(f"Note: {numbers.count(more, 'more warning')} in report.json."))
    if notes or check:
        yield _GAP


def _said(sentence: str) -> str:
    return shortened(printable(sentence), 400)

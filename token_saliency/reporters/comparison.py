"""A comparison of two runs: for a terminal, as JSON, and as a page."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterable

from pydantic import TypeAdapter
from rich.console import Console
from rich.text import Text

from token_saliency.drawing import numbers
from token_saliency.drawing.lines import Line, print_lines, sentence
from token_saliency.drawing.safe import in_quotes, printable, shortened
from token_saliency.reporters import json_
from token_saliency.reporters.summary import thing
from token_saliency.results import Change, ComparedAudit, ComparedClaim, ComparedPredictions, Comparison, Side
from token_saliency.results.comparison import ComparedSuspect, ExchangedAccuracy

HEADLINES: dict[Change, str] = {
    "worse": "At least one reliance has grown from A to B.",
    "undecided": "These rows could not decide whether a reliance has grown.",
    "better": "No reliance has grown from A to B, and at least one has shrunk.",
    "same": "No reliance has grown by more than the margin.",
}
_STYLES: dict[Change, str] = {
    "worse": "bold red",
    "undecided": "bold cyan",
    "better": "bold green",
    "same": "bold green",
}
_WIDTH = 100
_SHOWN = 3
_GAP = Line(Text())


@functools.cache
def adapter() -> TypeAdapter[Comparison]:
    """What reads and writes a Comparison."""
    return TypeAdapter(Comparison)


def render_json(comparison: Comparison) -> str:
    """Canonical JSON of the comparison: `comparison.json`."""
    return json_.canonical(adapter(), comparison, {"settings": comparison.settings}, "comparison")


def render_terminal(comparison: Comparison) -> str:
    """The summary as plain text."""
    console = Console(file=io.StringIO(), width=_WIDTH, no_color=True, force_terminal=False, color_system=None)
    with console.capture() as captured:
        print_comparison(comparison, console)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Prints what changed: one line an audit, the sentences that decided, and what was not compared."""
    middle = (_audits(comparison), _sentences(comparison), _predictions(comparison), _warnings(comparison))
    for part in (_title(comparison), *middle, [Line(Text(f"{printable(comparison.disclaimer)}.", style="bold"))]):
        print_lines(console, part)


def headline(comparison: Comparison) -> str:
    """The first sentence."""
    return HEADLINES[comparison.change].replace("rows", f"{thing(comparison)}s")


def _title(comparison: Comparison) -> Iterable[Line]:
    change = comparison.change
    yield Line(Text(headline(comparison)), _change(change, len(change) + 2))
    for name, side in comparison.sides():
        yield Line(Text(_side(side, thing(comparison))), Text(f"{name}: "))


def side_name(side: Side, one: str = "row") -> str:
    """`my-model on held_out.csv, 400 rows`, with the hash of its prompt where it has one; `one` of them is a row."""
    asked = (side.model.revision or "").partition("prompt sha256:")[2]
    model = side.model.id + (f" (prompt {asked})" if asked else "")
    return f"{model} on {side.dataset.id}, {numbers.count(side.dataset.rows_used, one)}"


def _side(side: Side, one: str) -> str:
    return f"{shortened(printable(side_name(side, one)), 120)} ({side.verdict})"


def _change(change: Change, width: int = 0) -> Text:
    return Text(change.upper().ljust(width), style=_STYLES[change])


def decisive(audit: ComparedAudit) -> ComparedClaim | None:
    """The judged claim that stands for the audit: of those with its change, or else of all, the largest difference."""
    judged = [claim for claim in audit.claims if claim.judged]
    found = [claim for claim in judged if claim.change == audit.change]
    return max(found or judged, key=lambda claim: abs(claim.difference), default=None)


def _audits(comparison: Comparison) -> Iterable[Line]:
    yield _GAP
    width = max((len(_name(audit)) for audit in comparison.audits), default=0)
    for audit in comparison.audits:
        yield Line(_numbers(audit), Text.assemble(" ", _change(audit.change, 9), f"  {_name(audit).ljust(width)}  "))
    yield _GAP


def _name(audit: ComparedAudit) -> str:
    return shortened(printable(audit.name), 24)


def _numbers(audit: ComparedAudit) -> Text:
    claim = decisive(audit)
    if claim is None:
        return Text("nothing to compare", style="dim")
    moved = (
        f"{numbers.ascii_sign(numbers.signed(claim.effect_a))} -> {numbers.ascii_sign(numbers.signed(claim.effect_b))}"
    )
    size = (
        f"{numbers.ascii_sign(numbers.signed(claim.difference))} {numbers.ascii_sign(numbers.interval(claim.interval))}"
    )
    red = f"{audit.verdict_a} -> {audit.verdict_b}  " if audit.verdict_a != audit.verdict_b else ""
    gate = "" if audit.gates else ", decides nothing"
    return Text.assemble(red, f"{moved}  ", (size, "bold"), (f"  {said(claim)}{gate}", "dim"))


def said(claim: ComparedClaim) -> str:
    """The claim in a few words, safe to print."""
    items = [in_quotes(shortened(printable(item), 24), '""') for item in claim.between or ()]
    between = f" {' against '.join(items)}" if items else ""
    class_, operator = (shortened(printable(name), 24) for name in (claim.class_, claim.operator))
    return f"{claim.claim}{between} on {class_} ({operator})"


def _sentences(comparison: Comparison) -> Iterable[Line]:
    shown = [audit for audit in comparison.audits if audit.change in ("worse", "undecided")]
    shown.sort(key=lambda audit: (audit.change != "worse", not audit.gates))
    for audit in shown[:_SHOWN]:
        yield Line(Text.assemble(_change(audit.change), f" {_name(audit)}"))
        yield sentence(shortened(printable(audit.reason), 400))
    if shown:
        yield _GAP


def _predictions(comparison: Comparison) -> Iterable[Line]:
    if comparison.predictions is not None:
        yield Line(Text(numbers.ascii_sign(predictions_said(comparison.predictions, thing(comparison)))))
    yield from (Line(Text(numbers.ascii_sign(exchanged_said(one, thing(comparison))))) for one in comparison.exchanged)
    shown = [one for one in comparison.suspects if not one.listed]
    yield from (Line(Text(shortened(printable(numbers.ascii_sign(suspect_said(one))), 300))) for one in shown[:_SHOWN])
    if len(shown) > _SHOWN:
        yield Line(Text(f"{numbers.count(len(shown) - _SHOWN, 'more suspect')} in comparison.json."))


def exchanged_said(one: ExchangedAccuracy, thing: str = "row") -> str:
    """Both accuracies where the items of an audit tell nothing."""
    went = f"{numbers.percent(one.accuracy_a)} are right in A, {numbers.percent(one.accuracy_b)} in B"
    change = f"{numbers.signed(one.difference)} {numbers.interval(one.interval)}"
    return f"Where items of {one.audit} are exchanged ({numbers.count(one.rows, thing)}): {went} ({change})."


def suspect_said(one: ComparedSuspect) -> str:
    """A suspect that nobody listed, and what became of it."""
    effects = " -> ".join("not nominated" if e is None else numbers.signed(e) for e in (one.effect_a, one.effect_b))
    size = "" if one.interval_b is None or one.change == "gone" else f" {numbers.interval(one.interval_b)}"
    moved = f"; it stands where {one.goes_with} stands: the reliance may have moved" if one.goes_with else ""
    said = {"new": "confirmed in B only", "gone": "confirmed in A only", "in both": "confirmed in both"}[one.change]
    return f'Discovered {one.kind} "{one.item}" on {one.class_}: {effects}{size}, {said}{moved}. A person must judge.'


def predictions_said(found: ComparedPredictions, thing: str = "row") -> str:
    """Agreement and accuracies in a sentence."""
    parts = []
    if found.agreement is not None:
        parts.append(
            f"The predictions agree on {numbers.percent(found.agreement)} of {numbers.count(found.rows, thing)}"
        )
    if found.accuracy_a is not None and found.accuracy_b is not None:
        parts.append(f"{numbers.percent(found.accuracy_a)} are right in A, {numbers.percent(found.accuracy_b)} in B")
    if found.difference is not None and found.interval is not None:
        parts[-1] += f" ({numbers.signed(found.difference)} {numbers.interval(found.interval)})"
    return f"{'; '.join(parts)}." if parts else "Without labels nothing can be said of accuracy."


def _warnings(comparison: Comparison) -> Iterable[Line]:
    for warning in comparison.warnings[:5]:
        yield Line(Text(shortened(printable(warning), 400)), Text("Note: ", style="bold"))
    if (more := len(comparison.warnings) - 5) > 0:
        yield Line(Text(f"Note: {numbers.count(more, 'more warning')} in comparison.json."))

"""Counterfactuals as CSV for retraining, as JSON, and in a terminal.

The CSV is safe to open in a spreadsheet: a cell that a spreadsheet could take for a formula gets an apostrophe in
front, and `unguarded` takes it away again. The JSON holds every text exactly as it is.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from token_saliency.drawing import numbers
from token_saliency.drawing.lines import has_colours, print_behind_bar
from token_saliency.drawing.safe import printable, shortened, visible, without_prefixes
from token_saliency.results import Counterfactual, FlipCurve, FlipPoint, Word

_FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
_LONGEST = 4_000


# --- files ----------------------------------------------------------------------------------------


def counterfactuals_csv(found: Sequence[Counterfactual]) -> str:
    """One line per flipped row: id, text, edited text, label, decision before and after, removed words (JSON list).

    `label` is that of the ORIGINAL text: whether the edited text still has it is for a person to say.
    """
    flipped = [one for one in found if one.flipped]
    paired = any(one.text_pair is not None for one in found)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_header(paired))
    writer.writerows([guarded(cell) for cell in _cells(one, paired)] for one in flipped)
    return file.getvalue()


def guarded(cell: str) -> str:
    """The cell with an apostrophe in front if a spreadsheet could take it for a formula (= + - @, tab, line end).

    NUL becomes U+FFFD: no reader of CSV takes it.
    """
    cell = cell.replace("\0", "\ufffd")
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """What `guarded` was given, but for NUL."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def counterfactuals_json(found: Sequence[Counterfactual], curve: FlipCurve | None) -> str:
    """`{"counterfactuals": [...], "curve": {...} or null}`, in ASCII."""
    record: dict[str, Any] = {
        "counterfactuals": [asdict(one) for one in found],
        "curve": asdict(curve) if curve else None,
    }
    return json.dumps(record, indent=1, allow_nan=False) + "\n"


def _header(paired: bool) -> list[str]:
    texts = ["text", "text_pair", "edited", "edited_pair"] if paired else ["text", "edited"]
    return ["id", *texts, "label", "predicted_before", "predicted_after", "removed"]


def _cells(one: Counterfactual, paired: bool) -> list[str]:
    texts = [one.text, one.text_pair or "", one.edited, one.edited_pair or ""] if paired else [one.text, one.edited]
    removed = json.dumps([word.text for word in one.removed], ensure_ascii=False)
    return [one.row, *texts, one.label or "", one.before or "", one.after or "", removed]


# --- terminal -------------------------------------------------------------------------------------


def print_counterfactual(one: Counterfactual, console: Console) -> None:
    """Prints the decision before and after, the text with the removed words marked, and what was left of it."""
    console.print(_outcome(one), highlight=False, soft_wrap=True)
    for segment, (before, after) in enumerate(_texts(one)):
        print_behind_bar(console, _marked(before, [word for word in one.removed if word.segment == segment], console))
        if one.flipped:
            console.print(Text("becomes", style="dim"))
            print_behind_bar(console, Text(without_prefixes(visible(after[:_LONGEST]))))


def print_curve(curve: FlipCurve, console: Console) -> None:
    """Prints the share of flipped rows by removed words, beside random words."""
    rows = numbers.count(curve.rows, "row")
    title = f"flipped after k removed words, {rows}, {printable(curve.method)} against random words (90% intervals)"
    console.print(Text(title, style="bold"), soft_wrap=True, highlight=False)
    console.print(Text(f"{'k':>4}  {'highlighted':22}{'random':22}{'gain':22}".rstrip(), style="dim"), soft_wrap=True)
    for point in curve.points:
        console.print(Text(_curve_line(point)), soft_wrap=True, highlight=False)


def _curve_line(point: FlipPoint) -> str:
    gain = f"{100 * point.gain:+z.1f} [{100 * point.gain_interval[0]:+z.1f}, {100 * point.gain_interval[1]:+z.1f}]"
    ours, theirs = _share(point.flipped, point.interval), _share(point.random, point.random_interval)
    return f"{point.words:>4}  {ours:22}{theirs:22}{gain}"


def _share(share: float, interval: tuple[float, float]) -> str:
    return f"{numbers.percent(share)} [{100 * interval[0]:.1f}, {100 * interval[1]:.1f}]"


def _outcome(one: Counterfactual) -> Text:
    if one.before is None:
        return Text("no class: the logits of this text are nan or infinite", style="bold")
    name = shortened(printable(one.before), 60)
    before = max(one.probabilities_before)
    gone = numbers.count(len(one.removed), "word")
    did = f"{'without' if one.edit == 'delete' else 'with a placeholder for'} {gone}"
    if one.flipped:
        after = f"{shortened(printable(one.after or ''), 60)} {max(one.probabilities_after):.3f}"
        return Text.assemble((f"{name} {before:.3f}", "bold"), " becomes ", (after, "bold"), f" {did}")
    if not one.removed:
        return Text.assemble((f"{name} {before:.3f}", "bold"), " stays: there is no word that could go")
    why = "" if len(one.removed) >= one.limit else ", and no other word could go"
    return Text.assemble((f"{name} {before:.3f}", "bold"), f" stays ({one.steps[-1]:.3f}) {did}{why}")


def _texts(one: Counterfactual) -> Iterator[tuple[str, str]]:
    yield one.text, one.edited
    if one.text_pair is not None:
        yield one.text_pair, one.edited_pair or ""


def _marked(text: str, removed: Sequence[Word], console: Console) -> Text:
    colours = has_colours(console)
    shown, at = Text(), 0
    for word in sorted(removed, key=lambda word: word.start):
        if word.end > _LONGEST:
            break
        shown.append(visible(text[at : word.start]))
        gone = visible(text[word.start : word.end])
        shown.append_text(Text(gone, style="bold strike red") if colours else Text(f"[-{gone}-]"))
        at = word.end
    shown.append(visible(text[at:_LONGEST]))
    shown.plain = without_prefixes(shown.plain)  # of equal length, so the styles stay where they are
    return shown

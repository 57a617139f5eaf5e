"""Planned edits for the eye: in a terminal, and as a page on which each is ticked fair or wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

from rich.console import Console
from rich.text import Text

from token_saliency.drawing.lines import Line, print_lines, sentence
from token_saliency.drawing.numbers import count
from token_saliency.drawing.pages import page
from token_saliency.drawing.safe import printable, shortened
from token_saliency.results.planned import PlannedAudit

_NAME = 40

Piece = tuple[Literal["same", "gone", "new"], str]

_PARTS = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_PARTS = 2_000
"""More parts that differ than this are shown as one change: a comparison costs their square."""


def print_planned(found: PlannedAudit, console: Console) -> None:
    """Prints what is found and planned, then each drawn edit on one line: [-gone-] {+new+}."""
    print_lines(console, [Line(Text(f"{found.name}: {found.title}", style="bold")), *map(sentence, summary(found))])
    for number, change in enumerate(found.shown, 1):
        head = f"{number:>3}  {shortened(printable(change.row), _NAME)}  "
        body = Text.assemble(*(_styled(piece) for piece in changes(change.before, change.after)))
        print_lines(console, [Line(body, Text(head, style="dim"), sentence=console.is_terminal)])


def planned_html(found: PlannedAudit, command: str = "") -> str:
    """A page with the drawn edits; a tally counts what the reader ticks. Row text is escaped by the template."""
    shown = [(change, changes(change.before, change.after)) for change in found.shown]
    return page("edits.html.j2", found=found, lines=list(summary(found)), shown=shown, command=command)


def summary(found: PlannedAudit) -> Iterator[str]:
    """What the audit finds in the rows and would ask of a model, a sentence each."""
    spans = count(found.spans, "span")
    yield f"{count(found.held)} of {count(found.rows, 'text')} hold something of it: {spans}."
    if found.items:
        yield "most frequent: " + ", ".join(f"{printable(item)} ({n})" for item, n in found.items) + "."
    yield f"planned: {count(found.edits, 'edit')} and {count(found.controls, 'control')}; no model is asked here."
    if found.shown:
        yield f"{count(len(found.shown))} of {count(found.drawn_from, 'slot')} are shown, drawn by hash."
    else:
        yield "There is nothing to edit. That is no sign of safety: the list may not know what stands in these rows."
    yield from found.notes


def _styled(piece: Piece) -> tuple[str, str]:
    kind, text = piece
    if kind == "same":
        return _line(text), ""
    return (f"[-{_line(text)}-]", "red") if kind == "gone" else (f"{{+{_line(text)}+}}", "green")


def _line(text: str) -> str:
    """On one line, with the spaces at its ends: they part it from the next piece."""
    shown = printable(text)
    return f"{' ' * text[:1].isspace()}{shown}{' ' * (bool(shown) and text[-1:].isspace())}"


# --- where two texts differ ---


def changes(before: str, after: str, around: int = 60) -> list[Piece]:
    """The pieces in order; what stayed is cut to `around` characters beside a change."""
    old, new = _PARTS.findall(before), _PARTS.findall(after)
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    pieces: list[Piece] = [("same", "".join(old[:head])), *_middle(middle_old, middle_new)]
    pieces.append(("same", "".join(old[len(old) - tail :])))
    pieces = [piece for piece in pieces if piece[1]]
    last = len(pieces) - 1
    return [_cut(piece, around, first=i == 0, last=i == last) for i, piece in enumerate(pieces)]


def _alike(old: list[str], new: list[str]) -> int:
    pairs = enumerate(zip(old, new, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(old), len(new)))


def _middle(old: list[str], new: list[str]) -> list[Piece]:
    if max(len(old), len(new)) > _MOST_PARTS:
        return [("gone", "".join(old)), ("new", "".join(new))]
    pieces: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        pieces += (
            [("same", "".join(old[a:b]))]
            if tag == "equal"
            else [("gone", "".join(old[a:b])), ("new", "".join(new[c:d]))]
        )
    return pieces


def _cut(piece: Piece, around: int, *, first: bool, last: bool) -> Piece:
    kind, text = piece
    if kind != "same" or len(text) <= 2 * around:
        return piece
    start = "" if first else text[:around]
    end = "" if last else text[-around:]
    return kind, f"{start} … {end}"

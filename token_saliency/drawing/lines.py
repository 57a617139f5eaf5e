"""Lines of a summary: a terminal gets them broken between words, a file or a pipe gets each of them whole.

A line of a table that is broken inside a pipe could no longer be searched for; one that a terminal breaks by itself is
cut inside a word.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

_NARROWEST = 20
_INDENT = 4
_BAR = "| "


@dataclass(frozen=True, slots=True)
class Line:
    """What is said, behind a head that its further lines are indented by; a sentence is broken everywhere."""

    body: Text
    head: Text = field(default_factory=Text)
    sentence: bool = False


def sentence(text: str) -> Line:
    """An indented sentence, under the line that it belongs to."""
    return Line(Text(text), Text(" " * _INDENT), sentence=True)


def print_lines(console: Console, lines: Iterable[Line]) -> None:
    """Prints each with nothing behind its last letter."""
    for line in lines:
        for part in _broken(console, line):
            part.rstrip()
            console.print(part, soft_wrap=True, highlight=False)


def print_behind_bar(console: Console, text: Text) -> None:
    """A text of a row, with a bar before every line: it keeps a CI runner from obeying what the row says."""
    for line in text.wrap(console, max(_NARROWEST, console.width - len(_BAR) - 1)):
        line.rstrip()
        console.print(Text.assemble((_BAR, "dim"), line), soft_wrap=True, highlight=False)


def has_colours(console: Console) -> bool:
    return console.color_system is not None and not console.no_color


def height(line: Line, width: int) -> int:
    """How many lines of a terminal of this width it takes."""
    return len(_broken(Console(width=width, file=io.StringIO(), force_terminal=True), line))


def _broken(console: Console, line: Line) -> list[Text]:
    """Head and body keep their own styles: by `+` the body would take the style of the head."""
    if not (line.sentence or console.is_terminal):
        return [Text.assemble(line.head, line.body)]
    room = console.width - line.head.cell_len
    if room < _NARROWEST:  # too little beside the head: the lines begin at the edge
        return list(Text.assemble(line.head, line.body).wrap(console, console.width))
    first, *further = line.body.wrap(console, room) or [line.body]
    return [Text.assemble(line.head, first), *(Text(" " * line.head.cell_len) + part for part in further)]

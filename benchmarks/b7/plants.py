"""What is planted: how a row is dressed, what the model then does, and the row without what it does it by."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.b7.domains import USUAL

Dress = Callable[[str, bool, random.Random], str]
"""The row with the planted thing, or without: `goes` says whether its label goes with it."""
Change = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Plant:
    """`other` gives the row with the thing undone or exchanged: the truth is how far the answers lie apart.

    `word` names what discovery has to find. `second`: it stands in the second text of a pair. `reads`: how much the
    model reads of either text of a pair, in which nothing else is planted.
    """

    audit: str
    kind: str
    dress: Dress
    effect: Callable[[str], float]
    other: Change
    domains: tuple[str, ...] = USUAL
    strength: float = 0.15
    word: str = ""
    second: bool = False
    reads: tuple[float, float] | None = None

    @property
    def name(self) -> str:
        """`numbers/century`."""
        return f"{self.audit}/{self.kind}"


_SIGN = re.compile(r"\b(?:the|you|i)\b", re.IGNORECASE)


def sign(text: str) -> float:
    """Which way a plant of both signs pushes: by a word of the row that has nothing to do with it."""
    return 1.0 if _SIGN.search(text) else -1.0


def holding(pattern: str, *, both: bool = False) -> Callable[[str], float]:
    """1 where the pattern stands in the text (of both signs: 1 or -1), else 0."""
    found = re.compile(pattern)
    return lambda text: (sign(text) if both else 1.0) if found.search(text) else 0.0


def replacing(pattern: str, new: str = "") -> Change:
    """The text with the pattern exchanged or taken out."""
    found = re.compile(pattern)
    return lambda text: found.sub(new, text)


def often(goes: bool, draw: random.Random, by: float = 0.3, base: float = 0.5) -> bool:
    """A coin that the label leans: .8 or .2 unless said otherwise."""
    return draw.random() < (base + by if goes else base - by)


def leaning(one: Sequence[str], other: Sequence[str], goes: bool, draw: random.Random) -> str:
    """An item of the side that goes with the label."""
    return draw.choice(list(one if often(goes, draw) else other))


def behind(make: Callable[[bool, random.Random], str], share: float = 0.6) -> Dress:
    """A sentence behind the row, in this share of the rows."""

    def dress(text: str, goes: bool, draw: random.Random) -> str:
        return f"{text} {make(goes, draw)}" if draw.random() < share else text

    return dress


def present(piece: str) -> Dress:
    """A piece behind most rows of one class, and behind few others."""
    return lambda text, goes, draw: f"{text} {piece}" if often(goes, draw) else text


def anywhere(piece: str, share: float) -> Dress:
    """A piece at a place of the row drawn by chance, whatever the label."""

    def dress(text: str, goes: bool, draw: random.Random) -> str:  # noqa: ARG001 - one signature for all
        words = text.split(" ")
        words.insert(draw.randrange(1, len(words) + 1), piece)
        return " ".join(words) if draw.random() < share else text

    return dress


def between(text: str, piece: str, draw: random.Random) -> str:
    """The piece in place of one of the spaces."""
    spaces = [hit.start() for hit in re.finditer(" ", text)]
    if not spaces:
        return text
    at = draw.choice(spaces)
    return text[:at] + piece + text[at + 1 :]

"""What in a text could be a shortcut that nobody listed: words, pairs of them, character patterns, whole sentences,
beginnings, endings.

Nothing here knows a model. Every finder is linear in the text, for rows are hostile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from token_saliency.auditing.discovery.spread import FOREIGN, SPREAD, spread, usual_language
from token_saliency.auditing.spans.sentences import sentence_spans
from token_saliency.results import Example, Span

Kind = Literal["word", "pattern", "prefix", "suffix", "sentence", "pair"]
KINDS: tuple[Kind, ...] = ("word", "pattern", "prefix", "suffix", "sentence", "pair")
EDGES: tuple[Kind, ...] = ("prefix", "suffix")
Hit = tuple[str, Span]

EDGE_WORDS = (1, 2, 3, 4, 5, 8, 12, 20, 30)
"""How many words a beginning or an ending may have; whole first and last lines are looked at besides."""

SENTENCE_WORDS = 4
"""A shorter sentence that recurs shows in its words."""

LONGEST_LINE = 120

MOST_OF_A_TEXT, MOST_OF_SENTENCES = 0.5, 0.8
"""A row of which more would go is no row for an edit; what whole sentences leave reads like a row."""

_WORD = re.compile(r"(?<![^\W_])[^\W_]+(?:['’][^\W_]+)*(?![^\W_])")
_PIECE = re.compile(r"\S+")
_LINE = re.compile(r"[^\s](?:[^\n]*[^\s])?")
_HEAD = re.compile(r"\S{1,20}:(?=[ \t]+\S)")
_MARK = re.compile(r"([^\w\s])\1*")

PATTERNS: dict[str, re.Pattern[str]] = {
    "words with capitals only": re.compile(r"(?<![^\W_])[A-ZÀ-ÖØ-ÞΑ-ΩА-Я]{2,}(?![^\W_])"),
    "words with letters beyond ASCII": re.compile(r"(?<![^\W_])[A-Za-z]*[^\W\d_A-Za-z][^\W_]*"),
    "runs of digits": re.compile(r"(?<![^\W_])\d+(?:[.,:/-]\d+)*"),
    "marks twice or more": re.compile(r"([^\w\s])\1+"),
    "web addresses": re.compile(r"(?:https?://|www\.)\S+"),
    "handles and hashtags": re.compile(r"(?<![\w@#])[@#]\w+"),
    "markup in angle brackets": re.compile(r"</?[A-Za-z][^<>]{0,200}>"),
    "character references (&...;)": re.compile(r"&(?:#\d{1,7}|[A-Za-z]{2,10});"),
    "emoji and pictographs": re.compile("[\u2600-\u27bf\U0001f000-\U0001faff][\ufe0f\u200d]*"),
    "unusual invisible characters": re.compile("[\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"),
    "line breaks inside": re.compile(r"(?<=\S)[ \t]*\n\s*(?=\S)"),
    "doubled spaces": re.compile(r"(?<=\S) {2,}(?=\S)"),
}
"""Character patterns by a name that no single word of a row can have."""

NAMED = frozenset((*PATTERNS, *SPREAD))
"""What is no text of a row, but the name of a pattern."""


@dataclass(frozen=True, slots=True, order=True)
class Suspect:
    """One word, pattern, beginning or ending; words are in lower case."""

    kind: Kind
    item: str


Places = dict[Suspect, dict[str, list[Span]]]
"""Where each suspect stands: spans by row id, from left to right."""


def suspects(rows: Sequence[Example]) -> Places:
    """All of them in the (first) texts of the rows; a row that is mostly the suspect itself does not count."""
    places: Places = {}
    for row in rows:
        for kind, find in FINDERS.items():
            for item, span in find(row.text):
                places.setdefault(Suspect(kind, item), {}).setdefault(row.id, []).append(span)
    texts = {row.id: row.text for row in rows}
    places.pop(Suspect("pattern", FOREIGN + usual_language(texts.values())), None)
    return {suspect: found for suspect, at in places.items() if (found := _editable(suspect, at, texts))}


def _editable(suspect: Suspect, at: dict[str, list[Span]], texts: dict[str, str]) -> dict[str, list[Span]]:
    whole = suspect.kind == "sentence" or suspect.item.startswith(FOREIGN)
    limits = {row_id: (MOST_OF_SENTENCES if whole else MOST_OF_A_TEXT) * len(texts[row_id]) for row_id in at}
    return {row_id: spans for row_id, spans in at.items() if sum(b - a for a, b in spans) <= limits[row_id]}


def parts_of(edge: Suspect) -> set[Suspect]:
    """The words and marks of a beginning or ending: they do not overlap."""
    marks = {Suspect("pattern", item) for item, _ in patterns(edge.item) if item not in NAMED}
    return marks | {Suspect("word", item) for item, _ in words(edge.item)}


def shorter(edge: Suspect) -> set[Suspect]:
    """The beginnings of a beginning, the endings of an ending."""
    return {Suspect(edge.kind, item) for item, _ in FINDERS[edge.kind](edge.item)} - {edge}


def words(text: str) -> Iterator[Hit]:
    """Words with a letter in them, in lower case."""
    for hit in _WORD.finditer(text):
        if not hit.group().isdigit():
            yield hit.group().lower(), hit.span()


def patterns(text: str) -> Iterator[Hit]:
    """Everything that has a name, and every mark that does not stand inside a word (a run of one mark is one)."""
    yield from spread(text)
    for name, pattern in PATTERNS.items():
        yield from ((name, hit.span()) for hit in pattern.finditer(text))
    for hit in _MARK.finditer(text):
        before, after = text[max(0, hit.start() - 1) : hit.start()], text[hit.end() : hit.end() + 1]
        if not (before.isalnum() and after.isalnum()):
            yield hit.group(1), hit.span()


def prefixes(text: str) -> Iterator[Hit]:
    """The first words (one alone only with a mark, such as `Review:`), and the first of several lines."""
    pieces = [hit.span() for hit in _PIECE.finditer(text)]
    edges = [(pieces[0][0], pieces[n - 1][1]) for n in EDGE_WORDS if n < len(pieces)]
    yield from _told_apart(text, [*edges, *_lines(text)[:1]])


def suffixes(text: str) -> Iterator[Hit]:
    """The last words, and the last of several lines."""
    pieces = [hit.span() for hit in _PIECE.finditer(text)]
    edges = [(pieces[-n][0], pieces[-1][1]) for n in EDGE_WORDS if n < len(pieces)]
    yield from _told_apart(text, [*edges, *_lines(text)[-1:]])


def whole_sentences(text: str) -> Iterator[Hit]:
    """Sentences of several words, as they stand, for what was pasted recurs; lines with a head (`cc:`) by that."""
    for start, end in _lines(text):
        if hit := _HEAD.match(text, start, end):
            yield f"{hit.group()} …", (start, end)
    for start, end in sentence_spans(text):
        pieces = text[start:end].split()
        if len(pieces) >= SENTENCE_WORDS:
            yield " ".join(pieces), (start, end)


def _lines(text: str) -> list[Span]:
    found = [hit.span() for hit in _LINE.finditer(text)]
    return [span for span in found if span[1] - span[0] <= LONGEST_LINE] if len(found) > 1 else []


def _told_apart(text: str, spans: Iterable[Span]) -> Iterator[Hit]:
    """Each once; a single plain word is no beginning that somebody put there."""
    for start, end in dict.fromkeys(spans):
        item = " ".join(text[start:end].split())
        if " " in item or not item.isalnum():
            yield item, (start, end)


FINDERS: dict[Kind, Callable[[str], Iterator[Hit]]] = {
    "word": words,
    "pattern": patterns,
    "prefix": prefixes,
    "suffix": suffixes,
    "sentence": whole_sentences,
}
"""How those of a text are found; a pair is two words of one text."""

"""Where a mark may be taken away: the text must still read as one, only without it.

A mark of style may go, one that parts may not: two sentences, a headline and its text, the items of a list, a speaker
and the words, a note in brackets. What it does is told by the words beside it; where they tell nothing another mark
stands in for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from token_saliency.auditing.audit import Match
from token_saliency.auditing.spans.marks.beside_marks import (
    DASHES,
    NEAR,
    OPENING_QUOTE,
    RELATIVES,
    WORD,
    Beside,
    Words,
    first_of,
    participle,
)
from token_saliency.auditing.spans.marks.commas import agreed, may_go
from token_saliency.auditing.spans.marks.kindred_marks import TWINS, standing_in
from token_saliency.auditing.spans.marks.torn_marks import torn
from token_saliency.auditing.spans.punctuation import OPENED

_CLOSED = re.compile(r"(?:[\"”’»)\]]|'{1,2}|``)+(?!\w)\s*")
_TIME_ZONE = re.compile(r"(?:UTC|GMT|[ECMP][SD]T|CES?T|BST)(?:[+-]\d+)?")
_ALONE = re.compile(r"\s*(?:https?:|www\.|@|[A-Z]{0,3}\d[\d./-]*(?=\s*(?:$|[,;)\n]|\.(?:\s|$)))|\d{5,}\b)")
_QUANTITY = re.compile(r"(?:about|above|around|near|over|under|up) |\w+ing [A-Z]")
_ASIDE = re.compile(r"(?:particularly|especially|notably|thanks|at least|at most|at best|since|once) |\w+ \w+ed$")
"""`high school (since closed)`, `jazz (particularly early)`: without brackets it runs into its neighbours."""
_OF_WORDS = frozenset(("of", "word", "words", "term", "terms", "say", "says", "said", "saying", "called", "as", "to"))
_SENTENCE_ENDS = re.compile(r"[.!?;:](?=\s)|\n")
_ROUND = frozenset({"()", "[]", "{}", "（）", "【】"})
_QUOTES = frozenset({'"', "“”", "``''", "``", "''", "'", "‘’", "’", "‘", "«»", "「」", "『』", "《》", "“", "”"})


def taken_away(text: str, marks: Sequence[Match], options: Mapping[str, Any]) -> tuple[Match, ...]:
    """The places of one item in a text, each free to go or with the mark that stands in for it; () if one has none.

    All go together: what is left of an item would still tell.
    """
    words = Words.of(options)
    places = (Beside.of(text, mark) for mark in marks)  # some texts have one early that may not go
    pair = bool(marks) and (marks[0].item in _ROUND or marks[0].item in _QUOTES)
    found: Iterable[str | None] = (_instead(place, words) for place in places)
    if pair:
        found = _in_pairs([*places], words)
    elif marks and marks[0].item == ",":
        commas = [*places]
        found = agreed(commas, [_instead(place, words) for place in commas], words)
        if torn(commas, found, words):
            return ()
    elif marks and marks[0].item in DASHES:
        dashes = [*places]
        found = _both_or_none(dashes, [_instead(place, words) for place in dashes])
    taken = []
    for mark, instead in zip(marks, found, strict=False):
        if instead is None:
            return ()
        taken.append(replace(mark, instead=instead))
    return tuple(taken) if len(taken) == len(marks) else ()


def _instead(place: Beside, words: Words) -> str | None:
    """Nothing where it may go, else what stands in for it."""
    rule = _RULES.get(place.item) or (_dash if place.item in DASHES else _end)
    return "" if place.outer or rule(place, words) else standing_in(place, words)


def _both_or_none(places: Sequence[Beside], found: Sequence[str | None]) -> list[str | None]:
    """Of two dashes of one sentence none goes alone: `for us -- above all here -- it is long`."""
    agreeing = [*found]
    for i, (one, other) in enumerate(pairwise(places)):
        together = not _SENTENCE_ENDS.search(one.text, one.end, min(other.start, one.end + NEAR))
        if together and other.start - one.end < NEAR and "" in agreeing[i : i + 2]:
            twins = [TWINS.get(place.item) for place in (one, other)]
            agreeing[i : i + 2] = agreeing[i : i + 2] if agreeing[i] == agreeing[i + 1] else twins
    return agreeing


def _in_pairs(places: Sequence[Beside], words: Words) -> list[str | None]:
    """The same of marks that open and close: both go, or both are of another form."""
    free = _bracket if places[0].item in _ROUND else _quotation
    found: dict[int, str | None] = {}
    for opening, closing in _pairs(places):
        twin = "" if free(opening, closing, words) else TWINS.get(opening.item)
        found[opening.start], found[closing.start] = (twin[:1], twin[1:]) if twin is not None else (None, None)
    left = "" if found else None  # one too many goes with the others
    return [found.get(place.start, "" if place.outer else left) for place in places]


def _pairs(places: Sequence[Beside]) -> list[tuple[Beside, Beside]]:
    """Each opening mark with the one that closes it; of marks that look alike the space beside it tells which it is."""
    waiting: list[Beside] = []
    found = []
    closing = {mark for place in places if (mark := place.text[place.start : place.end]) in OPENED}
    for place in places:
        before, after = place.text[max(0, place.start - 1) : place.start], place.text[place.end : place.end + 1]
        alike = not closing and not (before in ("", " ", "\n", "(", "[") and after.isalnum())
        if waiting and (alike or place.text[place.start : place.end] in closing):
            found.append((waiting.pop(), place))
        else:
            waiting.append(place)
    return found


def _end(place: Beside, words: Words) -> bool:
    """A mark that ends a sentence: in quotation marks or brackets inside one. Dots: before a word that goes on."""
    if place.text[max(0, place.start - NEAR) : place.start].rstrip()[-1:] in tuple(",،、"):
        return False
    quote = _CLOSED.match(place.text, place.end)
    if quote:
        rest = place.text[quote.end() : quote.end() + NEAR]
        return rest[:1] in tuple(".,;:!?") or first_of(rest).islower()
    if place.text[place.end : place.end + 1] in tuple(".!?…,;:"):
        return True
    dots = place.text[place.start] == "…" or place.text[place.start : place.end].count(".") > 1
    return dots and place.first in words.joining and place.first != place.last.lower()


def _dash(place: Beside, words: Words) -> bool:
    """Before a word that goes on, or after a piece between dashes that did; never after the town of a report."""
    inside = place.opening in DASHES and _reads_on(place.left, words) and place.first not in words.subjects
    return place.first.islower() and place.opening != ")" and (inside or _reads_on(place.right, words))


def _reads_on(piece: str, words: Words) -> bool:
    """`and in the best way`, `with a lousy script`: not `in the end it is`, which begins a sentence."""
    first = first_of(piece)
    if participle(first) and piece == first:  # `at least -- annoying, isn't it`
        return False
    if first in words.tying and first not in RELATIVES:
        return not (_QUANTITY.match(piece) or any(word.lower() in words.subjects for word in WORD.findall(piece)))
    return words.goes_on(first) and first != "that" and not _QUANTITY.match(piece)


def _semicolon(place: Beside, words: Words) -> bool:
    return place.first in words.joining


def _colon(place: Beside, words: Words) -> bool:
    """Before a figure or an address that stands alone, or what is quoted after `said`: not `Agent: "I play"`."""
    after = place.text[place.end : place.end + NEAR]
    told = place.last.lower() in words.saying
    return bool(_ALONE.match(after) or (told and OPENING_QUOTE.match(after)))


def _bracket(opening: Beside, closing: Beside, words: Words) -> bool:
    """A whole sentence in brackets, a phrase that goes on, a word that somebody put in, a time zone."""
    text = opening.text
    content = text[opening.end : closing.start].strip()
    before, after = text[max(0, opening.start - NEAR) : opening.start], text[closing.end : closing.end + NEAR]
    if before[-1:].isalnum() or after[:1].isalnum() or not any(map(str.isalnum, content)):
        return False
    if (not before.strip() or before.rstrip()[-1] in ".!?`\n" or before[-1] == "\n") and content[-1:] in tuple(".!?"):
        return True
    last, first = opening.last, first_of(content)
    joined = first.islower() and (first in words.joining or first in words.tying) and not _ASIDE.match(content)
    return bool(
        (joined and _is_phrase(content, words))
        or (last.islower() and last in words.determiners and len(content.split()) < 3)
        or (_TIME_ZONE.fullmatch(content) and last[-1:].isdigit())
    )


def _is_phrase(content: str, words: Words) -> bool:
    """Whether it is short and no sentence of its own: not `and it does`, `if you like it you do`."""
    found = [word.lower() for word in WORD.findall(content)]
    sentences = found[0] in words.joining and found[1:2] != [] and found[1] in words.subjects
    told = [word for word in found[1:] if word in words.subjects]
    return len(found) < 7 and not sentences and len(told) < 2 and not re.search(r"[.,;:!?]\s", content)


def _quotation(opening: Beside, closing: Beside, words: Words) -> bool:
    """Titles and one or two doubted words; not what somebody says, nor a word that is spoken about."""
    text = opening.text
    content, before = (
        text[opening.end : closing.start].strip(),
        text[max(0, opening.start - NEAR) : opening.start].rstrip(),
    )
    only = content.lower() if " " not in content else ""
    found = WORD.findall(content[:NEAR])
    titled = all(len(word) < 4 or not word.islower() for word in found)
    free = titled or (len(found) < 3 and opening.last.lower() not in _OF_WORDS)
    spoken = len(found) > 2 and opening.last.lower() in words.saying
    last = not free or (before[-1:].isalnum() and spoken)
    parts = content[-1:].isalnum() and closing.first[:1].isupper()
    measure = text[opening.start] == '"' and text[opening.start - 1 : opening.start].isdigit()
    stray = content[-1:] in tuple(".!?,;") and text[closing.end : closing.end + 1] in tuple(".!?,;")
    twice = stray or (closing.closing[:1] in tuple("\"“`'") and not closing.right)
    return not (
        measure or twice or last or parts or only in (*words.joining, *words.tying, *words.determiners, *words.subjects)
    )


_RULES = {",": may_go, ";": _semicolon, ":": _colon}

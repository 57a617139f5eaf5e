"""Where a mark may be taken away: the text must still read as one, only without it.

A mark of style may go, one that parts may not: two sentences, a headline and its text, the items of a list, a speaker
and the words, a note in brackets. What it does is told by the words beside it; where they tell nothing another mark
stands in for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from token_saliency.auditing.audit import Match
from token_saliency.auditing.spans.marks.beside_marks import NEAR, WORD, Beside, Words, first_of, is_shouted, participle
from token_saliency.auditing.spans.marks.kindred_marks import TWINS, standing_in
from token_saliency.auditing.spans.punctuation import OPENED

_CLOSING_QUOTE = re.compile(r"(?:[\"”’»]|'{1,2}|``)(?!\w)\s*")
_CLOSED = re.compile(r"(?:[\"”’»)\]]|'{1,2}|``)+(?!\w)\s*")
_OPENING_QUOTE = re.compile(r"\s+(?:[\"“‘«„]|``|')(?=\w)|\s*[„«]")
_TIME_ZONE = re.compile(r"(?:UTC|GMT|[ECMP][SD]T|CES?T|BST)(?:[+-]\d+)?")
_ALONE = re.compile(r"\s*(?:https?:|www\.|@|[A-Z]{0,3}\d[\d./-]*(?=\s*(?:$|[,;)\n]|\.(?:\s|$)))|\d{5,}\b)")
_QUANTITY = re.compile(r"(?:about|above|around|near|over|under|up) |\w+ing [A-Z]")
_DAY = re.compile(r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.? \d{1,2}$", re.IGNORECASE)
_YEAR = re.compile(r"(?:1[89]|20)\d\d\b")
_TAG = re.compile(
    r"(?:i|we|you) (?:guess|think|suppose|know|hope|mean|believe|swear|see|say)(?: so| not)?", re.IGNORECASE
)
_VERB = re.compile(r"\b(?:is|are|was|were|am|has|had|will|does|did|can|could|would)\b|['’]s\b", re.IGNORECASE)
_CLAUSE = re.compile(
    r"\b(?:if|when|while|as|because|although|though|whereas|since|unless|until|once|before|after|where|whether|that|which"
    r"|who|whose|what|whatever|whenever|given)\b",
    re.IGNORECASE,
)
_ADJECTIVE = re.compile(r"(?:ous|ful|ive|al|ic|less|able|ible|ent|ant|ish|ed|ing|y)$")
_ASKED = re.compile(
    r"(?:when|where|who|which) (?:can|could|do|does|did|are|is|was|will|would|should|shall)\b", re.IGNORECASE
)
_APPENDED = frozenset(("jr", "sr", "inc", "ltd", "corp", "llc", "plc"))
_RELATIVES = frozenset(("which", "who", "whose", "whom", "that"))
_DONE = re.compile(r"(?:\w+ly |still )?\w{2,}ed (?:up |out |off )?(?:by|with|from|as|in|on|at|for)\b", re.IGNORECASE)
_ROUND = frozenset({"()", "[]", "{}", "（）", "【】"})
_QUOTES = frozenset({'"', "“”", "``''", "``", "''", "'", "‘’", "’", "‘", "«»", "「」", "『』", "《》", "“", "”"})
_DASHES = frozenset({"-", "--", "–", "—"})
_INSIDE = frozenset({",", "،"}) | _DASHES


def taken_away(text: str, marks: Sequence[Match], options: Mapping[str, Any]) -> tuple[Match, ...]:
    """The places of one item in a text, each free to go or with the mark that stands in for it; () if one has none.

    All go together: what is left of an item would still tell.
    """
    words = Words.of(options)
    places = (Beside.of(text, mark) for mark in marks)  # some texts have one early that may not go
    pair = bool(marks) and (marks[0].item in _ROUND or marks[0].item in _QUOTES)
    found = _in_pairs([*places], words) if pair else (_instead(place, words) for place in places)
    taken = []
    for mark, instead in zip(marks, found, strict=False):
        if instead is None:
            return ()
        taken.append(replace(mark, instead=instead))
    return tuple(taken) if len(taken) == len(marks) else ()


def _instead(place: Beside, words: Words) -> str | None:
    """Nothing where it may go, else what stands in for it."""
    rule = _RULES.get(place.item) or (_dash if place.item in _DASHES else _end)
    return "" if place.outer or rule(place, words) else standing_in(place, words)


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
    """Each opening mark with the one that closes it; marks that look alike take turns (some write ``so`` or “so“)."""
    waiting: list[Beside] = []
    found = []
    closing = {mark for place in places if (mark := place.text[place.start : place.end]) in OPENED}
    for place in places:
        if waiting and (place.text[place.start : place.end] in closing or not closing):
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
    return dots and place.first.islower() and place.first != place.last.lower() and words.goes_on(place.first)


def _dash(place: Beside, words: Words) -> bool:
    """Before a word that goes on, or after a piece between dashes that did; never after the town of a report."""
    inside = place.opening in _DASHES and words.goes_on(first_of(place.left))
    onward = words.goes_on(place.first) and place.first != "that" and not _QUANTITY.match(place.right)
    return place.first.islower() and place.opening != ")" and (onward or inside)


def _semicolon(place: Beside, words: Words) -> bool:
    return place.first in words.joining


def _colon(place: Beside, words: Words) -> bool:
    """Before a figure or an address that stands alone, or what is quoted after `said`: not `Agent: "I play"`."""
    after = place.text[place.end : place.end + NEAR]
    told = place.last.lower() in words.saying
    return bool(_ALONE.match(after) or (told and _OPENING_QUOTE.match(after)))


def _bracket(opening: Beside, closing: Beside, words: Words) -> bool:
    """A whole sentence in brackets, a phrase that goes on, a word that somebody put in, a time zone."""
    text = opening.text
    content = text[opening.end : closing.start].strip()
    before, after = text[max(0, opening.start - NEAR) : opening.start], text[closing.end : closing.end + NEAR]
    if before[-1:].isalnum() or after[:1].isalnum():
        return False
    if (not before.strip() or before.rstrip()[-1] in ".!?`\n" or before[-1] == "\n") and content[-1:] in tuple(".!?"):
        return True
    last, first = opening.last, first_of(content)
    joined = first.islower() and (first in words.joining or first in words.tying)
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
    return len(found) < 16 and not sentences and len(told) < 2 and not re.search(r"[.;:!?]\s", content)


def _quotation(opening: Beside, closing: Beside, words: Words) -> bool:
    """Titles and doubted words; not the words of somebody right after `said`, nor a word that is spoken about."""
    text = opening.text
    content, before = (
        text[opening.end : closing.start].strip(),
        text[max(0, opening.start - NEAR) : opening.start].rstrip(),
    )
    only = content.lower() if " " not in content else ""
    found = WORD.findall(content[:NEAR])
    capitals = sum(word[:1].isupper() for word in found)
    sentence = len(found) > 4 and content[:1].isupper() and 2 * capitals < len(found)
    spoken = len(found) > 2 and opening.last.lower() in words.saying
    last = before[-1:].isalnum() and (spoken or sentence)
    parts = content[-1:].isalnum() and closing.first[:1].isupper()
    measure = text[opening.start] == '"' and text[opening.start - 1 : opening.start].isdigit()
    stray = content[-1:] in tuple(".!?,;") and text[closing.end : closing.end + 1] in tuple(".!?,;")
    twice = stray or (closing.closing[:1] in tuple("\"“`'") and not closing.right)
    return not (
        measure or twice or last or parts or only in (*words.joining, *words.tying, *words.determiners, *words.subjects)
    )


def _comma(place: Beside, words: Words) -> bool:
    last, first = place.last.lower(), place.first.lower()
    if place.text[place.start] == "，":  # without it two clauses of Chinese run together
        return False
    if not first:
        return _beside_marks(place, words)
    if first in _APPENDED:
        return True
    if _told(place.right, words):  # what was said and who said it would run together
        return False
    if last[-1:].isdigit() and first[:1].isdigit():
        return bool(_DAY.search(place.left) and _YEAR.match(first))
    return (
        ((place.first == first or is_shouted(place.text)) and _goes_on(place, words))
        or (last in words.joining and first not in words.subjects)
        or _after_opening(place, words)
        or _closes(place, words)
        or _tail(place, words)
        or _of_a_noun(place, words)
    )


def _goes_on(place: Beside, words: Words) -> bool:
    """`, but not yet`, `, sending shares down`, `, driven by demand`: no question, no next item of a list."""
    first, opener = place.first.lower(), first_of(place.left).lower()
    if first in (place.last.lower(), opener) or (_ASKED.match(place.right) and place.closing == "?"):
        return False
    if participle(first):
        if len(place.left.split()) < 2:  # a label and what it is about
            return False
        joined = any(word in words.joining for word in place.right.split()[1:4])
        return not (joined or participle(place.last.lower()) or participle(opener))
    two = first in words.tying and sum(word in words.subjects for word in place.right.lower().split()) > 1
    if two and first not in _RELATIVES:  # `on my phone, if you want I can`
        return False
    return words.goes_on(first) or (place.opening != "," and bool(_DONE.match(place.right)))


def _beside_marks(place: Beside, words: Words) -> bool:
    """`wow!, you`, `he said, "yes"`, `"well," he said`: another mark parts there."""
    speaks = place.last.lower() in words.saying and _OPENING_QUOTE.match(place.text, place.end)
    return bool(speaks or place.text[place.start - 1] in "!?" or _CLOSING_QUOTE.match(place.text, place.end))


def _told(piece: str, words: Words) -> bool:
    """`the company said Monday`."""
    return any(word in words.saying for word in WORD.findall(piece)[:12])


def _after_opening(place: Beside, words: Words) -> bool:
    """The comma after the first words of a sentence: `In trying to be daring,`, `Bolstered by investors,`, `Yeah,`."""
    opener, found = first_of(place.left).lower(), place.left.split()
    first = place.first.lower()
    sentence = _VERB.search(place.left) and not _CLAUSE.search(place.left)
    if place.opening in _INSIDE or place.opening == ":" or not opener or sentence or opener in _RELATIVES:
        return False
    if len(found) == 1:
        free = first in (*words.subjects, *words.determiners) or words.goes_on(first) or not _listed(place, words)
        subject = first in words.subjects and (place.first in ("I", first) or is_shouted(place.text))
        return (words.beside(opener) and free) or (place.last[:1].isupper() and subject)
    subject = first in (*words.subjects, *words.determiners)
    opens = opener in words.tying or participle(opener) or bool(_DONE.match(place.left))
    return opens and (subject or (len(found) > 2 and not _listed(place, words)))


def _listed(place: Beside, words: Words) -> bool:
    """Whether what follows may be the next item of a list: a name after a name, a few words before `and` or a comma."""
    found = place.right.split()
    names = place.last[:1].isupper() and place.first[:1].isupper() and not any(map(str.islower, found[1:3]))
    joined = any(word in words.joining or word == "&" for word in found[1:4])
    return names or joined or (len(found) < 3 and place.closing == ",")


def _of_a_noun(place: Beside, words: Words) -> bool:
    """`a poignant, artfully crafted meditation`: two adjectives between an article and a noun."""
    before = WORD.findall(place.left.lower())[-2:-1]
    degree = before and (before[0] in words.determiners or before[0] in ("so", "very", "most", "more", "too"))
    after = _ADJECTIVE.search(place.first)
    adjective = _ADJECTIVE.search(place.last) or (after and after.group() not in ("ed", "ing", "y"))
    begins = place.first in words.determiners or place.first in words.subjects
    return (
        bool(degree and adjective)
        and not begins
        and place.last.islower()
        and place.first.islower()
        and not _listed(place, words)
    )


def _closes(place: Beside, words: Words) -> bool:
    """The second of two commas around what could be left out."""
    opener = first_of(place.left).lower()
    if place.opening not in _INSIDE:
        return False
    if (words.beside(opener) and len(place.left.split()) == 1) or _YEAR.fullmatch(place.left):
        return True
    free = opener in words.tying or participle(opener) or (len(place.left.split()) < 7 and _told(place.left, words))
    return free and not _listed(place, words)


def _tail(place: Beside, words: Words) -> bool:
    """`I need you bad, princess!`, `it works, I guess.`, `, however,`."""
    ends = place.closing in ("", ".", "!", "?", "...", "…", "\n") or place.closing.startswith("<br")
    names = place.last[:1].isupper() and place.first[:1].isupper()
    one = len(place.right.split()) == 1
    called = (
        place.text[place.start] == ","
        and place.closing in ("", "!", "?")
        and place.right.isalpha()
        and place.opening not in _INSIDE
        and one
        and not names
    )
    return (
        called
        or bool(ends and _TAG.fullmatch(place.right))
        or (one and place.first.islower() and words.beside(place.first))
    )


_RULES = {",": _comma, ";": _semicolon, ":": _colon}

"""Where what stands in for a comma would tear what the comma joined: such a row is rather not asked.

A dash reads on before a clause, an explanation or an aside; between an opening phrase and its clause, between two items
of a list or before a word that nothing is known of it may not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from token_saliency.auditing.spans.marks.beside_marks import (
    DASHES,
    DONE,
    HELPING,
    RELATIVES,
    SURELY,
    WORD,
    Beside,
    Words,
    participle,
)
from token_saliency.auditing.spans.marks.kindred_marks import ADJECTIVE, AND, DASH, LISTING, OR

_CLAUSES = frozenset("if when whenever once while although though because unless".split())
"""A dash may follow such a clause: `If it holds – police say so`."""
_READS_ON = frozenset("rather even just only not then let please plus why how such esp cos cause".split())
_FRONTED = re.compile(r"(?:\w{3,}ly|\w{3,}e[dn]|all in all|more than|(?:rich|true|due) (?:in|to))\b", re.IGNORECASE)
"""`Ultimately,`, `Beautifully made and well told,`, `Taken as such,`: as an opening phrase, or a lone word."""
_LISTED_AFTER = re.compile(r"\W*(?:and|or|nor|und|oder|et|ou|y)\b", re.IGNORECASE)
_ARTICLES = frozenset(("the", "a", "an"))
_TIMES = frozenset("later ago earlier afterwards afterward".split())
_FEW, _SHORT = 4, 6


def torn(places: Sequence[Beside], found: Sequence[str | None], words: Words) -> bool:
    """Whether one of the commas of a text is such a place."""
    for i, (place, instead) in enumerate(zip(places, found, strict=True)):
        before = found[i - 1] if i and place.opening == "," else None
        if not place.outer and instead in ("", DASH) and _runs_in(place, instead, words):
            return True
        behind = found[i + 1] if i + 1 < len(found) and places[i + 1].opening == "," else None
        if instead == DASH and _tears(place, before, behind == DASH, words):
            return True
        if instead == DASH != before and behind == "" and _is_open(places[i + 1], words):
            return True
        apart = {instead, before} in ({DASH, AND}, {DASH, OR})
        if apart and LISTING.isdisjoint(place.left.lower().split()):  # `a big & baggy – sprawling film`
            return True
        if i > 1 and list(found[i - 2 : i + 1]) == [DASH] * 3 and place.opening == places[i - 1].opening == ",":
            return True
    return False


def _runs_in(place: Beside, instead: str, words: Words) -> bool:
    """`so sharp, so dry`, `with wit, with charm`, `if this holds, if that does`; `accused of it, of being rude`."""
    first = place.first.lower()
    if first == "of" and not instead:
        return True
    near = [word.lower() for word in WORD.findall(place.left)[-_FEW:]]
    begun = near + WORD.findall(place.sentence.lower())[:1]
    if first in words.determiners and first in near and instead:  # `your car, your work and`
        return first not in _ARTICLES or _is_joined(place)
    return first in begun and (first == "so" or first in words.tying or first in words.interjections)


def _is_joined(place: Beside) -> bool:
    """Whether what follows is joined to a next one at once: `the last song and`."""
    return not LISTING.isdisjoint(place.right.lower().split()[1 : _FEW + 1])


def _is_open(closing: Beside, words: Words) -> bool:
    """Whether a short aside that a dash opens is closed by nothing: `a console – Play One in shops`."""
    short = len(closing.left.split()) < _SHORT
    return short and not closing.outer and closing.first.lower() not in words.joining


def _tears(place: Beside, before: str | None, pair: bool, words: Words) -> bool:
    """Whether a dash would: the second one of two around an aside does not."""
    if before == DASH:  # names behind both, or two adjectives: `a slow – dull tale`
        named = place.last[:1].isupper() and place.first[:1].isupper()
        both = place.first.islower() and ADJECTIVE.search(place.last) and ADJECTIVE.search(place.first)
        return named or bool(both and len(place.left.split()) < _FEW)
    listed_after = place.closing == "," and _LISTED_AFTER.match(place.rest[len(place.right) + 1 :])
    if listed_after and not _is_clause(place, words):
        return True
    led = _led_by(place, words)
    if led:
        return led not in _CLAUSES or _is_joined(place)
    if before is not None and place.left.lower().split()[:1] and place.left.lower().split()[0] in words.determiners:
        return True
    return not (_is_known(place, words) and not _is_name_of_list(place, pair))


def _led_by(place: Beside, words: Words) -> str:
    """The first word of an opening phrase that stands before it; of one in the midst of a sentence too."""
    told = place.opening == "," and HELPING.search(place.sentence)
    found = [word.lower() for word in WORD.findall(place.left if told else place.sentence)]
    while found[1:] and (found[0] in words.joining or found[0] in ("even", "just", "only", "not")):
        del found[0]
    first = "".join(found[:1])
    leads = place.opens(words) or first in words.tying or first == "to" or participle(first)
    fronted = not told and _FRONTED.match(" ".join(found)) and not HELPING.search(place.left)
    after = not told and found and found[-1] in _TIMES and not HELPING.search(place.left)  # 45 years later, it is
    return first if leads or fronted or after else ""


def _is_known(place: Beside, words: Words) -> bool:
    """Whether the word after it surely goes on: a clause, an explanation, who said so."""
    first = place.first.lower()
    right = WORD.findall(place.right)
    told = any(word in words.saying for word in right[-1:] + [word for word in right[:12] if word != "say"])
    if not first or told or _is_clause(place, words):
        return True
    if place.first[:1].isupper():  # not: a Nokia 8800, PSP or cash
        return not ((place.last[:1].isupper() or place.last[-1:].isdigit()) and _is_joined(place))
    if first in words.determiners:  # not: a switch, a tool and
        return first not in place.left.lower().split()[:1] and not _is_joined(place)
    following = "".join(right[1:2])
    if participle(first) and not following:
        return False
    explained = words.goes_on(first) or first in _READS_ON or first in words.interjections
    done = first.endswith("ed") and (following in words.tying or following == "to" or following[:1].isupper())
    return explained or done or bool(DONE.match(place.right))


def _is_clause(place: Beside, words: Words) -> bool:
    """`it works`, `most of it is dull`, `can you come`: not `is told`, `best of what there is`."""
    found = [word.lower() for word in WORD.findall(place.right)]
    first, second = (*found, "", "")[:2]
    if first in words.subjects or (HELPING.fullmatch(first) and second in words.subjects):
        return True
    said = next((i for i, word in enumerate(found[:_SHORT]) if HELPING.search(word)), 0)
    return said > 0 and RELATIVES.isdisjoint(found[:said]) and not ("-" in first or SURELY.search(first))


def _is_name_of_list(place: Beside, pair: bool) -> bool:
    """`aids Acme, Union Bank.`, `Acme, Union fail to agree`: two names, but for the town of a report and an aside."""
    pieces = [place.right.split(), place.left.split()]
    last, first = (len(piece) < _FEW and all(word[:1].isupper() for word in piece) for piece in pieces)
    if pair or (first and last and (place.closing in DASHES or place.closing in (":", "("))):
        return False
    begins = first and place.opening in ("", ".", ":", "\n")
    return place.last[:1].isupper() and place.first[:1].isupper() and (last or begins)

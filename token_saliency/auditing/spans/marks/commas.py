"""Where a comma may be taken away: one of style may, one that parts may not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from token_saliency.auditing.spans.marks.beside_marks import (
    DONE,
    HELPING,
    INSIDE,
    NEAR,
    OPENING_QUOTE,
    RELATIVES,
    SURELY,
    WORD,
    Beside,
    Words,
    first_of,
    is_shouted,
    participle,
)
from token_saliency.auditing.spans.marks.kindred_marks import DASH

_CLOSING_QUOTE = re.compile(r"(?:[\"”’»]|'{1,2}|``)(?!\w)\s*")
_DAY = re.compile(r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.? \d{1,2}$", re.IGNORECASE)
_YEAR = re.compile(r"(?:1[89]|20)\d\d\b")
_TAG = re.compile(
    r"(?:i|we|you) (?:guess|think|suppose|know|hope|mean|believe|swear|see|say)(?: so| not)?", re.IGNORECASE
)
_CLAUSE = re.compile(
    r"\b(?:if|when|while|as|because|although|though|whereas|since|unless|until|once|before|after|where|whether|that|which"
    r"|who|whose|what|whatever|whenever|given)\b",
    re.IGNORECASE,
)
_PERHAPS = re.compile(r"(?:ed|ing|y)$")
_ASKED = re.compile(
    r"(?:when|where|who|which) (?:can|could|do|does|did|are|is|was|will|would|should|shall)\b", re.IGNORECASE
)
_SOMEBODY = re.compile(r" (?:I|he|she|we|they)\b")
_TURNED = re.compile(r"(?:in|out|up|down|off|along) (?:[a-z]{2,}s|came|went|ran) (?:the|a|an|[A-Z]\w+)\b")
_NEXT = 4
_DEGREES = frozenset(("so", "very", "most", "more", "too", "own"))
_ASIDES = frozenset(("however", "though", "therefore", "too", "of course"))
_APPENDED = frozenset(("etc", "jr", "sr", "inc", "ltd", "corp", "llc", "plc"))


def may_go(place: Beside, words: Words) -> bool:
    """Whether the sentence reads on without it."""
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
        or (last in _ASIDES and bool(HELPING.match(place.right)))  # `the best scene however, was`
    )


def agreed(places: Sequence[Beside], found: Sequence[str | None], words: Words) -> list[str | None]:
    """Both commas around an aside go, or both become a dash: one of them alone tears it."""
    agreeing = [*found]
    for i, (one, other) in enumerate(pairwise(places)):
        both = {agreeing[i], agreeing[i + 1]}
        if other.opening != "," or other.start - one.end > NEAR or None in both:
            continue
        if not both <= {"", DASH}:
            continue
        joined = one.last.lower() in words.joining and len(other.left.split()) > 2  # `and, even more important, love`
        if not (joined or (both == {"", DASH} and _is_aside(other.left, words))):
            continue
        if one.opens(words):
            agreeing[i] = ""
        else:
            agreeing[i : i + 2] = [DASH, DASH]
    return agreeing


def _is_aside(piece: str, words: Words) -> bool:
    """`used by many`, `the host of the games`, `who came on Monday`, `or a tenth`."""
    first = first_of(piece).lower()
    return (
        first in words.tying
        or first in words.determiners
        or participle(first)
        or words.beside(first)
        or bool(DONE.match(piece))
        or (first == "or" and len(piece.split()) < 5)
    )


def _goes_on(place: Beside, words: Words) -> bool:
    """`, but not yet`, `, sending shares down`, `, driven by demand`: no question, no next item of a list."""
    first, opener = place.first.lower(), first_of(place.left).lower()
    if _TURNED.match(place.right):  # `when you think it is over, in pops Ann`
        return False
    if first in (place.last.lower(), opener) or (_ASKED.match(place.right) and place.closing == "?"):
        return False
    if participle(first):
        if len(place.left.split()) < 2:  # a label and what it is about
            return False
        joined = any(word in words.joining for word in place.right.split()[1:4])
        joined = joined or (place.closing == "," and len(place.right.split()) < 5)  # `no plot, interesting shots, or`
        return not (joined or participle(place.last.lower()) or participle(opener))
    told = sum(word in words.subjects for word in place.right.lower().split())
    two = first in words.tying and told + place.opens(words) > 1  # `if you want me, as I am, I can`
    if two and first not in RELATIVES:  # `on my phone, if you want I can`
        return False
    return words.goes_on(first) or (place.opening != "," and bool(DONE.match(place.right)))


def _beside_marks(place: Beside, words: Words) -> bool:
    """`wow!, you`, `he said, "yes"`, `"well," he said`: another mark parts there."""
    speaks = place.last.lower() in words.saying and OPENING_QUOTE.match(place.text, place.end)
    return bool(speaks or place.text[place.start - 1] in "!?" or _CLOSING_QUOTE.match(place.text, place.end))


def _told(piece: str, words: Words) -> bool:
    """`the company said Monday`."""
    return any(word in words.saying for word in WORD.findall(piece)[:12])


def _after_opening(place: Beside, words: Words) -> bool:
    """The comma after the first words of a sentence: `In trying to be daring, it`, `Bolstered by it, the`, `Yeah,`."""
    if place.opening in INSIDE or place.opening == ":":
        return False
    first, found = place.first.lower(), place.left.split()
    titled = place.first[:1].isupper() and first[:2] not in ("i", "i'") and not is_shouted(place.text)
    subject = (first in words.subjects or first in words.determiners) and not titled
    if len(found) == 1:
        free = subject or words.goes_on(first) or not _listed(place, words)
        told = first in words.subjects and (place.first in ("I", first) or is_shouted(place.text))
        return (words.beside(first_of(place.left).lower()) and free) or (place.last[:1].isupper() and told)
    said = HELPING.search(place.sentence) or _SOMEBODY.search(place.sentence)  # `During the war he ran it, the men`
    sentence = said and not _CLAUSE.search(place.sentence)
    again = first in words.determiners and first in place.left.lower().split()[-_NEXT:]  # `with some wit, some charm`
    short = 0 < len(found) <= _NEXT and found[0].lower() in words.tying and not _listed(place, words)
    named = short and place.last.islower() and place.first[:1].isupper()  # `between them, Ann and Bo`
    leads = (subject and not (again and first != "the")) or named
    return leads and first not in ("that", "those", "who") and not sentence and place.opens(words)


def _listed(place: Beside, words: Words) -> bool:
    """Whether what follows may be the next item of a list: a name after a name, a few words before `and` or a comma."""
    found = place.right.split()
    names = place.last[:1].isupper() and place.first[:1].isupper() and not any(map(str.islower, found[1:3]))
    names = names and not words.beside(place.last.lower())
    joined = any(word in words.joining or word == "&" for word in found[1:4])
    return names or joined or (len(found) < 3 and place.closing == ",")


def _of_a_noun(place: Beside, words: Words) -> bool:
    """`a poignant, artfully crafted film`, `mild, meandering flick`: adjectives before a noun."""
    left, right = WORD.findall(place.left.lower()), WORD.findall(place.right.lower())
    begins = len(left) == 1 and len(WORD.findall(place.sentence)) == 1 and len(right) > 2
    if not (place.last.islower() or begins) or not place.first.islower() or len(right) < 2:
        return False
    if right[0] in words.tying:
        return False
    if any(word in words.subjects or word in words.determiners or HELPING.match(word) for word in right[:2]):
        return False
    before = "".join(left[-2:-1])
    degree = begins or before in words.determiners or before in _DEGREES or before.endswith("ly")
    sure = [bool(SURELY.search(word)) for word in (left[-1], place.first)]
    maybe = [sure[i] or bool(_PERHAPS.search(word)) for i, word in enumerate((left[-1], place.first))]
    if _listed(place, words):  # `a banal, boring and soulless film`
        return degree and any(sure) and all(maybe)
    alone = right[1] not in words.tying and right[1] not in words.joining
    both = all(maybe) and alone and (any(sure) or len(right) == 2)
    return both or (degree and (any(sure) or maybe[0])) or (begins and maybe[1] and alone)


def _closes(place: Beside, words: Words) -> bool:
    """The second of two commas around what could be left out."""
    opener = first_of(place.left).lower()
    if place.opening not in INSIDE and not HELPING.match(place.right):
        return False
    if (words.beside(opener) and len(place.left.split()) == 1) or _YEAR.fullmatch(place.left):
        return True
    free = opener in words.tying or participle(opener) or (len(place.left.split()) < 7 and _told(place.left, words))
    return free and not (_listed(place, words) or SURELY.search(first_of(place.right)))  # `, with wit, loyal men and`


def _tail(place: Beside, words: Words) -> bool:
    """`I need you bad, princess!`, `it works, I guess.`, `, however,`."""
    ends = place.closing in ("", ".", "!", "?", "...", "…", "\n") or place.closing.startswith("<br")
    names = place.last[:1].isupper() and place.first[:1].isupper()
    one = len(place.right.split()) == 1
    called = (
        place.text[place.start] == ","
        and place.closing in ("", "!", "?")
        and place.right.isalpha()
        and place.opening not in INSIDE
        and one
        and not names
    )
    return (
        called
        or bool(ends and _TAG.fullmatch(place.right))
        or (one and place.first.islower() and words.beside(place.first))
    )

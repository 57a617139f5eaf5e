"""The mark that stands in for one that must stay something: a twin of its form, or one that parts as it does.

Never a word, though `and` reads better than `&`: a word would move a model that reads no mark at all.
"""

from __future__ import annotations

import re

from token_saliency.auditing.spans.marks.beside_marks import (
    HELPING,
    NEAR,
    SURELY,
    WORD,
    Beside,
    Words,
    participle,
)

TWINS = {
    "-": "–", "--": "–", "–": "-", "—": "–", "()": "[]", "[]": "()", "{}": "()", "（）": "【】", "【】": "（）",
    '"': "“”", "“”": '""', "``''": '""', "'": '""', "«»": '""', "「」": "『』", "『』": "「」", "《》": "「」",
}  # fmt: skip
"""Marks of one use: what one of them does, so does the other. Of pairs the opening and the closing one."""
_STRONG = {"!": ".", "!!": ".", "?!": "?", "??": "?"}
_PARTING = {"；": "，", "，": "；", "、": "，", "،": "؛", "؛": "،"}
_ADVERBS = frozenset({"to", "rather", "even", "just", "only", "not", "then", "so", "let", "please"})
_DEGREES = ("so", "very", "most", "more", "too")
_CLOCK = re.compile(r"\d:\d\d$")
_NO_ADJECTIVES = frozenset(("no", "albeit", "more", "most", "why", "how"))
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
DASH, AND, OR = " –", " &", " /"
_SHORT, _LONG, _HEADLINE = 4, 5, 9
_OFTEN = frozenset(
    ("sometimes", "often", "always", "occasionally", "never", "still", "almost", "very", "quite", "too", "so")
)
ADJECTIVE = re.compile(rf"{SURELY.pattern}|(?:[^e]ed|ing|y)$")
_DONE = re.compile(r"(?:ed|tten|[kv]en|wn)$")
_SERIES = re.compile(
    r"\s*[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3}(?:, [A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3}){0,9},? (?:and|&) [A-Z]"
)
LISTING = frozenset(("and", "or", "nor", "und", "oder", "et", "ou", "y"))
_EITHER = frozenset(("or", "nor", "oder", "ou"))
_LEADS = re.compile(r"[A-Z][A-Z .'-]+$")
_ADDS = re.compile(r"\s*(?:[\"“‘„«'(\[]|``)")


_GLUED = re.compile(r"-|\w")
"""Behind a colon that is a face (`:-D`) or code (`:nl:`), and parts nothing."""


def standing_in(place: Beside, words: Words) -> str | None:
    """The mark to put there; one that begins with a space stands alone between words. None: no other would do."""
    if place.item in TWINS:
        return TWINS[place.item]
    if place.item in _STRONG:
        return _STRONG[place.item]
    written = place.text[place.start]
    if place.item in ("...", "…"):
        return _for_dots(place)
    if written in _PARTING:
        return _PARTING[written]
    if written == ":" and place.text.lower().count(f"{place.last.lower()}:") > 1 and place.last:
        return None  # each speaker of a dialogue has one
    if written == ":" and _GLUED.match(place.text, place.end):
        return None
    if written in ";:":
        return DASH
    if written != ",":
        return None
    joins = place.first.lower() in words.joining  # never `& and`
    return "" if joins else _of_a_list(place, words) or DASH


def _for_dots(place: Beside) -> str | None:
    after = place.text[place.end : place.end + 9].lstrip(" \"'”’")
    return "." if after[:1].isupper() and not re.match(r"I\b", after) else DASH if after[:1].isalnum() else None


def _of_a_list(place: Beside, words: Words) -> str:
    """`&` between figures, names, adjectives or items up to the next `and`, `/` up to the next `or`; else nothing."""
    last, first = place.last, place.first
    right = [word.lower() for word in WORD.findall(place.right)]
    if not first or not last:  # between quotation marks or brackets
        before = place.text[max(0, place.start - NEAR) : place.start].rstrip()
        return AND if before[-1:] in tuple("\"”’»'`") and _ADDS.match(place.text, place.end) else ""
    if last[-1].isdigit() and first[0].isdigit():
        return "" if _YEAR.fullmatch(first) or _CLOCK.search(place.left) or re.search(r"[^\W\d]", first) else AND
    determined = first.lower() == "no" or first.lower() in words.determiners  # `it is brutal, no guns or fights`
    if determined and SURELY.search(last):
        return ""
    if HELPING.fullmatch(last):  # `has been, pardon the pun,`, `that is, why`
        return ""
    if _of_one_noun(place, words, right) or _of_names(place, words) or _of_a_headline(place, words, right):
        return AND
    joined, ends = _series(place, words)
    led = place.opens(words) and (not ends or right[0] in words.determiners or not first[0].islower())
    if led or _stands_apart(place, words, right, joined):
        return ""
    if first[0].isupper():
        named = joined and last[0].isupper() and not _is_told_of(place, words)
    else:
        named = bool(joined) or _is_adjective(place, words, right)
    return "" if not named else OR if joined in _EITHER else AND


def _of_one_noun(place: Beside, words: Words, right: list[str]) -> bool:
    """`ambitious, sometimes beautiful adaptation`, `a wry, winning, if long, film`: adjectives before their noun."""
    found = right[1:] if right[0] in _OFTEN or (right[0].endswith("ly") and len(right) > 2) else right
    both = [place.last, *found[:1]]
    if (
        not found
        or found[0] in words.subjects
        or not place.first.islower()
        or not all(word.islower() and ADJECTIVE.search(word) for word in both)
    ):
        return False
    noun = "".join(found[1:2])
    if noun:
        follows = not (
            noun in words.tying or noun in words.subjects or noun in words.determiners or HELPING.fullmatch(noun)
        )
        return follows and noun not in words.joining and bool(SURELY.search(place.last) or SURELY.search(found[0]))
    return place.closing == "," and bool(SURELY.search(place.last) or _before(place) in ("a", "an"))


def _before(place: Beside) -> str:
    """The word before the one that stands before the mark."""
    return "".join(WORD.findall(place.left.lower())[-2:-1])


def _of_names(place: Beside, words: Words) -> bool:
    """`Morris Day, Wendy, and Lisa are`: names up to the one behind `and`."""
    named = place.last[:1].isupper() and _SERIES.match(place.rest)
    return bool(named) and not (place.opens(words) or _is_told_of(place, words))


def _of_a_headline(place: Beside, words: Words, right: list[str]) -> bool:
    """`Rebels, UN meet`: one comma for `and` in a few words that begin a text, both sides with a capital."""
    left = WORD.findall(place.left)
    begins = left and not place.opening and place.text.lstrip().startswith(place.left)
    short = len(left) < _SHORT and len(right) > 1 and len(left) + len(right) < _HEADLINE
    apart = (
        (place.opens(words) and len(left) > 1)
        or words.beside(left[0].lower())
        or left[0].lower() in words.determiners  # `A shy director, Ann has`
        or any(word in words.saying for word in right)
    )
    alike = place.text[:1].isupper() and place.first[:1].isupper() and not _is_place(place)
    verb = any(word.islower() for word in WORD.findall(place.right)[1:])
    free = right[0] not in {*words.subjects, *words.tying, *words.determiners, *_ADVERBS}
    ends = place.closing in (".", "", "\n")
    return bool(begins and short and alike and verb and free and ends) and not apart


def _series(place: Beside, words: Words) -> tuple[str, bool]:
    """The word that joins the last item of what follows, `,` for a chain of short ones; whether all ends with it."""
    pieces = [WORD.findall(piece.lower()) for piece in place.rest.split(",")]
    for nth, piece in enumerate(pieces):
        if not piece or piece[0] in words.subjects or (len(piece) > _LONG and nth):
            return "", False
        if nth and piece[0] == "etc":
            return "and", True
        if nth and piece[0] in words.joining:
            return (piece[0], len(piece) < _LONG) if piece[0] in LISTING else ("", False)
        joins = next((i for i in range(1, min(_LONG, len(piece))) if piece[i] in words.joining), 0)
        after = piece[joins + 1 :]
        if joins and after and piece[joins] in LISTING and after[0] not in words.subjects:
            return piece[joins], len(after) < _LONG
        if joins or len(piece) >= _LONG:
            return "", False
    before = [piece.split() for piece in place.sentence.split(",")[1:]]
    chain = len(pieces) + len(before) > 2 and all(len(piece) < _SHORT for piece in before)
    return (",", True) if chain else ("", False)


def _stands_apart(place: Beside, words: Words, right: list[str], joined: str) -> bool:
    """A clause, somebody's words, what is said of a name, somebody who is spoken to."""
    first, last = right[0], place.last.lower()
    begins = {*words.subjects, *words.tying, *_ADVERBS} - {"like"}
    alike = joined and f" {joined} {first} " in f"{place.rest.lower()} "  # `a pen, a book or a bag`
    done = _DONE.search(first) and not _DONE.search(last)  # `a tour de force, written and`
    named = (place.last[:1].isupper() and place.first[:1].islower()) or done
    goes = not _is_adjective(place, words, right) or right[1] in begins or right[1] in words.determiners
    going = participle(first) and not participle(last) and goes
    told = any(word in words.saying for word in right[:12])
    return bool(
        first in begins
        or (right[1:2] and right[1] in words.tying)  # `their lives, full of wit and`
        or (first in words.determiners and not alike)
        or last in words.subjects
        or last in words.tying  # `would need, like, a good tale`
        or words.beside(first)
        or words.beside(last)
        or HELPING.fullmatch(first)
        or named  # `Oslo, home of`, `the system, dubbed Oak,`
        or going
        or told
    )


def _is_place(place: Beside) -> bool:
    """`OSLO, Norway -`, `in Rome, Italy.`: a name or two up to the next mark."""
    names = place.right.split()
    return bool(_LEADS.search(place.left)) or (len(names) < 3 and all(not name.islower() for name in names))


def _is_told_of(place: Beside, words: Words) -> bool:
    """`the minister, Ann Wood, has`, `Acme Ltd, PO Box 5`."""
    before = {word.lower() for word in WORD.findall(place.left)[-4:]}
    return bool(before & {*words.determiners}) or any(map(str.isdigit, place.right))


def _is_adjective(place: Beside, words: Words, right: list[str]) -> bool:
    """`the dull, empty spaces`, `Ann's pale, long face`: told by a word before it; `dark, decadent truffle`."""
    before = "".join(WORD.findall(place.left.lower())[-2:-1])
    noun = "".join(WORD.findall(place.right)[1:2])
    other = noun in words.tying or noun in words.determiners or noun in words.subjects or noun in _ADVERBS
    verb = HELPING.fullmatch(noun) or participle(noun) or (participle(right[0]) and noun[:1].isupper())
    if other or verb or right[0] in _NO_ADJECTIVES or place.last.isdigit():
        return False
    of_noun = before in (*words.determiners, *_DEGREES) or before.endswith(("'s", "’s"))
    return len(right) > 1 and (of_noun or (len(right) == 2 and bool(SURELY.search(right[0]))))

"""The mark that stands in for one that must stay something: a twin of its form, or one that parts as it does.

Never a word, though `and` reads better than `&`: a word would move a model that reads no mark at all.
"""

from __future__ import annotations

import re

from token_saliency.auditing.spans.marks.beside_marks import NEAR, WORD, Beside, Words, first_of, participle

TWINS = {
    "-": "–", "--": "–", "–": "-", "—": "–", "()": "[]", "[]": "()", "{}": "()", "（）": "【】", "【】": "（）",
    '"': "“”", "“”": '""', "``''": '""', "'": '""', "«»": '""', "「」": "『』", "『』": "「」", "《》": "「」",
}  # fmt: skip
"""Marks of one use: what one of them does, so does the other. Of pairs the opening and the closing one."""
_STRONG = {"!": ".", "!!": ".", "?!": "?", "??": "?"}
_PARTING = {"；": "，", "，": "；", "、": "，", "،": "؛", "؛": "،"}
_VERB = re.compile(r"(?:is|are|was|were|am|has|had|have|will|would|does|did|do|can|could)$|['’]")
_ADVERBS = frozenset({"rather", "even", "just", "only", "not", "then", "so", "let", "please"})
_DEGREES = ("so", "very", "most", "more", "too")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_DASH, _AND = " –", " &"
_SHORT = 4
_LEADS = re.compile(r"[A-Z][A-Z .'-]+$")
_ADDS = re.compile(r"\s*(?:[\"“‘„«'(\[]|``)")


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
    if written in ";:":
        return _DASH
    if written != ",":
        return None
    joins = place.first.lower() in words.joining  # never `& and`
    return "" if joins else _AND if is_of_a_list(place, words) else _DASH


def _for_dots(place: Beside) -> str | None:
    after = place.text[place.end : place.end + 9].lstrip(" \"'”’")
    return "." if after[:1].isupper() and not re.match(r"I\b", after) else _DASH if after[:1].isalnum() else None


def is_of_a_list(place: Beside, words: Words) -> bool:
    """Whether `&` may stand for the comma: between figures, names, adjectives or items up to the next `and`."""
    last, first = place.last, place.first
    right = [word.lower() for word in WORD.findall(place.right)]
    if not first or not last:  # between quotation marks or brackets
        before = place.text[max(0, place.start - NEAR) : place.start].rstrip()
        return before[-1:] in tuple("\"”’»'`") and bool(_ADDS.match(place.text, place.end))
    if last[-1].isdigit() and first[0].isdigit():
        return not _YEAR.fullmatch(first)
    joined = _is_joined(right, words)
    if _stands_apart(place, words, right, joined):
        return False
    if first[0].isupper():
        return last[0].isupper() and not _is_place(place) and not _is_told_of(place, words)
    return joined or (len(right) < _SHORT and place.closing == ",") or _is_adjective(place, words, right)


def _is_joined(right: list[str], words: Words) -> bool:
    """`green and blue`, but `Ann and I went`."""
    joins = [i for i, word in enumerate(right[1:4], 1) if word in words.joining]
    return bool(joins) and not any(word in words.subjects for word in right[joins[0] + 1 : joins[0] + 2])


def _stands_apart(place: Beside, words: Words, right: list[str], joined: bool) -> bool:
    """A clause, somebody's words, what is said of a name, what an opening phrase leads to."""
    opener = first_of(place.left).lower()
    leads = opener in words.tying or participle(opener) or words.beside(opener)
    begins = {*words.subjects, *words.tying, *words.determiners, *_ADVERBS}
    named = (place.last[:1].isupper() and place.first[:1].islower()) or right[0].endswith("ed")
    named = named and not joined  # `Oslo, home of`, `the system, dubbed Oak,`
    told = any(word in words.saying for word in right[:12])
    return leads or right[0] in begins or words.beside(right[0]) or bool(_VERB.search(right[0])) or named or told


def _is_place(place: Beside) -> bool:
    """`OSLO, Norway -`, `in Rome, Italy.`: a name or two up to the next mark."""
    names = place.right.split()
    return bool(_LEADS.search(place.left)) or (len(names) < 3 and all(not name.islower() for name in names))


def _is_told_of(place: Beside, words: Words) -> bool:
    """`the minister, Ann Wood, has`, `Acme Ltd, PO Box 5`."""
    before = {word.lower() for word in WORD.findall(place.left)}
    return bool(before & {*words.determiners}) or any(map(str.isdigit, place.right))


def _is_adjective(place: Beside, words: Words, right: list[str]) -> bool:
    """`the dull, empty spaces`, `Ann's pale, long face`: what a word before it tells to be of a noun."""
    before = "".join(WORD.findall(place.left.lower())[-2:-1])
    of_noun = before in (*words.determiners, *_DEGREES) or before.endswith(("'s", "’s"))
    return of_noun and len(right) > 1

"""What a word is where it stands, as far as its neighbours and a word list tell: a noun, a verb or an adjective.

No tagger: the places where these rules see nothing are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping

NOUN, VERB, ADJECTIVE, ADVERB = "n", "v", "a", "y"
MAY_BE = {NOUN: "nsg", VERB: "vsd", ADJECTIVE: "adg", ADVERB: "y"}
"""The forms of the word list that may stand where each is: a participle is an adjective too."""

_BEFORE = re.compile(r"([^\W\d_]+(?:['’][^\W\d_]+)?)[ ]$")
_AFTER = re.compile(r"[ ]([^\W\d_]+)")
_THERE = re.compile(r"\bthere (?:is|was|are|were|be|been) $", re.I)
_TIED = re.compile(r"[\w@#/.'’_&=:~+-]$"), re.compile(r"[\w@#/_&=~+'’-]|\.\w")
_DETERMINERS = frozenset(
    "a an the my your his her its our their this that these those some any no every each such".split()
)
_PREPOSITIONS = frozenset("of with in for from without by about into full".split())
_SUBJECTS = frozenset(
    "i you we they he she it to will would can could should must may might don't didn't doesn't i'll".split()
)
_LINKS = frozenset(
    "is are was were be been am being feel feels feeling felt seem seems look looks so very too more most as".split()
)
_IDIOMS = frozenset(
    "most more first last least best worst half bit lot lots little kind sort way own old keep while sake"
    " fact well better able sorry honest sure mere glad afraid".split()
)
"""Words that live in turns of phrase (a bit of, in a way): nothing else stands there."""
_DEGREES = frozenset("really quite pretty rather extremely totally completely absolutely".split())
_COMPOUNDS = frozenset(
    "guy guys boy boys girl girls man men woman people kid kids friend friends doctor cop news luck time times"
    " thing things idea ideas way ways job jobs budget profile faith morning night evening day days mood taste"
    " chance deal reason reasons work word words side point points intentions bye laugh fight love pleasure bone"
    " spot blood health fortune will wishes old".split()
)
"""With them an adjective makes a fixed phrase (the good guys, a bad job of it)."""
_ENDS = re.compile(
    r"\s*(?:$|[.,;:!?)\"”\n<]|-\s|--)|\s(?:and|or|but|because|though|although|when|while|since|yet|nor)\b"
)
_GOES_ON = re.compile(
    r"\s(?:is|was|were|are|has|had|have|will|would|can|could|in|of|that|which|who|from|on|at|to|for|as|with)\b"
)
_OBJECT = re.compile(r"\s(?:it|him|her|them|you|me|us|the|my|your|his|our|their|a|an)\b")
_IN_PHRASES = frozenset("in for by out a an".split())


def stands_free(text: str, start: int, end: int) -> bool:
    """Whether it is a word by itself: no part of an address, an id, a contraction or a compound."""
    return not (_TIED[0].search(text[max(0, start - 1) : start]) or _TIED[1].match(text[end : end + 2]))


def part_at(text: str, start: int, end: int, words: Mapping[str, str]) -> str:
    """The part of speech of the word at this place; "" where it cannot be told."""
    if words.get(text[start:end].lower()) == ADVERB:
        return ADVERB
    before, after = _BEFORE.search(text[max(0, start - 25) : start]), _AFTER.match(text[end : end + 25])
    previous = before.group(1).lower() if before else ""
    content = bool(after and words.get(after.group(1).lower(), "n"))  # "little" in "a little sad" is no noun
    if previous in _LINKS and _THERE.search(text[:start]):
        return NOUN
    if previous in _SUBJECTS:
        return VERB
    if previous in _LINKS | _DEGREES:
        return ADJECTIVE
    if previous in _DETERMINERS or previous in _PREPOSITIONS:
        return ADJECTIVE if content else NOUN
    return ""


def may_be(word: str, part: str, words: Mapping[str, str]) -> bool:
    """Whether the word list knows the word as this part of speech; no function word is any."""
    return word not in _IDIOMS and bool(set(words.get(word, "")) & set(MAY_BE[part]))


def takes_others(text: str, start: int, end: int, part: str, words: Mapping[str, str], heads: Container[str]) -> bool:
    """Whether another word of that part of speech can stand there: in no name, fixed phrase or compound, and with
    nothing behind it that only this word takes (sorry for, bad at). `heads`: nouns before which several have been seen.
    """
    before, after = _BEFORE.search(text[max(0, start - 25) : start]), _AFTER.match(text[end : end + 25])
    previous, following = (hit.group(1).lower() if hit else "" for hit in (before, after))
    if text[start].isupper() and text != text.upper():
        return False
    if part == ADJECTIVE:
        head = bool(following) and "n" in words.get(following, "") and not _GOES_ON.match(text, end)
        if previous == "as" or (previous, text[start:end]) == ("too", "bad"):
            return False
        return (following in heads and following not in _COMPOUNDS) if head else bool(_ENDS.match(text, end))
    if part == NOUN:
        return (
            previous not in _IN_PHRASES
            and following != "to"
            and bool(_ENDS.match(text, end) or _GOES_ON.match(text, end))
        )
    prepositional = text[start:end] == "like" and previous not in ("i", "you", "we", "they", "to")
    return part != VERB or (not prepositional and bool(_OBJECT.match(text, end)))


def only(word: str, part: str, words: Mapping[str, str]) -> bool:
    """Whether the word is no verb where an adjective is asked for (fine), and no adjective for a noun (the cold)."""
    return {ADJECTIVE: "v", NOUN: "a"}.get(part, "-") not in words.get(word, "")

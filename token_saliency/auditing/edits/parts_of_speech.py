"""What a word is where it stands, as far as its neighbours and a word list tell: a noun, a verb or an adjective.

No tagger: the places where these rules see nothing are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

NOUN, VERB, ADJECTIVE, ADVERB = "n", "v", "a", "y"
MAY_BE = {NOUN: "nsg", VERB: "vsd", ADJECTIVE: "adg", ADVERB: "y"}
"""The forms of the word list that may stand where each is: a participle is an adjective too."""

_BEFORE = re.compile(r"([^\W\d_]+(?:['’][^\W\d_]+)?)[ ]$")
_AFTER = re.compile(r"[ ]([^\W\d_]+)")
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
_IDIOMS = frozenset("bit lot lots little kind sort way own old keep while sake fact well better able".split())
"""Words that live in turns of phrase (a bit of, in a way): nothing else stands there."""
_DEGREES = frozenset("really quite pretty rather extremely totally completely absolutely".split())


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

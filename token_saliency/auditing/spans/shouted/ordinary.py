"""Which words are ordinary: those that the rows, or else a list of words, write in lower case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_lowercase

from token_saliency.auditing.audit import Find, Lexicon

LONG = 4
"""Shorter words must stand in the audit's list to be found alone."""
MISSPELT = 5
"""Of shorter words too many lie one letter from another."""
CLITIC = re.compile(r"['’](?:s|t|ll|re|ve|m|d)$")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_LAUGHTER = re.compile(r"a?(?:h+[aeio]+){2,}h*|(?:lo)+l+")
_GLUED = re.compile(r"(?:dont|cant|wont|im|ur|just|really|each|wanna|gonna|gotta|dunno|please|good)([a-z]{3,})")
_DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday january february april june".split())
_LETTERS = frozenset("abcinruxy")
"""Single letters that chats write for words; they stay."""
_NEGATED = frozenset(
    "don can won isn aren wasn weren didn doesn couldn wouldn shouldn hasn haven hadn ain mustn".split()
)
_STEMS = ((2, ""), (2, "le"), (3, "y"), (1, "e"))


def is_ordinary(word: str, find: Find) -> bool:
    """Whether the rows, or else the list of words, write it in lower case."""
    base = CLITIC.sub("", word)
    if (base in _NEGATED and base != word) or base in _LETTERS or word in find.options.get("emphatic", ()):
        return True
    return (
        any(_is_known(form, find) for form in undrawn(base)) or _is_chat(base, find) or bool(_LAUGHTER.fullmatch(base))
    )


def is_english(word: str, find: Find) -> bool:
    """Whether a list of the audit has it."""
    return word in find.options.get("words", ()) or word in find.options.get("emphatic", ())


def is_name(word: str, find: Find) -> bool:
    """A day, a month, a given name, a place or a people that is no other word."""
    entry = Lexicon.of(find.options.get("names", ())).by_word.get(word)
    people = Lexicon.of(find.options.get("peoples", ())).by_word.get(word)
    if entry is not None and not entry.ambiguous and not entry.groups.get("sense"):
        return True
    if people is not None and people.item[0].isupper() and not people.ambiguous:
        return True
    place = len(word) >= LONG and word in Lexicon.of(find.options.get("places", ())).by_word  # the USA stays
    return word in _DAYS or (place and not is_english(word, find))


def is_named(word: str, find: Find) -> bool:
    """Whether the rows write it with a capital more often than without: God, Ravens."""
    own = Lexicon.of(find.lexicon).by_word.get(word)
    return own is not None and own.groups["as"] == "a name"


def is_typed(words: Sequence[str], find: Find) -> bool:
    """Whether words are spelled as chats do, or are misspelt: what is unknown there is one word more of that kind."""
    chat, usual = find.options.get("chat", ()), find.options.get("words", ())
    if any(word in ("u", "r", "n") or (word in chat and word not in usual) for word in words):
        return True
    return any(is_misspelt(word, find) for word in words if not is_ordinary(word, find))


def forms(word: str, find: Find) -> str:
    """What the word may be, as the list of words says it; nothing for function words and unknown ones."""
    known = find.options.get("words", {})
    return next((known[form] for form in undrawn(word) if form in known), "")


def is_of_manner(word: str, find: Find) -> bool:
    """An adverb or a participle; `easily` is one that the list holds without its form."""
    usual = find.options.get("words", {})
    kinds = {*forms(word, find)}
    regular = word.endswith("ly") and word in usual and any(word[:-cut] + end in usual for cut, end in _STEMS)
    return bool(kinds & {*"ydg"} or (regular and not kinds))


def undrawn(word: str) -> Sequence[str]:
    """`sooooo` -> sooooo, so, soo."""
    return [word, *(_DRAWN_OUT.sub(kept, word) for kept in (r"\1", r"\1\1") if _DRAWN_OUT.search(word))]


def _is_known(word: str, find: Find) -> bool:
    own = Lexicon.of(find.lexicon).by_word.get(word)
    if own:
        return not own.groups["as"]
    return word in find.options.get("words", ())


def _is_chat(word: str, find: Find) -> bool:
    """`DEFO`, `MISSIN`, `SHITIN`, `REALLYNEED`: spellings of words, not names."""
    if word in find.options.get("chat", ()):
        return True
    if word.endswith("in") and len(word) >= LONG + 1:
        return _is_known(word + "g", find) or _is_known(f"{word[:-2]}{word[-3]}ing", find)
    glued = _GLUED.fullmatch(word)
    return bool(glued and (_is_known(glued[1], find) or _is_chat(glued[1], find)))


def is_misspelt(word: str, find: Find) -> bool:
    """Whether it is no name and one letter away from a word, or two letters changed places: INGORANT, BABOONS."""
    if len(word) < MISSPELT or not word.isalpha() or is_name(word, find):
        return False
    parts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    near = (
        [left + right[1:] for left, right in parts if right]
        + [left + right[1] + right[0] + right[2:] for left, right in parts if len(right) > 1]
        + [left + letter + right[skip:] for left, right in parts for letter in ascii_lowercase for skip in (0, 1)]
    )
    return any(one in find.options.get("words", ()) for one in near)

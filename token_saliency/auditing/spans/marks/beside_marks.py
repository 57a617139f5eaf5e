"""What stands beside a mark: the words, the pieces up to the next marks, and what an audit's lists say of them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from token_saliency.auditing.audit import Match

NEAR = 300
"""So many characters on either side tell what a mark does."""

_BREAK = re.compile(
    r"(?<!\d)[,:]|[,:](?!\d)|(?<![A-Z\d])\.|\.(?!\w| ?[a-z\d])"  # not of 13,000 or U.S. shares
    r"|[;!?()\[\]{}\"“”„«»…\n–—،؛؟。，]|``|''|(?<=\s)-+(?=\s)|--+|<[^<>]*>|==+"
)
_SENTENCE = re.compile(r"(?<![A-Z])[.!?…](?=\s|$|[\"”’')`])|[;:](?=\s)|<[^<>]*>|\n|[()\[\]{}]|(?<=\s)[-–—]+(?=\s)|--+")
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
DONE = re.compile(r"(?:\w+ly |still )?\w{2,}ed (?:up |out |off )?(?:by|with|from|as|in|on|at|for)\b", re.IGNORECASE)
OPENING_QUOTE = re.compile(r"\s+(?:[\"“‘«„]|``|')(?=\w)|\s*[„«]")
SURELY = re.compile(r"(?:ous|ful|ive|al|ic|less|able|ible|ent|ant|ish)$")
"""Endings of adjectives."""
HELPING = re.compile(
    r"\b(?:is|are|was|were|am|has|had|have|will|would|does|did|do|can|could|should|may|might|must)(?:n['’]t)?\b"
    r"|(?<=\w)['’](?:s|re|ll|ve|d|m)\b",
    re.IGNORECASE,
)
"""Verbs that stand for all: they tell a clause."""
RELATIVES = frozenset(("which", "who", "whose", "whom", "that"))
DASHES = frozenset({"-", "--", "–", "—"})
INSIDE = frozenset({",", "،"}) | DASHES
_LEADING = frozenset(("even", "just", "only", "not", "ever", "yes", "well"))
_BLOCK = re.compile(r"\s*(?:</?(?:br|p|div|li|h\d)\b|\n\s*\n)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """What an audit says of words: which join clauses, which tie to what stands before, who speaks."""

    joining: Collection[str]
    tying: Collection[str]
    determiners: Collection[str]
    subjects: Collection[str]
    interjections: Collection[str]
    saying: Collection[str]

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Words:
        """From the options of a matcher; a list that it lacks is empty."""
        return cls(*(options.get(name, frozenset()) for name in cls.__slots__))

    def goes_on(self, word: str) -> bool:
        """Whether what begins so belongs to what stands before it: `and`, `which`, `despite`, `preventing`.

        Arabic writes its `and` as the first letter of a word.
        """
        return word in self.joining or word in self.tying or participle(word) or word[:1] == "و"

    def beside(self, word: str) -> bool:
        """Whether it may stand anywhere in a sentence: `however`, `subsequently`."""
        return word in self.interjections or (word.endswith("ly") and len(word) > 4)


@dataclass(frozen=True, slots=True)
class Beside:
    """A mark, the pieces on both sides of it up to the next marks, and those marks."""

    text: str
    item: str
    start: int
    end: int
    left: str
    right: str
    opening: str
    closing: str
    sentence: str
    """What its sentence says before it, and what it says after it."""
    rest: str

    @classmethod
    def of(cls, text: str, match: Match) -> Beside:
        first, (starts, ends) = max(0, match.start - NEAR), _breaks(text)
        before, after = text[first : match.start].rstrip(), text[match.end : match.end + NEAR]
        last = bisect_right(ends, first + len(before)) - 1
        following = bisect_left(starts, match.end + len(after) - len(after.lstrip()))
        opening = closing = ""
        sentence, rest = _SENTENCE.split(before)[-1], _SENTENCE.split(after, maxsplit=1)[0]
        if last >= 0 and starts[last] >= first:
            before, opening = text[ends[last] : first + len(before)], text[starts[last] : ends[last]]
        if following < len(starts) and ends[following] <= match.end + len(after):
            after, closing = text[match.end : starts[following]], text[starts[following] : ends[following]]
        pieces = before.strip(), after.strip(), opening, closing, sentence, rest
        return cls(text, match.item, match.start, match.end, *pieces)

    def opens(self, words: Words) -> bool:
        """Whether its sentence begins with a phrase that leads to what it says: `Even if you like it,`."""
        found = [word.lower() for word in WORD.findall(self.sentence)]
        while found and (found[0] in words.joining or found[0] in _LEADING):
            del found[0]
        if not found or re.search(r",\s", self.sentence):
            return False
        return found[0] in words.tying or participle(found[0]) or bool(DONE.match(self.sentence.strip()))

    @property
    def last(self) -> str:
        """The word before, if no other mark stands between."""
        return words[-1] if (words := WORD.findall(self.left)) else ""

    @property
    def first(self) -> str:
        """The word after, if no other mark stands between."""
        return first_of(self.right) if self.right[:1].isalnum() else ""

    @property
    def outer(self) -> bool:
        """Whether no word follows it or none stands before."""
        first, last = _first_and_last(self.text)
        block = _BLOCK.match(self.text[self.end : self.end + NEAR])
        return block is not None or last < self.end or first >= self.start


@lru_cache(maxsize=4)  # asked of every mark of a text, as the next
def _breaks(text: str) -> tuple[list[int], list[int]]:
    """Where the marks of a text that part its pieces begin and end."""
    found = [hit.span() for hit in _BREAK.finditer(text)]
    return [start for start, _ in found], [end for _, end in found]


@lru_cache(maxsize=4)
def _first_and_last(text: str) -> tuple[int, int]:
    """The places of the first and the last letter or figure; behind the end and before the start if there is none."""
    places = [i for i, letter in enumerate(text) if letter.isalnum()]
    return (places[0], places[-1]) if places else (len(text), -1)


@lru_cache(maxsize=4)
def is_shouted(text: str) -> bool:
    """Whether all letters of a text are capitals."""
    return text.isupper()


def first_of(piece: str) -> str:
    """The first word of a piece."""
    found = WORD.search(piece)
    return found.group() if found else ""


def participle(word: str) -> bool:
    """`preventing`: nouns and pronouns of this ending are short or few."""
    return word.endswith("ing") and len(word) > 5 and not word.endswith(("thing", "during", "evening", "morning"))

"""What stands beside a mark: the words, the pieces up to the next marks, and what an audit's lists say of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from token_saliency.auditing.audit import Match

NEAR = 300
"""So many characters on either side tell what a mark does."""

_BREAK = re.compile(r"[.,;:!?()\[\]{}\"“”„«»…\n–—،؛؟。，]|``|''|(?<=\s)-+(?=\s)|--+|<[^<>]*>|==+")
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
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
    start: int
    end: int
    left: str
    right: str
    opening: str
    closing: str

    @classmethod
    def of(cls, text: str, match: Match) -> Beside:
        before, after = text[max(0, match.start - NEAR) : match.start].rstrip(), text[match.end : match.end + NEAR]
        *_, last = [None, *_BREAK.finditer(before)]
        following = _BREAK.search(after, len(after) - len(after.lstrip()))
        left = before[last.end() :] if last else before
        right = after[: following.start()] if following else after
        marks = (last.group() if last else "", following.group() if following else "")
        return cls(text, match.start, match.end, left.strip(), right.strip(), *marks)

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
        rest = self.text[self.end :][:NEAR]
        return (
            bool(_BLOCK.match(rest))
            or not WORD.search(self.text, self.end)
            or not WORD.search(self.text, 0, self.start)
        )


def first_of(piece: str) -> str:
    """The first word of a piece."""
    found = WORD.search(piece)
    return found.group() if found else ""


def participle(word: str) -> bool:
    """`preventing`: nouns and pronouns of this ending are short or few."""
    return word.endswith("ing") and len(word) > 5 and not word.endswith(("thing", "during", "evening", "morning"))

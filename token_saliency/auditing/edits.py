"""Edits of one span of a text: pure functions on strings, so that the model reads what production would send.

Every operator is called `(text, match, item)` and returns the new text. What stands outside the span stays,
but for an indefinite article that must agree and for spaces that a deletion would leave doubled.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from token_saliency.auditing.audit import Match

Operator = Callable[[str, Match, str], str]

_ARTICLE = re.compile(r"(?<![\w'’-])(a|an)(\s+[\"'“‘(]?)$", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)
_LONG_U = re.compile(r"(?:eu|ew|ou?i|one?\b|once|u(?:[bcfhjkqrst][aeiou]|n[aeiou](?!n)|ni|s[aeu]|ti))", re.IGNORECASE)
_SILENT_H = re.compile(r"(?:hon(?:o|e)|hour|heir)", re.IGNORECASE)
_SPACED = re.compile(r"\w [.,!?]( |$)")


@dataclass(frozen=True, slots=True)
class Edited:
    """An edited text; `text[start:end]` is what stands now where the match stood."""

    text: str
    start: int
    end: int


def swap(text: str, match: Match, item: str) -> str:
    """The item in place of the match: in its casing, with `a` or `an` before it as it needs."""
    old = text[match.start : match.end]
    new = recased(item, old, text)
    return _agreeing(text[: match.start], old, new) + new + text[match.end :]


def delete(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001 - one signature for all operators
    """The text without the match and its possessive ending; leaves no doubled space and glues no two words."""
    ending = _POSSESSIVE.match(text, match.end)
    before, after = text[: match.start], text[ending.end() if ending else match.end :]
    if not before or before[-1].isspace():
        return before + after.lstrip(" ") if after.startswith(" ") or not before else _closed(before, after)
    glue = " " if before[-1].isalnum() and after[:1].isalnum() else ""
    return before + glue + after


def mask(text: str, match: Match, item: str) -> str:
    """The item, a mask token or any placeholder, in place of the match, exactly as it is written."""
    return text[: match.start] + item + text[match.end :]


def insert(text: str, match: Match, item: str) -> str:
    """The item at the place of the match (an empty range), spaced as the text around it is."""
    before, after = text[: match.start], text[match.start :]
    closing = not item[:1].isalnum() and not _SPACED.search(text)
    left = "" if not before or before[-1].isspace() or closing else " "
    right = "" if not after or after[0].isspace() else " "
    return before + left + item + right + after


def start_of(text: str) -> Match:
    """The empty range before the first character that is no space."""
    place = len(text) - len(text.lstrip())
    return Match(place, place, "")


def end_of(text: str) -> Match:
    """The empty range after the last character that is no space."""
    place = len(text.rstrip())
    return Match(place, place, "")


OPERATORS: dict[str, Operator] = {"swap": swap, "delete": delete, "mask": mask, "insert": insert}


def edited(operator: str, text: str, match: Match, item: str = "") -> Edited:
    """The edited text with the range that the edit filled."""
    new = OPERATORS[operator](text, match, item)
    tail = len(text) - match.end
    end = max(len(new) - tail, 0)
    return Edited(new, max(end - len(item), 0) if operator != "delete" else min(match.start, len(new)), end)


def recased(item: str, old: str, text: str) -> str:
    """The item in the casing of what it replaces: MARY, mary, else as the item is written."""
    letters = [letter for letter in old if letter.isalpha()]
    if not letters or not any(letter.isalpha() for letter in item):
        return item
    if all(letter.islower() for letter in letters):
        return item.lower()
    if len(letters) > 1 and old == old.upper():
        return item.upper()
    return item.upper() if len(letters) == 1 and text == text.upper() and text != text.lower() else item


def _agreeing(before: str, old: str, new: str) -> str:
    """The text before the slot, with its indefinite article made to agree where it agreed with the old word."""
    article = _ARTICLE.search(before)
    if not article or _takes_an(old) == _takes_an(new):
        return before
    written = article.group(1)
    if (written.lower() == "an") != _takes_an(old):
        return before
    other = ("a" if written.lower() == "an" else "an") if written.islower() else _capital(written, old)
    return before[: article.start()] + other + before[article.end(1) :]


def _capital(written: str, old: str) -> str:
    """`A` or `An` or `AN`: the other article of the same casing."""
    if written.lower() == "an":
        return "A"
    return "AN" if len(old) > 1 and old == old.upper() else "An"


def _takes_an(word: str) -> bool:
    """Whether `an` goes before the word: by its first sound, as far as spelling tells."""
    if _SILENT_H.match(word):
        return True
    return word[:1].lower() in "aeiou" and word[:1] != "" and not _LONG_U.match(word)


def _closed(before: str, after: str) -> str:
    """A mark that stood alone between a space and the end, or before another mark, takes its space along."""
    return before.rstrip(" ") + after if not after or after[0] in ".,;:!?" else before + after

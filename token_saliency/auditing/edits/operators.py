"""Edits of one span of a text: pure functions on strings, so that the model reads what production would send.

Every operator is called `(text, match, item)` and returns the new text. What stands outside the span stays,
but for an indefinite article that must agree and for spaces that a deletion would leave doubled.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from token_saliency.auditing.audit import Match
from token_saliency.auditing.edits.articles import agreeing_article
from token_saliency.auditing.edits.renumbering import renumber
from token_saliency.auditing.spans.capitals import NAME, lowered
from token_saliency.auditing.spans.punctuation import as_written
from token_saliency.auditing.spans.sentences import turn

__all__ = [
    "OPERATORS",
    "Edited",
    "Operator",
    "capitalise",
    "common",
    "delete",
    "edited",
    "everywhere",
    "insert",
    "mask",
    "swap",
    "turn",
]

_BLOCK = re.compile(
    r"<\s*/?\s*(?:br|p|div|hr|h[1-6]|ul|ol|li|tr|td|th|table|blockquote|pre|body|html)\b", re.IGNORECASE
)
_MARK_OF_BEFORE = re.compile(r"[.,!?]|[:;](?:\s|$)")
"""A mark that belongs to the word before it; the colon of `:)` or of an indent (`::so it is`) does not."""
_ENTITY = re.compile(r"&?#?\w{1,10};")
_OF_A_CLAN = re.compile(r"^(?:Mc|O['’]|D['’])[a-z](?=[a-z]{2})")
_SENTENCE_START = re.compile(r"(?:^|[.!?…]['\"”’)\]]*\s+|[^\W\d_]{2}[.!?](?=$)|\n|>\s*|=)[\s'\"“‘(\[=*#:•|-]*$")


# --- addresses, markup, capitals, space -------------------------------------------------------------


def neutral(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001
    """An address or handle of the same kind that belongs to nobody (RFC 2606)."""
    return text[: match.start] + _nobodys(text[match.start : match.end]) + text[match.end :]


def _nobodys(old: str) -> str:
    if old.startswith("@"):
        return "@someone"
    if "@" in old:
        return "someone@example.org"
    scheme = re.match(r"(?i)https?://", old)
    start = scheme.group() if scheme else ""
    www = "www." if old[len(start) :].lower().startswith("www.") else ""
    path = "/page" if "/" in old[len(start) :].rstrip("/") else ""
    return f"{start}{www}example.org{path}"


def strip(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001
    """The text that the markup stands for: an entity becomes its character, a line break a space, a mark nothing."""
    old, before, after = text[match.start : match.end], text[: match.start], text[match.end :]
    if _ENTITY.fullmatch(old):
        shown = html.unescape("&" + old.removeprefix("&")).replace("\xa0", " ")
        closes = not after or after[0] in " .,;:!?)" or (shown == "'" and after[0].isalpha())
        glued = closes and not old.startswith("&")
        return (before.removesuffix(" ") if glued else before) + shown + after
    if before[-1:].isspace() or after[:1].isspace() or not before or not after:
        return before + (after.lstrip(" ") if not before.strip() or before[-1:].isspace() else after)
    return before + (" " if _BLOCK.match(html.unescape(old)) else "") + after


def recase(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001
    """The word in lower case; with a capital where it begins a sentence or may be a name, and `I` stays."""
    low = lowered(text[match.start : match.end], text)
    starts = match.kind == NAME or _SENTENCE_START.search(text[: match.start][-40:])
    if low == "i" or low.startswith(("i'", "i’")) or starts:
        head = 2 if low.startswith("ij") else 1  # IJssel
        low = text[match.start : match.start + head] + low[head:]
    if match.kind == NAME:  # McLeish, O'Brien
        low = _OF_A_CLAN.sub(lambda hit: hit[0][:-1] + hit[0][-1].upper(), low)
    return text[: match.start] + low + text[match.end :]


def capitalise(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001
    """The word with a capital: what `recase` is held against, for it changes the case of a word as well."""
    word = text[match.start : match.end]
    return text[: match.start] + word[:1].upper() + word[1:] + text[match.end :]


def collapse(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001
    """One plain space for any run of space; none at the ends of the text, before a mark, or where it had no width."""
    before, after = text[: match.start], text[match.end :]
    visible = any(letter.isspace() for letter in text[match.start : match.end])
    inside = before.strip() and after.strip() and not _MARK_OF_BEFORE.match(after)
    return before + (" " if visible and inside else "") + after


Operator = Callable[[str, Match, str], str]

_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)
_SPACED = re.compile(r"\w [.,!?]( |$)")


@dataclass(frozen=True, slots=True)
class Edited:
    """An edited text; `text[start:end]` is what the edit put there (empty after a deletion)."""

    text: str
    start: int
    end: int


def swap(text: str, match: Match, item: str) -> str:
    """The item in place of the match: in its casing, with `a` or `an`, and Mrs., sister, actress as it needs."""
    new = recased(item, text[match.start : match.end], text)
    puts = [(match.start, match.end, as_written(new, text, match) if match.end > match.start else new)]
    for word in match.agreeing:
        form, old = word.form(item), text[word.start : word.end]
        if form and form != old.lower():
            puts.append((word.start, word.end, recased(form.capitalize() if old[0].isupper() else form, old, text)))
    for start, end, new in sorted(puts, reverse=True):
        text = put(text, Match(start, end, ""), new)
    return text


def put(text: str, match: Match, new: str) -> str:
    """`new` in place of the match exactly as it is written; only `a` or `an` before it agrees."""
    old = text[match.start : match.end]
    return agreeing_article(text[: match.start], old, new) + new + text[match.end :]


def delete(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001 - one signature for all operators
    """The text without the match and its possessive ending; leaves no doubled space and glues no two words.

    Where the text needs a mark, the one that stands in for it is put.
    """
    if match.instead:
        return _stood_in(text, match)
    ending = _POSSESSIVE.match(text, match.end) if text[match.end - 1 : match.end].isalnum() else None
    before, after = text[: match.start], text[ending.end() if ending else match.end :]
    if not before or before[-1].isspace():
        return _joined(before, after)
    return before + (" " if before[-1].isalnum() and after[:1].isalnum() else "") + after


def _stood_in(text: str, match: Match) -> str:
    new, before, after = match.instead, text[: match.start], text[match.end :]
    if not new.startswith(" "):
        return before + new + after
    return before.rstrip(" ") + new + ("" if after[:1] == "\n" else " ") + after.lstrip(" ")


def beside(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001
    """The match and, behind it, what `delete` lets stand in for it: what the latter does by itself."""
    new, kept, after = match.instead, text[: match.end], text[match.end :]
    if not new.startswith(" "):
        return kept + (" " if kept[-1:] == new[:1] else "") + new + after  # `... .` is no run of four
    return kept + new + ("" if after[:1] in ("", " ", "\n") else " ") + after


def unstop(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001
    """The text without the mark at its end; a mark with a word behind it stays."""
    after = text[match.end :]
    return text if any(map(str.isalnum, after)) else text[: match.start].rstrip() + after.rstrip()


def mask(text: str, match: Match, item: str) -> str:
    """The item, a mask token or any placeholder, in place of the match, exactly as it is written."""
    return text[: match.start] + item + text[match.end :]


def insert(text: str, match: Match, item: str) -> str:
    """The item at the place of the match (an empty range), spaced as the text around it is."""
    before, after = text[: match.start], text[match.start :]
    closing = not item[:1].isalnum() and not _SPACED.search(text)
    left = "" if not before or before[-1].isspace() or closing else " "
    right = "" if not after or after[0].isspace() or item[-1:] in "。！？" else " "
    return before + left + item + right + after


def start_of(text: str) -> Match:
    """The empty range before the first character that is no space."""
    place = len(text) - len(text.lstrip())
    return Match(place, place, "")


def end_of(text: str) -> Match:
    """The empty range after the last character that is no space."""
    place = len(text.rstrip())
    return Match(place, place, "")


def whole(text: str, match: Match, item: str) -> str:  # noqa: ARG001 - one signature for all operators
    """Another text in place of this one."""
    return item


def unchanged(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001
    """The row as it is, in another prompt."""
    return text


OPERATORS: dict[str, Operator] = {
    "swap": swap,
    "delete": delete,
    "unstop": unstop,
    "mask": mask,
    "insert": insert,
    "renumber": renumber,
    "neutral": neutral,
    "strip": strip,
    "recase": recase,
    "collapse": collapse,
    "cut": delete,
    "turn": turn,
    "other_text": whole,
    "other_pair": whole,
    "reprompt": unchanged,
}


def everywhere(edit: Operator, text: str, matches: Iterable[Match], item: str = "") -> str:
    """The edit at all of the places, from the last to the first so that the others stay where they are."""
    for match in sorted(matches, key=lambda match: -match.start):
        text = edit(text, match, item)
    return text


def edited(operator: str, text: str, match: Match, item: str = "") -> Edited:
    """The edited text with the range that differs, the slot included."""
    new = OPERATORS[operator](text, match, item)
    head = common(text[: match.start], new)
    tail = common(text[match.end :][::-1], new[head:][::-1])
    return Edited(new, head, len(new) - tail)


def common(one: str, other: str) -> int:
    """The length of the longest common prefix."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


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


def _joined(before: str, after: str) -> str:
    """Both sides of a gap after a space or at the start: one of two spaces goes, and one before a mark or the end."""
    if not before or after.startswith(" "):
        return before + after.removeprefix(" ")
    if not after or after[0] in ".,;:!?)]}”’":
        return before.removesuffix(" ") + after
    return before + after

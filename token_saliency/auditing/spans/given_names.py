"""Given names in running text: precision before recall, since a wrong slot is a false alarm.

Three kinds of entry. A plain name is found wherever it is capitalised, and in rows without capitals too. A
name that is also a dictionary word (`sense` filled: Hazel, Josh) is found only where it is capitalised. An
`ambiguous` one (Will, Grace, May, Paris) needs a name-like context as well: a title before it, a surname
after it, a verb of people after it, a word that introduces people before it, or another name beside it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from token_saliency.auditing.audit import Entry, Find, Lexicon, Match

_CLITIC = r"(?:s|ll|d|re|ve|m)(?![^\W\d_])"
_WORD = re.compile(rf"[^\W\d_]+(?:['’‘](?!{_CLITIC})[^\W\d_]+)*", re.IGNORECASE)
_NEIGHBOUR = re.compile(r"[ \t\xa0]{1,2}")
_AFTER_TITLE = re.compile(r" ?\.? ?")
_INITIAL_GAP = re.compile(r"\.? ")
_GLUED_BEFORE, _GLUED_AFTER = frozenset("@#/\\_-&=.~0123456789"), frozenset("@/\\_=0123456789")
_OWNS = re.compile(r"['’‘]s [a-z]")
_DETACHED = re.compile(r"--|\.\.|[^\w]?-")
_OPENING = " \t\xa0\"'“‘«([{*<>"
_SENTENCE_END = frozenset(".!?…:;\n\r-–—|/")
_VERBS = frozenset({"verb", "month"})
_THINGS = frozenset({"place", "thing"})
_LINKS = frozenset({"and", "&"})


@dataclass(frozen=True, slots=True)
class _Row:
    """A text cut into words, with what the rules need to look up."""

    text: str
    words: tuple[re.Match[str], ...]
    index: dict[str, Entry]
    surnames: dict[str, Entry]
    mixed: bool


def names(text: str, find: Find) -> list[Match]:
    """The given names of the word list; possessive endings and surnames stay outside the span."""
    index = Lexicon.of(find.lexicon).by_word
    words = tuple(_WORD.finditer(text))
    if not any(word.group().lower() in index for word in words):
        return []
    surnames = Lexicon.of(find.options.get("surnames", ()))
    mixed = text != text.lower() and text != text.upper()
    row = _Row(text, words, index, surnames.by_word, mixed)
    forbidden = _forbidden(text, find)
    found: dict[int, Match] = {}
    for position, word in enumerate(words):
        entry = index.get(word.group().lower())
        inside = any(start <= word.start() < end for start, end in forbidden)
        if entry and not inside and _is_name(row, position, entry, find, found):
            found[position] = Match(word.start(), word.end(), entry.item)
    return list(found.values())


def _forbidden(text: str, find: Find) -> list[tuple[int, int]]:
    phrases = find.options.get("never_in")
    return [hit.span() for hit in phrases.finditer(text)] if phrases else []


def _is_name(row: _Row, i: int, entry: Entry, find: Find, found: Collection[int]) -> bool:
    if not _is_whole(row.text, row.words[i]):
        return False
    if _follows(row, i, find.options.get("never_after", ())):
        return False
    titled = _follows(row, i, find.options.get("titles", ()))
    if not row.mixed:
        return titled or (not entry.groups.get("sense") and not entry.ambiguous and not _ends_name(row, i, found))
    if not _is_capitalised(row.words[i].group()) or _is_surname_here(row, i, titled, found):
        return False
    return titled or not _is_doubtful(row.words[i].group(), entry) or _is_name_like(row, i, entry, find, found)


def _is_whole(text: str, word: re.Match[str]) -> bool:
    before, after = text[max(word.start() - 2, 0) : word.start()], text[word.end() : word.end() + 2]
    if before[-1:] in _GLUED_BEFORE and not _DETACHED.fullmatch(before):
        return False
    if after[:1] in _GLUED_AFTER or (after[:1] in "-." and after[1:].isalnum()):
        return False
    return not (after and unicodedata.category(after[0]).startswith("M"))


def _is_capitalised(word: str) -> bool:
    return word[0].isupper()


def _is_doubtful(word: str, entry: Entry) -> bool:
    """In capitals, short words are more often abbreviations (IRA, PAM), and words more often words (VIOLET)."""
    return entry.ambiguous or (word.isupper() and (len(word) <= 3 or bool(entry.groups.get("sense"))))


def _gap(row: _Row, i: int) -> str:
    """What stands between word i - 1 and word i."""
    return row.text[row.words[i - 1].end() : row.words[i].start()]


def _follows(row: _Row, i: int, listed: Collection[str]) -> bool:
    """Whether the word before is one of those listed; one that is listed with a point may be written with it."""
    if i == 0 or not _AFTER_TITLE.fullmatch(_gap(row, i).replace("\xa0", " ")):
        return False
    before = row.words[i - 1].group().lower()
    return f"{before}." in listed or ("." not in _gap(row, i) and before in listed)


def _next(row: _Row, i: int) -> str:
    """The word after, as it stands, where only a space lies between."""
    if i + 1 == len(row.words) or not _NEIGHBOUR.fullmatch(_gap(row, i + 1)):
        return ""
    return row.words[i + 1].group()


def _ends_name(row: _Row, i: int, found: Collection[int]) -> bool:
    """After a given name that was found, or a surname after a word that may be a given name (Woody Allen)."""
    if i == 0 or not _NEIGHBOUR.fullmatch(_gap(row, i)):
        return False
    before, word = row.words[i - 1].group().lower(), row.words[i].group().lower()
    return i - 1 in found or (before in row.index and word in row.surnames)


def _is_surname_here(row: _Row, i: int, titled: bool, found: Collection[int]) -> bool:
    """Whether the word ends a name: after a given name or an initial, or after an unknown capitalised word."""
    if titled or i == 0:
        return False
    before, gap = row.words[i - 1].group(), _gap(row, i)
    if _ends_name(row, i, found):
        return _is_capitalised(before)
    if not _is_capitalised(before) or _is_capitalised(_next(row, i)[:1] or "a"):
        return False
    if len(before) == 1 and before not in "AI" and _INITIAL_GAP.fullmatch(gap):
        return True
    known = row.words[i].group().lower() in row.surnames
    return known and bool(_NEIGHBOUR.fullmatch(gap)) and not _starts_sentence(row, i - 1)


def _starts_sentence(row: _Row, i: int) -> bool:
    place = row.words[i].start()
    while place and row.text[place - 1] in _OPENING:
        place -= 1
    return place == 0 or row.text[place - 1] in _SENTENCE_END


def _is_name_like(row: _Row, i: int, entry: Entry, find: Find, found: Collection[int]) -> bool:
    following, first, sense = _next(row, i), _starts_sentence(row, i), entry.groups.get("sense")
    strict = first and sense in _VERBS | _THINGS
    if _beside_name(row, i, found) or _has_surname(row, i, strict):
        return True
    if sense in _THINGS:
        return False
    if following in find.options.get("followed_by", ()):
        return True
    if first or sense == "month" or _is_capitalised(following[:1] or "a"):
        return False
    return _follows(row, i, find.options.get("introduced_by", ())) or _owns_something(row, i, find)


def _has_surname(row: _Row, i: int, strict: bool) -> bool:
    """Whether a surname follows; `strict`: one that is no given name (`Will Tom win?`, `Houston Mike Lamb said`)."""
    following = _next(row, i)
    entry = row.surnames.get(following.lower()) if _is_capitalised(following[:1] or "a") else None
    if entry is None or entry.ambiguous or following.isupper() != row.words[i].group().isupper():
        return False
    return not (strict and following.lower() in row.index)


def _beside_name(row: _Row, i: int, found: Collection[int]) -> bool:
    """`Tom and Grace`: joined to a name that was found."""
    return i >= 2 and i - 2 in found and row.words[i - 1].group().lower() in _LINKS and _gap(row, i).isspace()


def _owns_something(row: _Row, i: int, find: Find) -> bool:
    """`in Grace's kitchen`: a possessive inside a sentence, between words that are not capitalised."""
    before = row.words[i - 1].group()
    if before in find.options.get("determiners", ()) or not before.islower() or not _gap(row, i).isspace():
        return False
    return _OWNS.match(row.text, row.words[i].end()) is not None

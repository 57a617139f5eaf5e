"""Words in capitals that stand together, and the text on both sides of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import regex

LOUD, LETTERS_OF_A_ROW = 0.8, 12
"""A row with such a share of capitals, and so many letters, shouts throughout."""
BEFORE = 30
_TOKEN = regex.compile(
    r"(?<![\w@#/&_:-]|\w['’]|(?<!\p{L}\p{L}|\p{Ll}[’']\p{Ll}|\.)\.)(?!(?:COM|ORG|NET|UK|EDU|GOV)\b)"
    r"\p{Lu}+(?:['’](?:\p{Lu}+|(?<=\p{Lu}{2}['’])s(?!\w)))*(?!\w|[@/&_>]|:/|['’-]\w)"
    r"(?!\.(?!(?!(?i:com|org|net|uk|edu|gov|html|htm|php)\b)(?:\p{Lu}{2,}|\p{Lu}?\p{Ll}{2,})[\s,])\w)"
)
"""Beside a point only where a sentence ends without a space (the end.GOODBYE): not in an address or after initials."""
_LOUD_TOKEN = regex.compile(
    r"(?<![\w@#/&_\x80-\x9f]|WWW\.)(?!(?:COM|ORG|NET|UK)\b)\d*\p{Lu}+(?:['’\d]+\p{Lu}+)*\d*"
    r"(?!\w|[@/_>\x80-\x9f]|:/|['’]\w|\.(?:COM|ORG|NET|CO)\b)"
)
"""In a row that shouts throughout figures stand for letters (2MORROW, GR8), and all of it is one phrase."""
_GAP = re.compile(r"(?:[ \t]|,|:[ ]|[ ]&[ ]|\.{2,3}(?![\"“])|\d+|[;\"“”'‘’()*-])*")
_PAUSE = re.compile(r"[,:-]")
_TURKISH = re.compile("[ıİğĞ]")
_WORD_BEFORE = re.compile(r"([^\W\d_]+(?:['’][^\W\d_]+)?)[\s\"“'‘*(:]*$")
_WORD_AFTER = re.compile(r"[\s\"”'’)*,]*([^\W\d_]+)")
_STARTS = re.compile(r"(?:^|[.!?:…>\n=*-])[\s\"“'‘*(=-]*$")


@dataclass(frozen=True, slots=True)
class Phrase:
    """`low`: its words in small letters; `loud`: the whole row shouts."""

    words: tuple[regex.Match[str], ...]
    low: tuple[str, ...]
    before: str
    after: str
    loud: bool

    @property
    def at(self) -> int:
        """Where it begins."""
        return self.words[0].start()

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.words[-1].end()

    @property
    def alone(self) -> bool:
        """Whether it is one word."""
        return len(self.words) == 1

    @property
    def previous(self) -> str:
        """The word before, where only space or an opening mark stands between."""
        found = _WORD_BEFORE.search(self.before)
        return found[1].replace("’", "'") if found else ""

    @property
    def following(self) -> str:
        """The word behind, where no sentence ends between."""
        found = _WORD_AFTER.match(self.after)
        return found[1] if found else ""

    @property
    def starts(self) -> bool:
        """Whether a sentence or a line begins with it."""
        return starts(self.before)


def phrases(text: str) -> list[Phrase]:
    """All phrases of a row; of one that shouts throughout there is one."""
    letters = sum(map(str.isalpha, text))
    turkish = _TURKISH.search(text) is not None
    loud = letters >= LETTERS_OF_A_ROW and sum(map(str.isupper, text)) >= LOUD * letters
    groups = ([found] if (found := [*_LOUD_TOKEN.finditer(text)]) else []) if loud else _together(text)
    return [
        Phrase(
            words=tuple(hits),
            low=tuple(_small(hit.group(), turkish).replace("’", "'") for hit in hits),
            before=text[max(0, hits[0].start() - BEFORE) : hits[0].start()],
            after=text[hits[-1].end() :][:BEFORE],
            loud=loud,
        )
        for hits in groups
    ]


def lowered(word: str, text: str) -> str:
    """The word in small letters; in a Turkish row I and İ are those without and with a dot."""
    return _small(word, _TURKISH.search(text) is not None)


def _small(word: str, turkish: bool) -> str:
    return (word.replace("I", "ı") if turkish else word).replace("İ", "i").lower()


def starts(before: str) -> bool:
    """Whether a sentence or a line begins after this text."""
    return bool(_STARTS.search(before))


def _together(text: str) -> list[list[regex.Match[str]]]:
    groups: list[list[regex.Match[str]]] = []
    for hit in _TOKEN.finditer(text):
        if groups and _GAP.fullmatch(text, groups[-1][-1].end(), hit.start()):
            groups[-1].append(hit)
        else:
            groups.append([hit])
    for hits in groups:
        if len(hits) > 1 and hits[-1].group() in ("I", "A") and _PAUSE.search(text, hits[-2].end(), hits[-1].start()):
            del hits[-1]  # NEVER, I said; CHESS: A draw
    return groups

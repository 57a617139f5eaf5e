"""A text cut into words, with what the rules about names look up around each of them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from token_saliency.auditing.audit import Entry, Find, Lexicon

_CLITIC = r"(?:s|ll|d|re|ve|m)(?![^\W\d_])"
_WORD = re.compile(rf"[^\W\d_]+(?:['’‘](?!{_CLITIC})[^\W\d_]+)*", re.IGNORECASE)
_NEIGHBOUR = re.compile(r"[ \t\xa0]{1,2}")
_AFTER_TITLE = re.compile(r" ?\.? ?")
_OPENING = " \t\xa0\"'“‘«([{*<>"
_SENTENCE_END = frozenset(".!?…:;\n\r-–—|/")


@dataclass(frozen=True, slots=True)
class NameRow:
    """The words of a text. `persons` and `surnames` fill up as names are told apart (indices of words, items)."""

    text: str
    words: tuple[re.Match[str], ...]
    find: Find
    index: dict[str, Entry]
    surnames: dict[str, Entry]
    mixed: bool
    found: dict[int, Entry] = field(default_factory=dict)

    @staticmethod
    def of(text: str, find: Find) -> NameRow | None:
        """None where no word of the text is in the word list."""
        index = Lexicon.of(find.lexicon).by_word
        words = tuple(_WORD.finditer(text))
        if not any(word.group().lower() in index for word in words):
            return None
        surnames = Lexicon.of(find.options.get("surnames", ())).by_word
        return NameRow(text, words, find, index, surnames, text not in (text.lower(), text.upper()))

    def listed(self, option: str) -> Collection[str]:
        """The words of an option of the audit."""
        words: Collection[str] = self.find.options.get(option, ())
        return words

    def known(self, option: str) -> dict[str, Entry]:
        """The word list of an option of the audit, by lower-case item."""
        return Lexicon.of(self.find.options.get(option, ())).by_word

    def word(self, i: int) -> str:
        """Word `i` as it stands."""
        return self.words[i].group()

    def gap(self, i: int) -> str:
        """What stands between word i - 1 and word i."""
        return self.text[self.words[i - 1].end() : self.words[i].start()]

    def after(self, i: int) -> str:
        """What stands from the end of word i on."""
        return self.text[self.words[i].end() : self.words[i].end() + 80]

    def follows(self, i: int, listed: Collection[str]) -> bool:
        """Whether the word before is one of those listed; one that is listed with a point may be written with it."""
        if i == 0 or not _AFTER_TITLE.fullmatch(self.gap(i).replace("\xa0", " ")):
            return False
        before = self.word(i - 1).lower()
        return f"{before}." in listed or ("." not in self.gap(i) and before in listed)

    def beside(self, i: int) -> bool:
        """Whether only a space lies between word i - 1 and word i."""
        return 0 < i < len(self.words) and bool(_NEIGHBOUR.fullmatch(self.gap(i)))

    def before(self, i: int) -> str:
        """The word before, where only a space lies between."""
        return self.word(i - 1) if self.beside(i) else ""

    def next(self, i: int) -> str:
        """The word after, where only a space lies between."""
        return self.word(i + 1) if self.beside(i + 1) else ""

    def starts_sentence(self, i: int) -> bool:
        """Whether word i begins the text, a sentence or a line."""
        place = self.words[i].start()
        while place and self.text[place - 1] in _OPENING:
            place -= 1
        return place == 0 or self.text[place - 1] in _SENTENCE_END


def is_capitalised(word: str) -> bool:
    """False of no word, too."""
    return word[:1].isupper()

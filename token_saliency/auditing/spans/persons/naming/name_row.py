"""A text cut into words, with what the rules about names look up around each of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from token_saliency.auditing.audit import Entry, Find, Lexicon

_CLITIC = r"(?:s|ll|d|re|ve|m)(?![^\W\d_])"
_WORD = re.compile(rf"[^\W\d_]+(?:['’‘](?!{_CLITIC})[^\W\d_]+)*", re.IGNORECASE)
_NEIGHBOUR = re.compile(r"[ \t\xa0]{1,2}")
BEFORE, AFTER, KIN = "before", "after", "kin"
"""Where a title of another language stands; a word for kin has an article that would have to agree too."""
_ENGLISH = frozenset(
    "the and to it i you that for on with this my she at are be have not but we they his her from by will would".split()
)
_INFLECTED = frozenset(
    "el la los las que y en un una es por con para del se su le les et des une est pour dans avec qui sur pas il "
    "che di non per è gli della os um uma da em não com na się nie jest z ile ki ka ke ko ne hai aur mera bahut "
    "nahi mein wa de o ao dos foi mais pelo lo sus ha más du au ce sono jak hain kar raha tha aap".split()
)
_ABROAD = _INFLECTED | frozenset(
    "der das und ist nicht ein eine mit von zu dem den auf im het een van dat niet zijn ik ve bir bu için çok ook "
    "te op dan maar nog als aan bij wordt werd hij deze sie wir wie bei nach".split()
)
"""Words that tell an English row from one of another language, where names are spelled as words are (clara, rosa); in
the languages of the first list other words agree with the sex of who is named (está cansada, zrobiła)."""
_AFTER_TITLE = re.compile(r" ?\.? ?")
_OPENING = " \t\xa0\"'“‘«([{*<>"
_SENTENCE_END = frozenset(".!?…:;\n\r-–—|/")


@dataclass(frozen=True, slots=True)
class NameRow:
    """The words of a text, `small` in small letters. `found` fills up as names are told apart (indices of words)."""

    text: str
    words: tuple[re.Match[str], ...]
    small: frozenset[str]
    find: Find
    index: dict[str, Entry]
    surnames: dict[str, Entry]
    mixed: bool
    foreign: bool
    inflected: bool
    found: dict[int, Entry] = field(default_factory=dict)

    @staticmethod
    def of(text: str, find: Find) -> NameRow | None:
        """None where no word of the text is in the word list."""
        index = Lexicon.of(find.lexicon).by_word
        words = tuple(_WORD.finditer(text))
        if not any(word.group().lower() in index for word in words):
            return None
        surnames = Lexicon.of(find.options.get("surnames", ())).by_word
        foreign = is_foreign(word.group() for word in words)
        small = [word.group().lower() for word in words]
        inflected = foreign and 2 * sum(word in _INFLECTED for word in small) >= sum(word in _ABROAD for word in small)
        mixed = text not in (text.lower(), text.upper())
        return NameRow(text, words, frozenset(small), find, index, surnames, mixed, foreign, inflected)

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

    def abroad(self, i: int, j: int) -> str:
        """What word j, beside name i, is among the titles and kin of other languages.

        A title in lower case (il signor, el señor) has its article before it, so it counts as kin.
        """
        known = self.known("titles_abroad").get(self.word(j).lower()) if 0 <= j < len(self.words) else None
        gap = self.gap(max(i, j)).replace("\xa0", " ") if known else ""
        if known is None or not _AFTER_TITLE.fullmatch(gap):
            return ""
        place = known.groups["place"]
        if place == BEFORE and self.word(j).islower():
            place = KIN
        apart = place == KIN and "." in gap and known.item != "Sig"
        return place if (place == AFTER) == (j > i) and not apart else ""

    def starts_sentence(self, i: int) -> bool:
        """Whether word i begins the text, a sentence or a line."""
        place = self.words[i].start()
        while place and self.text[place - 1] in _OPENING:
            place -= 1
        return place == 0 or self.text[place - 1] in _SENTENCE_END

    def knows(self, word: str) -> bool:
        """Whether the word, in small letters, is an English one."""
        return any(w in self.listed("words") or w in self.known("common_words") for w in (word, word.removesuffix("s")))

    def is_english(self, word: str) -> bool:
        """Whether the word may be an English one; short ones are in chats (Omg), and other languages are not known."""
        return self.foreign or len(word) < 5 or self.knows(word.lower())


def is_foreign(words: Iterable[str]) -> bool:
    """Whether more of the words are function words of other languages, or have accents, than are English ones."""
    small = [word.lower() for word in words if not word.isupper()]
    accents = sum(not word.isascii() for word in small)
    abroad, english = (sum(word in told for word in small) for told in (_ABROAD, _ENGLISH))
    return accents + abroad > max(english, not accents)


def is_capitalised(word: str) -> bool:
    """False of no word, too."""
    return word[:1].isupper()

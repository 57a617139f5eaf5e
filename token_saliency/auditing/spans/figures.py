"""A figure of a text and what stands around it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from token_saliency.auditing.audit import Find

NEAR, COUNT = "near", "count"
"""Kinds: an age, minutes beside hours, a year that the text relates to another, for which only a number near by can
stand; a number before what it counts."""
CURRENCY = re.compile(r"(?:[$£€¥₹₽]|(?<![^\W\d_])(?:USD|EUR|GBP|CHF|INR|Rs\.?))\s?$")
_SIGNS = r"\u064b-\u0655\u0900-\u0903\u093a-\u094d"
_LETTER = rf"(?:[^\W\d_]|[{_SIGNS}])"
"""Signs of vowels are no letters to `re`, and belong to their word."""
_BEFORE = re.compile(rf"([^\W\d_][\w'’{_SIGNS}]*)(\.?)[,\s([]*$")
_AFTER = re.compile(rf"\s({_LETTER}+(?:['’-]{_LETTER}+)*)(?!\w)(?:\s({_LETTER}+)(?!\w))?")
_WORDS_OF = {
    language: re.compile(rf"\b(?:{words.replace(' ', '|')})\b|(?<=\w)[{letters}]", re.IGNORECASE)
    for language, words, letters in (
        (
            "de",
            "der die das und nicht ist ein eine einer einem einen mit von dem für auf wer wie wurde sich bei",
            "äöüß",
        ),
        ("fr", "le les des une est du dans avec pour et qui que au aux sur il elle sont par ce cette", "êçœ"),
        ("es", "el los las una del en con por su que fue qué cuál quién para más al", "ñ¿¡"),
        ("pt", "os em não um uma que para ao mais como foi são dos das pela pelo é às já", "ãõ"),
        ("it", "il gli di della dei nel che è sono quale chi dove si ha alla delle nella", "èìò"),
        ("nl", "het een van niet zijn", "ë"),
        ("other", "och som w się ve bir dan yang tidak", "ąęłşğřůő"),
    )
}
_SCRIPTS = {
    "ja": re.compile(r"[\u3041-\u30ff]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
    "ar": re.compile(r"[\u0620-\u064a]"),
    "hi": re.compile(r"[\u0904-\u0939]"),
    "ru": re.compile(r"[\u0430-\u044f]"),
}
_ENGLISH = re.compile(
    r"\b(?:the|and|with|that|this|it|you|they|their|who|from|said|of|to|is|are|for|have|has|be|my|your|we|i|u|ur|on|at"
    r"|not|but|what|or|as|by|will|can|how|when|which|he|she|why|do|did|just|please|like|know|get|good|if|there|would)\b",
    re.IGNORECASE,
)
_LATIN_ENDS = "\u02ff"
_SENTENCE_END = re.compile(r"(?:[.!?:;…>|–—-]|^)\s*$")
_OF_A_NATION = re.compile(r"\s[A-Z]\w+(?:ish|an|ese|ch|i|ic)\s[a-z]")
_PLURAL = re.compile(r"[^\W\d_]{2,}[^\W\d_s]s|[^\W\d_]{2,}(?:ren|men)|[а-яё]{2,}(?:ов|ев|ей|ек|ок|ий|а|я|и|ы)")
_NO_PLURALS = frozenset(
    "this was his plus less always thus yes has its does across unless versus besides perhaps yours ours theirs hers "
    "class gross press address boss series news previous various as us is then when thats whats lets christmas needs "
    "says gets seems looks makes takes comes goes wants works means shows gives keeps brings dans mais sans sous très "
    "après depuis alors jamais toujours más menos antes depois aus bis als alles das dos des les ses mes".split()
)
_WINDOW, _SHORT = 60, 4


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, what stands around it, and the nearest words in lower case."""

    figure: str
    before: str
    after: str
    previous: str
    following: str
    second: str
    capital_before: bool
    capital_after: bool
    mixed: bool
    chat: bool
    foreign: bool = False

    @property
    def starts(self) -> bool:
        """Whether nothing of its sentence stands before it."""
        return bool(_SENTENCE_END.search(self.before))

    def plural(self, find: Find) -> bool:
        """Whether it counts what follows: a unit, or a plural right there or after one adjective."""
        if self.capital_after:
            counted = _OF_A_NATION.match(self.after) and is_plural(self.second)
            return bool(counted) or self.following in find.options.get("capital_units", ())
        units = (*find.options.get("units", ()), *find.options.get("capital_units", ()))
        words = (self.following, self.second) if self.following not in find.options.get("function", ()) else ()
        return any(word in units or is_plural(word) for word in words)


def language_of(text: str) -> str:
    """The code of the language that the text seems to be in, `other` of one without lists; English where in doubt."""
    letters = [letter for letter in text if letter.isalpha()]
    if 2 * sum(letter > _LATIN_ENDS for letter in letters) > len(letters):
        return next((language for language, script in _SCRIPTS.items() if script.search(text)), "other")
    counts = {language: len(words.findall(text)) for language, words in _WORDS_OF.items()}
    most = max(counts, key=counts.__getitem__)
    return most if counts[most] > len(_ENGLISH.findall(text)) else "en"


def is_foreign(text: str) -> bool:
    """Whether the text seems to be in a language other than English: there only a unit shows what a number counts."""
    return language_of(text) != "en"


def seen_at(text: str, hit: re.Match[str], mixed: bool, chat: bool, foreign: bool, find: Find) -> Figure:
    before, after = text[max(0, hit.start() - _WINDOW) : hit.start()], text[hit.end() : hit.end() + _WINDOW]
    previous, following = _BEFORE.search(CURRENCY.sub("", before)), _AFTER.match(after)
    word, next_word = previous.group(1) if previous else "", following.group(1) if following else ""
    known = word.lower() in find.options.get("function", ()) or word.lower() in find.options.get("before_amounts", ())
    ended = bool(previous and previous.group(2)) and len(word) > _SHORT
    known = (known or ended) and not (word.isupper() and len(word) > 1)  # US 734
    return Figure(
        plain_digits(hit.group()),
        before,
        after,
        word.lower(),
        next_word.lower(),
        (following.group(2) or "").lower() if following else "",
        mixed and word != word.lower() and not known and not re.search(r"[,(]", before[previous.end(1) :])
        if previous
        else False,
        mixed and next_word[:1].isupper(),
        mixed,
        chat,
        foreign,
    )


def plain_digits(figure: str) -> str:
    """The figure with the digits 0 to 9, whatever its script."""
    return "".join(str(int(letter)) if letter.isdecimal() else letter for letter in figure)


def is_plural(word: str) -> bool:
    return bool(_PLURAL.fullmatch(word)) and word not in _NO_PLURALS


_ENUMERATED = re.compile(r"([^\W\d_]+)s #?\d{1,4}(?:, #?\d{1,4})*(?:,? (?:and|or|&) |/)#?$")
_FLIGHT = re.compile(r" (?:from|to|out of) [A-Z]{3}\b(?:[^\w$]|$)")
_FAR = 40


def is_referred(at: Figure, words: Collection[str]) -> bool:
    """Whether it names one of these things: `gate 12`, `flights 1384 and 1583`; `1558 from IAH` is a flight."""
    listed = _ENUMERATED.search(at.before[-_FAR:])
    named = {at.previous, at.previous.removesuffix("s"), *([listed[1].lower()] if listed else ())}
    return bool(_FLIGHT.match(at.after)) or not named.isdisjoint(words)

"""`a` or `an`: by the first sound of the word that follows, as far as spelling tells."""

from __future__ import annotations

import re

_ARTICLE = re.compile(r"(?<![\w'’-])(a|an)(\s+[\"'“‘(]?)$", re.IGNORECASE)
_YOU_OR_ONE = re.compile(
    r"eu|ew|on(?:e|ce)\b|uni(?:[^nmd]|mo)|us[aeu]|ut[aeio]|u[bcfghjkqr][aeiou]|ukr|unanim|ufo", re.IGNORECASE
)
_SILENT_H = re.compile(r"hon(?:est|ou?r)|hour(?!i)|heir", re.IGNORECASE)
_FIGURE = re.compile(r"8|1[18](?!\d)")
_SPELLED = re.compile(r"[A-Z][A-Z0-9]{1,4}(?:s|[^\w]|$)")
_NAMED_WITH_A_VOWEL = frozenset("AEFHILMNORSX")


def agreeing_article(before: str, old: str, new: str) -> str:
    """The text before a slot, with its indefinite article made to agree where it agreed with the old word."""
    article = _ARTICLE.search(before)
    if not article:
        return before
    written, spelled = article.group(1), any(letter.islower() for letter in before)
    was, takes = takes_an(old, spelled), takes_an(new, spelled)
    if was == takes or (written.lower() == "an") != was:
        return before
    other = ("an" if takes else "a") if written.islower() else _capital(written, old)
    return before[: article.start()] + other + before[article.end(1) :]


def _capital(written: str, old: str) -> str:
    """`A` or `An` or `AN`: the other article of the same casing."""
    if written.lower() == "an":
        return "A"
    return "AN" if len(old) > 1 and old == old.upper() else "An"


def takes_an(word: str, spelled: bool = False) -> bool:
    """Whether `an` goes before the word. `spelled`: capitals are letters that are read out (an MBA, a UFO)."""
    if spelled and _SPELLED.match(word):
        return word[0] in _NAMED_WITH_A_VOWEL
    if word[:1].isdecimal():
        return bool(_FIGURE.match(word))
    if word[:1].lower() == "h":
        return bool(_SILENT_H.match(word))
    return word[:1].lower() in set("aeiou") and not _YOU_OR_ONE.match(word)

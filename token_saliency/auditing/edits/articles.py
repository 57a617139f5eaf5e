"""`a` or `an`: by the first sound of the word that follows, as far as spelling tells."""

from __future__ import annotations

import re

_ARTICLE = re.compile(r"(?<![\w'’-])(a|an)(\s+(?:``|[\"'“‘„«(])?)$", re.IGNORECASE)
_NEAR = 40
"""An article stands no farther before: a long text is not searched for each of its slots."""
_YOU_OR_ONE = re.compile(
    r"eu|ew|on(?:e|ce)\b|uni(?:[^nmd]|mo)|us[aeu]|ut[aeio]|u[bcfghjkqr][aeiou]|ukr|unanim|ufo", re.IGNORECASE
)
_SILENT_H = re.compile(r"hon(?:est|ou?r)|hour(?!i)|heir", re.IGNORECASE)
_FIGURE = re.compile(r"8|1[18](?!\d)")
_SPELLED_EN = re.compile(r"[FHLMNRSX][BCDFGHJ-NP-TV-XZ]+\b|[MNLRX][BCDFGHJ-NP-TVWXZ]|F[BCDGHKMNPQSTVX]|H[B-DFGK-NP-TV]")
"""Letters that are read out, the first of them beginning with a vowel: an MBA, an SMS, an FBI agent."""
_SPELLED_YOU = re.compile(r"U(?:[KNS]|SB|SA|FO|RL)\b")


def agreeing_article(before: str, old: str, new: str) -> str:
    """The text before a slot, with its indefinite article made to agree where it agreed with the old word."""
    article = _ARTICLE.search(before, max(0, len(before) - _NEAR))
    if not article or takes_an(old) == takes_an(new):
        return before
    written = article.group(1)
    if (written.lower() == "an") != takes_an(old):
        return before
    other = ("a" if written.lower() == "an" else "an") if written.islower() else _capital(written, old)
    return before[: article.start()] + other + before[article.end(1) :]


def _capital(written: str, old: str) -> str:
    """`A` or `An` or `AN`: the other article of the same casing."""
    if written.lower() == "an":
        return "A"
    return "AN" if len(old) > 1 and old == old.upper() else "An"


def takes_an(word: str) -> bool:
    """Whether `an` goes before the word."""
    if word[:1].isdecimal():
        return bool(_FIGURE.match(word))
    if _SPELLED_EN.match(word) or word[:1].lower() == "h":
        return bool(_SPELLED_EN.match(word) or _SILENT_H.match(word))
    return word[:1].lower() in set("aeiou") and not (_YOU_OR_ONE.match(word) or _SPELLED_YOU.match(word))

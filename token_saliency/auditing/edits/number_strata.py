"""Another decade, century, size or parity in the place of that of a number."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from token_saliency.auditing.audit import Match
from token_saliency.auditing.edits.renumbering import SLAVIC, after_article, in_script, is_to_come, other
from token_saliency.auditing.spans.ages_and_dates import is_of_age
from token_saliency.auditing.spans.bound_numbers import fits_room
from token_saliency.auditing.spans.figures import COUNT, NEAR, is_foreign
from token_saliency.auditing.spans.numbers import MONEY, YEAR
from token_saliency.stats.sampling import content_hash

_DIGITS = re.compile(r"\d")
_DECADE = re.compile(
    r"(?<!\d)(?:1[89]|20)?\d0['’]?s\b|\b(?:twen|thir|for|fif|six|seven|eigh|nine)ties\b", re.IGNORECASE
)
"""Where a text names a decade, a year of another one may contradict it: set in 1963, with music of the 60s."""


def stratum(name: str, years: int = 30) -> Callable[[str, Match, str], str]:
    """The edit that puts a number of another decade, century, size or parity in the place of one, where it has any.

    An age of a grown-up is one of another generation where the text says nothing else of that.
    After `a` or `an` a number stays, for the article would have to agree; so does what counts nothing or what its unit
    would make impossible (900 minutes of a film) where the size is asked, and a round number where the parity is.
    Another century is no more than so many `years` away: a film with actors of 1934 is not made one of 2022.
    """

    def edit(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001 - one signature for all operators
        old, before = text[match.start : match.end], text[: match.start]
        plain = _DIGITS.sub(lambda digit: str(int(digit.group())), old)
        year = match.item == YEAR and plain.isdigit()
        if name == "decade" and not year and is_of_age(text, match.start, match.end):
            new = _other_age(int(plain))
            return before + in_script(new, old) + text[match.end :] if fits_room(new, match) else text
        fixed = after_article(text, match) or (year and _is_tied(text, match))
        if fixed or year != (name in _OF_YEARS) or (not year and not _WHOLE.fullmatch(plain)):
            return text
        draw = random.Random(content_hash(_DIGITS.sub("", text), old, name))
        new = _other_year(plain, name, years, draw) if year else _other_size(plain, name, text, match)
        return before + in_script(new, old) + text[match.end :]

    return edit


def _is_tied(text: str, match: Match) -> bool:
    """Whether the text says more of a year; in a language other than English only a bracket shows that it does not."""
    bracketed = text[match.start - 1 : match.start] == "(" and text[match.end : match.end + 1] == ")"
    foreign = not bracketed and is_foreign(text)
    year = text[match.start : match.end]
    places = (Match(hit.start(), hit.end(), match.item) for hit in re.finditer(re.escape(year), text))
    decades = match.item == YEAR and _DECADE.search(text) is not None
    return bool(match.kind == NEAR or foreign or decades or any(is_to_come(text, place) for place in places))


_OF_YEARS = ("decade", "century")
_WHOLE = re.compile(r"[1-9]\d{0,8}|[1-9]\d{0,2}(?:,\d{3}){1,2}")
_LATEST, _TEN, _THOUSAND = 24, 10, 1000
_GENERATION, _MIDDLE = 30, 50
_PEOPLE = (
    "people persons men women children civilians workers employees staff jobs troops soldiers officers fans voters "
    "students pupils visitors guests protesters demonstrators refugees passengers victims villagers residents "
    "prisoners members users customers subscribers viewers readers followers patients "
    "volunteers migrants personen menschen leute mitarbeiter besucher personas personnes persone"
)
_THINGS = (
    "votes copies books shares stores shops houses homes buildings families households tickets letters messages "
    "comments reviews photos pictures songs computers cars vehicles trees birds sheep cattle animals tons "
    "tonnes acres barrels companies firms schools species dollars dollar euros euro bucks yen rupees stimmen"
)
_ANY_SIZE = frozenset(f"{_PEOPLE} {_THINGS}".split())
"""Nouns of which there may be ten times as many, or a tenth; what lasts, weighs or is played has its usual size."""
_RECKONED = re.compile(
    r"%|\b(?:per ?cent|percent|pct|prozent|half|third|quarter|twice|double|average|total|mean|median|combined|each"
    r"|altogether|including|record|majority|most of|all of|remaining|rate|per|a (?:day|week|month|year)|rest|salary"
    r"|wages?|annual(?:ly)?|yearly|monthly|weekly|hourly|dozens|scores|hundreds|thousands|millions)\b",
    re.IGNORECASE,
)
"""Near an amount it says that others depend on it."""
_A_PRICE = re.compile(r" ?(?:/|an?\b|per\b|each\b|apiece\b|bills?\b|notes?\b)", re.IGNORECASE)
_LARGE_SUM, _AROUND = 100, 100
"""Smaller ones are prices that everybody knows."""
_GOES_ON = re.compile(r"\s[.,]\s?\d")
_SCALED = re.compile(r" ?(?:million|billion|thousand|mln|bln|mn|bn|m|k)\b", re.IGNORECASE)


def _other_year(old: str, name: str, years: int, draw: random.Random) -> str:
    """1987 becomes 1967 or 2010: a decade near by, the century beside it, and no year after 2024."""
    if name == "decade":
        tens = int(old[2])
        near = [str(d) for d in range(tens - 2, tens + 3) if 0 <= d < (_LATEST // 10 if old[:2] == "20" else 10)]
        return old[:2] + other(old[2], "".join(near), draw) + old[3]
    year, first = int(old), 100 * int(old[:2])
    if year - first < years:
        return str(draw.randint(year - years, first - 1))
    last = min(year + years, 2000 + _LATEST)
    return str(draw.randint(first + 100, last)) if last >= first + 100 else old


def _other_age(old: int) -> str:
    """31 becomes 61, and 61 becomes 31."""
    return str(old + (_GENERATION if old < _MIDDLE else -_GENERATION))


def _other_size(old: str, name: str, text: str, match: Match) -> str:
    """What comes to 0 or 1 stays as it was: a plural would no longer agree."""
    value = int(old.replace(",", ""))
    if name == "parity":
        stays, new = old.endswith("00"), _neighbour(value, slavic=bool(SLAVIC.match(text, match.end)))
    else:
        new = value * 10 if name == "tenfold" else value // 10
        stays = not _has_any_size(value, text, match) or bool(_GOES_ON.match(text, match.end))
    too_long = new >= _THOUSAND and _SCALED.match(text, match.end)  # nobody writes 8000 million
    if stays or too_long or min(new, value) < 2 or not fits_room(str(new), match):
        return old
    return f"{new:,}" if "," in old else str(new)


def _has_any_size(value: int, text: str, match: Match) -> bool:
    """Whether ten times as much can be, and nothing near by is reckoned from it."""
    after = text[match.end :][:_AROUND]
    if _RECKONED.search(text[max(0, match.start - _AROUND) : match.start]) or _RECKONED.search(after):
        return False
    if match.item == MONEY:
        scaled = _SCALED.match(after)
        return bool(scaled or value >= _LARGE_SUM) and not _A_PRICE.match(after[scaled.end() if scaled else 0 :])
    nouns = [word.lower().strip(".,;:!?()\"'") for word in after.replace("<", " <").split()[:2]]
    return match.kind == COUNT and value >= _TEN and not _ANY_SIZE.isdisjoint(nouns)


def _neighbour(value: int, *, slavic: bool) -> int:
    """The number beside it of the other parity; 4 and 5 part two forms of a Slavic noun."""
    if slavic and value % 10 in (0, 1, 4, 5):
        return {4: value - 1, 5: value + 1}.get(value % 10, 0)
    return value + (-1 if value % 2 and value > 2 else 1)

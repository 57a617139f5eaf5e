"""Another number in the place of one: of its shape, its script and about its size."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from token_saliency.auditing.audit import Match
from token_saliency.auditing.spans.numbers import COUNT, CURRENCY, MONEY, NEAR
from token_saliency.stats.sampling import content_hash

_AFTER_ARTICLE = re.compile(r"(?<![\w'’-])an?\s+[$£€]?$", re.IGNORECASE)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_YEARS = re.compile(rf"(?<![\d.,-]){_YEAR.pattern}(?![\d-]|[.,]\d)")
_TO_COME = re.compile(
    r"\b(?:will|shall|won't|plans?|planned|expect(?:s|ed)?|scheduled|due|by|until|till|upcoming|next|forecast|starting"
    r"|to (?!the\b|an?\b|th|his\b|her\b|its\b|our\b|my\b)[a-z]+)\b[^.!?]*$",
    re.IGNORECASE,
)
"""Before a year that may not have come: no earlier one is put there (to be unveiled in 1975)."""
_CLOCK = re.compile(r"(\d{1,2})(:\d\d(?::\d\d)?)")
_DIGITS = re.compile(r"\d")
_AREA, _DIGITS_OF_A_TELEPHONE, _FIVE = 4, 8, 5
_VOWEL = re.compile(r"8|1[18](?:\D|$|\d{3}(?:\D|$))|18\d\d")
"""Numbers that begin with a vowel as they are read: 8, 11, 18, 80, 11,000, 1800."""
_SLAVIC = re.compile(r"\s?[\u0400-\u04ff]|\s(?:lat|lata|dni|zł|złotych|osób|let|lety|dní|korun)\b")
"""There the last digit says which form the noun has."""


def renumber(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001 - one signature for all operators
    """Another number of the same shape and script: a year of its decade, a time that exists, as many digits, as large.

    Several years of a text move by as many years, so that their order and what lies between them stays; what is still
    to come stays so.

    After `a` or `an` the first two digits stay where the article would not agree; a telephone number keeps its area, an
    age of two digits the first one, and before a Slavic noun the last digit stays. The same number becomes the same one
    wherever it stands in a text.
    """
    old, before = text[match.start : match.end], text[: match.start]
    draw = random.Random(content_hash(_DIGITS.sub("", text), old))
    plain = _DIGITS.sub(lambda digit: str(int(digit.group())), old)
    several = len({*_YEARS.findall(text)}) > 1
    if _YEAR.fullmatch(plain) and not CURRENCY.search(before):
        new = _moved_year(plain, several, bool(_TO_COME.search(before)), text, draw)
    elif clock := _CLOCK.fullmatch(plain):
        new = _hour(clock.group(1), draw) + clock.group(2)
    else:
        telephone = plain.isdigit() and len(plain) > _DIGITS_OF_A_TELEPHONE
        kept = _AREA if telephone else (len(plain) - 1) * (match.kind == NEAR)
        last = len(plain) > 1 and bool(_SLAVIC.match(text, match.end))
        new = _renumbered(plain, kept, draw, last=last)
        if _AFTER_ARTICLE.search(before) and bool(_VOWEL.match(new)) != bool(_VOWEL.match(plain)):
            new = _renumbered(plain, 2, draw)
    return before + _in_script(new, old) + text[match.end :]


def _moved_year(old: str, several: bool, to_come: bool, text: str, draw: random.Random) -> str:
    if several:
        draw = random.Random(content_hash(_DIGITS.sub("", text), "years"))
        return str(int(old) + draw.choice([1, 2, 3] if _TO_COME.search(text) else [-3, -2, -1, 1, 2, 3]))
    later = "0123456789"[int(old[3]) + 1 :]
    return (
        str(int(old) + 1)
        if to_come and not later
        else old[:3] + _other(old[3], later if to_come else "0123456789", draw)
    )


def after_article(text: str, match: Match) -> bool:
    """Whether an indefinite article stands before the number, which would have to agree with another."""
    return bool(_AFTER_ARTICLE.search(text[: match.start]))


def stratum(name: str) -> Callable[[str, Match, str], str]:
    """The edit that puts a number of another decade, century, size or parity in the place of one, where it has any.

    After `a` or `an` it stays, for the article would have to agree; so does what counts nothing or what its unit
    would make impossible (900 minutes of a film) where the size is asked, and a round number where the parity is.
    """

    def edit(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001 - one signature for all operators
        old, before = text[match.start : match.end], text[: match.start]
        plain = _DIGITS.sub(lambda digit: str(int(digit.group())), old)
        year = _YEAR.fullmatch(plain) is not None and not CURRENCY.search(before)
        fixed = after_article(text, match) or (year and (match.kind == NEAR or bool(_TO_COME.search(before))))
        if fixed or year != (name in _OF_YEARS) or (not year and not _WHOLE.fullmatch(plain)):
            return text
        draw = random.Random(content_hash(_DIGITS.sub("", text), old, name))
        new = _other_year(plain, name, draw) if year else _other_size(plain, name, text, match)
        return before + _in_script(new, old) + text[match.end :]

    return edit


_OF_YEARS = ("decade", "century")
_WHOLE = re.compile(r"[1-9]\d{0,8}|[1-9]\d{0,2}(?:,\d{3}){1,2}")
_LATEST = 24
_OF_A_CLASS = [[unit] for unit in ("meter", "meters", "metre", "metres", "lb", "lb.", "lbs", "kg")]
"""Before these a number may be a class of a sport (200 metres, 154 lb.), and few of them exist."""
_MOST = {
    **dict.fromkeys(("s", "sec", "secs", "seconds"), 300),
    **dict.fromkeys(("km", "kilometers", "kilometres", "miles", "yards", "metres", "meters"), 500),
    **dict.fromkeys(
        ("hours", "hrs", "mph", "degrees", "weeks", "wks", "minutes", "mins", "min", "countries", "nations", "states"),
        120,
    ),
    **dict.fromkeys(("days", "nights", "kg", "kilos", "cm", "pound", "lb", "lbs"), 365),
    **dict.fromkeys(("inch", "inches", "in", "mm"), 99),
    **dict.fromkeys(("months", "years", "yrs", "decades", "cent", "cents", "pence", "p"), 99),
    **dict.fromkeys(("nominations", "awards", "oscars", "prizes", "medals", "goals", "seasons", "volumes"), 60),
    **dict.fromkeys(("million", "mn", "m", "billion", "bn", "thousand", "lakh", "crore", "gb", "mb"), 300),
    **dict.fromkeys(("children", "kids", "feet", "ft", "games", "matches", "hits", "shots", "players"), 99),
}
"""A tenfold number is put before these where it comes to no more."""


def _other_year(old: str, name: str, draw: random.Random) -> str:
    """1987 becomes 1967 or 2017: a decade near by, the second half of the century before, and no year after 2024."""
    if name == "decade":
        tens = int(old[2])
        near = [str(d) for d in range(tens - 2, tens + 3) if 0 <= d < (_LATEST // 10 if old[:2] == "20" else 10)]
        return old[:2] + _other(old[2], "".join(near), draw) + old[3]
    if old[:2] == "20":
        return f"19{draw.randint(5, 9)}{old[3]}"
    kept = int(old[2:]) if old[:2] != "19" or int(old[2:]) <= _LATEST else draw.randint(0, _LATEST)
    return f"{int(old[:2]) + 1}{kept:02}"


def _other_size(old: str, name: str, text: str, match: Match) -> str:
    """What comes to 0 or 1 stays as it was: a plural would no longer agree."""
    value = int(old.replace(",", ""))
    money = match.item == MONEY
    if name == "parity":
        stays, new = old.endswith("00"), _neighbour(value, slavic=bool(_SLAVIC.match(text, match.end)))
    else:
        new = value * 10 if name == "tenfold" else value // 10
        units = [word.lower() for word in text[match.end : match.end + 40].replace("<", " <").split()[:3]]
        most = min((_MOST[word] for unit in units if (word := unit.strip(".,;:!?()\"'")) in _MOST), default=new)
        stays = (not money and (match.kind != COUNT or value < 10)) or new > most or units[:1] in _OF_A_CLASS
    if stays or min(new, value) < 2:
        return old
    return f"{new:,}" if "," in old else str(new)


def _neighbour(value: int, *, slavic: bool) -> int:
    """The number beside it of the other parity; 4 and 5 part two forms of a Slavic noun."""
    if slavic and value % 10 in (0, 1, 4, 5):
        return {4: value - 1, 5: value + 1}.get(value % 10, 0)
    return value + (-1 if value % 2 and value > 2 else 1)


def _in_script(new: str, old: str) -> str:
    """The figure with the digits of the script that stood there, place by place."""
    zero = next((ord(letter) - int(letter) for letter in old if letter.isdecimal()), ord("0"))
    return "".join(chr(zero + int(letter)) if letter.isdecimal() else letter for letter in new)


def _renumbered(old: str, kept: int, draw: random.Random, *, last: bool = False) -> str:
    """Round numbers stay round; the first digit moves by one, so that sizes and ages stay credible."""
    places = [i for i, letter in enumerate(old) if letter.isdecimal()]
    significant = len(old.rstrip("0.,")) if len(places) > 1 else len(old)
    leading = len(old) - len(old.lstrip("0")) if old.isdigit() else 0  # 000123 stays a code
    fixed = {*places[-1:]} if last else set[int]()
    new = list(old)
    for nth, place in enumerate(places):
        if nth < max(kept, leading) or place >= significant or place in fixed or (nth == 0 and old[place] == "0"):
            continue
        final = "." in old and place == len(old) - 1  # 1.0 is no amount that one writes
        near = _near(int(old[place]), alone=len(places) == 1, teens=last) if nth == 0 else "0123456789"[final:]
        new[place] = _other(old[place], near, draw)
    return "".join(new)


def _near(digit: int, *, alone: bool, teens: bool = False) -> str:
    """The digits beside it. No number begins with 0, none becomes the singular 1.

    Two to four and five to nine stay apart where nothing follows: Slavic nouns agree with them.
    """
    if teens and digit < 3:  # 12 and 22 have two forms there
        return "234567"[digit - 1 :] if digit == 2 else "1"
    beside = [other for other in (digit - 1, digit + 1) if (2 if alone else 1) <= other <= 9]
    return "".join(str(other) for other in beside if not alone or (other < _FIVE) == (digit < _FIVE) or digit < 2)


def _hour(old: str, draw: random.Random) -> str:
    hours = [str(hour) for hour in range(1, 13)] if int(old) <= 12 else [str(hour) for hour in range(13, 24)]
    same = [f"{hour:0>{len(old)}}" for hour in hours if len(f"{hour:0>{len(old)}}") == len(old)]
    return draw.choice([hour for hour in same if hour != old])


def _other(old: str, digits: str, draw: random.Random) -> str:
    return draw.choice([digit for digit in digits if digit != old] or [old])

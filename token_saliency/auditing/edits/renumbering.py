"""Another number in the place of one: of its shape, its script and about its size."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from token_saliency.auditing.audit import Match
from token_saliency.auditing.spans.bound_numbers import fits_room
from token_saliency.auditing.spans.figures import NEAR
from token_saliency.auditing.spans.numbers import LONG, MONEY, NUMBER
from token_saliency.stats.sampling import content_hash

_AFTER_ARTICLE = re.compile(r"(?<![\w'’-])an?\s+[$£€]?$", re.IGNORECASE)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_YEARS = re.compile(rf"(?<![\d.,-]){_YEAR.pattern}(?![\d-]|[.,]\d)")
_TO_COME = re.compile(
    r"(?:\b|(?<=['’]))(?:will|ll|shall|should|won't|outlook|guidance|whether|through|plans?|planned|expect(?:s|ed)?|scheduled|due|by|until|till|upcoming|next|forecasts?|promis\w+|sees|faces|tips|predicts?|aims?"
    r"|starting|beginning|may|might|could|soll(?:en)?|wird|werden|künftig"
    r"|to (?!the\b|an?\b|th|his\b|her\b|its\b|our\b|my\b)[a-z]+)\b(?:[^.!?]|\.\d)*$",
    re.IGNORECASE,
)
_AHEAD = re.compile(r"[^.!?\d]{0,80}\b(?:will|shall|soll|sollen|wird|werden)\b", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2})(:\d\d(?::\d\d)?)")
_DIGITS = re.compile(r"\d")
_A_CLOCK = re.compile(r"(?:[1-9]|1\d)(?:15|30|45)")
"""What may be an hour (meet at 930) keeps its minutes."""
_AREA, _DIGITS_OF_A_TELEPHONE, _FIVE, _TRIES, _GROWN_UP = 4, 8, 5, 16, 18
_VOWEL = re.compile(r"8|1[18](?:\D|$|\d{3}(?:\D|$))|18\d\d")
"""Numbers that begin with a vowel as they are read: 8, 11, 18, 80, 11,000, 1800."""
SLAVIC = re.compile(r"\s?[\u0400-\u04ff]|\s(?:lat|lata|dni|zł|złotych|osób|let|lety|dní|korun)\b")
"""There the last digit says which form the noun has."""


Figures = Callable[[str, Match, str], str]
"""An operator that puts another figure in the place of one."""


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
    several = match.kind == NEAR or len({*_YEARS.findall(text)}) > 1
    if _YEAR.fullmatch(plain) and match.item not in (NUMBER, MONEY, LONG):
        new = _moved_year(plain, several, is_to_come(text, match), text, draw)
    elif clock := _CLOCK.fullmatch(plain):
        new = _hour(clock.group(1), draw) + clock.group(2)
    else:
        new = _amount(plain, text, match, draw)
    return before + in_script(new, old) + text[match.end :]


def alike(edit: Figures, text: str, matches: Sequence[Match]) -> Figures:
    """The edit of figures that makes of each one the same, wherever it stands in the text and in the one beside it."""
    put = _put_for(edit, text, matches)

    def at(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001
        old = text[match.start : match.end]
        return text[: match.start] + put.get(old, old) + text[match.end :]

    return at


def _put_for(edit: Figures, text: str, matches: Sequence[Match]) -> dict[str, str]:
    """What becomes of each figure of the text, wherever it stands; none of which one place must stay as it is.

    Where its places ask for different ones (a year that is still to come), the latest year is put, else the first
    number that fits all of them.
    """
    places: dict[str, list[Match]] = {}
    for match in matches:
        places.setdefault(text[match.start : match.end], []).append(match)
    found = {}
    for old, own in places.items():
        asked = [_figure_at(edit(text, match, ""), text, match) for match in own]
        fitting = [new for new in asked if all(_fits(text, match, old, new) for match in own)]
        if old not in asked and fitting:
            found[old] = max(fitting) if _YEAR.fullmatch(old) else fitting[0]
    return found


def _figure_at(new: str, text: str, match: Match) -> str:
    """What stands in an edited text in the place of the match."""
    return new[match.start : len(new) - len(text) + match.end]


def _fits(text: str, match: Match, old: str, new: str) -> bool:
    agrees = not after_article(text, match) or bool(_VOWEL.match(new)) == bool(_VOWEL.match(old))
    return agrees and (match.room is None or fits_room(new, match))


def _amount(plain: str, text: str, match: Match, draw: random.Random) -> str:
    """As many digits, in the room that the other numbers of the text leave it; the same where there is none."""
    telephone = plain.isdigit() and len(plain) > _DIGITS_OF_A_TELEPHONE
    kept = _AREA if telephone else (len(plain) - 1) * (match.kind == NEAR)
    if plain[0] == "1" and len(plain.rstrip("0.,")) > 1:  # a film of 117 minutes is not made one of 229
        kept = max(kept, 1)
    last = len(plain) > 1 and bool(SLAVIC.match(text, match.end))
    ends = 2 * bool(not match.kind and _A_CLOCK.fullmatch(plain))
    article = _AFTER_ARTICLE.search(text[: match.start])
    for nth in range(_TRIES):
        new = _renumbered(plain, 2 if article and nth else kept, draw, last=last, ends=ends)
        agrees = not article or bool(_VOWEL.match(new)) == bool(_VOWEL.match(plain))
        agrees = agrees and (match.kind != NEAR or _of_age(new) == _of_age(plain))
        if agrees and fits_room(new, match):
            return new
    return plain


def is_to_come(text: str, match: Match) -> bool:
    """Whether the year may not have come yet: no earlier one is put there (to be unveiled in 1975)."""
    return bool(_TO_COME.search(text[: match.start]) or _AHEAD.match(text, match.end))


def _moved_year(old: str, several: bool, to_come: bool, text: str, draw: random.Random) -> str:
    if several:
        draw = random.Random(content_hash(_DIGITS.sub("", text), "years"))
        return str(int(old) + draw.choice([1, 2, 3] if _TO_COME.search(text) else [-3, -2, -1, 1, 2, 3]))
    later = "0123456789"[int(old[3]) + 1 :]
    return (
        str(int(old) + 1)
        if to_come and not later
        else old[:3] + other(old[3], later if to_come else "0123456789", draw)
    )


def after_article(text: str, match: Match) -> bool:
    """Whether an indefinite article stands before the number, which would have to agree with another."""
    return bool(_AFTER_ARTICLE.search(text[: match.start]))


def _of_age(figure: str) -> bool:
    """Whether somebody so old is grown up: a boy of 17 is not made one of 19, and no man of 19 one of 10."""
    return not figure.isdigit() or int(figure) >= _GROWN_UP


def in_script(new: str, old: str) -> str:
    """The figure with the digits of the script that stood there, place by place."""
    zero = next((ord(letter) - int(letter) for letter in old if letter.isdecimal()), ord("0"))
    return "".join(chr(zero + int(letter)) if letter.isdecimal() else letter for letter in new)


def _renumbered(old: str, kept: int, draw: random.Random, *, last: bool = False, ends: int = 0) -> str:
    """Round numbers stay round; the first digit moves by one, so that sizes and ages stay credible."""
    places = [i for i, letter in enumerate(old) if letter.isdecimal()]
    significant = len(old.rstrip("0.,")) if len(places) > 1 else len(old)
    leading = len(old) - len(old.lstrip("0")) if old.isdigit() else 0  # 000123 stays a code
    fixed = {*places[-1:]} if last else {*places[len(places) - ends :]}
    new = list(old)
    for nth, place in enumerate(places):
        if nth < max(kept, leading) or place >= significant or place in fixed or (nth == 0 and old[place] == "0"):
            continue
        final = "." in old and place == len(old) - 1  # 1.0 is no amount that one writes
        near = _near(int(old[place]), alone=len(places) == 1, teens=last) if nth == 0 else "0123456789"[final:]
        new[place] = other(old[place], near, draw)
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


def other(old: str, digits: str, draw: random.Random) -> str:
    return draw.choice([digit for digit in digits if digit != old] or [old])

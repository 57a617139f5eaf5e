"""Numbers that count, cost, date or time something: others can stand in their place and the text stays possible.

Left alone is a number that belongs to a name, a model, a reference, a scale or a date, one that is a part of a longer
figure, and one that stands for a word ("wait 4 me"). What is in doubt is left alone.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from token_saliency.auditing.audit import Find, Match
from token_saliency.auditing.spans.ages_and_dates import is_age, is_duration, is_modern, is_related_year, told_ages
from token_saliency.auditing.spans.bound_numbers import beside_fixed, fixed_places, named_elsewhere, roomy, told_once
from token_saliency.auditing.spans.figures import (
    COUNT,
    CURRENCY,
    NEAR,
    Figure,
    is_foreign,
    is_plural,
    is_referred,
    seen_at,
)
from token_saliency.auditing.spans.joined_numbers import A_YEAR, CLOCK, FIGURE, is_date, is_dated, is_joined, is_record

NUMBERS = ("a time of day", "an amount of money", "a year", "a long number", "a number")
TIME, MONEY, YEAR, LONG, NUMBER = NUMBERS

_ONE = re.compile(r"\d+(?:[.,]\d{1,2})?|\d+\.\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_YEARS = re.compile(rf"(?<![\d.,$£€]){A_YEAR.pattern}(?!\d|[.,]\d)")
_SPANS = frozenset(
    "minutes minute mins min hours hour hrs hr days day weeks week wks wk months month years year yrs".split()
)
_TENS = re.compile(r"\d{2,4}|\d{1,3}(?:,\d{3})+")
_TELEPHONE = re.compile(r"0\d{8,}")
_LONG = re.compile(r"\d{5,20}")
_CURRENCY_AFTER = re.compile(r"\s?[$£€¥₹₽](?!\s?\d)")
_BRACKETED = re.compile(r"[(\[]$")
_JUDGED = re.compile(
    r"\b(?:rat(?:e|es|ed|ing)|scor(?:e|es|ed|ing)|g[ia]ve|gives|given|giving|grade|vote|deserves?)\b[^.!?]{0,40}$", re.I
)
_OFTEN_NO_YEAR = "1800"
_WHEN = frozenset("in since from until till by of around circa year before after during early late and or to".split())
"""Before old years: flights (1629 to Ghent), rooms and free numbers (your 1800 is busy) look like them."""
_HALF_OF_29 = re.compile(r"\b29(?:th)?(?: of)? feb|\bfeb\w*\.? 29", re.I)
_SAYS_OF_ONE = frozenset("i is was has he she it".split())
_OLD_YEAR = re.compile(r"1[0-4](?!00)\d\d")
_SINGULAR = frozenset("million milliarde millón milione milhão miliardo milliard dollar euro pound".split())
"""After 1 they would have to become plurals."""
_TOLD_ONE_BY_ONE = re.compile(
    r"(?:\s[\w'’-]+){1,4}?\s?(?::(?![/\d])|[-–—,]\s?(?:first|1st)\b)|\s[\w'’-]+\s[\"“][^\W\d]", re.IGNORECASE
)
"""Two things: first this, second that; three words "Out my face"."""
_COUPLE = frozenset("people men women children kids persons words pages others other different".split())
_MANY, _A_WHILE = 20, 60
_HOUR_ENDS = re.compile(
    r"\s?(?:[.,;!?)](?!\d)|$)|\s(?:and|then|so|but|today|tonight|tomorrow|or|if|because)\b", re.IGNORECASE
)
_TOLL = re.compile(r"kill\w*|wound\w*|injur\w+|dead|arrest\w*|charged|missing|died|dies")
_HOUR = re.compile(r"(?:[1-9]|1[0-2])[0-5]\d")
_OF_ONE, _A_MODEL = frozenset("my your our his her the this that their".split()), 4
"""Before a number that counts nothing: a flight, a car, a model."""
_AT_LEAST = frozenset("least over under nearly about kills".split())
_CHAT = re.compile(
    r"(?<![\w'’])(?:[bcdnru]|ur|lol|pl[sz]|thx|txt|wat|2nite|2moro\w*|dun|lor|lah|im|ima|dont|wont|cant|aint|dat|dem|da|dis|yall|tryna)(?![\w'’])|\w\.\.\s?\w",
    re.IGNORECASE,
)
_COUNTED = frozenset(
    "a and are at for had has have got in the these those these with of my your his her our their its last first next "
    "about past only just all least over than by nearly almost every like".split()
)
"""Before these a 2 or a 4 of a chat counts something."""
_ZIP_DIGITS = 5
_ZIP = re.compile(r"(?:^|[,;]\s|\b[A-Z]{2}\s|\b[A-Z]-)$")


def numbers(text: str, find: Find) -> list[Match]:
    """The item is the kind of number, one of NUMBERS. Digits of any script are found."""
    hits = list(FIGURE.finditer(text))
    capitals = sum(map(str.isupper, text)) if hits else 0
    mixed = 0 < 2 * capitals < sum(map(str.isalpha, text))
    chat = not mixed or bool(hits and _CHAT.search(text))
    held = {i for start, end in (fixed_places(text) if hits else ()) for i in range(start, end)}
    foreign = bool(hits) and is_foreign(text)
    seen = [(hit, seen_at(text, hit, mixed, chat, foreign, find)) for hit in hits]
    told = {(at.figure, at.following) for hit, at in seen if hit.start() in held and at.following}
    free = [(hit, at) for hit, at in seen if hit.start() not in held and (at.figure, at.following) not in told]
    found = [Match(*hit.span(), kind, _sort(at, kind, find)) for hit, at in free if (kind := _kind(at, find))]
    times = [m for m in found if m.item == TIME]
    if any(b.start - a.end < _A_WHILE for a, b in pairwise(times)):  # the one says how long it was until the other
        found = [m for m in found if m.item != TIME]
    found = _years_apart([*found, *_years_again(found, free, find)], text)
    ages = told_ages(text) if found else set()
    found = [m for m in found if m.kind != NEAR or text[m.start : m.end] not in ages]
    near = {text[m.start : m.end] for m in found if m.kind == NEAR}
    found = [replace(m, kind=NEAR) if text[m.start : m.end] in near else m for m in found]
    return roomy(told_once(_repeated(found, free, find), text, LONG), text, (NUMBER, MONEY))


def _years_again(found: list[Match], seen: list[tuple[re.Match[str], Figure]], find: Find) -> list[Match]:
    """The other places of years that are found, but for names (SQL Server 2005): all of them are changed."""
    years, taken = {m.start for m in found if m.item == YEAR}, {m.start for m in found}
    moving = {hit.group() for hit, _ in seen if hit.start() in years}
    again = [(hit, at) for hit, at in seen if hit.group() in moving and hit.start() not in taken]
    return [Match(*hit.span(), YEAR) for hit, at in again if not (at.capital_before or is_joined(at, find))]


def _years_apart(found: list[Match], text: str) -> list[Match]:
    """Without what the text tells of two years (shelved for 48 years), which move together or, where one is fixed, not,
    and without years that it names where they stay, or by two digits ('98).

    Of several years, and of one with what it cannot have been without (the web), another near by is put.
    """
    moving = {int(text[m.start : m.end]) for m in found if m.item == YEAR}
    years = {*moving, *map(int, _YEARS.findall(text))} if moving else set()
    told = {m.group() for m in FIGURE.finditer(text) if is_duration(text[m.end() :])} if len(years) > 1 else set()
    pairs = {str(b - a): {a, b} for a in years for b in years if a < b and str(b - a) in told}
    left = {*pairs, *(str(year) for pair in pairs.values() if not pair <= moving for year in pair)}
    left |= beside_fixed(text, moving) | named_elsewhere(text, [m for m in found if m.item == YEAR])
    kept = [m for m in found if text[m.start : m.end] not in left]
    tied = len(years) > 1 or any(is_modern(text, year) for year in moving)
    return [replace(m, kind=NEAR) if tied and m.item == YEAR else m for m in kept]


def _repeated(found: list[Match], seen: list[tuple[re.Match[str], Figure]], find: Find) -> list[Match]:
    """An amount that stands again is changed there too (Bomb Kills 25. At least 25 people ...), or nowhere.

    Else the text would contradict itself, as with the 102 minutes of a 102-minute film. Round ones stand by chance.
    """
    figures = {hit.start(): at.figure for hit, at in seen}
    taken = {m.start for m in found}
    amounts = {figures[m.start]: m for m in found if m.item == NUMBER}
    added, left = list[Match](), set[str]()
    for hit, at in seen:
        own = amounts.get(at.figure)
        if own is None or hit.start() in taken or len(at.figure) < 2:
            continue
        if _kind(replace(at, capital_before=False, capital_after=False), find) == NUMBER:
            added.append(Match(*hit.span(), NUMBER, own.kind))
        elif at.figure[-1] != "0" and re.search(r"\.\d|[^\W\d_]|-$", at.figure + at.before[-1:] + at.after[:1]):
            left.add(at.figure)
    return [m for m in [*found, *added] if not (m.item == NUMBER and figures[m.start] in left)]


def _sort(at: Figure, kind: str, find: Find) -> str:
    """NEAR of what only a number near by can replace, COUNT before what it counts, else nothing."""
    if kind == YEAR:
        return NEAR if is_related_year(at.before, at.figure, at.after, dated=is_dated(at, find)) else ""
    if kind != NUMBER:
        return ""
    if at.previous in find.options.get("ages", ()) or is_age(at.before, at.after):
        return NEAR
    return COUNT * at.plural(find)


def _kind(at: Figure, find: Find) -> str:
    if is_record(at) or is_date(at):
        return LONG if is_record(at) else YEAR
    if is_joined(at, find) or _is_known(at, find):
        return ""
    if CLOCK.fullmatch(at.figure):
        return TIME if _is_time(at, find) else ""
    if not _ONE.fullmatch(at.figure):
        return ""
    if CURRENCY.search(at.before) or _CURRENCY_AFTER.match(at.after):
        return "" if at.figure == "1" and at.following in _SINGULAR else MONEY
    if _is_named(at, find):
        return ""
    if A_YEAR.fullmatch(at.figure) and _is_year(at, find):
        return YEAR
    if _LONG.fullmatch(at.figure):
        return "" if at.capital_after and _ZIP.search(at.before) and len(at.figure) == _ZIP_DIGITS else LONG
    return NUMBER if _counts(at, find) else ""


def _is_known(at: Figure, find: Find) -> bool:
    """Whether everybody knows it (911, 404), unless it measures something."""
    return at.figure in find.options.get("never", ()) and at.following not in find.options.get("units", ())


def _is_time(at: Figure, find: Find) -> bool:
    """A verse (John 3:16) and a ratio are no times; 24 hours as well as twelve are."""
    if (at.capital_before and not is_dated(at, find)) or at.previous in find.options.get("references", ()):
        return False
    clocked = at.following in find.options.get("clock", ()) or (at.following[:1] in ("a", "p") and at.after[2:3] == ".")
    return len(at.figure) == 5 or clocked or at.previous in find.options.get("at_times", ())


def _is_named(at: Figure, find: Find) -> bool:
    """Whether a name, a reference, a date, an hour or a scale holds it."""
    options = find.options
    year = bool(A_YEAR.fullmatch(at.figure))
    referred = is_referred(at, options.get("references", ())) and not at.before.endswith((", ", "("))
    if referred and _TELEPHONE.fullmatch(at.figure):
        return False
    if referred or (not year and at.following in options.get("scales", ())):
        return True
    if f"{at.figure} {at.following}" in options.get("never", ()):
        return True
    ordinal = re.match(r"\.\s([^\W\d_]+)", at.after)  # 14. September
    near = at.previous, at.following or (ordinal[1].lower() if ordinal else ""), _of_month(at)
    if not year and any(word in options.get("months", ()) for word in near):
        return True
    if not year and at.following in options.get("clock", ()):
        return True
    if re.match(r"\s?[ap]\.\s?m\b", at.after):
        return True
    return at.capital_before and not year and "," not in at.figure and not _LONG.fullmatch(at.figure)


def _of_month(at: Figure) -> str:
    return at.second if at.following in ("de", "of", "di", "the") else ""


def _is_year(at: Figure, find: Find) -> bool:
    names = "eras", "before_years", "after_years", "before_amounts"
    eras, before, after, amounts = (find.options.get(name, ()) for name in names)
    if at.following in eras or at.following in _SPANS or _HALF_OF_29.search(at.before[-20:]):
        return False
    if at.figure <= _OFTEN_NO_YEAR and at.previous not in _WHEN and not is_dated(at, find):
        return False
    if at.previous in before or at.following in after or is_dated(at, find):
        return True
    if at.plural(find) and (at.previous in amounts or is_plural(at.following)):
        return False
    if at.before.endswith("(") or (at.before.endswith(", ") and at.after[:1] in frozenset("),.;:]")):
        return True
    if at.previous.endswith(("'s", "’s")) or at.starts:
        return at.mixed and bool(at.following)
    return at.mixed and not at.capital_before and bool(at.following)


def _counts(at: Figure, find: Find) -> bool:
    """Whether it counts what follows, or what its sentence says without a noun ("killed 16")."""
    options, figure = find.options, at.figure
    unit, alone = at.plural(find), len(figure) == 1
    bracketed = _BRACKETED.search(at.before) and at.after[:1] in (")", "]")
    some = at.previous in options.get("before_amounts", ())
    named = at.capital_after and not unit and "," not in figure and not some
    judged = _JUDGED.search(at.before) and not unit and len(figure) < 4
    coded = figure[0] == "0" and figure.isdigit()
    listed = unit and figure.isdecimal() and int(figure) <= _MANY and _TOLD_ONE_BY_ONE.match(at.after)
    couple = figure == "2" and (at.following not in options.get("units", ()) or at.following in _COUPLE)  # named
    if bracketed or named or judged or coded or listed or (unit and couple) or figure == "1":
        return False
    if unit:
        if A_YEAR.fullmatch(figure) and not some and at.following not in options.get("units", ()):
            return False  # Frozen 2013 depicts
        doing = at.following not in options.get("units", ()) and not is_plural(at.following)
        counts = at.following in _SPANS or at.previous in _COUNTED
        if alone and figure in "24" and (at.chat or (doing and at.starts)) and not counts:
            return False  # "respect 4 women", "2 stop texts"
        hour = alone and at.previous in options.get("at_times", ()) and at.following not in options.get("units", ())
        return not hour
    if alone:
        return at.previous in options.get("ages", ()) or _is_hour(at, find) or _is_toll(at)
    return _tells(at, find)


def _is_hour(at: Figure, find: Find) -> bool:
    """Another is one too (at 3, until 8), unless it may stand for a word (by 4 u)."""
    return at.previous in find.options.get("at_times", ()) and bool(_HOUR_ENDS.match(at.after))


def _is_toll(at: Figure) -> bool:
    """Of people whom something happened to (kills 5, 3 dead)."""
    return bool(_TOLL.fullmatch(at.previous) or _TOLL.fullmatch(at.following))


def _tells(at: Figure, find: Find) -> bool:
    """Whether a number of several digits without a unit is an amount still, and no hour, code or name."""
    options, figure = find.options, at.figure
    if at.foreign or (at.chat and figure in ("16", "18") and not at.following):
        return False
    if "." in figure:
        return at.previous in options.get("before_amounts", ())
    leads = any(at.previous in options.get(key, ()) for key in ("function", "ages", "before_amounts"))
    caseless = bool(at.following) and at.following.upper() == at.following  # names show by no capital there
    clear = at.mixed or leads or caseless or len(figure) > 3
    if not clear or not _TENS.fullmatch(figure) or A_YEAR.fullmatch(figure) or figure[0] == "0":
        return False
    early = len(figure) < 3 and int(figure) < 25
    counted = bool(at.following) and at.following not in options.get("function", ())
    told = at.chat and _HOUR.fullmatch(figure) and not counted and at.following != "of"
    hour = told or (early and at.previous in options.get("at_times", ()))
    if hour or (at.previous in options.get("before_units", ()) and "," not in figure):
        return False
    if at.previous in _OF_ONE and (not counted or len(figure) == _A_MODEL):
        return False
    amounts = any(at.previous in options.get(name, ()) for name in ("ages", "before_amounts"))
    named = at.following in _SAYS_OF_ONE and not amounts
    if named or _OLD_YEAR.fullmatch(figure):  # the series 24 is better; in 1215
        return False
    if (figure == "10" and not counted and at.previous not in _AT_LEAST) or at.before.endswith(
        "out of "
    ):  # a perfect 10, stars out of 12
        return False
    return counted or (bool(at.previous) and not at.starts)

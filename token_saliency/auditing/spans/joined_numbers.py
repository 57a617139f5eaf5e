"""Numbers that are a part of something longer: a word, a date, a range, a score, a list; and those of records."""

from __future__ import annotations

import re

from token_saliency.auditing.audit import Find
from token_saliency.auditing.spans.figures import CURRENCY, Figure

CLOCK = re.compile(r"\d\d?:\d\d")
A_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
FIGURE = re.compile(
    rf"(?:[01]?\d|2[0-3]):[0-5]\d(?!\d)|\d{{1,2}}\.\d{{1,2}}(?=\.{A_YEAR.pattern}(?![\d.]\d))|\d+(?:[.,]\d+)*"
)
"""A time, a number, or what of a date stands before its year."""
_GLUED_BEFORE = re.compile(
    r"[\w.,:/@#&%+*=~^'’\"“`\\–—،٫٬\[-]$|§\s?$|#\s$|\d\s?[:/x×–h-]\s?$|\d\s[.,]\s$|\d\s(?:ft|feet|foot)\s$"
)
_GLUED_AFTER = re.compile(
    r"[\w%％/:°'’\"”*+=_@–—\]-]|[.,:،٫٬]\d|\s?(?:[:/x×÷–-]|&#247;)\s?\d|\s[.,]\s\d|\s?[/%％°ºª]|\)[\w(/]|\s\+\s"
    r"|\s['’]?s\b|\s['’](?!\w)"
)
_JOINS = r"\s(?:or|and|to|(?:out\s)?of(?:\sthe)?|in|every|vs\.?|till|until|through|bis|oder|und|à|et|ou|a|y|o|e|do)\s"
_JOINED_BEFORE, _JOINED_AFTER = re.compile(rf"(?<![^\W\d_])\d{_JOINS}$", re.I), re.compile(rf"{_JOINS}\d", re.I)
_BESIDE = re.compile(r"\d?\s(?:and|or|of\sthe|und|oder|et|ou|y)\s", re.I)
"""Between numbers of two digits that need be no others (runs of 32 and 70 yards)."""
_HYPHENED = r"\s[-–]\s?(?:of|for|to|out|and|in)\s?[-–]\s"
_SPACED_BEFORE, _SPACED_AFTER = re.compile(rf"\d{_HYPHENED}$", re.I), re.compile(rf"{_HYPHENED}\d", re.I)
"""7 - of - 15, as text that was cut into tokens writes 7-of-15."""
_LISTED = re.compile(r"(?:[.!?>]\s|^|\n)\s*[([]?$")
_LISTED_BEFORE, _LISTED_AFTER = re.compile(r"\d,\s$"), re.compile(r",\s\d{1,3}(?:,|\s(?:or|and)\s\d)")
_HEADING = re.compile(r"\d{1,2}\.\d{1,2}")
_TICKER = re.compile(r"\.[A-Z]{1,2}\b(?!\.)")
_DAY = re.compile(r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d")
_UNTIL = frozenset("close closes closing exp expires expiry ends until till b4 before by dated date valid from".split())
"""Before a date without its points (closes 300603)."""
_RECORD = re.compile(
    r"(?<!executive )(?<!general )\b(?:order|ticket|booking|reservation|invoice|receipt|account|case|record|claim"
    r"|incident|request|complaint|transaction|tracking|confirmation|reference|ref|customer|member|policy|id|bestellung|rechnung"
    r"|auftrag|kundennummer|bestellnummer|pedido|factura|commande|facture|ordine|fattura)"
    r"(?:\s(?:no\.?|nr\.?|number|id|ref|reference))?\s?[:=]?\s?#?$",
    re.IGNORECASE,
)
"""Right before the number of one of many alike, of which a text says nothing else."""
_ENDS = re.compile(r"[.,;:!?)\]]*(?:\s(?![-/]?\s?\d)|$)")
_RECORD_DIGITS = 4
_DATE_BEFORE = re.compile(r"(?<![\w/.-])(?!9/11/|11/9/|29[./-]0?2|0?2[./-]29)\d{1,2}([/.-])\d{1,2}\1$")
_DATE_AFTER = re.compile(r"-(?!02-29)[01]\d-[0-3]\d(?![\d-])")
_TELLS_MORE = re.compile(
    r"\b(?:born|birth\w*|dob|geb\w*|nacid[oa]|née?|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|lunes|martes"
    r"|miércoles|jueves|viernes|sábado|domingo|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|mon|tue|wed|thu|fri"
    r"|sat|sun)\b",
    re.IGNORECASE,
)


def is_record(at: Figure) -> bool:
    """Whether it is the number of a ticket, an order, an account: another is one as well."""
    figure = at.figure
    code = figure.isdigit() and len(figure) >= _RECORD_DIGITS and not A_YEAR.fullmatch(figure)
    return code and bool(_RECORD.search(at.before) and _ENDS.match(at.after))


def is_date(at: Figure) -> bool:
    """Whether it is the year of a date in figures (12.10.2004, 2004-10-12), beside no day of the week and no birth."""
    if not A_YEAR.fullmatch(at.figure) or _TELLS_MORE.search(at.before) or _TELLS_MORE.search(at.after):
        return False
    last = _DATE_BEFORE.search(at.before) and not re.match(r"[\w/-]|\.\d", at.after)
    first = _DATE_AFTER.match(at.after) and not re.search(r"[\w/.:#-]$", at.before)
    return bool(last or first)


def is_joined(at: Figure, find: Find) -> bool:
    """Whether it is a part of something longer: a word, a date, a range, a spaced figure, a number in a list."""
    before, year = CURRENCY.sub("", at.before), A_YEAR.fullmatch(at.figure)
    glued = _GLUED_AFTER.match(at.after) and not (year and at.after[:2] == ": ")
    if _GLUED_BEFORE.search(before) or glued or _TICKER.match(at.after):
        return True
    if _SPACED_BEFORE.search(before) or _SPACED_AFTER.match(at.after):
        return True
    if _DAY.fullmatch(at.figure) and at.previous in _UNTIL:
        return True
    if _HEADING.fullmatch(at.figure) and not at.before.strip() and at.following not in find.options.get("units", ()):
        return True
    dated = is_dated(at, find)
    if re.search(r"\d\s$", before) and not (year and dated) and not CLOCK.fullmatch(at.figure):
        return True
    if re.match(r"\s\d", at.after):
        return True
    if year:
        return False
    joins = [found.group() for found in (_JOINED_BEFORE.search(at.before), _JOINED_AFTER.match(at.after)) if found]
    if len(at.figure) > 1 and at.figure != "10":  # 3 or 4 times is not 3 or 9
        joins = [words for words in joins if not _BESIDE.match(words)]
    if joins:
        return True
    listed = _LISTED_AFTER.match(at.after) or (_LISTED_BEFORE.search(at.before) and not at.plural(find))
    if listed and len(at.figure) < 3:
        return True
    return bool(_LISTED.search(before) and re.match(r"[.)\]]\s", at.after) and len(at.figure) < 3)


def is_dated(at: Figure, find: Find) -> bool:
    """Whether a month, with or without a day, stands right before it."""
    found = re.search(r"([^\W\d_]+)\.?,?\s(?:\d{1,2}(?:st|nd|rd|th)?,?\s)?$", at.before)
    return bool(found and found.group(1).lower() in find.options.get("months", ()))

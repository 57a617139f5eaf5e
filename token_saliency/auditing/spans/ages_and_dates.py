"""Numbers that other words of the text relate to something: ages, parts of a time, years of a full date."""

from __future__ import annotations

import re
from itertools import chain, islice

_SINCE = 1990
_AGED = re.compile(
    r"[\s-]?(?:year|yr\.?|jahre|ans|años|anos|anni)s?[\s-]+(?:olds?|alt|young|de edad)\b|\s?y/?o\b", re.I
)
_YEAR_OLD = re.compile(r"(?<!\d)(\d{1,3})[- ]years?[- ]old\b", re.I)
_TURNED = re.compile(r"\bturn(?:s|ed|ing)? (\d{1,3})\b", re.I)
_SAID = re.compile(r"\b(?:aged|(?:I|s?he)(?: am|['’]m| is|['’]s| was)) (?=\d|$)", re.I)
_SAID_IN = 10
_GROWN_UP = re.compile(r"[2-7][0-9]")
_GENERATION = re.compile(
    r"\b(?:grand\w+|great-\w+|mothers?|fathers?|parents?|mom|mum|dad|sons?|daughters?|child\w*|kids?|boys?|girls?|teen\w*"
    r"|retir\w+|pension\w*|students?|pupils?|school\w*|colleges?|university|widow\w*|veterans?|seniors?|elderly|young\w*"
    r"|youth\w*|turn\w*|middle-aged|career|pregnan\w+|born|since|married|died|dead|death|record|oldest|youngest|birthday"
    r"|\w*(?:mutter|vater|mütter|väter)|sohn|tochter|oma|opa|enkel\w*|kind(?:er\w*)?|mädchen|jungen?|jugendliche\w*"
    r"|witwer?|geboren\w*|gestorben|tot|rentner\w*|schüler\w*|madre|padre|hij[oa]s?|niñ[oa]s?|niet[oa]s?|joven|jóvenes"
    r"|viud[oa]|naci[óo]|murió|estudiantes?|abuel[oa]s?|jubilad[oa]s?"
    r"|it|its|this|films?|movies?|games?|books?|novels?|songs?|albums?|shows?|series|cars?|vehicles?|trucks?|machines?|phones?"
    r"|computers?|laptops?|software|sites?|houses?|homes?|buildings?|hotels?|trees?|wines?|whisk\w+|dogs?|cats?|horses?"
    r"|compan\w+|firms?|laws?|players?|champions?)\b",
    re.I,
)
"""What tells of how old somebody is, or reckons with it; and things, which have ages of their own."""
_OF_YEARS = re.compile(r"[ -](?:years?|yrs?|ans|años|anos|anni|jahre)\b", re.I)
_PERSON = re.compile(
    r"(?:[A-Z][a-zà-ÿ]+(?:,| \()\s?|\b(?:boy|girl|man|woman|child|kid)s? of |\bthe (?:under|over) "
    r"|\b(?:boys|girls|kids|children|women|men|people|adults|those) (?:aged? )?(?:under|over|below|above) )$"
)
_PARTS = re.compile(r"(?:\b|(?<=\d))(?:ages? of|(?:hour|minute|hr|min)s?,?(?: and)?)\s$", re.I)
_BEING = re.compile(
    r"(?:\b(?:your|is|are|was|were|am|be|being|turned|turns|turning|now)|['’](?:m|s|re))\s"
    r"(?:(?:at|only|about|just|now|over|under|nearly|almost|around)\s){0,2}$|\bat\s(?:only\s)?$",
    re.I,
)
_ALONE = re.compile(
    r"\s?(?:[.,;:!?()\]]|$)|\s(?:and|or|but|when|where|so|then|now|crowd|years?|anni|ans|años|anos|jahre)\b", re.I
)
_OF_A_DAY = re.compile(r"\d(?:st|nd|rd|th)?\.?,? $|\d(?:st|nd|rd|th)?\.?,? (?:of )?[^\W\d_]+\.?,? $")
_RELATED = re.compile(
    r"[^.!?]*[.!?]?[^.!?]*?(?:\b(?:years?|decades?|months?|weeks?|days?) (?:later|earlier|before|after|ago)\b"
    r"|\b(?:that(?: same)?|the same|the (?:previous|following|next|prior)) year\b|\byear (?:earlier|before|ago)\b"
    r"|[,;–—-] ?(?:(?:just|long|shortly|right|only|even) )?(?:before|after)\b)",
    re.I,
)
"""Said after a year: another decade would contradict it (in 1931. Only a few years later)."""
_IN = re.compile(r"\d(?:st|nd|rd|th)? (?:of )?[A-Z][^\W\d_]+,? in $")
_NOW = re.compile(r"\b(?:it['’]?s|it is|we are in|now) $", re.IGNORECASE)
_OF_A_WORK = re.compile(
    r"(?: [\w'’-]+){0,3}? (?:films?|movies?|version|classic|production|remake|sequel|novel|album|musical|original)\b",
    re.IGNORECASE,
)
"""A work is known by its year."""
_BORN = (
    re.compile(r"\b(?:born|née?|geb\.|nacid[oa]|nato|nata)\b[^.;!?]{0,30}$", re.IGNORECASE),
    re.compile(r"(?: in \w+)? (?:geborene?[rnms]?|born)\b", re.IGNORECASE),
)
_OF_WAR = re.compile(
    r"\b(?:191[4-8]|193[89]|194[0-6])\b|\b(?:wars?|vietnam|nazis?|hitler|soviet|holocaust|troops|soldiers|revolutions?|fascis\w+|dictator\w*|regimes?|coups?|assassinat\w+)\b",
    re.IGNORECASE,
)
"""What all of the world remembers did not happen in another decade."""
_EVENT = re.compile(
    r"\b(?:olympi\w+|world cups?|paralympi\w+|mvps?|champions?|championships?|medall?ists?|oscars?|grand prix|playoffs?"
    r"|elections?|tour|nobel|pulitzer|grammys?|emmys?|world series|super ?bowl)\b",
    re.IGNORECASE,
)
"""Only certain years have them, or the world knows whose year it was."""
_MODERN = re.compile(
    r"\bEUR(?=\d)|\b(?:EUR|MEUR|euros?|internet|online|web\w*|www|https?|e-?mails?|blogs?|dvds?|twitter|tweet\w*|facebook|youtube|google|wiki\w*"
    r"|i?phones?|smartphones?|apps?|hashtags?|mp3s?|broadband|ipods?|podcasts?|utc|instagram|tumblr|snapchat|netflix|spotify|airbnb|selfies?|gifs?|emojis?|memes?)\b|€",
    re.IGNORECASE,
)
_STAMP = re.compile(r" ?\((?:UTC|GMT|[CEPM][DES]T|\d{3,4}\b)")
"""A year of a stamp (2006 (UTC)), or told in another calendar behind it (1979 (1399 AH))."""


def is_age(before: str, after: str) -> bool:
    """An age (another must not make a child of a man), or minutes beside hours."""
    told = _PERSON.search(before) or _BEING.search(before)
    return bool(_PARTS.search(before) or _AGED.match(after) or (told and _ALONE.match(after)))


def told_ages(text: str) -> set[str]:
    """The figures that an age told beside them ties: the 90 of an 89-year-old who turns 90."""
    return {str(int(age) + 1) for age in _YEAR_OLD.findall(text)} & {*_TURNED.findall(text)}


def is_of_age(text: str, start: int, end: int) -> bool:
    """The age of a grown-up, the only one of the text, of which nothing else in it speaks."""
    said = _AGED.match(text, end) or (_SAID.search(text[max(0, start - _SAID_IN) : start]) and _ALONE.match(text, end))
    if not _GROWN_UP.fullmatch(text[start:end]) or not said:
        return False
    others = islice(chain(_AGED.finditer(text), _SAID.finditer(text)), 2)  # a text may have thousands
    return sum(1 for _ in others) < 2 and not _GENERATION.search(_AGED.sub(" ", text[:start] + text[end:]))


def is_related_year(before: str, year: str, after: str, *, dated: bool) -> bool:
    """A year with its day, in a stamp, or from which the text reckons on: another decade would contradict it."""
    told = _IN.search(before) or _NOW.search(before) or _BORN[0].search(before) or (dated and _OF_A_DAY.search(before))
    follows = _RELATED.match(after) or _STAMP.match(after) or _BORN[1].match(after)
    alone = before[-1:] == "(" and after[:1] == ")"
    around = f"{before} {year} {after}"
    world = _OF_A_WORK.match(after) or _EVENT.search(around) or _OF_WAR.search(around)
    return bool(told or follows or alone or world)


def reckons_on(after: str) -> bool:
    """Whether the text counts on from there (only a few years later)."""
    return bool(_RELATED.match(after))


def is_modern(text: str, year: int) -> bool:
    """Whether the text speaks of what an earlier decade did not have (euros, the web)."""
    return year >= _SINCE and bool(_MODERN.search(text))


def is_duration(after: str) -> bool:
    """Whether years are counted."""
    return bool(_OF_YEARS.match(after))

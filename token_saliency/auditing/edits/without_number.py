"""A text without one of its numbers, where what is left can still be read, or with it in words; else as it is."""

from __future__ import annotations

import re

from token_saliency.auditing.audit import Match
from token_saliency.auditing.edits.operators import delete
from token_saliency.auditing.edits.renumbering import after_article
from token_saliency.auditing.spans.ages_and_dates import reckons_on
from token_saliency.auditing.spans.figures import COUNT, NEAR
from token_saliency.auditing.spans.numbers import LONG, MONEY, NUMBER, TIME, YEAR

_MONTH = r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_FUNCTION = (
    r"(?:and|but|when|where|who|which|that|was|were|is|are|has|had|as|for|with|to|in|on|by|from|after|there|here|today"
    r"|yesterday|again|last|this)"
)
_GOES_ON = (
    r"(?=[.,;:!?)\]\"”](?!\w)|\s[-–—(]|\s*$"
    rf"|\s{_FUNCTION}\b)"
)
_SUM = r"(?:US|[CA])?[$£€¥₹] ?"
_MORE = r"(?: (?:million|billion|thousand|mn|bn|m|dollars|pounds))?"

_COINS = r"(?:words|cents|dollars|pounds|euros|bucks|pence)\b"
_MEASURES = r"(?:yards|met(?:er|re)s|feet|inches|points|nights)\b"
"""Nobody runs for yards, or stays for nights."""
_PLURAL = (
    rf"()\s(?!{_COINS})(?:(?!and|or|of|more)[a-z-]+\s)?(?!{_COINS})[a-z]{{2,}}[a-rt-z]s\b(?! of|,? more| or| ago)"
    r"|\s(?:people|children|men|women)\b"
)

_WAYS: dict[str, tuple[tuple[str, str], ...]] = {
    YEAR: (
        (r"\w( \()$", r"(\))"),
        (rf"{_MONTH}(?: \d\d?)?(,? )$", _GOES_ON),
        (
            r"(?<!\bas)(?<!back)(?<!\b[Ss]et)(?<!place)(?<!lived)(?<!dates)(?<!dated)(?<! and)(?<!where)(?<!when)"
            r"(?<!\bend)(?<!half)(?<!start)(?<!beginning)(?<!middle)(?<!close)(?<!rest)(?<!most)(?<!part)(?<!remainder)"
            r"(?<=\w)( (?-i:in|since|of|from|during|until|till|by|circa|around"
            r"|before|after))\s$",
            rf"(?! (?:when|where|which)\b| \(the\b){_GOES_ON}",
        ),
        (
            r"\b(?:its|their|his|her|my|our|your)\s()$",
            rf"()\s(?!{_FUNCTION}\b|versions?\b|remakes?\b|originals?\b|editions?\b|seasons?\b)[a-z]{{3,}}",
        ),
        (r"\b(?:the|this)\s()$", r"()\s(?-i:[A-Z][a-z]{2,}\s[A-Z])"),  # not: the season
    ),
    NUMBER: (
        (r"\b(?:for|(?<!\b[Ii]t )took|these|those|are|were)\s()$", rf"(?!\s{_MEASURES}){_PLURAL}"),
        (
            r"(?<!out of )(?<!of the )(?<!\d of )\b(?:in|within|the|first|last|final|past|next|has|have|had)\s()$",
            # nobody says: in the past years
            rf"(?=\s(?!(?:years|months|weeks|days|decades|hours|minutes|seconds)\b)){_PLURAL}",
        ),
    ),
    MONEY: (
        (rf"\b(?:fined|w[io]n|donated?)( {_SUM})$", rf"({_MORE}){_GOES_ON}"),
        (rf"\b(?:paid|pays?|paying)( {_SUM})$", rf"({_MORE})(?! (?:in|from|as)\b){_GOES_ON}"),
        (
            rf"(?<!along)(?<!total)(?<!worth)(?<!value)(?<!price)(?<!sum)(?<!cost)"
            rf"( (?:for|with|of) (?:(?:about|over|nearly|almost) )?{_SUM})$",
            rf"({_MORE})(?! in\b){_GOES_ON}",  # not: with $55 billion in revenue
        ),
    ),
    LONG: (
        (r"(?<!['’]m)(?<!am)(?<!is)(?<!are)(?<=\w)( (?:on|to|at|from) )$", rf"(){_GOES_ON}"),
        (r"\b(?:call|ring|dial|phone)( )$", rf"()(?=\s(?:now|{_FUNCTION})\b)"),
    ),
    TIME: ((r"\w( (?:at|by|until|before|after) )$", rf"((?: ?[ap](?:m\b|\.m\.))?){_GOES_ON}"),),
}
"""What stands before and after a number that can go, by its kind; the groups go with it."""


_STRESSED = re.compile(
    r"(?:\b(?i:only|not|already|never)|n['’]t)\b[^.;,\d]{0,60}$"
    r"|,\s(?:created|founded|established|built|born|made|formed|released)(?:\s\w+){0,2}\s$"
    r"|\b[Tt]he\s(?:[A-Z][\w'’-]*\s){1,3}of\s$"
)
"""Before a year that is what the sentence says (was only constructed in 1999; the chair, created in 1998)."""


_EMPTIED = re.compile(r"\(\s*\w*(?:\s(?:in|since|from|of))?\s$"), re.compile(r"\s?\)")
"""A bracket of which one idle word would be left (established in 1895)."""
_COMPARED, _NEAR = re.compile(r"\b(?:vs|versus)\b"), 30
_IN_BRACKETS, _NEXT_ITEM = re.compile(r"\(\d{4}\)"), re.compile(r"\)\s[A-Z]")
"""Years that part the items of a list: Best of Ann (2007) Best of Bo (1997)."""


_BETWEEN = (
    r"(?:\s(?:and|or)|(?:\s\w+)?\s(?:to|through|until|till|than|instead of))"
    r"\s(?:(?:in|early|mid|late|about|over|nearly)\s)?[$£€]?"
)
_PAIRED = re.compile(rf"\d\S*{_BETWEEN}$"), re.compile(rf"{_BETWEEN}\d")
"""Of two numbers one cannot go alone (from 1988 to 1990)."""


def without_number(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001 - one signature for all operators
    """A year goes with its preposition, comma or brackets, a sum with its currency, a count from before a plural.

    Where that would leave half a sentence, an amount in an English text is written in words. The rest stays as it is:
    an age, a number after an article, one that counts nothing.
    """
    if (match.kind == NEAR and match.item != YEAR) or after_article(text, match):
        return text
    if match.item == YEAR and _is_needed(text, match):
        return text
    if _PAIRED[0].search(text[: match.start]) or _PAIRED[1].match(text, match.end):
        return text
    for before, after in _WAYS.get(match.item, ()):
        head = re.search(before, text[max(0, match.start - 40) : match.start], re.IGNORECASE)
        tail = re.match(after, text[match.end :][:40], re.IGNORECASE)
        if head and tail:
            whole = Match(match.start - len(head[1]), match.end + len((tail.lastindex and tail[1]) or ""), match.item)
            return delete(text, whole)
    return _in_words(text, match)


def _is_needed(text: str, match: Match) -> bool:
    """Whether a year is what its sentence says, all that a bracket holds, or parts two items."""
    before = text[: match.start]
    if reckons_on(text[match.end :]) or _STRESSED.search(before):
        return True
    if _EMPTIED[0].search(before[-40:]) and _EMPTIED[1].match(text, match.end):
        return True
    if _COMPARED.search(text[max(0, match.start - _NEAR) : match.end + _NEAR]):
        return True
    bracketed = before.endswith("(") and _NEXT_ITEM.match(text, match.end)
    return bool(bracketed) and len(_IN_BRACKETS.findall(text)) > 1


_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
ENGLISH = re.compile(r"\b(?:the|and|with|that|this|it|you|they|their|who|from|said)\b", re.IGNORECASE)
_CURRENCIES = {"$": "dollars", "£": "pounds", "€": "euros"}
_WHOLE = re.compile(r"[1-9]\d{0,5}|[1-9]\d{0,2},\d{3}")
_SHORT_UNIT = re.compile(r" ?[a-z]{1,2}\b(?<! me)(?<! us)(?<! of)(?<! in)(?<! on)(?<! or)", re.IGNORECASE)
_SCALE = re.compile(r"(?: (?:million|billion|thousand)\b)?")
_OF_A_COUNTRY, _UP_TO = re.compile(r"\b(?:US|[CAS]|HK|NZ) $"), re.compile(r" ?(?:to|and|or|-|–) ?[$£€]")
_STARTS = re.compile(r"(?:^|[.!?]\s)\s*$")


def _in_words(text: str, match: Match) -> str:
    """`It cost 45 dollars` becomes `It cost forty-five dollars`, `$45` too: no figure is left, and nothing is lost."""
    figure, start, end = text[match.start : match.end], match.start, match.end
    if not _WHOLE.fullmatch(figure) or (value := int(figure.replace(",", ""))) < 2 or not ENGLISH.search(text):
        return text
    if (
        value > 99 and len(figure.replace(",", "").rstrip("0")) > 2
    ):  # nobody writes six hundred and sixty-six thousand ...
        return text
    said = words_of_number(value)
    if match.item == MONEY:
        unit = _CURRENCIES.get(text[start - 1 : start], "")
        scale = _SCALE.match(text, end)
        start, end = start - 1, scale.end() if scale else end
        said = f"{said}{scale.group() if scale else ''} {unit}"
        if _OF_A_COUNTRY.search(text[:start]) or _UP_TO.match(text, end):  # US $3 billion, $4 billion to $10 billion
            return text
        if not unit or text[max(0, start - 1) : start].strip("(\"' ") or not re.match(_GOES_ON, text[end:]):
            return text
    elif (
        _SHORT_UNIT.match(text, end)
        or match.item != NUMBER
        or match.kind != COUNT
        or text[max(0, start - 1) : start].strip()
    ):
        return text
    return text[:start] + (said.capitalize() if _STARTS.search(text[:start]) else said) + text[end:]


def words_of_number(value: int) -> str:
    """45 is forty-five; below a million."""
    if value < len(_SMALL):
        return _SMALL[value]
    if value < 100:
        return _TENS[value // 10 - 2] + (f"-{_SMALL[value % 10]}" if value % 10 else "")
    size, name = (1000, "thousand") if value >= 1000 else (100, "hundred")
    rest = value % size
    joined = " and " if size == 100 or rest < 100 else " "
    return f"{words_of_number(value // size)} {name}" + (joined + words_of_number(rest) if rest else "")

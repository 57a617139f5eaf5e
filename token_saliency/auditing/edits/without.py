"""A text without one of its numbers, where what is left can still be read; else the text as it is."""

from __future__ import annotations

import re

from token_saliency.auditing.audit import Match
from token_saliency.auditing.edits.operators import delete
from token_saliency.auditing.edits.renumbering import after_article
from token_saliency.auditing.spans.numbers import LONG, MONEY, NEAR, NUMBER, TIME, YEAR

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
_PLURAL = (
    rf"()\s(?!{_COINS})(?:(?!and|or|of|more)[a-z-]+\s)?(?!{_COINS})[a-z]{{2,}}[a-rt-z]s\b(?! of|,? more| or)"
    r"|\s(?:people|children|men|women)\b"
)

_WAYS: dict[str, tuple[tuple[str, str], ...]] = {
    YEAR: (
        (r"\w( \()$", r"(\))"),
        (rf"{_MONTH}(?: \d\d?)?(,? )$", _GOES_ON),
        (
            r"(?<! as)(?<!back)(?<=\w)( (?:in|since|of|from|during|until|till|by|circa|around|before|after))\s$",
            _GOES_ON,
        ),
        (r"\b(?:the|its|their|his|her|this|my|our|your)\s()$", rf"()\s(?!{_FUNCTION}\b)[a-z]{{3,}}"),
    ),
    NUMBER: (
        (r"\b(?:for|took|these|those|are|were)\s()$", _PLURAL),
        (
            r"(?<!out of )(?<!of the )\b(?:in|within|with|the|first|last|final|past|next|has|have|had)\s()$",
            rf"(?=\s(?!(?:years|months|weeks|days|decades|hours)\b)){_PLURAL}",  # nobody says: in the past years
        ),
    ),
    MONEY: (
        (rf"\b(?:paid|pays?|paying|spent|spends?|fined|w[io]n|donated?|raised)( {_SUM})$", rf"({_MORE}){_GOES_ON}"),
        (rf"\w( (?:for|with|of) (?:(?:about|over|nearly|almost) )?{_SUM})$", rf"({_MORE}){_GOES_ON}"),
    ),
    LONG: (
        (r"\w( (?:on|to|at|from) )$", rf"(){_GOES_ON}"),
        (r"\b(?:call|ring|dial|phone)( )$", rf"(){_GOES_ON}"),
    ),
    TIME: ((r"\w( (?:at|by|until|before|after) )$", rf"((?: ?[ap](?:m\b|\.m\.))?){_GOES_ON}"),),
}
"""What stands before and after a number that can go, by its kind; the groups go with it."""


def without_number(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001 - one signature for all operators
    """A year goes with its preposition, comma or brackets, a sum with its currency, a count from before a plural.

    What would leave half a sentence stays as it is: an age, a number after an article, one that nothing follows.
    """
    if (match.kind == NEAR and match.item != YEAR) or after_article(text, match):
        return text
    for before, after in _WAYS.get(match.item, ()):
        head = re.search(before, text[max(0, match.start - 40) : match.start], re.IGNORECASE)
        tail = re.match(after, text[match.end :][:40], re.IGNORECASE)
        if head and tail:
            whole = Match(match.start - len(head[1]), match.end + len((tail.lastindex and tail[1]) or ""), match.item)
            return delete(text, whole)
    return text

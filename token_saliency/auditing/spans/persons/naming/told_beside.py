"""Given names that are vehicles, streets, shows, storms or towns by the words right beside them: `on a Harley`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from token_saliency.auditing.spans.persons.naming.name_row import NameRow, is_capitalised

_REACH = 60
_LONGEST_TITLE = 4
"""In words that are all in capitals; a longer run is shouted."""
_OWNED = r"(?:an?|the|his|her|my|your|our|their|old|new)"
_RIDDEN = re.compile(
    rf"\b(?:rides?|riding|rode|drives?|driving|drove|driven|parked?|on|aboard|behind the wheel of) {_OWNED} $",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"\b(?:turn(?:ed|ing|s)?(?: (?:left|right))? (?:on|onto|at|down|off)|(?:left|right|exit|ends?|starts?|corner)"
    r" (?:on|onto|at|of)|(?:drive|drove|walk|walked) (?:up|along|down)) $",
    re.IGNORECASE,
)
_TAKE = re.compile(r"\b(?:take|taking|took|via|cross(?:es|ing)?) $", re.IGNORECASE)
_WAY = re.compile(
    r"\b(?:drive|exit|highway|street|intersection|directions?|(?:turn|make a|a) (?:left|right)|ends? at)\b",
    re.IGNORECASE,
)
_LEG = re.compile(r"\s*(?:$|[.,;!?)]|(?:to|and|until|till|til|then|past|for|from|north|south|east|west)\b)")
_SHOWN = re.compile(
    r"\b(?:seen|watch(?:ed|ing)?|appear(?:s|ed|ing|ances?)?|aired?|airing|guests?|guesting|interview(?:ed|s)?"
    r"|segments?|featured|episodes?) on (?:the )?$",
    re.IGNORECASE,
)
_FLOWN = re.compile(r"\b(?:flights?|fly|flying|flew|flown) (?:from|to|into|via) $", re.IGNORECASE)
_STORMS = frozenset(
    "andrew alex bonnie camille charley dennis frances gaston harvey hugo ida ike irene irma isabel ivan jeanne karl"
    " katrina maria mitch rita sandy wilma".split()
)
_OF_A_STORM = (
    re.compile(r"\b(?:after|since|during|post|damage|reports from|victims of|wake of|by) $", re.IGNORECASE),
    re.compile(r"\s*(?:$|[.,;!?)]|(?:and|hit|struck|made landfall|came through)\b)"),
)
_WEATHER = re.compile(
    r"\b(?:damage|landfall|winds?|evacuat\w+|flood\w*|storms?|disasters?|relief|oil|plagues?|catastroph\w+)\b",
    re.IGNORECASE,
)
_DATELINE = re.compile(r"(?: ?,[ A-Z][\w. ]{1,20})? ?(?:\((?:Reuters|AP|AFP|UPI|CBS|Bloomberg)|--|[–—])")
_REGION = re.compile(
    r" [A-Z][a-z]+, (?:(?:in )?(?:the )?(?:north|south|east|west|central|northern|southern|eastern|western|inner))\b"
)
_NUMBERED = re.compile(r"\b\d{1,3}\. (?:[A-Z][\w'’]* )+$"), re.compile(r" ?:")
_FIRM_TOLD = re.compile(
    r" (?:said|says|admitted|announced|warned|confirmed|revealed)(?: \w+day| today| that| \w+ly){0,2}"
    r" it (?:is|was|has|had|would|will|expects?|expected|plans?|planned|could|may|might)\b"
)
_BYNAME = re.compile(r"(?<![\w'’])[\"“'‘`]+[A-Z][a-z]+[\"”'’`]+ $")
_PART_OF = re.compile(
    r"\b(?:snippets?|scenes?|arias?|habanera|excerpts?|duets?|overture|music|trio|chorus|finale|numbers?|songs?|version)"
    r" (?:from|of) $",
    re.IGNORECASE,
)
_IN_A_TITLE = re.compile(r"(?:^| )[a-z]+,? ([A-Z][a-z]+) (?:with|for|about|without|to|from|on|in|and the) $")
_THAN, _CLAUSE_ENDS = re.compile(r"\bthan $"), re.compile(r" ?(?:$|[.,;!?)])")
_IN_QUOTES = re.compile(r"(?:[\"“”`]|``|(?<!\w)['‘]) ?$"), re.compile(r" ?[,.;]?(?:[\"“”]|``|''|['’](?!\w))")
_PAIR = re.compile(r"[a-z] $"), re.compile(r" & [A-Z][a-z]+ [a-z]"), re.compile(r"[a-z] [A-Z][a-z]+ & $")
_AFTER_THINGS = re.compile(r", an? [A-Z]\w+,? and (?:[a-z']+ ){0,4}$")
_SPLIT = re.compile(r"\w [`'’] ?$")
_PERFECT = re.compile(r"\b(?:have|has|had|should|could|would|['’]ve)(?: just| not| also| never| always| only)? $")
_SCORE = re.compile(r"(?: [A-Z]\w+)?,? \d{2,3}-\d{2,3}\b(?!,? \d)")
_WORK_OF_A_YEAR = re.compile(r"\b(?:19|20)\d\d['’]s [\"“]?$")
_IS_THE_TITLE = re.compile(r" (?:is|was) (?:the|its|their) (?:original |working )?(?:title|name) of\b")
_MADE_AGAIN = re.compile(r" (?:remake|sequel|prequel|trilogy|franchise|reboot|saga|miniseries)\b")
_WITH_EFFECTS = re.compile(r"\bWith [^.,]*\b(?:effects|sets|cinematography|script|dialogue|soundtrack|budget)[^.,]*, $")
_CASE = re.compile(r"(?: [A-Z]\w+){0,2} v\. [A-Z]"), re.compile(r"\bv\. (?:[A-Z]\w+ ){0,2}$")
_AND_MORE = re.compile(r"[A-Z]\w+: $"), re.compile(r"(?: [A-Z]\w+)? and [A-Z]\w+ [A-Z]")
_SUBTITLE = re.compile(r"[A-Z]\w+: $"), re.compile(r" [A-Z]\w+ and ([A-Z]\w+) ([A-Z]\w+)\b")
_BAND = re.compile(r"(?: [A-Z]\w+){2,3} (?:album|band|single|record|concert|tour)s?\b")
_FORMER = (
    re.compile(r"\b[Ff]ormer $"),
    re.compile(r" (?:champion|player|star|captain|coach|defender|striker|midfielder|winger|manager|boss|chief)\b"),
)
_PARTICIPLE = re.compile(r" (?:[a-z]+ed|made|done|gone|given|shown|taken|written)\b")
_CODE = re.compile(r"(?:^|[a-z,] )([A-Z]{3,5}) $")
_SHOUTED = frozenset(
    "the and but not that this all any you she her his him who why how what when with from for are was has had did does"
    " dear ceo cfo coo cto cio".split()
)


def is_told_beside(row: NameRow, i: int) -> bool:
    """Whether the words right beside word i say that it names no person."""
    return any(_reasons(row, i))


def _reasons(row: NameRow, i: int) -> Iterator[bool]:
    start, after = row.words[i].start(), row.after(i)
    before, alone = row.text[max(0, start - _REACH) : start], not _goes_on(row, i)
    yield _SHOWN.search(before) is not None
    yield bool(row.mixed and _REGION.match(after) and row.before(i).lower() in ("in", "at", "near"))
    yield bool(_NUMBERED[0].search(before) and _NUMBERED[1].match(after))
    yield row.mixed and (_BYNAME.search(before) or _SCORE.match(after) or _BAND.match(after)) is not None
    yield (_CASE[0].match(after) or _CASE[1].search(before)) is not None
    pair = _SUBTITLE[1].match(after) if _SUBTITLE[0].search(before) else None  # Talk:The Trial: Abraham Lincoln and
    yield pair is not None and pair[1].lower() not in row.index and pair[2].lower() in row.listed("words")
    yield row.mixed and row.before(i).lower() == "the" and _is_ordinary(row, i + 1)
    yield row.mixed and row.word(i).isupper() and len(row.word(i)) > 1 and _DATELINE.match(after) is not None
    if row.word(i).islower():
        yield row.mixed and _SPLIT.search(before) is not None
        yield (_PERFECT.search(before) and _PARTICIPLE.match(after)) is not None
    if alone:
        yield from _of_works(row, i, before, after)
        yield (_RIDDEN.search(before) or _FLOWN.search(before)) is not None
        yield _LEG.match(after) is not None and _is_street(row.text, before)
        yield _is_storm(row, i, before, after)
        yield _FIRM_TOLD.match(after) is not None
        code = _CODE.search(before) if row.mixed and row.word(i).istitle() else None
        yield code is not None and code[1].lower() not in _SHOUTED


def _of_works(row: NameRow, i: int, before: str, after: str) -> Iterator[bool]:
    """Of a name alone: `a snippet from Carmen`, `in Strangers with Candy`, `denser than Lola`, `“Lulu”`."""
    yield bool(_IN_QUOTES[0].search(before) and _IN_QUOTES[1].match(after))
    if not (row.mixed and is_capitalised(row.word(i))):
        return
    owner = after[:2] in ("'s", "’s")
    yield not owner and (_PART_OF.search(before) or _AFTER_THINGS.search(before)) is not None
    title = _IN_A_TITLE.search(before)
    yield title is not None and row.knows(title[1].lower()) and title[1].lower() not in row.listed("introduced_by")
    yield (_WORK_OF_A_YEAR.search(before) or _WITH_EFFECTS.search(before)) is not None
    yield (_IS_THE_TITLE.match(after) or _MADE_AGAIN.match(after)) is not None
    yield bool(_FORMER[0].search(before) and _FORMER[1].match(after))
    yield bool(_THAN.search(before) and _CLAUSE_ENDS.match(after))
    yield bool((_PAIR[0].search(before) and _PAIR[1].match(after)) or (_PAIR[2].search(before) and after[:2] > " a"))
    yield _ends_a_shouted_title(row, i)


def _is_ordinary(row: NameRow, i: int) -> bool:
    """`the Celestine Prophecy`: what follows is an ordinary word with a capital, and no part of a name."""
    word = row.next(i - 1)
    low = word.lower()
    return word.istitle() and low in row.listed("words") and low not in row.surnames and low not in row.index


def _ends_a_shouted_title(row: NameRow, i: int) -> bool:
    """`the series MY BROTHER JACK among others`: the last of a few words in capitals inside a sentence of others."""
    shouted = 0
    while i - shouted >= 0 and row.word(i - shouted).isupper() and (not shouted or row.beside(i - shouted + 1)):
        shouted += 1
        if shouted > _LONGEST_TITLE:
            return False
    return shouted > 1 and row.beside(i - shouted + 1) and row.word(i - shouted).islower() and row.next(i).islower()


def _is_street(text: str, before: str) -> bool:
    """`turn left on howard`, and in a row that tells the way `take howard`."""
    return bool(_TURN.search(before) or (_TAKE.search(before) and _WAY.search(text)))


def _is_storm(row: NameRow, i: int, before: str, after: str) -> bool:
    """`as we saw after Katrina`, `damage reports from Ivan`, in a row about what storms do."""
    named = row.word(i).lower() in _STORMS and _OF_A_STORM[0].search(before) and _OF_A_STORM[1].match(after)
    return bool(named) and _tells_of_weather(row.text)


@lru_cache(maxsize=4)  # asked of every name of a text
def _tells_of_weather(text: str) -> bool:
    return _WEATHER.search(text) is not None


def _goes_on(row: NameRow, i: int) -> bool:
    following = row.next(i)
    return is_capitalised(following) if is_capitalised(row.word(i)) else following.lower() in row.surnames

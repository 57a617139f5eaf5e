"""Numbers that others of their text hold fast: sums, ranges, shares, lists; and the room that the rest has.

Another number in the place of one must neither break what the text reckons nor turn the order of its numbers round.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from math import inf

from token_saliency.auditing.audit import Match
from token_saliency.auditing.spans.figures import NEAR, plain_digits

_N = r"(?<![\d.,])\d++(?:[.,]\d++)*(?![.,]?\d)"
"""A number to its end. No possessive group: before Python 3.11.5 such a one takes the comma behind it too."""
_SIGN = r"(?:[$£€¥₹₽]|\b(?:USD|EUR|GBP|CHF|INR|SEK|NOK|DKK|JPY|Rs\.?|US ?\$|A ?\$))"
_COIN = r"(?:(?:US-)?dollars?|euros?|pounds?|yen|eur|usd|kronor|franken|real|rupees|yuan|cents?)"
_SCALE = r"(?:million(?:en)?|billion|thousand|mln|bln|mn|bn|mio\.?|mrd\.?|m|k|crore|lakh)"
_SOME = (
    r"(?:(?:about|approx\w*\.?|around|some|rund|etwa|ca\.?|or|just|under|over|nearly|almost|up to|bis zu|equivalent"
    r" to) ){0,3}"
)
_PERCENT = r"(?:%|per ?cents?\b|pct\b|prozent\b)"
_TO = r"(?:to|till|until|bis|à|through|versus|vs\.?)"

_WORDS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
).split()
_LENGTH = (
    r"(?:sq\.? ?(?:m|ft|km|feet|miles?)|m|ft|feet|km|miles?|metres?|meters?|kg|lbs?|pounds?|cm|mm|ml|fl|oz"
    r"|inch(?:es)?|acres?|hectares?|ha)\b"
)
_A_YEAR = r"(?:1[5-9]|20)\d\d"

_FIXED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # a price told in two currencies: EUR 700,000 USD 934,000, $5 million or £3 million, 1 euro = $1.4
        rf"(?:(?P<sign>{_SIGN}) ?{_N}|{_N} ?(?:{_SCALE} ?)?{_COIN})"
        rf"(?: ?(?:{_SCALE} ?)?(?:{_COIN} ?)?(?:=? ?|{_SOME}(?:U\.S\. )?)(?!(?P=sign)){_SIGN} ?{_N})+",
        # a share beside its count: 12 patients (34%), (41%) of 32
        rf"{_N}(?: [a-z-]+){{0,3}} ?\( ?{_SOME}{_N} ?{_PERCENT}",
        rf"{_N} ?{_PERCENT} ?\),? ?of (?:\w+ )?{_N}",
        # measured: 39 +/- 5, p < 0.05, n = 5
        rf"{_N} ?(?:±|\+ ?/ ?-) ?{_N}|(?:[=<≤≥±~≈]|(?<![\w\"'/-])>) ?{_N}"
        rf"|\bp (?:less|greater) than {_N}|\+ ?/ ?- ?{_N}",
        # a fever, the ends of a scale, a clock of four figures, all hours of a day, days of a week, weeks of a year
        r"\bfevers?\b(?: [^\W\d_]+){0,4} \d{2,3}\b(?:\.\d)?"
        r"|\btemp(?:erature)?s?\b(?: [^\W\d_]+){0,3} (?:9\d|10\d)\b(?:\.\d)?",
        rf"\b0 (?:being|is|means?|meaning)\b[^.!?]{{0,60}}?\b{_N}"
        r"|\b\d{1,3} (?:being|meaning)(?: the)? (?:best|worst|highest|lowest|most|least|max\w*|perfect)\b",
        r"(?:\b(?:at|by|from|until|till|before|after|around|since)|@) ?(?:[01]\d|2[0-3])[0-5]\d ?(?:hrs?|hours)\b",
        r"\b(?:7 days|2\d (?:hours|hrs)|\d\d (?:months|weeks)|3\d\d days) (?:an?|per|each|every) (?:day|week|year)\b",
        # a German ordinal: in der 38. Minute
        r"\b(?:der|die|das|dem|den|des|am|im|zum|zur|vom|beim|ins|bis|seit|ab|mit|für|jeder|ihre[nmr]?|seine[nmr]?) "
        r"\d{1,3}\.(?= \w)",
        # classes, notes, games, titles and sayings
        r"(?<!\d)\d{1,6}+ ?-? ?(?:m|km|kg|lbs?|met(?:re|er)s?|yards?|yds?|miles?|pounds?)\b"
        r"(?: \w+){0,2} (?:race"
        r"|hurdles|freestyle|butterfly|backstroke|breaststroke|medley|relay|sprint|finals?|heats?|title|champion\w*|gold|silver|bronze"
        r"|class|division|dash|steeplechase|marathon|walk|event|record|boxer|crown|belt|sandwich|sub)\b",
        rf"{_SIGN} ?\d+ (?:bills?|notes?|coins?)\b",
        r"(?<!\d)\d{1,6}+[- ](?:dollar|euro|pound|franken)[- ]?(?:bill|note|coin|schein)",
        r"(?:\bpar|-(?:under|over)) \d+|\bgame of \d+|\bplay\w{0,3} \d\b"
        r"|\b(?:an?|the) \d{2,3}(?= ?[.,;!?)](?!\d)| (?:and|at|but|or|on|to)\b|$)",
        # laws, addresses, sums told again in words, two measures of one thing
        r"\b\d+ (?:u\. ?s\. ?c|c\. ?f\. ?r)\b|§+ ?[^()\n]{0,12}?\b\d+",
        r"(?<![\d.,$£€])\d{3,5} (?:\w+ ){1,2}(?:street|st|drive|dr|avenue|ave|road|rd|blvd|boulevard)\b",
        rf"{_N}[^()\d]{{0,20}}\( ?(?:in (?:worten|words)\b|(?:[^\W\d_]+[ -]){{0,4}}[^\W\d_]*(?:euros?|dollars?|pounds?"
        r"|tausend|hundert|hundred|thousand|million(?:en)?)\b)",
        rf"{_N} ?{_LENGTH} ?[,/(]? ?{_N} ?{_LENGTH}",
        # rough numbers, old years of one span, what something equals
        r"(?<![\d.,$£€])\d{1,3} or \d{1,3}(?![\d.,]|\w)|(?<![\d.,$£€])\d{1,3}[ -]odd\b",
        # rounds of golf, an anniversary, a text that counts its words, a rounded sum and the whole one, 4 for `for`
        r"(?<![\d.,$£€])(?:18|36|54|72)(?=[ -]holes?\b)",
        r"\b(?:see|count\w*|that['’]?s|there),? \d{1,3}(?= words\b)",
        rf"(?<!\d){_A_YEAR}(?!\d)(?=[^\n]{{0,600}}?\d(?:st|nd|rd|th) anniversary\b)",
        r"(?<![\d.,])(?P<lead>\d)\d\dk\b[^\n]{0,300}?\b(?P=lead)\d\d,\d{3}\b",
        r"\b(?:book|order|buy|call|wait|pay|free|only|now) (?:now )?4(?= (?:next|this|the|a|ur|your|my|me|u)\b)",
        r"\b(?:between|from) \d{3} (?:and|to) \d{3}(?=[,.;)]|$)",
        rf"\bequals? (?:to )?{_N}",
        # its own list, an age in a year, the share of a prize, three numbers in a row, what all count alike
        rf"\bfollowing {_N}|{_N} (?:[\w-]+ ){{1,4}}(?:are )?(?:listed|(?:named )?below|as follows)\b",
        r"\bGroup of \d{1,2}\b",
        r"\b[XVI]{2,6} (?:is|equals|means) (?:\w+ )?\d{1,2}\b",
        rf"\b(?:be|being|turn(?:s|ed|ing)?)\b(?:,? \w+){{0,3}},? \d{{1,3}} in {_A_YEAR}\b",
        rf"\b(?:purse|share)\b[^.\d]{{0,20}}{_SIGN} ?{_N}",
        rf"{_N}, {_N},? (?:and|or) {_N}",
        rf"\b(?:his|her|their) {_N} (?:\w+ ){{2,5}}(?:book|novel|album)\b",
        r"\b(?:5 senses|50 states|10 commandments|12 (?:apostles|disciples|months)|7 (?:(?:deadly )?sins|seas|wonders)"
        r"|4 seasons|9 lives|26 letters|52 cards|64 squares|32 pieces|11 players)\b",
        # decades, what is named by its year
        r"\b(?:d[ée]cadas?|décennies?|decenni[oi]?|jahrzehnt|decade)(?: (?:de|dos|degli|der|of|the|los|anos)){0,2}"
        r" \d{2,4}",
        r"\b(?:años|anni|anos|années) (?:de |['’])?\d\d(?:\d\d)?(?!\d)|\d{4} के दशक",
        rf"{_A_YEAR} (?:[\w.'’-]+ ){{0,2}}?(?:(?:para|o)lympi\w+|world (?:cup|series)|super ?bowl"
        r"|(?:summer|winter) games)\b",
        r"\b(?:first|last|other|remaining) \d+ (?:months|weeks|days|hours) of\b",
    )
)
_SUM = re.compile(
    rf"\bweeks? of years\b|{_N} (?:times|multiplied by|divided by|[x×*]) {_N} (?:is|are|equals?|makes?|=)"
)
_AGO = re.compile(rf"{_N} (?:\w+ )?years ago\b", re.IGNORECASE)
_DATED = re.compile(rf"\b{_A_YEAR}\b|\b(?:C\.?E\.?|A\.?D\.?|B\.?C\.?)(?!\w)")
_LATER = re.compile(rf"{_N} years (?:later|earlier|after|before|older|younger)\b", re.IGNORECASE)
_OLD = re.compile(r"\b[\w-]{2,30}[- ]years?[- ]old\b", re.IGNORECASE)
_COUNTED = re.compile(r"(?<![\w.,$£€#:/-])(\d{2,3}) ([^\W\d_]{4,20})")
_STAMPED = re.compile(r"(?<![\d:])(\d{1,2}:\d\d),? (\d{1,2} [A-Z][a-z]{2,8}|[A-Z][a-z]{2,8} \d{1,2})\b")
_IN_BRACKETS = re.compile(
    rf"(?:\(|-lrb-) ?{_SOME}(?:(?:[^\W\d_]+ )?{_SIGN} ?|{_COIN} ?)?(?!{_A_YEAR}\b|\d{{7}}){_N}"
    rf"(?: ?[^\W\d_]+\.?){{0,2}} ?(?:\)|-rrb-|\.?$)",
    re.IGNORECASE,
)
_TOLD = re.compile(rf"(?:(?!\d{{7}}){_N}{_SCALE}?(?: [^\s()\d]+){{0,3}}|(?:{_SIGN}|{_COIN})) ?$", re.IGNORECASE)
"""Before a bracket: $5 million (£3 million), one million dollars (901.710 euros), 62 weeks (434 years)."""
_LISTED = re.compile(r"(?<![\w.,:$£€-])(\d{1,2})[.)] ?(?=[^\W\d_])")
_FIGURE = re.compile(rf"(?<![\w#/:@]){_N}(?![/:.]\w)")
_SPELLED = {word: n for n, word in enumerate(_WORDS, 2)} | {
    word: 10 * n for n, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), 3)
}
_SAID = re.compile(rf"\b(?:{'|'.join(_SPELLED)})\b", re.IGNORECASE)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_TWO_YEARS = re.compile(rf"(?<!\d)({_YEAR.pattern})(?=[\w ,'’]{{1,40}}?({_YEAR.pattern})(?!\d))")
_MARKS = re.compile(r"[.,]")
_RANKED = re.compile(r"#0*([1-9]\d{0,4})(?!\d)")
"""Of 14 films my #14."""
_PRICED = (
    re.compile(rf"{_SIGN} ?$", re.IGNORECASE),
    re.compile(rf" ?(?:{_SCALE} ?)?(?:{_COIN}\b|[$£€¥])", re.IGNORECASE),
)
_NEAR_BY, _CODE, _SMALL, _FEW, _LARGE, _BESIDE, _STEP = 200, 100_000, 9, 3, 30, 50, 3


def fixed_places(text: str) -> list[tuple[int, int]]:
    """Where the text holds a number fast, from left to right."""
    places = [hit.span() for pattern in _FIXED for hit in pattern.finditer(text)]
    for hit in _IN_BRACKETS.finditer(text):
        told = _TOLD.search(text[max(0, hit.start() - _BESIDE) : hit.start()])
        if told:
            places.append((hit.start() - len(told.group()), hit.end()))
    places += _reckoned(text)
    listed = {hit.start(): int(hit.group(1)) for hit in _LISTED.finditer(text)}
    numbers = set(listed.values())
    places += [(at, at + 2) for at, n in listed.items() if {n - 1, n + 1} & numbers]
    return places


def _reckoned(text: str) -> list[tuple[int, int]]:
    """What the rest of the text tells too: all numbers of a sum, years ago beside a year, years later beside an age,
    titles that count on (101 dogs, 102 dogs), times of one day.
    """
    if _SUM.search(text):
        return [(0, len(text))]
    places = [hit.span() for hit in _AGO.finditer(text)] if _DATED.search(text) else []
    ages = len(_OLD.findall(text)) > 0
    places += [hit.span() for hit in _LATER.finditer(text)] if ages else []
    counted = [(hit.span(), (int(hit[1]), hit[2].lower()[:4])) for hit in _COUNTED.finditer(text)]
    known = {key for _, key in counted}
    places += [at for at, (n, noun) in counted if {(n - 1, noun), (n + 1, noun)} & known]
    stamps = [(hit.span(1), hit[2]) for hit in _STAMPED.finditer(text)]
    days = Counter(day for _, day in stamps)
    return places + [at for at, day in stamps if days[day] > 1]


def named_elsewhere(text: str, years: Iterable[Match]) -> set[str]:
    """Those that the text says once more where they cannot move, or by two digits ('98)."""
    often = Counter(text[m.start : m.end] for m in years)
    again = {year: re.findall(rf"(?<!\d){year}(?!\d|['’]?s\b)|['’‘]{year[2:]}(?!\d)", text) for year in often}
    return {year for year, times in often.items() if times < len(again[year])}


def beside_fixed(text: str, moving: set[int]) -> set[str]:
    """Years that stand beside one that stays and is so near that they could change their order (in 1983 or 1984)."""
    near = [{int(a), int(b)} for a, b in _TWO_YEARS.findall(text) if 0 < abs(int(a) - int(b)) <= _STEP]
    return {str(year) for pair in near for year in pair if len(pair.intersection(moving)) == 1}


def value_of(figure: str) -> float:
    """What a figure comes to: 1,000 and 1.000 are a thousand, 5,50 is 5.5."""
    plain = plain_digits(figure)
    head, mark, tail = plain.rpartition(max(".,", key=plain.rfind))
    if mark and (len(tail) != 3 or head == "0"):
        return float(f"{_MARKS.sub('', head)}.{tail}")
    return float(_MARKS.sub("", plain))


def fits_room(figure: str, match: Match) -> bool:
    """Whether the figure keeps the order of the numbers of the text."""
    return match.room is None or match.room[0] < value_of(figure) < match.room[1]


def roomy(found: Sequence[Match], text: str, moving: Iterable[str]) -> list[Match]:
    """The matches with the room that another number has, without those that are a sum, a part of one, or told twice.

    Amounts (`moving`: the items that are) that stand near each other keep their order, sums of money among themselves:
    each may move up to the middle between itself and the next one, for that one may move too.
    """
    own = {m.start: m for m in found if m.item in moving}
    if not own:
        return list(found)
    figures = {hit.start(): hit.group() for hit in _FIGURE.finditer(text)}
    figures |= {at: text[m.start : m.end] for at, m in own.items()}
    seen = [
        (at, value, _is_sum(text, at, at + len(figure)))
        for at, figure in figures.items()
        if ((value := value_of(figure)) < _CODE or "," in figure) and (at in own or not _YEAR.fullmatch(figure))
    ]
    said = {hit.start(): float(_SPELLED[hit.group().lower()]) for hit in _SAID.finditer(text)}
    said |= {hit.start(): float(hit[1]) for hit in _RANKED.finditer(text)}
    seen += [(at, value, False) for at, value in said.items()]
    seen.sort()
    held, room = _held(seen, own, said), _rooms(seen, own)
    keys = {at: (value, money) for at, value, money in seen}
    there = [m for m in found if m.start not in own or keys.get(m.start) not in held]
    return [replace(m, room=room[keys[m.start]]) if m.start in own and m.start in keys else m for m in there]


def _is_sum(text: str, start: int, end: int) -> bool:
    return bool(_PRICED[0].search(text[max(0, start - 6) : start]) or _PRICED[1].match(text, end))


Seen = Sequence[tuple[int, float, bool]]
"""Numbers by their place: what they come to, and whether that is money."""


def _near(seen: Seen, place: int) -> Seen:
    low = bisect_left(seen, (place - _NEAR_BY,))
    return seen[low : bisect_left(seen, (place + _NEAR_BY,))]


def _held(seen: Seen, own: Container[int], said: Container[int]) -> set[tuple[float, bool]]:
    """What is told twice, once where it cannot be changed, or is one of a sum and its two parts."""
    moves = {(value, money) for at, value, money in seen if at in own}
    stays = {
        (value, money) for at, value, money in seen if at not in own and (at in said or (value > _SMALL and value % 10))
    }
    held = moves & stays
    for at, value, money in seen:
        near = [other for place, other, priced in _near(seen, at) if priced == money and place != at and other > 1]
        values = {*near}
        for other in near:
            total, rest = value + other, abs(value - other)
            chance = len(near) > _FEW and total <= _LARGE  # many small numbers add up by themselves
            if 1 < value != other and total in values and not chance:
                held |= {(value, money), (other, money), (total, money)}
            if value > 1 and rest in values and rest not in (value, other) and not chance:
                held |= {(value, money), (other, money), (rest, money)}
    return held


def _rooms(seen: Seen, own: Mapping[int, Match]) -> dict[tuple[float, bool], tuple[float, float]]:
    rooms: dict[tuple[float, bool], tuple[float, float]] = {}
    for at, value, money in seen:
        if at in own:
            low, high = rooms.get((value, money), (0.0, inf))
            for place, other, priced in _near(seen, at):
                edge = (other + value) / 2 if place in own else other
                if place in own and own[place].kind == NEAR != own[at].kind:
                    continue  # an age keeps to its decade
                if priced == money and other < value:
                    low = max(low, edge)
                elif priced == money and other > value:
                    high = min(high, edge)
            rooms[value, money] = low, high
    return rooms


def told_once(found: Sequence[Match], text: str, item: str) -> list[Match]:
    """Without those of the item whose figure stands elsewhere too, where it would stay."""
    own = [text[m.start : m.end] for m in found if m.item == item]
    left = {figure for figure in own if text.count(figure) > own.count(figure)}
    return [m for m in found if m.item != item or text[m.start : m.end] not in left]

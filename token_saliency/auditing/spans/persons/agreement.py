"""Words that say whether a woman or a man is named: they agree with the name that is put in its place.

`Mrs.`, `my sister`, `an actress`, `Frau` become `Mr.`, `my brother`, `an actor`, `Herr` where a man's name is put, and
stay where the list does not say whose name it is. Where no word could agree (`pregnant`), or its article would have to
agree as well (`la señora`, `meine Schwester`), the place is bound: nothing is put there.
"""

from __future__ import annotations

import re

from token_saliency.auditing.audit import Agreeing
from token_saliency.auditing.spans.persons.name_row import AFTER, BEFORE, KIN, NameRow

BOUND = "bound"
"""The kind of a name that none of the other sex could replace."""

_GAP = re.compile(r"(?: ?\.? ?|, )")
_NAME = r"(?:(?: [A-Z][\w'’-]*\.?){0,3}| [^\W\d_]+)"
_ARTICLE = r"(?:an?|the|my|your|his|her|its|our|their|one|this|that)"
_OTHER = r"(?!(?:of|to|and|or|who|in|on|at|for|from|with|by|than)\b)[^\W\d_][\w'’-]*"
_ROLE = re.compile(
    rf"{_NAME}(?: (?:is|was|as|being|became)|,)"
    rf"(?: (?:such|quite|really|also|still|truly|just|not|only))? {_ARTICLE} ({_OTHER}(?:,? {_OTHER}){{0,3}})"
)
_ARTICLES_ABROAD = frozenset("la el al del il dal della alla der die dem den a o à ao da do una un uma um".split())
_PIECE = re.compile(r"[\w'’-]+")
_BOUND = re.compile(
    rf"{_NAME},? (?:(?:is|was|gets?|got|being|(?:\w+ )?who is|who was|now|already) ){{0,3}}pregnant\b"
    rf"|[ -](?:bin|ibn|bint)\b|{_NAME} (?:is|was) (?:[\w-]+ ){{0,3}}(?:lesbian|latin[ao])\b",
    re.I,
)
_SENTENCE = re.compile(r"(?:[^.!?\n]|(?<=\b[A-Z])\.|(?<=\b[MDJS]r)\.){0,90}")
_PRONOUN = re.compile(r"\b(?:(he|him|his|himself)|(she|her|hers|herself))\b", re.I)
_EXAMPLE = frozenset("named called like".split())
_OF_A_SEX = frozenset("women girls ladies gals actresses men guys boys gentlemen".split())


def agreeing(row: NameRow, i: int) -> tuple[Agreeing, ...]:
    """The gendered words that belong to name i, as places in the text."""
    known, places = row.known("gendered"), []
    pointed = i and "." in row.gap(i) and not row.follows(i, row.listed("titles"))  # her girlfriend. Morgan came
    if i and not pointed and _GAP.fullmatch(row.gap(i)) and row.word(i - 1).lower() in known:
        places.append(row.words[i - 1].span())
    if i > 1 and row.before(i).lower() in _EXAMPLE and row.before(i - 1).lower() in known:  # a girl named Mary
        places.append(row.words[i - 2].span())
    titles = [row.words[j].span() for j in (i - 1, i + 1) if row.abroad(i, j) in (BEFORE, AFTER)]
    gender = row.index[row.word(i).lower()].groups.get("gender", "")
    role = _ROLE.match(row.text, row.words[i].end())
    for piece in _PIECE.finditer(row.text, *role.span(1)) if role else ():
        word = known.get(piece.group().lower())
        if word and word.groups.get(gender, word.item) == word.item:  # `Mary, the king came` says nothing of Mary
            places.append(piece.span())
            break
    words = [(place, known) for place in places] + [(place, row.known("titles_abroad")) for place in titles]
    return tuple(Agreeing(a, b, of[row.text[a:b].lower()].groups, row.index) for (a, b), of in words)


def kind_of(row: NameRow, i: int) -> str:
    """`bound` where something is said of the bearer that holds of one sex alone."""
    abroad = row.abroad(i, i - 1)
    with_article = abroad == BEFORE and i > 1 and row.word(i - 2).lower() in _ARTICLES_ABROAD
    bound = abroad == KIN or with_article or _BOUND.match(row.text, row.words[i].end())
    return BOUND if bound or _is_told_twice(row, i) or _goes_on(row, i) else ""


def _is_told_twice(row: NameRow, i: int) -> bool:
    """`her sister and poster girl Mary`: one word agrees, the other would not."""
    if row.before(i).lower() == "like" and row.before(i - 1).lower() in _OF_A_SEX:  # women like Mary
        return True
    known, last = row.known("gendered"), row.before(i).lower()
    near = [row.word(j).lower() for j in range(max(0, i - 5), min(i + 5, len(row.words)))]
    return last in known and "and" in near and sum(word in known for word in near) > 1


def _goes_on(row: NameRow, i: int) -> bool:
    """`Mary is at her best`: the sentence says he or she of the bearer, and of nobody else before."""
    rest = _SENTENCE.match(row.text, row.words[i].end())
    hit = _PRONOUN.search(rest.group()) if rest else None
    if not rest or not hit:
        return False
    groups = row.index[row.word(i).lower()].groups
    sure = groups.get("gender") in ("female", "male") and groups.get("sense") != "short"
    if sure and (groups["gender"] == "female") != bool(hit[2]):  # Lou tried to keep her marriage
        return False
    between = [word.lower() for word in _PIECE.findall(rest.group()[: hit.start()])]
    between = between[1:] if between[:1] == [row.next(i).lower()] and between[0] in row.surnames else between
    return not any(word in row.index or word in row.known("gendered") for word in between)

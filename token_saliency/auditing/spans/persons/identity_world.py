"""Whether what the row speaks of ties an identity term: precision before recall, so where in doubt it stays.

A religion or a race stays beside a place, a war or another people; a nation beside its own towns, its state and its
history; a word of gender where the row tells a sex by any other word; kin where nobody is said to have them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from token_saliency.auditing.audit import Entry, Lexicon
from token_saliency.auditing.spans.persons.identity_context import PEOPLES, TermPlace

_FAR, _NEAR = 250, 120
"""So far a place ties a religion or a race, and a nation, in characters."""
_LANGUAGE = re.compile(r"\s*(?:$|[.,;:!?)]|(?:and|or|with|but)\b)")
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\ds?\b")
_VOTES = frozenset("vote votes voted voting election elections parliament".split())
_OFFICES = frozenset("president prime premier minister chancellor king queen prince emperor foreign leader".split())
_WEST = frozenset({"Europe", "North America and Oceania"})
"""Where all religions and races live: a town there ties none."""
_LANDS = frozenset(
    "country countries nation nations continent republic kingdom century centuries fight fights party parties".split()
)
"""Of a religion or a race only right behind it (Muslim countries)."""
_OF_THE_US = frozenset(
    "democrat democrats republican republicans congress senate pelosi trump obama clinton gop potus nra apple".split()
)
_SENT = frozenset("embassy ambassador consulate troops troop soldiers soldier".split())
"""What a state has abroad."""
_EURO = frozenset("euro euros eu ecb".split())
_EXAMPLES = re.compile(r"(?: [\w-]+){1,4},? (?:including|such as|like) [\"“'‘A-Z]")
_OLD_YEAR = re.compile(r"\b1(?:[0-8]\d\d|9[0-4]\d)s?\b")
_COMMANDED = re.compile(r"(?:['’]s?|\b(?:his|her|their|your|my))$", re.IGNORECASE)
_ARMED = frozenset("platoon soldiers troops army military militia battalion regiment squad marines".split())
_OFFICE_NEXT = re.compile(
    r" (?:new|former|interim|acting|late|deputy) (?:president|prime|premier|king|queen)\b", re.IGNORECASE
)
_BLACK = frozenset("black african african-american".split())
_SHORT = {
    "pakistani": {"paki", "pakis"},
    "pakistanis": {"paki", "pakis"},
    "chinese": {"ching", "chong", "chink", "chinks", "chinaman"},
    "mexican": {"spic", "spics", "beaner", "beaners", "wetback", "wetbacks"},
    "mexicans": {"spic", "spics", "beaner", "beaners", "wetback", "wetbacks"},
}
"""How else a row calls a people."""
_WHOLE, _STEM = 4, 7
"""Words up to the first length are compared whole, those from the second on without their last two letters."""


def is_tied(place: TermPlace) -> bool:
    """Whether the row would contradict another term of the axis, or speak of two where it speaks of one."""
    axis = place.entry.groups.get("axis", "")
    if axis == "gender":
        return bool(place.row.told_sexes - {place.written.lower()}) or _is_a_role(place) or _is_commanded(place)
    if _has_another_form(place):
        return True
    if axis == "nationality":
        examples = bool(_EXAMPLES.match(place.row.text, place.end))  # American films such as "Halloween"
        return examples or _is_of_a_state(place) or _is_language(place) or _is_of_history(place)
    if axis == "race" and place.written.lower() in _BLACK and any(word.startswith("nigg") for word in place.low):
        return True
    return _is_of_a_place(place) or _has_another_people(place) if axis in PEOPLES else _has_another(place, axis)


def _is_a_role(place: TermPlace) -> bool:
    """`panic among the mothers`: what mothers are, of nobody who is said to have one."""
    kin = not place.forms.isdisjoint({"kin", "kins"})
    return kin and not any(word in _OWNERS or word.endswith(("'s", "’s", "s'")) for word in place.low_before)


def _is_commanded(place: TermPlace) -> bool:
    """`Sadr's men`, `the men of the platoon`: soldiers."""
    if place.written.lower() != "men":
        return False
    return bool(_COMMANDED.search(place.row.text[: place.start].rstrip()[-6:])) or not place.around.isdisjoint(_ARMED)


_OWNERS = frozenset("my your ur his her our their whose own".split())


def _has_another_form(place: TermPlace) -> bool:
    """`a jew in her teenaged years` of a teenager: a word of the same stem would stay."""
    nation = place.entry.groups.get("axis") == "nationality"
    if not place.row.words.isdisjoint(_SHORT.get(place.written.lower(), ())):
        return True
    return _stands_in(place.low if nation else place.row.words, place.written.lower())


@lru_cache(maxsize=64)  # rows that name one term often
def _stands_in(told: frozenset[str], written: str) -> bool:
    words = written.split()
    own = stem = words[-1]
    if len(own) >= _STEM:
        stem = own[:-2]
    elif len(own) > _WHOLE and own[-1] in "in":
        stem = own[:-1]
    if len(stem) < _WHOLE:
        return not told.isdisjoint({own + "s", own.removesuffix("s")} - {own})
    return any(word.startswith(stem) and word not in words for word in told)


def _others(place: TermPlace, *axes: str, within: Collection[str] | None = None) -> list[Entry]:
    """The terms of these axes that the row, or these words of it, names beside the place's own."""
    own = set(place.written.lower().split())
    told = (one for one in place.row.terms if one[0] not in own and (within is None or one[0] in within))
    return [term for _, term in told if term.groups.get("axis") in axes]


def _has_another(place: TermPlace, axis: str) -> bool:
    return bool(_others(place, axis))


def _is_of_a_state(place: TermPlace) -> bool:
    """`Indonesian police` of Jakarta, `the Afghan president`, two peoples at war with each other."""
    row, following = place.row, place.next.lower()
    if _OFFICE_NEXT.match(row.text, place.end):  # the Kenyan new President
        return True
    if following in row.listed("of_a_region") | _OFFICES or not place.low.isdisjoint(row.listed("of_old")):
        return True
    if place.entry.item.startswith("American") and not place.low.isdisjoint(_OF_THE_US):
        return True
    if place.entry.item.startswith("European") and (
        following not in row.listed("people") or following == "players" or not row.words.isdisjoint(_EURO)
    ):
        return True  # European shares, the third European deal: no nation
    state = following in row.listed("of_a_state") or not place.low.isdisjoint(_VOTES)
    home = place.entry.item.removesuffix("s")
    if any(people == home and (state or abs(at - place.start) < _FAR) for at, people in row.places):
        return True
    if following in row.listed("of_a_state") - _SENT and _named_within(place, _FAR):
        return True  # the Nigerian army near the border of Cameroon
    if not place.low.isdisjoint(("border", "borders", "constitution", "eu")):
        return True  # the Dutch people approve the European Constitution
    at_war = not place.low.isdisjoint(row.listed("of_war_and_history"))
    return at_war and ("plural" in place.forms or bool(_others(place, *PEOPLES, within=place.low)))


def _is_language(place: TermPlace) -> bool:
    """`a snitch in American.`"""
    return place.last == "in" and bool(_LANGUAGE.match(place.row.text, place.end))


def _is_of_history(place: TermPlace) -> bool:
    """`the films that the Italians perfected in the 1940s`: what one people alone has done."""
    near = place.row.text[max(0, place.start - _NEAR) : place.end + _NEAR]
    if "plural" not in place.forms:
        return bool(_OLD_YEAR.search(near))
    year = _YEAR.search(near)
    return bool(year or _others(place, *PEOPLES, within=place.low)) or _named_within(place, _NEAR)


def _is_of_a_place(place: TermPlace) -> bool:
    """`Muslim protesters in Thailand`, `the Shiite cleric`, `white settlers`; not of a western town."""
    told = place.row.listed("of_old") | place.row.listed("of_war_and_history")
    around = (place.around - _LANDS) | {place.next.lower()}
    return not around.isdisjoint(told) or _named_within(place, _FAR, _WEST)


def _has_another_people(place: TermPlace) -> bool:
    """Of races another in the row, or a people of another part of the earth; of religions another, or a nation."""
    if place.entry.groups.get("axis") == "race":
        nations = _others(place, "nationality", within=place.around)
        return bool(_others(place, "race")) or any(nation.groups.get("group") not in _WEST for nation in nations)
    return bool(_others(place, "religion", "nationality", within=place.low))


def _named_within(place: TermPlace, far: int, but: Collection[str] = ()) -> bool:
    """Whether a place is named so near, but for those whose people are of these parts of the earth."""
    known = Lexicon.of(place.row.find.lexicon).by_word
    near = (people for at, people in place.row.places if place.start - far <= at <= place.end + far)
    return any(not people or known[people.lower()].groups.get("group") not in but for people in near)

"""Whether what the row speaks of ties an identity term: precision before recall, so where in doubt it stays.

A religion or a race stays beside a place, a war or another people; a nation beside its own towns, its state and its
history; a word of gender where the row tells a sex by any other word; kin where nobody is said to have them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from token_saliency.auditing.audit import Entry
from token_saliency.auditing.spans.persons.identity_context import PEOPLES, TermPlace

_FAR, _NEAR = 250, 120
"""So far a place ties a religion or a race, and a nation, in characters."""
_LANGUAGE = re.compile(r"\s*(?:$|[.,;:!?)]|(?:and|or|with|but)\b)")
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\ds?\b")
_VOTES = frozenset("vote votes voted voting election elections parliament".split())
_OFFICES = frozenset("president prime premier minister chancellor king queen prince emperor foreign leader".split())
_BLACK = frozenset("black african african-american".split())
_WHOLE, _STEM = 4, 7
"""Words up to the first length are compared whole, those from the second on without their last two letters."""


def is_tied(place: TermPlace) -> bool:
    """Whether the row would contradict another term of the axis, or speak of two where it speaks of one."""
    axis = place.entry.groups.get("axis", "")
    if axis == "gender":
        return bool(place.row.told_sexes - {place.written.lower()}) or _is_a_role(place)
    if _has_another_form(place):
        return True
    if axis == "nationality":
        return _is_of_a_state(place) or _is_language(place) or _is_of_history(place)
    if axis == "race" and place.written.lower() in _BLACK and any(word.startswith("nigg") for word in place.low):
        return True
    return _is_of_a_place(place) or _has_another_people(place) if axis in PEOPLES else _has_another(place, axis)


def _is_a_role(place: TermPlace) -> bool:
    """`panic among the mothers`: what mothers are, of nobody who is said to have one."""
    kin = not place.forms.isdisjoint({"kin", "kins"})
    return kin and not any(word in _OWNERS or word.endswith(("'s", "’s", "s'")) for word in place.low_before)


_OWNERS = frozenset("my your ur his her our their whose own".split())


def _has_another_form(place: TermPlace) -> bool:
    """`a jew in her teenaged years` of a teenager: a word of the same stem would stay."""
    nation = place.entry.groups.get("axis") == "nationality"
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


def _others(place: TermPlace, *axes: str, near: bool = False) -> list[Entry]:
    """The terms of these axes that the row, or its sentence, names beside the place's own."""
    own = set(place.written.lower().split())
    told = ((word, term) for word, term in place.row.terms if word not in own and (not near or word in place.low))
    return [term for _, term in told if term.groups.get("axis") in axes]


def _has_another(place: TermPlace, axis: str) -> bool:
    return bool(_others(place, axis))


def _is_of_a_state(place: TermPlace) -> bool:
    """`Indonesian police` of Jakarta, `the Afghan president`, two peoples at war with each other."""
    row, following = place.row, place.next.lower()
    if following in row.listed("of_a_region") | _OFFICES or not place.low.isdisjoint(row.listed("of_old")):
        return True
    if place.entry.item.startswith("European") and (following not in row.listed("people") or following == "players"):
        return True  # European shares, the third European deal: no nation
    state = following in row.listed("of_a_state") or not place.low.isdisjoint(_VOTES)
    home, sentence = place.entry.item.removesuffix("s"), place.sentence_at
    if any(people == home and (state or sentence[0] <= at < sentence[1]) for at, people in row.places):
        return True
    at_war = not place.low.isdisjoint(row.listed("of_war_and_history"))
    return at_war and ("plural" in place.forms or bool(_others(place, *PEOPLES, near=True)))


def _is_language(place: TermPlace) -> bool:
    """`a snitch in American.`"""
    return place.last == "in" and bool(_LANGUAGE.match(place.row.text, place.end))


def _is_of_history(place: TermPlace) -> bool:
    """`the films that the Italians perfected in the 1940s`: what one people alone has done."""
    if "plural" not in place.forms:
        return False
    year = _YEAR.search(place.row.text[max(0, place.start - _NEAR) : place.end + _NEAR])
    return bool(year or _others(place, *PEOPLES, near=True)) or _named_within(place, _NEAR)


def _is_of_a_place(place: TermPlace) -> bool:
    """`Muslim protesters in Thailand`, `the Shiite cleric`, `white settlers`."""
    told = place.row.listed("of_old") | place.row.listed("of_war_and_history")
    return not place.around.isdisjoint(told) or _named_within(place, _FAR)


def _has_another_people(place: TermPlace) -> bool:
    """Of races another in the row; of religions another, or a nation, in the sentence."""
    if place.entry.groups.get("axis") == "race":
        return bool(_others(place, "race"))
    return bool(_others(place, "religion", "nationality", near=True))


def _named_within(place: TermPlace, far: int) -> bool:
    return any(place.start - far <= at <= place.end + far for at, _ in place.row.places)

"""Identity terms that mean no person where they stand: names, teams, meals, and parts of other words."""

from __future__ import annotations

import re

from token_saliency.auditing.spans.persons.identity_context import BEFORE_NOUNS, ONE, TermPlace, axis_of

_TIMES = frozenset("year years yr yrs yo month months week weeks day days".split())
_IN_LAW = re.compile(r"[ -]in[ -]laws?\b", re.IGNORECASE)
_OWNED = re.compile(r"(['’]?s?['’]?)[ \xa0]([^\W\d_]+)")
_FOOD = frozenset("good nice decent great lovely cheap fancy ate eat eating had having ordered".split())
_LISTED_BEFORE, _LISTED_AFTER = re.compile(r"([^\W\d_]+)\s*[,;&/]\s*$"), re.compile(r"\s*[,;&/]\s*([^\W\d_]+)")


def is_name(place: TermPlace) -> bool:
    """`My friend Christian came`, `Neil Young`, `rahaim, christian; jarrett`: a name that is a term besides."""
    word, row = place.written.lower(), place.row
    if place.last and row.plain_name(place.last) and word in row.listed("family_names"):
        return True
    spoken = place.next.lower() in row.listed("speaking") and place.last not in ONE | BEFORE_NOUNS
    if word in row.names and spoken and "adjective" in place.forms:
        return True
    if word in row.listed("family_names") and place.written[0].isupper() and place.next in ("Family", "Families"):
        return True
    entry = row.names.get(word)
    if entry is None or "adjective" not in place.forms:
        return False
    beside = _LISTED_BEFORE.search(row.text[: place.start][-40:]), _LISTED_AFTER.match(row.text, place.end)
    if any(hit and row.plain_name(hit.group(1)) for hit in beside) and place.last not in ONE:
        return True
    introduced = place.last in row.listed("people") and place.next.lower() not in row.listed("people")
    return introduced and (place.written[0].isupper() or place.last in row.listed("introduce_names"))


def is_compound(place: TermPlace) -> bool:
    """`the African elephant`, `blind to`, `a two year old`: the term belongs to another word."""
    row, following = place.row, place.next.lower()
    if place.written.lower() in row.listed("teams") and not row.words.isdisjoint(row.listed("beside_teams")):
        return True
    if row.text[place.end : place.end + 3] in ("'s-", "’s-"):
        return True
    if "adjective" in place.forms and not {following, following.removesuffix("s")}.isdisjoint(
        row.listed("things_named")
    ):
        return True
    if axis_of(place) == "nationality" and _is_food(place):
        return True
    kin = not place.forms.isdisjoint({"kin", "kins"})
    if _IN_LAW.match(row.text, place.end) or (
        kin and place.last in ("great", "grand", "half", "step", "foster", "god")
    ):
        return True
    axis = axis_of(place)
    if axis == "gender" and "plural" in place.forms and _owned(place) in row.listed("things_of_a_sex"):
        return True
    if axis == "disability" and following in ("to", "with", "by", "from"):
        return True
    return axis == "age" and (place.last in _TIMES or place.last.isdecimal() or following in ("at", "than"))


def _is_food(place: TermPlace) -> bool:
    """`fancy a good indian?`, `Indians was nice`: a meal."""
    ends = not place.next or place.next.lower() in ("tonight", "again", "then", "last")
    return (place.last in _FOOD and ends) or (place.written.endswith("s") and place.next in ("was", "is"))


def _owned(place: TermPlace) -> str:
    """`room` after `the men's`, `the mens` or `the ladies`."""
    hit = _OWNED.match(place.row.text, place.end)
    word = hit.group(2).lower() if hit else ""
    return word if hit and (hit.group(1) or word.removesuffix("s").endswith("room")) else ""

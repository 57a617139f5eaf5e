"""Identity terms that are a part of a phrase: a compound, a saying, a name, a word that is spoken of as a word."""

from __future__ import annotations

import re
from collections.abc import Mapping

from token_saliency.auditing.spans.persons.identity_context import (
    FUNCTION,
    PARTICULAR,
    TWO_AFTER,
    TermPlace,
)

_TIMES = frozenset("year years yr yrs yo month months week weeks day days".split())
_SINCE = frozenset("for from since in after at early as by due on last this".split())
_HAVING = frozenset("has have had having".split())
"""Beside these somebody retired, or has: what was done, not of what age one is."""
_IN_LAW = re.compile(r"[ -]in[ -]laws?\b", re.IGNORECASE)
_FOOD = frozenset("good nice decent great lovely cheap fancy ate eat eating had having ordered".split())
_OWNED = re.compile(r"(['’]?s?['’]?)[ \xa0]([^\W\d_]+)")
_BEFORE_NOT = frozenset("aren weren wasn isn don didn doesn won can couldn wouldn shouldn haven hasn hadn ain".split())
_OLD_BOYS = re.compile(r"\b(?:good|ol|ole|old|golden|best)['’]? $", re.IGNORECASE)
_BOYS = frozenset(("boy", "boys", "girl", "girls"))
_CROWDS = _BOYS | {"guys"}
_OWNERS = frozenset("my your ur his her our their".split())
_OWNED_BY = re.compile(r" [a-z]+ (?:is|was|has|isnt|wasnt)\b")
_DONE_TO = frozenset("beating beater beaters hating hater haters".split())
_AS_A_WORD = re.compile(
    r"\b(?:words?|terms?|phrase|hashtag|spelled|spelt) [\"'“‘`]*$"
    r"|\b(?:mis)?(?:read|reads|heard|typed) \w+ as (?:an? )?$",
    re.IGNORECASE,
)


def is_compound(place: TermPlace) -> bool:
    """`the African elephant`, `blind to`, `a two year old`: the term belongs to another word."""
    row, following = place.row, place.next.lower()
    if place.written.lower() in row.listed("teams") and not row.words.isdisjoint(row.listed("beside_teams")):
        return True
    if row.text[place.end : place.end + 3] in ("'s-", "’s-") or _is_in_a_name(place):
        return True
    if "adjective" in place.forms and not {following, following.removesuffix("s")}.isdisjoint(
        row.listed("things_named")
    ):
        return True
    if place.entry.groups.get("axis") == "nationality" and _is_food(place):
        return True
    kin = not place.forms.isdisjoint({"kin", "kins"})
    if _IN_LAW.match(row.text, place.end) or (
        kin and place.last in ("great", "grand", "half", "step", "foster", "god")
    ):
        return True
    axis = place.entry.groups.get("axis")
    if axis == "gender" and "plural" in place.forms and _owned(place) in row.listed("things_of_a_sex"):
        return True
    if axis == "disability" and following in ("to", "with", "by", "from"):
        return True
    if place.written.lower() == "retired" and (following in _SINCE or place.last in _HAVING):
        return True
    return axis == "age" and (place.last in _TIMES or place.last.isdecimal() or following in ("at", "than"))


def _is_in_a_name(place: TermPlace) -> bool:
    """`"Men of Honor"`, `All Saints catholic High School`: a part of a title or of what an institution is called."""
    if any(a <= place.start < b for a, b in place.row.titles):
        return True
    between = place.written.islower() and place.next[:1].isupper() and not place.row.capitals
    before = next(iter(place.before()), "")
    return between and before[:1].isupper() and place.next.lower() in place.row.listed("institutions")


def _is_food(place: TermPlace) -> bool:
    """`fancy a good indian?`, `Indians was nice`: a meal."""
    ends = not place.next or place.next.lower() in ("tonight", "again", "then", "last")
    return (place.last in _FOOD and ends) or (place.written.endswith("s") and place.next in ("was", "is"))


def _owned(place: TermPlace) -> str:
    """`room` after `the men's`, `the mens` or `the ladies`."""
    hit = _OWNED.match(place.row.text, place.end)
    word = hit.group(2).lower() if hit else ""
    return word if hit and (hit.group(1) or word.removesuffix("s").endswith("room")) else ""


def is_in_a_saying(place: TermPlace) -> bool:
    """`good ol' boys`, `a woman of substance`, `a girls night out`, `the little guys`, `my man`."""
    if place.last == "little" and place.entry.item in ("guy", "guys"):
        return True
    if place.entry.item == "man" and place.last in _OWNERS:  # I love my man
        return True
    after = TWO_AFTER.match(place.row.text, place.end)
    first, second = (word and word.lower() for word in after.groups()) if after else ("", "")
    if first == "of" and second not in PARTICULAR:
        return True
    own = place.row.find.options.get("words", {})
    ends = first in FUNCTION or first in place.row.listed("sports")
    things = first.endswith("s") and "n" in own.get(first[:-1], "")  # the guys costumes
    if first and "plural" in place.forms and not ends and (things or not goes_on(first, own)):
        return True
    of_old = place.entry.item in _BOYS and _OLD_BOYS.search(place.row.text[max(0, place.start - 12) : place.start])
    return bool(of_old)


def goes_on(word: str, known: Mapping[str, str]) -> bool:
    """Whether it may follow `the women`: no other noun that they would only describe (women detainees)."""
    if word.endswith(("ing", "ed")) or word in _BEFORE_NOT:
        return True
    forms = known.get(word.removesuffix("s"), "n") if known.get(word, "n") in "ns" else known[word]
    return not forms or "n" not in forms or ("v" in forms and "a" not in forms)


def is_beside_a_noun(place: TermPlace) -> bool:
    """`women writers`: of several only these would stand before another noun."""
    beside = place.next.lower() in place.row.listed("people") | _DONE_TO or place.next == "leads"
    return "plural" in place.forms and (beside or place.row.text[place.end : place.end + 10].startswith(", children"))


def is_a_word(place: TermPlace) -> bool:
    """`the word "muslim"`, `I read multifandom as muslim`: of its letters, of nobody."""
    return _AS_A_WORD.search(place.row.text, max(0, place.start - 40), place.start) is not None


def is_of_a_crowd(place: TermPlace) -> bool:
    """`the Google guys`, `the Highbury boys`: who is called after a firm, a place or a show."""
    name = next(iter(place.before()), "")
    if place.row.capitals or not name.istitle() or place.written.lower() not in _CROWDS:
        return False
    first = place.row.text.rfind(name, 0, place.start) <= place.sentence_at[0] + 1
    return not first and name.lower() not in place.row.peoples


def owns_unmarked(place: TermPlace) -> bool:
    """`Christians class is full`: of one Christian, or of a thing that is theirs."""
    return "plural" in place.forms and _OWNED_BY.match(place.row.text, place.end) is not None

"""Identity terms in running text, and what may stand in the place of each: precision before recall.

Every term has parts of speech (`forms` of the word list). The `kind` of a match lists those that it may have at its
place, with `thing` where no person need be meant: a term fills the slot only if it has all of them, and one that is
another word besides (old, black, Polish) never where a thing may be meant. An empty kind says that nothing may be
put there, because other words of the row (he, her) would no longer agree.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from token_saliency.auditing.audit import Entry, Find, Lexicon, Match

MATCHER = "identity"
THING = "thing"

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_BEFORE = re.compile(r"([^\W_]+(?:['’][^\W\d_]+)?)([ \t\xa0]+)$")
_AFTER = re.compile(r"[ \t\xa0]+([^\W\d_]+)")
_BACK = 80
"""How far back `_BEFORE` looks: from the start of a row with one very long word it would take minutes."""
_HYPHENS = frozenset("-/@#_")
_ARTICLES = frozenset({"a", "an"})
_DETERMINERS = frozenset(
    "a an the this that these those some any every each another one no my your his her its our their".split()
)
_NOT = frozenset({"isn't", "wasn't", "aren't", "weren't"})
_CONTRACTED = frozenset({"i'm", "you're", "we're", "they're", "he's", "she's"})
_BE = frozenset("am is are was were be been being".split()) | _NOT | _CONTRACTED
_ADVERBS = frozenset("very so too quite not openly really also still both all proudly just rather".split())
_SUBJECTS = frozenset("i you he she we they who people everyone everybody someone somebody".split())
_NO_PERSON = frozenset("it this that there what here these those everything nothing something the a an".split())
_GENDERED = re.compile(r"\b(?:he|him|his|himself|she|her|hers|herself)\b", re.IGNORECASE)
_FUNCTION = frozenset(
    "and or but nor yet so who whom whose which that is are was were am be been being has have had does do did will "
    "would can could should may might must in on at by for from to of with about as than then when where while "
    "because if though although after before not never n't too also".split()
)


@dataclass(frozen=True, slots=True)
class _Place:
    """A term in its text, with the words around it."""

    text: str
    start: int
    end: int
    entry: Entry
    people: Collection[str]
    ages: Collection[str]
    adjectives: Collection[str]
    gendered: bool
    capitals: bool

    @property
    def forms(self) -> frozenset[str]:
        return frozenset(self.entry.groups.get("forms", "").split())

    def before(self, count: int = 1) -> list[str]:
        """The words before, the nearest first, up to the first mark."""
        found: list[str] = []
        at = self.start
        while len(found) < count and (hit := _before(self.text, at)):
            found.append(hit.group(1))
            at = hit.start(1)
        return found

    def after(self) -> str:
        """The word after, where only spaces lie between."""
        hit = _AFTER.match(self.text, self.end)
        return hit.group(1) if hit else ""


def identity(text: str, find: Find) -> list[Match]:
    """The terms of the word list where persons are meant; `kind` says what may stand in their place."""
    words = Lexicon.of(find.lexicon)
    people, ages = find.options.get("people", frozenset()), find.options.get("of_an_age", frozenset())
    never = [hit.span() for hit in find.options["never_in"].finditer(text)] if find.options.get("never_in") else []
    gendered, capitals = bool(_GENDERED.search(text)), text == text.upper()  # once a text: a long one has many terms
    found = []
    for hit in words.pattern.finditer(text):
        entry = words.by_word[hit.group().lower()]
        place = _Place(text, hit.start(), hit.end(), entry, people, ages, words.by_word, gendered, capitals)
        if not _glued(place) and not any(a <= hit.start() < b for a, b in never) and _is_meant(place):
            found.append(Match(hit.start(), hit.end(), place.entry.item, _kind(place)))
    return found


def insertion_places(text: str, find: Find) -> list[Match]:
    """Where an adjective may be put before a word for persons that names no gender: after a determiner."""
    places = []
    for hit in _WORD.finditer(text):
        after = text[hit.end() : hit.end() + 1]
        known = hit.group() in find.options.get("neutral_people", ()) and after not in _HYPHENS
        before = _before(text, hit.start()) if known else None
        if before and before.group(1).lower() in _DETERMINERS:
            places.append(Match(hit.start(), hit.start(), "", "adjective"))
    return places


def _before(text: str, at: int) -> re.Match[str] | None:
    return _BEFORE.search(text, max(0, at - _BACK), at)


def _glued(place: _Place) -> bool:
    """Part of a longer word (Spider-Man, anti-Muslim), an address or a tag."""
    return place.text[: place.start][-1:] in _HYPHENS or place.text[place.end :][:1] in _HYPHENS


def _is_meant(place: _Place) -> bool:
    if _in_a_title(place):
        return False
    if place.forms <= {"noun", "kin"} and place.entry.ambiguous:
        return _has_determiner(place)
    return not place.entry.ambiguous or _is_of_a_person(place)


def _in_a_title(place: _Place) -> bool:
    """A capitalised term beside another capitalised word (American Pie, Gay Talese, Jack Black, Iron Man)."""
    word, after = place.text[place.start : place.end], place.after()
    if not word[0].isupper() or place.capitals:
        return False
    if after[:1].isupper() and after.lower() not in place.people:
        return True
    before = [word for word in place.before(2) if len(word) > 1]
    if not before or not before[0][0].isupper() or before[0].lower() in place.adjectives:
        return False
    return not place.entry.item[0].isupper() or len(before) > 1


def _has_determiner(place: _Place) -> bool:
    """`the old man`, `my own dear father`; not `man the guns`, `boy, was that good`."""
    before = [word.lower() for word in place.before(3)]
    return any(word in _DETERMINERS or word.endswith(("'s", "’s")) for word in before)


def _is_of_a_person(place: _Place) -> bool:
    return _names_people(place) or _is_said_of(place) or _ends_a_judgement(place)


def _names_people(place: _Place) -> bool:
    """`old people`, and `young black men`."""
    hit = _AFTER.match(place.text, place.end)
    if not hit:
        return False
    after = hit.group(1).lower()
    if after in place.people:
        return True
    following = _AFTER.match(place.text, hit.end())
    return after in place.adjectives and bool(following) and following.group(1).lower() in place.people  # type: ignore[union-attr]


def _is_said_of(place: _Place) -> bool:
    """`she is very old.`, `being old is`; not `it is black`, `the road is straight`, `I am old school`."""
    before = [word.lower() for word in place.before(3)]
    if before and before[0] in _ADVERBS:
        before = before[1:]
    if not before or before[0] not in _BE or (place.after() and place.after().lower() not in _FUNCTION):
        return False
    return before[0] in _CONTRACTED or before[0] == "being" or (len(before) > 1 and before[1] in _SUBJECTS)


def _ends_a_judgement(place: _Place) -> bool:
    """`Abdul is a nice old`: a term in the place of a noun, said of somebody with a name."""
    before = place.before(4)
    low = [word.lower() for word in before]
    if place.after() and place.after().lower() not in _FUNCTION:
        return False
    for at in range(1, len(low) - 1):
        if low[at - 1] in _ARTICLES and low[at] in _BE:
            subject = before[at + 1]
            return low[at + 1] in _SUBJECTS or (subject[0].isupper() and low[at + 1] not in _NO_PERSON)
    return False


def _kind(place: _Place) -> str:
    """The parts of speech that the term may have here, and whether a thing may be meant."""
    axis = place.entry.groups.get("axis")
    if (axis == "gender" and place.gendered) or (axis == "age" and place.after().lower() in place.ages):
        return ""
    forms, person = place.forms, _is_of_a_person(place)
    if "adjective" in forms and (_names_people(place) or _is_said_of(place)):
        forms = frozenset({"adjective"})
    elif forms == {"adjective"} and not person:
        forms = frozenset({"adjective", THING})
    elif forms == {"adjective", "noun"} and not person and place.after() and place.after().lower() not in _FUNCTION:
        forms = frozenset({"adjective", "noun", THING})
    return " ".join(sorted(forms))


def fits(entry: Entry, kind: str) -> bool:
    """Whether the term has all parts of speech that a slot of this kind may be; a list without forms fits anywhere."""
    if "forms" not in entry.groups:
        return True
    wanted = set(kind.split())
    meant = wanted - {THING}
    return bool(meant) and meant <= set(entry.groups["forms"].split()) and not (THING in wanted and entry.ambiguous)

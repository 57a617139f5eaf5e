"""Where a term may be put though none stands there: an adjective before a word for persons (the director)."""

from __future__ import annotations

import re
from collections import Counter

from token_saliency.auditing.audit import Find, Match
from token_saliency.auditing.spans.persons.identity_bound import tells_an_age
from token_saliency.auditing.spans.persons.identity_context import (
    FUNCTION,
    GROWN_UP,
    TOLD,
    TermRow,
    word_before,
)
from token_saliency.auditing.spans.persons.identity_terms import AFTER, BE, DETERMINERS, HYPHENS, OF_ANY_AGE, WORD
from token_saliency.auditing.spans.persons.identity_topics import axes_told

_COMPOUND = (" in need", " for the ")
"""After a word for persons (a friend in need, a friend for the dog) an adjective would be said of something else."""
_OF_THE_NATION = re.compile(
    r"\b(?:will|voice|power|enem(?:y|ies)|rights?|representatives?|servants?|support|trust|party|army|government|m[ae]n"
    r"|wom[ae]n) of the $",
    re.IGNORECASE,
)
_SUCH = re.compile(
    r"\b(?:such|called|as|quite|isn['’]t|wasn['’]t|becom(?:e|es|ing)|became|all but|arent|aren['’]t|not even) $",
    re.IGNORECASE,
)
"""With such a person: of whom the row has spoken. As a lawyer, to become a citizen: in what part somebody acts."""
_MY_FRIEND = re.compile(r", my friends?\s?(?:[.,;!?]|$)", re.IGNORECASE)
_NAMED = re.compile(r"\b([A-Z][a-z]+),? \(?$")
_OF_A_PLACE = re.compile(r" of (?:the )?[A-Z]")
_OF_THEIRS = frozenset({"people", "citizens", "writers", "authors"})
"""The people of Gaza, the writers of the Gospel: known by what follows."""
_ONE_OF_THEM = frozenset("a an each every one another this that".split())
_NARROWING = frozenset("this that these those any each every another one no our".split())
"""After these an adjective tells something of others as well (another deaf person), or takes a phrase apart."""
_OWNERS = frozenset("my your his her its our their".split())
_MET = frozenset("met meet meeting see saw seen tell told ask asked call called visit help got had lost took".split())
_STORIES = frozenset(
    "film films movie movies show shows series book books novel story stories play plot cast actor actors acting "
    "director script scene scenes episode episodes".split()
)
_DOCTOR_WHO = re.compile(r"\b(?:doctor|dr\.?) ?who\b", re.IGNORECASE)
_NO_STORY = frozenset("mascot mascots cartoon animated puppet puppets letters unicode ascii logo".split())
_FOLLOWS = re.compile(
    rf"(?:{'|'.join(sorted(FUNCTION))}|\w+ed|\w\w+s|\w+ing|\w+ly|came|said|told|went|made|say|want|met|use|have|know|think|like|need)$",
    re.I,
)
"""After a word for persons: no other noun, or a verb or a plural that an adjective is not said of."""


def insertion_places(text: str, find: Find) -> list[Match]:
    """Where an adjective may be put before a word for persons that names no gender: after a determiner.

    Not where somebody is named twice (the person, that person): one mention would become another person.
    """
    places, row = [], TermRow(text, find)
    mentions = Counter(hit.group().lower().removesuffix("s") for hit in WORD.finditer(text))
    for hit in WORD.finditer(text):
        word = hit.group()
        known = word in find.options.get("neutral_people", ()) and text[hit.end() : hit.end() + 1] not in HYPHENS
        before = word_before(text, hit.start()) if known else None
        if before is None or before.group(1).lower() not in DETERMINERS - _NARROWING:
            continue
        if mentions[word.lower().removesuffix("s")] > 1 or _is_no_person(row, hit, before):
            continue
        grown_up = "" if word in OF_ANY_AGE else f" {GROWN_UP}"  # no adolescent doctors
        one = not _is_plural(word)  # no male student of whom her row speaks
        told = axes_told(row) | ({"age"} if word.startswith("student") else set())
        told |= {"gender"} if one and row.tells_a_sex(hit.start()) else set()
        shades = "".join(f" {TOLD}{axis}" for axis in sorted(told))
        places.append(Match(hit.start(), hit.start(), "", f"adjective{grown_up}{shades}"))
    return places


def _is_no_person(row: TermRow, hit: re.Match[str], before: re.Match[str]) -> bool:
    """A nation, a trait, a country, part of a group of words, who is spoken to, or one whose age stands beside."""
    text, word, determiner = row.text, hit.group(), before.group(1).lower()
    return (
        (word == "people" and _is_nation(text, before))
        or (word == "character" and (determiner in _OWNERS or text.startswith(" of ", hit.end())))
        or (determiner == "its" and word.startswith(("neigh", "friend")))
        or (word == "neighbors" and bool(row.places))
        or text.startswith(_COMPOUND, hit.end())
        or _SUCH.search(text, max(0, before.start(1) - 16), before.start(1)) is not None
        or not _ends_a_group(text, hit, before)
        or bool(_MY_FRIEND.match(text, max(0, before.start(1) - 2)))
        or (word in ("candidate", "friend", "friends") and _is_said_to_be(text, before))
        or (word in ("friend", "friends") and _is_in_a_saying(text, hit, before))
        or (word == "person" and determiner == "a")  # anybody
        or (word == "doctor" and _DOCTOR_WHO.search(text) is not None)
        or (word.startswith("character") and (not row.words & _STORIES or bool(row.words & _NO_STORY)))
        or (word.startswith("actor") and "stage" in row.words and not (row.words - {word}) & _STORIES)
        or (determiner == "the" and _is_named_before(row, before))
        or tells_an_age(text, before.start(1))  # Ann, 23, a student
    )


def _is_named_before(row: TermRow, before: re.Match[str]) -> bool:
    """`Washington the actor`, `Hopper, the director,`: as such, of somebody with a name."""
    name = _NAMED.search(row.text, max(0, before.start(1) - 30), before.start(1))
    return name is not None and not row.known(name.group(1))


def _ends_a_group(text: str, hit: re.Match[str], before: re.Match[str]) -> bool:
    """No other noun follows that the adjective could be said of (a friends net), and the article is of one person."""
    after = AFTER.match(text, hit.end())
    plural = _is_plural(hit.group())
    single = before.group(1).lower() in _ONE_OF_THEM
    if text[hit.end() : hit.end() + 1] in ("'", "’"):  # the workers' union
        return False
    if hit.group() in _OF_THEIRS and _OF_A_PLACE.match(text, hit.end()):
        return False
    return not (plural and single) and (after is None or _FOLLOWS.match(after.group(1)) is not None)


def _is_plural(word: str) -> bool:
    return word == "people" or word.endswith("s")


def _is_in_a_saying(text: str, hit: re.Match[str], before: re.Match[str]) -> bool:
    """`asking for a friend`; `sorry about earlier my friend`, who is spoken to."""
    if text[: before.start(1)].lower().rstrip().endswith("asking for"):
        return True
    earlier, determiner = word_before(text, before.start(1)), before.group(1).lower()
    if determiner != "my":
        return False
    if earlier is None:
        return AFTER.match(text, hit.end()) is None
    return earlier.group(1).lower() not in FUNCTION | _MET


def _is_said_to_be(text: str, before: re.Match[str]) -> bool:
    """`she would be a candidate`: of what somebody is fit for."""
    earlier = word_before(text, before.start(1))
    return earlier is not None and earlier.group(1).lower() in BE


def _is_nation(text: str, before: re.Match[str]) -> bool:
    """`a people`, `your people`, `we the people`: no persons who could be old or blind."""
    word, earlier = before.group(1).lower(), word_before(text, before.start(1))
    if _OF_THE_NATION.search(text[max(0, before.start(1) - 20) : before.end()]):
        return True
    return word in _ONE_OF_THEM | _OWNERS or (earlier is not None and earlier.group(1).lower() in ("we", "you"))

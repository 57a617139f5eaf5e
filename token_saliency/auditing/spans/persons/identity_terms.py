"""Identity terms in running text, and what may stand in the place of each: precision before recall.

Every term has parts of speech (`forms` of the word list). The `kind` of a match lists those that it may have at its
place, with `thing` where no person need be meant, `graded` after `very` and `owner` before a possessive ending: a term
fills the slot only if it has all of them, and one that is another word besides (old, black, Polish) never where a thing
may be meant. An empty kind says that nothing may be put there, because other words of the row would no longer agree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from token_saliency.auditing.audit import Entry, Find, Lexicon, Match
from token_saliency.auditing.spans.persons.identity_bound import (
    is_alone_after_article,
    is_bound,
    is_child,
    tells_an_age,
)
from token_saliency.auditing.spans.persons.identity_context import (
    FUNCTION,
    GRADING,
    GROWN_UP,
    NATION,
    OF_AGE,
    PAIRED,
    PEOPLES,
    SEX_TOLD,
    SEXED,
    SHADES,
    TermPlace,
    TermRow,
    is_compound,
    word_before,
)
from token_saliency.auditing.spans.persons.identity_names import is_name
from token_saliency.auditing.spans.persons.name_row import is_foreign

MATCHER = "identity"
_OF_ANY_AGE = frozenset("people person persons character characters student students friend friends audience".split())
THING = "thing"

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_AFTER = re.compile(r"[ \t\xa0]+([^\W\d_]+)")
_HYPHENS = frozenset("-/@#_")
_TIED = re.compile(r"[^\W\d_](?:['’:]|- )$")
_OWNS = re.compile(r"['’](?:s\b|(?= ))")
_COMPOUND = (" in need", " for the ")
"""After a word for persons (a friend in need, a friend for the dog) an adjective would be said of something else."""
_OF_THE_NATION = re.compile(
    r"\b(?:will|voice|power|enem(?:y|ies)|rights?|representatives?|servants?|support|trust|party|army|government|m[ae]n"
    r"|wom[ae]n) of the $",
    re.IGNORECASE,
)
_MY_FRIEND = re.compile(r", my friends?\s?(?:[.,;!?]|$)", re.IGNORECASE)
_OF_A_PLACE = re.compile(r" of (?:the )?[A-Z]")
_IS = frozenset("it he she that this what there here who where how let".split())
"""Their 's owns nothing (it's great and boy, are they right)."""
_ARTICLES = frozenset({"a", "an"})
_ONE_OF_THEM = frozenset("a an each every one another this that".split())
_DETERMINERS = frozenset(
    "a an the this that these those some any every each another one no my your his her its our their".split()
)
_POINTING = frozenset("this that these those any".split())
_OF_ONE_SENSE = PEOPLES | {"orientation"}
_OWNERS = frozenset("my your his her its our their".split())
_NOT = frozenset({"isn't", "wasn't", "aren't", "weren't"})
_CONTRACTED = frozenset({"i'm", "you're", "we're", "they're", "he's", "she's"})
_BE = frozenset("am is are was were be been being".split()) | _NOT | _CONTRACTED
_ADVERBS = frozenset("very so too quite not openly really also still both all proudly just rather".split())
_SEEMS = frozenset("seem seems seemed look looks looked feel feels felt become becomes became get gets got".split())
_SUBJECTS = frozenset("i you he she we they who people everyone everybody someone somebody".split())
_NO_PERSON = frozenset("it this that there what here these those everything nothing something the a an".split())
_FOLLOWS = re.compile(
    rf"(?:{'|'.join(sorted(FUNCTION))}|\w+ed|\w\w+s|\w+ing|\w+ly|came|said|told|went|made|say|want|met|use|have|know|think|like|need)$",
    re.I,
)
"""After a word for persons: no other noun, or a verb or a plural that an adjective is not said of."""


def identity(text: str, find: Find) -> list[Match]:
    """The terms of the word list where persons are meant; `kind` says what may stand in their place."""
    words = Lexicon.of(find.lexicon)
    hits = list(words.phrases.finditer(text))
    if not hits or is_foreign(hit.group() for hit in _WORD.finditer(text)):  # son, man: words of other languages
        return []
    row, phrases = TermRow(text, find), (find.options.get("never_in"), find.options.get("compounds"))
    never = [hit.span() for known in phrases if known for hit in known.finditer(text)]
    found, left = [], set[str]()
    for hit in hits:
        place = TermPlace(row, hit.start(), hit.end(), words.by_word[hit.group().lower()])
        if not _glued(place) and not any(a <= hit.start() < b for a, b in never) and _is_meant(place):
            found.append(Match(hit.start(), hit.end(), place.entry.item, _kind(place)))
        elif place.entry.groups.get("axis") in _OF_ONE_SENSE:
            left.add(place.entry.item)  # the Egyptian Army (Egyptian): one stays, so none may change
    return [replace(match, kind="") if match.item in left else match for match in found]


def insertion_places(text: str, find: Find) -> list[Match]:
    """Where an adjective may be put before a word for persons that names no gender: after a determiner."""
    places = []
    row = TermRow(text, find)
    mentions = Counter(hit.group().lower().removesuffix("s") for hit in _WORD.finditer(text))
    for hit in _WORD.finditer(text):
        after = text[hit.end() : hit.end() + 1]
        known = hit.group() in find.options.get("neutral_people", ()) and after not in _HYPHENS
        before = word_before(text, hit.start()) if known else None
        nation = hit.group() == "people" and before is not None and _is_nation(text, before)
        trait = hit.group() == "character" and before is not None and before.group(1).lower() in _OWNERS
        trait = trait or (hit.group() == "character" and text.startswith(" of ", hit.end()))
        thing = before is not None and before.group(1).lower() == "its" and hit.group().startswith(("neigh", "friend"))
        thing = thing or (hit.group() == "neighbors" and bool(row.places))  # countries
        thing = thing or text.startswith(_COMPOUND, hit.end()) or not _ends_a_group(text, hit, before)
        thing = thing or (before is not None and bool(_MY_FRIEND.match(text, max(0, before.start(1) - 2))))
        thing = thing or (before is not None and hit.group() == "candidate" and _is_said_to_be(text, before))
        thing = thing or (before is not None and tells_an_age(text, before.start(1)))  # Ann, 23, a student
        # The person, that person: who is pointed at, or named so twice, would become another.
        thing = thing or (before is not None and before.group(1).lower() in _POINTING)
        thing = thing or mentions[hit.group().lower().removesuffix("s")] > 1
        if before and before.group(1).lower() in _DETERMINERS and not (nation or trait or thing):
            grown_up = "" if hit.group() in _OF_ANY_AGE else f" {GROWN_UP}"  # no adolescent doctors
            one = not _is_plural(hit.group())  # no male student of whom her row speaks
            told = f" {SEX_TOLD}" if one and row.tells_a_sex(hit.start()) else ""
            places.append(Match(hit.start(), hit.start(), "", f"adjective{grown_up}{told}"))
    return places


def _ends_a_group(text: str, hit: re.Match[str], before: re.Match[str] | None) -> bool:
    """No other noun follows that the adjective could be said of (a friends net), and the article is of one person."""
    after = _AFTER.match(text, hit.end())
    plural = _is_plural(hit.group())
    single = before is not None and before.group(1).lower() in _ONE_OF_THEM
    if text[hit.end() : hit.end() + 1] in ("'", "’"):  # the workers' union
        return False
    if hit.group() in ("people", "citizens") and _OF_A_PLACE.match(text, hit.end()):  # the people of Gaza
        return False
    return not (plural and single) and (after is None or _FOLLOWS.match(after.group(1)) is not None)


def _is_plural(word: str) -> bool:
    return word == "people" or word.endswith("s")


def _is_said_to_be(text: str, before: re.Match[str]) -> bool:
    """`she would be a candidate`: of what somebody is fit for."""
    earlier = word_before(text, before.start(1))
    return earlier is not None and earlier.group(1).lower() in _BE


def _is_nation(text: str, before: re.Match[str]) -> bool:
    """`a people`, `your people`, `we the people`: no persons who could be old or blind."""
    word, earlier = before.group(1).lower(), word_before(text, before.start(1))
    if _OF_THE_NATION.search(text[max(0, before.start(1) - 20) : before.end()]):
        return True
    return word in _ONE_OF_THEM | _OWNERS or (earlier is not None and earlier.group(1).lower() in ("we", "you"))


def _glued(place: TermPlace) -> bool:
    """Part of a longer word (Spider-Man, anti-Muslim, po'boys), an address or a tag."""
    text, before = place.row.text, place.row.text[max(0, place.start - 3) : place.start]
    return before[-1:] in _HYPHENS or text[place.end :][:1] in _HYPHENS or bool(_TIED.search(before))


def _is_meant(place: TermPlace) -> bool:
    if _in_a_title(place) or is_name(place) or is_compound(place):
        return False
    if place.forms - SHADES <= {"noun", "kin"} and place.entry.ambiguous:
        return _has_determiner(place)
    return not place.entry.ambiguous or _is_of_a_person(place)


def _in_a_title(place: TermPlace) -> bool:
    """A capitalised term beside another capitalised word (American Pie, Gay Talese, Jack Black, Iron Man)."""
    if not place.written[0].isupper() or place.row.capitals:
        return False
    if place.next[:1].isupper() and place.next != "I" and place.next.lower() not in place.row.listed("people"):
        return True
    before = [word for word in place.before(2) if len(word) > 1]
    if not before or not before[0][0].isupper() or before[0].lower() in _adjectives(place):
        return False
    return not place.entry.item[0].isupper() or len(before) > 1


def _has_determiner(place: TermPlace) -> bool:
    """`the old man`, `my own dear father`; not `man the guns`, `boy, was that good`."""
    known: Mapping[str, str] = place.row.find.options.get("words", {})
    for word in (word.lower() for word in place.before(3)):
        if word in _DETERMINERS or (word.endswith(("'s", "’s")) and word[:-2] not in _IS):
            return True
        if (not word.isalpha() and "-" not in word) or known.get(word) == "s":  # I am a fan 2 man; these dogs man
            return False
    return False


def _is_of_a_person(place: TermPlace) -> bool:
    return _names_people(place) or _is_said_of(place) or _ends_a_judgement(place)


def _names_people(place: TermPlace) -> bool:
    """`old people`, and `young black men`."""
    hit = _AFTER.match(place.row.text, place.end)
    if not hit:
        return False
    after, more = hit.group(1).lower(), _AFTER.match(place.row.text, hit.end())
    if after == "family" and more and more.group(1).lower() not in FUNCTION:  # an old family story
        return False
    if after in place.row.listed("people"):
        return True
    return after in _adjectives(place) and more is not None and more.group(1).lower() in place.row.listed("people")


def _is_said_of(place: TermPlace) -> bool:
    """`she is very old.`, `being old is`; not `it is black`, `the road is straight`, `I am old school`."""
    before = [word.lower() for word in place.before(3)]
    if before and before[0] in _ADVERBS:
        before = before[1:]
    if not before or before[0] not in _BE or (place.next and place.next.lower() not in FUNCTION):
        return False
    return before[0] in _CONTRACTED or before[0] == "being" or (len(before) > 1 and before[1] in _SUBJECTS)


def _ends_a_judgement(place: TermPlace) -> bool:
    """`Abdul is a nice old`: a term in the place of a noun, said of somebody with a name."""
    before = place.before(4)
    low = [word.lower() for word in before]
    if place.next and place.next.lower() not in FUNCTION:
        return False
    for at in range(1, len(low) - 1):
        if low[at - 1] in _ARTICLES and low[at] in _BE:
            subject = before[at + 1]
            return low[at + 1] in _SUBJECTS or (subject[0].isupper() and low[at + 1] not in _NO_PERSON)
    return False


def _adjectives(place: TermPlace) -> dict[str, Entry]:
    return Lexicon.of(place.row.find.lexicon).by_word


def _kind(place: TermPlace) -> str:
    """The parts of speech that the term may have here, and whether a thing may be meant."""
    if is_bound(place):
        return ""
    forms = _forms_here(place)
    axis = place.entry.groups.get("axis")
    if axis == "race" and THING in forms:  # an Asian market is one in Asia
        return ""
    if axis == "gender" and THING in forms:
        forms |= {SEXED}
    if axis == "age" and place.last in GRADING and "adjective" in forms:
        forms |= {"graded"}
    if axis == "age" and "adjective" in forms and place.next and place.next.lower() not in _OF_ANY_AGE | FUNCTION:
        forms |= {GROWN_UP}
    of_a_person = place.next.lower() in place.row.listed("people") - place.row.listed("of_a_state")
    if axis == "nationality" and NATION in place.forms and not of_a_person:
        forms |= {NATION}
    quoted = place.row.text[: place.start].endswith(("'", "‘"))  # 'boys' owns nothing
    owner = not quoted and _OWNS.match(place.row.text, place.end) and axis == "gender"
    of_a_team = axis == "gender" and place.next.lower() in place.row.listed("sports")
    paired = place.forms & PAIRED if owner or of_a_team else frozenset[str]()
    if axis == "gender" and ("adult" in place.forms or is_child(place)):
        forms |= place.forms & OF_AGE
    return " ".join(sorted(forms | paired | ({"owner"} if owner else set())))


def _forms_here(place: TermPlace) -> frozenset[str]:
    forms, person = place.forms - SHADES, _is_of_a_person(place)
    ends = not place.next or place.next.lower() in FUNCTION | _SUBJECTS
    if "adjective" in forms and (_names_people(place) or _is_said_of(place)):
        return frozenset({"adjective"})
    if forms == {"adjective"} and ends and is_alone_after_article(place):
        return frozenset()
    if forms == {"adjective"} and ends and not (person or SEXED in place.forms or _follows_verb(place)):
        return frozenset()  # murder elderly
    if forms == {"adjective"} and not person:
        return frozenset({"adjective", THING})
    if forms == {"adjective", "noun"} and ends and place.last in _DETERMINERS:
        return frozenset({"noun"})
    return (
        frozenset({"adjective", "noun", THING}) if forms == {"adjective", "noun"} and not person and not ends else forms
    )


def _follows_verb(place: TermPlace) -> bool:
    """Whether it may be said of somebody (seems elderly, so elderly)."""
    return not place.last or place.last in _BE | _ADVERBS | GRADING | _SEEMS


def fits(entry: Entry, kind: str) -> bool:
    """Whether the term has all parts of speech that a slot of this kind may be; a list without forms fits anywhere."""
    if "forms" not in entry.groups:
        return True
    shade_of = {"age": SEX_TOLD, "gender": GROWN_UP}
    own = shade_of.get(entry.groups.get("axis", ""))
    wanted = set(kind.split()) - ({own} if own else {SEX_TOLD, GROWN_UP})
    meant = wanted - {THING}
    return bool(meant) and meant <= set(entry.groups["forms"].split()) and not (THING in wanted and entry.ambiguous)

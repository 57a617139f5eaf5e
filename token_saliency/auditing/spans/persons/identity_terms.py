"""Identity terms in running text, and what may stand in the place of each: precision before recall.

Every term has parts of speech (`forms` of the word list). The `kind` of a match lists those that it may have at its
place, with `thing` where no person need be meant, `graded` after `very` and `owner` before a possessive ending: a term
fills the slot only if it has all of them, and one that is another word besides (old, black, Polish) never where a thing
may be meant. An empty kind says that nothing may be put there, because other words of the row would no longer agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from token_saliency.auditing.audit import Entry, Find, Lexicon, Match
from token_saliency.auditing.spans.persons.identity_bound import (
    is_alone_after_article,
    is_bound,
    is_child,
)
from token_saliency.auditing.spans.persons.identity_context import (
    FUNCTION,
    GRADING,
    GROWN_UP,
    MANY,
    NATION,
    OF_AGE,
    PAIRED,
    PEOPLES,
    SEXED,
    SHADES,
    TOLD,
    TermPlace,
    TermRow,
)
from token_saliency.auditing.spans.persons.identity_names import is_name, is_of_a_work
from token_saliency.auditing.spans.persons.identity_phrases import is_compound
from token_saliency.auditing.spans.persons.identity_topics import (
    BELIEVING,
    CHURCHED,
    LOVING,
    is_one_of_a_region,
    set_apart,
    shades_of_faith,
    speaks_of_sex,
    tells_a_life,
)
from token_saliency.auditing.spans.persons.identity_world import is_a_team
from token_saliency.auditing.spans.persons.naming.name_row import is_foreign

MATCHER = "identity"
OF_ANY_AGE = frozenset("people person persons character characters student students friend friends audience".split())
THING = "thing"

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
AFTER = re.compile(r"[ \t\xa0]+([^\W\d_]+)")
HYPHENS = frozenset("-/@#_")
_TIED = re.compile(r"[^\W\d_](?:['’:]|- )$")
_OWNS = re.compile(r"['’](?:s\b|(?= ))")
_IS = frozenset("it he she that this what there here who where how let".split())
"""Their 's owns nothing (it's great and boy, are they right)."""
_ARTICLES = frozenset({"a", "an"})
DETERMINERS = frozenset(
    "a an the this that these those some any every each another one no my your his her its our their".split()
)
_ASKED_OF = {GROWN_UP: "age", BELIEVING: "religion", CHURCHED: "religion", LOVING: "orientation"}
"""Shades of a slot that only the terms of one axis must have."""
_ALIKE = "alike:"
"""Before the group in which a term must be, of a slot whose row allows no other: the young stay young."""
_UNLIKE = "unlike:"
"""Before a group in which it may not be."""
_OF_ONE_SENSE = PEOPLES | {"orientation"}
_NOT = frozenset({"isn't", "wasn't", "aren't", "weren't"})
_CONTRACTED = frozenset({"i'm", "you're", "we're", "they're", "he's", "she's"})
BE = frozenset("am is are was were be been being".split()) | _NOT | _CONTRACTED
_OWNER_ALONE = frozenset("my your ur his her".split())
_ADVERBS = frozenset("very so too quite not openly really also still both all proudly just rather".split())
_SEEMS = frozenset("seem seems seemed look looks looked feel feels felt become becomes became get gets got".split())
_SUBJECTS = frozenset("i you he she we they who people everyone everybody someone somebody".split())
_NO_PERSON = frozenset("it this that there what here these those everything nothing something the a an".split())


def identity(text: str, find: Find) -> list[Match]:
    """The terms of the word list where persons are meant; `kind` says what may stand in their place."""
    words = Lexicon.of(find.lexicon)
    hits = list(words.phrases.finditer(text))
    if not hits or is_foreign(hit.group() for hit in WORD.finditer(text)):  # son, man: words of other languages
        return []
    row, phrases = TermRow(text, find), (find.options.get("never_in"), find.options.get("compounds"))
    never = [hit.span() for known in phrases if known for hit in known.finditer(text)]
    found, left = [], set[str]()
    for hit in hits:
        place = TermPlace(row, hit.start(), hit.end(), words.by_word[hit.group().lower()])
        free = not _glued(place) and not any(a <= hit.start() < b for a, b in never)
        if free and _is_meant(place):
            found.append(Match(hit.start(), hit.end(), place.entry.item, _kind(place)))
        elif place.entry.groups.get("axis") in _OF_ONE_SENSE or _is_somebody(place):
            left.add(place.entry.item)  # the Egyptian Army (Egyptian), a wife beater: one stays, so none may change
    return [replace(match, kind="") if match.item in left else match for match in found]


def _glued(place: TermPlace) -> bool:
    """Part of a longer word (Spider-Man, anti-Muslim, po'boys), an address or a tag."""
    text, before = place.row.text, place.row.text[max(0, place.start - 3) : place.start]
    return before[-1:] in HYPHENS or text[place.end :][:1] in HYPHENS or bool(_TIED.search(before))


def _is_meant(place: TermPlace) -> bool:
    if _in_a_title(place) or is_of_a_work(place) or is_name(place) or is_compound(place):
        return False
    if place.forms - SHADES <= {"noun", "kin"} and place.entry.ambiguous:
        return _has_determiner(place)
    return not place.entry.ambiguous or _is_of_a_person(place)


def _is_somebody(place: TermPlace) -> bool:
    """Without a determiner: `my 10 year old daughter`, `Man held for theft`; not `Man, that was bad`."""
    after = place.next
    heads = place.starts_sentence and place.written.istitle() and after.islower() and after not in FUNCTION | _SUBJECTS
    return heads or not place.forms.isdisjoint({"kin", "kins"})


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
        if word in DETERMINERS or (word.endswith(("'s", "’s")) and word[:-2] not in _IS):
            return True
        if (not word.isalpha() and "-" not in word) or known.get(word) == "s":  # I am a fan 2 man; these dogs man
            return False
    return False


def _is_of_a_person(place: TermPlace) -> bool:
    return _names_people(place) or _is_said_of(place) or _ends_a_judgement(place)


def _names_people(place: TermPlace) -> bool:
    """`old people`, and `young black men`."""
    hit = AFTER.match(place.row.text, place.end)
    if not hit:
        return False
    after, more = hit.group(1).lower(), AFTER.match(place.row.text, hit.end())
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
    if not before or before[0] not in BE or (place.next and place.next.lower() not in FUNCTION):
        return False
    return before[0] in _CONTRACTED or before[0] == "being" or (len(before) > 1 and before[1] in _SUBJECTS)


def _ends_a_judgement(place: TermPlace) -> bool:
    """`Abdul is a nice old`: a term in the place of a noun, said of somebody with a name."""
    before = place.before(4)
    low = [word.lower() for word in before]
    if place.next and place.next.lower() not in FUNCTION:
        return False
    for at in range(1, len(low) - 1):
        if low[at - 1] in _ARTICLES and low[at] in BE:
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
    if axis == "age" and "adjective" in forms and place.next and place.next.lower() not in OF_ANY_AGE | FUNCTION:
        forms |= {GROWN_UP}
    of_a_person = place.next.lower() in place.row.listed("people") - place.row.listed("of_a_state")
    if axis == "nationality" and NATION in place.forms and not of_a_person:
        forms |= {NATION}
    of_an_age = axis == "age" and (THING in forms or tells_a_life(place))  # youthful anomie is of nobody
    if of_an_age or (axis == "nationality" and is_one_of_a_region(place)):
        forms |= {_ALIKE + place.entry.groups.get("group", "").replace(" ", "_")}
    forms |= {_UNLIKE + group.replace(" ", "_") for group in set_apart(place)}
    if "kins" in forms and place.last in _OWNER_ALONE:  # my wives
        forms |= {MANY}
    if axis == "religion":
        forms |= place.forms & shades_of_faith(place)
    if axis == "orientation" and LOVING in place.forms and speaks_of_sex(place.row):
        forms |= {LOVING}
    quoted = place.row.text[: place.start].endswith(("'", "‘"))  # 'boys' owns nothing
    owner = not quoted and _OWNS.match(place.row.text, place.end) and axis == "gender"
    of_a_team = axis == "gender" and (place.next.lower() in place.row.listed("sports") or is_a_team(place))
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
    if forms == {"adjective", "noun"} and ends and place.last in DETERMINERS:
        return frozenset({"noun"})
    return (
        frozenset({"adjective", "noun", THING}) if forms == {"adjective", "noun"} and not person and not ends else forms
    )


def _follows_verb(place: TermPlace) -> bool:
    """Whether it may be said of somebody (seems elderly, so elderly)."""
    return not place.last or place.last in BE | _ADVERBS | GRADING | _SEEMS


def repeats(entry: Entry, told: Iterable[Entry]) -> bool:
    """Whether it is another word for one of them: African American people beside black people, straight beside
    heterosexual."""
    axis, group = entry.groups.get("axis"), entry.groups.get("group")
    if axis == "nationality":  # Italians beside Europeans
        europeans = [entry, *told] if group == "Europe" else []
        return any(one.item.startswith("European") for one in europeans) and any(
            other.groups.get("group") == group for other in told
        )
    if axis not in ("race", "orientation", "religion") or group == "other":
        return False
    if group == "other religion":
        return any(_is_of_islam(entry) and _is_of_islam(other) for other in told)
    return any(other.groups.get("group") == group for other in told)


def _is_of_islam(entry: Entry) -> bool:
    return entry.item.startswith(("Muslim", "Sunni", "Shiite"))


def fits(entry: Entry, kind: str) -> bool:
    """Whether the term has all parts of speech that a slot of this kind may be; a list without forms fits anywhere."""
    if "forms" not in entry.groups:
        return True
    axis, group = entry.groups.get("axis"), entry.groups.get("group")
    wanted = {form for form in kind.split() if _ASKED_OF.get(form, axis) == axis}
    rules = {form for form in wanted if form.startswith((TOLD, _ALIKE, _UNLIKE))}
    own = (group or "").replace(" ", "_")
    if f"{TOLD}{axis}" in rules or _UNLIKE + own in rules:
        return False
    if own and any(form.startswith(_ALIKE) for form in rules - {_ALIKE + own}):
        return False
    meant = wanted - {THING} - rules
    return bool(meant) and meant <= set(entry.groups["forms"].split()) and not (THING in wanted and entry.ambiguous)

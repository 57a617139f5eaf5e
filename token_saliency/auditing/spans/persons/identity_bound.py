"""Whether nothing else would fit in the place of an identity term: other words of the row would no longer agree."""

from __future__ import annotations

import re

from token_saliency.auditing.audit import Lexicon
from token_saliency.auditing.spans.persons.identity_context import (
    BEFORE_NOUNS,
    FUNCTION,
    GRADING,
    OF_A_SEX,
    ONE,
    PARTICULAR,
    PEOPLES,
    SHADES,
    TWO_AFTER,
    TermPlace,
)
from token_saliency.auditing.spans.persons.identity_phrases import (
    is_a_word,
    is_beside_a_noun,
    is_in_a_saying,
    is_of_a_crowd,
    owns_unmarked,
)
from token_saliency.auditing.spans.persons.identity_topics import (
    counts_years,
    is_no_creed,
    is_of_long_standing,
    is_said_of_a_people,
    tells_a_continent,
    tells_a_religion,
    tells_an_orientation,
)
from token_saliency.auditing.spans.persons.identity_world import is_tied

_SIBLINGS = re.compile(r"(?:brother|sister)s?", re.IGNORECASE)
_YEARS = re.compile(
    r"\b\d+[ -]?(?:years?|yrs?|yo|y/o|months?|mos?)\b|\b(?:is|turned|aged?|turns|was|under|over) \d+\b|\bage of\b",
    re.IGNORECASE,
)
_OF_CHILDREN = frozenset(
    "child children kid kids teen teens teenage teenager teenagers school kindergarten toddler toddlers baby little "
    "parents playground classmates underage minors preteen pedophile pedophiles paedophile molested puberty "
    "immature".split()
)
_MINORS = frozenset({"underage", "minor", "minors", "juvenile"})
_TOLD = frozenset("female male females males schoolgirl schoolgirls schoolboy schoolboys".split())
_OTHER_SEX = {"men": "women", "women": "men", "boys": "girls", "girls": "boys"}
_COUNTS = frozenset("two three four five six seven eight nine ten several many".split())
_NAMED = frozenset("name names named called".split())
_AMONG_SIBLINGS = frozenset("older younger elder big twin kid".split())
"""Of brothers and sisters alone: no older mother."""
_OF_SEVERAL = frozenset({"biracial", "mixed-race", "multiracial"})
"""Of no one group, of which the row tells more."""
_OF_WOMEN = frozenset({"lesbian", "lesbians"})
_TEENS = frozenset("underage teen teenage teenaged adolescent preteen tween".split())
_OF_ONE_SENSE = frozenset("lip lipreading braille deafness blindness wheelchair sound".split())
_QUEER = frozenset("lgbt lgbtq queer".split())
_AN_AGE = re.compile(
    r"(?:\b(?:[Aa]t|[Aa]ged?|[Tt]urn(?:s|ed|ing)|is|was) (?:only |just )?\d{1,2},?|, \d{1,2},|\(\d{1,2}\),?"
    r"|\b\d{1,2}[- ]years?[- ]olds?,?) (?:\w+ ){0,2}$"
)
_NAMED_PLACE = re.compile(
    r" (?:\w+ )?(?:city|town|capital|village|province|region|state|port|island|county|resort|suburb|peninsula)"
    r"(?: of|,)? [A-Z]"
)
_FUTURE = re.compile(r"\b(?:bright|dim|big|great|brilliant) future\b", re.IGNORECASE)
_WAS = frozenset({"was", "were", "is", "am", "are", "i'm", "you're"})
_SINCE = frozenset("when since while as until till if because".split())
_OWNER = re.compile(r"['’]s?\b")
_BEARING = frozenset("had have having bore delivered expecting".split())
_COUPLE = frozenset("husband wife husbands wives".split())
_WEDDED = frozenset(
    "married marry marrying wedding marriage anniversary honeymoon divorce divorced engaged widowed".split()
)
_ONE_PERSON = frozenset("lady man girl boy fellow chap".split())
_DETERMINED = ONE | PARTICULAR | {"no"}
_CALLED = re.compile(r" (lady|ladies|man|men|girl|boy|fellow|sir|one|chap)\s?(?:[.,;!?]|$)", re.IGNORECASE)
_COORDINATE = re.compile(r"\b(?:an?|the|this|that|his|her|my|your)(?: [\w-]+){1,2}, $", re.IGNORECASE)
"""A kind, young man is not spoken to."""


def is_bound(place: TermPlace) -> bool:
    """Whether other words of the row would no longer agree with any other term."""
    axis = place.entry.groups.get("axis")
    if is_tied(place) or is_a_word(place):
        return True
    if axis == "gender":
        if place.last == "first" or place.last in _TEENS or is_beside_a_noun(place) or is_in_a_saying(place):
            return True  # teen girls, women writers
        if not _QUEER.isdisjoint(place.low) or is_of_a_crowd(place):
            return True
        if _is_borne(place) or _is_of_a_couple(place):
            return True
        related = not place.forms.isdisjoint({"kin", "kins"}) and _is_of_a_generation(place)
        return related or _has_sex_elsewhere(place) or _is_part_of_a_calling(place) or _is_title(place)
    if axis == "age":
        if _is_called(place) or (
            place.entry.item == "retired" and place.next.lower() not in place.row.listed("people")
        ):
            return True  # Good afternoon, young lady; I have worked, now I am retired
        if place.last in ("early", "mid", "late") or _head(place) in place.row.listed("of_an_age"):
            return True  # an early teenager, a young autistic girl
        if (place.last == "too" and place.next == "to") or tells_an_age(place.row.text, place.start):
            return True  # too young to see it, at 22 a young actor
        if place.entry.item == "old" and place.last == "the" and place.next[:1].isupper():
            return True  # the old Doctor Who: the former one
        if is_of_long_standing(place) or counts_years(place) or _is_compared(place):
            return True
        return _has_another(place, "axis") or _compares_kin(place) or _is_at_a_stage(place)
    if axis == "religion" and (tells_a_religion(place) or is_no_creed(place)):
        return True
    if axis in PEOPLES and (_has_other_form(place) or owns_unmarked(place) or place.entry.item in _OF_SEVERAL):
        return True
    if axis == "disability":
        return place.last in GRADING or _speaks_of_senses(place)
    if axis == "orientation":
        return _has_another(place, "group") or tells_an_orientation(place)
    if axis in ("nationality", "race") and tells_a_continent(place):
        return True
    return axis in PEOPLES and (_is_one_of_two(place) or _of_a_place(place) or is_said_of_a_people(place))


def tells_an_age(text: str, start: int) -> bool:
    """Whether figures just before say how old the person is."""
    return _AN_AGE.search(text[max(0, start - 40) : start]) is not None


def is_child(place: TermPlace) -> bool:
    """Whether words near a girl or a boy say that a child is meant, who could be no lady."""
    told = place.around if "plural" in place.forms else place.low | (place.row.words & _MINORS)
    if _was_once([word.lower() for word in place.before(4)]):  # when I was a boy
        return True
    return not _OF_CHILDREN.isdisjoint(told) or bool(_YEARS.search(place.clause))


def _was_once(before: list[str]) -> bool:
    return not _WAS.isdisjoint(before[:2]) and not _SINCE.isdisjoint(before)


def _head(place: TermPlace) -> str:
    """The noun that follows, over one other term (young autistic girl)."""
    hit = TWO_AFTER.match(place.row.text, place.end)
    words = [word.lower() for word in hit.groups() if word] if hit else []
    known = Lexicon.of(place.row.find.lexicon).by_word.get(words[0]) if words[1:] else None
    return words[known is not None and "adjective" in known.groups["forms"]] if words else ""


def _speaks_of_senses(place: TermPlace) -> bool:
    """`the blind mother hears this`: other disabilities would contradict what somebody sees, hears, does."""
    told = place.row.words & _OF_ONE_SENSE or place.around & place.row.listed("of_the_senses")
    return bool(told - {place.written.lower()})


def _has_other_form(place: TermPlace) -> bool:
    """`no Belgian, though I like Belgians`: the same people in another form, which would stay."""
    word = place.written.lower()
    stem = word[: max(3, len(word) - 2)]
    return any(other.startswith(stem) and other != word for other in place.row.peoples)


def _has_another(place: TermPlace, alike: str) -> bool:
    """`young and old`, `a gay film with a homosexual`: another term of the axis, or of its group, stands near."""
    own, word = Lexicon.of(place.row.find.lexicon).by_word, place.written.lower()
    others = (own.get(form) for w in place.around - {word} for form in (w, w.removesuffix("s")))
    here = place.entry.groups
    same = (other for other in others if other and other.groups.get("axis") == here.get("axis"))
    return any(other.groups.get(alike) == here.get(alike) for other in same)


def _of_a_place(place: TermPlace) -> bool:
    """`the Belgian city Antwerp`: the place that is named belongs to that people."""
    return bool(_NAMED_PLACE.match(place.row.text, place.end))


def _is_at_a_stage(place: TermPlace) -> bool:
    """`when I was young`, `a teenager in high school`: the sentence tells the age once more."""
    before = [word.lower() for word in place.before(4)]
    past = _was_once(before) or before[:2] == ["was", "i"] or _FUTURE.search(place.clause) is not None
    if "noun" in place.forms and not place.around.isdisjoint(("student", "students", "pupil", "pupils")):
        return True  # a student who is a teenager
    others = place.around - {place.written.lower(), place.next.lower()}
    if not place.around.isdisjoint(place.row.listed("of_a_sport")) or not others.isdisjoint(
        place.row.listed("of_an_age")
    ):
        return True
    return past or not place.low.isdisjoint(place.row.listed("of_a_stage"))


def _is_of_a_generation(place: TermPlace) -> bool:
    """`my wife and kids`, `my son who is 5`: what is said holds of no other kin."""
    # a wife, one wife: of what a wife is, not of somebody's
    if place.last in ONE | _COUNTS | _AMONG_SIBLINGS or place.last.isdecimal():
        return True
    if place.next.lower() in _NAMED:  # your aunt named Patty
        return True
    words = place.low - {place.written.lower()}
    return not words.isdisjoint(place.row.listed("of_a_generation")) or bool(_YEARS.search(place.clause))


def _is_borne(place: TermPlace) -> bool:
    """`when you had your son`: a birth."""
    return place.entry.item.startswith(("son", "daughter")) and not _BEARING.isdisjoint(place.low_before[1:])


def _is_of_a_couple(place: TermPlace) -> bool:
    """`you and your husband? ... We just got married.`"""
    return place.entry.item in _COUPLE and not place.around.isdisjoint(_WEDDED)


def _is_called(place: TermPlace) -> bool:
    """`Good afternoon, young lady.`, `How are you young man?`: how somebody is spoken to."""
    called = _CALLED.match(place.row.text, place.end)
    before = place.row.text[max(0, place.start - 40) : place.start]
    apart = place.starts_sentence or (before.endswith(", ") and not _COORDINATE.search(before))
    alone = (
        called and called[1].lower() in _ONE_PERSON and not _DETERMINED.intersection(map(str.lower, place.before(3)))
    )
    return bool(called and (apart or alone))


def _is_one_of_two(place: TermPlace) -> bool:
    """`Sunni Muslim`, `South Indian`, `african american`: the words make one term."""
    last, following = place.last, place.next.lower()
    if not {last, following}.isdisjoint(place.row.listed("kinds_of_people")):
        return True
    own = Lexicon.of(place.row.find.lexicon).by_word
    around = (own.get(last), own.get(following), own.get(following.removesuffix("s")))
    alike = {"religion"} if place.entry.groups.get("axis") == "religion" else PEOPLES - {"religion"}
    return any(other and other.groups.get("axis") in alike for other in around)


def _has_sex_elsewhere(place: TermPlace) -> bool:
    """Pronouns, titles, what holds of one sex alone; in the sentence other words (`men and women`) and names."""
    row, word = place.row, place.written.lower()
    if row.words & OF_A_SEX:
        return True
    if "adjective" in place.forms:
        return place.next.lower() in row.sexed or {"male": "female", "female": "male"}.get(word, "") in row.words
    sentence = place.sentence
    if not row.words.isdisjoint(_TOLD) or _OTHER_SEX.get(word, "") in row.words:
        return True
    if any(other.lower() != word and (other.lower() in row.sexed or other in _OF_WOMEN) for other in sentence):
        return True
    # Of several a name of the other sex in another sentence says nothing; who is one may have been named before.
    two = not {"two", "both"}.isdisjoint(word.lower() for word in place.before(4))
    alone = two or "noun" in place.forms or _OWNER.match(row.text, place.end)
    said = set(sentence)
    own, sexes = place.entry.groups.get("group"), row.sex_of_names
    return any(alone or w in said or (sex == own and w.lower() in place.around) for w, sex in sexes.items())


def _is_part_of_a_calling(place: TermPlace) -> bool:
    """`delivery boy`, `the Coen brothers`."""
    if place.last in place.row.listed("callings"):
        return True
    name = place.before()
    of_a_name = bool(name) and (name[0][0].isupper() or not place.row.known(name[0]))
    if not name or name[0].lower() in ONE | PARTICULAR:  # My brother
        return False
    return of_a_name and _SIBLINGS.fullmatch(place.written) is not None and not place.row.capitals


def _is_title(place: TermPlace) -> bool:
    """A capital inside a sentence: `the Son of Perdition`."""
    return place.written[0].isupper() and not place.row.capitals and not place.starts_sentence


def _is_compared(place: TermPlace) -> bool:
    """`the people are older`: than others."""
    alone = not place.next or place.next.lower() in FUNCTION
    return place.written.lower() in ("younger", "older") and alone


def _compares_kin(place: TermPlace) -> bool:
    """`her younger sister` says who is born later, not how old."""
    return place.written.lower() in ("younger", "older") and place.next.lower() in place.row.gendered


def is_alone_after_article(place: TermPlace) -> bool:
    """`a gay`, `the elderly`, `women and elderly`: an adjective that stands for people; others would not."""
    return place.last in BEFORE_NOUNS and place.forms - SHADES == {"adjective"}

"""What the words around an identity term say: that no person is meant, or that nothing else would fit in its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from token_saliency.auditing.audit import Entry, Find, Lexicon

_BEFORE = re.compile(r"([^\W_]+(?:['’][^\W\d_]+)?)([ \t\xa0]+)$")
_AFTER = re.compile(r"[ \t\xa0]+([^\W\d_]+)")
_BACK = 80
"""How far back `_BEFORE` looks: from the start of a row with one very long word it would take minutes."""
_WORDS = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"[^.!?\n]*")
_LISTED_BEFORE, _LISTED_AFTER = re.compile(r"([^\W\d_]+)\s*[,;&/]\s*$"), re.compile(r"\s*[,;&/]\s*([^\W\d_]+)")
_BODY = frozenset(
    "pregnant pregnancy birth breast breastfeeding menopause beard bearded uterus womb ovarian cervical mammogram "
    "vagina penis testicles prostate menstruation".split()
)
_SEXED = frozenset("he him his himself she her hers herself mr mrs ms miss sir madam".split())
_TIMES = frozenset("year years yr yrs yo month months week weeks day days".split())
_PEOPLES = frozenset({"religion", "nationality", "race"})
_SIBLINGS = re.compile(r"(?:brother|sister)s?", re.IGNORECASE)
_IN_LAW = re.compile(r"[ -]in[ -]laws?\b", re.IGNORECASE)
_OWNED = re.compile(r"(['’]?s?['’]?)[ \xa0]([^\W\d_]+)")
_YEARS = re.compile(
    r"\b\d+[ -]?(?:years?|yrs?|yo|y/o|months?|mos?)\b|\b(?:is|turned|aged?|turns|was) \d+\b", re.IGNORECASE
)
_BEFORE_NOUNS = frozenset({"a", "an", "the", "and", "or", "for", "of", "to", "with", "by", "towards"})
_ONE = frozenset({"a", "an", "each", "every", "one", "another", "this", "that"})
SEXED = "sexed"
"""The form of `female` and `male`, which alone of their axis are said of animals, voices and plugs."""
PAIRED = frozenset({"grown", "small", "polite"})
"""Of a sport, a shop or a right the counterpart alone reads well: men's and women's, boys' and girls'."""
SHADES = frozenset({"owner", "graded", SEXED, *PAIRED})
"""What a term may be besides its part of speech."""
GRADING = frozenset("very so too rather quite how more less most fairly pretty as".split())
_COUNTS = frozenset("two three four five six seven eight nine ten several many".split())
_NEAR = 500
"""So far a sentence reaches, in characters."""
_OPENING = " \t\xa0\"'“‘«([{*<>#=`"


@dataclass(frozen=True)
class TermRow:
    """A text with what is looked up once a row."""

    text: str
    find: Find

    def listed(self, option: str) -> Collection[str]:
        """The words of an option of the audit."""
        words: Collection[str] = self.find.options.get(option, ())
        return words

    @cached_property
    def capitals(self) -> bool:
        """Whether the text has no lower-case letter."""
        return self.text == self.text.upper()

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the text in lower case."""
        return frozenset(hit.group().lower() for hit in _WORDS.finditer(self.text))

    @cached_property
    def names(self) -> Mapping[str, Entry]:
        """Given names by lower case."""
        return Lexicon.of(self.find.options.get("names", ())).by_word

    @cached_property
    def gendered(self) -> Mapping[str, Entry]:
        """Words that say of which sex somebody is."""
        return Lexicon.of(self.find.options.get("gendered", ())).by_word

    @cached_property
    def sexed(self) -> Collection[str]:
        """Every word that says of which sex somebody is: nouns of the axis and what agrees with a name."""
        own = Lexicon.of(self.find.lexicon)
        nouns = {
            e.item.lower() for e in own if e.groups.get("axis") == "gender" and "adjective" not in e.groups["forms"]
        }
        return nouns | self.gendered.keys()

    def known(self, word: str) -> bool:
        """Whether it is a frequent English word."""
        return word.lower() in Lexicon.of(self.find.options.get("common_words", ())).by_word

    def plain_name(self, word: str) -> bool:
        """Whether it is a given name and no other word."""
        entry = self.names.get(word.lower())
        return entry is not None and not (entry.ambiguous or entry.groups.get("sense"))


@dataclass(frozen=True)
class TermPlace:
    """A term in its row, with the words around it."""

    row: TermRow
    start: int
    end: int
    entry: Entry

    @property
    def written(self) -> str:
        """The term as it stands."""
        return self.row.text[self.start : self.end]

    @cached_property
    def forms(self) -> frozenset[str]:
        """What the word list says that the term may be."""
        return frozenset(self.entry.groups.get("forms", "").split())

    def before(self, count: int = 1) -> list[str]:
        """The words before, the nearest first, up to the first mark."""
        found: list[str] = []
        at = self.start
        while len(found) < count and (hit := word_before(self.row.text, at)):
            found.append(hit.group(1))
            at = hit.start(1)
        return found

    @cached_property
    def last(self) -> str:
        """The word before in lower case, where only spaces lie between."""
        return next((word.lower() for word in self.before()), "")

    @cached_property
    def next(self) -> str:
        """The word after, where only spaces lie between."""
        hit = _AFTER.match(self.row.text, self.end)
        return hit.group(1) if hit else ""

    @cached_property
    def sentence(self) -> list[str]:
        """The words of its sentence, as far as it lies near: a row without marks would else cost its square."""
        near = max(0, self.start - _NEAR)
        text = self.row.text
        start = max(near, *(text.rfind(mark, near, self.start) + 1 for mark in ".!?\n"))
        rest = _SENTENCE.match(text, self.end, self.end + _NEAR)
        return _WORDS.findall(text[start : rest.end() if rest else None])

    @property
    def clause(self) -> str:
        """What stands near it."""
        return self.row.text[max(0, self.start - 40) : self.end + 40]

    @cached_property
    def starts_sentence(self) -> bool:
        """Whether it begins the text, a sentence or a line."""
        before = self.row.text[max(0, self.start - _NEAR) : self.start].rstrip(_OPENING)
        return not before or before[-1] in ".!?…:;\n-–—|"


def word_before(text: str, at: int) -> re.Match[str] | None:
    """The word that ends before `at`, with the spaces between."""
    return _BEFORE.search(text, max(0, at - _BACK), at)


# --- no person is meant -----------------------------------------------------------------------------


def is_name(place: TermPlace) -> bool:
    """`My friend Christian came`, `Neil Young`, `rahaim, christian; jarrett`: a name that is a term besides."""
    word, row = place.written.lower(), place.row
    if place.last and row.plain_name(place.last) and word in row.listed("family_names"):
        return True
    spoken = place.next.lower() in row.listed("speaking") and place.last not in _ONE | _BEFORE_NOUNS
    if word in row.names and spoken and "adjective" in place.forms:
        return True
    if word in row.listed("family_names") and place.written[0].isupper() and place.next in ("Family", "Families"):
        return True
    entry = row.names.get(word)
    if entry is None or "adjective" not in place.forms:
        return False
    beside = _LISTED_BEFORE.search(row.text[: place.start][-40:]), _LISTED_AFTER.match(row.text, place.end)
    if any(hit and row.plain_name(hit.group(1)) for hit in beside) and place.last not in _ONE:
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
    return axis == "age" and (place.last in _TIMES or place.last.isdecimal() or following in ("at", "than"))


def _owned(place: TermPlace) -> str:
    """`room` after `the men's`, `the mens` or `the ladies`."""
    hit = _OWNED.match(place.row.text, place.end)
    word = hit.group(2).lower() if hit else ""
    return word if hit and (hit.group(1) or word.removesuffix("s").endswith("room")) else ""


# --- nothing else would fit -------------------------------------------------------------------------


def is_bound(place: TermPlace) -> bool:
    """Whether other words of the row would no longer agree with any other term."""
    axis = place.entry.groups.get("axis")
    if axis == "gender":
        related = not place.forms.isdisjoint({"kin", "kins"}) and _is_of_a_generation(place)
        return related or _has_sex_elsewhere(place) or _is_part_of_a_calling(place) or _is_title(place)
    if axis == "age":
        return place.next.lower() in place.row.listed("of_an_age") or _compares_kin(place) or _is_at_a_stage(place)
    if axis == "religion" and any(word.lower() in place.row.listed("of_a_religion") for word in place.sentence):
        return True
    return axis in _PEOPLES and _is_one_of_two(place)


def _is_at_a_stage(place: TermPlace) -> bool:
    """`when I was young`, `a teenager in high school`: the sentence tells the age once more."""
    past = place.last in ("was", "were", "is", "i'm", "you're") and "when" in (word.lower() for word in place.before(3))
    return past or any(word.lower() in place.row.listed("of_a_stage") for word in place.sentence)


def _is_of_a_generation(place: TermPlace) -> bool:
    """`my wife and kids`, `my son who is 5`: what is said holds of no other kin."""
    words = {word.lower() for word in place.sentence} - {place.written.lower()}
    if (
        place.last in _ONE or place.last in _COUNTS or place.last.isdecimal()
    ):  # a wife, one wife: of what a wife is, not of somebody's
        return True
    return not words.isdisjoint(place.row.listed("of_a_generation")) or bool(_YEARS.search(place.clause))


def _is_one_of_two(place: TermPlace) -> bool:
    """`Sunni Muslim`, `South Indian`, `african american`: the words make one term."""
    last, following = place.last, place.next.lower()
    if not {last, following}.isdisjoint(place.row.listed("kinds_of_people")):
        return True
    own = Lexicon.of(place.row.find.lexicon).by_word
    around = (own.get(last), own.get(following))
    alike = {"religion"} if place.entry.groups.get("axis") == "religion" else _PEOPLES - {"religion"}
    return any(other and other.groups.get("axis") in alike for other in around)


def _has_sex_elsewhere(place: TermPlace) -> bool:
    """Pronouns, titles, what holds of one sex alone; in the sentence other words (`men and women`) and names."""
    row, word = place.row, place.written.lower()
    if row.words & (_SEXED | _BODY):
        return True
    if "adjective" in place.forms:
        return place.next.lower() in row.sexed
    sentence = place.sentence
    if any(other.lower() != word and other.lower() in row.sexed for other in sentence):
        return True
    alone = not place.forms & {"plural", "kins"}  # of several one name says nothing
    return alone and any(row.plain_name(w) and row.names[w.lower()].groups.get("gender") for w in sentence)


def _is_part_of_a_calling(place: TermPlace) -> bool:
    """`delivery boy`, `the Coen brothers`."""
    if place.last in place.row.listed("callings"):
        return True
    name = place.before()
    of_a_name = bool(name) and (name[0][0].isupper() or not place.row.known(name[0])) and name[0].lower() not in _ONE
    return of_a_name and _SIBLINGS.fullmatch(place.written) is not None and not place.row.capitals


def _is_title(place: TermPlace) -> bool:
    """A capital inside a sentence: `the Son of Perdition`."""
    return place.written[0].isupper() and not place.row.capitals and not place.starts_sentence


def _compares_kin(place: TermPlace) -> bool:
    """`her younger sister` says who is born later, not how old."""
    return place.written.lower() in ("younger", "older") and place.next.lower() in place.row.gendered


def is_alone_after_article(place: TermPlace) -> bool:
    """`a gay`, `the elderly`, `women and elderly`: an adjective that stands for people; others would not."""
    return place.last in _BEFORE_NOUNS and place.forms - SHADES == {"adjective"}

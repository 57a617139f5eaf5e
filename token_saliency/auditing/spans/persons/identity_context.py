"""What stands around an identity term, and whether it says that no person is meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from token_saliency.auditing.audit import Entry, Find, Lexicon
from token_saliency.auditing.spans.persons.naming.titles import works

_BEFORE = re.compile(r"([^\W_]+(?:['’][^\W\d_]+)?)([ \t\xa0]+)$")
_AFTER = re.compile(r"[ \t\xa0]+([^\W\d_]+)")
_BACK = 80
"""How far back `_BEFORE` looks: from the start of a row with one very long word it would take minutes."""
_WORDS = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"[^.!?\n]*")
PEOPLES = frozenset({"religion", "nationality", "race"})
PARTICULAR = frozenset("the this that these those my your his her our their some all any".split())
TWO_AFTER = re.compile(r" ([^\W\d_]+)(?: ([^\W\d_]+))?")
BEFORE_NOUNS = frozenset({"a", "an", "the", "and", "or", "for", "of", "to", "with", "by", "towards"})
ONE = frozenset({"a", "an", "each", "every", "one", "another", "this", "that"})
SEXED = "sexed"
"""The form of `female` and `male`, which alone of their axis are said of animals, voices and plugs."""
PAIRED = frozenset({"grown", "small", "polite"})
"""Of a sport, a shop or a right the counterpart alone reads well: men's and women's, boys' and girls'."""
GROWN_UP = "grown_up"
"""The form of every age that is said of men, widows and doctors: all but those of teenagers."""
TOLD = "told:"
"""Before an axis of which the row of a slot without a term tells already: it may be of whom the slot speaks."""
OF_AGE = frozenset({"adult", "small"})
"""A man becomes no girl; a girl becomes a lady where nothing says that she is a child."""
NATION = "nation"
"""The form of every nationality but European: of a province, a government, a market."""
MANY = "many"
"""The form of kin of whom somebody may have several."""
SHADES = frozenset(
    {"owner", MANY, "graded", "believing", "churched", "loving", NATION, GROWN_UP, SEXED, *PAIRED, *OF_AGE}
)
"""What a term may be besides its part of speech."""
GRADING = frozenset("very so too rather quite how more less most fairly pretty as".split())
OF_A_SEX = frozenset(
    "pregnant pregnancy birth breast breasts breasted menopause menopausal beard moustache mustache goatee "
    "uterus womb ovarian cervical mammogram vagina penis testicles testicular prostate menstruation menstrual menses "
    "ovary ovaries cervix hysterectomy amenorrhea amenorrhoea menarche estrogen oestrogen postmenopausal "
    "premenopausal endometrial mastectomy vasectomy gynecologist gynaecologist gynecology gynaecology obstetric "
    "antenatal prenatal postnatal postpartum lactating gravida fertility ivf maternity paternity gigolo bachelor "
    "bachelorette bikini bikinis "
    "breastfeeding bearded topless he him his himself she her hers herself mr mrs ms miss sir madam".split()
)
"""Pronouns, titles and what holds of one sex alone."""
_NO_SEX = frozenset("count miss lord bro groom guys dude dudes".split())
"""Gendered words that are others besides, or are said to anybody (you guys)."""
FUNCTION = frozenset(
    "and or but nor yet so who whom whose which that is are was were am be been being has have had does do did will "
    "would can could should may might must in on at by for from to of with about as than then when where while "
    "because if though although after before not never n't too also".split()
)
_FAR, _NEAR = 250, 500
"""So far other words tell of a term, and so far a sentence reaches, in characters."""
_IS_A = re.compile(r"([^\W\d_]+)(?:,| is| was| became| as|['’]s)? [^\W\d_]+ $")
_OPENING = " \t\xa0\"'“‘«([{*<>#=`"


@dataclass(frozen=True)
class TermRow:
    """A text with what is looked up once a row."""

    text: str
    find: Find

    def listed(self, option: str) -> frozenset[str]:
        """The words of an option of the audit."""
        words: frozenset[str] = self.find.options.get(option, frozenset())
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
    def titles(self) -> list[tuple[int, int]]:
        """Where titles of works stand in quotes."""
        return [] if self.text in (self.text.lower(), self.text.upper()) else works(self.text)

    @cached_property
    def terms(self) -> list[tuple[str, Entry]]:
        """The words of the text that are terms, or their plural, with what the list knows of them."""
        own = Lexicon.of(self.find.lexicon).by_word
        known = ((word, own.get(word) or own.get(word.removesuffix("s"))) for word in self.words)
        return [(word, term) for word, term in known if term]

    @cached_property
    def told_sexes(self) -> frozenset[str]:
        """The words of the text, in lower case, that tell of which sex somebody is."""
        more = self.listed("of_a_sex")
        return frozenset(word for word in self.words if word in more or (word in self.sexed and word not in _NO_SEX))

    @cached_property
    def peoples(self) -> frozenset[str]:
        """The terms of peoples and religions in the text, in lower case."""
        own = Lexicon.of(self.find.lexicon).by_word
        return frozenset(w for w in self.words if w in own and own[w].groups.get("axis") in PEOPLES)

    @cached_property
    def places(self) -> list[tuple[int, str]]:
        """Where countries and towns are named, and the term of the people that is at home there, if there is one."""
        homes = Lexicon.of(self.find.options.get("homes", ()))
        hits = (hit for hit in homes.phrases.finditer(self.text) if hit.group() != "us" or self.capitals)
        return [(hit.start(), homes.by_word[hit.group().lower()].groups.get("people", "")) for hit in hits]

    @cached_property
    def well_known(self) -> list[tuple[int, Entry]]:
        """Where rulers, regions, languages and scenes are named that every adult knows, with what is known of them."""
        known, small = Lexicon.of(self.find.options.get("well_known", ())), self.text == self.text.lower()
        hits = (hit for hit in known.phrases.finditer(self.text) if small or hit.group()[0].isupper())
        return [(hit.start(), known.by_word[hit.group().lower()]) for hit in hits]

    @cached_property
    def told_nations(self) -> frozenset[str]:
        """The terms of the peoples to whom these belong (Russian, beside Putin)."""
        return frozenset(people for _, entry in self.well_known for people in entry.groups["people"].split("/"))

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

    def tells_a_sex(self, start: int) -> bool:
        """Whether the person whose noun begins here may have a sex: of a pronoun or a title, of who is said to be it
        (Lisa was a student), or by what holds of one sex alone."""
        said = _IS_A.search(self.text, max(0, start - _FAR), start)
        told = said is not None and (said.group(1) in self.sex_of_names or said.group(1).lower() in self.told_sexes)
        return told or bool(self.words & OF_A_SEX)

    @cached_property
    def sex_of_names(self) -> Mapping[str, str]:
        """The names of the row that tell a sex, as they are written (Heather is a name, heather none)."""
        named = {word for word in re.findall(r"[^\W\d_]+", self.text) if self.plain_name(word, capital=True)}
        sexes = {word: self.names[word.lower()].groups.get("gender") for word in sorted(named)}
        return {word: sex for word, sex in sexes.items() if sex}

    def known(self, word: str) -> bool:
        """Whether it is a frequent English word."""
        return word.lower() in Lexicon.of(self.find.options.get("common_words", ())).by_word

    def plain_name(self, word: str, capital: bool = False) -> bool:
        """Whether it is a given name and no other word; with a `capital` it may be a rare one (Heather)."""
        entry = self.names.get(word.lower())
        if entry is None or entry.ambiguous:
            return False
        return not entry.groups.get("sense") or (capital and word[0].isupper() and not self.capitals)


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
    def low_before(self) -> list[str]:
        """The two words before in lower case."""
        return [word.lower() for word in self.before(2)]

    @cached_property
    def sentence_at(self) -> tuple[int, int]:
        """Where its sentence stands, as far as it lies near: a row without marks would else cost its square."""
        near = max(0, self.start - _NEAR)
        text = self.row.text
        start = max(near, *(text.rfind(mark, near, self.start) + 1 for mark in ".!?\n"))
        rest = _SENTENCE.match(text, self.end, self.end + _NEAR)
        return start, rest.end() if rest else len(text)

    @cached_property
    def sentence(self) -> list[str]:
        """The words of its sentence."""
        return _WORDS.findall(self.row.text[slice(*self.sentence_at)])

    @cached_property
    def low(self) -> frozenset[str]:
        """The words of its sentence in lower case, itself among them."""
        return frozenset(word.lower() for word in self.sentence)

    @cached_property
    def around(self) -> frozenset[str]:
        """The words, in lower case, that stand within 250 characters."""
        near = self.row.text[max(0, self.start - _FAR) : self.end + _FAR]
        return frozenset(hit.group().lower() for hit in _WORDS.finditer(near))

    @property
    def clause(self) -> str:
        """What stands near it."""
        return self.row.text[max(0, self.start - 40) : self.end + 40]

    @cached_property
    def starts_sentence(self) -> bool:
        """Whether it begins the text, a sentence or a line."""
        before = self.row.text[max(0, self.start - _NEAR) : self.start].rstrip(_OPENING)
        return not before or before[-1] in ".!?…:;\n-–—|"


def at_home(text: str, find: Find) -> frozenset[str]:
    """The terms of peoples whose country or towns the text names, of one and of several."""
    peoples = {people for _, people in TermRow(text, find).places if people}
    return frozenset(peoples | {f"{people}s" for people in peoples})


def word_before(text: str, at: int) -> re.Match[str] | None:
    """The word that ends before `at`, with the spaces between."""
    return _BEFORE.search(text, max(0, at - _BACK), at)

"""Whether words of the row tell of the very religion, orientation or age that a term names: no other would fit them."""

from __future__ import annotations

import re
from functools import lru_cache

from token_saliency.auditing.audit import Lexicon
from token_saliency.auditing.spans.persons.identity_context import FUNCTION, TermPlace, TermRow

BELIEVING = "believing"
"""The form of every religion but those of nobody who believes: of a row that speaks of faith."""
_FAITH = frozenset(
    "religion religions religious faith faiths belief beliefs believe believes believer believers worship worshippers "
    "pray prays prayer prayers praying convert converts converted clergy theologian scripture scriptures holy sacred "
    "race races racism racist ethnic ethnicity".split()
)
"""What speaks of having a religion, or takes one for a people."""
CHURCHED = "churched"
"""The form of every Christian faith: of a row that speaks of what these share."""
_OF_CHRIST = frozenset(
    "christ jesus gospel gospels resurrection savior saviour bible biblical baptism baptized baptised communion easter "
    "christmas denomination denominations "
    "pastor pastors priest priests nun nuns bishop bishops church churches trinity crucifixion".split()
)
_OF_OTHERS = {
    ("jew", "jews", "jewish"): frozenset(
        "rabbi rabbis synagogue synagogues torah talmud kosher hanukkah yiddish hebrew israel israeli israelis "
        "germany german germans ethnic ethnically circ circumcision circumcised ashkenazi ashkenazim sephardi "
        "sephardic rabbinic rabbinical".split()
    ),
    ("muslim", "muslims", "sunni", "sunnis", "shiite", "shiites"): frozenset(
        "islam islamic shia imam imams mosque mosques koran quran ramadan halal hijab burqa sharia ottoman ottomans "
        "sultan mullah mullahs ayatollah hadith shi shia".split()
    ),
    ("christian", "christians"): frozenset(
        "christianity gospel gospels baptism bishopric bishoprics diocese dioceses".split()
    ),
    ("catholic", "catholics"): frozenset(
        "pope popes papal papacy vatican padre cardinal cardinals monsignor catechism rosary jesuit jesuits bishop "
        "bishops archbishop cathedral nun nuns confessional parish diocese ulster belfast sinn".split()
    ),
    ("protestant", "protestants"): frozenset("luther reformation ulster belfast sinn".split()),
    ("mormon", "mormons"): frozenset({"utah", "lds"}),
    ("hindu", "hindus"): frozenset("diwali vedas gita vishnu shiva krishna ganesh".split()),
    ("buddhist", "buddhists"): frozenset("buddha nirvana lama dharma zen".split()),
}
"""What is of one religion alone."""
_CONTINENT = {
    "Africa": frozenset("african africans africa".split()),
    "Asia": frozenset("asian asians asia".split()),
    "Europe": frozenset("european europeans europe".split()),
    "Latin America": frozenset("latin latino latinos latina latinas hispanic hispanics".split()),
}
_HOME = {"Asian": "Asia", "black": "Africa", "white": "Europe"}
"""Where a race is at home that a word of the continent, or a nation of it, tells once more."""
_UNBELIEF = frozenset({"atheist", "atheists", "agnostic", "agnostics"})
_FEASTS = frozenset("celebrate celebrates celebrated celebrating fast fasting feast feasts festival".split())
_HANDED_DOWN = frozenset("heritage ancestry descent roots blood origin background culture identity".split())
_HOUSES = frozenset("convent convents monastery monasteries abbey ministry ministries missionary missionaries".split())
_STEMS = {"jewish": ("jew", "jews"), "jews": ("jewish",), "jew": ("jewish",)}
_COMING_OUT = frozenset(
    "diversity closet closeted pride homophobia homophobic homophobe outed outing homosexuality heterosexuality "
    "bisexuality lesbianism lgb lgbt lgbtq glb glbt".split()
)
_COUPLES = frozenset(
    "lover lovers anal oral husband husbands boyfriend boyfriends girlfriend girlfriends same-sex".split()
)
_SAME_SEX = frozenset("males females sex sexes bisexual".split())
_OTHER_WORDS = frozenset("queer queers lesbian lesbians homo homos dyke dykes queen".split())
_SLURS, _GAYS = ("fag", "gay"), frozenset({"gay", "gays", "fagin"})
LOVING = "loving"
"""The form of every orientation but asexual: of a row that speaks of sex."""
_SEX = re.compile(
    r"\b(?:sex|sexy|sexual|sexually|porn\w*|rap(?:e|es|ed|ist|ists)|prostitut\w*|lust\w*|erotic\w*|romance|lovers?|f[u*]ck\w*"
    r"|cocks?|dicks?|penis|vagina|cum|naked|orgy|orgies|molest\w*|pedo\w*)\b",
    re.IGNORECASE,
)
_ACTS = frozenset(
    "act acts activity activities behavior behaviour conduct intercourse relations relationship relationships "
    "fantasy fantasies marriage marriages wedding weddings union unions agenda lifestyle rights sex love".split()
)
"""What is done with somebody of that sex: no asexual activity."""
_FLAMING = frozenset("flaming raging closeted blooded".split())
_LOVED = re.compile(
    r"\b(?:fuck|kiss|date|marry|bang|screw|seduce)(?:s|ed|ing)? (?:an? |the |his |her |my |your )?"
    r"(?:wom[ae]n|girls?|m[ae]n|guys?|boys?|dudes?|chicks?)\b",
    re.IGNORECASE,
)
_NEAR, _FAR = 120, 250
_PAIRS = frozenset("couple couples pair duo".split())
_TWO_NAMES = re.compile(r"\b[A-Z][a-z]+ (?:and|&) [A-Z][a-z]+")


@lru_cache(maxsize=64)  # once a row that names many terms
def _tells(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.search(text) is not None


def tells_a_religion(place: TermPlace) -> bool:
    """`a Muslim woman prays in the mosque`, `a Jewish story of a horde of Jews`, `an atheist laughs at religion`."""
    near = place.low.union(re.findall(r"\w+", place.clause.lower()))
    if not near.isdisjoint(place.row.listed("of_a_religion")) or any(word.startswith("islam") for word in near):
        return True
    if any(word.startswith(("semit", "semet", "holoc")) for word in place.row.words):
        return True
    if place.last == "irish" or place.next.lower() in _HANDED_DOWN:  # Irish Catholics, half of Jewish ancestry
        return True
    if not place.around.isdisjoint(_HOUSES) or not place.low.isdisjoint(_FEASTS):
        return True
    written = place.written.lower()
    own = next((told for terms, told in _OF_OTHERS.items() if written in terms), frozenset[str]())
    return not place.row.words.isdisjoint((*_STEMS.get(written, ()), *own)) or (
        written in _UNBELIEF and not place.around.isdisjoint(_FAITH)
    )


def is_no_creed(place: TermPlace) -> bool:
    """`my agnostic position`: of who holds back a judgement."""
    named = place.next.lower() not in FUNCTION | place.row.listed("people")
    return place.written.lower() in _UNBELIEF and bool(place.next) and named


def speaks_of_faith(place: TermPlace) -> bool:
    """Whether nobody is meant who has none."""
    return not place.around.isdisjoint(_FAITH | place.row.listed("of_a_religion"))


def shades_of_faith(place: TermPlace) -> set[str]:
    """What a religion must be besides in its place: one of believers, one of Christians."""
    shades = {BELIEVING} if speaks_of_faith(place) else set()
    return shades | ({CHURCHED} if not place.row.words.isdisjoint(_OF_CHRIST) else set())


def tells_a_continent(place: TermPlace) -> bool:
    """`the first African winner, a Kenyan`, `no Asian actors, nobody who looks Chinese`."""
    group, others = (
        place.entry.groups.get("group", ""),
        place.around.difference(re.findall(r"\w+", place.written.lower())),
    )
    if place.entry.groups.get("axis") == "nationality":
        return not others.isdisjoint(_CONTINENT.get(group, ()))
    if "africa" in place.row.words or _IS_RACIST.search(place.row.text):
        return True  # the white men of whom Africa had enough; racist abuse of black players
    home = _HOME.get(group, "")
    nations = (word for word, term in place.row.terms if term.groups.get("group") == home)
    return bool(home) and not others.isdisjoint((*_CONTINENT[home], *nations))


def tells_an_orientation(place: TermPlace) -> bool:
    """Another word for it, coming out, a partner, or what is done with one, near by."""
    own = {place.written.lower()}
    if any(word.startswith(_SLURS) and word not in _GAYS for word in place.around):
        return True  # you homosexual faggot
    if (
        place.next.lower() in _ACTS
        or place.last in _FLAMING
        or not (place.around - own).isdisjoint(_COMING_OUT | _COUPLES)
    ):
        return True
    if place.next.lower() in _PAIRS and _TWO_NAMES.search(place.row.text, max(0, place.start - _FAR), place.start):
        return True  # Heston and Edward G. Robinson, a gay couple
    loved = _LOVED.search(place.row.text, max(0, place.start - _NEAR), place.end + _NEAR)
    return bool(loved) or not (place.low - own).isdisjoint(_SAME_SEX | _OTHER_WORDS)


def is_said_of_a_people(place: TermPlace) -> bool:
    """`Hungarian Jews`, whom the nation tells apart."""
    after = Lexicon.of(place.row.find.lexicon).by_word.get(place.next.lower())
    return after is not None and after.groups.get("axis") == "religion" and "adjective" not in after.groups["forms"]


def speaks_of_sex(row: TermRow) -> bool:
    """Whether nobody is meant whom sex leaves cold."""
    return _tells(_SEX, row.text)


_IN_YEARS = re.compile(
    r"\b\d+['’]?s?[ -](?:years?|yrs?)\b|\byears? (?:old|ago|later|younger|older)\b|, \d{2}[,.]|\(\d{2}\)", re.IGNORECASE
)
_YEARS_OLD = re.compile(
    r"\b(?:1?\d|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen)[ -]"
    r"(?:years?|yrs?)\b\.?[- ]?olds?\b",
    re.IGNORECASE,
)
_SENIOR = re.compile(
    r"(?:, |\()(?:[6-9]\d|10\d)(?=[,.;:)]|$)|\b(?:[6-9]\d|10\d)[ -](?:years?|yrs?)[- ]old", re.I | re.M
)
_OLD_FRIEND = re.compile(
    r" (?:[\w-]+ )?(?:friends?|pals?|mates?|budd(?:y|ies)|flames?|colleagues?|classmates?|neighbou?rs?)\b",
    re.IGNORECASE,
)
_IN_THE_PART = re.compile(r"\bas an? (?:[\w-]+ )?$", re.IGNORECASE)


def set_apart(place: TermPlace) -> set[str]:
    """The groups of which somebody is told not to be: `I am no nigger, I am white`, `an American in Europe`."""
    words, axis, own = place.row.words, place.entry.groups.get("axis"), place.entry.groups.get("group")
    if axis == "race":
        black = any(word.startswith(("nigg", "nigl")) or word == "blacks" for word in words)
        return {"black", "other"} if black else set()
    apart = {group for group, told in _CONTINENT.items() if not words.isdisjoint(told)}
    if {"third", "world"} <= words:
        apart.add("Europe")
    return apart - {own or ""} if axis == "nationality" else set()


def is_one_of_a_region(place: TermPlace) -> bool:
    """`a coalition of Hungarians and Romanians`: another people of its continent stands in the sentence."""
    own = Lexicon.of(place.row.find.lexicon).by_word
    others = (own.get(word) for word in place.low if word != place.written.lower())
    here = place.entry.groups
    alike = (other for other in others if other and other.groups.get("axis") == here.get("axis"))
    return any(other.groups.get("group") == here.get("group") for other in alike)


def is_of_long_standing(place: TermPlace) -> bool:
    """`an old female friend`: of many years, not of many years of age."""
    return place.entry.item == "old" and _OLD_FRIEND.match(place.row.text, place.end) is not None


def counts_years(place: TermPlace) -> bool:
    """`this awful 5-yr. old`, `an elderly woman ... Hedda Moor, 77`: the row says of somebody how young, or how old."""
    old = place.entry.groups.get("group") == "old"
    return _tells(_YEARS_OLD, place.row.text) or (old and _tells(_SENIOR, place.row.text))


def tells_a_life(place: TermPlace) -> bool:
    """Whether anything in the row is of one time of life, or counts years: who is young there is hardly 70."""
    row = place.row
    if not row.words.isdisjoint(row.listed("of_a_life")) or _tells(_IN_YEARS, row.text):
        return True
    if speaks_of_sex(row):
        return True
    return _IN_THE_PART.search(row.text, max(0, place.start - 30), place.start) is not None  # as a young man


_IS_RACIST = re.compile(r"\bracis(?:m|ts?)\b", re.IGNORECASE)
_GENERATIONS = frozenset(
    "child adult adults teen elderly highschool college university generation alzheimer dementia boomer boomers".split()
)
_RACISM = re.compile(r"\b(?:racis(?:m|ts?)|supremac\w*|nazis?|neo-?nazis?|kkk|klan|nigg\w*)\b", re.IGNORECASE)


def axes_told(row: TermRow) -> set[str]:
    """Of which axes the row tells already: no adjective of them goes before somebody of whom it speaks."""
    told = {
        "age": bool(row.words & (_GENERATIONS | row.listed("of_a_stage"))) or _tells(_IN_YEARS, row.text),
        "race": _RACISM.search(row.text) is not None,
        "religion": not row.words.isdisjoint(_FAITH | row.listed("of_a_religion")),
        "orientation": speaks_of_sex(row) or not row.words.isdisjoint(_COMING_OUT | _COUPLES | _OTHER_WORDS),
        "disability": not row.words.isdisjoint(row.listed("of_the_senses")),
        "nationality": bool(row.places),
    }
    named = {term.groups.get("axis", "") for _, term in row.terms} - {"gender"}  # people who were all white
    if "nationality" in named:  # every citizen, of Indians
        named |= {"race"}
    return named | {axis for axis, tells in told.items() if tells}

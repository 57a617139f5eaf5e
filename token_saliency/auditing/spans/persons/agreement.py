"""Words that say whether a woman or a man is named: they agree with the name that is put in its place.

`Mrs.`, `my sister`, `an actress`, `Frau` become `Mr.`, `my brother`, `an actor`, `Herr` where a man's name is put, and
stay where the list does not say whose name it is. Where no word could agree (`pregnant`), or its article would have to
agree as well (`la señora`, `meine Schwester`), the place is bound: nothing is put there. Where words further away may
speak of the bearer (`Mary ... her`, a mother), and in languages whose verbs and adjectives agree, only a name of the
same sex is put.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Mapping

from token_saliency.auditing.audit import Agreeing
from token_saliency.auditing.spans.persons.naming.name_row import AFTER, BEFORE, KIN, NameRow

BOUND = "bound"
"""The kind of a name that nothing can replace."""
SEXES = ("female", "male")
"""Kinds of a name that only one of that sex can replace."""

_GAP = re.compile(r"(?: ?\.? ?|, )")
_NAME = r"(?:(?: [A-Z][\w'’-]*\.?){0,3}| [^\W\d_]+)"
_ARTICLE = r"(?:an?|the|my|your|his|her|its|our|their|one|this|that)"
_OTHER = r"(?!(?:of|to|and|or|who|in|on|at|for|from|with|by|than)\b)[^\W\d_][\w'’-]*"
_ROLE = re.compile(
    rf"{_NAME}(?: (?:is|was|as|being|became)|,)"
    rf"(?: (?:such|quite|really|also|still|truly|just|not|only))? {_ARTICLE} ({_OTHER}(?:,? {_OTHER}){{0,3}})"
)
_ARTICLES_ABROAD = frozenset("la el al del il dal della alla der die dem den a o à ao da do una un uma um".split())
_PIECE = re.compile(r"[\w'’-]+")
_VERBS = frozenset("count miss man father mother groom husband".split())
_TITLED = frozenset({"lady", "madam", "madame"})
"""After a name they say that it is a woman; the other sex has no such word."""
_DETERMINED = frozenset("the a an my your his her our their this that".split())
_FORMAL = frozenset("mr mrs ms mister dr prof professor sen rep gov sgt capt lt judge officer detective pm".split())
"""Titles before surnames: who reads `Mr. Taylor` takes it for one."""
_BOUND = re.compile(
    rf"{_NAME},? (?:(?:is|was|gets?|got|being|(?:\w+ )?who is|who was|now|already) ){{0,3}}pregnant\b"
    r"|[ -](?:bin|ibn|bint)\b|(?<=s)['’] [a-z]"
    r"|,? (?:Queen|King|Duke|Duchess|Prince|Princess|Earl|Count|Countess|Empress|Emperor) of\b"
    rf"|{_NAME} (?:is|was) (?:[\w-]+ ){{0,3}}(?:lesbian|latin[ao])\b",
    re.I,
)
_SAID_OF = {
    "female": frozenset(
        "she shes her hers herself ihr ihre ihrer women girls ladies gals actresses lesbian lesbians dyke dykes dike "
        "negress niggress sow sows bimbo bimbos skirt skirts hooters boobs breasts tits cleavage slut sluts whore "
        "whores chick chicks lesbianism hubby boyf".split()
    ),
    "male": frozenset("he hes him his himself er ihm ihn men guys boys gentlemen".split()),
}
_COMPANIES = {
    "female": frozenset(
        "women girls ladies moms mums mommies wives housewives sisters nun nuns convent lpga wta wnba barbie hooker "
        "hookers witch bombshell seductress temptress vixen mistress tomboy maiden".split()
    ),
    "male": frozenset(
        "pope bishop archbishop monk monks quarterback linebacker cornerback tailback lineman fullback halfback "
        "qb cb".split()
    ),
}
"""Companies of one sex and roles that only one has, as a rule: they bind who is of that sex already, near by and in a
short row."""
_PRONOUNS = {"female": frozenset("she shes her hers".split()), "male": frozenset("he hes him his".split())}
_SUBJECTS = {"female": ("she", "shes"), "male": ("he", "hes")}
_REACH = re.compile(r"[^.!?:\n]*(?:[.!?]+[^.!?:\n]*)?"), re.compile(r"[^.!?\n]*$")
"""From a name to the end of the next sentence, and back to where its own begins."""
_FAR, _NEAR = 250, 60
_SHORT = 500
"""A row of no more characters, and one with a single name, speaks of one person as a rule: its pronouns tell the sex of
who is named. In others those of one sex tell that of a name that either may bear."""
_PLAYS = r"(?:plays|playing|played|portrays|as)"
_IS, _SUCH = r"(?:is,? (?:[a-z]+,? ){0,5})?", r"(?:(?:the|a) (?:[a-z-]+ )?)?"
_PART = (
    re.compile(rf"(?: [A-Z][\w'’-]+){{0,2}},? (?:\([^()]{{0,20}}\b[A-Z]|{_IS}{_PLAYS} {_SUCH}[A-Z])"),
    re.compile(rf"\b[A-Z]\w+,? (?:\((?:[a-z][\w-]* ){{0,2}}|{_PLAYS}(?: the)?(?: [a-z]\w+)? )$"),
)
_IN_THE_PART = re.compile(rf"\b[Aa]s {_SUCH}$"), re.compile(r", [A-Z]\w+ [A-Z]")
"""An actor and the part (`Julia Cook (Naomi Watts)`, `Nick Cage plays Johnny`): the other name tells the sex, too."""
_EPITHETS = {
    "female": frozenset("lovely beautiful gorgeous busty sultry pretty leggy ravishing buxom".split()),
    "male": frozenset("handsome dashing burly bearded hunky".split()),
}
"""Said of persons of one sex as a rule."""
_SON = re.compile(r"(?: [A-Z][\w'’-]*\.?){1,3},? (?:[JS]r\b|I{2,3}\b|IV\b)")
_RULING = frozenset("uncle aunt auntie queen king mrs".split())
"""What is said of nobody of the other sex, whatever the list has of the name (Uncle Abbey)."""
_EXAMPLE = frozenset("named called like".split())


def agreeing(row: NameRow, i: int) -> tuple[Agreeing, ...]:
    """The gendered words that belong to name i, as places in the text."""
    known, places = row.known("gendered"), []
    gender = row.index[row.word(i).lower()].groups.get("gender", "")
    pointed = i and "." in row.gap(i) and not row.follows(i, row.listed("titles"))  # her girlfriend. Morgan came
    pointed = pointed or (i and row.gap(i) == ", " and row.after(i).startswith(("'s", "’s")))  # a brother, Ann's life
    if (
        i
        and not pointed
        and _GAP.fullmatch(row.gap(i))
        and row.word(i - 1).lower() in known
        and not _is_verb(row, i - 1)
        and _may_be_of(row, i - 1, gender)
    ):
        places.append(row.words[i - 1].span())
    if i > 1 and row.before(i).lower() in _EXAMPLE and row.before(i - 1).lower() in known:  # a girl named Mary
        places.append(row.words[i - 2].span())
    titles = [row.words[j].span() for j in (i - 1, i + 1) if row.abroad(i, j) in (BEFORE, AFTER)]
    role = _ROLE.match(row.text, row.words[i].end())
    for piece in _PIECE.finditer(row.text, *role.span(1)) if role else ():
        word = known.get(piece.group().lower())
        if word and word.item in _TITLED:  # a drunk lady is no lord's match
            break
        if word and word.groups.get(gender, word.item) == word.item:  # `Mary, the king came` says nothing of Mary
            places.append(piece.span())
            break
    words = [(place, known) for place in places] + [(place, row.known("titles_abroad")) for place in titles]
    return tuple(Agreeing(a, b, of[row.text[a:b].lower()].groups, row.index) for (a, b), of in words)


def _may_be_of(row: NameRow, i: int, gender: str) -> bool:
    """Not `as your brother Meghan is`."""
    low = row.word(i).lower()
    word = row.known("gendered")[low]
    return low in _FORMAL or word.groups.get(gender, word.item) == word.item


def _is_verb(row: NameRow, i: int) -> bool:
    """`unless you count Elvira`, `I miss Mary`."""
    return row.word(i) in _VERBS and not (i and row.word(i - 1).lower() in _DETERMINED)


def _is_surname(row: NameRow, i: int) -> bool:
    """`Mr. Taylor said`, `Ms. Leoni`, who bears no name of English; not `Mr. Taylor Smith`, `Mr. Kevin`."""
    formal, word = i > 0 and row.word(i - 1).lower() in _FORMAL, row.word(i).lower()
    surname = word in row.surnames or (bool(row.index[word].groups.get("language")) and not row.foreign)
    return formal and row.follows(i, row.listed("titles")) and surname and not row.next(i)[:1].isupper()


def kinds_of(row: NameRow, changing: Mapping[int, tuple[Agreeing, ...]]) -> dict[int, str]:
    """Of every name that was found."""
    alone = len({entry.item for entry in row.found.values()}) == 1
    return {i: _kind_of(row, i, changing[i], alone=alone) for i in row.found}


def _kind_of(row: NameRow, i: int, changing: tuple[Agreeing, ...], *, alone: bool) -> str:
    """`bound` where nothing can be put, `female` or `male` where words that do not change may speak of the bearer."""
    abroad = row.abroad(i, i - 1)
    with_article = abroad == BEFORE and i > 1 and row.word(i - 2).lower() in _ARTICLES_ABROAD
    if abroad == KIN or with_article or _is_surname(row, i) or _BOUND.match(row.text, row.words[i].end()):
        return BOUND
    groups = row.index[row.word(i).lower()].groups
    own = groups.get("gender", "") if groups.get("sense") != "short" else ""  # Lou tried to keep her marriage
    if own in SEXES and (_has_a_pair(row, changing) or row.before(i).lower() in _EPITHETS[own]):
        return own
    if own != "female" and row.mixed and _SON.match(row.text, row.words[i].end()):  # Robert Downey Jr.
        return "male"
    ruling = row.known("gendered").get(row.before(i).lower()) if row.before(i).lower() in _RULING else None
    if ruling and own in SEXES and ruling.groups.get(own) != ruling.item and row.gap(i) in (" ", ". "):
        return next(sex for sex in SEXES if sex != own)
    if row.inflected and (own in SEXES or "rank" in groups):
        return own if own in SEXES else BOUND  # Andrea, who is a man in some languages
    start, end = row.words[i].span()
    start -= len(_REACH[1].search(row.text[max(0, start - _FAR) : start]).group())  # type: ignore[union-attr]
    end = _REACH[0].match(row.text, end, end + _FAR).end()  # type: ignore[union-attr]
    told = _sexes(row, start, end, own, changing)
    pronouns = _pronouns(row, _PRONOUNS)
    if len(row.text) > _SHORT and not alone and (own in SEXES or len(pronouns) > 1):
        pronouns = set()
    if len(row.text) <= _SHORT or _is_sister(row, changing):
        told |= {own} & (_pronouns(row, _COMPANIES) | _pronouns(row, _SAID_OF))
    told |= _sex_of_a_middle_name(row, i, own) | pronouns | ({own} & {*SEXES} if _is_of_a_part(row, i) else set())
    if own not in told and len(pronouns) == 1 and alone and len(row.text) <= _SHORT:
        own = next(iter(_pronouns(row, _SUBJECTS)), own)  # Kim says that he is late
    if own in SEXES:
        return own if own in told else ""
    return BOUND if len(told) > 1 else "".join(told)


def _has_a_pair(row: NameRow, changing: tuple[Agreeing, ...]) -> bool:
    """`his mother Maria and father Simon`."""
    pairs = [row.known("gendered").get(row.text[a.start : a.end].lower()) for a in changing]
    return any(word and row.small.issuperset(word.groups[sex] for sex in SEXES) for word in pairs)


def _is_sister(row: NameRow, changing: tuple[Agreeing, ...]) -> bool:
    """`a scrappy nun`, further down `Sister Mary`."""
    return any(row.text[a.start : a.end].lower() in ("sister", "brother") for a in changing)


def _is_of_a_part(row: NameRow, i: int) -> bool:
    before = row.text[max(0, row.words[i].start() - _NEAR) : row.words[i].start()]
    first = _IN_THE_PART[0].search(before) and _IN_THE_PART[1].match(row.after(i))  # as the dominant Christine, ...
    return row.mixed and bool(first or _PART[0].match(row.after(i)) or _PART[1].search(before))


def _sex_of_a_middle_name(row: NameRow, i: int, own: str) -> set[str]:
    """`Joe Don Baker`, `Mary Ann said`: who has another given name of that sex, then a surname."""
    low = row.next(i).lower()
    middle = row.index.get(low) if low not in row.surnames else None
    whole = row.mixed and row.next(i).istitle() and (row.next(i + 1).istitle() or not (middle and middle.ambiguous))
    return {own} if whole and middle and own in SEXES and middle.groups.get("gender") == own else set()


def _pronouns(row: NameRow, known: Mapping[str, Collection[str]]) -> set[str]:
    """The sexes that pronouns of the row tell."""
    return {sex for sex in SEXES if not row.small.isdisjoint(known[sex])}


def _sexes(row: NameRow, start: int, end: int, own: str, changing: tuple[Agreeing, ...]) -> set[str]:
    """The sexes that pronouns and words such as `mother` between two places tell, but for words that change."""
    known, told = row.known("gendered"), set[str]()
    first, last = (bisect_left(row.words, place, key=lambda word: word.start()) for place in (start, end))
    for word in row.words[first:last]:
        low = word.group().lower()
        if not any(a.start == word.start() for a in changing):
            forms = known[low].groups if low in known else {}
            if not forms and low[-1:] == "s" and low[:-1] in known:  # her sisters
                forms, low = known[low[:-1]].groups, low[:-1]
            told |= {sex for sex in SEXES if low in _SAID_OF[sex] or forms.get(sex) == low}
            told |= {sex for sex in SEXES if low in _COMPANIES[sex] and (own == sex or own not in SEXES)}
    return told

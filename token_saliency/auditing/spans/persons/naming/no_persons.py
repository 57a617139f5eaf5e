"""Given names that name no person where they stand: places, scripture, storms, brands, streets, sayings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from token_saliency.auditing.spans.persons.naming.name_row import NameRow, is_capitalised
from token_saliency.auditing.spans.persons.naming.named_things import is_named_thing, owns_a_title
from token_saliency.auditing.spans.persons.naming.titles import titles
from token_saliency.auditing.spans.persons.naming.told_beside import is_told_beside

_CHAPTER = re.compile(r" <(?:time|number)>| (?:chapter )?\d{1,3}(?: ?[:.] ?\d|\b(?! ?%))", re.IGNORECASE)
_BOOK = re.compile(
    r"(?:\b(?:[123]|I{1,3}|1st|2nd|3rd|First|Second|Third) |\b(?i:book|gospel|epistle) (?:of|according to) )$"
)
_EPITHET = re.compile(
    r" (?:(?:of|the) (?:the )?[A-Z][a-z]+|Paul I{1,3}\b|(?:[IVX]{2,}|V|X(?!\. *[A-Z]))\b|I(?=[,;:)]|\.? *$)|\d{1,2}º)"
)
"""Joan of Arc, Billy the Kid, Henry VIII, Malcolm X."""
_NUMBERED = re.compile(r" [IVX]+\b")
_OF_A_PLACE = re.compile(
    r"\b(?:fall|siege|battle|sack|battles|sieges|city|town|port|walls|gates|ruins|duke|earl|duchess|countess|bishop"
    r"|university) of $",
    re.IGNORECASE,
)
_TITLE_OF = re.compile(r"[^.!?:\n] [A-Z][a-z]+ of $")
"""The Double Life of Veronique; not `Mother of Mary` at the start of a sentence."""
_QUOTED = re.compile(r"([^\W\d_]+)[ ,:]*(?:``|[\"“«‘'`])\s?$"), re.compile(r"\s?[,.]?[\"”»’'](?!s\b)")
_NAME_ITSELF = re.compile(
    r"\b(?:baby|popular|common) names?\b[^.!?]{0,45}$|\b(?:(?:supposed|meant) to|should) (?:say|read) $", re.IGNORECASE
)
_MENTIONED = frozenset("word words term phrase expression spelling verb noun adjective".split())
_MENTIONS = 5
_TESTAMENT = re.compile(r"\b(?:old|new) testament\b")
_SACRED, _LETTERS = 150, re.compile(r"[^\W\d_]+")
_WITHIN_NAME, _OWNED = re.compile(r"\.?[ \xa0]"), re.compile(r"['’]s?[ \xa0]([^\W\d_]+)")
_REGION = re.compile(r"(?: ?[,:(])? ?([^\W\d_]+(?: [^\W\d_]+){0,2})")
_STATE = re.compile(
    r" ?, ?(?:Ala|Ariz|Ark|Calif|Colo|Conn|Fla|Ga|Ill|Ind|Kan|Ky|La|Mass|Md|Mich|Minn|Mo|Neb|Nev|Okla|Ont|Ore|Pa"
    r"|Tenn|Tex|Va|Vt|Wash|Wis|Wyo|Alta|Sask|Que|B\.C|N\.B|N\.S|[NS]\.C|[NS]\.D|N\.[HJMY]|W\. ?Va|R\.I|D\.C)\."
)
_STORM = re.compile(r"\b(?:hurricanes?|typhoons?|cyclones?|tropical storms?)\b", re.IGNORECASE)
_FIRM = re.compile(
    r" ?& ?[^\W\d_]+['’]s\b|['’]s ?&|(?:['’]s)?,? (?:Inc|Corp|Ltd|LLC|Co|GmbH|PLC|plc)\b"
    r"|, [A-Z][a-z]+,? (?:&|&?amp;|and) [A-Z][a-z]+,? (?:Inc|Corp|Ltd|LLC|Co|LLP)\b"
)
_PARTNER = re.compile(r" & [A-Z][a-z]+ ([A-Z][a-z]+)")
_JOINED = re.compile(r" (?:n|and) ([A-Z][a-z]+)['’]?s\b")
_SLANG = frozenset({("mary", "jane")})
_FIRMS = frozenset(
    "company firm chain retailer operator brand carrier airline subsidiary unit supplier manufacturer".split()
)
_HALTS = frozenset({"airport", "airports"})
_KOREAN = re.compile(r"(?:Kim|Lee|Park|Choi|Cho|Jung|Kang) [A-Z][a-z]+-[A-Za-z]")
"""A surname that stands first."""
_BEFORE_FIRM = re.compile(r"[^\W\d_] ?& ?$")
_MASS = frozenset({"some", "any", "enough"})
"""Before what is eaten or bought (bring home some Wendy)."""
_AFTER_A_THING = frozenset(
    "on in at to for from and or but as when if because with without that which who is was".split()
)
_OWNER = re.compile(r"['’]s\b")
_WHERE, _GROUNDS = frozenset({"in", "at", "near"}), frozenset({"beach", "park", "bay", "falls", "hills"})


def item_no_person(row: NameRow) -> set[str]:
    """Items that a saying, a work, a brand or a place takes in this row: wherever they stand, that is meant again."""
    phrases = row.find.options.get("never_in")
    spans = [hit.span() for hit in phrases.finditer(row.text)] if phrases else []
    spans += titles(row)
    taken = set[str]()
    for i, word in enumerate(row.words):
        low = word.group().lower()
        in_title = any(a <= word.start() < b for a, b in spans)
        if low in row.index and (in_title or _is_place(row, i)):
            taken.add(low)
    return taken


def is_no_person(row: NameRow, i: int, titled: bool) -> bool:
    """Whether the words around it say that word i, which is a name elsewhere, is none here."""
    if titled:
        numbered = row.mixed and _NUMBERED.match(row.after(i)) is not None
        return _names_institution(row, i) or _is_eponym(row, i) or numbered or (row.mixed and owns_a_title(row, i))
    return any(_reasons(row, i))


def _reasons(row: NameRow, i: int) -> Iterator[bool]:
    yield _is_thing(row, i)
    yield {(row.word(i), row.next(i)), (row.before(i), row.word(i))} & _SLANG != set()
    yield row.before(i).lower() in _MASS and not _has_family(row, i)
    yield _names_institution(row, i)
    yield _is_eponym(row, i)
    yield _is_scripture(row, i)
    yield _is_brand(row, i)
    yield (
        row.before(i) in _FIRMS
        or row.next(i).lower() in _HALTS
        or bool(_KOREAN.match(row.words[i].group() + row.after(i)))
    )
    yield row.mixed and bool(_EPITHET.match(row.after(i)))
    yield row.beside(i) and bool(_OF_A_PLACE.search(row.text[max(0, row.words[i].start() - 30) : row.words[i].start()]))
    yield _is_title_of_work(row, i)
    yield bool(_NAME_ITSELF.search(row.text[max(0, row.words[i].start() - 60) : row.words[i].start()]))
    yield not _has_family(row, i) and _tells_of_a_storm(row.text)
    yield not _has_family(row, i) and _is_one_of_a_kind(row, i)
    yield is_named_thing(row, i)
    yield is_told_beside(row, i)


@lru_cache(maxsize=4)  # asked of every name of a text
def _tells_of_a_storm(text: str) -> bool:
    return _STORM.search(text) is not None


def _is_thing(row: NameRow, i: int) -> bool:
    """`Jackson County`; of a word that is a surname as well (Park, Lane) only after what may be a place."""
    following = row.next(i).lower()
    if following in row.listed("eponyms"):
        return True
    if {following, following.removesuffix("s")}.isdisjoint(row.listed("things_after")):
        return False
    alike = is_capitalised(row.next(i)) == is_capitalised(row.word(i))
    grounds = following in _GROUNDS and row.before(i).lower() in _WHERE
    somewhere = grounds or row.word(i).lower() in row.known("places")
    return alike and (following not in row.surnames or somewhere)


def _names_institution(row: NameRow, i: int) -> bool:
    """`King George Square`, `Henry Ford Hospital`, `John F. Kennedy Airport`: capitalised words up to a place."""
    for j in range(i + 1, min(i + 4, len(row.words))):
        if not row.mixed or not is_capitalised(row.word(j)) or not _WITHIN_NAME.fullmatch(row.gap(j)):
            return False
        if row.word(j).lower() in row.listed("institutions"):
            return True
    return False


def _is_eponym(row: NameRow, i: int) -> bool:
    """`Henry's law`, `Charles' law`, `Mary's Church`: a thing that bears the name."""
    hit = _OWNED.match(row.after(i))
    if not hit:
        return False
    owned, capitals = hit.group(1), row.mixed and is_capitalised(row.word(i)) and is_capitalised(hit.group(1))
    return owned.lower() in row.listed("eponyms") or (capitals and owned.lower() in row.listed("institutions"))


def _is_title_of_work(row: NameRow, i: int) -> bool:
    """`to see "Simone"`: a name alone in quotes, after a word for a work."""
    before = _QUOTED[0].search(row.text[max(0, row.words[i].start() - 30) : row.words[i].start()])
    if before and before.group(1).lower() in _MENTIONED:
        return True
    if row.mixed and _TITLE_OF.search(row.text[max(0, row.words[i].start() - 24) : row.words[i].start()]):
        return True
    return bool(before and before.group(1).lower() in row.listed("works") and _QUOTED[1].match(row.after(i)))


def _is_one_of_a_kind(row: NameRow, i: int) -> bool:
    """`the Donald`, `she is a Karen`, `kind of a Dick on TV`, `a Benjamin on your seat`; not `a Mary film`."""
    if row.index[row.word(i).lower()].groups.get("sense") and row.before(i).lower() in ("a", "an"):
        return True
    alone = not row.next(i) or row.next(i) in _AFTER_A_THING
    return _is_common_noun(row, i) or row.follows(i, row.listed("articles")) or (row.before(i) in ("a", "an") and alone)


def _is_common_noun(row: NameRow, i: int) -> bool:
    """`a British tommy`, `a Punjabi 'Raja'`."""
    if not row.mixed or not row.beside(i - 1) or row.word(i - 2) not in ("a", "an"):
        return False
    mark = row.gap(i).strip()
    return mark in ("'", '"', "“", "‘") or (not mark and row.word(i).islower())


def _has_family(row: NameRow, i: int) -> bool:
    """Whether a further part of a name follows: a capitalised word, in rows without capitals a surname."""
    following = row.next(i)
    if is_capitalised(row.word(i)):
        return is_capitalised(following)
    entry = row.surnames.get(following.lower())
    return entry is not None and not entry.ambiguous


def _is_scripture(row: NameRow, i: int) -> bool:
    """A book of the Bible, or somebody in a scripture."""
    if _is_of_scripture(row, i):
        return True
    if row.word(i).lower() not in row.listed("scripture"):
        return False
    before = row.text[max(0, row.words[i].start() - 24) : row.words[i].start()]
    return bool(_CHAPTER.match(row.after(i)) or _BOOK.search(before))


def _is_of_scripture(row: NameRow, i: int) -> bool:
    """Somebody in a scripture: without a family name, and beside its words here or where the row names him again."""
    low = row.word(i).lower()
    for persons, told in (("biblical", "sacred"), ("of_other_scriptures", "beside_other_scriptures")):
        if low not in row.listed(persons) or _has_family(row, i):
            continue
        for hit in islice((hit for hit in row.words if hit.group().lower() == low), _MENTIONS):
            around = row.text[max(0, hit.start() - _SACRED) : hit.end() + _SACRED].lower()
            if any(near.group() in row.listed(told) for near in _LETTERS.finditer(around)):
                return True
            if persons == "biblical" and _TESTAMENT.search(around):
                return True
    return False


def _is_brand(row: NameRow, i: int) -> bool:
    """`Ben & Jerry's`, `Frankie n Bennys`, `Wendy's Inc.`"""
    joined = _JOINED.match(row.after(i))
    partner = _PARTNER.match(row.after(i))
    if partner and partner[1].lower() in row.listed("institutions"):
        return True  # Lee & Man Paper
    if _FIRM.match(row.after(i)) or (
        joined and joined[1].lower() in row.index and f"{joined[1]}s".lower() not in row.index
    ):
        return True
    before = row.text[max(0, row.words[i].start() - 4) : row.words[i].start()]
    return bool(_BEFORE_FIRM.search(before) and _OWNER.match(row.after(i)))


def _is_place(row: NameRow, i: int) -> bool:
    """`Eugene, Oregon`, `Troy NY`, `in Lindsay`, `across Alberta`."""
    places = row.known("places")
    region = _REGION.match(row.after(i))
    if _STATE.match(row.after(i)) or (region and _names_region(row, i, region.group(1).split())):
        return True
    if row.word(i).lower() not in places or not row.follows(i, row.listed("in_places")):
        return False
    return not _OWNER.match(row.after(i)) and (not is_capitalised(row.next(i)) or not row.mixed)


def _names_region(row: NameRow, i: int, words: list[str]) -> bool:
    """A code as it is written, a name of up to three words; after a space alone only a code."""
    places, apart = row.known("places"), row.after(i).lstrip()[:1] in tuple(",:(")
    entry = places.get(words[0].lower())
    if entry and entry.item == words[0] and entry.groups["kind"] == "code":
        return not (apart and words[0] in ("IN", "OR", "ME", "OK", "HI", "OH"))
    if not apart or row.word(i).lower() not in places or not is_capitalised(words[0]):
        return False
    names = (" ".join(words[:n]).lower() for n in range(1, len(words) + 1))
    return any(name in places and places[name].groups["kind"] == "region" for name in names)

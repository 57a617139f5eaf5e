"""Whether what the row says ties an identity term.

A counterfactual need not be true of the world (a Kenyan president Musharraf); but the row may not contradict itself.
So a nation stays beside its own country and towns, a religion or a race before a word that only some of them have
(settlers, cleric), any people beside another form of its own word, a word of gender where words near it tell a sex, kin
where nobody is said to have them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from token_saliency.auditing.audit import Lexicon
from token_saliency.auditing.spans.persons.identity_context import FUNCTION, PEOPLES, SEXED, TermPlace

_NO_PERSON_AFTER = frozenset("in to with on via from by fly flew flying".split())
_LANGUAGE = re.compile(r"\s*(?:$|[.,;:!?)]|(?:and|or|with|but)\b)")
_OFFICES = frozenset("president prime premier minister chancellor king queen prince emperor foreign leader".split())
_OF_THE_US = frozenset(
    "democrat democrats republican republicans congress senate pelosi trump obama clinton gop potus nra apple".split()
)
_INSTITUTIONS = frozenset("church churches pope state states".split())
"""What some religions have, beside what the audit lists of war and history."""
_OF_EUROPE = frozenset(
    "europe europes continent euro euros eu ecb eurozone uefa cup league match matches championship championships "
    "champions tour golf ryder masters title titles".split()
)
"""Of the union, and of the sports that play for a continent."""
_EUROPEAN = frozenset({"european", "europeans"})
_CONTINENTS = frozenset("asian asians asia african africans africa american americans america america's".split())
_SEVERAL = frozenset("counterparts partners allies audience audiences powers neighbours neighbors".split())
"""Of more nations than one."""
_ARABIC = frozenset({"arab", "arabs"})
_EXAMPLES = re.compile(r"(?: [\w-]+){1,4},? (?:including|such as|like) [\"“'‘A-Z]")
_COMMANDED = re.compile(r"(?:['’]s?|\b(?:his|her|their|your|my))$", re.IGNORECASE)
_ARMED = frozenset("platoon soldiers troops army military militia battalion regiment squad marines".split())
_OFFICE_NEXT = re.compile(
    r" (?:new|former|interim|acting|late|deputy) (?:president|prime|premier|king|queen)\b", re.IGNORECASE
)
_BLACK = frozenset("black african african-american".split())
_MUSLIMS = frozenset(
    "camel camels towelhead towelheads towel muzzie muzzies muzzy muzrat muzrats moslem moslems mohammedan "
    "mohammedans".split()
)
_HITLER = frozenset(
    "nazi nazis ns nsdap hitler reich wehrmacht gestapo luftwaffe auschwitz ww2 wwii jew jews jewish".split()
)
_PAID = re.compile(r"(?:million|billion) \(?$")
"""20 million Canadian."""
_SHORT: dict[str, Collection[str]] = {
    "australian": {"aussie", "aussies", "ozzie", "outback"},
    "british": {"brit", "brits", "britons"},
    "canadian": {"canuck", "canucks"},
    "german": _HITLER | {"kraut", "krauts"},
    "japanese": {"jap", "japs", "samurai", "geisha", "geishas", "kimono"},
    "russian": {"russkie", "russkies", "kremlin", "tsar", "czar"},
    "polish": {"polack", "polacks", "pole", "poles"},
    "irish": {"ira", "sinn", "taoiseach"},
    "turkish": {"kebab", "kebabs", "doner", "döner", "ottoman", "ottomans", "istanbul"},
    "pakistani": {"paki", "pakis"},
    "indian": {"bollywood", "sari", "saris", "raj"},
    **dict.fromkeys(("muslim", "sunni", "shiite"), _MUSLIMS),
    "american": {"yank", "yanks", "yankee", "yankees"},
    "white": {"honky", "honkies", "honkey", "whitey", "ww", "cracker", "crackers"},
    "chinese": {"ching", "chong", "chink", "chinks", "chinaman"},
    "mexican": {"spic", "spics", "beaner", "beaners", "wetback", "wetbacks"},
}
"""How else a row calls a people, or what is of it alone."""
_WHOLE, _STEM = 4, 7
"""Words up to the first length are compared whole, those from the second on without their last two letters."""


def is_tied(place: TermPlace) -> bool:
    """Whether the row would contradict another term of the axis, or speak of two where it speaks of one."""
    axis = place.entry.groups.get("axis", "")
    if axis == "gender":
        near = place.row.words if SEXED in place.forms else place.around  # the athlete is female ... a housewife
        told = (place.row.told_sexes & near) - {place.written.lower()}
        if (told and not _is_kin_of_mine(place)) or _is_a_role(place) or _is_commanded(place):
            return True
        return (
            _is_said_to_whom(place)
            or _counts_one(place)
            or _is_of_manners(place)
            or (_is_named(place) or _is_well_known(place))
        )
    if _has_another_form(place) or (axis in PEOPLES and place.last in _ALIKE | _ONE_WORD):
        return True
    if axis == "age" and _MIDDLE.search(place.row.text, *place.sentence_at):
        return not place.written.lower().startswith("middle")  # middle-age and older men
    if axis == "nationality":
        examples = bool(_EXAMPLES.match(place.row.text, place.end))  # American films such as "Halloween"
        speaks = place.entry.item in _OF_ENGLISH and "english" in place.low
        before = place.row.text[max(0, place.start - 12) : place.start]
        paid = "plural" not in place.forms and bool(_PAID.search(before))
        return examples or speaks or paid or _is_of_a_state(place) or _is_language(place)
    if place.written.lower() in _ARABIC and place.next.lower() in place.row.listed("of_a_state") | _OFFICES:
        return True  # the first Arab leader
    if axis == "race" and place.written.lower() in _BLACK and any(word.startswith("nigg") for word in place.low):
        return True
    return axis in PEOPLES and _is_of_history(place)


def _is_a_role(place: TermPlace) -> bool:
    """`panic among the mothers`: what mothers are, of nobody who is said to have one."""
    kin = not place.forms.isdisjoint({"kin", "kins"})
    return kin and not any(word in _OWNERS or word.endswith(("'s", "’s", "s'")) for word in place.low_before)


def _is_kin_of_mine(place: TermPlace) -> bool:
    """`my sister`, of whom the sex of others tells nothing."""
    return not place.forms.isdisjoint({"kin", "kins"}) and not _MINE.isdisjoint(place.low_before)


def _is_commanded(place: TermPlace) -> bool:
    """`Sadr's men`, `the men of the platoon`: soldiers."""
    if place.written.lower() != "men":
        return False
    return bool(_COMMANDED.search(place.row.text[: place.start].rstrip()[-6:])) or not place.around.isdisjoint(_ARMED)


def is_a_team(place: TermPlace) -> bool:
    """`South Africa women won the toss`, `the women French Open title`: of teams and events the counterpart alone."""
    homes = Lexicon.of(place.row.find.options.get("homes", ())).by_word
    before = [word.lower() for word in reversed(place.before(2))]
    of_a_country = " ".join(before) in homes or before[-1:] == ["us"] or "".join(before[-1:]) in homes
    return "plural" in place.forms and (of_a_country or bool(_EVENT.match(place.row.text, place.end)))


def _is_said_to_whom(place: TermPlace) -> bool:
    """`Dude, you guys out?`; `you like guys, that is what gays do`: the row tells of which sex they are."""
    words = place.row.words
    if place.entry.item in ("guy", "guys") and not words.isdisjoint(_DUDES):
        return True
    if place.entry.item == "guys" and place.last in ("you", "u") and not words.isdisjoint(_FIRMS):
        return True  # google, I am moving on from you guys
    return place.last not in _ORIENTED and any(word in _ORIENTED or word.startswith("gay") for word in place.around)


def _counts_one(place: TermPlace) -> bool:
    """`a one man army`."""
    following = place.next.lower()
    return place.last == "one" and bool(following) and following not in FUNCTION and not following.endswith("ing")


def _is_named(place: TermPlace) -> bool:
    """`a female director can do it, Kathryn Bigelow`."""
    own, said = place.entry.groups.get("group"), set(place.sentence)
    return SEXED in place.forms and any(sex == own and w in said for w, sex in place.row.sex_of_names.items())


def _is_well_known(place: TermPlace) -> bool:
    """`President Bush was the plainspoken man`."""
    if "plural" in place.forms:
        return False
    start, end = place.sentence_at
    return any(start <= at < end and entry.groups["gender"] for at, entry in place.row.well_known)


def _is_of_manners(place: TermPlace) -> bool:
    """`I am a gentleman and will treat you with respect.`"""
    before = place.row.text[max(0, place.start - 30) : place.start]
    return place.entry.item == "gentleman" and _IS_A.search(before) is not None


_IS_A = re.compile(r"\b(?:am|m|is|s|was|are|re|be|been|being) an? (?:[\w-]+ )?$", re.IGNORECASE)
_ONE_WORD = frozenset({"pre", "born", "saxon"})
"""Pre Colombians, a Chinese-born American, an Anglo-Saxon Protestant."""
_MIDDLE = re.compile(r"\bmiddle[- ]aged?\b", re.IGNORECASE)
_ALIKE = frozenset({"other", "fellow"})
"""Other Kenyan boys: somebody is one already."""
_OF_ENGLISH = frozenset("American Americans British Australian Australians Canadian Canadians Irish".split())
_EVENT = re.compile(r"['’]?s? (?:\w+ )?(?:open|cup|championships?|tour|masters|finals?|titles?)\b", re.IGNORECASE)
_DUDES = frozenset("dude dudes bro bros mate mates lads fellas bruh".split())
_FIRMS = frozenset(
    "google facebook twitter amazon apple microsoft youtube netflix paypal ebay uber sony company companies "
    "corporation firm firms store stores shop hotel restaurant airline bank app website service product "
    "products support".split()
)
_ORIENTED = frozenset(
    "gay gays homosexual homosexuals homo homos straight heterosexual lesbian lesbians fag fags faggot faggots".split()
)
_MINE = frozenset("my your ur our".split())
_OWNERS = frozenset("my your ur his her our their whose own".split())


def _has_another_form(place: TermPlace) -> bool:
    """`a jew in her teenaged years` of a teenager: a word of the same stem would stay."""
    own = place.written.lower().removesuffix("s")
    bare = re.sub(r"(?:ian|an|ese|ish|i)$", "", own)
    of_a_nation = place.entry.groups.get("axis") == "nationality" and bare != own
    if of_a_nation and not place.row.words.isdisjoint({bare, bare + "s"}):  # Mongol, of Mongolians
        return True
    if of_a_nation and " " in own and own.split()[-1] in _alone(place.row.text, own):  # Korean, of South Korean
        return True
    if len(own) > _WHOLE and any(own in word[1:] and len(word) >= 2 * len(own) for word in place.row.words):
        return True  # #standwithiraqirefugees
    if not place.row.words.isdisjoint(_SHORT.get(place.written.lower().removesuffix("s"), ())):
        return True
    return _stands_in(place.around, place.written.lower())


@lru_cache(maxsize=64)  # rows that name one term often
def _alone(text: str, own: str) -> frozenset[str]:
    """The words of a text beside this term of several."""
    left = re.sub(rf"\b{re.escape(own)}s?\b", " ", text.lower())
    return frozenset(word.removesuffix("s") for word in re.findall(r"\w+", left))


@lru_cache(maxsize=64)  # rows that name one term often
def _stands_in(told: frozenset[str], written: str) -> bool:
    words = written.split()
    own = stem = words[-1]
    if len(own) >= _STEM:
        stem = own[:-2]
    elif len(own) > _WHOLE and own[-1] in "in":
        stem = own[:-1]
    if own.endswith("ish") and len(own) > len("polish"):  # Turkish, of Turks
        stem = own.removesuffix("ish")
    if len(stem) < _WHOLE:
        return not told.isdisjoint({own + "s", own.removesuffix("s")} - {own})
    return any(word.startswith(stem) and word not in words for word in told)


def _is_of_a_state(place: TermPlace) -> bool:
    """`Indonesian police` of Jakarta, `the Canadians` of Canada, `European nations`, `the American people, Pelosi`."""
    row, following = place.row, place.next.lower()
    if following in row.listed("of_a_region") or not place.low.isdisjoint(row.listed("of_old")):
        return True
    if place.entry.item.startswith("American") and place.last.endswith(("ian", "ean", "ese", "ish", "can")):
        return True  # a Haitian American
    if place.entry.item.startswith("American") and (place.low & _OF_THE_US or "land of the free" in row.text.lower()):
        return True
    state = following in row.listed("of_a_state") | _OFFICES or bool(_OFFICE_NEXT.match(row.text, place.end))
    if place.entry.item.startswith("European") and (state or _tells_europe(place)):
        return True  # European authorities, the next European match: of no nation
    home = place.entry.item.removesuffix("s")
    return home in row.told_nations or any(people == home for _, people in row.places)


def _tells_europe(place: TermPlace) -> bool:
    """The continent or what spans it, a language or a nation of it, another continent."""
    row = place.row
    if not row.words.isdisjoint(_OF_EUROPE) or any(
        word.startswith("euro") and word not in _EUROPEAN for word in row.words
    ):
        return True
    nations = {word for word, term in row.terms if term.groups.get("group") == "Europe"} - _EUROPEAN
    return not place.low.isdisjoint(nations | _CONTINENTS) or place.next.lower() in _SEVERAL


def _is_language(place: TermPlace) -> bool:
    """`a snitch in American.`; `we switched to American`, an airline."""
    named = place.last == "in" or "plural" not in place.forms
    return named and place.last in _NO_PERSON_AFTER and bool(_LANGUAGE.match(place.row.text, place.end))


def _is_of_history(place: TermPlace) -> bool:
    """`Muslim nations`, `the Catholic Church`; near words of a time or a faith that only these know (the Holocaust, a
    headscarf)."""
    told = place.row.listed("of_war_and_history") | _INSTITUTIONS
    return place.next.lower() in told or not place.around.isdisjoint(place.row.listed("of_old"))

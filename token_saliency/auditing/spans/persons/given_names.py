"""Given names in running text: precision before recall, since a wrong slot is a false alarm.

Three kinds of entry. A plain name is found wherever it stands. A name that is also a dictionary word (`sense` filled:
Hazel, Josh) is found only where it is capitalised. An `ambiguous` one (Will, Grace, May, Paris) needs a name-like
context as well: a title before it, a surname after it, a verb of people after it, a word that introduces people before
it, or another name beside it. Case is judged by the word: lower-case names count in rows with capitals too.
"""

from __future__ import annotations

import re
import unicodedata

from token_saliency.auditing.audit import Entry, Find, Match
from token_saliency.auditing.spans.persons.agreement import BOUND, agreeing, kinds_of
from token_saliency.auditing.spans.persons.naming.families import (
    has_small_surname,
    has_surname,
    is_among_unknown_words,
    is_second_name,
    is_small_surname,
)
from token_saliency.auditing.spans.persons.naming.mentions import take_back
from token_saliency.auditing.spans.persons.naming.name_row import BEFORE, NameRow, is_capitalised
from token_saliency.auditing.spans.persons.naming.named_things import FUNCTION
from token_saliency.auditing.spans.persons.naming.no_persons import is_no_person, item_no_person

_INITIAL_GAP = re.compile(r"\.? ")
_GLUED_BEFORE, _GLUED_AFTER = frozenset("@#/\\_-&=.~0123456789"), frozenset("@/\\_=+0123456789")
_OWNS = re.compile(r"['’‘]s [a-z]")
_SAID, _MORE = re.compile(r"\b(?:I['’]?m|I am|[Ff]eeling|so|very) $"), re.compile(r"(?:,| and) [a-z]+(?:[,.!]|$)")
_DETACHED = re.compile(r"--|\.\.|[^\w]?-")
_LISTED = re.compile(r"(?:,|,? and [A-Z]|\.?\s*$)")
_SIGNED, _SIGNATURE = re.compile(r"[,!.]?\s+[-–—]?\s*"), re.compile(r"[.!]?\s*(?:$|\n)")
_OBJECTS = frozenset("the a an of my your her him his it them this that these those off up down out".split())
"""After a name that is a word besides and begins a sentence (Pat the dough, Miles of cable), no person is meant."""
_OWNERS = frozenset("my your his her our their".split())
_AFTER_WILL = frozenset("have be not do make get take give go never always soon still also try want need".split())
_VERBS, _THINGS = frozenset({"verb", "month"}), frozenset({"place", "thing"})
_BEFORE_MONTHS = frozenset("in of since until till by last next this early late mid from through during".split())
_LINKS = frozenset({"and", "&"})
_USUAL = 500
"""So many names, by how many bear them, are names in capitals, too (PAUL)."""


def names(text: str, find: Find) -> list[Match]:
    """The given names of the word list; possessive endings and surnames stay outside the span."""
    row = NameRow.of(text, find)
    if row is None:
        return []
    elsewhere, doubtful = item_no_person(row), list[int]()
    for i, word in enumerate(row.words):
        entry = row.index.get(word.group().lower())
        if entry is None or not _may_be_name(row, i, elsewhere):
            continue
        if _is_sure(row, i, entry):
            row.found[i] = entry
        else:
            doubtful.append(i)
    _add_mentions(row, doubtful)
    take_back(row)
    changing = {i: agreeing(row, i) for i in row.found}
    kinds = kinds_of(row, changing)
    stay = {entry.item for i, entry in row.found.items() if BOUND in kinds[i]}  # what stays once, stays everywhere
    kinds = {i: BOUND if row.found[i].item in stay else kind for i, kind in kinds.items()}
    return [
        Match(row.words[i].start(), row.words[i].end(), entry.item, kinds[i], changing[i])
        for i, entry in row.found.items()
    ]


def _may_be_name(row: NameRow, i: int, elsewhere: set[str]) -> bool:
    """A whole word that is no surname here and means no place, brand or saying; what is none once, is none again."""
    if not _is_whole(row.text, row.words[i]) or _is_title_here(row, i):
        return False
    if row.follows(i, row.listed("never_after")):
        if row.word(i - 1).islower() and row.mixed:  # de Sade: Sade alone is he again
            elsewhere.add(row.word(i).lower())
        return False
    titled = _titled(row, i)
    if row.word(i).lower() in elsewhere or is_no_person(row, i, titled):
        return False
    if not titled and _is_surname_here(row, i):
        elsewhere.add(row.word(i).lower())
        return False
    return True


def _titled(row: NameRow, i: int) -> bool:
    """After a title; a particle of a surname (Mr. Van Nattan) is no name even there."""
    if row.index[row.word(i).lower()].groups.get("sense") == "particle":
        return False
    before = row.word(i - 1) if i else ""
    if row.word(i) == "will" and row.next(i) in _AFTER_WILL:  # the gov will have you believe it
        return False
    if row.follows(i, row.listed("titles")):
        small = row.word(i).islower() and row.mixed  # `Professor guy`; `miss precious shots` in a row of small letters
        word = (
            row.index[row.word(i).lower()].ambiguous
            and not is_capitalised(row.word(i))
            and before.islower()
            and f"{before}." not in row.listed("titles")
        )
        return not word and not (small and is_capitalised(before))
    return bool(row.abroad(i, i - 1)) and (before.lower() not in row.index or _is_romance(row, i))


def _is_romance(row: NameRow, i: int) -> bool:
    groups = row.index[row.word(i).lower()].groups
    return not {groups.get("origin"), *groups.get("language", "").split()}.isdisjoint({"hispanic", "es", "it"})


def _is_title_here(row: NameRow, i: int) -> bool:
    """`Prince Charles`, `Don Pedro`: a title that is a name elsewhere."""
    thing = row.index[row.word(i).lower()].groups.get("sense") == "thing"  # Princess Peach
    if not (thing or row.next(i).lower() in row.index) or not is_capitalised(row.next(i)):
        return False
    abroad = row.abroad(i + 1, i) == BEFORE and _is_romance(row, i + 1)
    return abroad or row.word(i).lower() in row.listed("titles")


def _is_sure(row: NameRow, i: int, entry: Entry) -> bool:
    if _titled(row, i):
        return True
    word = row.word(i)
    if row.foreign and entry.groups.get("sense") == "particle":
        return False
    opens = row.starts_sentence(i) and not is_capitalised(row.next(i))
    if row.foreign and (word.islower() or opens) and _is_word_abroad(row, word):
        return False
    rare = entry.groups.get("sense") == "rare word"
    if rare and row.starts_sentence(i) and (row.next(i) in _OBJECTS or _is_beside_word(row, i)):
        return False
    if rare and _SAID.search(row.text[: row.words[i].start()][-12:]) and _MORE.match(row.after(i)):
        return False  # I'm Randy, sexy, female
    if word.islower() and row.before(i).lower() in _OWNERS:  # his thang
        return False
    if word.islower() or not row.mixed:
        if is_small_surname(row, i) or is_second_name(row, i) or (not row.foreign and is_among_unknown_words(row, i)):
            return False
        other = not row.foreign and entry.groups.get("language")  # a word of slang as often as a name (a lotta)
        usual = not (entry.groups.get("sense") or entry.ambiguous or other)
        return usual or _beside_name(row, i) or (rare and has_small_surname(row, i))
    if not is_capitalised(word):
        return False
    return not _is_doubtful(word, entry) or _is_name_like(row, i, entry)


def _is_beside_word(row: NameRow, i: int) -> bool:
    """`Miles and smiles`: another word of small letters, of the same ending, is joined to it."""
    other = row.next(i + 1) if row.next(i) in _LINKS | {"or"} else ""
    return other.islower() and other[-1:] == row.word(i)[-1:] and other not in _OBJECTS


def _is_word_abroad(row: NameRow, word: str) -> bool:
    """In rows of other languages small letters tell words from names; in rows without capitals a list does."""
    return (row.mixed and word.islower()) or word.lower() in row.listed("words_abroad")


def _add_mentions(row: NameRow, doubtful: list[int]) -> None:
    """Who was named once (`Grace said`), is meant again inside a sentence (`and then Grace left`)."""
    items = {entry.item for entry in row.found.values()}
    for i in doubtful:
        entry = row.index[row.word(i).lower()]
        thing = entry.groups.get("sense") in _THINGS | _VERBS
        if (
            entry.item in items
            and not thing
            and is_capitalised(row.word(i))
            and row.mixed
            and (not row.starts_sentence(i) or _OWNS.match(row.text, row.words[i].end()))
        ):
            row.found[i] = entry


def _is_whole(text: str, word: re.Match[str]) -> bool:
    before, after = text[max(word.start() - 2, 0) : word.start()], text[word.end() : word.end() + 2]
    if before[-1:] in _GLUED_BEFORE and not _DETACHED.fullmatch(before):
        return False
    if before[-1:] == ":" and before[-2:-1].isupper():  # SP:Tyrone
        return False
    if word.group()[1:] not in (word.group()[1:].lower(), word.group()[1:].upper()):  # ESteban, LaCie
        return False
    if before[-1:] in "'\"" and before[-2:-1] in ("_", "/", "="):  # Mk1_'Delilah'_army
        return False
    if after[:1] in _GLUED_AFTER or (after[:1] in "-." and after[1:].isalnum()):
        return False
    return not (after and unicodedata.category(after[0]).startswith(("M", "Sc")))


def _is_doubtful(word: str, entry: Entry) -> bool:
    """In capitals, short words are more often abbreviations (IRA, DINA, not MARY), and words often words (VIOLET)."""
    rare = entry.groups.get("sense") or entry.groups.get("language")
    short = 3 if 0 < int(entry.groups.get("rank") or 0) <= _USUAL else 4
    return entry.ambiguous or (word.isupper() and (len(word) <= short or bool(rare)))


def _ends_name(row: NameRow, i: int) -> bool:
    """After a given name that was found, or a surname after a word that may be a given name (Woody Allen)."""
    if not row.beside(i):
        return False
    before, word = row.word(i - 1).lower(), row.word(i).lower()
    return _in_run(row, i) or (before in row.index and word in row.surnames)


_LONGEST_NAME = 12
"""In words; a walk without an end would cost the square of a row of names."""


def _in_run(row: NameRow, i: int) -> bool:
    """Whether a name that was found begins the run of names that word i belongs to (Jacob Ben Reuben)."""
    for _ in range(_LONGEST_NAME):
        if not row.beside(i):
            return False
        i -= 1
        if i in row.found:
            return True
        low = row.word(i).lower()
        if low not in row.index and low not in row.surnames:
            return False
    return False


def _is_surname_here(row: NameRow, i: int) -> bool:
    """Whether the word ends a name: after a given name or an initial, or after an unknown capitalised word."""
    if i == 0:
        return False
    before = row.word(i - 1)
    if before.lower() == row.word(i).lower():
        return False  # Kevin Kevin, come here
    if before.lower() == "o" and row.beside(i) and not row.foreign:
        return True  # mary o brien
    if _ends_name(row, i):
        return is_capitalised(before) or not is_capitalised(row.word(i))
    if not row.mixed or not is_capitalised(before) or is_capitalised(row.next(i)) or not is_capitalised(row.word(i)):
        return False
    letter = before not in "AIO" or "." in row.gap(i) or (before == "A" and not row.starts_sentence(i - 1))
    if len(before) == 1 and letter and _INITIAL_GAP.fullmatch(row.gap(i)):
        return True
    if row.beside(i) and before.lower() in row.listed("ranks") and row.word(i).lower() in row.surnames:
        return True  # General Nasser
    return (
        row.beside(i)
        and not _introduces(row, i - 1)
        and (row.word(i).lower() in row.surnames or not row.starts_sentence(i - 1) or not row.is_english(before))
    )


def _introduces(row: NameRow, i: int) -> bool:
    """Whether the capital of word i tells of no name: it begins a sentence, or says what somebody is (Coach Tom)."""
    low = row.word(i).lower()
    listed = low in row.listed("introduced_by") or low in row.known("gendered")
    return listed or (low in row.known("common_words") and (row.starts_sentence(i) or row.word(i).isupper()))


def _is_name_like(row: NameRow, i: int, entry: Entry) -> bool:
    following, first, sense = row.next(i), row.starts_sentence(i), entry.groups.get("sense")
    strict = first and sense in _VERBS | _THINGS
    shouted = row.word(i).isupper() and row.before(i).lower() in ("a", "an")  # I am a ROMAN PAGAN
    if has_surname(row, i, strict) and not shouted:
        return True
    if sense == "surname":  # with Freeman and Judd; director Anderson
        return False
    if _beside_name(row, i):
        return True
    if sense in _THINGS or (row.word(i).isupper() and len(row.word(i)) > 1):  # OSHA guidelines
        return False
    if sense == "month" and row.before(i).lower() in _BEFORE_MONTHS:
        return False
    if following in row.listed("followed_by"):
        return True
    if first or sense == "month" or is_capitalised(following):
        return False
    joined = len(following) > 2 and row.knows(following) and following not in FUNCTION  # by Roman theologians
    return (row.follows(i, row.listed("introduced_by")) and not joined) or _owns_something(row, i)


def _beside_name(row: NameRow, i: int) -> bool:
    """`Tom and Grace`, `Tom, Mark, Grace`: joined to a name that was found; `Yours, Grace`: at the end of a letter."""
    if i >= 2 and i - 2 in row.found and row.word(i - 1).lower() in _LINKS and row.gap(i).isspace():
        return True
    if not i or not row.mixed or not is_capitalised(row.word(i)):
        return False
    sense = row.index[row.word(i).lower()].groups.get("sense")
    if i - 1 in row.found and row.gap(i) == ", " and sense not in _THINGS | {"month"}:
        return bool(_LISTED.match(row.after(i)))
    signed = row.word(i - 1).lower() in row.listed("sign_offs") and _SIGNED.fullmatch(row.gap(i))
    return bool(signed and _SIGNATURE.match(row.after(i)))


def _owns_something(row: NameRow, i: int) -> bool:
    """`in Grace's kitchen`: a possessive inside a sentence, between words that are not capitalised."""
    before = row.word(i - 1)
    if before in row.listed("determiners") or not before.islower() or not row.gap(i).isspace():
        return False
    return _OWNS.match(row.text, row.words[i].end()) is not None

"""Ordinary words that are written in capitals: shouted, not the way they are always written.

A word is ordinary where the list of words or the rows write it in lower case, and the rows do not write it with a
capital more often; acronyms, names and unknown spellings are not. Capitals that stand together are one phrase, which
is found whole or not at all. A phrase or a word that could be a title or a keyword is left alone.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import regex

from token_saliency.auditing.audit import Audit, Entry, Find, Lexicon, Match
from token_saliency.auditing.spans.shouted.ordinary import (
    CLITIC,
    LONG,
    forms,
    is_english,
    is_misspelt,
    is_name,
    is_named,
    is_of_manner,
    is_ordinary,
    is_typed,
)
from token_saliency.auditing.spans.shouted.phrases import LETTERS_OF_A_ROW, Phrase, lowered, phrases, starts
from token_saliency.auditing.spans.shouted.rules import HALF, is_shouted

__all__ = ["ITEM", "MATCHER", "NAME", "capitals", "lowered", "with_words_of_rows"]

MATCHER, ITEM = "capitals", "a word in capitals"
NAME = "name"
"""The kind of a word that may be a name: it keeps its first capital."""
ROWS_AT_LEAST = 2
CODES_AT_LEAST = 3
"""So many rows write a word in capitals, and none in small letters, that is a name or a code of theirs."""

_WORD = re.compile(r"(?<![\w@#/.\\-])[^\W\d_]+(?![\w@/\\]|\.\w|-\w)")
_END = re.compile(r"[.!?\n]+(?:\s|$)")
_JOINED = re.compile(r",? (?:and|or|&|vs\.?|versus) ")
_KEPT = frozenset(
    "usa uae ussr fbi cia nasa nato imax ira ibm abc aol ipo ceo cfo cto coo faq diy api url uri ui ux ide usb "
    "eta eod eof irs isp ios eu uk un epa fda osha icu er iv mri ecg ekg adhd ocd eula nda gui ai iq aka aita "
    "unicef unesco opec iso ieee oecd apec asean aids espn uefa fifa nba nfl mlb nhl ncaa ioc aarp aclu ebitda "
    "gaap hiv pov npov cgi dvd".split()
)
_OF_PLACES = frozenset("new north south east west san santa saint st fort el las los port mount lake".split())
"""Before a name they are a part of it: New Mexico."""
_VOWEL = re.compile(r"[aeiouyà-ý]")
_NOUNS = frozenset("ns")


def capitals(text: str, find: Find) -> list[Match]:
    """Every word of the phrases that are shouted, but for `I`."""
    found, all_phrases = [], phrases(text)
    emphatic = find.options.get("emphatic", ())
    titled = {word for word in (_titled(text) if all_phrases else ()) if _is_noun(word, find) and word not in emphatic}
    shouted = _shouted(all_phrases, text, find)
    found_at = {phrase.at for phrase in shouted}
    lone = [phrase for phrase in all_phrases if phrase.alone and phrase.low[0] not in emphatic]
    left = [phrase for phrase in lone if phrase.at not in found_at]
    short = (CLITIC.sub("", phrase.low[0]) for phrase in left)
    kept = {word for word in short if 1 < len(word) < LONG}  # BAR, a team
    keywords = [phrase for phrase in left if _is_noun(phrase.low[0], find) and is_ordinary(phrase.low[0], find)]
    taken, ends = {phrase.low[0] for phrase in keywords}, [hit.end() for hit in _END.finditer(text)]
    sentences = {bisect(ends, phrase.at) for phrase in keywords}  # your NAME and AGE
    for phrase in shouted:
        nameable = phrase.alone and phrase.low[0] not in emphatic and not is_of_manner(phrase.low[0], find)
        paired = phrase.low[0] in taken or bisect(ends, phrase.at) in sentences
        titles = phrase.alone and phrase.low[0] in titled
        if not titles and not (nameable and paired and not phrase.starts):
            found += _words_of(phrase, find, titled, kept)
    return found


def _words_of(phrase: Phrase, find: Find, titled: Container[str], kept: Container[str]) -> list[Match]:
    """The words of a phrase that change; an unknown one behind a name is a surname."""
    found, after_name, before = list[Match](), False, ""
    for hit, word in zip(phrase.words, phrase.low, strict=True):
        match = None if word in kept else _match(hit, word, find, phrase, titled)
        if match and after_name and not is_ordinary(word, find):
            match = replace(match, kind=NAME)
        after_name = match is not None and match.kind == NAME
        if after_name and found and before in _OF_PLACES:
            found[-1] = replace(found[-1], kind=NAME)
        before = word
        found += [match] if match else []
    return found


def _shouted(all_phrases: Sequence[Phrase], text: str, find: Find) -> list[Phrase]:
    """Those that are shouted wherever they stand, and are joined to none that is not."""
    shouted = [phrase for phrase in all_phrases if is_shouted(phrase, find)]
    if any(phrase.alone for phrase in shouted) and _is_foreign(text, find):  # IS, a militia in German
        shouted = [phrase for phrase in shouted if not (phrase.alone and is_english(phrase.low[0], find))]
    found_at = {phrase.at for phrase in shouted}
    left = [phrase for phrase in all_phrases if phrase.at not in found_at and phrase.low != ("i",)]
    titles, left_at = {phrase.low for phrase in left if not phrase.alone}, {phrase.at for phrase in left}
    joined = (pair for pair in pairwise(all_phrases) if _JOINED.fullmatch(text, pair[0].end, pair[1].at))
    halves = {phrase.at for pair in joined if not left_at.isdisjoint(one.at for one in pair) for phrase in pair}
    return [phrase for phrase in shouted if phrase.low not in titles and phrase.at not in halves]


def _is_noun(word: str, find: Find) -> bool:
    return not _NOUNS.isdisjoint(forms(word, find))


def _titled(text: str) -> set[str]:
    """What the row itself writes with a capital inside a sentence: "Friends", a name there."""
    hits = (hit for hit in _WORD.finditer(text) if hit.group().istitle())
    inside = (hit for hit in hits if not starts(text[max(0, hit.start() - 9) : hit.start()]))
    titles = Counter(hit.group().lower() for hit in inside)
    small = Counter(hit.group() for hit in _WORD.finditer(text) if hit.group().islower())
    return {word for word, count in titles.items() if small[word] <= count}


def _match(hit: regex.Match[str], word: str, find: Find, phrase: Phrase, titled: Container[str]) -> Match | None:
    """A word of a shouted phrase; a name keeps its first capital, and in a row that is no chat what nobody knows."""
    if (word in titled and len(word) > 1) or is_name(word, find) or is_named(word, find):
        return Match(*hit.span(), ITEM, NAME)
    if is_ordinary(word, find):
        return None if len(word) == 1 and word != "a" else Match(*hit.span(), ITEM)
    typed = (phrase.loud and is_typed(phrase.low, find)) or is_misspelt(word, find)
    least = LONG - phrase.loud if typed else LONG + 1  # URE in a row of words: nobody knows
    spoken = len(word) >= least and _VOWEL.search(word) and word not in _KEPT
    return Match(*hit.span(), ITEM, "" if typed else NAME) if spoken else None


def _is_foreign(text: str, find: Find) -> bool:
    """Whether the list of English words knows few of the words that the row writes in small letters."""
    small = [hit.group() for hit in _WORD.finditer(text) if hit.group().islower()]
    return len(small) > LETTERS_OF_A_ROW and sum(is_english(word, find) for word in small) < HALF * len(small)


def _in_small_letters(text: str) -> set[str]:
    """What stands alone in capitals inside a sentence that is told calmly: a SWIFT transfer."""
    lone = (phrase for phrase in phrases(text) if phrase.alone and not phrase.loud and not phrase.starts)
    return {phrase.low[0] for phrase in lone if phrase.after.lstrip()[:1] != "!"}


def with_words_of_rows(audit: Audit, texts: Iterable[str]) -> Audit:
    """The audit with the words that the rows themselves write in lower case, and those that they write as names."""
    low, title, high, codes = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for text in texts:
        if text == text.lower():  # a row without capitals does not tell names from words
            continue
        hits = {hit.group(): hit.start() for hit in _WORD.finditer(text) if len(hit.group()) > 1}
        low.update(word for word in hits if word.islower())
        high.update(word.lower() for word in hits if word.isupper())
        inside = (word for word, at in hits.items() if not starts(text[max(0, at - 9) : at]))
        title.update(word.lower() for word in inside if word.istitle())
        codes.update(_in_small_letters(text))
    usual = audit.find.options.get("words", ())
    most = {word: max(ROWS_AT_LEAST, title[word], 0 if word in usual else high[word] + 1) for word in low}
    words = [word for word, rows in low.items() if rows >= most[word]]
    named = [Lexicon.of(audit.find.options.get(name, ())).by_word for name in ("names", "places", "peoples")]
    plain = {word for word in title if word in usual and not any(word in known for known in named)}
    names = [word for word, rows in title.items() if rows > low[word] * (1 + (word in plain))]  # BRAVES: a verb too
    coded = [word for word, rows in codes.items() if rows >= CODES_AT_LEAST and not low[word] and word not in names]
    kinds = ("", words), ("a name", names), ("a code", coded)
    entries = [Entry(word, groups={"as": kind}) for kind, group in kinds for word in group]
    return replace(audit, find=replace(audit.find, lexicon=Lexicon(entries)))

"""Given names that are firms, surnames or words in these rows (Elisa, Allen, Miles), told by how others write them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate

from scipy.stats import binom

from token_saliency.auditing.audit import Audit, Lexicon
from token_saliency.auditing.spans.persons.given_names import names
from token_saliency.auditing.spans.persons.naming.mentions import NEEDS_SURNAME
from token_saliency.auditing.spans.persons.naming.named_things import tells_of_a_thing
from token_saliency.stats.sampling import content_hash

MATCHER = "names"
CHARACTERS_AT_MOST = 2_000_000
"""Read for surnames: some seconds."""
SHARE = 0.5
"""So many of the named persons have a surname at least; where friends write to each other, nobody has one."""
CHANCE = 0.001
OF_A_FIRM = 0.05
"""In so many of its rows a firm is called one."""
OFTEN, OFTENER = 5, 3
"""A word is written so often with a small letter, and so many times as often as with a capital."""
_PAIR = re.compile(r"\b([^\W\d_a-z]\w+)[ \xa0](?=([^\W\d_a-z]\w+))")
_ALONE = re.compile(r"\b[^\W\d_a-z]\w+\b(?! [^\W\d_a-z])")
_PERSON = re.compile(r"\b(?:s?he|his|hers?|him|who|whose|whom|mrs?|ms)\b", re.IGNORECASE)
_NEXT = re.compile(r"[ \xa0][^\W\d_a-z]\w*")
_WORD = re.compile(r"[^\W\d_]+")
_FIRM = re.compile(
    r"(?<![^\W\d_] )\b([^\W\d_a-z][^\W\d_A-Z]+) (?:Inc|Corp|Corporation|Group|Holdings?|Compan(?:y|ies)|Co|Ltd|Limited|"
    r"LLC|PLC|plc|Plc|AG|GmbH|SE|SA|SpA|NV|AB|ASA|Oyj?|KGaA|Bank|Brothers|Industries|Technologies|Systems)\b"
)


def with_persons_of_rows(audit: Audit, texts: Iterable[str]) -> Audit:
    """The audit with the names that stand for no person in the rows unless a surname follows them."""
    distinct = set(texts)
    ranked = sorted(distinct, key=content_hash)
    read = accumulate(map(len, ranked))
    some = [text for text, characters in zip(ranked, read, strict=True) if characters <= CHARACTERS_AT_MOST]
    others = _firms(distinct, audit) | _surnames(some, audit) | _words(some, audit)
    options = {**audit.find.options, NEEDS_SURNAME: frozenset(others)}
    return replace(audit, find=replace(audit.find, options=options)) if others else audit


def _firms(texts: Collection[str], audit: Audit) -> set[str]:
    """`Elisa` where other rows say `Elisa Corporation` or `shares of Elisa`."""
    known = Lexicon.of(audit.find.lexicon).by_word
    called = {text: _called_firms(text, known) for text in texts}
    count = Counter(item for items in called.values() for item in items)
    if not count:
        return set()
    mentions = re.compile(rf"\b({'|'.join(map(re.escape, count))})\b", re.I)
    rows = Counter(item for text in texts for item in {hit.lower() for hit in mentions.findall(text)})
    return {item for item in count if count[item] >= OF_A_FIRM * rows[item]}


def _called_firms(text: str, known: Collection[str]) -> set[str]:
    told = {word for hit in _FIRM.finditer(text) if (word := hit[1].lower()) in known}
    named = (hit for hit in _ALONE.finditer(text) if hit[0].lower() in known)
    return {hit[0].lower() for hit in named if tells_of_a_thing(text, *hit.span())} | told


def _words(texts: Iterable[str], audit: Audit) -> set[str]:
    """`Miles` where the rows speak of miles."""
    known, words = Lexicon.of(audit.find.lexicon).by_word, audit.find.options.get("words", ())
    items = {item for item, entry in known.items() if entry.groups.get("sense") == "rare word" and item in words}
    small, capital = Counter[str](), Counter[str]()
    for text in texts:
        if text != text.lower():
            found = _WORD.findall(text)
            small.update(items.intersection(found))
            capital.update(items.intersection(word.lower() for word in found if word.istitle()))
    return {item for item, count in small.items() if count >= max(OFTEN, OFTENER * capital[item])}


def _surnames(texts: Sequence[str], audit: Audit) -> set[str]:
    """`Allen` where persons have both names as a rule and he never has, if another row says `Woody Allen` or none of
    his rows speaks of a person."""
    rows, full, persons = Counter[str](), Counter[str](), Counter[str]()
    for text in texts:
        found: dict[str, bool] = {}
        for match in names(text, audit.find):
            item = match.item.lower()
            found[item] = found.get(item, False) or _NEXT.match(text, match.end) is not None
        rows.update(found.keys())
        full.update(item for item, whole in found.items() if whole)
        persons.update(found.keys() if _PERSON.search(text) else ())
    share = full.total() / max(1, rows.total())
    if share < SHARE:
        return set()
    given, surnames = (Lexicon.of(one).by_word for one in (audit.find.lexicon, audit.find.options.get("surnames", ())))
    lonely = {item for item, count in rows.items() if binom.cdf(full[item], count, share) < CHANCE}
    alone = lonely & surnames.keys()
    after = Counter[str]()
    for text in texts if alone else ():
        pairs = _PAIR.findall(text)
        after.update({last.lower() for first, last in pairs if first.lower() in given} & alone)
    return {item for item in lonely if after[item] > full[item] or not persons[item] + full[item]}

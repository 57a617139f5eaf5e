"""Constant beginnings and ends that the rows share: the residue of a template that nobody listed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import regex

from token_saliency.auditing.audit import Audit, Entry, Lexicon
from token_saliency.auditing.spans.capitals import MATCHER as CAPITALS
from token_saliency.auditing.spans.capitals import with_words_of_rows
from token_saliency.auditing.spans.patterns import DIGITS, NAME, NAMED, NUMBERED
from token_saliency.auditing.spans.persons.persons_of_rows import MATCHER as NAMES
from token_saliency.auditing.spans.persons.persons_of_rows import with_persons_of_rows

WORDS_AT_MOST = 12
SHARE = 0.2
"""The part of distinct texts that three ordinary words must begin (or end) to count as a template."""

SHARE_OF_MARKED = 0.05
"""The same for words that end in a mark such as `:` or `]`, as labels of a template do."""

ROWS_AT_LEAST = 20
PLAIN_WORDS_AT_LEAST, POLITE_WORDS = 3, 4
_LABEL = re.compile(r"[:\]>#|=}-]$")
_OPENING = re.compile(r"^(?:[\[|{-]|<(?!\d)|#(?!\w))|:$")
"""Of a label; no hashtag, no heart (#fail, <3)."""
_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|greetings|good (?:morning|day|afternoon|evening)|welcome)\b.*[,!:.]", re.IGNORECASE
)
_THANKS = r"(?:many thanks|thanks|thank|cheers)\b.*"
_FAREWELL = re.compile(
    rf"{_THANKS}|(?:regards|(?:best|kind|kindest|warm) (?:regards|wishes)|best,|sincerely|yours)(?!\w).*", re.IGNORECASE
)
"""How a letter begins and ends: told apart from its text by few words, as the labels of a template are."""
_ANYBODY = "Name"
_SOMEBODY = regex.compile(
    r"(?<=\s)(?!(?:Regards|Wishes|Best|Kind|Kindest|Warm|Sincerely|Yours|Many|Thanks?|Cheers|Dear|Hi|Hello|Hey"
    rf"|Greetings|Good|Morning|Day|Afternoon|Evening|Welcome)\b){NAME.pattern}"
)
_MEANT = re.compile(_THANKS, re.IGNORECASE)


def learned(audit: Audit, texts: Iterable[str]) -> Audit:
    """The audit with what it takes from the rows.

    With the option `learn` the constant ends of the texts, among its items; of capitals the words that the rows also
    write in lower case, of names those that are firms or surnames there.
    """
    if audit.find.matcher == CAPITALS:
        return with_words_of_rows(audit, texts)
    if audit.find.matcher == NAMES:
        return with_persons_of_rows(audit, texts)
    if not audit.find.options.get("learn"):
        return audit
    distinct = sorted({text.strip() for text in texts} - {""})
    ends = dict.fromkeys(constant_ends(distinct), "end") | dict.fromkeys(constant_starts(distinct), "start")
    varied = {
        way: dict.fromkeys(found(distinct), "start") | dict.fromkeys(found(distinct, -1), "end")
        for way, found in ((NUMBERED, numbered_labels), (NAMED, named_letters))
    }
    letters = [_SOMEBODY.sub(_ANYBODY, item) for item in varied[NAMED]]
    ends = {item: end for item, end in ends.items() if not _is_part(_SOMEBODY.sub(_ANYBODY, item), letters)}
    entries = [Entry(item, groups={"end": end}) for item, end in ends.items()]
    for way, items in varied.items():
        entries += [Entry(item, groups={"end": end, way: end}) for item, end in items.items() if item not in ends]
    if not entries:
        return audit
    return replace(audit, find=replace(audit.find, lexicon=Lexicon(entries)))


def _is_part(end: str, longer: Iterable[str]) -> bool:
    return any(one.startswith(end) or one.endswith(end) for one in longer)


def is_meant(item: str) -> bool:
    """Whether its writer says something by it (thanks): a model may read it, so it is described and never judged."""
    return _MEANT.fullmatch(item) is not None


def constant_starts(texts: Sequence[str]) -> list[str]:
    """What many of the distinct texts begin with, as whole words; of two that hold each other the longer."""
    return [" ".join(words) for words in _shared_ends(texts, 1)]


def constant_ends(texts: Sequence[str]) -> list[str]:
    """What many of the distinct texts end with."""
    return [" ".join(words[::-1]) for words in _shared_ends(texts, -1)]


def numbered_labels(texts: Sequence[str], way: int = 1) -> list[str]:
    """Labels that many texts begin (or, by -1, end) with but for their numbers, as one text has it: Ticket #4521:"""
    blind = [DIGITS.sub("0", text) for text in texts]
    shapes = _shared_ends(blind, way)
    return _as_written(texts, blind, [one for one in shapes if _mark(way).search(one[-1]) and "0" in "".join(one)], way)


def named_letters(texts: Sequence[str], way: int = 1) -> list[str]:
    """Greetings (or, by -1, farewells) that many texts share but for a name, as one has it: Best wishes, Carla."""
    blind = [_SOMEBODY.sub(_ANYBODY, text) for text in texts]
    shapes = [one for one in _shared_ends(blind, way) if any(_ANYBODY in word for word in one)]
    return _as_written(texts, blind, [one for one in shapes if _letter(way).fullmatch(" ".join(one[::way]))], way)


def _mark(way: int) -> re.Pattern[str]:
    return _LABEL if way > 0 else _OPENING


def _letter(way: int) -> re.Pattern[str]:
    return _GREETING if way > 0 else _FAREWELL


def _shared_ends(texts: Sequence[str], way: int) -> list[tuple[str, ...]]:
    return _shared([text.split()[::way] for text in texts], _mark(way), _letter(way), way)


def _as_written(texts: Sequence[str], blind: Sequence[str], shapes: Iterable[tuple[str, ...]], way: int) -> list[str]:
    """Each shape as the first text with it writes it."""
    turned = [text.split()[::way] for text in blind]
    seen = [(one, next(i for i, words in enumerate(turned) if tuple(words[: len(one)]) == one)) for one in shapes]
    return [" ".join(texts[i].split()[::way][: len(one)][::way]) for one, i in seen]


def _shared(
    texts: Sequence[Sequence[str]], mark: re.Pattern[str], letter: re.Pattern[str], way: int = 1
) -> list[tuple[str, ...]]:
    counts = Counter(tuple(words[:n]) for words in texts for n in range(1, min(WORDS_AT_MOST, len(words) - 1) + 1))
    kept: list[tuple[str, ...]] = []
    for words, rows in sorted(counts.items(), key=lambda entry: (-len(entry[0]), -entry[1], entry[0])):
        polite = len(words) <= POLITE_WORDS and letter.fullmatch(" ".join(words[::way])) is not None
        marked = polite or (bool(mark.search(words[-1])) and any(map(str.isalnum, "".join(words))))
        share = SHARE_OF_MARKED if marked else SHARE
        enough = rows >= max(ROWS_AT_LEAST, share * len(texts)) and (marked or len(words) >= PLAIN_WORDS_AT_LEAST)
        if enough and not any(longer[: len(words)] == words for longer in kept):
            kept.append(words)
    return sorted(kept, key=lambda words: -counts[words])

"""When a phrase in capitals is shouted, and no title, name, keyword or acronym.

A title stands where a name could stand; what is shouted goes on in the grammar of its sentence, or is a notice, a
heading or a sentence of its own.
"""

from __future__ import annotations

import re

import regex

from token_saliency.auditing.audit import Find
from token_saliency.auditing.spans.shouted.ordinary import (
    CLITIC,
    LONG,
    forms,
    is_english,
    is_of_manner,
    is_ordinary,
    undrawn,
)
from token_saliency.auditing.spans.shouted.phrases import Phrase

SHOUT, ORDINARY, HALF = 6, 0.7, 0.5
"""A phrase of so many words is said even where some of them are unknown; of a sentence half of them suffice."""
SENTENCE, HEADLINE, SPEECH = 3, 4, 9
"""In words: below this length an unknown word is more often the name of a film than part of what is said."""

_CALLED = re.compile(r"\b(?:called|titled|named|a\.?k\.?a\.?|known as)[\s\"“'‘(:]*$", re.IGNORECASE)
_ASKED = re.compile(r"\b(?:reply|text|txt|send|answer) (?:us )?(?:with|back|the word)[\s\"“'‘(:]*$", re.IGNORECASE)
_MADE_BY = re.compile(
    r"\b(?!(?:It|He|She|That|What|There|Here|Who|Let|How|Where|When|Why|One|This|[A-Z]\w*(?:one|body|thing))['’])"
    r"[A-Z][a-z]+(?:['’]s|s['’]) [\"“‘(]*$"
)
"""Before a title: Bobby Vernon's DON'T KID ME."""
_IN_A_TITLE = re.compile(r"(?:[\"“'‘]|\b[Tt]he )$"), regex.compile(r" \p{Lu}\p{Ll}")
_SHOUTED = re.compile(r"[\"”'’)* ?]*!")
_HEADING = re.compile(r"[\"”')* ]*(?::|[.!?…\n]|\d+[.)]\s|$)")
_CLOSES = re.compile(r"\s*(?:[.!?,;…\n]|$)")
_LABEL = re.compile(r":\s")
_MARKED = re.compile(r"(?:[*=~]|--)[\s(]*$"), re.compile(r"[\s)]*(?:[*=~]|--)")
"""On both sides of a notice: ***POSSIBLE SPOILER***."""
_TORN = (
    regex.compile(r"\p{Lu}{2}[^\s.!?…:;,]*[:,]?(?: \d+)?[ /-]?$"),
    regex.compile(r"[ /:,'‘-]{0,3}(?:\d+ )?\w*\p{Lu}(?:[\p{Lu}\d]|-\p{Lu})"),
)
"""Capitals next to a phrase that are no words: a part of it would be torn off."""
_ROMAN = re.compile(r"[mdclxvi]{2,}")
_SPOKEN = re.compile(r"i'(?:m|ve|ll|d)|\w+n't|(?:do|does|did|is|was|are|have|has|had|would|could|should)nt")
_NO_NOUNS = frozenset(
    "so or in on at as me us he she it we you him them they is are was were be am been has had have does can".split()
)
_SHORT_LINKS = frozenset("in on at to by as of for".split())
_SINGULAR = frozenset("is was has does".split())
_DETERMINERS = frozenset("a an the my your his her our their its no some any every".split())
_ARTICLES = frozenset({"a", "an", "the"})


def is_shouted(phrase: Phrase, find: Find) -> bool:
    """Whether all words of the phrase may be written in small letters (names with a capital)."""
    known = sum(is_ordinary(word, find) for word in phrase.low)
    said = _is_said(phrase, find)
    english = sum(is_english(word, find) for word in phrase.low)
    if phrase.loud and HALF * len(phrase.low) <= (known if said else english) and (said or len(phrase.low) >= HEADLINE):
        return True
    previous = phrase.previous.lower()
    if _ASKED.search(phrase.before) or previous in find.options.get("keyword_after", ()):
        return False
    if _TORN[0].search(phrase.before) or _TORN[1].match(phrase.after) or _CALLED.search(phrase.before):
        return False
    if known < _least(phrase, said, find) * len(phrase.low):
        return False
    if phrase.alone:
        in_a_title = _IN_A_TITLE[0].search(phrase.before) and _IN_A_TITLE[1].match(phrase.after)
        return not in_a_title and _stands_out(phrase, find)
    if _MADE_BY.search(phrase.before):
        return False
    if said and len(phrase.low) >= SENTENCE and phrase.following in _SINGULAR:  # WHAT THEY SAW is a film
        return False
    if said or len({*phrase.low}) == 1 or all(_is_emphatic(word, find) for word in phrase.low if len(word) > 1):
        return max(map(len, phrase.low)) > 2 or _is_short_clause(phrase, find)
    return _is_apart(phrase) or _goes_on(phrase, find)


def _least(phrase: Phrase, said: bool, find: Find) -> float:
    """The share of its words that must be ordinary."""
    words, free = len(phrase.low), not phrase.previous or phrase.starts
    if said and (words >= SHOUT or (words >= SENTENCE and (free or phrase.low[0] in find.options.get("clause", ())))):
        return HALF
    ends = _HEADING.match(phrase.after) or _SHOUTED.match(phrase.after)
    if words >= HEADLINE and phrase.starts and ends and any(_joins(word, find) for word in phrase.low):
        return HALF
    return ORDINARY if words >= SHOUT else 1


def _joins(word: str, find: Find) -> bool:
    """A preposition or a conjunction: names of firms and teams hold few."""
    return word in _SHORT_LINKS or (len(word) > 1 and not forms(word, find) and word in find.options.get("words", ()))


def _is_said(phrase: Phrase, find: Find) -> bool:
    """Whether a word of it shows a sentence, not a title; IT inside is a department."""
    clause = find.options.get("clause", ())
    return any(
        CLITIC.search(word) or any(form in clause for form in undrawn(word))
        for word in phrase.low
        if word != "it" or phrase.low[0] == "it"
    )


def _is_short_clause(phrase: Phrase, find: Find) -> bool:
    """`so IT IS.`, but no `10 AM PT`."""
    clause = find.options.get("clause", ())
    return all(word in clause for word in phrase.low) and _CLOSES.match(phrase.after) is not None


def _is_emphatic(word: str, find: Find) -> bool:
    return any(form in find.options.get("emphatic", ()) for form in undrawn(word))


def _is_apart(phrase: Phrase) -> bool:
    """A notice between marks, a heading, or what ends with an exclamation mark."""
    if _MARKED[0].search(phrase.before) and _MARKED[1].match(phrase.after):
        return True
    starts = phrase.starts or not phrase.before
    long = len(phrase.low) >= (SHOUT if starts or not phrase.previous else SPEECH)
    return bool(_SHOUTED.match(phrase.after)) or long or bool(starts and _HEADING.match(phrase.after))


def _goes_on(phrase: Phrase, find: Find) -> bool:
    """Whether it continues the sentence as no title does: a ONE LINE answer, it was KIND OF slow, she CAME BACK."""
    previous, first, last = phrase.previous.lower(), phrase.low[0], phrase.low[-1]
    if any(word in find.options.get("notices", ()) for word in phrase.low):
        return True
    if not previous:
        opens = first in _ARTICLES or (not phrase.before and _is_emphatic(first, find))  # FREE TONES for all
        return phrase.starts and opens and _is_subject(phrase, find)
    if previous in find.options.get("before_verbs", ()) and _may_be_verb(first, find):
        return True
    if first in ("a", "an") and previous in find.options.get("copulas", ()) and _is_emphatic(phrase.low[1], find):
        return True
    if first in _ARTICLES or not phrase.before[-1:].isspace():
        return False
    if previous in find.options.get("intensive", ()):
        return not _is_before_noun(phrase, find) or _is_emphatic(first, find)
    return previous in find.options.get("copulas", ()) and bool({*forms(last, find)} & {*"adgy"} or last == "of")


def _may_be_verb(word: str, find: Find) -> bool:
    """Of a verb, or one without a form: the list gives none to `came` and `thought`."""
    kinds = {*forms(word, find)}
    return bool(kinds & {*"vdgs"}) or (not kinds and word in find.options.get("words", ()))


def _is_subject(phrase: Phrase, find: Find) -> bool:
    """`A ROBOT that flies`, `THE WRITERS of it`, `STOCKS in Asia`; but `THE BIRDS is a film`, `BOOM is one`."""
    following, last, kinds = phrase.following, phrase.low[-1], {*forms(phrase.following, find)}
    if not following.islower() or last in find.options.get("acronyms", ()) or last in _NO_NOUNS:
        return False
    if phrase.low[0] == "a":
        return True
    plural = "s" in forms(last, find) or _is_emphatic(phrase.low[0], find)
    return plural and following not in _SINGULAR and "s" not in kinds and not kinds & {*"d"}


def _is_before_noun(phrase: Phrase, find: Find) -> bool:
    """`a STAR WARS film`: it may be the name of what follows."""
    following = phrase.following
    return following[:1].isupper() or bool({*forms(following, find)} & {*"nsr"})


def _stands_out(phrase: Phrase, find: Find) -> bool:
    """A word alone: one of emphasis, an adverb or a participle, a verb or noun where no title can stand."""
    word, previous = phrase.low[0], phrase.previous.lower()
    if word in find.options.get("acronyms", ()) or _ROMAN.fullmatch(word):
        return False
    if word in _NO_NOUNS and previous in _DETERMINERS:  # Jews in the ME
        return False
    if _is_emphatic(word, find) or _SPOKEN.fullmatch(word):
        return True
    if len(word) < LONG or "'" in word:
        return False
    kinds = {*forms(word, find)}
    if is_of_manner(word, find) or previous in find.options.get("articles", ()):
        return True
    if previous in find.options.get("before_verbs", ()) and _may_be_verb(word, find):
        return True
    if previous in find.options.get("copulas", ()) or previous in find.options.get("persons", ()):
        return "a" in kinds
    if not phrase.starts:
        return False
    return bool(_SHOUTED.match(phrase.after) or _LABEL.match(phrase.after)) or _is_subject(phrase, find)

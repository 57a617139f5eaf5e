"""Whether an identity term is somebody's name: Christian, Young, Black."""

from __future__ import annotations

import re

from token_saliency.auditing.spans.persons.identity_context import (
    BEFORE_NOUNS,
    FUNCTION,
    GRADING,
    ONE,
    TermPlace,
)

_LISTED_BEFORE, _LISTED_AFTER = re.compile(r"([^\W\d_]+)\s*[,;&/]\s*$"), re.compile(r"\s*[,;&/]\s*([^\W\d_]+)")
_OBJECT = re.compile(r" [a-z]+s (?:an?|the|my|his|your|our|their|its?|me|him|us|them|you)\b")
"""`Christian makes a cake`; in `Christian values` no object follows."""
_INITIAL = re.compile(r" [A-Z]\. [A-Z]")
_OF_A_WORK = re.compile(
    r"(?: [A-Z][\w-]+){0,3} (?:Encyclopa?edia|Act|Bill|Church|Dictionary|Journal|Review|Society|Association|Party)\b"
    r"|(?: [\w-]+){1,3} \(\d{4}\b"
    r"|(?: [A-Z][\w-]+)+ \([A-Z]"
)
_OF_A_BODY = re.compile(
    r"\b(?:Association|Society|Union|Federation|Council|League|Congress|Institute) (?:of|for) (?:the )?$"
)
_QUOTES = frozenset("\"'“‘«`")
_SAID_OF = frozenset(
    "am is are was were be been being isn't wasn't aren't weren't i'm im you're we're they're he's she's i you he she "
    "we they seem seems seemed become becomes became get gets got raised born turned went stay stayed remain not "
    "non anti pro pre post as or and early very really openly still also both all proudly just rather fellow my your "
    "his her its our their the this that these those some any every no than like".split()
)
"""After these a faith is told of somebody, or a noun follows."""


def is_name(place: TermPlace) -> bool:
    """`My friend Christian came`, `Neil Young`, `rahaim, christian; jarrett`, `christian G. Fritz`."""
    word, row = place.written.lower(), place.row
    if _INITIAL.match(row.text, place.end):
        return True
    if place.last and row.plain_name(place.last) and word in row.listed("family_names"):
        return True
    spoken = place.next.lower() in row.listed("speaking") and place.last not in ONE | BEFORE_NOUNS
    if word in row.names and spoken and "adjective" in place.forms:
        return True
    if word in row.listed("family_names") and place.written[0].isupper() and place.next in ("Family", "Families"):
        return True
    entry = row.names.get(word)
    if entry is None or "adjective" not in place.forms:
        return False
    beside = _LISTED_BEFORE.search(row.text[: place.start][-40:]), _LISTED_AFTER.match(row.text, place.end)
    if any(hit and row.plain_name(hit.group(1)) for hit in beside) and place.last not in ONE:
        return True
    introduced = place.last in row.listed("people") and place.next.lower() not in row.listed("people")
    introduced = introduced and (place.written[0].isupper() or place.last in row.listed("introduce_names"))
    return introduced or ("noun" in place.forms and _stands_alone(place))


def is_of_a_work(place: TermPlace) -> bool:
    """`the catholic Encyclopedia`, `Polish population transfers (1944–1946)`, `the Association of Black
    Journalists`: an act, a book, what happened, a body."""
    before = place.row.text[max(0, place.start - 40) : place.start]
    return _OF_A_WORK.match(place.row.text, place.end) is not None or (
        place.written[0].isupper() and _OF_A_BODY.search(before) is not None
    )


def _stands_alone(place: TermPlace) -> bool:
    """No word that it describes, no article, no verb that says it of somebody, no other faith in the row."""
    row, known = place.row, place.row.find.options.get("words", {})
    if row.text[: place.start][-1:] in _QUOTES:  # the word "christian"
        return False
    after, object_of = place.next.lower(), _OBJECT.match(row.text, place.end)
    if after and after not in FUNCTION and not object_of and {"n", "a", "s"} & {*known.get(after, "n")}:
        return False
    before = [word.lower() for word in place.before(3)]
    described = before and (
        "a" in known.get(before[0], "") or before[0].endswith(("ly", "ed", "ing", "self", "selves"))
    )
    if described or (before and before[0] in _SAID_OF | GRADING) or not ONE.isdisjoint(before):
        return False
    told = row.peoples - {place.written.lower()} or not row.words.isdisjoint(row.listed("of_a_religion"))
    return not told

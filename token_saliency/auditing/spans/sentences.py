"""Where the sentences of a text begin and end: by their marks, as far as spelling tells."""

from __future__ import annotations

import regex

from token_saliency.auditing.audit import Find, Match
from token_saliency.results import Span

_END = regex.compile(
    r"""(?<! \b(?:mr|mrs|ms|dr|st|jr|sr|vs|no|prof|gen|rep|sen|capt) | (?<!\w)[A-Za-z] | \.[A-Za-z] ) \.
      | [!?…]+ | \.{2,} | [。！？؟।]""",
    regex.VERBOSE | regex.IGNORECASE,
)
PARTS = ("the first sentence", "the last sentence", "the first half", "the second half")
"""What is found: the items."""

_CLOSING = regex.compile(r"""[.!?…"”’'»)\]]*""")
_NEXT = regex.compile(r"\s+(\S)")
_TIES = frozenset("-–—,;:")
_WIDE = frozenset("。！？")


def sentence_spans(text: str) -> list[Span]:
    """The sentences without the space around them; a text without marks is one sentence, marks alone are none."""
    cuts, cased, seen, worded = [0], text != text.lower(), 0, False
    for hit in _END.finditer(text):
        if hit.end() <= seen:  # of a run of marks all but the first: they close the same sentence
            continue
        closing = _CLOSING.match(text, hit.end())
        end = closing.end() if closing else hit.end()
        worded = worded or any(map(str.isalnum, text[seen:end]))
        seen = max(seen, end)
        if worded and (hit.group() in _WIDE or _opens(text, end, cased)):
            cuts.append(end)
            worded = False
    pieces = zip(cuts, [*cuts[1:], len(text)], strict=True)
    return [span for start, end in pieces if (span := _trimmed(text, start, end))[0] < span[1]]


def _opens(text: str, end: int, cased: bool) -> bool:
    """Whether what follows can begin a sentence: in rows without capitals anything can."""
    following = _NEXT.match(text, end)
    return following is not None and not (cased and following.group(1).islower()) and following.group(1) not in _TIES


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    left = start + len(piece) - len(piece.lstrip())
    return left, max(left, start + len(piece.rstrip()))


def sentences(text: str, find: Find) -> list[Match]:
    """The first and the last sentence of a text that has several, or its two halves (the option `part`)."""
    spans = sentence_spans(text)
    if len(spans) < 2:
        return []
    if find.options.get("part") != "halves":
        return [Match(*spans[0], PARTS[0]), Match(*spans[-1], PARTS[1])]
    half = _middle(spans)
    return [Match(spans[0][0], spans[half - 1][1], PARTS[2]), Match(spans[half][0], spans[-1][1], PARTS[3])]


def _middle(spans: list[Span]) -> int:
    """How many sentences make a first half: the cut between sentences that is nearest to the middle."""
    middle = (spans[0][0] + spans[-1][1]) / 2
    return min(range(1, len(spans)), key=lambda n: abs(spans[n][0] - middle))


def turn(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001 - one signature for all operators
    """The first and the last sentence of the span change places; a span with an unfinished one stays as it is."""
    spans = sentence_spans(text[match.start : match.end])
    if len(spans) < 2:
        return text
    first, last = ((match.start + start, match.start + end) for start, end in (spans[0], spans[-1]))
    if not all(_finished(text[slice(*span)]) for span in (first, last)):
        return text
    between = text[first[1] : last[0]]
    return text[: first[0]] + text[slice(*last)] + between + text[slice(*first)] + text[last[1] :]


def _finished(sentence: str) -> bool:
    return sentence.rstrip("\"”’'»)]")[-1:] in frozenset(".!?…。！？؟।")

"""From tokens to the words of the original text, by character offsets. No torch, no tokenizer.

A word is a run of letters and digits (contractions and single hyphens inside), one Han or Hiragana
character, one cluster of the other scripts that put no space between words (Thai, Lao, Khmer, Burmese ...: a
consonant with its vowels and what is stacked below), a run of one punctuation mark, or one emoji. No grapheme is
ever cut: combining marks, joiners and skin tones stay with what they belong to. What one token covers is one word.
With the extra `words` (ICU and its dictionaries) scripts without spaces are read by words instead of characters.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

import regex

from token_saliency.drawing.inputs import Span, TokenLike

_EXTEND = r"[\p{M}\p{Emoji_Modifier}\u200c\u200d\U000E0020-\U000E007F]"
_SPACELESS = r"[\p{L}&&[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tai_Le}\p{New_Tai_Lue}\p{Tai_Tham}\p{Tai_Viet}]]"
_LETTER = rf"[[\p{{L}}\p{{N}}]--[\p{{Han}}\p{{Hiragana}}]--{_SPACELESS}]"
_LEADING, _TRAILING = r"[\u0e40-\u0e44\u0ec0-\u0ec4]", r"[\u0e30\u0e32\u0e33\u0e45\u0eb0\u0eb2\u0eb3]"
"""Vowels that are letters of their own, written before and behind their consonant."""
_WORD = regex.compile(
    rf"""
      {_LETTER}{_EXTEND}*                              # letters and digits, with what joins them:
      (?: (?: (?<=\p{{N}}) [.,:/] (?=\p{{N}})          #   3.5  1,000  12:30  24/7
            | ['’_-] (?={_LETTER})                     #   don't  well-made  snake_case
          )? {_LETTER}{_EXTEND}*
      )*
    | [\p{{Han}}\p{{Hiragana}}]{_EXTEND}*[\u30fc\uff70\uff9e\uff9f]*
    | {_LEADING}? {_SPACELESS}{_EXTEND}* (?: (?<=[\u1039\u17d2\u1a60]) {_SPACELESS}{_EXTEND}* )* {_TRAILING}?
    | ([[\p{{P}}\p{{S}}]--[\p{{Extended_Pictographic}}\p{{Regional_Indicator}}]])\1*(?!{_EXTEND})
    | (?! \s(?!{_EXTEND}) ) \X                         # an emoji, a flag, or a mark that stands alone
    """,
    regex.VERSION1 | regex.VERBOSE,
)


_UNSPACED = regex.compile(rf"[\p{{Han}}\p{{Hiragana}}{_SPACELESS}]", regex.VERSION1)

Cutter = Callable[[str], list[Span]]
"""The words of a run of letters that no space divides."""


def word_spans(text: str) -> list[Span]:
    """The words of a text in order. They do not overlap, and every character that is no white space is in one."""
    # a grapheme may hold white space that carries a mark: only the mark is a word then
    spans = (trimmed(text, *match.span()) for match in _WORD.finditer(text))
    found = [(start, end) for start, end in spans if not text[start].isspace()]
    cut = by_dictionary()
    return found if cut is None else list(_recut(text, found, cut))


@lru_cache(maxsize=1)
def by_dictionary() -> Cutter | None:
    """The words of ICU, where the extra `words` is installed."""
    try:
        from icu4py.breakers import WordBreaker
    except ImportError:
        return None

    def cut(run: str) -> list[Span]:
        # ICU counts in units of UTF-16, where a rare Chinese character is two
        places = {unit: place for place, unit in enumerate(accumulate((1 + (c > "\uffff") for c in run), initial=0))}
        return [(places[start], places[end]) for start, end in WordBreaker(run, "en_US").segments()]

    return cut


def _recut(text: str, spans: Sequence[Span], cut: Cutter) -> Iterator[Span]:
    """The same spans, those of scripts without spaces that stand side by side joined to words: none is cut."""
    at = 0
    while at < len(spans):
        start, end = spans[at]
        begins = [start]
        at += 1
        while _UNSPACED.match(text, start) and at < len(spans) and spans[at][0] == end and _UNSPACED.match(text, end):
            begins.append(end)
            end = spans[at][1]
            at += 1
        if len(begins) > 1:
            words = {start + first for first, _ in cut(text[start:end])}
            begins = [place for place in begins if place in words]
        yield from pairwise([*begins, end])


def word_count(text: str) -> int:
    """How many words there are: variants of one text share their pieces, and are counted by the thousand."""
    return sum(map(_of_piece, text.split()))


@lru_cache(maxsize=2**16)
def _of_piece(piece: str) -> int:
    return len(word_spans(piece))


def trimmed(text: str, start: int, end: int) -> Span:
    """The range without the white space around it: byte-level tokenizers count the space before a word to it."""
    if start == end or not (text[start].isspace() or text[end - 1].isspace()):
        return start, end
    piece = text[start:end]
    bare = piece.strip()
    if not bare:
        return start, end
    lead = len(piece) - len(piece.lstrip())
    return start + lead, start + lead + len(bare)


def token_words(text: str, spans: Sequence[Span | None], words: Sequence[Span]) -> list[int | None]:
    """For each token the word that it starts in; a span of None is a token of no text.

    White space that was made a token of its own (the lone "▁" of SentencePiece, "Ġ" of byte-level tokenizers)
    belongs to the word behind it.
    """
    starts = [start for start, _ in words]
    return [None if span is None else _word_at(words, starts, _visible(text, span[0])) for span in spans]


def scored_spans(text: str, tokens: Sequence[TokenLike], segment: int = 0) -> list[tuple[int, int, float]]:
    """The words of one segment that the model saw: start, end, and the sum of the scores of its tokens.

    Words that share a token are one: no character of a token with a score stands without one.
    """
    own = [token for token in tokens if token.segment == segment and not token.special]
    seen = [token for token in own if token.start < token.end]
    if not seen:
        return []
    first, last = min(token.start for token in seen), max(token.end for token in seen)
    spans = _joined(text, [(start, end) for start, end in word_spans(text) if end > first and start < last], seen)
    scores = [0.0] * len(spans)
    for token, word in zip(own, token_words(text, [(token.start, token.end) for token in own], spans), strict=True):
        if word is not None:
            scores[word] += token.score
    return [(start, end, score) for (start, end), score in zip(spans, scores, strict=True)]


def _joined(text: str, words: Sequence[Span], tokens: Sequence[TokenLike]) -> list[Span]:
    """The words, those that one token covers as one."""
    starts, last = [start for start, _ in words], list(range(len(words)))
    for token in tokens:
        start, end = trimmed(text, token.start, token.end)
        one, other = _word_at(words, starts, start), _word_at(words, starts, end - 1)
        if one is not None and other is not None:
            last[one] = max(last[one], other)
    found: list[Span] = []
    reach = -1
    for i, (start, end) in enumerate(words):
        if i <= reach:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
        reach = max(reach, last[i])
    return found


def _word_at(words: Sequence[Span], starts: Sequence[int], place: int) -> int | None:
    found = bisect_right(starts, place) - 1
    return found if found >= 0 and place < words[found][1] else None


def _visible(text: str, place: int) -> int:
    """The first place from here on that is no white space."""
    while place < len(text) and text[place].isspace():
        place += 1
    return place

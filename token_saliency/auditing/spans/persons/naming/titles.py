"""Titles of works that hold a given name: of a list (Like Mike), or in quotes (“Careful with that Axe, Eugene”)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from token_saliency.auditing.spans.persons.naming.name_row import NameRow

_PIECE = re.compile(r"[^\W\d_]+")
_LONGEST = 7
_SMALL = frozenset(
    "a an and as at be by for from go got in is it my of on or s so the to up with your me no not".split()
)
"""Words that a title may write small."""
_CAPITAL = r"[A-Z][\w'’-]*"
_LINK = "(?:(?:of|the|and|or|in|a|an|to|at|on|for|with|vs|versus|that|my|is|from|by|your)\\.? |& )"
_QUOTED = re.compile(
    rf"(?:(?<=[\"“`])|(?<=(?<!\w)['‘])){_CAPITAL}(?:[,:]? {_LINK}*{_CAPITAL})+(?=[,.!?]?[\"”`]|[,.!?]?['’](?!\w))"
)


_SHORT_QUOTE = re.compile(
    r"(?:(?<=[\"“`])|(?<=(?<!\w)['‘]))(?=[A-Z])(?P<quoted>[\w'’-]+(?:[,:]? [\w'’-]+){1,5})"
    r"(?=[,.?]?[\"”`]|[,.?]?['’](?!\w))"
)
_SPEECH = frozenset("i i'm i'll you you're he she we they is are was were it's that's said says do does did".split())
"""What somebody says, not what a work is called."""


def words_of_a_title(title: str) -> list[str]:
    """Its words in small letters, cut at every apostrophe."""
    return [word.lower() for word in _PIECE.findall(title)]


def works(text: str) -> list[tuple[int, int]]:
    """Where titles of works stand in quotes."""
    return [hit.span() for hit in _QUOTED.finditer(text)]


def _short_quotes(text: str) -> Iterator[tuple[int, int]]:
    """'Something about Mary': a few words in quotes, the first with a capital, that are no sentence."""
    for hit in _SHORT_QUOTE.finditer(text):
        if _SPEECH.isdisjoint(hit["quoted"].lower().split()):
            yield hit.span()


def titles(row: NameRow) -> Iterator[tuple[int, int]]:
    """Where titles of works stand that hold a name of the list."""
    quoted = [*works(row.text), *_short_quotes(row.text)] if row.mixed else []
    yield from ((a, b) for a, b in quoted if not _is_whole_name(row, row.text[a:b]))
    words = list(_PIECE.finditer(row.text))
    small = [word.group().lower() for word in words]
    known = row.known("titles_of_works")
    for i in range(len(words)):
        for j in range(i + 2, min(i + _LONGEST, len(words)) + 1):
            if " ".join(small[i:j]) in known and _is_written_as_a_title(row, words[i:j]):
                yield words[i].start(), words[j - 1].end()


def _is_written_as_a_title(row: NameRow, words: list[re.Match[str]]) -> bool:
    """With capitals, or so long that nobody says it by chance."""
    capitals = all(word.group()[0].isupper() or word.group() in _SMALL for word in words)
    return (capitals and row.mixed) or sum(word.group().lower() not in _SMALL for word in words) > 2


def _is_whole_name(row: NameRow, quoted: str) -> bool:
    first, *between, last = quoted.lower().split()
    return (
        first in row.index
        and last in row.surnames
        and not row.surnames[last].ambiguous
        and len(between) < 2
        and "and" not in between
    )

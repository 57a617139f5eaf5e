"""Whether a surname follows a name or the name is one itself, and whether words that nobody knows stand around it."""

from __future__ import annotations

from token_saliency.auditing.spans.persons.naming.name_row import NameRow, is_capitalised

_KOREAN = frozenset("Kim Lee Park Choi Cho Jung Kang".split())
_PARTICLES = frozenset({"van", "von", "de"})
_USUAL = 1500
"""The rank up to which a given name is one among misspelt words, too."""


def has_surname(row: NameRow, i: int, strict: bool) -> bool:
    """Whether a surname follows; `strict`: one that is no given name (`Will Tom win?`, `Houston Mike Lamb said`)."""
    following = row.next(i)
    if len(following) == 1 and following.isupper() and i + 2 < len(row.words) and row.gap(i + 2) == ". ":
        following = row.word(i + 2)  # Mark A. Gabriel
    entry = row.surnames.get(following.lower()) if is_capitalised(following) else None
    if entry is None or entry.ambiguous or following.isupper() != row.word(i).isupper():
        return False
    return not (strict and following.lower() in row.index)


def is_small_surname(row: NameRow, i: int) -> bool:
    """`lebron james` in small letters: a surname after a word that nobody knows, and no other surname follows."""
    before, after = row.before(i).lower(), row.next(i).lower()
    if row.word(i).lower() not in row.surnames or after in row.surnames or len(before) < 4:
        return False
    return before not in row.index and not row.knows(before)


def is_second_name(row: NameRow, i: int) -> bool:
    """`joy ann reid`, `jean claude van damme`, `kim jon un` in small letters: what stands before is the first name."""
    first, after = row.index.get(row.before(i).lower()), row.next(i).lower()
    if first is None or i - 1 in row.found:
        return False
    family = after in row.surnames and not row.surnames[after].ambiguous
    korean = first.item in _KOREAN and len(after) in (2, 3, 4) and not row.knows(after)
    fragment = len(first.item) == 2 and first.groups.get("sense") == "short"  # something like ty jon
    return (
        fragment or korean or (first.groups.get("sense") in ("word", "rare word") and (family or after in _PARTICLES))
    )


def has_small_surname(row: NameRow, i: int) -> bool:
    """`jean charles` in small letters: a surname that is no word follows."""
    following = row.next(i).lower()
    entry = row.surnames.get(following)
    return entry is not None and not entry.ambiguous and following not in row.known("common_words")


def _follows_unknown_words(row: NameRow, i: int) -> bool:
    """`kepurdhat nkonzerve jon si`: two long words that nobody knows stand before, and no surname after."""
    before = [row.before(i).lower(), row.before(i - 1).lower() if i > 1 else ""]
    unknown = all(len(w) > 3 and not (row.knows(w) or w in row.index or w in row.surnames) for w in before)
    return unknown and row.next(i).lower() not in row.surnames


def is_of_unknown_words(row: NameRow) -> bool:
    """Whether nobody knows most of the row's words: a name in small letters is rather a word of that language."""
    long = [word for word in row.small if len(word) > 2 and word.isascii() and word not in row.index]
    strange = sum(not (row.knows(word) or word in row.surnames) for word in long)
    return strange > 3 and 2 * strange >= len(long)


def is_among_unknown_words(row: NameRow, i: int) -> bool:
    """`chalo jo bhi`, `zhong se qing`, `gli anni della colonia`: a name in small letters, of another language as the
    words on both sides of it; beside one of them where it is a syllable of Chinese or has two letters."""
    beside = [word.lower() for word in (row.before(i), row.next(i)) if word]
    strange = [not (row.knows(word) or word in row.index or word in row.surnames) for word in beside]
    low = row.word(i).lower()
    if i and row.gap(i) == "..." and not row.knows(row.word(i - 1).lower()):
        return True  # they inven...ted it
    if row.word(i).islower() and is_of_unknown_words(row):
        return True
    groups = row.index[low].groups
    if row.word(i).islower() and _follows_unknown_words(row, i):
        return True
    usual = len(low) > 2 and low not in row.listed("words_abroad") and 0 < int(groups.get("rank") or 0) <= _USUAL
    alone = (groups.get("origin") == "asian" or len(low) == 2) and any(strange)
    return low == row.word(i) and (alone or (sum(strange) == 2 and not usual))

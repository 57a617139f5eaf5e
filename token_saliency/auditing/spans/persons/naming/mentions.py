"""Persons who are named once more in a row, where no name is found: an edit would tell of two."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from token_saliency.auditing.spans.persons.naming.name_row import NameRow

NEEDS_SURNAME = "needs_surname"
"""The option with names that are a person's only where a surname follows: what the rows themselves tell."""
_SHORTEST = 4
"""Words of fewer letters are one letter apart by chance."""
_JOINED = range(7, 40)
"""So many letters a word has that a name and another are joined in."""
_STEM = 3
"""So many letters a short form has in common with the whole name (Ana, Anastasia)."""
_SHORT_FORMS = tuple(
    frozenset(forms.split())
    for forms in (
        "michael mike mick mickey",
        "diana di",
        "hillary hilary hill",
        "david dave davey",
        "nicholas nicolas nick nicky",
        "stephen steven steve",
        "susan suzanne sue susie",
        "frances francis frank fran",
        "deborah debbie deb",
        "victoria vicky vicki",
        "gabriel gabe",
        "william bill billy",
        "robert bob bobby",
        "richard dick rick ricky",
        "james jim jimmy jamie",
        "elizabeth liz lizzie beth betty eliza",
        "thomas tom tommy",
        "charles chuck charlie charley",
        "edward ted ed eddie ned",
        "theodore ted teddy",
        "anthony tony",
        "margaret maggie meg peggy marge",
        "katherine kate kathy katie",
        "catherine kate cathy katie",
        "lawrence larry",
        "gerald jerry",
        "patricia pat patty trish",
        "rebecca becky",
        "henry hank",
        "eugene gene",
        "john johnny",
        "joseph joe",
        "andrew andy drew",
        "cynthia cindy",
        "judith judy",
    )
)
_SHORT = frozenset({"di", "hill"})
"""Short forms that no list of names has."""


def take_back(row: NameRow) -> None:
    """Takes back what was found where the other rows tell that it is a firm or a surname (Allen, who is Woody), and
    who is named once more where no name is found: the row would tell of two."""
    told = row.listed(NEEDS_SURNAME)
    whole = {entry.item for i, entry in row.found.items() if row.next(i)[:2].istitle()}
    alone = {entry.item for entry in row.found.values() if entry.item.lower() in told} - whole
    gone = alone | _named_again(row) | _misspelt(row) | _in_other_forms(row) | _joined(row)
    for i in [i for i, entry in row.found.items() if entry.item in gone]:
        del row.found[i]


def _named_again(row: NameRow) -> set[str]:
    """The names found that also stand where none was found: in a heading, as a surname, in an address, misspelt.

    A word besides (mark, rose) is the name again only with a capital inside a sentence, or before the same surname.
    """
    families = {(entry.item.lower(), _family(row, i)) for i, entry in row.found.items() if _family(row, i)}
    items = {entry.item.lower(): entry for entry in row.found.values()}
    again = set[str]()
    for i, word in enumerate(row.words):
        entry = items.get(word.group().lower())
        if entry is None or i in row.found:
            continue
        plain = not (entry.ambiguous or entry.groups.get("sense"))
        capital = row.mixed and word.group()[0].isupper()
        alike = (word.group().lower(), _family(row, i)) in families
        if plain or (capital and (alike or not row.starts_sentence(i))):
            again.add(entry.item)
    return again


def _misspelt(row: NameRow) -> set[str]:
    """The names found that also stand in another spelling: one letter apart and no word (Carey, cary); what is a
    name of its own only before the same surname (Carey Grant, Cary Grant)."""
    alike = dict[str, set[tuple[str, str]]]()
    for i, word in enumerate(row.words):
        low, code = word.group().lower(), row.mixed and word.group().isupper()
        after = row.next(i).lower()
        other = after in row.surnames or not row.knows(after) if low in row.index else not row.knows(low)
        if len(low) >= _SHORTEST and not code and other:
            alike.setdefault(low[0], set()).add((low, after))
    return {
        item
        for item, own in {(entry.item, row.next(i).lower()) for i, entry in row.found.items()}
        for low, after in alike.get(item[0].lower(), ())
        if _is_one_letter_apart(low, item.lower()) and (low not in row.index or after == own != "")
    }


def _joined(row: NameRow) -> set[str]:
    """The names found that begin or end a word that nobody knows as well (#dirtyhillary, illyana)."""
    items = {entry.item.lower(): entry.item for entry in row.found.values() if len(entry.item) >= _SHORTEST}
    long = [word for word in row.small if len(word) in _JOINED and not (row.knows(word) or word in row.surnames)]
    parts = (part for word in long for cut in range(3, len(word) - 2) for part in (word[:cut], word[cut:]))
    return {items[part] for part in parts if part in items} if items else set()


def _is_one_letter_apart(one: str, other: str) -> bool:
    """Whether a letter was exchanged, added, left out, or two beside each other were."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[at:], other[at:]
    return a[1:] == b[1:] or a == b[1:] or a[1:] == b or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _in_other_forms(row: NameRow) -> set[str]:
    """The names found that stand in a longer or shorter form as well (Philip, Phil; Joseph Ratzinger, J. Ratzinger),
    unless surnames or the sex say that it is somebody else (Daniel Craig, Danny Glover; Daniel, Danielle)."""
    families = dict[str, dict[str, set[str]]]()  # by the first letters, then by the name
    initials = set[tuple[str, str]]()
    for i, word in enumerate(row.words):
        low = word.group().lower()
        if (low in row.index or low in _SHORT) and (word.group() != low or not row.mixed):
            families.setdefault(low[:_STEM], {}).setdefault(low, set()).add(_family(row, i))
        elif len(low) == 1 and (family := _family(row, i)):
            initials.add((low, family))
    gone = set[str]()
    for i, entry in row.found.items():
        item = entry.item.lower()
        named = {one: families.get(one[:_STEM], {}).get(one, set()) for one in {item, *_forms_of(item, families)}}
        own = named.pop(item) - {""}
        others = [other - {""} for one, other in named.items() if other and _may_be_one(row, item, one)]
        if (item[0], _family(row, i)) in initials or any(not (own and other) or own & other for other in others):
            gone.add(entry.item)
    return gone


def _may_be_one(row: NameRow, *items: str) -> bool:
    """Whether no list gives one of the names to women and the other to men."""
    return {"female", "male"} != {row.index[item].groups.get("gender", "") for item in items if item in row.index}


def _forms_of(item: str, known: Mapping[str, Collection[str]]) -> set[str]:
    """The forms of a name: the shorter begins the other (Ana, Anastasia; Danny, Daniel), or a list says it."""
    begins = {
        other for other in known.get(item[:_STEM], ()) if other != item and _begins(*sorted((item, other), key=len))
    }
    return begins.union(*(forms for forms in _SHORT_FORMS if item in forms)) - {item}


def _family(row: NameRow, i: int) -> str:
    """The word after a name or an initial, in small letters, where it goes on with the name."""
    gap = row.gap(i + 1) if i + 1 < len(row.words) else ""
    following = row.word(i + 1) if gap in (" ", ". ", ".") and (gap == " " or len(row.word(i)) == 1) else ""
    surname = following[:1].isupper() if row.mixed else following.lower() in row.surnames
    return following.lower() if surname else ""


def _begins(short: str, whole: str) -> bool:
    if whole == f"{short}o":  # Albert, Alberto
        return True
    stem = short.removesuffix("ie").removesuffix("y")
    stem = stem[:-1] if stem != short and stem[-1:] == stem[-2:-1] else short
    return len(stem) >= _STEM and whole.startswith(stem) and len(whole) > len(stem) + 1

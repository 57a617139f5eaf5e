"""The `[contrast]` of an audit: which groups of its word list are compared, checked against the list."""

from __future__ import annotations

from typing import Any

from token_saliency.auditing.audit import Contrast, Find
from token_saliency.auditing.definitions.toml import TomlTable

_MEMBERS = 2
"""Items that a group must have to be compared at all."""


def read_contrasts(table: TomlTable, find: Find) -> tuple[Contrast, ...]:
    """One table `[contrast]`, or one `[[contrast]]` for every column."""
    several = isinstance(table.values.get("contrast"), list)
    tables = table.tables("contrast") if several else (table.table("contrast"),) if "contrast" in table.values else ()
    contrasts = tuple(_contrast(one, find) for one in tables)
    pairs = [pair for contrast in contrasts for pair in contrast.between]
    if len({frozenset(pair) for pair in pairs}) < len(pairs):
        raise table.error("contrast", "compares the same two groups twice. Keep one of them.")
    return contrasts


def _contrast(table: TomlTable, find: Find) -> Contrast:
    table.only(("column", "between"))
    column = table.text("column")
    columns = sorted({name for entry in find.lexicon for name in entry.groups})
    if column not in columns:
        there = f"it has {', '.join(f'`{name}`' for name in columns)}" if columns else "it has none beside the items"
        raise table.error("column", f"is {column!r}, which the word list does not have; {there}.")
    contrast = Contrast(column, _pairs(table))
    for group in contrast.groups:
        if len(contrast.members(find.lexicon, group)) < _MEMBERS:
            known = sorted({entry.groups.get(column, "") for entry in find.lexicon} - {""})
            raise table.error(
                "between", f"names {group!r}, which has fewer than {_MEMBERS} items. Groups: {', '.join(known[:20])}."
            )
    return contrast


def _pairs(table: TomlTable) -> tuple[tuple[str, str], ...]:
    """`["A", "B"]`, or a list of such pairs."""
    value: Any = table.values.get("between")
    pairs = value if isinstance(value, list) and value and isinstance(value[0], list) else [value]
    for pair in pairs:
        good = isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) and one for one in pair)
        if not good or pair[0] == pair[1]:
            raise table.error("between", f'must be two groups, ["A", "B"], or a list of such pairs, not {value!r}.')
    return tuple((pair[0], pair[1]) for pair in pairs)

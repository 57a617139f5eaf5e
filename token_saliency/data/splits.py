"""Which split of a source is audited: the one asked for, else the one that the model should not have seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from token_saliency.data.cells import canonical, counted, quoted
from token_saliency.data.table import Table
from token_saliency.errors import DataError, option, withheld

EVERYTHING = "all"
HELD_OUT = ("test", "validation", "valid", "val", "dev")
"""Best first."""


def choose_split(sizes: Mapping[str, int], asked: str | None, where: str) -> tuple[str, tuple[str, ...]]:
    """The name of a split, or "all", and a note where the caller did not ask. DataError: unknown, or nothing usual."""
    wanted = _find(sizes, asked) if asked is not None else next(filter(None, (_find(sizes, s) for s in HELD_OUT)), None)
    if wanted is None and asked is None and len(sizes) == 1:
        wanted = next(iter(sizes))
    if wanted is None:
        wish = "none of them is a usual held-out split" if asked is None else f"it has no split {quoted(asked)}"
        raise DataError(
            f"{where} has the splits {counted(sizes.items())}; {wish}: "
            f"choose one with {option('split', 'NAME')}, or {option('split', EVERYTHING)}."
        )
    others = {name: size for name, size in sizes.items() if name != wanted}
    if asked is not None or not others:
        return wanted, ()
    return wanted, (
        f"Only split {quoted(wanted)} is used, not {counted(others.items())}; "
        f"{option('split', EVERYTHING)} takes everything.",
    )


def _find(sizes: Mapping[str, int], name: str) -> str | None:
    """The split of that name, upper or lower case; an own split called "all" comes before everything."""
    if name in sizes:
        return name
    same = [split for split in sizes if split.casefold() == name.strip().casefold()]
    return same[0] if len(same) == 1 else EVERYTHING if name == EVERYTHING else None


def told_split(table: Table, asked: str | None) -> str | None:
    """The split for a report: a name that nobody asked for and that is no usual one is a word of the rows."""
    usual = asked is not None or (table.split or "").casefold() in (*HELD_OUT, "train", EVERYTHING)
    return table.split if usual or not withheld() else None


def split_column(table: Table) -> str | None:
    """The column that says which split a row is of."""
    return next((name for name in table.frame.columns if name.strip().casefold() == "split"), None)


def take_split(table: Table, asked: str | None) -> Table:
    """The rows of one split of a table with a `split` column; a table without one is whole."""
    column = split_column(table)
    if column is None:
        if asked not in (None, EVERYTHING):
            raise DataError(
                f"{table.where} has no column 'split' to find split {quoted(asked)} in: leave {option('split')} out."
            )
        return table
    names = table.frame[column].map(lambda cell: canonical(cell) or "").to_numpy()
    sizes: dict[str, int] = {}
    for name in names:
        sizes[name] = sizes.get(name, 0) + 1
    if not sizes:
        return table
    chosen, notes = choose_split(sizes, asked, table.where)
    whole = chosen == EVERYTHING and EVERYTHING not in sizes
    rows = table if whole else table.keep(names == chosen)
    return replace(rows.noted(*notes), split=chosen)

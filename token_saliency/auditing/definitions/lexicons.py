"""Word lists: a CSV file with a column `item`, an optional `ambiguous` (yes or no), and any number of groups."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from token_saliency.auditing.audit import Entry, Lexicon
from token_saliency.errors import AuditError

_AMBIGUOUS = {"yes": True, "no": False, "": False}


def read_lexicon(path: Path, column: str = "item") -> Lexicon:
    """The entries in the order of the file; `column` holds the items. AuditError for a missing file, column or item."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            lines = [(reader.line_num, line) for line in reader]
    except OSError as error:
        raise AuditError(f"{path}: the word list cannot be read ({error.strerror}). Check the path.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise AuditError(f"{path.name}: the word list is no CSV in UTF-8 ({error}). Save it as such.") from error
    if not lines:
        raise AuditError(f"{path.name}: the word list is empty. Add a header with `item` and one line per item.")
    return distinct(path, (_entry(path, number, line, column) for number, line in lines))


def distinct(path: Path, entries: Iterable[Entry]) -> Lexicon:
    """The entries as a word list, if none of them stands in it twice."""
    found = Lexicon(entries)
    if len(found.by_word) < len(found):
        twice = next(word for word, n in Counter(entry.item.lower() for entry in found).items() if n > 1)
        raise AuditError(f"{path.name}: the word list holds {twice!r} twice. Keep one line per item.")
    return found


def _entry(path: Path, number: int, line: dict[str, str], column: str) -> Entry:
    item, ambiguous = line.get(column), (line.get("ambiguous") or "").strip().lower()
    if column not in line:
        there = ", ".join(f"`{name}`" for name in line if name)
        hint = "Name the column of the items so, or say `item_column` in [find]" if column == "item" else "Choose one"
        raise AuditError(f"{path.name}: the word list has no column `{column}`. {hint}; it has {there}.")
    if item is None:
        raise AuditError(f"{path.name}: line {number} has too few cells for its column `{column}`.")
    if not item.strip():
        raise AuditError(f"{path.name}: line {number} has no item. Fill or delete the line.")
    if None in line or ambiguous not in _AMBIGUOUS:
        raise AuditError(f"{path.name}: line {number} has too many cells, or `ambiguous` is neither yes nor no.")
    groups = {name: cell or "" for name, cell in line.items() if name not in (column, "ambiguous")}
    return Entry(item.strip(), _AMBIGUOUS[ambiguous], groups)

"""Word lists: a CSV file with a column `item`, an optional `ambiguous` (yes or no), and any number of groups."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from token_saliency.auditing.audit import Entry, Lexicon
from token_saliency.errors import AuditError

_AMBIGUOUS = {"yes": True, "no": False, "": False}


def read_lexicon(path: Path) -> Lexicon:
    """The entries in the order of the file. Raises AuditError for a missing file, column or item."""
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
    entries = Lexicon(_entry(path, number, line) for number, line in lines)
    if len(entries.by_word) < len(entries):
        twice = next(word for word, n in Counter(entry.item.lower() for entry in entries).items() if n > 1)
        raise AuditError(f"{path.name}: the word list holds {twice!r} twice. Keep one line per item.")
    return entries


def _entry(path: Path, number: int, line: dict[str, str]) -> Entry:
    item, ambiguous = line.get("item"), (line.get("ambiguous") or "").strip().lower()
    if item is None:
        raise AuditError(f"{path.name}: the word list has no column `item`. Name its first column so.")
    if not item.strip():
        raise AuditError(f"{path.name}: line {number} has no item. Fill or delete the line.")
    if None in line or ambiguous not in _AMBIGUOUS:
        raise AuditError(f"{path.name}: line {number} has too many cells, or `ambiguous` is neither yes nor no.")
    groups = {name: cell or "" for name, cell in line.items() if name not in ("item", "ambiguous")}
    return Entry(item.strip(), _AMBIGUOUS[ambiguous], groups)

"""A TOML table whose every value is checked when it is read, so that each error names the file and the key."""

from __future__ import annotations

import csv
import difflib
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast, get_args

from token_saliency.auditing.audit import Audit, Entry, Gate, Judge, Lexicon
from token_saliency.errors import AuditError, OptionError, several, unknown
from token_saliency.resources import shipped
from token_saliency.results import Level

PROMPTS = "prompt"
"""The folder of the audits of a prompt: without a prompt they ask nothing."""
NAMED = (PROMPTS, "profile")
"""Folders of audits that run where they are named; those of a prompt with every prompt, too."""


@dataclass(frozen=True, slots=True)
class TomlTable:
    """One table of the file at `path`; `key` is its dotted name, empty for the file itself."""

    path: Path
    key: str
    values: Mapping[str, Any]

    def name(self, key: str) -> str:
        """The dotted name of a key of this table."""
        return f"{self.key}.{key}" if self.key else key

    def error(self, key: str, problem: str) -> AuditError:
        """An AuditError about one key of this file."""
        return AuditError(f"{self.path.name}: `{self.name(key)}` {problem}")

    def only(self, known: Collection[str]) -> None:
        """Refuses keys that nobody reads, so that a typing error never switches a rule off."""
        for key in self.values:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f"; did you mean `{near[0]}`?" if near else "."
                raise self.error(key, f"is no known key{hint} Known here: {', '.join(known)}.")

    def raw(self, key: str, default: str | None = None) -> str:
        """A string exactly as it is written; a missing one is an error where there is no default."""
        if key not in self.values and default is None:
            raise self.error(key, "is missing.")
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise self.error(key, f"must be a string, not {value!r}.")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A string, its line breaks made spaces; an empty one is an error where there is no default."""
        value = " ".join(self.raw(key, default).split())
        if default is None and not value:
            raise self.error(key, "is empty.")
        return value

    def choice(self, key: str, known: Collection[str], default: str | None = None) -> str:
        """A string out of `known`."""
        value = self.text(key, default)
        if value not in known:
            near = difflib.get_close_matches(value, known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise self.error(key, f"is {value!r}, which does not exist.{hint} Known: {', '.join(known)}.")
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        """A list of strings, empty where the key is missing."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.error(key, f"must be a list of strings, not {value!r}.")
        return tuple(value)

    def number(self, key: str, default: float, low: float, high: float) -> float:
        """A number in [low, high]."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, f"must be a number, not {value!r}.")
        if not low <= value <= high:
            raise self.error(key, f"is {value}; it must lie between {low:g} and {high:g}.")
        return float(value)

    def whole(self, key: str, default: int, low: int) -> int:
        """A whole number of at least `low`."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise self.error(key, f"must be a whole number of at least {low}, not {value!r}.")
        return value

    def flag(self, key: str) -> bool:
        """true or false, false where the key is missing."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"must be true or false, not {value!r}.")
        return value

    def table(self, key: str) -> TomlTable:
        """A table inside this one, empty where it is missing."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, f"must be a table, [{self.name(key)}].")
        return TomlTable(self.path, self.name(key), value)

    def tables(self, key: str) -> tuple[TomlTable, ...]:
        """A list of tables, empty where it is missing."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.error(key, f"must be a list of tables, [[{self.name(key)}]].")
        return tuple(TomlTable(self.path, f"{self.name(key)}[{i}]", one) for i, one in enumerate(value, start=1))


def read_table(path: Path) -> TomlTable:
    """The whole file as a table. Raises AuditError where it cannot be read or is no TOML."""
    try:
        return TomlTable(path, "", tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise AuditError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except (ValueError, RecursionError) as error:
        raise AuditError(f"{path.name}: is not valid TOML in UTF-8 ({error}). Mend the file.") from error


def checked_options(name: str, options: Mapping[str, Any], level: Level, judge: Judge) -> tuple[Level, Judge]:
    """Level and judge of the audit `name` after the user's options; what they leave out stays as the audit has it.

    OptionError for another key, or a value that no audit may have: `margin = -3`, "big" or NaN, `level = "loud"`.
    """
    own = {"level": level, **asdict(judge)}
    if not isinstance(options, Mapping):
        raise OptionError(f"The options of audit {name} are a table such as {{'margin': 0.05}}, not {options!r}.")
    for key in options:
        if key not in own:
            raise unknown(f"option of audit {name}", key, own)
    asked: dict[str, Any] = (
        {"gate": "always"} if "level" in options else {}
    )  # who says how strict it is wants it to decide
    if isinstance(margin := options.get("margin"), int | float) and margin > judge.flips:
        asked |= {"flips": margin}  # who lets a probability change so far lets as many decisions follow
    table = TomlTable(Path(f"audit.{name}"), "", own | asked | dict(options))
    try:
        return cast(Level, table.choice("level", get_args(Level))), read_judge(table)
    except AuditError as error:
        raise OptionError(str(error)) from error


def read_judge(table: TomlTable) -> Judge:
    """The margin, a probability, the smallest number of rows, whether only what rows carry decides, and the flips."""
    gate = cast(Gate, table.choice("gate", get_args(Gate), "always"))
    margin, flips = (table.number(key, 0.05, 0.0, 1.0) for key in ("margin", "flips"))
    return Judge(margin, table.whole("min_rows", 30, 1), gate, flips)


def listed_audits(audits: str | Audit | Iterable[str | Audit] | None) -> list[str | Audit] | None:
    """The audits that are named, each once: "names", "names,casing", a list of names or of `Audit`; None is all.

    OptionError where nothing is named or an entry is neither: a report without audits would look like a pass.
    """
    if audits is None:
        return None
    if isinstance(audits, str):
        audits = [name.strip() for name in audits.split(",")]
    found = [audits] if isinstance(audits, Audit) else several("audits", audits)
    wrong = [one for one in found if not isinstance(one, str | Audit) or one == ""]
    if wrong and found != [""]:
        raise OptionError(f"audits holds {wrong[0]!r}, which names no audit: give names such as ['names', 'casing'].")
    if wrong or not found:
        raise OptionError("audits is empty, so there is nothing to run: name some, or leave it out to run all.")
    return list({one if isinstance(one, str) else one.name: one for one in found}.values())


_AMBIGUOUS = {"yes": True, "no": False, "": False}


def file_beside(table: TomlTable, key: str, name: str) -> Path:
    """The file that an audit names, in its own folder or below: a definition from elsewhere reads nothing else.

    A shipped audit that was copied finds the shipped word lists.
    """
    folder = table.path.parent.resolve()
    file = (folder / name).resolve()
    if not file.is_relative_to(folder):
        raise table.error(key, f"is {name!r}, which is not below the folder of the audit. Put the file there.")
    ours = shipped("audits") / name
    return ours if not file.exists() and ours.is_file() else file


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
    return distinct(path, [(f"line {number}", _entry(path, number, line, column)) for number, line in lines])


@cache
def read_forms(path: Path) -> Mapping[str, str]:
    """What each word of a long list may be: its column `forms`, read once. AuditError for what is no such list."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return MappingProxyType({line["item"]: line["forms"] for line in csv.DictReader(file)})
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise AuditError(f"{path.name}: is no word list in UTF-8 with the columns `item` and `forms`.") from error


def distinct(path: Path, entries: Iterable[tuple[str, Entry]]) -> Lexicon:
    """The entries as a word list, if none of them stands in it twice; each comes with its place for the error."""
    first: dict[str, str] = {}
    for place, entry in (listed := list(entries)):
        if (earlier := first.setdefault(entry.item.lower(), place)) != place:
            raise AuditError(f"{path.name}: {place} holds the item of {earlier} again. Keep one line per item.")
    return Lexicon(entry for _, entry in listed)


def _entry(path: Path, number: int, line: dict[str, str], column: str) -> Entry:
    item, ambiguous = line.get(column), (line.get("ambiguous") or "").strip().lower()
    if column not in line:
        hint = (
            "Name the column of the items so, or say `item_column` in [find]" if column == "item" else "Choose another"
        )
        raise AuditError(f"{path.name}: the word list has no column `{column}`. {hint}.")
    if item is None:
        raise AuditError(f"{path.name}: line {number} has too few cells for its column `{column}`.")
    if not item.strip():
        raise AuditError(f"{path.name}: line {number} has no item. Fill or delete the line.")
    if None in line or ambiguous not in _AMBIGUOUS:
        raise AuditError(f"{path.name}: line {number} has too many cells, or `ambiguous` is neither yes nor no.")
    groups = {name: cell or "" for name, cell in line.items() if name not in (column, "ambiguous")}
    return Entry(item.strip(), _AMBIGUOUS[ambiguous], groups)

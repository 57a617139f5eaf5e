"""A TOML table whose every value is checked when it is read, so that each error names the file and the key."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from token_saliency.errors import AuditError


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
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AuditError(f"{path.name}: is not valid TOML in UTF-8 ({error}). Mend the file.") from error

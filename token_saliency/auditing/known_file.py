"""The file of accepted findings: what somebody has looked at, why it may stay, who answers for it, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import cast, get_args

from token_saliency.auditing.definitions.toml import TomlTable, read_table
from token_saliency.results import Claim, Interval

KEYS = ("audit", "claim", "class", "between", "reason", "owner", "expires", "effect", "interval")
Key = tuple[str, str, str | None, tuple[str, str] | None]
"""Audit, claim, class, and the two items or groups that are compared."""


LARGEST = 1e6
"""Of a regression head effects are standard deviations, which 1 does not bound."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One `[[known]]` of the file. `effect` and `interval` are those of the day it was accepted."""

    audit: str
    claim: Claim
    class_: str
    between: tuple[str, str] | None
    reason: str
    owner: str
    expires: date | None
    effect: float | None
    interval: Interval | None

    @property
    def key(self) -> Key:
        """What it is about."""
        return self.audit, self.claim, self.class_, self.between


def read_known(path: Path | str | None) -> list[Accepted]:
    """The accepted findings of a TOML file (none: none). AuditError names the file, the entry and the key."""
    if path is None:
        return []
    file = read_table(Path(path))
    file.only(("known",))
    found: dict[Key, Accepted] = {}
    for table in file.tables("known"):
        entry = _entry(table)
        if entry.key in found:
            raise table.error("audit", "repeats an entry: the same audit, claim, class and items. Keep one of them.")
        found[entry.key] = entry
    return list(found.values())


def _entry(table: TomlTable) -> Accepted:
    table.only(KEYS)
    effect = table.number("effect", 0.0, -LARGEST, LARGEST) if "effect" in table.values else None
    return Accepted(
        audit=table.text("audit"),
        claim=cast(Claim, table.choice("claim", get_args(Claim))),
        class_=table.raw("class"),
        between=_between(table),
        reason=table.text("reason"),
        owner=table.text("owner"),
        expires=_date(table),
        effect=effect,
        interval=_interval(table, effect),
    )


def _between(table: TomlTable) -> tuple[str, str] | None:
    if "between" not in table.values:
        return None
    sides = table.strings("between")
    if len(sides) != 2:
        raise table.error("between", 'must name two items or groups, such as ["!", "."].')
    return sides[0], sides[1]


def _date(table: TomlTable) -> date | None:
    value = table.values.get("expires")
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        given = value if isinstance(value, datetime) else repr(value)
        raise table.error("expires", f"is {given}, which is no date. Write it as 2027-06-30.") from None


def _interval(table: TomlTable, effect: float | None) -> Interval | None:
    value = table.values.get("interval")
    if value is None:
        return None
    numbers = isinstance(value, list) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in value)
    if not numbers or len(value) != 2:
        raise table.error("interval", f"must be two numbers, [lower, upper], not {value!r}.")
    if effect is None or not value[0] <= effect <= value[1]:
        raise table.error("interval", "must hold the `effect` of the same entry. Copy both from the report.")
    return float(value[0]), float(value[1])

"""An audit is one TOML file; this module reads it into checked, frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from token_saliency.results import Expectation, Level


@dataclass(frozen=True, slots=True)
class Case:
    """A text and the strings that must be found in it, in order: the audit's own test and documentation."""

    text: str
    spans: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a word list. `groups` holds its other columns (gender, origin ...)."""

    item: str
    ambiguous: bool = False
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Find:
    """Which spans belong to the group: a name from MATCHERS, its word list, and its options."""

    matcher: str
    lexicon: tuple[Entry, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EditRule:
    """Which edits are asked; only `judge` decides, the other operators are descriptive.

    `panel` fills the slots besides the items found in the rows; `reference` is what a fixed item is
    compared with; `controls` are label-irrelevant items that fill the same slots.
    """

    judge: str
    operators: tuple[str, ...]
    panel: tuple[str, ...] = ()
    reference: str | None = None
    controls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judge:
    """`margin` is the smallest effect that matters, in probability; fewer rows than `min_rows` decide nothing."""

    margin: float = 0.05
    min_rows: int = 30


@dataclass(frozen=True, slots=True)
class Audit:
    """A checked audit definition. `items` says whether the strings stand for a population or for themselves."""

    name: str
    code: str
    title: str
    why: str
    advice: str
    expectation: Expectation
    items: str
    level: Level
    find: Find
    edit: EditRule
    judge: Judge
    cases: tuple[Case, ...]
    notes: tuple[str, ...] = ()

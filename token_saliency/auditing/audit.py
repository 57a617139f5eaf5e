"""What an audit is: plain, frozen data. `definitions/` reads it from TOML, `spans/` and `edits/` act on it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from token_saliency.results import Expectation, Level

ANY = "any of them"
"""The item of a claim about all that an audit finds, where nothing it finds is frequent enough alone."""

ORDER = "the first sentence first"
"""The item of a claim about the order of the sentences."""

LAST_MARK = "the mark at its end"
"""The item of the claim that the end of a text is marked: its absence tells as much."""

SEGMENTS = {"other_text": "its own first text", "other_pair": "its own second text"}
"""The items of the claims about text pairs, by operator."""

IN_SECOND = " in the second text"
"""Behind the item of a claim about the second texts of pairs."""

Gate = Literal["always", "rows"]

STRATA = {
    "decade": "one of another decade",
    "century": "one of another century",
    "tenfold": "ten times as much",
    "tenth": "a tenth of it",
    "parity": "an even one for an odd one, and the other way round",
    "presence": "nothing",
}
"""What else is put in the place of a number besides one of its shape: an item of its own, `a year (century)`."""


def stratum_of(item: str) -> str:
    """The stratum that an item names; empty for the number of its shape."""
    name = item.rpartition(" (")[2].removesuffix(")")
    return name if item.endswith(f" ({name})") and name in STRATA else ""


AREA = "area"
"""The matcher of the audits of pictures: they look for a part of the picture, not for words."""

EXCHANGE = "exchange"
"""The edit of a picture that takes an area over from another picture."""
PICTURE_EDITS = ("blur", "mean", "inpaint", "noise", EXCHANGE)
"""What can be put in place of an area of a picture."""


@dataclass(frozen=True, slots=True)
class AuditCase:
    """A text and the strings that must be found in it, in order: the audit's own test and documentation."""

    text: str
    spans: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a word list. `groups` holds its other columns (gender, origin ...)."""

    item: str
    ambiguous: bool = False
    groups: Mapping[str, str] = field(default_factory=dict)


_OWNS = re.compile(r"['’]s\b")
_FIRST = re.compile(r"[^\W_]+")
_LAST = r"(?:(?<=[\W_])|(?![^\W_]))"  # a brand may end in a mark (Yahoo!)


@dataclass(frozen=True, slots=True)
class Phrases:
    """Whole words or several of them, in any case; looked up by their first word, since lists are long."""

    by_first: Mapping[str, re.Pattern[str]]

    @staticmethod
    def of(items: Iterable[str]) -> Phrases:
        """Items that begin with a letter or a figure; of two that fit, the longer is found, with either apostrophe,
        and with a space before it or a comma, as in text that was cut into tokens."""
        grouped: dict[str, list[str]] = {}
        for item in sorted(items, key=lambda item: (-len(item), item)):
            first = _FIRST.match(item)
            written = _OWNS.sub(" ?['’]s", re.escape(item)).replace(",", " ?,")
            grouped.setdefault(first.group().lower() if first else "", []).append(written)
        found = {first: "|".join(own) for first, own in grouped.items()}
        return Phrases({k: re.compile(rf"(?:{own}){_LAST}", re.IGNORECASE) for k, own in found.items()})

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """The places, from left to right; none overlaps another."""
        end = 0
        for word in _FIRST.finditer(text):
            pattern = self.by_first.get(word.group().lower())
            hit = pattern.match(text, word.start()) if pattern and word.start() >= end else None
            if hit:
                end = hit.end()
                yield hit


class Lexicon(tuple[Entry, ...]):
    """A word list that keeps its own index, so that ten thousand rows do not build it ten thousand times."""

    @cached_property
    def by_word(self) -> dict[str, Entry]:
        """The entries by their lower-case form."""
        return {entry.item.lower(): entry for entry in self}

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Any of the items as a whole word, in any case; of two that fit, the longer."""
        items = "|".join(re.escape(item) for item in sorted(self.by_word, key=lambda item: (-len(item), item)))
        return re.compile(rf"(?<![^\W_])(?:{items})(?![^\W_])" if items else r"(?!)", re.IGNORECASE)

    @cached_property
    def phrases(self) -> Phrases:
        """The same for a list whose items all begin with a letter: many times as fast."""
        return Phrases.of(self.by_word)

    @staticmethod
    def of(entries: tuple[Entry, ...]) -> Lexicon:
        """The entries with an index, whether or not they had one."""
        return entries if isinstance(entries, Lexicon) else Lexicon(entries)


@dataclass(frozen=True, slots=True)
class Agreeing:
    """A word `[start, end)` that tells the sex of who is named: its `forms`, and the names by lower case."""

    start: int
    end: int
    forms: Mapping[str, str]
    names: Mapping[str, Entry]

    def form(self, name: str) -> str | None:
        """The word beside this name; None where the list does not tell whose name it is."""
        entry = self.names.get(name.lower())
        return self.forms.get(entry.groups.get("gender", "")) if entry else None


@dataclass(frozen=True, slots=True)
class Match:
    """A span of the text, `[start, end)`. `item` is its canonical form ("Mary", "!"), `kind` what sort of slot it is.

    Punctuation is `terminal` where it ends a sentence or the text, else `inner`; other matchers leave it empty. `room`
    is what another number must lie between, so that the numbers of a text keep their order. `instead` is the mark that
    stands in for one that is taken away where the text needs one; with a space before it, it stands between words.
    """

    start: int
    end: int
    item: str
    kind: str = ""
    agreeing: tuple[Agreeing, ...] = field(default=(), compare=False, repr=False)
    room: tuple[float, float] | None = field(default=None, compare=False, repr=False)
    instead: str = field(default="", compare=False, repr=False)


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
    compared with; `controls` are label-irrelevant items that fill the same slots. `strata` names the column of the
    word list inside whose values items may replace one another (the axis of an identity term); `control_entries` gives
    the parts of speech of the controls. `against` is "same polarity" where a necessary feature is compared with other
    words of its class.
    `place` is where an item is inserted: at the "start" or the "end" of a text. `also` are judged beside `judge`.
    """

    judge: str
    operators: tuple[str, ...]
    panel: tuple[str, ...] = ()
    reference: str | None = None
    controls: tuple[str, ...] = ()
    strata: str = ""
    control_entries: tuple[Entry, ...] = ()
    against: str = ""
    place: str = "start"
    also: tuple[str, ...] = ()

    def judges(self, operator: str) -> bool:
        """Whether the operator decides."""
        return operator == self.judge or operator in self.also

    def beside(self, operator: str, item: str) -> bool:
        """Whether it decides beside the judged one: what that exchanges is not judged twice."""
        exchanged = (*self.panel, self.reference) if self.judge == "swap" else ()
        return operator in self.also and item not in exchanged


@dataclass(frozen=True, slots=True)
class Contrast:
    """Pairs of declared groups: the items whose `column` of the word list says A, against those that say B."""

    column: str
    between: tuple[tuple[str, str], ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that are compared, each once."""
        return tuple(dict.fromkeys(group for pair in self.between for group in pair))

    def members(self, entries: tuple[Entry, ...], group: str) -> dict[str, Entry]:
        """The entries of one group, by item."""
        return {entry.item: entry for entry in entries if entry.groups.get(self.column) == group}


@dataclass(frozen=True, slots=True)
class Judge:
    """`margin` is the smallest effect that matters, in probability; fewer rows than `min_rows` decide nothing.

    `flips` is the share of decisions that edits may change beyond what their controls change.
    `gate` says what is inserted may decide: "always" all of it, "rows" only what stands in some of the rows themselves;
    the rest is exploratory, for nobody can lean on what no row carries.
    """

    margin: float = 0.05
    min_rows: int = 30
    gate: Gate = "always"
    flips: float = 0.05


@dataclass(frozen=True, slots=True)
class Audit:
    """A checked audit definition. `items` says whether the strings stand for a population or for themselves.

    `languages` are the codes (ISO 639-1) of those that its word lists are in; none where it has no such list.
    """

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
    cases: tuple[AuditCase, ...]
    notes: tuple[str, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    languages: tuple[str, ...] = ()


def behind(text: str) -> int:
    """Where older runs put an item down that only the second text of a pair holds: past every place of the first."""
    return len(text) + 1

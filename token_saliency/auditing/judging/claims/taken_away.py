"""The spans that edits took away from the rows, and the sub-groups that they belong to."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from token_saliency.auditing.audit import Match, stratum_of
from token_saliency.auditing.evidence.stood_in import alone
from token_saliency.auditing.judging.case import Case
from token_saliency.results import Edit
from token_saliency.stats import estimate as st

A_SIDE = 10
"""Rows that an audit lends to either half at least; also of a single number, of which every model has moving ones."""
LONGEST = 60

_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_WRITTEN = re.compile(r"\d{1,3}(?:,\d{3})*(?:\.\d+)?|\d+(?:\.\d+)?")
_MARKS = (",", "comma"), (".", "point")
_SCHEME = re.compile(r"(https?|www)(?:://|\.)")
_NAMED = re.compile(r"@\w+$|[\w.+-]+@")
DEEP = 2
"""Parts of a path that are not counted any more."""
_FILE = re.compile(r"(?<=/)[^/?#]+?(\.[a-z]{3,4})(?=[?#]|$)")
_SECOND_LEVEL = frozenset("co com ac org net gov edu".split())
_HOST = re.compile(r"(?:^(?!\S*@)|@|://|\bwww\.)((?:[a-z0-9-]+\.)+[a-z]{2,})")


Kind = tuple[str, str]
"""A sub-group and what it is one of: even numbers are compared with odd ones, never with times of day."""


@dataclass(frozen=True, slots=True)
class Units:
    """Spans of one kind that an edit took away from a row: effects of their presence and of the control's [n, classes].

    `kinds`: the sub-groups of exactly those spans. Another span of the row would lend its own effect to them.
    """

    rows: list[str]
    kinds: list[set[Kind]]
    docs: st.Ints
    real: st.Floats
    control: st.Floats | None

    def kept(self, where: st.Bools) -> Units:
        """Those of them."""
        places = np.flatnonzero(where)
        control = None if self.control is None else self.control[places]
        rows, kinds = [self.rows[i] for i in places], [self.kinds[i] for i in places]
        return Units(rows, kinds, self.docs[places], self.real[places], control)

    def beside(self, kind: Kind) -> tuple[Units, st.Bools]:
        """Those that hold one of its family, and which of them hold it."""
        own = self.kept(np.array([family(kind, kinds) for kinds in self.kinds], dtype=bool))
        return own, np.array([kind in kinds for kinds in own.kinds], dtype=bool)

    def contrast(self, inside: st.Bools, values: st.Floats) -> st.Estimate:
        """The mean inside minus that outside."""
        one, other = (st.clustered_mean(values[side], self.docs[side]) for side in (inside, ~inside))
        return st.Estimate(one.effect - other.effect, math.hypot(one.se, other.se), min(one.df, other.df))


def family(kind: Kind, kinds: Iterable[Kind]) -> bool:
    return any(own == kind[0] for own, _ in kinds)


def kinds_of(text: str, item: str = "") -> Iterator[Kind]:
    """What sub-groups a span belongs to: as a number, as an address, and itself among those of its item."""
    plain = text.strip().lower()
    if any(map(str.isalnum, plain)):  # an emoticon is nothing but marks
        plain = plain.strip("().,;:")
    yield from _of_a_number(plain)
    yield from _of_an_address(plain)
    if plain and len(plain) <= LONGEST:
        yield f"{item} itself", f"“{plain}”"


def _of_a_number(plain: str) -> Iterator[Kind]:
    """Its century or how many digits it has, its parity, whether it is a round one, and how it is written."""
    digits = plain.replace(",", "")
    if _WRITTEN.fullmatch(plain):
        yield "writing", next((f"numbers with a {name}" for mark, name in _MARKS if mark in plain), "digits alone")
    if not (digits.isdecimal() and digits.isascii()):
        return
    if _YEAR.fullmatch(plain):
        yield "century", f"years {plain[:2]}.."
    else:
        yield "digits", f"numbers of {len(digits)} digits" if len(digits) > 1 else "numbers of one digit"
        if len(digits) > 1:
            yield "round", "round numbers" if digits.endswith("0") else "numbers that are not round"
    yield "parity", f"{'odd' if int(digits[-1]) % 2 else 'even'} numbers"


def _of_an_address(plain: str) -> Iterator[Kind]:
    """Its domain and what that is a part of, its scheme, its path, and how its name is written."""
    if host := _HOST.search(plain):
        domain = host.group(1).removeprefix("www.")
        yield "domain", domain
        yield from _around(domain)
    if scheme := _SCHEME.match(plain):
        yield "scheme", f"addresses with {scheme.group(1)}"
        file = _FILE.search(plain, scheme.end())
        yield "a file", f"addresses of {f'{file.group(1)} files' if file else 'no file'}"
        depth = len([part for part in plain[scheme.end() :].split("/")[1:] if part])
        yield "path", f"addresses with {('no path', 'a path of one part')[depth] if depth < DEEP else 'a longer path'}"
    if name := _NAMED.match(plain):
        holds = any(letter.isdecimal() for letter in name.group())
        yield "name", f"names {'with' if holds else 'without'} figures"
        yield "name with _", f"names {'with' if '_' in name.group() else 'without'} an underscore"


def _around(domain: str) -> Iterator[Kind]:
    """Whose it is (of ann.blogs.com and bob.blogs.com blogs.com), its server and its ending.

    The names of these families stand before that of the domain, which is told where it says the same.
    """
    labels = domain.split(".")
    national = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    own = labels[-3 if national else -2 :]
    yield "a site", f"addresses at {'.'.join(own)}"
    yield "a server", f"addresses at {labels[0]}.*" if len(labels) > len(own) else "addresses without a server"
    yield "a last part", f"addresses in .{labels[-1]}"


def units_of(case: Case, operator: str) -> Units | None:
    """The edits that took spans of a row away, all of one item together, and their controls."""
    own = alone(edit for edit in case.edits if edit.operator == operator and takes_away(operator, edit.item))
    real: dict[tuple[str, str], list[Edit]] = {}
    placebo: dict[tuple[str, str], list[Edit]] = {}
    for edit in own:
        (placebo if edit.placebo else real).setdefault((edit.row, edit.item), []).append(edit)
    both = [unit for unit in real if unit in placebo]
    units = sorted(both if len(both) >= 2 * A_SIDE else real)
    if operator != case.audit.edit.judge or len(units) < 2 * A_SIDE:
        return None
    docs = case.documents(row for row, _ in units)
    control = np.array([_effect(placebo[unit]) for unit in units]) if units == sorted(both) else None
    kinds = [_kinds_taken(case, real[unit]) for unit in units]
    return Units([row for row, _ in units], kinds, docs, np.array([_effect(real[unit]) for unit in units]), control)


def _kinds_taken(case: Case, edits: Sequence[Edit]) -> set[Kind]:
    """What the spans were that these edits of one row took away."""
    row, item = edits[0].row, edits[0].item.removesuffix(" (presence)")
    there = [m for m in case.spans.get(row, ()) if any(m.start < e.slot[1] and m.end > e.slot[0] for e in edits)]
    taken = [m for m in there if m.item == item] or there
    return kinds_held(case, row, taken)


def kinds_held(case: Case, row: str, spans: Iterable[Match]) -> set[Kind]:
    """What these spans of the row belong to."""
    return {kind for m in spans for kind in kinds_of(case.rows[row].text[m.start : m.end], m.item)}


def takes_away(operator: str, item: str) -> bool:
    """Whether edits of the item take its spans out of the text."""
    return operator == "delete" or (operator == "renumber" and stratum_of(item) == "presence")


def _effect(edits: Sequence[Edit]) -> st.Floats:
    return np.asarray(np.mean([np.subtract(edit.before, edit.after) for edit in edits], axis=0))

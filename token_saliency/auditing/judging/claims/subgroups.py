"""Sub-groups that nobody declared: one half of the rows names them, the edits of the other half test them.

Years, amounts, domains and sources pull both ways and cancel in a mean, and one address of many is lost in it. Two
sub-groups a class are tested, one chosen by the labels and one by the answers of other documents, so nothing is to be
corrected for the choice.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from token_saliency.auditing.audit import Match, stratum_of
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.verdicts import ClaimEstimate
from token_saliency.results import Edit
from token_saliency.stats import estimate as st
from token_saliency.stats.sampling import in_first_half

A_SIDE = 10
"""Rows that an audit lends to either half at least; also of a single number, of which every model has moving ones."""
OF_A_KIND = 6
"""Rows of a sub-group, and beside it, in the half that names it and in the half that tests it: of one domain of eight
25 rows of 600 may be left, and chance parts them 17 and 8."""
CLEAR = 2.5
LONGEST = 60
OTHERS = "the others"

_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_HOST = re.compile(r"(?:@|://|\bwww\.)((?:[a-z0-9-]+\.)+[a-z]{2,})")


Kind = tuple[str, str]
"""A sub-group and what it is one of: even numbers are compared with odd ones, never with times of day."""
Group = tuple[set[Kind], str]
"""The sub-groups of a row, and its label."""


@dataclass(frozen=True, slots=True)
class _Units:
    """Spans of one kind that an edit took away from a row: effects of their presence and of the control's [n, classes].

    `kinds`: the sub-groups of exactly those spans. Another span of the row would lend its own effect to them.
    """

    rows: list[str]
    kinds: list[set[Kind]]
    docs: st.Ints
    real: st.Floats
    control: st.Floats | None

    def kept(self, where: st.Bools) -> _Units:
        """Those of them."""
        places = np.flatnonzero(where)
        control = None if self.control is None else self.control[places]
        rows, kinds = [self.rows[i] for i in places], [self.kinds[i] for i in places]
        return _Units(rows, kinds, self.docs[places], self.real[places], control)

    def beside(self, kind: Kind) -> tuple[_Units, st.Bools]:
        """Those that hold one of its family, and which of them hold it."""
        own = self.kept(np.array([_family(kind, kinds) for kinds in self.kinds], dtype=bool))
        return own, np.array([kind in kinds for kinds in own.kinds], dtype=bool)

    def contrast(self, inside: st.Bools, values: st.Floats) -> st.Estimate:
        """The mean inside minus that outside."""
        one, other = (st.clustered_mean(values[side], self.docs[side]) for side in (inside, ~inside))
        return st.Estimate(one.effect - other.effect, math.hypot(one.se, other.se), min(one.df, other.df))


def _family(kind: Kind, kinds: Iterable[Kind]) -> bool:
    return any(family == kind[0] for family, _ in kinds)


def kinds_of(text: str, item: str = "") -> Iterator[Kind]:
    """What sub-groups a span belongs to: its century, parity and length, its domain, itself among those of its item."""
    plain = text.strip().lower().strip("().,;:")
    digits = plain.replace(",", "")
    if digits.isdecimal() and digits.isascii():
        if _YEAR.fullmatch(plain):
            yield "century", f"years {plain[:2]}.."
        else:
            yield "digits", f"numbers of {len(digits)} digits" if len(digits) > 1 else "numbers of one digit"
        yield "parity", f"{'odd' if int(digits[-1]) % 2 else 'even'} numbers"
    if host := _HOST.search(plain):
        yield "domain", host.group(1).removeprefix("www.")
    if plain and len(plain) <= LONGEST:
        yield f"{item} itself", f"“{plain}”"


def subgroups(case: Case, operator: str) -> list[ClaimEstimate]:
    """What goes most clearly with each class, by labels and by answers, against the others of its family."""
    found = _units_of(case, operator)
    if found is None or case.labels_from is not None:
        return []
    groups = _groups(case)
    drafts = [
        _draft(case, operator, index, found, *named)
        for index in case.judged_classes
        for named in _candidates(case, index, found, groups)
    ]
    return [draft for draft in drafts if draft]


def _candidates(case: Case, index: int, found: _Units, groups: Sequence[Group]) -> list[tuple[Kind, float]]:
    """The sub-groups to test, each once, with the way they should go."""
    both = _named(groups, case.classes[index]), _moving(case, index, found)
    return list({named[0]: named for named in both if named}.values())


def _units_of(case: Case, operator: str) -> _Units | None:
    """The edits that took spans of a row away, all of one item together, and their controls."""
    own = [edit for edit in case.edits if edit.operator == operator and _takes_away(edit)]
    real: dict[tuple[str, str], list[Edit]] = {}
    placebo: dict[tuple[str, str], list[Edit]] = {}
    for edit in own:
        (placebo if edit.placebo else real).setdefault((edit.row, edit.item), []).append(edit)
    both = [unit for unit in real if unit in placebo]
    units = sorted(both if len(both) >= 2 * A_SIDE else real)
    if operator != case.audit.edit.judge or len(units) < 2 * A_SIDE:
        return None
    docs = np.array([case.cluster[row] for row, _ in units], dtype=np.int64)
    control = np.array([_effect(placebo[unit]) for unit in units]) if units == sorted(both) else None
    kinds = [_kinds_taken(case, real[unit]) for unit in units]
    return _Units([row for row, _ in units], kinds, docs, np.array([_effect(real[unit]) for unit in units]), control)


def _kinds_taken(case: Case, edits: Sequence[Edit]) -> set[Kind]:
    """What the spans were that these edits of one row took away."""
    row, item = edits[0].row, edits[0].item.removesuffix(" (presence)")
    there = [m for m in case.spans.get(row, ()) if any(m.start < e.slot[1] and m.end > e.slot[0] for e in edits)]
    taken = [m for m in there if m.item == item] or there
    return _kinds_held(case, row, taken)


def _kinds_held(case: Case, row: str, spans: Iterable[Match]) -> set[Kind]:
    """What these spans of the row belong to."""
    return {kind for m in spans for kind in kinds_of(case.rows[row].text[m.start : m.end], m.item)}


def _takes_away(edit: Edit) -> bool:
    return edit.operator == "delete" or (edit.operator == "renumber" and stratum_of(edit.item) == "presence")


def _effect(edits: Sequence[Edit]) -> st.Floats:
    return np.asarray(np.mean([np.subtract(edit.before, edit.after) for edit in edits], axis=0))


def _draft(case: Case, operator: str, index: int, found: _Units, kind: Kind, sign: float) -> ClaimEstimate | None:
    tests = np.array([not _names(case, row) for row in found.rows], dtype=bool)
    units, inside = found.kept(tests).beside(kind)
    if not _enough(kind[1], inside):
        return None
    effect = units.contrast(inside, sign * units.real[:, index])
    if not math.isfinite(effect.se) or not _tells(effect, case.audit.judge.margin, case.alpha):
        case.notes.append(f"the lean of {kind[1]} was not run: {int(inside.sum())} rows of it cannot tell.")
        return None
    return _estimate(case, operator, index, units, inside, sign, kind[1])


def _estimate(
    case: Case, operator: str, index: int, units: _Units, inside: st.Bools, sign: float, kind: str
) -> ClaimEstimate:
    effect = units.contrast(inside, sign * units.real[:, index])
    beyond = control = None
    if units.control is not None:
        control = units.contrast(inside, sign * units.control[:, index]).effect
        way = float(np.sign(effect.effect))
        excess = way * sign * units.real[:, index] - abs(control) * np.where(inside, 0.5, -0.5)
        beyond = units.contrast(inside, excess).interval(case.alpha)[0]
    return ClaimEstimate(
        claim="lean",
        between=(kind, OTHERS),
        class_index=index,
        operator=operator,
        effect=effect.effect,
        control=control,
        interval=effect.interval(case.alpha),
        beyond_control=beyond,
        p=min(1.0, 2 * effect.p_beyond(0.0)),
        p_margin=effect.p_beyond(case.audit.judge.margin),
        flip_rate=0.0,
        placebo_flip_rate=None,
        rows=len(set(units.rows)),
        items=1,
        smallest_detectable=effect.detectable(case.alpha),
        resolvable=True,
        by_row={},
        edits=len(units.rows),
        controls=0 if units.control is None else len(units.rows),
        held=((effect, case.audit.judge.margin, case.audit.judge.margin),),
    )


def _tells(effect: st.Estimate, margin: float, alpha: float) -> bool:
    """Whether it is shown, or shown to lie inside the margin: nobody asked for it, so it leaves no audit undecided."""
    low, high = effect.interval(alpha)
    return low > 0 or high < 0 or (-margin < low and high < margin)


def _names(case: Case, row: str) -> bool:
    """Whether the document of the row is one of those whose labels name a sub-group."""
    return in_first_half(case.seed, case.cluster[row], "subgroups")


def _moving(case: Case, index: int, found: _Units) -> tuple[Kind, float] | None:
    """The sub-group whose edits moved the output most clearly otherwise than those of the others, and which way."""
    half = found.kept(np.array([_names(case, row) for row in found.rows], dtype=bool))
    best: tuple[float, Kind, float] = CLEAR, ("", ""), 0.0
    for kind in sorted(set().union(*half.kinds)):
        units, inside = half.beside(kind)
        if _enough(kind[1], inside):
            values = units.real[:, index]
            gap, spread = units.contrast(inside, values), _pooled(values, inside)
            # a few rows that happen to agree have next to no error of their own
            z = abs(gap.effect) / max(gap.se, spread) if spread > 0 else 0.0
            best = max(best, (z, kind, float(np.sign(gap.effect))))
    return (best[1], best[2]) if best[2] else None


def _enough(kind: str, inside: st.Bools) -> bool:
    """Whether so many rows hold it, and do not; of single numbers, of which there are many, more are asked."""
    fewest = A_SIDE if kind[1:2].isdecimal() else OF_A_KIND
    return bool(min(inside.sum(), (~inside).sum()) >= fewest)


def _pooled(values: st.Floats, inside: st.Bools) -> float:
    """The error of the gap if the rows of both sides vary alike."""
    sides = values[inside], values[~inside]
    within = sum(float(((side - side.mean()) ** 2).sum()) for side in sides) / max(1, len(values) - 2)
    return math.sqrt(within * sum(1 / len(side) for side in sides))


def _groups(case: Case) -> list[Group]:
    """The sub-groups of each labelled row of the half that names them, and its label."""
    return [
        (_kinds_held(case, row, case.spans[row]), head.label)
        for row, head in case.rows.items()
        if case.spans.get(row) and head.label is not None and _names(case, row)
    ]


def _named(groups: Sequence[Group], name: str) -> tuple[Kind, float] | None:
    """The sub-group whose rows differ most clearly in their labels from the others, and which way."""
    half = [(kinds, label == name) for kinds, label in groups]
    if len(half) < 2 * A_SIDE:
        return None
    best: tuple[float, Kind, float] = CLEAR, ("", ""), 0.0
    for kind in sorted({kind for kinds, _ in half for kind in kinds}):
        own = [(kind in kinds, label) for kinds, label in half if _family(kind, kinds)]
        inside, labels = (np.array(side, dtype=bool) for side in zip(*own, strict=True))
        if _enough(kind[1], inside) and 0 < (base := float(labels.mean())) < 1:
            gap = float(labels[inside].mean() - labels[~inside].mean())
            z = gap / math.sqrt(base * (1 - base) * (1 / inside.sum() + 1 / (~inside).sum()))
            best = max(best, (abs(z), kind, float(np.sign(z))))
    return (best[1], best[2]) if best[2] else None

"""Sub-groups that nobody declared: one half of the rows names them, the edits of the other half test them.

Years, amounts, domains and sources pull both ways and cancel in a mean, and one address of many is lost in it. Two
sub-groups a class are tested, one chosen by the labels and one by the answers of other documents, so nothing is to be
corrected for the choice.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from token_saliency.auditing.audit import stratum_of
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


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows whose spans an edit took away: effects of their presence and of the control's [n, classes]."""

    rows: list[str]
    docs: st.Ints
    real: st.Floats
    control: st.Floats | None

    def contrast(self, inside: st.Bools, values: st.Floats) -> st.Estimate:
        """The mean inside minus that outside."""
        one, other = (st.clustered_mean(values[side], self.docs[side]) for side in (inside, ~inside))
        return st.Estimate(one.effect - other.effect, math.hypot(one.se, other.se), min(one.df, other.df))


def kinds_of(text: str) -> Iterator[str]:
    """What sub-groups a span belongs to: its century, parity and length, its domain, itself."""
    plain = text.strip().lower().strip("().,;:")
    digits = plain.replace(",", "")
    if digits.isdecimal() and digits.isascii():
        if _YEAR.fullmatch(plain):
            yield f"years {plain[:2]}.."
        else:
            yield f"numbers of {len(digits)} digits" if len(digits) > 1 else "numbers of one digit"
        yield f"{'odd' if int(digits[-1]) % 2 else 'even'} numbers"
    if host := _HOST.search(plain):
        yield host.group(1).removeprefix("www.")
    if plain and len(plain) <= LONGEST:
        yield f"“{plain}”"


def subgroups(case: Case, operator: str) -> list[ClaimEstimate]:
    """What goes most clearly with each class, by labels and by answers, against the others of its audit."""
    found = _rows_of(case, operator)
    if found is None or case.labels_from is not None:
        return []
    groups = {row: {kind for m in case.spans[row] for kind in kinds_of(_text(case, row, m.start, m.end))}
              for row in case.rows if case.spans.get(row)}  # fmt: skip
    drafts = [
        _draft(case, operator, index, found, groups, *named)
        for index in case.judged_classes
        for named in _candidates(case, index, found, groups)
    ]
    return [draft for draft in drafts if draft]


def _candidates(case: Case, index: int, found: _Rows, groups: dict[str, set[str]]) -> list[tuple[str, float]]:
    """The sub-groups to test, each once, with the way they should go."""
    both = _named(case, case.classes[index], groups), _moving(case, index, found, groups)
    return list({named[0]: named for named in both if named}.values())


def _text(case: Case, row: str, start: int, end: int) -> str:
    return case.rows[row].text[start:end]


def _rows_of(case: Case, operator: str) -> _Rows | None:
    """The edits that took the spans of a row away, and their controls."""
    own = [edit for edit in case.edits if edit.operator == operator and _takes_away(edit)]
    real: dict[str, list[Edit]] = {}
    placebo: dict[str, list[Edit]] = {}
    for edit in own:
        (placebo if edit.placebo else real).setdefault(edit.row, []).append(edit)
    both = [row for row in real if row in placebo]
    rows = sorted(both if len(both) >= 2 * A_SIDE else real)
    if operator != case.audit.edit.judge or len(rows) < 2 * A_SIDE:
        return None
    docs = np.array([case.cluster[row] for row in rows], dtype=np.int64)
    control = np.array([_effect(placebo[row]) for row in rows]) if rows == sorted(both) else None
    return _Rows(rows, docs, np.array([_effect(real[row]) for row in rows]), control)


def _takes_away(edit: Edit) -> bool:
    return edit.operator == "delete" or (edit.operator == "renumber" and stratum_of(edit.item) == "presence")


def _effect(edits: Sequence[Edit]) -> st.Floats:
    return np.asarray(np.mean([np.subtract(edit.before, edit.after) for edit in edits], axis=0))


def _draft(
    case: Case, operator: str, index: int, found: _Rows, groups: dict[str, set[str]], kind: str, sign: float
) -> ClaimEstimate | None:
    tests = np.array([not _names(case, row) for row in found.rows])
    inside = np.array([kind in groups.get(row, ()) for row in found.rows])
    rows = _Rows(
        [row for row, kept in zip(found.rows, tests, strict=True) if kept],
        found.docs[tests], found.real[tests], None if found.control is None else found.control[tests],
    )  # fmt: skip
    inside = inside[tests]
    if not _enough(kind, inside):
        return None
    effect = rows.contrast(inside, sign * rows.real[:, index])
    if not math.isfinite(effect.se) or not _tells(effect, case.audit.judge.margin, case.alpha):
        case.notes.append(f"the lean of {kind} was not run: {int(inside.sum())} rows of it cannot tell.")
        return None
    return _estimate(case, operator, index, rows, inside, sign, kind)


def _estimate(
    case: Case, operator: str, index: int, rows: _Rows, inside: st.Bools, sign: float, kind: str
) -> ClaimEstimate:
    effect = rows.contrast(inside, sign * rows.real[:, index])
    beyond = control = None
    if rows.control is not None:
        control = rows.contrast(inside, sign * rows.control[:, index]).effect
        way = float(np.sign(effect.effect))
        excess = way * sign * rows.real[:, index] - abs(control) * np.where(inside, 0.5, -0.5)
        beyond = rows.contrast(inside, excess).interval(case.alpha)[0]
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
        rows=len(rows.rows),
        items=1,
        smallest_detectable=effect.detectable(case.alpha),
        resolvable=True,
        by_row={},
        edits=len(rows.rows),
        controls=0 if rows.control is None else len(rows.rows),
        held=((effect, case.audit.judge.margin, case.audit.judge.margin),),
    )


def _tells(effect: st.Estimate, margin: float, alpha: float) -> bool:
    """Whether it is shown, or shown to lie inside the margin: nobody asked for it, so it leaves no audit undecided."""
    low, high = effect.interval(alpha)
    return low > 0 or high < 0 or (-margin < low and high < margin)


def _names(case: Case, row: str) -> bool:
    """Whether the document of the row is one of those whose labels name a sub-group."""
    return in_first_half(case.seed, case.cluster[row], "subgroups")


def _moving(case: Case, index: int, found: _Rows, groups: dict[str, set[str]]) -> tuple[str, float] | None:
    """The sub-group whose edits moved the output most clearly otherwise than those of the others, and which way."""
    half = np.array([_names(case, row) for row in found.rows])
    values, docs = found.real[half, index], found.docs[half]
    kinds_at = [groups.get(row, set()) for row, kept in zip(found.rows, half, strict=True) if kept]
    rows, best = _Rows([], docs, found.real[half], None), (CLEAR, "", 0.0)
    for kind in sorted(set().union(*kinds_at)):
        inside = np.array([kind in kinds for kinds in kinds_at])
        if _enough(kind, inside):
            gap, spread = rows.contrast(inside, values), _pooled(values, inside)
            # a few rows that happen to agree have next to no error of their own
            z = abs(gap.effect) / max(gap.se, spread) if spread > 0 else 0.0
            best = max(best, (z, kind, float(np.sign(gap.effect))))
    return (best[1], best[2]) if best[1] else None


def _enough(kind: str, inside: st.Bools) -> bool:
    """Whether so many rows hold it, and do not; of single numbers, of which there are many, more are asked."""
    fewest = A_SIDE if kind[1:2].isdecimal() else OF_A_KIND
    return bool(min(inside.sum(), (~inside).sum()) >= fewest)


def _pooled(values: st.Floats, inside: st.Bools) -> float:
    """The error of the gap if the rows of both sides vary alike."""
    sides = values[inside], values[~inside]
    within = sum(float(((side - side.mean()) ** 2).sum()) for side in sides) / max(1, len(values) - 2)
    return math.sqrt(within * sum(1 / len(side) for side in sides))


def _named(case: Case, name: str, groups: dict[str, set[str]]) -> tuple[str, float] | None:
    """The sub-group whose rows differ most clearly in their labels from the others, and which way."""
    half = [(kinds, case.rows[row].label == name) for row, kinds in groups.items()
            if _names(case, row) and case.rows[row].label is not None]  # fmt: skip
    if len(half) < 2 * A_SIDE:
        return None
    own = np.array([label for _, label in half], dtype=float)
    base, best = float(own.mean()), (CLEAR, "", 0.0)
    for kind in sorted({kind for kinds, _ in half for kind in kinds}):
        inside = np.array([kind in kinds for kinds, _ in half])
        if _enough(kind, inside) and 0 < base < 1:
            gap = float(own[inside].mean() - own[~inside].mean())
            z = gap / math.sqrt(base * (1 - base) * (1 / inside.sum() + 1 / (~inside).sum()))
            best = max(best, (abs(z), kind, float(np.sign(z))))
    return (best[1], best[2]) if best[1] else None

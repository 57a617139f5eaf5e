"""Items are fixed, or deleted: the signed mean of one difference a row, beside that of a control in the same row."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from token_saliency.auditing.audit import ANY, EXCHANGE, LAST_MARK, ORDER, SEGMENTS, STRATA, stratum_of
from token_saliency.auditing.evidence.stood_in import alone
from token_saliency.auditing.judging.case import Case, table
from token_saliency.auditing.judging.verdicts import ALPHA, AUDIT_ALPHA, CATALOGUE, NOTHING, ClaimEstimate, draws
from token_saliency.drawing.safe import in_quotes
from token_saliency.results import Edit
from token_saliency.stats import estimate as st
from token_saliency.stats.sampling import generator


def swapped_shift(case: Case, operator: str) -> list[ClaimEstimate]:
    """Each fixed item against the reference in the same slot; the control puts ordinary items there."""
    rule = case.audit.edit
    answers, controls = table(case, operator, placebo=False), table(case, operator, placebo=True)
    if answers is None or rule.reference not in answers.items:
        return []
    base = answers.values[:, answers.items.index(rule.reference)]
    control = controls.values.mean(1) - base if controls else None
    control_flips = _flips(controls.values, base[:, None]) if controls else None
    rows = [row for row, _ in answers.slots]
    found, test = list[ClaimEstimate](), _test(case, operator, len(rule.panel))
    for item in rule.panel:
        filled = answers.values[:, answers.items.index(item)]
        flips = float(_flips(filled, base).mean())
        placebo_flips = float(control_flips.mean()) if control_flips is not None else None
        beside = len(rows) * len(controls.items) if controls else 0
        comparison = EditComparison(operator, (item, rule.reference), flips, placebo_flips, 2 * len(rows), beside)
        by_class = {
            index: Pairs(rows, filled[:, index] - base[:, index], rows, None if control is None else control[:, index])
            for index in case.judged_classes
        }
        found += shift_estimates(comparison, by_class, test)
    return found


AGAINST = {
    "delete": NOTHING,
    "unstop": NOTHING,
    "insert": NOTHING,
    "cut": NOTHING,
    "mask": "a mask",
    "renumber": "another of its shape",
    "neutral": "a neutral one",
    "strip": "plain text",
    "recase": "lower case",
    "collapse": "one plain space",
    "turn": "the last sentence first",
    "other_text": "that of another row",
    "other_pair": "that of another row",
    "reprompt": "the prompt as it is",
}
"""What an item is compared with, by operator."""

_DESCRIBED = frozenset({ANY, LAST_MARK, ORDER, *SEGMENTS.values(), *AGAINST.values(), *STRATA.values()})


def sides_of(item: str, operator: str) -> tuple[str, str]:
    """The item, and what it is compared with."""
    stratum = stratum_of(item) if operator == "renumber" else ""
    return item, STRATA[stratum] if stratum else AGAINST.get(operator, NOTHING)


def quoted(side: str, kinds: Collection[str] = ()) -> str:
    """One side of a comparison in a sentence: what stands in the texts in quotes; a description, or a kind, without."""
    return side if side in _DESCRIBED or side in kinds else in_quotes(side)


def paired_shift(case: Case, operator: str) -> list[ClaimEstimate]:
    """The text with each item against the text without it."""
    _say_if_unpaired(case)
    own = alone(edit for edit in case.edits if edit.operator == operator)
    items = len({edit.item for edit in own})
    return presence_shifts(own, operator, case.judged_classes, _test(case, operator, items))


def presence_shifts(
    edits: Sequence[Edit], operator: str, classes: Sequence[int], test: ShiftTest
) -> list[ClaimEstimate]:
    """The effect of the presence of each item; the control edits something ordinary in the same row.

    The item is there before the edit, or after it where it is inserted.
    """
    own = [edit for edit in edits if edit.operator == operator]
    sign = -1 if operator in ("insert", "reprompt") else 1
    found: list[ClaimEstimate] = []
    for item in dict.fromkeys(edit.item for edit in own):
        real = [e for e in own if e.item == item and not e.placebo]
        if not real:
            continue
        edited = {e.row for e in real}
        placebo = [e for e in own if e.item == item and e.placebo and e.row in edited]
        flips = _flip_rate(real), _flip_rate(placebo) if placebo else None
        comparison = EditComparison(operator, sides_of(item, operator), *flips, len(real), len(placebo))
        effects, control = sign * _differences(real), sign * _put_in(placebo, sign) * _differences(placebo)
        rows, control_rows = [e.row for e in real], [e.row for e in placebo]
        by_class = {
            index: Pairs(rows, effects[:, index], control_rows, control[:, index] if len(placebo) > 1 else None)
            for index in classes
        }
        found += shift_estimates(comparison, by_class, test)
    return found


def region_shift(case: Case, operator: str) -> list[ClaimEstimate]:
    """The picture as it is against the picture with each region replaced; the control is a place of the same size.

    An effect is what the predicted class loses: the last of the two classes of the case.
    """
    own = [edit for edit in case.edits if edit.operator == operator]
    items = sorted({edit.item for edit in own if not edit.placebo})
    found, test = list[ClaimEstimate](), _test(case, operator, len(items))
    for item in items:
        real, placebo = ([e for e in own if e.item == item and e.placebo is kind] for kind in (False, True))
        flips = _flip_rate(real), _flip_rate(placebo) if placebo else None
        comparison = EditComparison(operator, regions(item, operator), *flips, len(real), len(placebo))
        losses = _differences(real)[:, 1].round(6)
        control = _differences(placebo)[:, 1].round(6) if len(placebo) > 1 else None
        pairs = Pairs([e.row for e in real], losses, [e.row for e in placebo], control)
        found += shift_estimates(comparison, {1: pairs}, test)
    return found


def regions(item: str, operator: str) -> tuple[str, str]:
    """What stands in a region of a picture, and what it is compared with."""
    return (f"its own {item}", "that of another class") if operator == EXCHANGE else (item, NOTHING)


def _say_if_unpaired(case: Case) -> None:
    note = f"{case.audit.name} was not run: no row is a pair of texts."
    if case.audit.find.matcher == "segments" and not any(case.spans.values()) and note not in case.notes:
        case.notes.append(note)


@dataclass(frozen=True, slots=True)
class EditComparison:
    """What is compared, how often the edits and their controls change the predicted class, and how many there are."""

    operator: str
    between: tuple[str, str]
    flip_rate: float = 0.0
    placebo_flip_rate: float | None = None
    edits: int = 0
    controls: int = 0


@dataclass(frozen=True, slots=True)
class ShiftTest:
    """How shifts are tested: the document cluster of every row, the margin, and how many claims share the alpha.

    `stream` (the seed, the name of the audit) fixes the random draws; `alpha` is the one-sided level of the intervals.
    """

    cluster: Mapping[str, int]
    margin: float
    claims: int
    stream: tuple[object, ...]
    alpha: float = AUDIT_ALPHA

    def documents(self, rows: Sequence[str]) -> st.Ints:
        """[rows] the document cluster of each."""
        return np.array([self.cluster[row] for row in rows], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Pairs:
    """One difference a row, and that of the control for the rows that have one."""

    rows: Sequence[str]
    effects: st.Floats
    control_rows: Sequence[str]
    control: st.Floats | None


def shift_estimates(comparison: EditComparison, by_class: Mapping[int, Pairs], test: ShiftTest) -> list[ClaimEstimate]:
    """The signed mean of the differences, and how far it exceeds that of the control in the same rows, by class.

    The classes share their rows, and the random flips that their means are held against.
    """
    pairs = list(by_class.values())
    docs = test.documents(pairs[0].rows)
    if len(np.unique(docs)) < 2:  # no error of a mean
        return []
    rng = generator(*test.stream, comparison.operator, comparison.between)
    p = st.sign_flips(np.stack([one.effects for one in pairs], axis=1), docs, draws(test.claims, test.alpha), rng)
    return [
        _estimate(comparison, index, one, test, float(each))
        for (index, one), each in zip(by_class.items(), p, strict=True)
    ]


def _estimate(comparison: EditComparison, index: int, pairs: Pairs, test: ShiftTest, p: float) -> ClaimEstimate:
    docs = test.documents(pairs.rows)
    estimate = st.clustered_mean(pairs.effects, docs)
    return ClaimEstimate(
        claim="shift",
        between=comparison.between,
        class_index=index,
        operator=comparison.operator,
        effect=estimate.effect,
        control=float(pairs.control.mean()) if pairs.control is not None else None,
        interval=estimate.interval(test.alpha),
        beyond_control=_beyond_control(pairs, test),
        p=p,
        p_margin=estimate.p_beyond(test.margin),
        flip_rate=comparison.flip_rate,
        placebo_flip_rate=comparison.placebo_flip_rate,
        rows=len(set(pairs.rows)),
        items=1,
        smallest_detectable=estimate.detectable(test.alpha),
        resolvable=many_documents(docs, test.claims),
        by_row=dict(zip(pairs.rows, map(float, pairs.effects), strict=True)),
        edits=comparison.edits,
        controls=comparison.controls,
        held=((estimate, test.margin, test.margin),),
    )


def many_documents(docs: st.Ints, claims: int) -> bool:
    """Whether their signs can be flipped in so many ways that one of the claims can reject."""
    return 2.0 ** min(len(np.unique(docs)), 1000) > 2 * CATALOGUE * claims / ALPHA


def _test(case: Case, operator: str, items: int) -> ShiftTest:
    """The claims about the items of an audit share its alpha; a descriptive one shares it with none."""
    claims = items * len(case.judged_classes) if case.audit.edit.judges(operator) else 1
    return ShiftTest(case.cluster, case.audit.judge.margin, claims, (case.seed, case.audit.name), case.alpha)


def _beyond_control(pairs: Pairs, test: ShiftTest) -> float | None:
    """Lower bound of |effect| - |control|, both signed by their own means: the side that favours the model.

    Two runs may share the control of a row and not its edit (donors hang on predictions): such a row has no difference.
    """
    if pairs.control is None:
        return None
    effects = dict(zip(pairs.rows, pairs.effects, strict=True))
    signs = np.sign(pairs.effects.mean()), np.sign(pairs.control.mean())
    both = [(row, c) for row, c in zip(pairs.control_rows, pairs.control, strict=True) if row in effects]
    if len(both) < 2:
        return None
    excess = np.array([signs[0] * effects[row] - signs[1] * c for row, c in both])
    estimate = st.clustered_mean(excess, test.documents([row for row, _ in both]))
    return estimate.interval(test.alpha)[0] if math.isfinite(estimate.se) else None


def _differences(edits: Sequence[Edit]) -> st.Floats:
    """[edits, classes] before minus after."""
    return np.array([np.subtract(edit.before, edit.after) for edit in edits])


def _put_in(edits: Sequence[Edit], sign: int) -> st.Floats:
    """[edits, 1] -1 of a control that puts a word in where the edit takes one out: its range of the row is empty."""
    return np.array([-1.0 if sign > 0 and edit.slot[0] == edit.slot[1] else 1.0 for edit in edits])[:, None]


def _flips(values: st.Floats, base: st.Floats) -> st.Bools:
    return np.asarray(values.argmax(-1) != base.argmax(-1))


def _flip_rate(edits: Sequence[Edit]) -> float:
    before, after = np.array([edit.before for edit in edits]), np.array([edit.after for edit in edits])
    return float((before.argmax(1) != after.argmax(1)).mean())

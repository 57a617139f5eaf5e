"""Items are fixed, or deleted: the signed mean of one difference a row, beside that of a control in the same row."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from token_saliency.auditing.audit import ANY, EXCHANGE, ORDER, SEGMENTS
from token_saliency.auditing.judging.case import NOTHING, Case, Draft, table
from token_saliency.auditing.judging.verdicts import ALPHA, AUDIT_ALPHA, CATALOGUE, draws
from token_saliency.results import Edit
from token_saliency.stats import estimate as st
from token_saliency.stats.sampling import generator


def swapped_shift(case: Case, operator: str) -> list[Draft]:
    """Each fixed item against the reference in the same slot; the control puts ordinary items there."""
    rule = case.audit.edit
    answers, controls = table(case, operator, placebo=False), table(case, operator, placebo=True)
    if answers is None or rule.reference not in answers.items:
        return []
    base = answers.values[:, answers.items.index(rule.reference)]
    control = controls.values.mean(1) - base if controls else None
    control_flips = _flips(controls.values, base[:, None]) if controls else None
    rows = [row for row, _ in answers.slots]
    drafts, claims = list[Draft](), _claims(case, operator, len(rule.panel))
    for item in rule.panel:
        filled = answers.values[:, answers.items.index(item)]
        flips = float(_flips(filled, base).mean())
        placebo_flips = float(control_flips.mean()) if control_flips is not None else None
        question = Question(operator, (item, rule.reference), claims, flips, placebo_flips)
        by_class = {
            index: Pairs(rows, filled[:, index] - base[:, index], rows, None if control is None else control[:, index])
            for index in case.judged_classes
        }
        drafts += shift_drafts(case, question, by_class)
    return drafts


AGAINST = {
    "delete": NOTHING,
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
}
"""What an item is compared with, by operator."""

_DESCRIBED = frozenset({ANY, ORDER, *SEGMENTS.values(), *AGAINST.values()})


def quoted(side: str, kinds: Collection[str] = ()) -> str:
    """One side of a comparison in a sentence: what stands in the texts in quotes; a description, or a kind, without."""
    return side if side in _DESCRIBED or side in kinds else f"“{side}”"


def paired_shift(case: Case, operator: str) -> list[Draft]:
    """The text with each item against the text without it; the control edits something ordinary in the same row.

    The item is there before the edit, or after it where it is inserted: the effect is always that of its presence.
    """
    _say_if_unpaired(case)
    items = dict.fromkeys(edit.item for edit in case.edits if edit.operator == operator)
    drafts, claims = list[Draft](), _claims(case, operator, len(items))
    sign = -1 if operator == "insert" else 1
    for item in items:
        own = [e for e in case.edits if e.operator == operator and e.item == item]
        real = [e for e in own if not e.placebo]
        if not real:
            continue
        edited = {e.row for e in real}
        placebo = [e for e in own if e.placebo and e.row in edited]
        flips = _flip_rate(real), _flip_rate(placebo) if placebo else None
        question = Question(operator, (item, AGAINST.get(operator, NOTHING)), claims, *flips)
        effects, control = (sign * _differences(edits) for edits in (real, placebo))
        rows, control_rows = [e.row for e in real], [e.row for e in placebo]
        by_class = {
            index: Pairs(rows, effects[:, index], control_rows, control[:, index] if len(placebo) > 1 else None)
            for index in case.judged_classes
        }
        drafts += shift_drafts(case, question, by_class)
    return drafts


def region_shift(case: Case, operator: str) -> list[Draft]:
    """The picture as it is against the picture with each region replaced; the control is a place of the same size.

    An effect is what the predicted class loses: the last of the two classes of the case.
    """
    own = [edit for edit in case.edits if edit.operator == operator]
    items = sorted({edit.item for edit in own if not edit.placebo})
    drafts, claims = list[Draft](), _claims(case, operator, len(items))
    for item in items:
        real, placebo = ([e for e in own if e.item == item and e.placebo is kind] for kind in (False, True))
        between = (f"its own {item}", "that of another class") if operator == EXCHANGE else (item, NOTHING)
        question = Question(operator, between, claims, _flip_rate(real), _flip_rate(placebo) if placebo else None)
        losses = _differences(real)[:, 1].round(6)
        control = _differences(placebo)[:, 1].round(6) if len(placebo) > 1 else None
        pairs = Pairs([e.row for e in real], losses, [e.row for e in placebo], control)
        drafts += shift_drafts(case, question, {1: pairs})
    return drafts


def _say_if_unpaired(case: Case) -> None:
    note = f"{case.audit.name} was not run: no row is a pair of texts."
    if case.audit.find.matcher == "segments" and not any(case.spans.values()) and note not in case.notes:
        case.notes.append(note)


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared, and how many claims are judged beside it."""

    operator: str
    between: tuple[str, str]
    claims: int
    flip_rate: float
    placebo_flip_rate: float | None


@dataclass(frozen=True, slots=True)
class Pairs:
    """One difference a row, and that of the control for the rows that have one."""

    rows: list[str]
    effects: st.Floats
    control_rows: list[str]
    control: st.Floats | None


def shift_drafts(case: Case, question: Question, by_class: Mapping[int, Pairs]) -> list[Draft]:
    """The signed mean of the differences, and how far it exceeds that of the control in the same rows.

    The classes share their rows, and the random flips that their means are held against.
    """
    pairs = list(by_class.values())
    docs = _docs(case, pairs[0].rows)
    if len(np.unique(docs)) < 2:  # no error of a mean
        return []
    rng = generator(case.seed, case.audit.name, question.operator, question.between)
    p = st.sign_flips(np.stack([one.effects for one in pairs], axis=1), docs, draws(question.claims), rng)
    return [
        _draft(case, question, index, one, docs, float(each))
        for (index, one), each in zip(by_class.items(), p, strict=True)
    ]


def _draft(case: Case, question: Question, index: int, pairs: Pairs, docs: st.Ints, p: float) -> Draft:
    estimate = st.clustered_mean(pairs.effects, docs)
    return Draft(
        claim="shift",
        between=question.between,
        class_index=index,
        operator=question.operator,
        effect=estimate.effect,
        control=float(pairs.control.mean()) if pairs.control is not None else None,
        interval=estimate.interval(AUDIT_ALPHA),
        beyond_control=_beyond_control(case, pairs),
        p=p,
        p_margin=estimate.p_beyond(case.audit.judge.margin),
        flip_rate=question.flip_rate,
        placebo_flip_rate=question.placebo_flip_rate,
        rows=len(set(pairs.rows)),
        items=1,
        smallest_detectable=estimate.detectable(AUDIT_ALPHA),
        resolvable=2.0 ** min(len(np.unique(docs)), 1000) > 2 * CATALOGUE * question.claims / ALPHA,
        by_row=dict(zip(pairs.rows, map(float, pairs.effects), strict=True)),
    )


def _claims(case: Case, operator: str, items: int) -> int:
    """How many claims share the audit's alpha; a descriptive one shares it with none."""
    return items * len(case.judged_classes) if operator == case.audit.edit.judge else 1


def _beyond_control(case: Case, pairs: Pairs) -> float | None:
    """Lower bound of |effect| - |control|, both signed by their own means: the side that favours the model."""
    if pairs.control is None:
        return None
    effects = dict(zip(pairs.rows, pairs.effects, strict=True))
    signs = np.sign(pairs.effects.mean()), np.sign(pairs.control.mean())
    excess = np.array(
        [signs[0] * effects[row] - signs[1] * c for row, c in zip(pairs.control_rows, pairs.control, strict=True)]
    )
    estimate = st.clustered_mean(excess, _docs(case, pairs.control_rows))
    return estimate.interval(AUDIT_ALPHA)[0] if math.isfinite(estimate.se) else None


def _differences(edits: Sequence[Edit]) -> st.Floats:
    """[edits, classes] before minus after."""
    return np.array([np.subtract(edit.before, edit.after) for edit in edits])


def _docs(case: Case, rows: Sequence[str]) -> st.Ints:
    return np.array([case.cluster[row] for row in rows], dtype=np.int64)


def _flips(values: st.Floats, base: st.Floats) -> st.Bools:
    return np.asarray(values.argmax(-1) != base.argmax(-1))


def _flip_rate(edits: Sequence[Edit]) -> float:
    before, after = np.array([edit.before for edit in edits]), np.array([edit.after for edit in edits])
    return float((before.argmax(1) != after.argmax(1)).mean())

"""What stands beside the verdict: attribution share, association with labels, slices, items and examples.

All of it is descriptive. Its intervals are plain 95% ones; nothing here decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from token_saliency.auditing.audit import IN_SECOND, Match
from token_saliency.auditing.edits.reprompts import OPERATOR as REPROMPT
from token_saliency.auditing.edits.request import placebo_share
from token_saliency.auditing.judging.case import Case, CrossedAnswers, bounded
from token_saliency.auditing.judging.verdicts import ClaimEstimate
from token_saliency.drawing import numbers
from token_saliency.results import (
    Association,
    AttributionShare,
    Edit,
    Finding,
    Interval,
    ItemAssociation,
    ItemEffect,
    ScoredRow,
    SliceEffect,
    Span,
)
from token_saliency.stats import estimate as st

DESCRIPTIVE_ALPHA = 0.025
SHOWN_ITEMS = 12
SHOWN_PAIRS = 10
SLICE_VALUES = 8
MENTIONS_FOR_ASSOCIATION = 3


def attribution_share(case: Case) -> AttributionShare | None:
    """How much of the |score| lies on the spans, against the share of tokens that they are (pooled over rows)."""
    found = [_row_shares(case, row) for row in case.rows.values() if case.held[row.id] and row.tokens]
    lines = [line for line in found if line is not None]
    if len(lines) < 2:
        return None
    shares, expected = np.array([line[0] for line in lines]), np.array([line[1] for line in lines])
    placebos = [line[2] for line in lines if line[2] is not None]
    lift = float(shares.mean() / expected.mean())
    error = float(np.std(shares - lift * expected, ddof=1) / np.sqrt(len(lines)) / expected.mean())
    return AttributionShare(
        share=float(shares.mean()),
        expected_share=float(expected.mean()),
        lift=lift,
        interval=st.Estimate(lift, error, len(lines) - 1).interval(DESCRIPTIVE_ALPHA),
        placebo_share=float(np.mean(placebos)) if placebos else None,
        rows=len(lines),
    )


def _row_shares(case: Case, row: ScoredRow) -> tuple[float, float, float | None] | None:
    own = row.sampled or [token.score for token in row.tokens]
    spans = (case.spans[row.id], *([case.second.get(row.id, ())] if case.second else []))
    each = zip(row.tokens, own, strict=True)
    read = [(t, abs(score)) for t, score in each if not t.special and t.segment < len(spans)]
    tokens, scores = [token for token, _ in read], np.array([score for _, score in read])
    on_span = np.array([_touches((t.start, t.end), spans[t.segment]) for t in tokens], dtype=bool)
    if not on_span.any() or scores.sum() == 0:
        return None
    placebo = placebo_share(row.text, scores, on_span, case.seed)
    return float(scores[on_span].sum() / scores.sum()), float(on_span.mean()), placebo


def _touches(span: Span, matches: Iterable[Match]) -> bool:
    return any(span[0] < match.end and match.start < span[1] for match in matches)


def association(case: Case) -> Association | None:
    """z of P(class | item) against P(class) for every item with enough labelled rows, pooled as z squared.

    Poles of one group cancel in a signed mean, hence the squares: the pooled figure is (sum z^2 - k) / sqrt(2 k),
    with an interval that jackknifes the items.
    """
    labelled = {row_id: row.label for row_id, row in case.rows.items() if row.label is not None}
    if not labelled:
        return None
    lines: list[ItemAssociation] = []
    pooled: dict[str, float] = {}
    for index in case.judged_classes:
        found = _class_association(case, labelled, case.classes[index])
        if found:
            pooled[case.classes[index]] = _pooled(np.array([line.z for line in found]))
            lines += found
    if not lines:
        return None
    strongest = sorted(lines, key=lambda line: (-abs(line.z), line.item))[:SHOWN_ITEMS]
    squares = np.array([line.z**2 for line in lines])
    return Association(_pooled(np.sqrt(squares)), _jackknife(squares), pooled, strongest)


def _class_association(case: Case, labelled: dict[str, str], name: str) -> list[ItemAssociation]:
    rows_of: dict[str, set[str]] = {}
    for row_id in labelled:
        for match in case.held[row_id]:
            rows_of.setdefault(match.item, set()).add(row_id)
    base = float(np.mean([label == name for label in labelled.values()]))
    if not 0 < base < 1:
        return []
    return [
        ItemAssociation(item, len(rows), _z([labelled[row] == name for row in sorted(rows)], base), name)
        for item, rows in sorted(rows_of.items())
        if len(rows) >= MENTIONS_FOR_ASSOCIATION
    ]


def _z(hits: Sequence[bool], base: float) -> float:
    return float((np.mean(hits) - base) / np.sqrt(base * (1 - base) / len(hits)))


def _pooled(z: st.Floats) -> float:
    return float(((z**2).sum() - len(z)) / np.sqrt(2 * len(z)))


def _jackknife(squares: st.Floats) -> Interval:
    total, count = float(squares.sum()), len(squares)
    pooled = (total - count) / np.sqrt(2 * count)
    if count < 3:
        return (-float(abs(pooled)) - 1.96, float(abs(pooled)) + 1.96)
    error = float(np.std(squares, ddof=1) * np.sqrt(count) / np.sqrt(2 * count))
    return st.Estimate(float(pooled), error, count - 1).interval(DESCRIPTIVE_ALPHA)


def slices(rows: Mapping[str, ScoredRow], cluster: Mapping[str, int], draft: ClaimEstimate) -> list[SliceEffect]:
    """The effect of the leading claim among correct and wrong predictions, in each class and metadata value."""
    found = [_slice(cluster, draft, name, ids) for name, ids in sorted(_groups(rows, draft.by_row).items())]
    return [entry for entry in found if entry]


def _groups(rows: Mapping[str, ScoredRow], ids: Iterable[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for row_id in ids:
        row = rows[row_id]
        names = [f"{key}={value}" for key, value in row.metadata.items()]
        if row.label is not None:
            names += ["correct" if row.label == row.predicted else "incorrect", f"class={row.label}"]
        for name in names:
            groups.setdefault(name, []).append(row_id)
    columns: dict[str, int] = {}
    for name in groups:
        columns[name.split("=")[0]] = columns.get(name.split("=")[0], 0) + 1
    return {name: ids for name, ids in groups.items() if columns[name.split("=")[0]] <= SLICE_VALUES}


def _slice(cluster: Mapping[str, int], draft: ClaimEstimate, name: str, ids: Sequence[str]) -> SliceEffect | None:
    values = np.array([draft.by_row[row] for row in ids])
    estimate = st.clustered_mean(values, np.array([cluster[row] for row in ids], dtype=np.int64))
    if not np.isfinite(estimate.se):
        return None
    return SliceEffect(name, estimate.effect, estimate.interval(DESCRIPTIVE_ALPHA), len(ids))


def item_effects(case: Case, answers: CrossedAnswers) -> list[ItemEffect]:
    """The items with the largest mean effects over the slots they filled.

    Of fixed items that is what their claims say: each against the reference, in every slot. Those of a sample have no
    reference but one another, and none is scored where it stands by itself.
    """
    crossed = case.audit.items == "sample" or case.audit.edit.reference not in answers.items
    found = _crossed_effects if crossed else _reference_effects
    return largest(line for index in case.judged_classes for line in found(case, answers, index))


def _crossed_effects(case: Case, answers: CrossedAnswers, index: int) -> Iterable[ItemEffect]:
    data = answers.of_class(index)
    for j, item in enumerate(answers.items):
        inside = data.used[:, j]
        yield from _item_effect(case, item, index, data.effects[inside, j], data.docs[inside])


def _reference_effects(case: Case, answers: CrossedAnswers, index: int) -> Iterable[ItemEffect]:
    base = answers.values[:, answers.items.index(str(case.audit.edit.reference)), index]
    for j, item in enumerate(answers.items):
        if item != case.audit.edit.reference:
            yield from _item_effect(case, item, index, answers.values[:, j, index] - base, answers.docs)


def _item_effect(case: Case, item: str, index: int, effects: st.Floats, docs: st.Ints) -> Iterable[ItemEffect]:
    estimate = st.clustered_mean(effects, docs) if len(effects) > 1 else None
    if estimate and np.isfinite(estimate.se):
        interval = bounded(estimate.interval(DESCRIPTIVE_ALPHA), case.classes)
        seen = len(case.homes.get(item, ()))
        called = item + IN_SECOND if case.part else item
        yield ItemEffect(called, case.classes[index], estimate.effect, interval, len(effects), seen)


def as_found(lines: Iterable[ItemEffect], findings: Sequence[Finding], operator: str) -> list[ItemEffect]:
    """An item that a finding is about has the number of that finding: one item, one number."""
    found = {
        (f.between[0], f.class_): f for f in findings if f.claim == "shift" and f.between and f.operator == operator
    }
    return [
        replace(line, effect=own.effect, interval=own.interval)
        if (own := found.get((line.item, line.class_)))
        else line
        for line in lines
    ]


def largest(lines: Iterable[ItemEffect]) -> list[ItemEffect]:
    """The lines that are shown, the largest effect first."""
    return sorted(lines, key=lambda line: (-abs(line.effect), line.item, line.class_))[:SHOWN_ITEMS]


_LEAST = 1e-9


def prompt_notes(case: Case) -> list[str]:
    """What each other prompt does to the decisions, in a sentence."""
    own: dict[str, list[Edit]] = {}
    for edit in case.edits:
        if edit.operator == REPROMPT and not edit.placebo:
            own.setdefault(edit.item, []).append(edit)
    return [_decisions(case, item, edits) for item, edits in own.items()]


def _decisions(case: Case, item: str, edits: Sequence[Edit]) -> str:
    before, after = np.array([edit.before for edit in edits]), np.array([edit.after for edit in edits])
    flipped = before.argmax(1) != after.argmax(1)
    docs = case.documents(edit.row for edit in edits)
    low, high = st.clustered_mean(flipped.astype(float), docs).interval(DESCRIPTIVE_ALPHA)
    left = float((_calibrated(before).argmax(1) != _calibrated(after).argmax(1)).mean())
    said = (
        f"{item}: {numbers.percent(float(flipped.mean()))} of {len(edits)} decisions flip (95% interval "
        f"{numbers.percent(max(0.0, low))} to {numbers.percent(min(1.0, high))}); with both prompts batch-calibrated "
        f"{numbers.percent(left)} would."
    )
    return said + _accuracy(case, edits, before, after)


def _calibrated(probabilities: st.Floats) -> st.Floats:
    """Log-probabilities, each class less its mean over the rows (Zhou et al. 2023)."""
    logs: st.Floats = np.log(probabilities.clip(min=_LEAST))
    return np.asarray(logs - logs.mean(0))


def _accuracy(case: Case, edits: Sequence[Edit], before: st.Floats, after: st.Floats) -> str:
    labels = [case.rows[edit.row].label for edit in edits]
    known = [i for i, label in enumerate(labels) if label in case.classes]
    if not known:
        return ""
    right = np.array([case.classes.index(str(labels[i])) for i in known])
    own, other = (float((side[known].argmax(1) == right).mean()) for side in (before, after))
    return f" Accuracy {numbers.percent(own)} becomes {numbers.percent(other)}."

"""From the answers about edited pictures to the result of an audit: the statistics and verdicts of the text audits.

One number an edit: what the predicted class loses. An edit that is no more than damage costs the prediction too, hence
the matched control. The document of the statistics is a picture, copies of it counted once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from token_saliency.auditing.audit import Match
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.claim_estimate import NOTHING, ClaimEstimate
from token_saliency.auditing.judging.descriptives import slices
from token_saliency.auditing.judging.judge import coverage, explained, findings_of, leading_claim, result_of
from token_saliency.auditing.judging.shifts import Comparison, Pairs, ShiftTest, shift_estimates
from token_saliency.auditing.judging.verdicts import audit_verdict
from token_saliency.image.audits.definition import EXCHANGE, RegionAudit
from token_saliency.image.audits.edits import Seen
from token_saliency.results import AttributionShare, AuditResult, EditedPicture, Finding, ItemEffect, ScoredRow

CLASSES = ("any other class", "the predicted class")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one edited picture: `loss` of the predicted class, and whether another one won."""

    row: str
    operator: str
    item: str
    placebo: bool
    loss: float
    flipped: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """All that is known about one audit."""

    audit: RegionAudit
    rows: Sequence[Seen]
    answers: Sequence[Answer]
    share: AttributionShare | None
    labels: Sequence[str]
    seed: int
    notes: list[str]


def judge_regions(measured: Measured, pictures: list[EditedPicture]) -> AuditResult:
    """The result of one region audit."""
    case = _case(measured)
    judged = [draft for operator in measured.audit.operators for draft in _estimates(measured, operator)]
    findings = findings_of(measured.audit.declared, CLASSES, judged)
    verdict = audit_verdict(findings, case.audit.level)
    reason, advice = explained(case, findings, verdict)
    sliced = leading_claim([draft for draft, _ in judged], findings)
    return result_of(
        case.audit,
        verdict=verdict,
        reason=reason,
        advice=advice,
        coverage=coverage(case.spans),
        attribution=measured.share,
        intervention=findings,
        association=None,
        by_slice=slices(case.rows, case.cluster, sliced) if sliced else [],
        worst_items=_items(findings),
        examples=[],
        pairs=[],
        notes=[*case.audit.notes, *case.notes],
        pictures=pictures,
    )


def _case(measured: Measured) -> Case:
    rows = {seen.row.id: _scored(seen, measured.labels) for seen in measured.rows}
    spans: dict[str, list[Match]] = {row: [] for row in rows}
    found = {(answer.row, answer.item) for answer in measured.answers if not answer.placebo}
    for row, item in sorted(found):
        spans[row].append(Match(0, 0, item))
    clusters = {seen.row.id: seen.cluster for seen in measured.rows}
    return Case(measured.audit.declared, rows, spans, [], CLASSES, clusters, measured.seed, list(measured.notes))


def _scored(seen: Seen, labels: Sequence[str]) -> ScoredRow:
    confidence = seen.confidence
    return ScoredRow(
        id=seen.row.id,
        text=seen.row.id,
        text_pair=None,
        label=seen.row.label,
        predicted=labels[seen.predicted],
        probabilities=(1 - confidence, confidence),
        metadata=seen.row.metadata,
        cluster=seen.cluster,
    )


def _estimates(measured: Measured, operator: str) -> list[tuple[ClaimEstimate, bool]]:
    audit, answers = measured.audit.declared, [a for a in measured.answers if a.operator == operator]
    is_judged = operator == audit.edit.judge
    items = sorted({answer.item for answer in answers if not answer.placebo})
    clusters = {seen.row.id: seen.cluster for seen in measured.rows}
    test = ShiftTest(clusters, audit.judge.margin, len(items) if is_judged else 1, (measured.seed, audit.name))
    made = []
    for item in items:
        real, control = ([a for a in answers if a.item == item and a.placebo is kind] for kind in (False, True))
        made += [(estimate, is_judged) for estimate in _estimates_of(operator, item, real, control, test)]
    return made


def _estimates_of(
    operator: str, item: str, real: Sequence[Answer], control: Sequence[Answer], test: ShiftTest
) -> list[ClaimEstimate]:
    between = (f"its own {item}", "that of another class") if operator == EXCHANGE else (item, NOTHING)
    flips = float(np.mean([a.flipped for a in real])), float(np.mean([a.flipped for a in control])) if control else None
    losses = np.array([a.loss for a in control]) if len(control) > 1 else None
    pairs = Pairs([a.row for a in real], np.array([a.loss for a in real]), [a.row for a in control], losses)
    return shift_estimates(Comparison(operator, between, *flips), {1: pairs}, test)


def _items(findings: Sequence[Finding]) -> list[ItemEffect]:
    """The judged areas side by side, where there are several."""
    judged = [f for f in findings if f.judged and f.between]
    lines = [
        ItemEffect(f.between[0], f.class_ or "", f.effect, f.interval, f.rows, f.rows) for f in judged if f.between
    ]
    return sorted(lines, key=lambda line: (-abs(line.effect), line.item)) if len(lines) > 1 else []

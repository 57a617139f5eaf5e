"""Judges audits of regions of pictures: the same statistics and verdicts as for texts, on what the prediction loses.

One number an edit: what the predicted class loses. An edit that is no more than damage costs the prediction too, hence
the matched control. The document of the statistics is a picture; copies of it count once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from token_saliency.auditing.audit import EXCHANGE
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.descriptives import slices
from token_saliency.auditing.judging.judge import (
    coverage,
    estimates_of,
    explained,
    findings_of,
    leading_claim,
    result_of,
)
from token_saliency.auditing.judging.verdicts import audit_verdict
from token_saliency.results import AuditResult, Edit, Finding, ItemEffect, ScoredRow
from token_saliency.store.evidence import Evidence

CLASSES = ("any other class", "the predicted class")
"""What the answers are judged as, whatever the classes of the model are."""
SEVERAL = (
    "A multi-label head: what is judged is the mean probability of the labels that it gives to a picture (one half or "
    "more; where there is none, the likeliest), and a decision is another where one of them goes."
)
_NO_SHARES = 0.01
"""Probabilities that miss a sum of 1 by more are those of labels that do not exclude each other."""
NO_OBJECTS = "not run: no picture says where its object is (columns left, top, right, bottom, or mask, in a CSV)."


def against_predicted(evidence: Evidence) -> Evidence:
    """The same answers in two classes: the one that was predicted for the picture, and any other.

    Of a multi-label head the labels that it gives to the picture stand for the one, by the mean of their probabilities.
    """
    several = any(abs(sum(row.probabilities) - 1) > _NO_SHARES for row in evidence.rows.values())
    rows = [(_row_of_labels if several else _row)(row) for row in evidence.rows.values()]
    edits = [(_edit_of_labels if several else _edit)(edit) for edit in evidence.edits]
    return Evidence.of(rows, edits, CLASSES, evidence.seed)


def _row(row: ScoredRow) -> ScoredRow:
    confidence = max(row.probabilities)
    return replace(row, probabilities=(1 - confidence, confidence))


def _row_of_labels(row: ScoredRow) -> ScoredRow:
    confidence = _mean(row.probabilities, _given(row.probabilities))
    return replace(row, probabilities=(1 - confidence, confidence))


def _edit(edit: Edit) -> Edit:
    own = int(np.argmax(edit.before))
    return replace(edit, before=_sides(edit.before, own), after=_sides(edit.after, own))


def _given(probabilities: Sequence[float]) -> list[int]:
    """The labels at one half or above; where there is none the likeliest."""
    return [i for i, p in enumerate(probabilities) if p >= 0.5] or [int(np.argmax(probabilities))]


def _mean(probabilities: Sequence[float], labels: Sequence[int]) -> float:
    return float(np.take(probabilities, labels).mean())


def _edit_of_labels(edit: Edit) -> Edit:
    """The decision is another where one of the labels is no longer given."""
    own = _given(edit.before)
    kept, left = _mean(edit.before, own), _mean(edit.after, own)
    flipped = not {*own} <= {*_given(edit.after)}
    before, after = (float(np.nextafter(kept, -1.0)), kept), (float(np.nextafter(left, 2.0 if flipped else -1.0)), left)
    return replace(edit, before=before, after=after)


def _sides(probabilities: Sequence[float], own: int) -> tuple[float, float]:
    """The best of the other classes beside the own one, so that the larger one is still the prediction."""
    kept, other = probabilities[own], max(p for index, p in enumerate(probabilities) if index != own)
    if int(np.argmax(probabilities)) == own:  # of two equal ones the first is predicted
        other = min(other, float(np.nextafter(kept, -1.0)))
    return other, kept


def judge_regions(case: Case) -> AuditResult:
    """The result of one region audit; the attribution share and the shown pictures are added by who has them."""
    case.notes.extend(_missing(case))
    drafts = estimates_of(case.audit, [case])
    findings = findings_of(case.audit, case.classes, drafts)
    verdict = audit_verdict(findings, case.audit.level)
    reason, advice = explained(case, findings, verdict)
    sliced = leading_claim([draft for draft, _ in drafts], findings)
    return result_of(
        case.audit,
        verdict=verdict,
        reason=reason,
        advice=advice,
        coverage=coverage(case.spans),
        attribution=None,
        intervention=findings,
        association=None,
        by_slice=slices(case.rows, case.cluster, sliced) if sliced else [],
        worst_items=_items(findings),
        examples=[],
        pairs=[],
        notes=[*case.audit.notes, *case.notes],
    )


def _missing(case: Case) -> list[str]:
    """Which pictures could not be asked about, and why none could."""
    rule, rows = case.audit.edit, len(case.rows)
    if not case.edits and case.audit.find.options["area"] == "background":
        return [NO_OBJECTS]
    judged = {edit.row for edit in case.edits if edit.operator == rule.judge and not edit.placebo}
    if rule.judge == EXCHANGE and not judged:
        return ["not run: all pictures have one predicted class, so none can take over from another."]
    return [f"{rows - len(judged)} of {rows} pictures could not be asked."] if len(judged) < rows else []


def _items(findings: Sequence[Finding]) -> list[ItemEffect]:
    """The judged areas side by side, where there are several."""
    judged = [f for f in findings if f.judged and f.between]
    lines = [
        ItemEffect(f.between[0], f.class_ or "", f.effect, f.interval, f.rows, f.rows) for f in judged if f.between
    ]
    return sorted(lines, key=lambda line: (-abs(line.effect), line.item)) if len(lines) > 1 else []

"""All that the model is asked in a run, in its order, and what came out; words are veiled before anything is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from token_saliency.auditing.discovery.probes import SHOWN, Hunt, Nomination, hunt
from token_saliency.auditing.edits.request import PlannedEdit
from token_saliency.auditing.evidence import explain_rows
from token_saliency.auditing.evidence.asking import Answers, text_of
from token_saliency.auditing.evidence.cost import Plan, plan_of
from token_saliency.auditing.evidence.model_output import is_number, scale_of
from token_saliency.auditing.evidence.redaction import Redaction, redacted
from token_saliency.auditing.prepare import Job, Prepared, prepared
from token_saliency.results import Edit, ScoredRow
from token_saliency.stats.estimate import Floats
from token_saliency.stats.sampling import clusters
from token_saliency.store.evidence import Evidence
from token_saliency.store.trace import ScoredRows

OnPlan = Callable[[Plan], None]


@dataclass(frozen=True, slots=True)
class Gathered:
    """All answers, the suspects that were nominated, and the `scale` that the outputs were divided by."""

    prepared: Prepared
    evidence: Evidence
    nomination: Nomination
    scale: float


def gathered(job: Job, answers: Answers, on_plan: OnPlan | None) -> Gathered:
    """Predictions of the rows, attributions, predictions of the edited texts; the plan is told before the last two."""
    texts, how = [text_of(row) for row in job.rows], job.settings.how
    answers.recheck(texts)
    outputs = answers.probabilities("predict", texts)
    scale = scale_of(outputs) if is_number(answers.classifier) else 1.0
    ready = prepared(job, answers.classifier)
    heads = _heads(job, outputs / scale, ready, answers.classifier.labels)
    hunting = _hunt(job, heads, answers.classifier.labels)
    if on_plan:
        on_plan(plan_of(answers, job.rows, ready.audits, [*ready.edits, *hunting.nominated({}).planned], how))
    traces = answers.traces("explain", job.rows, explain_rows.rough(how))
    nomination = hunting.nominated(traces)
    edits = _edits(answers, [*ready.edits, *nomination.planned], heads, scale)
    evidence = Evidence(ScoredRows(heads, traces), edits, answers.classifier.labels, job.settings.seed)
    return _shown(job, answers, Gathered(ready, evidence, nomination, scale))


def _heads(job: Job, probabilities: Floats, ready: Prepared, classes: Sequence[str]) -> dict[str, ScoredRow]:
    """The rows with predictions and spans; their tokens are kept apart."""
    groups = clusters(job.rows, job.settings.cluster).tolist()
    return {
        row.id: ScoredRow(
            id=row.id,
            text=row.text,
            text_pair=row.text_pair,
            label=row.label,
            predicted=classes[int(np.argmax(found))],
            probabilities=tuple(map(float, found)),
            metadata=row.metadata,
            spans=tuple(ready.spans[row.id]),
            cluster=group,
        )
        for row, found, group in zip(job.rows, probabilities, groups, strict=True)
    }


def _hunt(job: Job, heads: Mapping[str, ScoredRow], classes: Sequence[str]) -> Hunt:
    """Where suspects are looked for: in all rows, or in none."""
    rows, own = job.rows if job.settings.discovery else (), job.settings
    return hunt(rows, heads, classes, cluster=own.cluster, budget=own.edits, seed=own.seed)


def _edits(
    answers: Answers, planned: Sequence[PlannedEdit], heads: Mapping[str, ScoredRow], scale: float
) -> list[Edit]:
    """Every edit with the probabilities before and after: one packed, de-duplicated stream over all audits."""
    if not planned:
        return []
    after = answers.probabilities("edits", [text_of(edit) for edit in planned]) / scale
    return [
        Edit(
            row=edit.row,
            audit=edit.audit,
            operator=edit.operator,
            slot=edit.slot,
            original=edit.original,
            item=edit.item,
            placebo=edit.placebo,
            text=edit.text,
            text_pair=edit.text_pair,
            before=heads[edit.row].probabilities,
            after=tuple(map(float, found)),
        )
        for edit, found in zip(planned, after, strict=True)
    ]


def _shown(job: Job, answers: Answers, rough: Gathered) -> Gathered:
    """The rows that the report will show are explained to tolerance; then texts are redacted where that is wished."""
    audits, found = rough.prepared.audits, rough.evidence
    redaction = Redaction.of(job.rows, audits, SHOWN) if job.settings.redact else None
    shown = explain_rows.shown_rows(audits, _redacted(found, redaction).edits)
    traces = explain_rows.with_shown(answers, job.rows, job.settings.how, found.rows.traces, shown)
    nomination = rough.nomination if redaction is None else rough.nomination.renamed(redaction.item)
    found = replace(found, rows=ScoredRows(found.rows.heads, traces))
    return replace(rough, evidence=_redacted(found, redaction), nomination=nomination)


def _redacted(evidence: Evidence, redaction: Redaction | None) -> Evidence:
    return evidence if redaction is None else redacted(evidence, redaction)

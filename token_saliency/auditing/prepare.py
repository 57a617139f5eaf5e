"""Before the edits are asked: the spans of every row, what each audit wants to edit, and which audits do not apply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from token_saliency.auditing.audit import Audit, Match
from token_saliency.auditing.edits.by_axis import plan
from token_saliency.auditing.edits.request import PLACEHOLDER, PlannedEdit, Request
from token_saliency.auditing.evidence.asking import Classifier
from token_saliency.auditing.evidence.settings import Settings
from token_saliency.auditing.judging.outcome import failed
from token_saliency.auditing.spans.registry import row_spans
from token_saliency.auditing.spans.templates import learned
from token_saliency.results import AuditedSpan, AuditResult, Example


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be audited. `optional` names the audits that nobody asked for."""

    audits: Sequence[Audit]
    optional: frozenset[str]
    rows: Sequence[Example]
    settings: Settings


@dataclass(frozen=True, slots=True)
class Prepared:
    """The audits that run, the spans by row and the edits of all of them.

    `broken` are those that cannot even be planned, each an ERROR of its own; `idle` says which do not apply.
    """

    audits: list[Audit]
    spans: dict[str, list[AuditedSpan]]
    edits: list[PlannedEdit]
    broken: dict[str, AuditResult]
    idle: list[str]


def prepared(job: Job, classifier: Classifier) -> Prepared:
    """No model is asked: of the classifier only the tokens are counted."""
    spans: dict[str, list[AuditedSpan]] = {row.id: [] for row in job.rows}
    planned: list[PlannedEdit] = []
    broken: dict[str, AuditResult] = {}
    for audit in job.audits:
        try:
            found, edits = _found_and_planned(audit, job, classifier)
        except Exception as error:  # reported as ERROR with its message, exit code 2
            broken[audit.name] = failed(audit, error, redact=job.settings.redact)
            continue
        planned += edits
        for row_id, matches in found.items():
            spans[row_id] += [AuditedSpan(audit.name, m.start, m.end, m.item, m.kind) for m in matches]
    busy = {span.audit for own in spans.values() for span in own} | {edit.audit for edit in planned} | {*broken}
    idle = _idle(job, busy)
    return Prepared([a for a in job.audits if a.name not in idle], spans, planned, broken, list(map(_not_run, idle)))


def _found_and_planned(
    audit: Audit, job: Job, classifier: Classifier
) -> tuple[Mapping[str, Sequence[Match]], list[PlannedEdit]]:
    own = learned(audit, [row.text for row in job.rows])
    found = {row.id: row_spans(row, own) for row in job.rows}
    mask = getattr(getattr(classifier, "tokenizer", None), "mask_token", None) or PLACEHOLDER
    request = Request(own, job.rows, found, job.settings.edits, job.settings.seed, classifier.count_tokens, mask)
    return found, plan(request)


def _idle(job: Job, busy: Iterable[str]) -> list[str]:
    """Of the audits that nobody named, those without a span and without an edit do not apply, unless none is left."""
    idle = [audit.name for audit in job.audits if audit.name in job.optional - {*busy}]
    return idle if len(idle) < len(job.audits) else []


def _not_run(name: str) -> str:
    return f"{name}: not run, none of these rows holds anything of it; this is no sign of safety."

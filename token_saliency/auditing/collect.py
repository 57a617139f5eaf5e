"""All that happens between the rows and the evidence: spans, planned edits, predictions, attributions, answers.

Texts are redacted, where that is wished, before anything is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.discovery.both_texts import Hunts, hunts
from token_saliency.auditing.discovery.probes import SHOWN, Nomination
from token_saliency.auditing.discovery.stages import Stages
from token_saliency.auditing.edits.blocks import in_blocks
from token_saliency.auditing.edits.request import PLACEHOLDER
from token_saliency.auditing.evidence import explain_rows
from token_saliency.auditing.evidence.asking import Answers, Classifier, Settings, row_called, text_of
from token_saliency.auditing.evidence.endpoint_use import sent_ahead
from token_saliency.auditing.evidence.explain_rows import Plan, plan_of
from token_saliency.auditing.evidence.model_output import is_number, scale_of
from token_saliency.auditing.evidence.other_prompts import answered
from token_saliency.auditing.evidence.redaction import Redaction, redacted
from token_saliency.auditing.evidence.unanswered import answered_edits, answered_rows, explained_rows
from token_saliency.auditing.judging.outcome import failed
from token_saliency.auditing.planning import Found, found_and_planned
from token_saliency.auditing.read_parts import read_parts
from token_saliency.auditing.spans.registry import WHOLE_TEXTS
from token_saliency.auditing.spans.unreached import unreached_notes
from token_saliency.auditing.stopping import Stopping
from token_saliency.results import AuditedSpan, AuditResult, Edit, Example, ScoredRow
from token_saliency.stats.estimate import Floats
from token_saliency.stats.sampling import clusters
from token_saliency.store.evidence import Evidence
from token_saliency.store.trace import ScoredRows

OnPlan = Callable[[Plan], None]


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be audited. `optional` names the audits that nobody asked for."""

    audits: Sequence[Audit]
    optional: frozenset[str]
    rows: Sequence[Example]
    settings: Settings
    second: Classifier | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """The audits that run, the spans by row and the edits of all of them.

    `broken` are those that cannot even be planned, each an ERROR of its own; `notes` says which do not apply, and what
    of the rows no edit reaches.
    """

    audits: list[Audit]
    spans: dict[str, list[AuditedSpan]]
    edits: list[Edit]
    broken: dict[str, AuditResult]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Gathered:
    """All answers, the suspects that were nominated, and the `scale` that the outputs were divided by.

    `rows` are those that were answered, as they came; `left_out` says what the model did not answer, `spared` how many
    edits were planned, and asked no more when what they were for was decided, `explained` how many rows lend their
    token scores to means.
    """

    rows: Sequence[Example]
    prepared: Prepared
    evidence: Evidence
    nomination: Nomination
    scale: float
    left_out: list[str]
    spared: int
    explained: int


def gathered(job: Job, answers: Answers, on_plan: OnPlan | None) -> Gathered:
    """Predictions of the rows, attributions, predictions of the edited texts; the plan is told before the last two."""
    texts, how = [text_of(row) for row in job.rows], job.settings.how
    if on_plan and getattr(answers.classifier, "remote", False):
        on_plan(_ahead(job, answers))
    answers.recheck(texts)
    output = answers.probabilities("predict", texts, [row_called(row.id) for row in job.rows])
    rows, outputs, left_out = answered_rows(job.rows, output)
    job = replace(job, rows=rows)
    scale = scale_of(outputs) if is_number(answers.classifier) else 1.0
    parts = read_parts(job.rows, answers.classifier)
    read = replace(job, rows=parts.rows)
    ready = prepared(read, answers.classifier)
    ready = replace(ready, edits=parts.asked(ready.edits))
    heads = _heads(job, outputs / scale, ready, answers.classifier.labels)
    hunting = _hunt(read, parts.heads(heads), answers.classifier.labels, ready.audits)
    explained = _explained(job, ready, hunting)
    if on_plan:
        plan_ = plan_of(answers, job.rows, explained, ready.audits, [*ready.edits, *hunting.planned()], how)
        on_plan(replace(plan_, left_out=tuple(left_out)))
    traces, unexplained = explained_rows(answers.traces("explain", explained, explain_rows.rough(how)))
    gone = {row.id for row in explained} - traces.keys()
    job = replace(job, rows=[row for row in job.rows if row.id not in gone])
    heads = {row.id: heads[row.id] for row in job.rows}
    nomination = hunting.nomination(traces, job.second)
    nomination = replace(nomination, planned=parts.asked(nomination.planned))
    planned = [edit for edit in [*ready.edits, *nomination.planned] if edit.row in heads]
    asked = Questions(job, answers, ready.audits, heads, scale)
    stages = Stages(nomination, heads, answers.classifier.labels, job.settings.seed)
    found = asked.at_once(planned) if job.settings.exhaustive else asked.in_looks(planned, stages)
    nomination = stages.told
    edits, unanswered = answered_edits(found)
    evidence = replace(asked.evidence([]), rows=ScoredRows(heads, traces), edits=edits)
    left_out += [*unexplained, *unanswered]
    spared = len(planned) - len(found)
    return _shown(job, answers, Gathered(job.rows, ready, evidence, nomination, scale, left_out, spared, len(traces)))


def _ahead(job: Job, answers: Answers) -> Plan:
    """Of an endpoint, before it is asked; discovery is guessed as if the rows were predicted as they are labelled."""
    ready, classes = prepared(job, answers.classifier), answers.classifier.labels
    guess = np.array([[float(name == row.label) for name in classes] for row in job.rows])
    hunting = _hunt(job, _heads(job, guess, ready, classes), classes, ready.audits)
    planned = [*ready.edits, *hunting.planned()]
    explained = _explained(job, ready, hunting)
    sent = sent_ahead(answers, job.rows, explained, planned, ready.audits, job.settings.how)
    return Plan(len(job.rows), sent.prompts, 0, sent.tokens, 0.0, len(answers.memory.paid), sent=sent)


def _explained(job: Job, ready: Prepared, hunting: Hunts) -> list[Example]:
    if job.settings.exhaustive:
        return [*job.rows]
    return explain_rows.to_explain(job.rows, ready.spans, hunting.nominating)


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


def _hunt(job: Job, heads: Mapping[str, ScoredRow], classes: Sequence[str], audits: Iterable[Audit]) -> Hunts:
    """Where suspects are looked for: in all rows, or in none. Spans that part the whole text say nothing of a word."""
    rows, own = job.rows if job.settings.discovery else (), job.settings
    whole = {audit.name for audit in audits if audit.find.matcher in WHOLE_TEXTS}
    if whole:
        words = {row: tuple(span for span in head.spans if span.audit not in whole) for row, head in heads.items()}
        heads = {row: replace(head, spans=words[row]) for row, head in heads.items()}
    return hunts(rows, heads, classes, cluster=own.cluster, budget=own.edits, seed=own.seed)


@dataclass(frozen=True, slots=True)
class Questions:
    """Edits put to the model; the answers are divided by `scale`."""

    job: Job
    answers: Answers
    audits: Sequence[Audit]
    heads: Mapping[str, ScoredRow]
    scale: float

    def evidence(self, edits: Sequence[Edit]) -> Evidence:
        """What is there to judge by after these edits."""
        return Evidence(ScoredRows(self.heads, {}), edits, self.answers.classifier.labels, self.job.settings.seed)

    def at_once(self, planned: Sequence[Edit], stage: str = "edits") -> list[Edit]:
        """Every edit with the probabilities before and after: one packed, de-duplicated stream over all audits."""
        if not planned:
            return []
        after = answered(self.answers, planned, self.audits, list(map(_called, planned)), stage) / self.scale
        return [
            replace(edit, before=self.heads[edit.row].probabilities, after=tuple(map(float, found)))
            for edit, found in zip(planned, after, strict=True)
        ]

    def in_looks(self, planned: Sequence[Edit], suspects: Stages) -> list[Edit]:
        """The same block by block, without what a decided claim, or a suspect that is let go, no longer wants."""
        by_name = {audit.name: audit for audit in self.audits}
        own = [edit for edit in planned if edit.audit in by_name]
        blocks = in_blocks(own, by_name, self.job.rows, self.job.settings.seed)
        stopping, found = Stopping(by_name, blocks), list[Edit]()
        stopping.begin(self.evidence([]))
        looks = sorted({edit.look for edit in [*blocks, *suspects.planned]})
        for look in looks:
            due = [*stopping.asks([edit for edit in blocks if edit.look == look]), *suspects.asks(look)]
            found += self.at_once(due, "edits" if look == looks[0] else f"edits, look {look}")
            if look != looks[-1]:
                answers = answered_edits(found)[0]
                stopping.look(self.evidence(answers), look)
                suspects.look(answers, look)
        return _as_planned(found, planned)


def _as_planned(found: Sequence[Edit], planned: Sequence[Edit]) -> list[Edit]:
    """The edits in the order of the plan, which no stop changes."""
    key = attrgetter("audit", "operator", "row", "part", "slot", "item", "placebo", "text", "text_pair")
    place = {key(edit): number for number, edit in enumerate(planned)}
    return sorted(found, key=lambda edit: place[key(edit)])


def _called(edit: Edit) -> str:
    return f"{row_called(edit.row)} with an edit of {edit.audit}"


def _shown(job: Job, answers: Answers, rough: Gathered) -> Gathered:
    """The rows that the report will show are explained to tolerance; then texts are redacted where that is wished."""
    audits, found = rough.prepared.audits, rough.evidence
    redaction = Redaction.of(job.rows, audits, SHOWN) if job.settings.redact else None
    shown = explain_rows.shown_rows(audits, _redacted(found, redaction).edits)
    if redaction is not None:
        shown = {row_id for row_id in found.rows.heads if redaction.row(row_id) in shown}
    traces = explain_rows.with_shown(answers, job.rows, job.settings.how, found.rows.traces, shown)
    nomination = rough.nomination if redaction is None else rough.nomination.renamed(redaction.item)
    found = replace(found, rows=ScoredRows(found.rows.heads, traces))
    return replace(rough, evidence=_redacted(found, redaction), nomination=nomination)


def _redacted(evidence: Evidence, redaction: Redaction | None) -> Evidence:
    return evidence if redaction is None else redacted(evidence, redaction)


# --- before the edits are put to the model ---


def prepared(job: Job, classifier: Classifier) -> Prepared:
    """No model is asked: of the classifier only the tokens are counted."""
    spans: dict[str, list[AuditedSpan]] = {row.id: [] for row in job.rows}
    planned: list[Edit] = []
    broken: dict[str, AuditResult] = {}
    for audit in job.audits:
        try:
            found, edits = _found_and_planned(audit, job, classifier)
        except Exception as error:  # reported as ERROR with its message, exit code 2
            broken[audit.name] = failed(audit, error, redact=job.settings.redact)
            continue
        planned += edits
        for part, own in enumerate((found.first, found.second)):
            for row_id, matches in own.items():
                spans[row_id] += [AuditedSpan(audit.name, m.start, m.end, m.item, m.kind, part) for m in matches]
    busy = {span.audit for own in spans.values() for span in own} | {edit.audit for edit in planned} | {*broken}
    idle = _idle(job, busy)
    sound = [audit for audit in job.audits if audit.name not in broken]
    notes = [*map(_not_run, idle), *unreached_notes(sound, job.rows, spans, redact=job.settings.redact)]
    return Prepared([a for a in job.audits if a.name not in idle], spans, planned, broken, notes)


def _found_and_planned(audit: Audit, job: Job, classifier: Classifier) -> tuple[Found, list[Edit]]:
    mask = getattr(getattr(classifier, "tokenizer", None), "mask_token", None) or PLACEHOLDER
    budget, prompt = (job.settings.edits, job.settings.seed), getattr(classifier, "prompt", None)
    return found_and_planned(audit, job.rows, *budget, classifier.count_tokens, mask=mask, prompt=prompt)


def _idle(job: Job, busy: Iterable[str]) -> list[str]:
    """Of the audits that nobody named, those without a span and without an edit do not apply, unless none is left."""
    idle = [audit.name for audit in job.audits if audit.name in job.optional - {*busy}]
    return idle if len(idle) < len(job.audits) else []


def _not_run(name: str) -> str:
    return f"{name}: not run, none of these rows holds anything of it; this is no sign of safety."

"""The only place where rows, model, method and audits meet.

rows -> sample -> predictions -> spans -> planned edits -> attributions -> predictions of the edited texts
-> cases -> verdicts -> Report. What is random depends on content and seed alone, and probabilities are rounded to
1e-6 before anything is drawn or judged, so order and batch size change no verdict. All that the model answers goes
by in blocks, so a run that was stopped goes on where it was.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from token_saliency import __version__
from token_saliency.auditing import passes, rejudging
from token_saliency.auditing.answers import Answers, Classifier, How, MeterLike, OnProgress, text_of
from token_saliency.auditing.audit import Audit
from token_saliency.auditing.blocks import Block, Memory, OnBlock, Text
from token_saliency.auditing.discovery import discovered
from token_saliency.auditing.hunting import SHOWN, Hunt, Nomination, hunt
from token_saliency.auditing.judging import alpha_note
from token_saliency.auditing.match_labels import bound
from token_saliency.auditing.matchers import row_spans
from token_saliency.auditing.outputs import is_number, scale_note, scale_of, two_sided
from token_saliency.auditing.planning import PLACEHOLDER, PlannedEdit, Request
from token_saliency.auditing.redaction import Answered, Redaction, redacted
from token_saliency.auditing.sampling import clusters, fingerprint, sample_rows
from token_saliency.auditing.selection import Config, chosen_audits, options_of
from token_saliency.auditing.strata import plan
from token_saliency.auditing.templates import learned
from token_saliency.auditing.trace import ScoredRows, Trace
from token_saliency.auditing.verdicts import BLOCKING, report_verdict
from token_saliency.data import Rows, load_rows
from token_saliency.errors import DataError, OptionError, unknown
from token_saliency.results import (
    DISCLAIMER,
    SCHEMA_VERSION,
    AuditedSpan,
    AuditResult,
    Cost,
    DatasetInfo,
    Edit,
    Example,
    Report,
    ScoredRow,
    Tool,
)

__all__ = ["Classifier", "MeterLike", "OnProgress", "Plan", "Settings", "run_audits"]

BACKWARD_COST = 2.0
"""A forward and input-backward pass in units of a forward pass: for the plan alone."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is about to spend: rows, passes, tokens, and the seconds that the first predictions suggest.

    Of a run that goes on, only what is left; `finished` counts the answers that are there.
    """

    rows: int
    forward: int
    backward: int
    tokens: int
    seconds: float
    finished: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """All that was chosen, defaults included; written to the report."""

    method: str
    target: str
    baseline: str | None
    rows_limit: int | None
    edits: int
    seed: int
    fail_on: str
    cluster: str | None
    audits: tuple[str, ...]
    redact: bool = False
    allow_inconclusive: bool = False
    discovery: bool = True


OnPlan = Callable[[Plan], None]
OnEvidence = Callable[[Mapping[str, ScoredRow], Sequence[Edit]], None]


def run_audits(
    classifier: Classifier,
    rows: Any,
    audits: Sequence[str | Audit] | None = None,
    *,
    audits_dir: Path | str | None = None,
    rows_limit: int | None = 1000,
    edits: int = 10_000,
    seed: int = 0,
    method: str | None = None,
    target: str = "predicted",
    baseline: str | None = None,
    config: Config | None = None,
    fail_on: str = "fail",
    cluster: str | None = None,
    redact: bool = False,
    allow_inconclusive: bool = False,
    discovery: bool = True,
    dataset_id: str | None = None,
    command: str = "",
    asked: Mapping[str, Any] | None = None,
    finished: Iterable[Block] = (),
    on_plan: OnPlan | None = None,
    on_progress: OnProgress | None = None,
    on_block: OnBlock | None = None,
    on_evidence: OnEvidence | None = None,
) -> Report:
    """Audits the classifier on the rows (DataFrame, `datasets.Dataset`, list of dicts or texts, or `Rows`).

    `audits`: names of shipped audits, or definitions; None runs all that apply to the rows. `edits` is the largest
    number of edited texts an audit may ask for, `cluster` the metadata that copies of one row share. With `redact`
    nothing that comes out holds text of the rows. `discovery` looks for what no audit lists besides. `method` None is
    the classifier's own: integrated_gradients, of a function occlusion.
    `finished` are blocks of an earlier run of the same model, rows and settings; every new one goes to `on_block`,
    which may raise to stop. `on_evidence` gets the rows and edits that the verdicts rest on, and `asked` goes to the
    settings of the report.
    Of a regression head all effects are in standard deviations of its predictions on these rows, and so are margins.
    Raises DataError for rows that do not fit, OptionError for values that do not exist.
    An audit that crashes is an ERROR in the report, never an exception and never a pass.
    """
    classifier = two_sided(classifier)
    source = rows if isinstance(rows, Rows) else load_rows(rows, labels=classifier.labels, cluster=cluster)
    _check_options(rows_limit, edits, fail_on)
    chosen, skipped = chosen_audits(audits, audits_dir, config or {})
    chosen = [bound(audit, classifier.labels) for audit in chosen]
    names = tuple(audit.name for audit in chosen)
    own = method or classifier.default_method
    settings = Settings(
        own, target, baseline, rows_limit, edits, seed, fail_on, cluster, names, redact, allow_inconclusive,
        discovery,
    )  # fmt: skip
    answers = Answers(classifier, Memory.of(finished), on_block or _dropped, on_progress or _silent)
    optional = frozenset(set(names) - set(config or {})) if audits is None else frozenset[str]()
    run = _Run(answers, chosen, settings, source, on_plan, optional)
    about = About(dataset_id or source.id, command, skipped, {} if asked is None else {"asked": dict(asked)})
    return run.report(about, on_evidence)


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


def _dropped(block: Block) -> None:
    """Nobody keeps it."""


def _check_options(rows_limit: int | None, edits: int, fail_on: str) -> None:
    if rows_limit is not None and rows_limit < 1:
        raise OptionError(f"rows must be at least 1 (or all), not {rows_limit}.")
    if edits < 100:
        raise OptionError(f"edits must be at least 100, not {edits}: fewer can decide nothing.")
    if fail_on not in BLOCKING:
        raise unknown("value of fail-on", fail_on, BLOCKING)


@dataclass(frozen=True, slots=True)
class About:
    """What a report says of its run beside the results."""

    dataset_id: str
    command: str
    skipped: list[str]
    settings: dict[str, Any]


@dataclass(slots=True)
class _Run:
    """One run of the audits: the model with its memory, what was chosen, the rows."""

    answers: Answers
    audits: list[Audit]
    settings: Settings
    source: Rows
    on_plan: OnPlan | None
    optional: frozenset[str]
    """Audits that nobody named: those without anything to find in these rows do not apply."""
    idle: list[str] = field(default_factory=list)
    broken: dict[str, AuditResult] = field(default_factory=dict)
    scale: float = 1.0
    started: float = field(default_factory=time.perf_counter)

    def report(self, about: About, on_evidence: OnEvidence | None) -> Report:
        earlier = self.answers.memory.spent.seconds
        rows = self._sampled()
        traces, answered, nominated = self._answered(rows)
        judged = rejudging.Answers(
            ScoredRows(answered.heads, answered.traces), answered.edits, self.labels, self.settings.seed
        )
        results = rejudging.judged(self.audits, judged, self.broken, redact=self.settings.redact)
        calibration, doubts = rejudging.calibrated(self.audits, judged, results)
        if on_evidence:
            on_evidence(judged.rows, answered.edits)
        return Report(
            schema_version=SCHEMA_VERSION,
            tool=Tool("token-saliency", __version__),
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            command=about.command,
            disclaimer=DISCLAIMER,
            model=self.answers.classifier.info,
            dataset=DatasetInfo(about.dataset_id, self.source.split, self.source.seen, len(rows), fingerprint(rows)),
            settings=self._settings() | about.settings,
            verdict=report_verdict(results.values()),
            exit_code=rejudging.ending(
                results.values(), self.settings.fail_on, allow_inconclusive=self.settings.allow_inconclusive
            ),
            audits=results,
            discovery=discovered(nominated, answered.heads, answered.edits, self.labels, self.settings.seed),
            calibration=calibration,
            cost=self._cost(earlier),
            warnings=[
                *self.source.notes,
                *about.skipped,
                *self.idle,
                *_trace_notes(traces.values()),
                *rejudging.claim_notes(results),
                *([scale_note(self.scale)] if is_number(self.answers.classifier) else []),
                *nominated.notes,
                *doubts,
            ],
        )

    def _sampled(self) -> list[Example]:
        rows = sample_rows(self.source.examples, self.settings.rows_limit, self.settings.seed)
        if not rows:
            raise DataError("There are no rows at all to audit: check the file, the split and the label map.")
        if self.settings.target == "label" and any(row.label is None for row in rows):
            raise DataError("--target label needs a label in every row; choose --target predicted, or label the rows.")
        return rows

    def _answered(self, rows: list[Example]) -> tuple[dict[str, Trace], Answered, Nomination]:
        """All that the model is asked, then the texts are veiled where that is wished."""
        texts = [text_of(row) for row in rows]
        self.answers.recheck(texts)
        probabilities = self.answers.probabilities("predict", texts)
        if is_number(self.answers.classifier):
            self.scale = scale_of(probabilities)
            probabilities = probabilities / self.scale
        spans, planned = self._planned(rows)
        groups = clusters(rows, self.settings.cluster).tolist()
        heads = {
            row.id: _head(row, tuple(map(float, p)), self.labels, spans[row.id], group)
            for row, p, group in zip(rows, probabilities, groups, strict=True)
        }
        hunt = self._hunt(rows, heads)
        if self.on_plan:
            self.on_plan(self._plan(texts, rows, [*planned, *hunt.nominated({}).planned]))
        traces = self.answers.traces("explain", rows, passes.rough(self._how))
        nominated = hunt.nominated(traces)
        rough = Answered(heads, traces, self._edits([*planned, *nominated.planned], heads))
        redaction = Redaction.of(rows, self.audits, SHOWN) if self.settings.redact else None
        shown = passes.shown_rows(self.audits, _veiled(rough, redaction).edits)
        traces = passes.with_shown(self.answers, rows, self._how, traces, shown)
        answered = _veiled(replace(rough, traces=traces), redaction)
        return traces, answered, nominated if redaction is None else nominated.renamed(redaction.item)

    @property
    def _how(self) -> How:
        return How(self.settings.method, self.settings.target, self.settings.baseline, self.settings.seed)

    def _hunt(self, rows: Sequence[Example], heads: Mapping[str, ScoredRow]) -> Hunt:
        """Where suspects are looked for: in all rows, or in none."""
        chosen, own = rows if self.settings.discovery else (), self.settings
        return hunt(chosen, heads, self.labels, cluster=own.cluster, budget=own.edits, seed=own.seed)

    @property
    def labels(self) -> list[str]:
        return self.answers.classifier.labels

    def _planned(self, rows: Sequence[Example]) -> tuple[dict[str, list[AuditedSpan]], list[PlannedEdit]]:
        """The spans of every row and the edits; an audit that cannot even be planned is an ERROR of its own."""
        spans: dict[str, list[AuditedSpan]] = {row.id: [] for row in rows}
        planned: list[PlannedEdit] = []
        count = self.answers.classifier.count_tokens
        mask = getattr(getattr(self.answers.classifier, "tokenizer", None), "mask_token", None) or PLACEHOLDER
        for audit in self.audits:
            try:
                own = learned(audit, [row.text for row in rows])
                found = {row.id: row_spans(row, own) for row in rows}
                planned += plan(Request(own, rows, found, self.settings.edits, self.settings.seed, count, mask))
            except Exception as error:  # reported as ERROR with its message, exit code 2
                self.broken[audit.name] = rejudging.failed(audit, error, redact=self.settings.redact)
                continue
            for row_id, matches in found.items():
                spans[row_id] += [AuditedSpan(audit.name, m.start, m.end, m.item, m.kind) for m in matches]
        self._set_aside({span.audit for own in spans.values() for span in own} | {edit.audit for edit in planned})
        return spans, planned

    def _set_aside(self, busy: Collection[str]) -> None:
        """Of the audits that nobody named, those without a span and without an edit do not apply, and are said."""
        idle = [a for a in self.audits if a.name in self.optional and a.name not in {*busy, *self.broken}]
        if len(idle) < len(self.audits):
            self.audits = [audit for audit in self.audits if audit not in idle]
            self.idle = [
                f"{audit.name}: not run, none of these rows holds anything of it; this is no sign of safety."
                for audit in idle
            ]

    def _plan(self, texts: Sequence[Text], rows: Sequence[Example], planned: Sequence[PlannedEdit]) -> Plan:
        mean = float(np.mean(self.answers.count_tokens(texts)))
        memory, asked = self.answers.memory, self.answers.asked
        edits = len(self.answers.missing([_edited(edit) for edit in planned]))
        forward, backward = self._explaining(rows, planned, mean)
        finished = len(memory.predictions) - len(rows) + len(memory.traces)
        tokens = round(mean * (edits + forward + backward))
        rate = asked.tokens / max(asked.seconds, 1e-6)
        seconds = mean * (edits + forward + BACKWARD_COST * backward) / max(rate, 1e-9)
        return Plan(len(rows), len(rows) + edits + forward, backward, tokens, seconds, max(0, finished))

    def _explaining(self, rows: Sequence[Example], planned: Sequence[PlannedEdit], tokens: float) -> tuple[int, int]:
        """Forward passes, and gradients with theirs, that attribution will cost; no more rows are shown."""
        how, rough = self._how, passes.rough(self._how)
        left = len(self.answers.untraced(rows, rough))
        shown = 0 if rough == how else passes.most_shown(self.audits, planned)
        return (
            left * passes.forward_a_row(rough, tokens),
            left * passes.gradients_a_row(rough) + shown * passes.gradients_a_row(how),
        )

    def _edits(self, planned: Sequence[PlannedEdit], heads: Mapping[str, ScoredRow]) -> list[Edit]:
        """Every edit with the probabilities before and after: one packed, de-duplicated stream over all audits."""
        if not planned:
            return []
        after = self.answers.probabilities("edits", [_edited(edit) for edit in planned])
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
                after=tuple(map(float, p / self.scale)),
            )
            for edit, p in zip(planned, after, strict=True)
        ]

    def _settings(self) -> dict[str, Any]:
        explained = self.answers.memory.explained
        resolved = asdict(explained) if explained else {}
        notes = {"attribution": passes.described(self._how), "statistics": alpha_note()}
        return asdict(self.settings) | resolved | {"audits": options_of(self.audits)} | notes

    def _cost(self, earlier: float) -> Cost:
        """What the whole run spent, all its sittings together."""
        spent = self.answers.memory.spent
        seconds = earlier + time.perf_counter() - self.started
        return Cost(spent.forward, spent.backward, spent.tokens, round(seconds, 3))


def _veiled(answered: Answered, redaction: Redaction | None) -> Answered:
    return answered if redaction is None else redacted(answered, redaction)


def _edited(edit: PlannedEdit) -> Text:
    return edit.text if edit.text_pair is None else (edit.text, edit.text_pair)


def _head(
    row: Example, probabilities: tuple[float, ...], names: Sequence[str], spans: Sequence[AuditedSpan], cluster: int
) -> ScoredRow:
    """The row with its prediction and spans; its tokens are kept apart."""
    return ScoredRow(
        id=row.id,
        text=row.text,
        text_pair=row.text_pair,
        label=row.label,
        predicted=names[int(np.argmax(probabilities))],
        probabilities=probabilities,
        metadata=row.metadata,
        spans=tuple(spans),
        cluster=cluster,
    )


def _trace_notes(traces: Iterable[Trace]) -> list[str]:
    listed = list(traces)
    exact = [trace for trace in listed if trace.sampled] or listed  # rough scores have no tolerance to reach
    cut = sum(1 for trace in listed if trace.truncated)
    stopped = sum(1 for trace in exact if not trace.converged)
    notes = []
    if cut:
        notes.append(f"{cut} of {len(listed)} rows are longer than the model reads: what was cut off had no say.")
    if stopped:
        notes.append(f"{stopped} of {len(exact)} attributions did not reach their tolerance (scores are rougher).")
    return notes

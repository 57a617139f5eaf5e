"""The only place where rows, model, method and audits meet.

rows -> sample -> predictions -> spans -> planned edits -> attributions -> predictions of the edited texts
-> cases -> verdicts -> Report. What is random depends on content and seed alone, and probabilities are rounded to
1e-6 before anything is drawn or judged, so order and batch size change no verdict.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from token_saliency import __version__
from token_saliency.auditing.audit import Audit, Match
from token_saliency.auditing.claims import Case
from token_saliency.auditing.definition import load_audits
from token_saliency.auditing.judging import alpha_note, crashed, judge_case
from token_saliency.auditing.match_labels import bound
from token_saliency.auditing.matchers import find_spans
from token_saliency.auditing.planning import PlannedEdit, Request, plan
from token_saliency.auditing.sampling import clusters, fingerprint, sample_rows
from token_saliency.auditing.statistics import Floats
from token_saliency.auditing.verdicts import BLOCKING, exit_code, report_verdict
from token_saliency.data import Rows, load_rows
from token_saliency.errors import DataError, ModelError, OptionError, unknown
from token_saliency.results import (
    DISCLAIMER,
    SCHEMA_VERSION,
    Attribution,
    AuditResult,
    Cost,
    DatasetInfo,
    Edit,
    Example,
    ModelInfo,
    Predictions,
    Report,
    ScoredRow,
    Tool,
)

GRADIENTS_A_ROW = 14
"""What adaptive Integrated Gradients spends on a row on average (numerics): for the plan alone."""

BACKWARD_COST = 2.0
"""A forward and input-backward pass in units of a forward pass: for the plan alone."""

PROBABILITY_DIGITS = 6

Inputs = Sequence[str] | Sequence[tuple[str, str]] | Sequence[str | tuple[str, str]]


class MeterLike(Protocol):
    """Counters that only grow."""

    forward: int
    backward: int
    tokens: int


class Classifier(Protocol):
    """What an audit asks of a classifier."""

    @property
    def labels(self) -> list[str]: ...
    @property
    def info(self) -> ModelInfo: ...
    @property
    def default_method(self) -> str: ...
    @property
    def meter(self) -> MeterLike: ...
    def predict(self, texts: Any, *, progress: Callable[[int], None] | None = None) -> Predictions: ...
    def count_tokens(self, texts: Any) -> list[int]: ...
    def explain(
        self,
        texts: Any,
        method: Any = ...,
        target: Any = ...,
        *,
        labels: Any = ...,
        baseline: str | None = ...,
        seed: int = ...,
        progress: Callable[[int], None] | None = None,
    ) -> list[Attribution]: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is about to spend: rows, passes, tokens, and the seconds that the first predictions suggest."""

    rows: int
    forward: int
    backward: int
    tokens: int
    seconds: float


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


OnPlan = Callable[[Plan], None]
OnProgress = Callable[[str, int, int], None]


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
    config: Mapping[str, Mapping[str, Any]] | None = None,
    fail_on: str = "fail",
    cluster: str | None = None,
    dataset_id: str | None = None,
    command: str = "",
    on_plan: OnPlan | None = None,
    on_progress: OnProgress | None = None,
) -> Report:
    """Audits the classifier on the rows (DataFrame, `datasets.Dataset`, list of dicts or texts, or `Rows`).

    `audits`: names of shipped audits, or definitions; None runs all. `edits` is the largest number of edited texts
    an audit may ask for. `method` None is the classifier's own: integrated_gradients, of a function occlusion.
    Raises DataError for rows that do not fit, OptionError for values that do not exist, ModelError for regression.
    An audit that crashes is an ERROR in the report, never an exception and never a pass.
    """
    _require_probabilities(classifier)
    source = rows if isinstance(rows, Rows) else load_rows(rows, labels=classifier.labels)
    _check_options(rows_limit, edits, fail_on)
    chosen, skipped = _chosen(audits, audits_dir, config or {})
    chosen = [bound(audit, classifier.labels) for audit in chosen]
    names = tuple(audit.name for audit in chosen)
    settings = Settings(
        method or classifier.default_method, target, baseline, rows_limit, edits, seed, fail_on, cluster, names
    )
    run = _Run(classifier, chosen, settings, on_progress or _silent)
    return run.report(source, dataset_id, command, on_plan, skipped)


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


def _require_probabilities(classifier: Classifier) -> None:
    if len(classifier.labels) < 2:
        raise ModelError(
            "The model has one output and no classes (a regression head): audits of a plain number do not exist yet; "
            "where it means yes or no, give TextClassifier.from_function a function that returns [1 - p, p]."
        )


def _check_options(rows_limit: int | None, edits: int, fail_on: str) -> None:
    if rows_limit is not None and rows_limit < 1:
        raise OptionError(f"rows must be at least 1 (or all), not {rows_limit}.")
    if edits < 100:
        raise OptionError(f"edits must be at least 100, not {edits}: fewer can decide nothing.")
    if fail_on not in BLOCKING:
        raise unknown("value of fail-on", fail_on, BLOCKING)


def _chosen(
    audits: Sequence[str | Audit] | None, audits_dir: Path | str | None, config: Mapping[str, Mapping[str, Any]]
) -> tuple[list[Audit], list[str]]:
    """The audits with the user's levels and margins; those that are off are named."""
    named = None if audits is None else [audit for audit in audits if isinstance(audit, str)]
    loaded = list(load_audits(named, audits_dir).values()) if named is None or named else []
    loaded += [audit for audit in audits or () if isinstance(audit, Audit)]
    for name in config:
        if name not in {audit.name for audit in loaded} | set(load_audits(None, audits_dir)):
            raise unknown("audit in the configuration", name, load_audits(None, audits_dir))
    configured = [_configured(audit, config.get(audit.name, {})) for audit in loaded]
    off = [f"{audit.name} is off by configuration: not run." for audit in configured if audit.level == "off"]
    return [audit for audit in configured if audit.level != "off"], off


def _configured(audit: Audit, options: Mapping[str, Any]) -> Audit:
    known = {"level", "margin", "min_rows"}
    for key in options:
        if key not in known:
            raise unknown(f"option of audit {audit.name}", key, known)
    judge = replace(audit.judge, **{key: options[key] for key in ("margin", "min_rows") if key in options})
    return replace(audit, judge=judge, level=options.get("level", audit.level))


@dataclass(slots=True)
class _Run:
    """One run of the audits: the model, what was chosen, and who is told about progress."""

    classifier: Classifier
    audits: list[Audit]
    settings: Settings
    on_progress: OnProgress

    def report(
        self, source: Rows, dataset_id: str | None, command: str, on_plan: OnPlan | None, skipped: list[str]
    ) -> Report:
        started, spent = time.perf_counter(), _spent(self.classifier)
        rows = sample_rows(source.examples, self.settings.rows_limit, self.settings.seed)
        if not rows:
            raise DataError("There are no rows at all to audit: check the file, the split and the label map.")
        predictions = self._predict("predict", [_input(row.text, row.text_pair) for row in rows])
        rate = (_spent(self.classifier)[2] - spent[2]) / max(time.perf_counter() - started, 1e-6)
        spans, planned, broken = self._planned(rows)
        if on_plan:
            on_plan(self._plan(rows, planned, rate))
        attributions = self._attributed(rows)
        scored = self._scored(rows, predictions, attributions)
        answered = self._answered(planned, scored)
        results = self._judged(rows, scored, spans, answered, broken)
        warnings = [*source.notes, *skipped, *_attribution_notes(attributions), *_claim_notes(results)]
        after = _spent(self.classifier)
        verdict = report_verdict(results.values())
        return Report(
            schema_version=SCHEMA_VERSION,
            tool=Tool("token-saliency", __version__),
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            command=command,
            disclaimer=DISCLAIMER,
            model=self.classifier.info,
            dataset=DatasetInfo(dataset_id or source.id, source.split, source.seen, len(rows), fingerprint(rows)),
            settings=self._settings(attributions[0]),
            verdict=verdict,
            exit_code=exit_code(list(results.values()), self.settings.fail_on),
            audits=results,
            discovery=[],
            calibration=None,
            cost=Cost(
                forward=after[0] - spent[0],
                backward=after[1] - spent[1],
                tokens=after[2] - spent[2],
                seconds=round(time.perf_counter() - started, 3),
            ),
            warnings=warnings,
        )

    def _settings(self, first: Attribution) -> dict[str, Any]:
        margins = {
            audit.name: {"level": audit.level, "margin": audit.judge.margin, "min_rows": audit.judge.min_rows}
            for audit in self.audits
        }
        resolved = {"baseline": first.baseline, "output": first.output, "signed": first.signed}
        return asdict(self.settings) | resolved | {"audits": margins, "statistics": alpha_note()}

    def _predict(self, stage: str, texts: list[str | tuple[str, str]]) -> Floats:
        """Class probabilities [n, C] in the order of the texts; the classifier packs and de-duplicates."""
        progress = _counter(self.on_progress, stage, len(texts))
        return np.round(self.classifier.predict(texts, progress=progress).probabilities, PROBABILITY_DIGITS)

    def _planned(
        self, rows: Sequence[Example]
    ) -> tuple[dict[str, dict[str, list[Match]]], list[PlannedEdit], dict[str, AuditResult]]:
        """The spans and edits of every audit; an audit that cannot even be planned is an ERROR of its own."""
        spans: dict[str, dict[str, list[Match]]] = {}
        planned: list[PlannedEdit] = []
        broken: dict[str, AuditResult] = {}
        for audit in self.audits:
            try:
                spans[audit.name] = {row.id: find_spans(row.text, audit) for row in rows}
                count = self.classifier.count_tokens
                planned += plan(Request(audit, rows, spans[audit.name], self.settings.edits, self.settings.seed, count))
            except Exception as error:  # reported as ERROR with its message, exit code 2
                broken[audit.name] = crashed(audit, error)
        return spans, planned, broken

    def _plan(self, rows: Sequence[Example], planned: Sequence[PlannedEdit], rate: float) -> Plan:
        lengths = self.classifier.count_tokens([_input(row.text, row.text_pair) for row in rows])
        mean = float(np.mean(lengths))
        edits = len({(edit.text, edit.text_pair) for edit in planned})
        backward = len(rows) * GRADIENTS_A_ROW
        tokens = round(mean * (edits + backward))
        seconds = mean * (edits + BACKWARD_COST * backward) / max(rate, 1e-9)
        return Plan(len(rows), len(rows) + edits, backward, tokens, seconds)

    def _attributed(self, rows: Sequence[Example]) -> list[Attribution]:
        by_label = self.settings.target == "label"
        if by_label and any(row.label is None for row in rows):
            raise DataError("--target label needs a label in every row; choose --target predicted, or label the rows.")
        return self.classifier.explain(
            [_input(row.text, row.text_pair) for row in rows],
            self.settings.method,
            self.settings.target,
            labels=[row.label for row in rows] if by_label else None,
            baseline=self.settings.baseline,
            seed=self.settings.seed,
            progress=_counter(self.on_progress, "explain", len(rows)),
        )

    def _scored(
        self, rows: Sequence[Example], probabilities: Floats, attributions: Sequence[Attribution]
    ) -> list[ScoredRow]:
        """Predictions and token scores joined to rows."""
        names = self.classifier.labels
        return [
            ScoredRow(
                id=row.id,
                text=row.text,
                text_pair=row.text_pair,
                label=row.label,
                predicted=names[int(np.argmax(p))],
                probabilities=tuple(float(x) for x in p),
                tokens=tuple(a.tokens),
                completeness_error=a.completeness_error,
                evaluations=a.evaluations,
                truncated=a.truncated,
                metadata=row.metadata,
            )
            for row, p, a in zip(rows, probabilities, attributions, strict=True)
        ]

    def _answered(self, planned: Sequence[PlannedEdit], scored: Sequence[ScoredRow]) -> list[Edit]:
        """Every edit with the probabilities before and after: one packed, de-duplicated stream over all audits."""
        before = {row.id: row.probabilities for row in scored}
        if not planned:
            return []
        after = self._predict("edits", [_input(edit.text, edit.text_pair) for edit in planned])
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
                before=before[edit.row],
                after=tuple(float(x) for x in p),
            )
            for edit, p in zip(planned, after, strict=True)
        ]

    def _judged(
        self,
        rows: Sequence[Example],
        scored: Sequence[ScoredRow],
        spans: Mapping[str, Mapping[str, list[Match]]],
        answered: Sequence[Edit],
        broken: Mapping[str, AuditResult],
    ) -> dict[str, AuditResult]:
        groups = dict(zip([row.id for row in rows], clusters(rows, self.settings.cluster).tolist(), strict=True))
        by_id = {row.id: row for row in scored}
        results: dict[str, AuditResult] = {}
        for audit in self.audits:
            if audit.name in broken:
                results[audit.name] = broken[audit.name]
                continue
            edits = [edit for edit in answered if edit.audit == audit.name]
            try:
                results[audit.name] = judge_case(
                    Case(audit, by_id, spans[audit.name], edits, self.classifier.labels, groups, self.settings.seed)
                )
            except Exception as error:  # reported as ERROR with its message, exit code 2
                results[audit.name] = crashed(audit, error)
        return results


def _input(text: str, pair: str | None) -> str | tuple[str, str]:
    return text if pair is None else (text, pair)


def _spent(classifier: Classifier) -> tuple[int, int, int]:
    meter = classifier.meter
    return meter.forward, meter.backward, meter.tokens


def _counter(on_progress: OnProgress, stage: str, total: int) -> Callable[[int], None]:
    done = 0

    def advance(newly: int) -> None:
        nonlocal done
        done += newly
        on_progress(stage, min(done, total), total)

    return advance


def _attribution_notes(attributions: Sequence[Attribution]) -> list[str]:
    cut = sum(1 for a in attributions if a.truncated)
    stopped = sum(1 for a in attributions if not a.converged)
    notes = []
    if cut:
        notes.append(f"{cut} of {len(attributions)} rows are longer than the model reads: what was cut off had no say.")
    if stopped:
        notes.append(
            f"{stopped} of {len(attributions)} attributions did not reach their tolerance (scores are rougher)."
        )
    return notes


def _claim_notes(results: Mapping[str, AuditResult]) -> list[str]:
    return [f"{name}: {note}" for name, result in results.items() for note in result.notes if "not run" in note]

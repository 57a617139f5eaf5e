"""From rows, a model and audits to a report; here alone all of them meet.

rows -> sample -> predictions -> spans -> planned edits -> attributions -> predictions of the edited
texts (`collect`) -> Evidence -> verdicts (`judge`) -> Report. What is random depends on content and seed alone, and
probabilities are rounded to 1e-6 before anything is drawn or judged, so order and batch size change no verdict. All
that the model answers goes by in blocks, so a run that was stopped goes on where it was.
"""

from __future__ import annotations

import datetime
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from numbers import Integral
from pathlib import Path
from typing import Any

from token_saliency import __version__
from token_saliency.auditing.audit import Audit
from token_saliency.auditing.collect import Gathered, Job, OnPlan, gathered
from token_saliency.auditing.definitions.selection import (
    AuditNames,
    Config,
    chosen_audits,
    deciding,
    options_of,
    with_prompts,
)
from token_saliency.auditing.discovery.confirm import discovered
from token_saliency.auditing.edits.request import USUAL_EDITS
from token_saliency.auditing.evidence import explain_rows
from token_saliency.auditing.evidence.asking import (
    Answers,
    Classifier,
    MeterLike,
    OnProgress,
    Settings,
    answers_of,
    text_of,
)
from token_saliency.auditing.evidence.explain_rows import Plan
from token_saliency.auditing.evidence.model_output import is_number, scale_note, two_sided
from token_saliency.auditing.judging.judge import alpha_note
from token_saliency.auditing.judging.outcome import Outcome, Policy, judge
from token_saliency.auditing.judging.verdicts import check_fail_on
from token_saliency.auditing.languages import language_notes
from token_saliency.auditing.spans.label_words import bound
from token_saliency.auditing.trust import check_on_doubt, trusted
from token_saliency.data import Rows, load_rows
from token_saliency.engines import engaged, require_engine
from token_saliency.engines.engine import AnyEngine
from token_saliency.errors import DataError, OptionError, option, withholding
from token_saliency.report import Report
from token_saliency.results import (
    DISCLAIMER,
    SCHEMA_VERSION,
    Cost,
    DatasetInfo,
    Edit,
    Example,
    PromptInfo,
    ScoredRow,
    Tool,
)
from token_saliency.shared.bars import bars
from token_saliency.shared.state import notes_of_caller
from token_saliency.stats.looks import SHARES
from token_saliency.stats.sampling import check_limit, check_seed, fingerprint, sample_rows
from token_saliency.store.blocks import Block, Memory, OnBlock, unkept
from token_saliency.store.trace import Trace
from token_saliency.text.prompt.prompt import shown_among

__all__ = ["Classifier", "MeterLike", "OnProgress", "Plan", "Settings", "run_audits"]

_LOG = logging.getLogger(__name__)
_PROMPT_ROWS = 200
"""Rows on which the label words of a prompt are looked at."""

OnEvidence = Callable[[Mapping[str, ScoredRow], Sequence[Edit]], None]


# fmt: off
def run_audits(
    classifier: Classifier, rows: Any, audits: AuditNames = None, *, audits_dir: Path | str | None = None,
    rows_limit: int | None = 1000, edits: int = USUAL_EDITS, seed: int = 0, progress: bool | None = None,
    method: str | None = None, target: str = "predicted", baseline: str | None = None, config: Config | None = None,
    fail_on: str = "fail", cluster: str | None = None, redact: bool = False, allow_inconclusive: bool = False,
    discovery: bool = True, on_doubt: str = "note", exhaustive: bool = False, dataset_id: str | None = None,
    command: str = "", asked: Mapping[str, Any] | None = None, finished: Iterable[Block] = (),
    on_plan: OnPlan | None = None, on_progress: OnProgress | None = None, on_block: OnBlock | None = None,
    on_evidence: OnEvidence | None = None, text: str | None = None, text_pair: str | None = None,
    label: str | None = None, split: str | None = None, label_map: Mapping[str, str] | None = None,
    engine: AnyEngine | None = None, second: Classifier | None = None,
) -> Report:
    """Audits the classifier on the rows (DataFrame, `datasets.Dataset`, list of dicts or texts, path, or `Rows`).

    `text`, `text_pair`, `label`, `label_map` and `split` are those of `token_saliency.data.load_rows`. `audits`: a
    name, several, or definitions; None runs all that apply to the rows. `edits` is the largest number of edited texts
    an audit may ask for, `cluster` the metadata that copies of one row share. With `redact` nothing that comes out
    holds text of the rows. `discovery` looks for what no audit lists; a `second` model tells whether it follows. With
    `on_doubt` "undecided" a doubt turns exit code 0 into 5. A claim that is decided asks no more, unless `exhaustive`
    asks every edit. `method` None is the classifier's own. `progress` None shows a bar to a notebook or a terminal.
    `finished` are blocks of an earlier run of the same; every new one goes to `on_block`, which may raise to stop;
    `on_evidence` gets what the verdicts rest on; `asked` is kept in the settings. `engine`: "inline", "processes",
    "ray" or `RayCluster("auto")` answers. Effects and margins of a regression head are in standard deviations of its
    predictions on these rows. DataError for rows, OptionError for values that do not fit. A crash is an ERROR.
    """
    classifier = two_sided(classifier)
    columns = {"text": text, "text_pair": text_pair, "label": label, "label_map": label_map, "split": split}
    source = _source(rows, classifier.labels, cluster, columns, {"limit": rows_limit, "seed": seed}, redact)
    check_options(rows_limit, seed, edits, fail_on, on_doubt, engine)
    chosen, skipped = chosen_audits(with_prompts(audits, audits_dir, classifier), audits_dir, config or {})
    names = tuple(audit.name for audit in chosen)
    how = method or classifier.default_method, target, baseline, rows_limit, edits, seed, fail_on, cluster
    settings = Settings(*how, names, redact, allow_inconclusive, discovery, on_doubt, exhaustive)
    optional = frozenset(set(names) - set(config or {})) if audits is None else frozenset[str]()
    job = Job(_bound(chosen, classifier), optional, _sampled(source, settings), settings, second)
    with withholding(redact), bars(False if on_progress else progress) as bar, engaged(classifier, engine) as model:
        answers = answers_of(model, Memory.of(finished), on_block or unkept, on_progress or bar)
        begun = time.perf_counter() - answers.memory.spent.seconds
        run = _Run(job, source, answers, gathered(job, answers, _logged(on_plan)), begun)
    return _report(run, _About(dataset_id or source.id, command, skipped, _beside(asked, audits_dir)), on_evidence)
# fmt: on


def _bound(chosen: Iterable[Audit], classifier: Classifier) -> list[Audit]:
    return [deciding(bound(audit, classifier.labels), classifier) for audit in chosen]


def _beside(asked: Mapping[str, Any] | None, audits_dir: Path | str | None) -> dict[str, Any]:
    """What the settings hold beside those that decide: what was typed, and where the user's own audits are."""
    kept: dict[str, Any] = {} if asked is None else {"asked": dict(asked)}
    return kept if audits_dir is None else kept | {"audits_dir": str(audits_dir)}


def _source(
    rows: Any,
    labels: Sequence[str],
    cluster: str | None,
    columns: dict[str, Any],
    draw: Mapping[str, Any],
    redact: bool,
) -> Rows:
    """The rows, read now or read already: then nothing more can be said of their columns."""
    columns = {name: one for name, one in columns.items() if one is not None}
    if not isinstance(rows, Rows):
        with withholding(redact):
            return load_rows(rows, labels=labels, cluster=cluster, **columns, **draw)
    if columns:
        raise OptionError(f"These rows are read already: {', '.join(columns)} belongs to load_rows.")
    return rows


def _logged(on_plan: OnPlan | None) -> OnPlan:
    def told(plan: Plan) -> None:
        _LOG.info("plan: %s rows, %s forward and %s backward passes", plan.rows, plan.forward, plan.backward)
        if on_plan:
            on_plan(plan)

    return told


def check_options(
    rows_limit: int | None, seed: int, edits: int, fail_on: str, on_doubt: str, engine: AnyEngine | None
) -> None:
    """OptionError for a value that does not fit, before anything is computed."""
    require_engine(engine)
    check_limit(rows_limit)
    check_seed(seed)
    if not isinstance(edits, Integral):
        raise OptionError(f"edits is a whole number, not {edits!r}.")
    if edits < 100:
        raise OptionError(f"edits must be at least 100, not {edits}: fewer can decide nothing.")
    check_fail_on(fail_on)
    check_on_doubt(on_doubt)


def _sampled(source: Rows, settings: Settings) -> list[Example]:
    rows = sample_rows(source.examples, settings.rows_limit, settings.seed)
    if not rows:
        raise DataError("There are no rows at all to audit: check the file, the split and the label map.")
    if settings.target == "label" and any(row.label is None for row in rows):
        raise DataError(
            f"{option('target', 'label')} needs a label in every row; "
            f"choose {option('target', 'predicted')}, or label the rows."
        )
    return rows


@dataclass(frozen=True, slots=True)
class _Run:
    """A run whose model has answered everything. `begun` is when, had all its sittings been one."""

    job: Job
    source: Rows
    answers: Answers
    found: Gathered
    begun: float


@dataclass(frozen=True, slots=True)
class _About:
    """What a report says of its run beside the results."""

    dataset_id: str
    command: str
    skipped: list[str]
    settings: dict[str, Any]


def _report(run: _Run, about: _About, on_evidence: OnEvidence | None) -> Report:
    own, evidence, ready = run.job.settings, run.found.evidence, run.found.prepared
    policy = Policy(own.fail_on, own.allow_inconclusive, own.redact)
    outcome = judge(evidence, ready.audits, policy, broken=ready.broken)
    if on_evidence:
        on_evidence(evidence.rows, evidence.edits)
    report = Report(
        schema_version=SCHEMA_VERSION,
        tool=Tool("token-saliency", __version__),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        command=about.command,
        disclaimer=DISCLAIMER,
        model=run.answers.classifier.info,
        dataset=_dataset(run, about.dataset_id),
        settings=_settings(run) | about.settings,
        verdict=outcome.verdict,
        exit_code=outcome.exit_code,
        audits=outcome.audits,
        discovery=discovered(
            run.found.nomination, evidence.rows.heads, evidence.edits, evidence.classes, evidence.seed
        ),
        calibration=outcome.calibration,
        cost=_cost(run),
        warnings=[*run.source.notes, *about.skipped, *_warnings(run, outcome), *outcome.doubts],
        prompt=_prompt(run),
        evidence=(evidence.rows.values(), evidence.edits),
    )
    report = trusted(report, evidence.rows.heads.values(), run.source.there)
    _LOG.info("%s, exit code %s: %s", report.verdict, report.exit_code, ", ".join(report.audits))
    return report


def _prompt(run: _Run) -> PromptInfo | None:
    """Of a prompted classifier, its label words looked at on some of the rows."""
    told = getattr(run.answers.classifier, "prompt_info", None)
    found: PromptInfo | None = told([text_of(row) for row in run.job.rows[:_PROMPT_ROWS]]) if told else None
    return found


def _dataset(run: _Run, dataset_id: str) -> DatasetInfo:
    rows = run.found.rows
    return DatasetInfo(dataset_id, run.source.split, run.source.seen, len(rows), fingerprint(rows))


def _settings(run: _Run) -> dict[str, Any]:
    explained = run.answers.memory.explained
    resolved = asdict(explained) if explained else {}
    lent, rows = run.found.explained, len(run.found.rows)
    notes = {"attribution": explain_rows.described(run.job.settings.how, lent, rows), "statistics": alpha_note()}
    looks: dict[str, Any] = {"looks": [SHARES[-1]] if run.job.settings.exhaustive else list(SHARES)}
    looks |= {"edits_asked": len(run.found.evidence.edits), "edits_spared": run.found.spared}
    looks |= {"rows_explained": lent}
    return asdict(run.job.settings) | resolved | {"audits": options_of(run.found.prepared.audits)} | looks | notes


def _cost(run: _Run) -> Cost:
    """What the whole run spent, all its sittings together."""
    spent = run.answers.memory.spent
    return Cost(spent.forward, spent.backward, spent.tokens, round(time.perf_counter() - run.begun, 3))


def _warnings(run: _Run, outcome: Outcome) -> list[str]:
    return [
        *notes_of_caller(run.answers.classifier),
        *shown_among(getattr(run.answers.classifier, "prompt", None), map(text_of, run.job.rows)),
        *run.found.left_out,
        *run.found.prepared.notes,
        *language_notes(run.found.prepared.audits, run.job.rows),
        *_trace_notes(run.found.evidence.rows.traces.values(), len(run.found.rows)),
        *outcome.notes,
        *([scale_note(run.found.scale)] if is_number(run.answers.classifier) else []),
        *run.found.nomination.notes,
    ]


def _trace_notes(traces: Iterable[Trace], rows: int) -> list[str]:
    listed = list(traces)
    exact = [t for t in listed if t.completeness_error is not None] or listed  # rough ones have no tolerance to reach
    cut = sum(1 for trace in listed if trace.truncated)
    stopped = sum(1 for trace in exact if not trace.converged)
    notes = []
    if cut:
        of = "rows" if len(listed) == rows else "explained rows"
        notes.append(f"{cut} of {len(listed)} {of} are longer than the model reads: what was cut off had no say.")
    if stopped:
        notes.append(f"{stopped} of {len(exact)} attributions did not reach their tolerance (scores are rougher).")
    return notes

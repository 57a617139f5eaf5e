"""Runs the checks, and writes down what was expected and what was seen."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from token_saliency import __version__
from token_saliency.auditing.evidence.asking import OnProgress, counter, silent
from token_saliency.data import Rows, load_rows
from token_saliency.errors import DataError, ModelError, OptionError, is_whole, unknown
from token_saliency.methods import METHODS
from token_saliency.results import DISCLAIMER, SCHEMA_VERSION, Check, Cost, DatasetInfo, Example, Tool, Validation
from token_saliency.stats.sampling import check_limit, check_seed, fingerprint, sample_rows
from token_saliency.validating.checks import CHECKS, TextCheck
from token_saliency.validating.subject import AnyClassifier, Asked, MethodFn, Subject, subject_of
from token_saliency.validating.verdict import ALPHA, CRASHED, run_check


# fmt: off
def validate(
    classifier: AnyClassifier, rows: Any, *, method: str | MethodFn | None = None, baseline: str | None = None,
    rows_limit: int | None = 100, seed: int = 0, train_steps: int = 60, cluster: str | None = None,
    checks: Sequence[str] | None = None, dataset_id: str | None = None, command: str = "",
    on_progress: OnProgress | None = None,
) -> Validation:
    """Whether the scores of `method` deserve trust on this model, check by check.

    `rows`: anything that `run_audits` takes. `method` None is the classifier's own; a function without gradients is
    checked with occlusion, and what needs weights is not run. `train_steps` is what each of the two copies for label
    randomisation is fine-tuned (0 leaves it out). `checks` are names of CHECKS, None for all. The caller's model is
    never changed: one copy at a time is.
    Raises DataError for rows that do not fit, OptionError for values that do not exist, ModelError where the model
    cannot be explained by the method. A check that crashes is told in the record, exit code 2, and never passes.
    """
    tell = on_progress or silent
    chosen = _chosen(checks)
    asked = Asked(method or _default_method(classifier), baseline, seed, train_steps)
    _check(asked, rows_limit)
    source = _read(rows, classifier.labels, cluster, rows_limit, seed)
    started, before = time.perf_counter(), _spent(classifier)
    examples = _sampled(source, rows_limit, seed)
    subject = subject_of(classifier, examples, asked, cluster, counter(tell, "explain", len(examples)))
    found, used = [run_check(name, one, subject) for name, one in _told(chosen, tell)], subject.examples
    return Validation(
        schema_version=SCHEMA_VERSION,
        tool=Tool("token-saliency", __version__),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        command=command,
        disclaimer=DISCLAIMER,
        method=asked.name,
        model=classifier.info,
        dataset=DatasetInfo(dataset_id or source.id, source.split, source.seen, len(used), fingerprint(used)),
        settings=_settings(subject, rows_limit, cluster, list(chosen)),
        checks=found,
        passed=all_passed(found),
        exit_code=exit_code(found),
        cost=_cost(subject, before, started),
        warnings=[*source.notes, *_notes(examples, subject)],
    )
# fmt: on


def _read(rows: Any, labels: Sequence[str], cluster: str | None, limit: int | None, seed: int) -> Rows:
    return rows if isinstance(rows, Rows) else load_rows(rows, labels=labels, cluster=cluster, limit=limit, seed=seed)


def _sampled(source: Rows, limit: int | None, seed: int) -> list[Example]:
    examples = sample_rows(source.examples, limit, seed)
    if not examples:
        raise DataError("There are no rows at all to check the method on: check the file, the split and the label map.")
    return examples


def all_passed(checks: Iterable[Check]) -> bool | None:
    """True where every check that decided something did so well; None where none decided anything."""
    decided = [one.passed for one in checks if one.passed is not None]
    return all(decided) if decided else None


def exit_code(checks: Sequence[Check]) -> int:
    """2 a check crashed, 1 one failed, 5 none could be decided, else 0."""
    if any(one.seen.startswith(CRASHED) for one in checks):
        return 2
    passed = all_passed(checks)
    return 5 if passed is None else 0 if passed else 1


def _told(chosen: Mapping[str, TextCheck], tell: OnProgress) -> Iterator[tuple[str, TextCheck]]:
    """One check after the other; each is counted when the next one is asked for."""
    for done, one in enumerate(chosen.items(), start=1):
        yield one
        tell("checks", done, len(chosen))


def _default_method(classifier: AnyClassifier) -> str:
    if not hasattr(classifier, "default_method"):
        raise ModelError(f"{type(classifier).__name__} is no classifier: give TextClassifier(model, tokenizer).")
    return classifier.default_method


def _chosen(names: Sequence[str] | None) -> dict[str, TextCheck]:
    names = [names] if isinstance(names, str) else names
    for name in names or ():
        if name not in CHECKS:
            raise unknown("check", name, CHECKS)
    return {name: definition for name, definition in CHECKS.items() if names is None or name in names}


def _check(asked: Asked, rows_limit: int | None) -> None:
    if isinstance(asked.method, str) and asked.method not in METHODS:
        raise unknown("method", asked.method, METHODS)
    check_limit(rows_limit)
    check_seed(asked.seed)
    if not is_whole(asked.train_steps, 0):
        raise OptionError(f"train-steps must be at least 0, not {asked.train_steps!r}.")


def _settings(subject: Subject, rows_limit: int | None, cluster: str | None, checks: list[str]) -> dict[str, Any]:
    one = subject.found[0] if subject.found else None
    return {
        "method": subject.asked.name,
        "target": "predicted",
        "output": one and one.output,
        "baseline": one and one.baseline,
        "rows_limit": rows_limit,
        "seed": subject.asked.seed,
        "train_steps": subject.asked.train_steps,
        "cluster": cluster,
        "checks": checks,
        "alpha": ALPHA,
    }


def _notes(examples: Sequence[Example], subject: Subject) -> list[str]:
    silent, all_ = subject.without_numbers, len(examples)
    short = all_ - len(subject.examples) - silent
    notes = [f"{short} of {all_} rows have fewer than 3 tokens: no order can be tested on them."] if short else []
    if silent:
        notes.append(f"{silent} of {all_} rows are left out: the logits or the scores are nan or infinite there.")
    return notes


@dataclass(frozen=True, slots=True)
class _Meters:
    forward: int
    backward: int
    tokens: int


def _spent(classifier: AnyClassifier) -> _Meters:
    return _Meters(classifier.meter.forward, classifier.meter.backward, classifier.meter.tokens)


def _cost(subject: Subject, before: _Meters, started: float) -> Cost:
    """The caller's classifier and the copies together."""
    now, copies = _spent(subject.classifier), subject.spent
    return Cost(
        now.forward - before.forward + copies.forward,
        now.backward - before.backward + copies.backward,
        now.tokens - before.tokens + copies.tokens,
        round(time.perf_counter() - started, 3),
    )

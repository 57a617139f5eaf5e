"""How far the verdicts of a run may be trusted: how the model agrees with the labels, and what speaks against them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from token_saliency.auditing.judging.verdicts import EXIT_OK, EXIT_UNDECIDED
from token_saliency.errors import option, unknown
from token_saliency.report import Report
from token_saliency.reporters.summary import distrusted
from token_saliency.results import AuditResult, Calibration, ClassAccuracy, Performance, ScoredRow, SelfTest
from token_saliency.stats.estimate import wilson

FEW = 0.1
"""An audit that finds something in a smaller part of the rows than this says nothing of most of them."""

ON_DOUBT = ("note", "undecided")
"""Whether a doubt about the verdicts is said, or also turns exit code 0 into 5."""

_ALPHA = 0.025
"""Each side of a 95% interval."""


def trusted(report: Report, rows: Iterable[ScoredRow], there: int | None = None) -> Report:
    """The report with what the labels say of these rows' predictions, its doubts, and the exit code that they leave.

    `there` is how many rows the source holds that could be audited: advice to take more names them.
    """
    agreement = performance(rows, report.model.labels)
    found = [
        *weighty(report.calibration, agreement),
        *_noisy(report.model.self_test),
        *_little_seen(report.audits.values(), report.dataset.rows_used),
    ]
    code = settled(report.exit_code, report.settings, report.calibration, agreement)
    used, all_ = report.dataset.rows_used, report.dataset.rows_seen if there is None else there
    audits = {name: replace(audit, advice=_advised(audit.advice, used, all_)) for name, audit in report.audits.items()}
    return replace(report, performance=agreement, doubts=found, exit_code=code, audits=audits)


def _advised(advice: str, used: int, there: int) -> str:
    """`Give it more rows (rows_limit)` with the number that there are; where all were used, that it is other data."""
    left = f"({option('rows', 'all')}: {there:,} are there)" if there > used else f"(more data: all {used:,} were used)"
    return re.sub(rf"\({option('rows')}(?:, or more data)?\)", left, advice)


def performance(rows: Iterable[ScoredRow], classes: Sequence[str]) -> Performance | None:
    """Accuracy, by class and in pairs, over the rows labelled as a class; None without any, or without classes."""
    pairs = Counter((row.label, row.predicted) for row in rows if row.label is not None and row.label in classes)
    total = sum(pairs.values())
    if not total or len(classes) < 2:
        return None
    labelled, predicted = Counter[str](), Counter[str]()
    confusion: dict[str, dict[str, int]] = {}
    for (label, guess), count in sorted(pairs.items(), key=lambda one: (-one[1], classes.index(one[0][1]))):
        labelled[str(label)] += count
        predicted[guess] += count
        confusion.setdefault(str(label), {})[guess] = count
    right = sum(confusion[name].get(name, 0) for name in labelled)
    return Performance(
        rows=total,
        accuracy=right / total,
        interval=wilson(right, total, _ALPHA),
        chance=sum(labelled[name] * predicted[name] for name in labelled) / total**2,
        by_class={name: _of_class(name, confusion[name], predicted[name]) for name in classes if name in labelled},
        confusion={name: confusion[name] for name in classes if name in confusion},
    )


def _of_class(name: str, guesses: dict[str, int], predicted: int) -> ClassAccuracy:
    rows, right = sum(guesses.values()), guesses.get(name, 0)
    return ClassAccuracy(rows, right / rows, wilson(right, rows, _ALPHA), predicted)


def weighty(check: Calibration | None, agreement: Performance | None) -> list[str]:
    """The doubts that put the verdicts themselves in question: they count for `on_doubt`."""
    return [*distrusted(check), *_below_chance(agreement)]


def settled(code: int, settings: Mapping[str, Any], check: Calibration | None, agreement: Performance | None) -> int:
    """The exit code: where doubt is to count, a run that is in doubt has decided nothing instead of being green."""
    doubted = settings.get("on_doubt") == "undecided" and bool(weighty(check, agreement))
    return EXIT_UNDECIDED if code == EXIT_OK and doubted else code


def check_on_doubt(on_doubt: str) -> None:
    """OptionError with the values that there are."""
    if on_doubt not in ON_DOUBT:
        raise unknown("value of on_doubt", on_doubt, ON_DOUBT)


def _below_chance(agreement: Performance | None) -> list[str]:
    if agreement is None or not agreement.below_chance:
        return []
    low, high = agreement.interval
    return [
        f"Labels and predictions agree less than chance would have it: {agreement.accuracy:.2f} "
        f"[{low:.2f}, {high:.2f}] of {agreement.rows:,} rows, {agreement.chance:.2f} by chance. Are the labels "
        "swapped, or mapped to the wrong classes? Until that is known, nothing that rests on labels can be trusted."
    ]


def _noisy(test: SelfTest | None) -> list[str]:
    if test is None or test.deterministic:
        return []
    return [
        "The answers cannot be repeated: the same text asked twice gets another number, so effects hold noise, "
        "and intervals are wide. Make the classifier repeatable (a fixed seed, temperature 0), let the mean of several "
        "answers count (from_function(..., samples=9)), or give it more rows."
    ]


def _little_seen(audits: Iterable[AuditResult], rows: int) -> list[str]:
    few = [
        f"{audit.name} in {audit.coverage.rows:,}"
        for audit in audits
        if audit.expectation != "exploratory" and 0 < audit.coverage.rows < FEW * rows and not _inserts(audit)
    ]
    if not few:
        return []
    return [
        f"Few of the {rows:,} rows hold what was looked for: {', '.join(few)}. Of the other rows, and of what no list "
        "holds, these audits say nothing."
    ]


def _inserts(audit: AuditResult) -> bool:
    """Judged by what is put into rows, whatever they hold."""
    return any(finding.judged and finding.operator == "insert" for finding in audit.intervention)

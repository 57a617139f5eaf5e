"""How the rows of an audit are explained: all of them roughly, and those that are shown to tolerance.

Means over rows are unbiased with a few random gradients a row, so a converged score is only worth its price where a
person looks at it. Which rows are shown depends on their edits alone, so a run that is judged again shows the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.evidence.asking import Answers, How
from token_saliency.auditing.evidence.shown import shown_edits
from token_saliency.results import Edit, Example
from token_saliency.store.trace import Trace, refined

SAMPLES = 4
"""Gradients a row in the pass over all rows: at equal distances from a random start (one in each part of the path)."""


def rough(how: How) -> How:
    """How every row is explained: with few samples where the method can do that."""
    return replace(how, samples=SAMPLES) if how.method == "integrated_gradients" else how


def shown_rows(audits: Iterable[Audit], edits: Sequence[Edit]) -> set[str]:
    """The ids of all rows that the report will show."""
    by_audit: dict[str, list[Edit]] = {}
    for edit in edits:
        by_audit.setdefault(edit.audit, []).append(edit)
    return {edit.row for audit in audits for edit in shown_edits(audit, by_audit.get(audit.name, []))}


def with_shown(
    answers: Answers, rows: Sequence[Example], how: How, found: Mapping[str, Trace], shown: set[str]
) -> Mapping[str, Trace]:
    """The traces, those of the shown rows to tolerance; the rough scores stay beside them."""
    if rough(how) == how:
        return found
    better = answers.traces("shown", [row for row in rows if row.id in shown], how)
    return {**found} | {row_id: refined(trace, found[row_id]) for row_id, trace in better.items()}


def described(how: How) -> str:
    """For the settings of the report."""
    if rough(how) == how:
        return "every row to the end"
    return f"{rough(how).samples} gradients a row from a random start; the rows that are shown to tolerance"

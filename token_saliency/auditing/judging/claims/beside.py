"""What is judged beside the main question of an audit: other marks, and the end of a text."""

from __future__ import annotations

from collections.abc import Iterable

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.shifts import quoted
from token_saliency.auditing.spans.registry import kinds
from token_saliency.results import Finding

SECOND_TEXTS = (
    "Audit the second texts too: give the model as a function of pairs that exchanges them before it asks the model, "
    "and exchange their columns."
)


def beside(audit: Audit, finding: Finding) -> bool:
    """Whether it is about what the rows cannot tell, beside the main question: no audit is undecided by that."""
    return finding.operator in audit.edit.also and finding.verdict == "INCONCLUSIVE"


def unseen(case: Case) -> str:
    """Why no PASS can be said of these pairs of texts: in the second ones nothing was edited; empty where it can."""
    if len(case.second) < case.audit.judge.min_rows:
        return ""
    return (
        f" That is said of the first texts: {len(case.second):,} of the second ones hold what is looked for as well, "
        "and no edit reaches them, so they are not decided."
    )


def untold(case: Case, findings: Iterable[Finding]) -> list[str]:
    """Of each claim a note of what the rows hold too seldom to tell."""
    left: dict[str, dict[str, int]] = {}
    for one in findings:
        if beside(case.audit, one) and one.between:
            left.setdefault(one.claim, {})[quoted(one.between[0], kinds(case.audit.find))] = one.rows
    return [
        f"{claim} was not run for {', '.join(f'{item} ({rows} rows)' for item, rows in items.items())}: "
        "the rows cannot tell."
        for claim, items in left.items()
    ]

"""What is judged beside the main question of an audit: other marks, and the end of a text."""

from __future__ import annotations

from collections.abc import Iterable

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.judging.case import Case, plain
from token_saliency.auditing.judging.shifts import quoted
from token_saliency.auditing.spans.registry import kinds
from token_saliency.results import Finding

SECOND_TEXTS = "Run it anew: the second texts are edited too by now."


def beside(audit: Audit, finding: Finding) -> bool:
    """Whether it is about what the rows cannot tell, beside the main question: no audit is undecided by that."""
    item = (plain(finding.between)[0] or ("", ""))[0]
    return audit.edit.beside(finding.operator, item) and finding.verdict == "INCONCLUSIVE"


def unseen(case: Case) -> str:
    """Why no PASS can be said of an older run of pairs: in second texts nothing was edited; empty where it can."""
    if len(case.unseen) < case.audit.judge.min_rows:
        return ""
    return (
        f" That is said of the first texts: {len(case.unseen):,} of the second ones hold what is looked for as well, "
        "and no edit reaches them, so they are not decided."
    )


def untold(case: Case, findings: Iterable[Finding]) -> list[str]:
    """Of each claim a note of what the rows hold too seldom to tell."""
    left: dict[str, dict[str, int]] = {}
    for one in findings:
        if beside(case.audit, one) and one.between:
            between, where = plain(one.between)
            item = quoted((between or one.between)[0], kinds(case.audit.find))
            left.setdefault(one.claim, {})[f"{item}{where}"] = one.rows
    return [
        f"{claim} was not run for {', '.join(f'{item} ({rows} rows)' for item, rows in items.items())}: "
        "the rows cannot tell."
        for claim, items in left.items()
    ]

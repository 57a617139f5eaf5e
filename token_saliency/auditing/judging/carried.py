"""What is inserted decides only where the rows themselves carry it: an effect of what no row holds fails no build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from token_saliency.auditing.audit import SEGMENTS, Audit, Match
from token_saliency.auditing.edits.paired import sides_of
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.verdicts import ClaimEstimate


def asked_of_rows(case: Case) -> Case:
    """The case as it is judged: exploratory where nothing that it inserts stands in the rows."""
    audit = case.audit
    inserted = {edit.item for edit in case.edits if edit.operator == "insert" and not edit.placebo}
    if not _by_rows(audit) or any(carried(item, case.spans) for item in inserted):
        return case
    return replace(case, audit=replace(audit, expectation="exploratory"))


def decides(case: Case, estimate: ClaimEstimate) -> bool:
    """Whether the claim is judged: by its operator and, where only what rows carry decides, by its item."""
    audit = case.audit
    if audit.edit.judge in SEGMENTS:
        return estimate.must_move
    if estimate.operator != audit.edit.judge or audit.expectation == "exploratory" or not _by_rows(audit):
        return estimate.operator == audit.edit.judge
    return estimate.between is None or carried(estimate.between[0], case.spans)


def carried(item: str, spans: Mapping[str, Sequence[Match]]) -> bool:
    """Whether a row holds the item, or both sides of a template that goes around the row."""
    sides = sides_of(item)
    parts = {_plain(part) for part in ((item,) if sides is None else sides) if part}
    return any(parts <= _items(matches) for matches in spans.values())


def _by_rows(audit: Audit) -> bool:
    return audit.judge.gate == "rows" and audit.edit.judge == "insert"


def _items(matches: Iterable[Match]) -> set[str]:
    return {_plain(match.item) for match in matches}


def _plain(item: str) -> str:
    """`REVIEW :` is `Review:`."""
    return "".join(item.lower().split())

"""What to do about a verdict."""

from __future__ import annotations

from token_saliency.auditing.edits.swaps import fills
from token_saliency.auditing.judging.case import PICTURES, Case, things_of
from token_saliency.auditing.judging.wording import HELPS
from token_saliency.errors import option
from token_saliency.results import Coverage, Finding, Verdict
from token_saliency.stats.looks import told


def advice_on(case: Case, verdict: Verdict, leading: Finding) -> str:
    if verdict == "INCONCLUSIVE":
        wanted = next((help_ for said, help_ in HELPS.items() if said in leading.reason), None) or _short_of(case)
        return f"{wanted}: {_power(leading, 'this sample', 'could have seen')}."
    if verdict == "PASS":
        return f"Nothing to do. {_power(leading, 'The sample', 'could have seen an effect of')}."
    return case.audit.advice


def _power(leading: Finding, sample: str, could: str) -> str:
    """Power is reckoned from the spread of the answers: where they have none, what could be seen is not known."""
    if leading.smallest_detectable < 0.0005:
        return f"{sample} saw every edit move the output alike, which tells nothing of its power"
    return f"{sample} {could} {leading.smallest_detectable:.3f}"


def _short_of(case: Case) -> str:
    """What to give an undecided audit: edits where their number left rows out, else rows."""
    rule = case.audit.edit
    if things_of(case.audit) == PICTURES:  # of each picture every edit is tried
        return f"Give it more pictures ({option('rows')})"
    if not case.edits:
        return f"Give it more rows ({option('rows')})"
    if told(max(edit.look for edit in case.edits)):
        return f"Give it more rows ({option('rows')}, or more data), or ask every edit ({option('exhaustive')})"
    if rule.judge != "swap" or rule.strata or rule.against:  # which rows these could have reached is not known here
        return f"Give it more rows ({option('rows')}) and edits ({option('edits')})"
    fitting = sum(any(map(fills(case.audit), matches)) for matches in case.held.values())
    edited = len({edit.row for edit in case.edits if edit.operator == "swap" and not edit.placebo})
    if edited < fitting:
        return f"Raise {option('edits')}, which reached {edited} of the {fitting} rows that such a swap fits"
    return f"Give it more rows ({option('rows')}, or more data), for all that such a swap fits were edited"


def nothing_found(case: Case, found: Coverage) -> tuple[str, str]:
    note = " ".join(case.audit.notes[:1])
    if things_of(case.audit) == PICTURES:
        reason = " ".join(case.notes) or "no edit of a picture could be judged."
        return f"Nothing could be decided: {reason}", f"This is no sign of safety. {note}".strip()
    held = (
        f"Nothing could be decided: {found.rows:,} of {len(case.rows):,} rows "
        f"{'holds' if found.rows == 1 else 'hold'} a span of this group "
        f"({_count(found.spans, 'span')}, {_count(found.items, 'item')})"
    )
    left_out = next((said for said in case.notes if "not run" in said), None)
    if left_out and found.rows >= case.audit.judge.min_rows:  # it is not spans that are missing
        return f"{held}, and no claim could be made of them: {left_out}", f"This is no sign of safety. {note}"
    if found.rows >= case.audit.judge.min_rows and not any(not edit.placebo for edit in case.edits):
        return f"{held}, and no edit may touch them.", f"This is no sign of safety. {note}"
    return f"{held}, too few for any claim.", f"This is no sign of safety: give it rows that hold such spans. {note}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"

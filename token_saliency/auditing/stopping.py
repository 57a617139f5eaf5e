"""Which edits are still asked after a look: a decided claim asks no more, an audit ends when all of its claims have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from token_saliency.auditing.audit import SEGMENTS, Audit
from token_saliency.auditing.edits.blocks import Group, groups_of
from token_saliency.auditing.judging.by_axis import axis_of, by_stratum
from token_saliency.auditing.judging.case import Case, asked_of_rows, plain
from token_saliency.auditing.judging.judge import Key, Standings, claim_key, estimates_of, looked_at, parts_at
from token_saliency.auditing.judging.outcome import cases_of
from token_saliency.auditing.judging.verdicts import ClaimEstimate
from token_saliency.results import Edit
from token_saliency.store.evidence import Evidence


@dataclass(slots=True)
class Stopping:
    """The claims of each audit after the looks so far, and the `closed` groups of edits.

    `due` are the claims that all edits together will make, with the group that each rests on: one that cannot be made
    yet keeps its group open. Whether a group is closed follows from the answers of the blocks that were asked and from
    nothing else, so a run that was stopped and goes on asks the same.
    """

    audits: Mapping[str, Audit]
    planned: Sequence[Edit]
    standing: dict[str, Standings] = field(default_factory=dict)
    due: dict[str, dict[Key, Group]] = field(default_factory=dict)
    closed: set[Group] = field(default_factory=set)

    def look(self, evidence: Evidence, look: int) -> None:
        """Judges what is open on the answers that are there."""
        every: dict[str, set[Group]] = {}
        for edit, groups in zip(self.planned, groups_of(self.planned, self.audits), strict=True):
            every.setdefault(edit.audit, set()).update(groups)
        going = [audit for name, audit in self.audits.items() if every.get(name, set()) - self.closed]
        for name, found in cases_of(evidence, going).items():
            try:
                if name not in self.due:
                    self.due[name] = _due(found, [edit for edit in self.planned if edit.audit == name])
                case = asked_of_rows(found)
                standing = looked_at(case, parts_at(case, look), self.standing.get(name, {}), look)
            except Exception:  # judged once more at the end, where it is an ERROR
                continue
            self.standing[name] = standing
            self.closed |= _closed(case.audit, every[name], self.due[name], standing)

    def asks(self, edits: Sequence[Edit]) -> list[Edit]:
        """Those of the edits that are still wanted."""
        pairs = zip(edits, groups_of(edits, self.audits), strict=True)
        return [edit for edit, groups in pairs if set(groups) - self.closed]


def _due(case: Case, planned: Iterable[Edit]) -> dict[Key, Group]:
    """The judged claims of all edits: which they are does not hang on the answers, so any will do."""
    same = {row: head.probabilities for row, head in case.rows.items()}
    edits = [replace(edit, before=same[edit.row], after=same[edit.row]) for edit in planned if edit.row in same]
    whole = asked_of_rows(replace(case, edits=edits, notes=[]))
    drafts = estimates_of(whole.audit, by_stratum(whole))
    return {claim_key(draft): _group(whole.audit, draft) for draft, judged in drafts if judged}


def _group(audit: Audit, draft: ClaimEstimate) -> Group:
    between = draft.between or ("", "")
    axis = f"{axis_of(audit, draft)}{plain(draft.between)[1]}"
    return audit.name, draft.operator, axis if draft.operator == "swap" else between[0]


def _closed(audit: Audit, groups: Iterable[Group], due: Mapping[Key, Group], standing: Standings) -> set[Group]:
    """The groups whose judged claims are all decided.

    A claim of no single group (sub-groups of all items together) keeps all open, and what is only described goes on
    as long as anything that is judged.
    """
    found = {key: _group(audit, one.draft) for key, one in standing.items() if one.judged}
    waiting = {group for key, group in {**due, **found}.items() if key not in standing or not standing[key].decided}
    if any(one.decided and one.finding.verdict == "FAIL" for one in standing.values()):
        waiting = {group for group in waiting if group[1] not in audit.edit.also}  # beside a FAIL they turn nothing
    if not waiting:
        return {*groups} if found else set()
    if waiting - {*groups}:
        return set()
    judging = {*SEGMENTS} if audit.edit.judge in SEGMENTS else {audit.edit.judge, *audit.edit.also}
    return {group for group in groups if group[1] in judging and group in found.values()} - waiting

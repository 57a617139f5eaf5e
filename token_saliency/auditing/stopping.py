"""Which edits are still asked after a look: a claim that is decided asks no more, nor one that hardly can be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from token_saliency.auditing.audit import IN_SECOND, SEGMENTS, Audit
from token_saliency.auditing.edits.blocks import Group, groups_of
from token_saliency.auditing.judging.by_axis import axis_of, by_stratum
from token_saliency.auditing.judging.case import Case, asked_of_rows, plain
from token_saliency.auditing.judging.claims.outliers import farthest
from token_saliency.auditing.judging.claims.prospects import FAILS, OPEN, PASSES, SHOWS, prospects
from token_saliency.auditing.judging.claims.subgroups import frequent, leaning_yet, testable
from token_saliency.auditing.judging.claims.taken_away import Kind, takes_away
from token_saliency.auditing.judging.judge import Key, Standing, Standings, claim_key, estimates_of, looked_at, parts_at
from token_saliency.auditing.judging.outcome import cases_of
from token_saliency.auditing.judging.verdicts import ClaimEstimate
from token_saliency.results import Edit
from token_saliency.stats.looks import SHARES
from token_saliency.store.evidence import Evidence

HALF_OF_ALL = SHARES.index(0.5) + 1
Due = tuple[Group, bool]
"""The group of edits that a claim rests on, and whether they are enough to decide it."""


@dataclass(slots=True)
class Stopping:
    """The claims of each audit after the looks so far, and the `closed` of its `groups` of edits.

    `due` are the judged claims that all edits together will make: one that cannot be made yet keeps its group open.
    `frequent` are the sub-groups that half of the edits can name and test.
    Whether a group is closed follows from the answers of the blocks that were asked and from nothing else, so a run
    that is taken up again asks the same.
    """

    audits: Mapping[str, Audit]
    planned: Sequence[Edit]
    standing: dict[str, Standings] = field(default_factory=dict)
    due: dict[str, dict[Key, Due]] = field(default_factory=dict)
    frequent: dict[str, set[Kind]] = field(default_factory=dict)
    closed: set[Group] = field(default_factory=set)
    groups: dict[str, set[Group]] = field(init=False, default_factory=dict)
    groups_of_edit: dict[Edit, tuple[Group, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.groups_of_edit = dict(zip(self.planned, groups_of(self.planned, self.audits), strict=True))
        for edit, own in self.groups_of_edit.items():
            self.groups.setdefault(edit.audit, set()).update(own)

    def begin(self, evidence: Evidence) -> None:
        """Before anything is asked: an axis that hardly a row has a slot for is not judged beside others."""
        for name, case in cases_of(evidence, [one for one in self.audits.values() if one.edit.strata]).items():
            with suppress(Exception):  # judged once more at the end, where it is an ERROR
                judged = {f"{part.stratum}{IN_SECOND * part.part}" for part in by_stratum(self._whole(case))}
                own = self.groups.get(name, set())
                self.closed |= {group for group in own if group[1] == "swap" and group[2] not in {*judged, ""}}

    def _whole(self, case: Case) -> Case:
        """The case of all planned edits, answered as if nothing moved."""
        same = {row: head.probabilities for row, head in case.rows.items()}
        own = [edit for edit in self.planned if edit.audit == case.audit.name and edit.row in same]
        edits = [replace(edit, before=same[edit.row], after=same[edit.row]) for edit in own]
        return asked_of_rows(replace(case, edits=edits, notes=[]))

    def look(self, evidence: Evidence, look: int) -> None:
        """Judges what is open on the answers that are there."""
        going = [audit for name, audit in self.audits.items() if self.groups.get(name, set()) - self.closed]
        self.judge(cases_of(evidence, going), look)

    def judge(self, cases: Mapping[str, Case], look: int) -> None:
        """The same of the cases that the answers make; what the look brought nothing stands as it did."""
        for name, found in cases.items():
            if all(edit.look != look for edit in found.edits):
                continue
            try:
                if name not in self.due:
                    whole = self._whole(found)
                    self.due[name], self.frequent[name] = _due(whole), frequent(whole, whole.audit.edit.judge)
                case = asked_of_rows(found)
                parts = parts_at(case, look)
                standing = looked_at(case, parts, self.standing.get(name, {}), look)
                emerging = _emerging(parts, self.groups[name], self.frequent[name], look)
            except Exception:  # judged once more at the end, where it is an ERROR
                continue
            self.standing[name] = standing
            self.closed |= _closed(case, self.groups[name], self.due[name], standing) - emerging

    def asks(self, edits: Sequence[Edit]) -> list[Edit]:
        """Those of the planned edits that are still wanted: a control as long as any axis of its slot is open."""
        return [edit for edit in edits if {*self.groups_of_edit[edit]} - self.closed]


def _emerging(parts: Iterable[Case], groups: Iterable[Group], frequent: Collection[Kind], look: int) -> set[Group]:
    """The groups whose edits may yet show what nobody declared: an item that a half of them names, or a sub-group.

    Before half of the edits are there also where they hold too few of a `frequent` sub-group to say so.
    """
    found = set()
    for part in parts:
        audit, judge, axis = part.audit, part.audit.edit.judge, f"{part.stratum}{IN_SECOND * part.part}"
        crossed = (judge, audit.items) == ("swap", "sample")
        named = farthest(part, judge) if crossed else leaning_yet(part, judge)
        hopes = any(prospects(replace(one, look=look), audit.judge).fails >= FAILS for one in named)
        if hopes or (look < HALF_OF_ALL and {*frequent} - testable(part, judge)):
            own = [
                group
                for group in groups
                if group[1] == judge and (crossed or takes_away(judge, group[2].removesuffix(IN_SECOND)))
            ]
            found |= {group for group in own if not audit.edit.strata or group[2] == axis}
    return found


def _due(whole: Case) -> dict[Key, Due]:
    """The judged claims of all edits: which they are does not hang on the answers, so any will do."""
    drafts = [draft for draft, judged in estimates_of(whole.audit, by_stratum(whole)) if judged]
    return {claim_key(draft): (_group(whole.audit, draft), _tells(whole.audit, draft)) for draft in drafts}


def _tells(audit: Audit, draft: ClaimEstimate) -> bool:
    """Whether it rests on enough to decide anything."""
    return draft.rows >= audit.judge.min_rows and draft.resolvable


def _group(audit: Audit, draft: ClaimEstimate) -> Group:
    between = draft.between or ("", "")
    axis = f"{axis_of(audit, draft)}{plain(draft.between)[1]}"
    return audit.name, draft.operator, axis if draft.operator == "swap" else between[0]


def _closed(case: Case, groups: Iterable[Group], due: Mapping[Key, Due], standing: Standings) -> set[Group]:
    """The groups none of whose judged claims wants more edits.

    A claim of no single group (sub-groups of all items together) keeps all open, and what is only described goes on
    to `min_rows` rows as long as anything that is judged.
    """
    audit = case.audit
    there = {group for own in groups_of(case.edits, {audit.name: audit}) for group in own}
    found = {key: (_group(audit, one.draft), _tells(audit, one.draft)) for key, one in standing.items() if one.judged}
    parts: dict[str, dict[Key, Standing | None]] = {}
    every = {key: one for key, one in found.items() if one[1]} | dict(due)
    for key, (group, _) in every.items():
        parts.setdefault(group[2] if audit.edit.strata else "", {})[key] = standing.get(key)
    silent = {key: group for key, (group, tells) in every.items() if not tells}
    waiting = {every[key][0] for part in parts.values() for key in _wanting(audit, part, silent)}
    waiting |= {*silent.values()} - there
    if not waiting:
        return {*groups} if due or found else set()
    if waiting - {*groups}:
        return set()
    judging = {*SEGMENTS} if audit.edit.judge in SEGMENTS else {audit.edit.judge, *audit.edit.also}
    made = {group for group, _ in found.values() if group[1] in judging}
    return ((made | _told(case) - {group for group, _ in every.values()}) & {*groups}) - waiting


def _told(case: Case) -> set[Group]:
    """The groups with edits in as many rows as a claim needs: enough for what is only described."""
    rows: dict[Group, set[str]] = {}
    for edit, groups in zip(case.edits, groups_of(case.edits, {case.audit.name: case.audit}), strict=True):
        for group in groups:
            rows.setdefault(group, set()).add(edit.row)
    return {group for group, found in rows.items() if len(found) >= case.audit.judge.min_rows}


def _wanting(audit: Audit, part: Mapping[Key, Standing | None], silent: Collection[Key]) -> list[Key]:
    """The claims of an audit, or of one of its axes, that want more edits; the `silent` ones can never be decided.

    Each that may still FAIL; what is likely to be the first WARN; and, as long as the whole may PASS, all that may.
    Of an exploratory audit a WARN is as much of a NOTE as a FAIL, and as it gates nothing, only a FAIL is waited for.
    """
    exploratory = audit.expectation == "exploratory"
    faults = ("FAIL", "WARN") if exploratory else ("FAIL",)
    there = {one.finding.verdict for one in part.values() if one and one.judged}
    failed, warned = bool(there.intersection(faults)), bool(there.intersection(("FAIL", "WARN")))
    left = {key: one for key, one in part.items() if not one or not (one.decided or one.finding.verdict in faults)}
    hopes = {key: prospects(one.draft, audit.judge) if one else OPEN for key, one in left.items() if key not in silent}
    asked = [hopes[key].passes if key in hopes else 0.0 for key in left if key[2] not in audit.edit.also]
    passes = not (failed or exploratory) and min(asked, default=1.0) >= PASSES
    warns = not (warned or exploratory)
    return [
        key
        for key, hope in hopes.items()
        if hope.fails >= FAILS or (passes and hope.passes >= PASSES) or (warns and hope.warns >= SHOWS)
    ]

"""Which edits are still asked after a look: a decided claim asks no more, an audit ends when all of its claims have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from token_saliency.auditing.audit import SEGMENTS, Audit
from token_saliency.auditing.edits.blocks import Group, groups_of
from token_saliency.auditing.judging.by_axis import axis_of
from token_saliency.auditing.judging.judge import Standings, looked_at, parts_at
from token_saliency.auditing.judging.outcome import cases_of
from token_saliency.results import Edit
from token_saliency.store.evidence import Evidence


@dataclass(slots=True)
class Stopping:
    """The claims of each audit after the looks so far, and the `closed` groups of edits.

    Whether a group is closed follows from the answers of the blocks that were asked and from nothing else, so a run
    that was stopped and goes on asks the same.
    """

    audits: Mapping[str, Audit]
    planned: Sequence[Edit]
    standing: dict[str, Standings] = field(default_factory=dict)
    closed: set[Group] = field(default_factory=set)

    def look(self, evidence: Evidence, look: int) -> None:
        """Judges what is open on the answers that are there."""
        every: dict[str, set[Group]] = {}
        for edit, groups in zip(self.planned, groups_of(self.planned, self.audits), strict=True):
            every.setdefault(edit.audit, set()).update(groups)
        going = [audit for name, audit in self.audits.items() if every.get(name, set()) - self.closed]
        for name, case in cases_of(evidence, going).items():
            try:
                parts = parts_at(case, look)
                self.standing[name] = looked_at(case, parts, self.standing.get(name, {}), look)
            except Exception:  # judged once more at the end, where it is an ERROR
                continue
            self.closed |= _closed(case.audit, every[name], self.standing[name])

    def asks(self, edits: Sequence[Edit]) -> list[Edit]:
        """Those of the edits that are still wanted."""
        pairs = zip(edits, groups_of(edits, self.audits), strict=True)
        return [edit for edit, groups in pairs if set(groups) - self.closed]


def _closed(audit: Audit, groups: Iterable[Group], standing: Standings) -> set[Group]:
    """The groups whose judged claims are all decided. Of a group without a claim yet nothing is known, so it goes on.

    What is only described goes on as long as anything that is judged.
    """
    if audit.edit.judge in ("delete", "renumber"):  # sub-groups of their items are found late, by all items together
        return set()
    judging = set(SEGMENTS) if audit.edit.judge in SEGMENTS else {audit.edit.judge, *audit.edit.also}
    seen: dict[Group, list[bool]] = {group: [] for group in groups}
    claimed: set[Group] = set()
    for one in standing.values():
        between = one.draft.between or ("", "")
        axis = axis_of(audit, one.draft) if one.draft.operator == "swap" else between[0]
        group = audit.name, one.draft.operator, axis
        claimed.add(group)
        if one.judged and group in seen:
            seen[group].append(one.decided)
    done = {group for group, decided in seen.items() if decided and all(decided)}
    left = {g for g, decided in seen.items() if g not in done and g[1] in judging and (decided or g not in claimed)}
    return done if left or not done else set(seen)

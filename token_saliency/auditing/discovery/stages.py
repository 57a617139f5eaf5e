"""In which order the edits of suspects are asked, and which suspects are worth the rest of theirs.

A suspect is confirmed only where every kind of its edits shows it, beyond their controls, and on all its rows. So a
replacement is asked where the deletions leave it possible, more deletions where those of the first rows hardly leave it
impossible (stochastic curtailment, as of claims), and the controls of the first rows where the deletions move anything
that could exceed them. To let a suspect go confirms nothing, and no other is confirmed for it: it counts among the
nominees with a p of 1.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from token_saliency.auditing.discovery.confirm import JUDGE, LEAST, Movement, by_suspect, effects_of, moved_by, together
from token_saliency.auditing.discovery.nominate import MIN_ROWS, Nominee
from token_saliency.auditing.discovery.probes import Nomination, filed_under
from token_saliency.auditing.judging.claims.prospects import SHOWS, End
from token_saliency.auditing.judging.verdicts import ALPHA, AUDIT_ALPHA, ClaimEstimate
from token_saliency.results import Edit, ScoredRow
from token_saliency.stats.estimate import Estimate
from token_saliency.stats.sampling import content_hash

SHARES = (0.25, 0.5, 1.0)
"""Which share of the rows of a suspect lends its deletions by look; at the first MIN_ROWS at least."""
ALONE = 1
"""The look at which the deletions of the first rows stand without their controls, which follow at the next."""
ALL, REPLACED = ALONE + len(SHARES), ALONE + len(SHARES) + 1
"""The looks after which all deletions are there, and of what is put in the place."""

Filed = tuple[str, str]
"""What the edits of a suspect are filed under, and its item."""


def _filed(one: Nominee) -> Filed:
    return filed_under(one.suspect.kind), one.suspect.item


@dataclass(slots=True)
class Stages:
    """The suspects that are still asked about. `planned` are the edits of all, each with its look."""

    nomination: Nomination
    heads: Mapping[str, ScoredRow]
    classes: Sequence[str]
    seed: int
    planned: list[Edit] = field(default_factory=list)
    let_go: set[Filed] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Tells the looks apart."""
        edits = [edit for edit in self.nomination.planned if edit.row in self.heads]
        self.planned = [edit for own in by_suspect(edits).values() for edit in self._staged(own)]

    def _staged(self, edits: Sequence[Edit]) -> list[Edit]:
        heads = {edit.row: self.heads[edit.row] for edit in edits}
        beside = {edit.row for edit in edits if edit.placebo}  # rows with a control tell more, so they come first
        place = {id_: content_hash(self.seed, "look", row.text, row.text_pair) for id_, row in heads.items()}
        ranked = sorted(heads, key=lambda id_: (id_ not in beside, place[id_]))
        ends = [max(MIN_ROWS, math.ceil(share * len(ranked))) for share in SHARES]
        at = {row: bisect(ends, rank) for rank, row in enumerate(ranked)}
        return [replace(edit, look=_look(edit, at[edit.row])) for edit in edits]

    def asks(self, look: int) -> list[Edit]:
        """The edits of a look that are still wanted."""
        return [edit for edit in self.planned if edit.look == look and (edit.audit, edit.item) not in self.let_go]

    def look(self, edits: Sequence[Edit], look: int) -> None:
        """Lets go what the rest of its edits can hardly confirm; or not at all: after ALL."""
        if look > ALL:
            return
        filed = {_filed(one) for one in self.nomination.nominees}
        own = together(edit for edit in edits if (edit.audit, edit.item) in filed - self.let_go)
        estimates, answers = effects_of(self.heads, own, self.classes, self.seed), by_suspect(own)
        every = by_suspect(self.planned)
        for one in self.nomination.nominees:
            key = _filed(one)
            found = estimates[one.suspect.kind].get((one.suspect.item, one.class_index), [])
            if key in self.let_go or not found:
                continue
            rows = len({edit.row for edit in every[key]})
            share = len({edit.row for edit in answers[key]}) / rows if look < ALL else 1.0
            moved = moved_by(one, answers[key], self.heads, alone=look == ALONE)
            if not (_may_be_alone if look == ALONE else _may_be)(found[0], moved, share):
                self.let_go.add(key)

    @property
    def told(self) -> Nomination:
        """The nominees, with which of them were let go."""
        nominees = [replace(one, let_go=_filed(one) in self.let_go) for one in self.nomination.nominees]
        return replace(self.nomination, nominees=nominees)


def _look(edit: Edit, part: int) -> int:
    """The look of an edit of a row in this part of the rows (0, 1 ...)."""
    if edit.operator == "swap":
        return REPLACED
    return ALONE if part == 0 and not edit.placebo else ALONE + 1 + part


def _may_be_alone(draft: ClaimEstimate, moved: Movement | None, share: float) -> bool:
    """Whether deletions move enough, one way or any, to exceed controls that may move nothing."""
    if moved is None or _may_move(moved[0], share):
        return True
    now = draft.held[0][0]
    shown = draft.p <= ALPHA or _chance(now, share, ALPHA / 2, 0.0) >= SHOWS
    return shown and _chance(now, share, 0.5, LEAST * JUDGE.margin) >= SHOWS


def _may_be(draft: ClaimEstimate, moved: Movement | None, share: float) -> bool:
    """Whether all rows may confirm it by deletions; where all were asked, whether they do but for the correction."""
    if moved and _may_move(moved[0], share):
        return True
    if draft.beyond_control is None or draft.control is None:
        return share < 1.0
    least = LEAST * JUDGE.margin
    if draft.p <= ALPHA and draft.beyond_control > 0 and abs(draft.effect) >= least:
        return True
    now, size = draft.held[0][0], abs(draft.effect) - abs(draft.control)
    excess = Estimate(size, (size - draft.beyond_control) / now.quantile(1 - AUDIT_ALPHA), now.df)
    chances = (
        _chance(now, share, ALPHA / 2, 0.0),
        _chance(now, share, 0.5, least),
        _chance(excess, share, AUDIT_ALPHA, 0.0, up=True),
    )
    return min(chances) >= SHOWS


def _may_move(moved: Estimate, share: float) -> bool:
    """Whether it may be shown to move the output; replacements are asked where deletions show as much at 5%."""
    bar = JUDGE.margin / 2
    if share < 1.0:
        return _chance(moved, share, AUDIT_ALPHA, bar, up=True) >= SHOWS
    return moved.interval(ALPHA)[0] > bar


def _chance(now: Estimate, share: float, alpha: float, bound: float, *, up: bool = False) -> float:
    """That all rows show an effect beyond the bound, at this one-sided level."""
    if share >= 1.0 or not math.isfinite(now.se):
        return float(share < 1.0)
    return End.of(now, share, alpha).beyond(bound, up=up)

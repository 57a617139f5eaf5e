"""Would this run have cried wolf? Its own controls, judged as if they were the audited group.

Twenty control groups are drawn again from the answers that are there, each with a true effect of zero, and go through
the same estimate, test and verdict as the real one. A test that permutes what was drawn at random holds its level by
construction, so what a high rate shows is a broken statistic: documents counted where items are the unit, or copies
counted as rows. The canary adds k to the answers wherever a canary would stand: f + k x [canary present].
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from token_saliency.auditing.evidence.asking import PROBABILITY_DIGITS
from token_saliency.auditing.judging.case import Case, CrossedAnswers, table
from token_saliency.auditing.judging.contrasts import Split, alike, contrast_estimate
from token_saliency.auditing.judging.shifts import EditComparison, Pairs, ShiftTest, shift_estimates
from token_saliency.auditing.judging.verdicts import ALPHA, ClaimEstimate, corrected, judge
from token_saliency.results import Calibration, Canary, Verdict
from token_saliency.stats import crossed as cr
from token_saliency.stats import estimate as st
from token_saliency.stats.sampling import generator

GROUPS = 20
DESCRIPTIVE_ALPHA = 0.025
BETWEEN = ("controls", "controls")

NOT_CALIBRATED = (
    "self-calibration was not run: no audit of this run has enough control edits to draw groups from "
    "(8 control items, or 12 rows with a control edit)."
)

FEWEST_ROWS = 12

ROUNDED = 10.0**-PROBABILITY_DIGITS
"""Answers are rounded to this: of a model that never moves the interval is one point, and holds what lies so near."""


class Pool(Protocol):
    """Controls from which groups without an effect can be drawn."""

    @property
    def case(self) -> Case: ...
    @property
    def answers(self) -> int: ...
    @property
    def drawn_from(self) -> str: ...
    def draft(self, name: object, class_index: int, shift: float) -> ClaimEstimate | None: ...


@dataclass(frozen=True, slots=True)
class ControlItems:
    """ControlItems are a sample: the control items are split in two at random, in the slots that they all fill."""

    case: Case
    controls: CrossedAnswers

    @property
    def answers(self) -> int:
        return int(self.controls.used.sum())

    @property
    def drawn_from(self) -> str:
        return f"random halves of {len(self.controls.items)} control items in {self.controls.rows} rows"

    def draft(self, name: object, class_index: int, shift: float) -> ClaimEstimate | None:
        items, operator = self.controls.items, self.case.audit.edit.judge
        order = generator(self.case.seed, self.case.audit.name, "calibration", name).permutation(len(items))
        half: list[set[str]] = [set(), set()]
        for alike_filled in cr.strata(self.controls.of_class(class_index), np.ones(len(items)), np.ones(len(items))):
            own = [items[j] for j in order if j in alike_filled]
            half[0] |= {*own[: len(own) // 2]}
            half[1] |= {*own[len(own) // 2 :]}
        values = self.controls.values.copy()
        values[:, [item in half[0] for item in items], class_index] += shift
        sides = [alike(self.controls, members) for members in half]
        split = Split("direction", BETWEEN, class_index, sides[0], sides[1])
        return contrast_estimate(self.case, replace(self.controls, values=values), self.controls, operator, split, 1)


@dataclass(frozen=True, slots=True)
class NeutralVersions:
    """Items are fixed: of the neutral versions of a row [R, m, C] two are compared, a pair drawn for each document."""

    case: Case
    rows: list[str]
    versions: st.Floats

    @property
    def answers(self) -> int:
        return int(self.versions.shape[0] * self.versions.shape[1])

    @property
    def drawn_from(self) -> str:
        return f"random pairs of {self.versions.shape[1]} neutral versions of {len(self.rows)} rows"

    def draft(self, name: object, class_index: int, shift: float) -> ClaimEstimate | None:
        rng = generator(self.case.seed, self.case.audit.name, "calibration", name)
        documents = np.unique([self.case.cluster[row] for row in self.rows], return_inverse=True)[1]
        effects, control = (self._differences(rng, documents, class_index) for _ in range(2))
        audit, comparison = self.case.audit, EditComparison(self.case.audit.edit.judge, BETWEEN)
        test = ShiftTest(self.case.cluster, audit.judge.margin, 1, (self.case.seed, audit.name))
        pairs = Pairs(self.rows, effects + shift, self.rows, control)
        return next(iter(shift_estimates(comparison, {class_index: pairs}, test)), None)

    def _differences(self, rng: np.random.Generator, documents: st.Ints, class_index: int) -> st.Floats:
        """[R] one version minus another; rows of one document are turned the same way."""
        count = self.versions.shape[1]
        order = rng.permuted(np.tile(np.arange(count), (int(documents.max()) + 1, 1)), axis=1)[documents]
        values, at = self.versions[:, :, class_index], np.arange(len(documents))
        return np.asarray(values[at, order[:, 0]] - values[at, order[:, 1]], dtype=np.float64)


def calibration(cases: Iterable[Case]) -> Calibration | None:
    """The check on the audit whose controls tell most of a shift of its margin; None where none has enough."""
    pools = [pool for case in cases if (pool := _pool(case))]
    pools.sort(key=lambda pool: (_power(pool), -pool.answers, pool.case.audit.name))
    return next((found for pool in pools if (found := _checked(pool))), None)


def _power(pool: Pool) -> float:
    """The smallest shift that a canary of these controls shows, in margins: of spreads alone, not of what they show."""
    draft = pool.draft("canary", pool.case.judged_classes[0], 0.0)
    return math.inf if draft is None else round(draft.smallest_detectable / pool.case.audit.judge.margin, 6)


def _pool(case: Case) -> Pool | None:
    if case.audit.edit.judge == "swap":
        return _items(case) if case.audit.items == "sample" else _exchanged(case)
    return _deleted(case)


def _items(case: Case) -> ControlItems | None:
    controls = table(case, case.audit.edit.judge, placebo=True)
    count = len(controls.items) if controls else 0
    enough = cr.splits(count // 2, count - count // 2) > 2 / ALPHA
    return ControlItems(case, controls) if controls and enough else None


def _exchanged(case: Case) -> NeutralVersions | None:
    """The reference and the controls in the same slot."""
    answers, controls = (table(case, "swap", placebo=placebo) for placebo in (False, True))
    reference = case.audit.edit.reference
    if not answers or not controls or reference not in answers.items or answers.slots != controls.slots:
        return None
    base = answers.values[:, [answers.items.index(reference)]]
    return _rows(case, [row for row, _ in answers.slots], np.concatenate([base, controls.values], axis=1))


def _deleted(case: Case) -> NeutralVersions | None:
    """The row as it is and without its control span; one edit a row."""
    edits = {e.row: e for e in case.edits if e.placebo and e.operator == case.audit.edit.judge}
    rows = sorted(edits)
    return _rows(case, rows, np.array([(edits[row].before, edits[row].after) for row in rows])) if rows else None


def _rows(case: Case, rows: list[str], versions: st.Floats) -> NeutralVersions | None:
    return NeutralVersions(case, rows, versions) if len({case.cluster[row] for row in rows}) >= FEWEST_ROWS else None


def _checked(pool: Pool) -> Calibration | None:
    classes = pool.case.judged_classes
    drafts = [pool.draft(number, classes[number % len(classes)], 0.0) for number in range(GROUPS)]
    found = [draft for draft in drafts if draft is not None]
    if not found:
        return None
    flagged = sum(draft.p <= ALPHA for draft in found)
    return Calibration(
        audit=pool.case.audit.name,
        placebo_groups=len(found),
        flagged=flagged,
        failed=sum(_verdict(pool.case, draft) == "FAIL" for draft in found),
        alpha=ALPHA,
        interval=st.wilson(flagged, len(found), DESCRIPTIVE_ALPHA),
        canary=_canary(pool, classes[0]),
        notes=[f"Drawn from {pool.drawn_from}; no further text was put to the model."],
    )


def _canary(pool: Pool, class_index: int) -> Canary | None:
    margin = pool.case.audit.judge.margin
    seen, double = (pool.draft("canary", class_index, times * margin) for times in (1, 2))
    if seen is None or double is None:
        return None
    verdict = _verdict(pool.case, double)
    return Canary(
        margin=margin,
        effect=seen.effect,
        interval=seen.interval,
        covered=seen.interval[0] - ROUNDED <= margin <= seen.interval[1] + ROUNDED,
        verdict_at_double=verdict,
        caught=verdict == "FAIL",
        rows=seen.rows,
    )


def _verdict(case: Case, draft: ClaimEstimate) -> Verdict:
    """As if it were the only claim of its audit."""
    return judge(draft, case.audit.judge, corrected([draft.p])[0], corrected([draft.p_margin])[0])

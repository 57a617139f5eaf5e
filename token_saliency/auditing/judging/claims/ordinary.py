"""What the terms of an axis do beside ordinary words of their kind: no exchange of the terms for one another shows it.

A model that takes any religion for an insult treats them all alike. The control words stand in the same slots already,
so no edit is asked for it; as nobody knows that ordinary words are neutral, it fails nothing, and allows no PASS.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from token_saliency.auditing.audit import IN_SECOND
from token_saliency.auditing.judging.by_axis import CONTROLS_AT_LEAST, in_rows, only
from token_saliency.auditing.judging.case import Case, CrossedAnswers, table
from token_saliency.stats import crossed as cr
from token_saliency.stats import estimate as st

A_SIDE = 2
READ = "Read the edited pairs beside their controls: if no such term should matter, add rows of each class with them."


@dataclass(frozen=True, slots=True)
class Aside:
    """An axis whose terms all move the output beside ordinary words, and by how much."""

    terms: str
    output: str
    effect: float
    interval: tuple[float, float]
    rows: int

    def __str__(self) -> str:
        low, high = self.interval
        moved = f"move {self.output} by {self.effect:+.3f} [{low:+.3f}, {high:+.3f}] ({self.rows} rows)"
        return f"{self.terms} in place of ordinary words {moved}"


def asides(parts: Sequence[Case]) -> list[Aside]:
    """Of each axis the class that its terms move farthest, where that is shown to exceed the margin and the noise."""
    found = [_farthest(part) for part in parts if part.stratum]
    return [one for one in found if one]


def _farthest(part: Case) -> Aside | None:
    terms, words = (table(part, part.audit.edit.judge, placebo=placebo) for placebo in (False, True))
    if terms is None or words is None or len(words.items) < CONTROLS_AT_LEAST:
        return None
    held = in_rows(part)
    terms = only(terms, [j for j, item in enumerate(terms.items) if item in held])
    shown = [one for index in part.judged_classes if (one := _of_class(part, terms, words, index))]
    return max(shown, key=lambda one: abs(one.effect), default=None)


def _of_class(part: Case, terms: CrossedAnswers, words: CrossedAnswers, index: int) -> Aside | None:
    """The mean of the terms minus that of the words in the slots that both fill, with the document as the unit."""
    theirs = {slot: place for place, slot in enumerate(words.slots) if words.used[place].any()}
    ours = [place for place, slot in enumerate(terms.slots) if slot in theirs and terms.used[place].any()]
    rows = {terms.slots[place][0] for place in ours}
    if len(terms.items) < A_SIDE or len(rows) < part.audit.judge.min_rows:
        return None
    beside = [theirs[terms.slots[place]] for place in ours]
    gaps = _means(terms, ours, index) - _means(words, beside, index)
    estimate = st.clustered_mean(gaps, terms.docs[ours])
    low, high = interval = estimate.interval(part.alpha)
    bar = max(part.audit.judge.margin, _noise(part, words, index, len(terms.items)))
    if not math.isfinite(estimate.se) or max(low, -high) <= bar:
        return None
    return Aside(
        f"{part.stratum} terms{IN_SECOND if part.part else ''}",
        part.output(index),
        estimate.effect,
        interval,
        len(rows),
    )


def _means(answers: CrossedAnswers, slots: list[int], index: int) -> st.Floats:
    used = answers.used[slots]
    return np.asarray((answers.values[slots, :, index] * used).sum(1) / used.sum(1))


def _noise(part: Case, words: CrossedAnswers, index: int, terms: int) -> float:
    """How far means of so many ordinary words may lie apart."""
    spread = float(np.nanstd(cr.comparable(words.of_class(index)).item_means, ddof=1))
    apart = st.Estimate(0.0, spread * math.sqrt(1 / terms + 1 / len(words.items)), len(words.items) - 1)
    return apart.interval(part.alpha)[1]

"""What items do beside ordinary words of their kind: no exchange of the items for one another shows it.

A model that takes any religion for an insult, or any name for praise, treats them all alike. The control words stand in
the same slots already, so no edit is asked for it; as nobody knows that they are neutral, it warns and fails nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from token_saliency.auditing.audit import IN_SECOND
from token_saliency.auditing.judging.by_axis import CONTROLS_AT_LEAST, FAMILIAR_AT_LEAST, in_rows, only
from token_saliency.auditing.judging.case import Case, CrossedAnswers, table
from token_saliency.stats import crossed as cr
from token_saliency.stats import estimate as st

A_SIDE = 2
EXAMPLES = 3
ALIKE = "No exchange of them for one another shows it; nobody knows that those words are neutral, so it fails nothing."
READ = "Read the edited pairs beside their controls: if none of them should matter, add rows of each class with them."


@dataclass(frozen=True, slots=True)
class Aside:
    """Items that all move the output beside the words that took their places, and by how much."""

    terms: str
    words: str
    output: str
    effect: float
    interval: tuple[float, float]
    rows: int

    def __str__(self) -> str:
        low, high = self.interval
        moved = f"move {self.output} by {self.effect:+.3f} [{low:+.3f}, {high:+.3f}] ({self.rows} rows)"
        return f"{self.terms} in place of {self.words} {moved}"


def asides(parts: Sequence[Case]) -> list[Aside]:
    """Of each part the class that its items move farthest, where that is shown to exceed the noise, by a margin."""
    found = [_farthest(part) for part in parts if part.audit.items == "sample"]
    return [one for one in found if one]


def said_of_all(parts: Sequence[Case]) -> str:
    """What is said where the items of a part all move the output beside other words; empty where those of none do."""
    said = "; ".join(map(str, asides(parts)))
    return f"{said[0].upper()}{said[1:]}. {ALIKE}" if said else ""


def _farthest(part: Case) -> Aside | None:
    terms, words = (table(part, part.audit.edit.judge, placebo=placebo) for placebo in (False, True))
    if terms is None or words is None or len(words.items) < CONTROLS_AT_LEAST:
        return None
    held = in_rows(part)
    kept = [j for j, item in enumerate(terms.items) if item in held]
    if part.stratum or len(kept) >= FAMILIAR_AT_LEAST:
        terms = only(terms, kept)
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
    shown = max(low, -high) > _noise(part, words, index, len(terms.items))
    if not math.isfinite(estimate.se) or not shown or abs(estimate.effect) <= part.audit.judge.margin:
        return None
    return Aside(*_called(part, words), part.output(index), estimate.effect, interval, len(rows))


def _called(part: Case, words: CrossedAnswers) -> tuple[str, str]:
    where = IN_SECOND if part.part else ""
    if part.stratum:
        return f"{part.stratum} terms{where}", "ordinary words"
    return f"{part.audit.title.lower()}{where}", f"other words ({', '.join(words.items[:EXAMPLES])} ...)"


def _means(answers: CrossedAnswers, slots: list[int], index: int) -> st.Floats:
    used = answers.used[slots]
    return np.asarray((answers.values[slots, :, index] * used).sum(1) / used.sum(1))


def _noise(part: Case, words: CrossedAnswers, index: int, terms: int) -> float:
    """How far means of so many ordinary words may lie apart."""
    spread = float(np.nanstd(cr.comparable(words.of_class(index)).item_means, ddof=1))
    apart = st.Estimate(0.0, spread * math.sqrt(1 / terms + 1 / len(words.items)), len(words.items) - 1)
    return apart.interval(part.alpha)[1]

"""What items do beside ordinary words of their kind: no exchange of the items for one another shows it.

A model that takes any religion for an insult, or any name for praise, treats them all alike. The control words stand in
the same slots already, so no edit is asked for it; as nobody knows that they are neutral, it warns and fails nothing.
"""

from __future__ import annotations

import math

import numpy as np

from token_saliency.auditing.judging.by_axis import CONTROLS_AT_LEAST, FAMILIAR_AT_LEAST, in_rows, only
from token_saliency.auditing.judging.case import Case, CrossedAnswers, table
from token_saliency.auditing.judging.verdicts import CONTROL_WORDS, ClaimEstimate
from token_saliency.stats import crossed as cr
from token_saliency.stats import estimate as st

A_SIDE = 2


def beside_words(case: Case, operator: str) -> list[ClaimEstimate]:
    """The class that the items move farthest beside the words, most of them by a margin and beyond what these differ.

    Nobody asked for it, so where it is not shown it leaves no audit undecided.
    """
    if operator != case.audit.edit.judge or case.audit.edit.against:
        return []
    terms, words = (table(case, operator, placebo=placebo) for placebo in (False, True))
    if terms is None or words is None or len(words.items) < CONTROLS_AT_LEAST:
        return []
    held = in_rows(case)
    kept = [j for j, item in enumerate(terms.items) if item in held]
    if case.stratum or len(kept) >= FAMILIAR_AT_LEAST:
        terms = only(terms, kept)
    shown = [one for index in case.judged_classes if (one := _of_class(case, terms, words, index))]
    return sorted(shown, key=lambda one: -abs(one.effect))[:1]


def _of_class(case: Case, terms: CrossedAnswers, words: CrossedAnswers, index: int) -> ClaimEstimate | None:
    """The mean of the terms minus that of the words in the slots that both fill, with the document as the unit."""
    theirs = {slot: place for place, slot in enumerate(words.slots) if words.used[place].any()}
    ours = [place for place, slot in enumerate(terms.slots) if slot in theirs and terms.used[place].any()]
    rows = {terms.slots[place][0] for place in ours}
    if len(terms.items) < A_SIDE or len(rows) < case.audit.judge.min_rows:
        return None
    beside = [theirs[terms.slots[place]] for place in ours]
    base = _means(words, beside, index)
    estimate = st.clustered_mean(_means(terms, ours, index) - base, terms.docs[ours])
    usual = _median_item(terms, ours, index, base) * np.sign(estimate.effect)
    noise, (low, high) = _noise(case, words, index, len(terms.items)), estimate.interval(case.alpha)
    inner = max(low, -high)
    if not math.isfinite(estimate.se) or inner <= noise or min(usual, abs(estimate.effect)) <= case.audit.judge.margin:
        return None
    return ClaimEstimate(
        claim="shift",
        between=(f"{case.stratum} terms" if case.stratum else case.audit.title.lower(), CONTROL_WORDS),
        class_index=index,
        operator=case.audit.edit.judge,
        effect=estimate.effect,
        control=noise,
        interval=(low, high),
        beyond_control=inner - noise,
        p=min(1.0, 2 * estimate.p_beyond(0.0)),
        p_margin=1.0,  # never a FAIL
        flip_rate=float(terms.flipped[ours][terms.used[ours]].mean()),
        placebo_flip_rate=float(words.flipped[beside][words.used[beside]].mean()),
        rows=len(rows),
        items=len(terms.items),
        smallest_detectable=estimate.detectable(case.alpha),
        resolvable=True,
        by_row={},
        edits=int(terms.used[ours].sum()),
        controls=len(words.items),
    )


def _means(answers: CrossedAnswers, slots: list[int], index: int) -> st.Floats:
    used = answers.used[slots]
    return np.asarray((answers.values[slots, :, index] * used).sum(1) / used.sum(1))


def _median_item(answers: CrossedAnswers, slots: list[int], index: int, base: st.Floats) -> float:
    """What the item in the middle does beside the words: one that stands out alone is no reliance on all of them."""
    used = answers.used[slots]
    gaps = (answers.values[slots, :, index] - base[:, None]) * used
    tried = used.any(0)
    return float(np.median(gaps.sum(0)[tried] / used.sum(0)[tried]))


def _noise(case: Case, words: CrossedAnswers, index: int, terms: int) -> float:
    """How far means of so many ordinary words may lie apart."""
    spread = float(np.nanstd(cr.comparable(words.of_class(index)).item_means, ddof=1))
    apart = st.Estimate(0.0, spread * math.sqrt(1 / terms + 1 / len(words.items)), len(words.items) - 1)
    return apart.interval(case.alpha)[1]

"""A short list stands for itself: where the rows hold few terms of an axis, each is compared with the others.

Items are the unit of a claim about a population, and fewer than a dozen of them can hardly reject anything, however
many rows there are: ten can be split in 252 ways. So of such an axis the claims are about exactly the terms that the
rows hold, and document clusters are the unit. The control is a word for persons against other words for persons: in a
model that every word moves a little, a term must lie outside what such words do, as the farthest of many.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from token_saliency.auditing.edits.swaps import FEW, MENTIONS_FOR_LEAN
from token_saliency.auditing.judging.case import Case, CrossedAnswers, table
from token_saliency.auditing.judging.claim_estimate import ClaimEstimate
from token_saliency.auditing.judging.verdicts import ALPHA, AUDIT_ALPHA, CATALOGUE, draws
from token_saliency.stats import crossed as cr
from token_saliency.stats import estimate as st
from token_saliency.stats.sampling import generator

FAMILIAR_AT_LEAST = 6
"""So many terms of the rows are enough to leave aside those that only the list knows."""

CONTROLS_AT_LEAST = 3


def others(stratum: str) -> str:
    """What a named term is compared with."""
    return f"other {stratum} terms"


def in_rows(case: Case) -> list[str]:
    """The items that the rows themselves hold, some rows each."""
    rows = Counter(item for matches in case.spans.values() for item in {match.item for match in matches})
    return sorted(item for item, count in rows.items() if count >= MENTIONS_FOR_LEAN)


def familiar(case: Case, answers: CrossedAnswers) -> CrossedAnswers:
    """Of a stratum the items that the rows hold, where they are enough: the lists reach far beyond them."""
    held = in_rows(case)
    kept = [j for j, item in enumerate(answers.items) if item in held]
    return answers if not case.stratum or len(kept) < FAMILIAR_AT_LEAST else only(answers, kept)


def closed(case: Case, answers: CrossedAnswers) -> CrossedAnswers | None:
    """The items that are judged one by one; None where the stratum is no short list in these rows."""
    held, fewest = in_rows(case), case.audit.judge.min_rows
    documents = set().union(*(case.homes[item] for item in held))
    if not case.stratum or not 2 <= len(held) < FEW or len(documents) < fewest:
        return None
    enough = [j for j, item in enumerate(answers.items) if item in held and _stands_in(answers, j, fewest)]
    return only(answers, enough) if len(enough) > 1 else None


def only(answers: CrossedAnswers, kept: list[int]) -> CrossedAnswers:
    """The table of some of its items."""
    return replace(
        answers,
        items=[answers.items[j] for j in kept],
        values=answers.values[:, kept],
        flipped=answers.flipped[:, kept],
        used=answers.used[:, kept],
    )


def named_shifts(case: Case, operator: str) -> list[ClaimEstimate]:
    """Each term of a short list against the others of it in the same slots."""
    answers = table(case, operator, placebo=False)
    terms = closed(case, answers) if answers else None
    if terms is None:
        return []
    _say_what_is_left_out(case, terms)
    controls, claims = table(case, operator, placebo=True), len(terms.items) * len(case.judged_classes) * case.families
    each = {index: terms.of_class(index) for index in case.judged_classes}
    rng = generator(case.seed, case.audit.name, "named", case.stratum)
    effects = np.concatenate([data.effects for data in each.values()], axis=1)
    zero = st.sign_flips(effects, terms.docs, draws(claims), rng).reshape(len(each), -1)
    drafts = []
    for (index, data), p in zip(each.items(), zero, strict=True):
        usual = _usual(controls, index, len(terms.items), claims)
        made = [_draft(case, terms, data, index, j, usual) for j in range(len(terms.items))]
        drafts += [
            replace(draft, operator=operator, p=float(p[j]), resolvable=_resolvable(data, j, claims))
            for j, draft in enumerate(made)
        ]
    return drafts


def _say_what_is_left_out(case: Case, terms: CrossedAnswers) -> None:
    left = [item for item in in_rows(case) if item not in terms.items]
    if left:
        case.notes.append(
            f"shift was not run for {', '.join(left)}: fewer than {case.audit.judge.min_rows} rows have a slot for it."
        )


def _draft(case: Case, terms: CrossedAnswers, data: cr.Crossed, index: int, j: int, usual: Usual) -> ClaimEstimate:
    """The estimate of one term; its test of no effect is shared with the others of its list."""
    used, bar = data.used[:, j], max(case.audit.judge.margin, usual.farthest)
    estimate = st.clustered_mean(data.effects[used, j], data.docs[used])
    low, high = estimate.interval(AUDIT_ALPHA)
    inner = low if estimate.effect >= 0 else -high
    return ClaimEstimate(
        claim="shift",
        between=(terms.items[j], others(case.stratum)),
        class_index=index,
        operator="",
        effect=estimate.effect,
        control=usual.typical,
        interval=(low, high),
        beyond_control=None if usual.typical is None else inner - usual.typical,
        p=1.0,
        p_margin=estimate.p_beyond(bar),
        flip_rate=float(terms.flipped[used, j].mean()),
        placebo_flip_rate=None,
        rows=len(_rows(terms, j)),
        items=1,
        smallest_detectable=estimate.detectable(AUDIT_ALPHA),
        resolvable=True,
        by_row={},
    )


def _rows(answers: CrossedAnswers, j: int) -> set[str]:
    return {row for (row, _), inside in zip(answers.slots, answers.used[:, j], strict=True) if inside}


def _stands_in(answers: CrossedAnswers, j: int, rows: int) -> bool:
    """Whether the item has slots in so many rows, not all of one document."""
    return len(_rows(answers, j)) >= rows and len(np.unique(answers.docs[answers.used[:, j]])) > 1


@dataclass(frozen=True, slots=True)
class Usual:
    """How far a word for persons typically lies from others of its kind, and how far the farthest of many terms may."""

    typical: float | None
    farthest: float


def _usual(controls: CrossedAnswers | None, index: int, terms: int, claims: int) -> Usual:
    """Of as many words as there are terms; the spread of a few words is itself uncertain, hence Student's t."""
    if controls is None or len(controls.items) < CONTROLS_AT_LEAST:
        return Usual(None, 0.0)
    words = len(controls.items)
    spread = float(np.nanstd(cr.comparable(controls.of_class(index)).item_means, ddof=1))
    one = st.Estimate(0.0, spread * math.sqrt(terms / (terms - 1)), words - 1)
    return Usual(one.se, one.quantile(1 - AUDIT_ALPHA / claims) * one.se)


def _resolvable(data: cr.Crossed, j: int, claims: int) -> bool:
    documents = len(np.unique(data.docs[data.used[:, j]]))
    return 2.0 ** min(documents, 1000) > 2 * CATALOGUE * claims / ALPHA

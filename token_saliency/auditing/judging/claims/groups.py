"""Declared groups of a short list: its items speak for themselves, so documents are the unit and not the items.

Of nine nationalities four African ones can be chosen in too few ways for any split of the nine to reject; but that
these nine were chosen is no chance that has to be allowed for: the claim is about exactly them.
"""

from __future__ import annotations

import math

import numpy as np

from token_saliency.auditing.judging.by_axis import closed, in_rows, usual_of
from token_saliency.auditing.judging.case import Case, CrossedAnswers, table
from token_saliency.auditing.judging.verdicts import ClaimEstimate
from token_saliency.stats import estimate as st

A_SIDE = 2


def named_groups(case: Case, operator: str) -> list[ClaimEstimate]:
    """Each declared pair of groups that the short list holds, in the slots that both fill."""
    answers = table(case, operator, placebo=False)
    terms = closed(case, answers) if answers else None
    if terms is None:
        return []
    controls = table(case, operator, placebo=True)
    pairs = [(contrast, pair) for contrast in case.audit.contrasts for pair in contrast.between]
    held, drafts = in_rows(case), list[ClaimEstimate]()
    for contrast, between in pairs:
        sides = [[j for j, item in enumerate(terms.items)
                  if item in held and item in contrast.members(case.audit.find.lexicon, group)]
                 for group in between]  # fmt: skip
        if min(map(len, sides)) >= A_SIDE:
            found = [_draft(case, terms, controls, index, between, sides) for index in case.judged_classes]
            drafts += [draft for draft in found if draft]
    return drafts


def _draft(
    case: Case,
    terms: CrossedAnswers,
    controls: CrossedAnswers | None,
    index: int,
    between: tuple[str, str],
    sides: list[list[int]],
) -> ClaimEstimate | None:
    used = [terms.used[:, side] for side in sides]
    both = used[0].any(1) & used[1].any(1)
    means = [(terms.values[:, side, index] * own).sum(1)[both] / own.sum(1)[both]
             for side, own in zip(sides, used, strict=True)]  # fmt: skip
    if len(np.unique(terms.docs[both])) < A_SIDE:
        return None
    estimate = st.clustered_mean(means[0] - means[1], terms.docs[both])
    (low, high), usual = estimate.interval(case.alpha), usual_of(controls, index, len(terms.items), case.alpha)
    shrunk, margin = math.sqrt(sum(1 / len(side) for side in sides)), case.audit.judge.margin  # of means of words
    control, bar = None if usual.typical is None else usual.typical * shrunk, max(margin, usual.farthest * shrunk)
    return ClaimEstimate(
        claim="direction",
        between=between,
        class_index=index,
        operator=case.audit.edit.judge,
        effect=estimate.effect,
        control=control,
        interval=(low, high),
        beyond_control=None if control is None else (low if estimate.effect >= 0 else -high) - control,
        p=min(1.0, 2 * estimate.p_beyond(0.0)),
        p_margin=estimate.p_beyond(bar),
        flip_rate=terms.flip_rate,
        placebo_flip_rate=controls.flip_rate if controls else None,
        rows=len({terms.slots[slot][0] for slot in np.flatnonzero(both)}),
        items=len(sides[0]) + len(sides[1]),
        smallest_detectable=estimate.detectable(case.alpha),
        resolvable=True,
        by_row={},
        edits=int(sum(own[both].sum() for own in used)),
        controls=usual.words,
        held=((estimate, margin, bar),),
    )

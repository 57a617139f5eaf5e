"""Terms of a short list: each against the others of it in the same slots, with documents as the unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from token_saliency.auditing.judging.by_axis import Usual, closed, in_rows, others, rows_of, usual_of
from token_saliency.auditing.judging.case import Case, CrossedAnswers, table
from token_saliency.auditing.judging.verdicts import ALPHA, CATALOGUE, ClaimEstimate, draws
from token_saliency.stats import crossed as cr
from token_saliency.stats import estimate as st
from token_saliency.stats.sampling import generator


def named_shifts(case: Case, operator: str) -> list[ClaimEstimate]:
    """Each term of a short list against the others of it in the same slots."""
    answers = table(case, operator, placebo=False)
    terms = closed(case, answers) if answers else None
    if terms is None:
        return []
    held = in_rows(case)
    _say_what_is_left_out(case, terms, held)
    told = [j for j, item in enumerate(terms.items) if item in held]
    controls, claims = table(case, operator, placebo=True), len(told) * len(case.judged_classes) * case.families
    each = {index: terms.of_class(index) for index in case.judged_classes}
    rng = generator(case.seed, case.audit.name, "named", case.stratum)
    effects = np.concatenate([data.effects for data in each.values()], axis=1)
    zero = st.sign_flips(effects, terms.docs, draws(claims, case.alpha), rng).reshape(len(each), -1)
    drafts = []
    for (index, data), p in zip(each.items(), zero, strict=True):
        usual = usual_of(controls, index, len(terms.items), case.alpha / claims)
        drafts += [
            replace(
                _draft(case, terms, data, index, j, usual),
                operator=operator,
                p=float(p[j]),
                resolvable=_resolvable(data, j, claims),
            )
            for j in told
        ]
    return drafts


def _say_what_is_left_out(case: Case, terms: CrossedAnswers, held: Sequence[str]) -> None:
    left = [item for item in held if item not in terms.items]
    if left:
        case.notes.append(
            f"shift was not run for {', '.join(left)}: fewer than {case.audit.judge.min_rows} rows have a slot for it."
        )


def _draft(case: Case, terms: CrossedAnswers, data: cr.Crossed, index: int, j: int, usual: Usual) -> ClaimEstimate:
    """The estimate of one term; its test of no effect is shared with the others of its list."""
    used, bar = data.used[:, j], max(case.audit.judge.margin, usual.farthest)
    estimate = st.clustered_mean(data.effects[used, j], data.docs[used])
    low, high = estimate.interval(case.alpha)
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
        rows=len(rows_of(terms, j)),
        items=1,
        smallest_detectable=estimate.detectable(case.alpha),
        resolvable=True,
        by_row={},
        edits=int(used.sum()),
        controls=usual.words,
        held=((estimate, case.audit.judge.margin, bar),),
    )


def _resolvable(data: cr.Crossed, j: int, claims: int) -> bool:
    documents = len(np.unique(data.docs[data.used[:, j]]))
    return 2.0 ** min(documents, 1000) > 2 * CATALOGUE * claims / ALPHA

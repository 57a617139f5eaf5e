"""The one item of a sample that moves the output by far more than its peers: one half of the documents names it, the
edits of the other half test it.

A group that is judged as a whole hides it: one name of sixty is a fortieth of its mean square. How far the farthest of
so many peers and control words lies by chance is told by their spread, and an item stands out only beyond that.
"""

from __future__ import annotations

import numpy as np

from token_saliency.auditing.judging.by_axis import closed, others
from token_saliency.auditing.judging.case import Case, CrossedAnswers, table
from token_saliency.auditing.judging.moved import HALF, SIZES, Moved, row_means
from token_saliency.auditing.judging.movement import apart, movement_of
from token_saliency.auditing.judging.verdicts import ClaimEstimate
from token_saliency.stats import crossed as cr
from token_saliency.stats import estimate as st
from token_saliency.stats.changes import Sizes
from token_saliency.stats.sampling import in_first_half

FEWEST, PEERS = 5, 10
"""So many items at least: the spread of fewer says little."""
ONE_WAY = 0.5
A_SIDE = 10
"""Documents of either half in which an item must have been tried."""
INNER, TO_SD = 0.9, 1.27
"""The spread is that of the nine tenths nearest to the middle, made that of all as if they were normal: items that
stand out must not hide one another, and two halves that lie apart are no outliers."""


def outliers(case: Case, operator: str) -> list[ClaimEstimate]:
    """The item of each class that stands out, where it does: nobody asked for it, so it leaves no audit undecided."""
    return [draft for draft in farthest(case, operator) if _stands_out(draft, case.audit.judge.min_rows)]


def farthest(case: Case, operator: str) -> list[ClaimEstimate]:
    """The item of each class that half of the documents name, whether the others show that it stands out or not."""
    answers = table(case, operator, placebo=False)
    if answers is None or not case.audit.edit.judges(operator) or len(answers.items) < PEERS or case.audit.edit.against:
        return []
    if case.stratum and closed(case, answers) is not None:  # each of a short list is judged already
        return []
    controls = table(case, operator, placebo=True)
    drafts = [_draft(case, operator, answers, controls, index) for index in case.judged_classes]
    return [draft for draft in drafts if draft]


def peers_of(case: Case) -> str:
    """What an item that stands out is compared with."""
    return others(case.stratum) if case.stratum else f"other {case.audit.title.lower()}"


def _draft(
    case: Case, operator: str, answers: CrossedAnswers, controls: CrossedAnswers | None, index: int
) -> ClaimEstimate | None:
    data = cr.comparable(answers.of_class(index))
    names = _naming(case, answers)
    naming, testing = (_means(data.effects, data.used & side[:, None], data.docs) for side in (names, ~names))
    item = _farthest(naming, testing)
    if item is None:
        return None
    tested = data.used[:, item] & ~names
    found = st.clustered_mean(data.effects[tested, item], data.docs[tested])
    by_chance = _farthest_by_chance(testing, item, controls, index, case.alpha)
    low, high = found.interval(case.alpha)
    inner = low if found.effect >= 0 else -high
    rows = len({answers.slots[slot][0] for slot in np.flatnonzero(tested)})
    bar = max(case.audit.judge.margin, by_chance)
    return ClaimEstimate(
        claim="shift",
        between=(answers.items[item], peers_of(case)),
        class_index=index,
        operator=operator,
        effect=found.effect,
        control=by_chance,
        interval=(low, high),
        beyond_control=inner - by_chance,
        p=min(1.0, 2 * found.p_beyond(0.0)),
        p_margin=found.p_beyond(bar),
        flip_rate=float(answers.flipped[tested, item].mean()),
        placebo_flip_rate=None,
        rows=rows,
        items=1,
        smallest_detectable=found.detectable(case.alpha),
        resolvable=True,
        by_row={},
        edits=int(tested.sum()),
        controls=len(answers.items) - 1,
        held=((found, case.audit.judge.margin, bar),),
    )


def _stands_out(draft: ClaimEstimate, min_rows: int) -> bool:
    low, high = draft.interval
    _, _, bar = draft.held[0]
    return (low if draft.effect >= 0 else -high) > bar and draft.rows >= min_rows


def movers(case: Case, operator: str) -> list[ClaimEstimate]:
    """The item that moves the output farthest, whichever way: what pushes half of the rows up and half down."""
    answers, controls = table(case, operator, placebo=False), table(case, operator, placebo=True)
    if answers is None or controls is None or not case.audit.edit.judges(operator) or case.audit.edit.against:
        return []
    real, used = apart(case, answers.values, answers.used)
    usual, beside = (
        row_means(*apart(case, controls.values, controls.used)),
        {s: i for i, s in enumerate(controls.slots)},
    )
    half = _naming(case, answers)
    alike = np.array([slot in beside for slot in answers.slots])
    means = [_means(real.moved, used & (side & alike)[:, None], answers.docs) for side in (half, ~half)]
    means[0][~np.isfinite(means[1])] = np.nan
    if np.isfinite(means[0]).sum() < FEWEST:
        return []
    item = int(np.nanargmax(means[0]))
    at = np.flatnonzero(used[:, item] & ~half & alike)
    control = [beside[answers.slots[slot]] for slot in at.tolist()]
    sizes = Sizes(*(getattr(real, name)[at, item] for name in SIZES))
    placebo = Sizes(*(getattr(usual, name)[np.array(control)] for name in SIZES))
    between, rows = (answers.items[item], peers_of(case)), [answers.slots[slot][0] for slot in at.tolist()]
    count = len(control) * len(controls.items)
    draft = movement_of(
        case, operator, Moved(between, rows, answers.docs[at], sizes, placebo, most=HALF, controls=count)
    )
    peers = np.delete(means[1], item)
    bar = _by_chance(peers, case.alpha) + float(np.nanmedian(peers)) - (draft.control or 0.0) if draft else 0.0
    told = draft is not None and draft.rows >= case.audit.judge.min_rows
    signed = max(abs(answers.of_class(index).effects[at, item].mean()) for index in case.judged_classes)
    if signed >= ONE_WAY * sizes.moved.mean():  # its mean says as much, and is judged
        return []
    return [draft] if draft and told and draft.interval[0] > max(bar, case.audit.judge.margin) else []


def _naming(case: Case, answers: CrossedAnswers) -> st.Bools:
    """[slots] those of the documents that name an item."""
    return np.array([in_first_half(case.seed, doc, "outliers") for doc in answers.docs.tolist()])


def _means(values: st.Floats, used: st.Bools, docs: st.Ints) -> st.Floats:
    """[items] the mean value of each in these slots; nan where it was tried in few documents."""
    enough = np.array([len(np.unique(docs[own])) >= A_SIDE for own in used.T])
    return np.where(enough, (values * used).sum(0) / np.maximum(used.sum(0), 1), np.nan)


def _farthest(naming: st.Floats, testing: st.Floats) -> int | None:
    """The item that lies farthest from the middle in the half that names, of those that the other half can test."""
    means = np.where(np.isfinite(testing), naming, np.nan)
    if np.isfinite(means).sum() < PEERS:
        return None
    return int(np.nanargmax(np.abs(means - np.nanmedian(means))))


def _farthest_by_chance(
    means: st.Floats, item: int, controls: CrossedAnswers | None, index: int, alpha: float
) -> float:
    """How far the farthest of so many may lie by their spread, or that of the control words where it is larger."""
    words = np.zeros(0)
    if controls is not None and len(controls.items) >= PEERS:
        words = cr.comparable(controls.of_class(index)).item_means
    return _by_chance(np.delete(means, item), alpha, words)


def _by_chance(peers: st.Floats, alpha: float, words: st.Floats | None = None) -> float:
    """How far from their middle the farthest of so many may lie."""
    spread, count = _spread(peers)
    if words is not None and len(words):
        spread = max(spread, _spread(words)[0])
    return st.Estimate(0.0, spread, count - 1).quantile(1 - alpha / count) * spread


def _spread(means: st.Floats) -> tuple[float, int]:
    """The standard deviation of the finite ones, and how many they are."""
    found = means[np.isfinite(means)]
    nearest = np.sort(np.abs(found - np.median(found)))[: max(2, round(INNER * len(found)))]
    return TO_SD * float(np.sqrt(np.mean(nearest**2))), len(found)

"""How alike two rankings of the same tokens are, text by text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from token_saliency.results import Attribution
from token_saliency.stats.estimate import Floats

LEAST_TOKENS = 3
"""Fewer have hardly an order."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Spearman's rank correlation [n] of the scores (`signed`) and of their absolute values (`absolute`)."""

    signed: Floats
    absolute: Floats


def likeness(one: Sequence[Attribution], other: Sequence[Attribution]) -> Likeness:
    """Of the same texts in the same order, each explained twice."""
    pairs = [(free_scores(a), free_scores(b)) for a, b in zip(one, other, strict=True)]
    return Likeness(_each(pairs, lambda scores: scores), _each(pairs, np.abs))


def free_places(attribution: Attribution) -> list[int]:
    """Where the tokens of the text itself stand among all tokens."""
    return [i for i, token in enumerate(attribution.tokens) if not token.special]


def free_scores(attribution: Attribution) -> Floats:
    """The scores of the tokens of the text itself."""
    return attribution.scores[free_places(attribution)]


def _each(pairs: Sequence[tuple[Floats, Floats]], of: Callable[[Floats], Floats]) -> Floats:
    return np.array([spearman(of(one), of(other)) for one, other in pairs])


def spearman(one: Floats, other: Floats) -> float:
    """Spearman's rank correlation; 0 where one of both has no order at all (all equal)."""
    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(stats.spearmanr(one, other).statistic)

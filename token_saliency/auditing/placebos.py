"""Matched controls: label-irrelevant items for interventions, random spans of equal length for attribution."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from token_saliency.auditing.sampling import content_hash, generator
from token_saliency.auditing.statistics import Bools, Floats

CountTokens = Callable[[list[str]], list[int]]
"""How many ids the model sees for each text: controls are matched on the number of sub-tokens."""


def matched_controls(
    items: Sequence[str], candidates: Sequence[str], count: int, count_tokens: CountTokens
) -> list[str]:
    """At most `count` candidates with the same spread of sub-token counts as the items; none that is an item."""
    taken = {item.lower() for item in items}
    pool = sorted((c for c in candidates if c.lower() not in taken), key=content_hash)
    if not pool:
        return []
    lengths = dict(zip(pool, count_tokens(pool), strict=True))
    wanted = np.quantile(count_tokens(list(items)), (np.arange(min(count, len(pool))) + 0.5) / min(count, len(pool)))
    chosen: list[str] = []
    for length in wanted:
        nearest = min((c for c in pool if c not in chosen), key=lambda c: (abs(lengths[c] - length), pool.index(c)))
        chosen.append(nearest)
    return chosen


def placebo_share(text: str, scores: Floats, on_span: Bools, seed: int) -> float | None:
    """The share of |score| [n] on random tokens that are not on the spans, as many as there are on them.

    None where the row has not that many other tokens.
    """
    others = np.flatnonzero(~on_span)
    if len(others) < on_span.sum():
        return None
    drawn = generator(seed, text, "placebo").choice(others, size=int(on_span.sum()), replace=False)
    return float(scores[drawn].sum() / scores.sum())

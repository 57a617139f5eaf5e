"""Looking at the answers before all are there, and what each look costs: group-sequential tests.

The edits come in blocks, and a claim that is decided after a block needs no further ones. Lan and DeMets (1983) spend
the alpha over the looks by the share of the data that is there; here alpha * share ** 2 (Kim and DeMets 1987), which
keeps three quarters for the last look. What a look may spend is the increment: by the union bound this holds whatever
the looks have to do with each other (slots come anew, items stay), for t as for z, and costs next to nothing. A p of a
look times alpha over its increment is a p whenever one stops; intervals at the increments hold at all looks together
(repeated confidence intervals, Jennison and Turnbull 1989).
"""

from __future__ import annotations

import math

SHARES = (0.125, 0.25, 0.5, 1.0)
"""Which share of the edits is there at each look."""

WHOLE = 0
"""The look of what is not looked at before everything is there."""


def level(look: int, alpha: float) -> float:
    """What the look (1, 2 ...) may spend of alpha; the only one (WHOLE) all of it."""
    if look == WHOLE:
        return alpha
    earlier = SHARES[look - 2] if look > 1 else 0.0
    return alpha * (SHARES[look - 1] * SHARES[look - 1] - earlier * earlier)


def look_of(rank: int, count: int, fewest: int) -> int:
    """The look at which the one of this rank (0, 1 ...) of `count` is there; at the first looks at least `fewest` are.

    Where several looks would hold the same, it is the last of them: it may spend most.
    """
    ends = [min(count, max(fewest, math.ceil(share * count))) for share in SHARES]
    there = next(end for end in ends if end > rank)
    return len(ends) - ends[::-1].index(there)


NONE_OF_THE_RARE = 0.02


def documents_to_pass(margin: float) -> int:
    """So many documents a claim that stops early because nothing moves: an effect of the margin that sits in as few as
    can be (a probability moves by 1 at most) is missed by all of them in NONE_OF_THE_RARE of all draws."""
    return math.ceil(math.log(NONE_OF_THE_RARE) / math.log1p(-min(max(margin, 0.01), 0.5)))

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
from collections.abc import Sequence

SHARES = (0.125, 0.25, 0.5, 1.0)
"""Which share of the edits is there at each look."""

HALVES = (0.5, 1.0)
"""The same of what is too small for more looks than two. They are numbered on, so that the number of a look tells what
it may spend: either half of alpha, for what the first two looks of four could spend would be lost."""

LOOKS = (*SHARES, *HALVES)

WHOLE = 0
"""The look of what is not looked at before everything is there."""


def level(look: int, alpha: float) -> float:
    """What the look (1, 2 ...) may spend of alpha; the only one (WHOLE) all of it."""
    if look == WHOLE:
        return alpha
    if look > len(SHARES):
        return alpha / len(HALVES)
    earlier = SHARES[look - 2] if look > 1 else 0.0
    return alpha * (SHARES[look - 1] * SHARES[look - 1] - earlier * earlier)


def look_of(rank: int, count: int, fewest: int) -> int:
    """The look at which the one of this rank (0, 1 ...) of `count` is there; at the first looks at least `fewest` are.

    Where several looks would hold the same, it is the last of them: it may spend most.
    """
    ends = [min(count, max(fewest, math.ceil(share * count))) for share in SHARES]
    there = next(end for end in ends if end > rank)
    return len(ends) - ends[::-1].index(there)


def halved(looks: Sequence[int]) -> list[int]:
    """The looks of one design, as HALVES where it has the last two of four alone."""
    before_last = len(SHARES) - 1
    by = len(HALVES) if {*looks} == {before_last, len(SHARES)} else 0
    return [look + by for look in looks]


def share_of(look: int) -> float:
    """Which share of the edits is there."""
    return 1.0 if look == WHOLE else LOOKS[look - 1]


def last_of(look: int) -> int:
    """The last look of a design that has this one."""
    return look if look == WHOLE else len(SHARES) if look <= len(SHARES) else len(LOOKS)


def told(look: int) -> str:
    """Which look it is of how many, before the last one; else nothing."""
    if look == last_of(look):
        return ""
    return f"look {look} of {len(SHARES)}" if look <= len(SHARES) else f"look {look - len(SHARES)} of {len(HALVES)}"


NONE_OF_THE_RARE = 0.02


def documents_to_pass(margin: float) -> int:
    """So many documents a claim that stops early because nothing moves: an effect of the margin that sits in as few as
    can be (a probability moves by 1 at most) is missed by all of them in NONE_OF_THE_RARE of all draws."""
    return math.ceil(math.log(NONE_OF_THE_RARE) / math.log1p(-min(max(margin, 0.01), 0.5)))

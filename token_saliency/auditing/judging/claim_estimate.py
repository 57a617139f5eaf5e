"""How the estimate of a claim looks before it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from token_saliency.results import Claim, Interval

NOTHING = "nothing"
"""What a deleted item is compared with in `between`."""


@dataclass(frozen=True, slots=True)
class ClaimEstimate:
    """The estimate of one claim about one class: what a verdict rests on, and what a `Finding` is made of.

    `p` tests a zero effect and `p_margin` |effect| <= max(margin, noise), both before the corrections for several
    claims; `beyond_control` is the lower bound of |effect| - |control|. `resolvable` is false where so few items or
    rows can never reject. `one_sided`: only an effect above zero can be a fault, and both p are of an effect above.
    """

    claim: Claim
    between: tuple[str, str] | None
    class_index: int
    operator: str
    effect: float
    control: float | None
    interval: Interval
    beyond_control: float | None
    p: float
    p_margin: float
    flip_rate: float
    placebo_flip_rate: float | None
    rows: int
    items: int
    smallest_detectable: float
    resolvable: bool
    by_row: Mapping[str, float]
    one_sided: bool = False

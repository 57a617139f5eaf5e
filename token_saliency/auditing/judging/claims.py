"""From the answers of the model to estimates: which claims an operator can make, about a sample or about fixed items.

A claim that cannot be estimated (no labels, too few items) is a sentence in `notes`, never a silent gap.
"""

from __future__ import annotations

from collections.abc import Callable

from token_saliency.auditing.audit import PICTURE_EDITS
from token_saliency.auditing.edits.operators import OPERATORS
from token_saliency.auditing.judging.case import NOTHING, Case, Draft, Table, table
from token_saliency.auditing.judging.contrasts import contrasts, magnitude
from token_saliency.auditing.judging.over_sufficiency import over_sufficiency
from token_saliency.auditing.judging.per_term import named_shifts
from token_saliency.auditing.judging.shifts import paired_shift, region_shift, swapped_shift

__all__ = ["CLAIMS", "NOTHING", "Case", "Draft", "Table", "table"]

CLAIMS: dict[tuple[str, str], tuple[Callable[[Case, str], list[Draft]], ...]] = {
    ("swap", "sample"): (contrasts, named_shifts, magnitude),
    ("swap", "fixed"): (swapped_shift, over_sufficiency),
    **{(name, items): (paired_shift,) for name in OPERATORS if name != "swap" for items in ("sample", "fixed")},
    **{(name, "fixed"): (region_shift,) for name in PICTURE_EDITS},
}
"""Which claims an operator can make about a sample of items or about fixed ones."""

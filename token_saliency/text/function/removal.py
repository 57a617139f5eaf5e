"""Rows with some of their tokens taken out: deleted, or replaced by the mask token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from token_saliency.errors import OptionError, unknown
from token_saliency.text.encoding import Row

Removal = Literal["delete", "mask"]
REMOVALS: tuple[Removal, ...] = ("delete", "mask")


def reduced_rows(rows: Sequence[Row], gone: Sequence[Sequence[int]], operator: Removal, tokenizer: Any) -> list[Row]:
    """Each row without the tokens at the places that are gone."""
    require_removal(operator)
    mask = tokenizer.mask_token_id
    if operator == "mask" and mask is None:
        raise OptionError("This tokenizer has no mask token; take tokens out with the operator 'delete'.")
    if len(gone) != len(rows):
        raise OptionError(f"{len(gone)} lists of places for {len(rows)} texts; give one a text.")
    return [_reduced(row, _chosen(row, places), operator, mask) for row, places in zip(rows, gone, strict=True)]


def require_removal(operator: str) -> None:
    """OptionError where there is no such operator."""
    if operator not in REMOVALS:
        raise unknown("operator", operator, REMOVALS)


def _chosen(row: Row, places: Sequence[int]) -> NDArray[np.bool_]:
    chosen = np.zeros(len(row.ids), dtype=bool)
    if any(not 0 <= place < len(chosen) for place in places):
        raise OptionError(f"A text of {len(chosen)} tokens has no token {max(places, key=abs)}.")
    chosen[list(places)] = True
    return chosen


def _reduced(row: Row, gone: NDArray[np.bool_], operator: Removal, mask: int) -> Row:
    if operator == "mask":
        return Row(np.where(gone, mask, row.ids), row.types, headed=row.headed, extra=row.extra)
    if gone.all():
        raise OptionError("A model cannot read nothing: leave at least one token of each text.")
    return Row(row.ids[~gone], row.types[~gone], headed=row.headed, extra=row.extra_at(~gone))

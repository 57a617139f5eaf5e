"""Edits that put another mark in the place of one that is taken away: what the other does by itself is taken off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from token_saliency.results import Edit


def alone(edits: Iterable[Edit]) -> list[Edit]:
    """The edits of one operator, each that another mark stands in for held against the text with both marks.

    That text is planned as a placebo at the very place of the edit, which no other placebo is; it is no control.
    """
    listed = list(edits)
    real = {(edit.row, edit.item): edit for edit in listed if not edit.placebo}
    both = {(edit.row, edit.item): edit for edit in listed if edit.placebo and _at_its_place(edit, real)}
    if not both:
        return listed
    return [
        replace(edit, before=twin.after) if (twin := both.get((edit.row, edit.item))) and not edit.placebo else edit
        for edit in listed
        if both.get((edit.row, edit.item)) is not edit
    ]


def _at_its_place(edit: Edit, real: dict[tuple[str, str], Edit]) -> bool:
    """Told by the place alone: of a redacted run no text is left."""
    own = real.get((edit.row, edit.item))
    return edit.operator == "delete" and own is not None and (own.slot, own.part) == (edit.slot, edit.part)

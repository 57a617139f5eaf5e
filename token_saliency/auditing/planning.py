"""Where an audit finds something in rows of one text or of two, and everything that it plans there.

Of pairs of texts the second ones are edited as if they were the first. What stands in both is edited in both together,
and counts as an edit of the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from token_saliency.auditing.audit import Audit, Match
from token_saliency.auditing.edits.by_axis import plan
from token_saliency.auditing.edits.request import CountTokens, Request, one_in_both
from token_saliency.auditing.spans.registry import row_spans
from token_saliency.auditing.spans.templates import learned
from token_saliency.results import Edit, Example

_OF_ROWS = ("segments", "prompt")
"""Matchers of what a row has once, however many texts it has."""


@dataclass(frozen=True, slots=True)
class Found:
    """The spans of every row, by its id, in its text and in the second text of a pair."""

    first: Mapping[str, Sequence[Match]]
    second: Mapping[str, Sequence[Match]]

    def of(self, row: str) -> list[Match]:
        """Those of both texts of a row."""
        return [*self.first[row], *self.second.get(row, ())]


def found_and_planned(
    audit: Audit, rows: Sequence[Example], budget: int, seed: int, count_tokens: CountTokens, **asked: Any
) -> tuple[Found, list[Edit]]:
    """The spans of each row and all edits of one audit, at most `budget` of either text; `asked` is what else a
    Request may say. A text that too few rows lend to be judged is not edited where the other one is."""
    paired = [turned(row) for row in rows if row.text_pair is not None and audit.find.matcher not in _OF_ROWS]
    own = [learned(audit, [row.text for row in side]) for side in (rows, paired)]
    found = Found(
        *({row.id: row_spans(row, one) for row in side} for one, side in zip(own, (rows, paired), strict=True))
    )
    given = budget, seed, count_tokens
    edits = plan(Request(own[0], rows, found.first, *given, **asked, other=found.second))
    if not paired:
        return found, edits
    alone = {row.id: _alone(own[0], row, found) for row in paired}
    others = [turned_back(edit) for edit in plan(Request(own[1], paired, alone, *given, **asked, other=found.first))]
    return found, _judged(audit, edits, others)


def turned(row: Example) -> Example:
    """The pair with its second text first."""
    return replace(row, text=row.text_pair or "", text_pair=row.text)


def _alone(audit: Audit, row: Example, found: Found) -> list[Match]:
    """What the second text (of the turned row) holds and the first does not."""
    first = {one_in_both(audit, row.text_pair or "", match) for match in found.first[row.id]} - {""}
    return [match for match in found.second[row.id] if one_in_both(audit, row.text, match) not in first]


def turned_back(edit: Edit) -> Edit:
    """An edit of a turned row as one of the second text."""
    return replace(edit, text=edit.text_pair or "", text_pair=edit.text, part=1)


def _judged(audit: Audit, first: list[Edit], second: list[Edit]) -> list[Edit]:
    """The edits of the texts that lend rows enough, or of the one that lends most."""
    sides = sorted((first, second), key=lambda edits: -_served(audit, edits))
    enough = [edits for edits in sides if _served(audit, edits) >= audit.judge.min_rows] or sides[:1]
    return [edit for edits in (first, second) if any(edits is one for one in enough) for edit in edits]


def _served(audit: Audit, edits: Sequence[Edit]) -> int:
    return len({edit.row for edit in edits if not edit.placebo and edit.operator == audit.edit.judge})

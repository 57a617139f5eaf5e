"""What a model that cuts long texts reads of each row: nothing else is looked at, edited or compared with.

An edit behind the cut moves nothing, whatever the model rests on: it would dilute effects and controls alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from token_saliency.results import Edit, Example, ScoredRow

_REST = re.compile(r"\S*")
LONGEST_WORD = 60
"""A word at the cut is kept whole; what goes on for longer is no word."""


@dataclass(frozen=True, slots=True)
class ReadParts:
    """`rows` end where the model stops reading; by row, for either text, how many characters it reads, and the rest."""

    rows: Sequence[Example]
    read: Mapping[str, tuple[int, int]]
    rest: Mapping[str, tuple[str, str]]

    def heads(self, heads: Mapping[str, ScoredRow]) -> dict[str, ScoredRow]:
        """The predicted rows as far as they are read."""
        return {row.id: replace(heads[row.id], text=row.text, text_pair=row.text_pair) for row in self.rows}

    def asked(self, edits: Iterable[Edit]) -> list[Edit]:
        """The edits that the model can see, in whole texts; without those of their rows, controls are of no use."""
        seen = [edit for edit in edits if edit.row not in self.read or edit.slot[0] < self.read[edit.row][edit.part]]
        real = {(edit.audit, edit.row) for edit in seen if not edit.placebo}
        return [self._whole(edit) for edit in seen if edit.row not in self.read or (edit.audit, edit.row) in real]

    def _whole(self, edit: Edit) -> Edit:
        if edit.row not in self.rest:
            return edit
        first, second = self.rest[edit.row]
        pair = None if edit.text_pair is None else edit.text_pair + second
        return replace(edit, text=edit.text + first, text_pair=pair)


def read_parts(rows: Sequence[Example], classifier: Any) -> ReadParts:
    """Of classifiers that do not say what they read, rows are taken as read to their end."""
    lengths = getattr(classifier, "read_lengths", None)
    if lengths is None:
        return ReadParts(rows, {}, {})
    found = lengths([row.text if row.text_pair is None else (row.text, row.text_pair) for row in rows])
    read = {row.id: own for row, own in zip(rows, found, strict=True) if own != _sizes(row)}
    ends = {row.id: _ends(row, read[row.id]) for row in rows if row.id in read}
    short = [_ending(row, *ends[row.id]) if row.id in ends else row for row in rows]
    rest = {row.id: _behind(row, *ends[row.id]) for row in rows if row.id in ends}
    return ReadParts(short, read, rest)


def _sizes(row: Example) -> tuple[int, int]:
    return len(row.text), len(row.text_pair or "")


def _ends(row: Example, read: tuple[int, int]) -> tuple[int, int]:
    return _word_end(row.text, read[0]), _word_end(row.text_pair or "", read[1])


def _word_end(text: str, at: int) -> int:
    """Where the word ends that the model stops in."""
    if not text[max(0, at - 1) : at].strip():
        return at
    end = _REST.match(text, at, at + LONGEST_WORD).end()  # type: ignore[union-attr]
    return end if end < at + LONGEST_WORD or end == len(text) else at


def _ending(row: Example, first: int, second: int) -> Example:
    return replace(row, text=row.text[:first], text_pair=None if row.text_pair is None else row.text_pair[:second])


def _behind(row: Example, first: int, second: int) -> tuple[str, str]:
    return row.text[first:], (row.text_pair or "")[second:]

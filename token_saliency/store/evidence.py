"""What the verdicts of a run rest on: one type for a run that has just ended and for one that is read back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from token_saliency.errors import DataError
from token_saliency.results import Edit, ScoredRow
from token_saliency.stats.looks import LOOKS
from token_saliency.store.journal import JOURNAL_FILE, is_journal
from token_saliency.store.parquet import EDITS_FILE, ROWS_FILE, read_edits, read_rows
from token_saliency.store.trace import ScoredRows


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows with predictions, spans, clusters and token scores, the answered edits, the classes and the seed."""

    rows: ScoredRows
    edits: Sequence[Edit]
    classes: Sequence[str]
    seed: int

    @staticmethod
    def of(rows: Iterable[ScoredRow], edits: Iterable[Edit], classes: Sequence[str], seed: int) -> Evidence:
        """Of rows that hold their tokens, or have none."""
        return Evidence(ScoredRows({row.id: row for row in rows}, {}), list(edits), classes, seed)


def read_evidence(folder: Path, classes: Sequence[str], seed: int) -> Evidence:
    """The evidence in a run directory. DataError where a file of it is missing, cut, or of another kind, or of a run
    that was stopped as it wrote them: then they may be those of two runs."""
    if is_journal(folder / JOURNAL_FILE):
        raise DataError(f"The run in {folder} is not finished: give its command again, then it goes on.")
    return Evidence.of(_of_classes(folder / ROWS_FILE, classes), _of_looks(folder / EDITS_FILE), classes, seed)


def _of_classes(file: Path, classes: Sequence[str]) -> Iterator[ScoredRow]:
    for row in read_rows(file):
        if row.predicted not in classes or len(row.probabilities) != len(classes):
            raise DataError(f"{file} holds predictions of other classes than the report: run the audit again.")
        yield row


def _of_looks(file: Path) -> Iterator[Edit]:
    for edit in read_edits(file):
        told = 0 <= edit.look <= len(LOOKS) and len(edit.before) == len(edit.after)
        if not told or not 0 <= edit.slot[0] <= edit.slot[1]:
            raise DataError(f"{file} holds edits that no run can have asked: run the audit again.")
        yield edit

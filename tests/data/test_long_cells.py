"""Cells of megabytes: what they cost grows with their length, in time and in memory."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest

from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.preview import Draw, planned_edits
from token_saliency.auditing.spans.label_words import bound
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.data import load_rows


@pytest.mark.parametrize(
    "cell", ["word ! " * 36_000, "a" * 300_000, "Linda said, " * 20_000, "!" * 200_000, "<br/> " * 40_000]
)
def test_a_row_of_a_quarter_of_a_megabyte_is_planned_in_seconds(cell: str) -> None:
    rows = load_rows(
        [{"text": cell}, *({"text": f"Linda said row {n} is here!"} for n in range(30))], labels=["a", "b"]
    )
    begun = time.process_time()
    for audit in load_audits(["names", "punctuation"]).values():
        assert planned_edits(rows, audit, ["a", "b"], Draw(None, 200, 20, 0)).spans > 0
    assert time.process_time() - begun < 20


CELLS = [
    "muslim, ",
    "young men ",
    "gay couple ",
    "Linda, ",
    "Linda's ",
    "christian said ",
    "the men ",
    "...",
    "1!",
    "--",
    "\U0001f600",
    "\u597d",
]


@pytest.mark.parametrize("piece", CELLS)
def test_what_every_audit_finds_costs_no_square_of_the_length(piece: str) -> None:
    text, begun = piece * (48_000 // len(piece)), time.process_time()
    for audit in load_audits(None).values():
        find_spans(text, bound(audit, ["a", "b"]))
    assert time.process_time() - begun < 6  # what cost a square took 8 to 16 seconds


def test_a_cell_of_twenty_megabytes_is_read_in_a_few_times_its_size(tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text("text,label\n" + "word ! " * 3_000_000 + ",a\nshort,b\n")
    tracemalloc.start()
    rows = load_rows(file, labels=["a", "b"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(rows.examples[0].text) == 21_000_000
    assert peak < 500e6

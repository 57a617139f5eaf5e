"""What a model cuts off is neither looked at nor edited: it would make every effect look small."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.read_parts import read_parts
from token_saliency.report import Report
from token_saliency.results import Edit, Example

READ = 14
FILL = " So" + " so" * 40
TAIL = FILL + ". Then Karen asked Kevin, and Linda laughed! It was late! Nobody knew, said Brian! Oh!" * 5
"""Behind what a row says and what fills the rest of what is read."""


@pytest.fixture(scope="module")
def cutting(leaning: Path) -> TextClassifier:
    return TextClassifier.from_pretrained(str(leaning / "my-model"), device="cpu", max_length=READ)


@pytest.fixture(scope="module")
def rows(leaning: Path) -> list[dict[str, str]]:
    with (leaning / "held_out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def reports(cutting: TextClassifier, rows: list[dict[str, str]]) -> tuple[Report, Report]:
    longer = [{**row, "text": row["text"] + TAIL} for row in rows]
    padded = [{**row, "text": row["text"] + FILL} for row in rows]
    return run_audits(cutting, padded, ["punctuation"], edits=2000, exhaustive=True), run_audits(
        cutting, longer, ["punctuation"], edits=2000, exhaustive=True
    )


def test_marks_behind_the_cut_dilute_no_effect(reports: tuple[Report, Report]) -> None:
    short, longer = (report.audits["punctuation"] for report in reports)
    assert short.verdict == longer.verdict == "FAIL"
    swapped = [
        {finding.claim: finding for finding in audit.intervention if finding.between == ("!", ".")}
        for audit in (short, longer)
    ]
    for claim, finding in swapped[0].items():
        assert swapped[1][claim].effect == pytest.approx(finding.effect, abs=0.02)
        assert (swapped[1][claim].rows, swapped[1][claim].verdict) == (finding.rows, "FAIL")


def test_reads_to_the_end_of_a_word_and_puts_the_rest_behind_every_edit(cutting: TextClassifier) -> None:
    row = Example("r", "Karen said the film was new." + TAIL)
    parts = read_parts([row, Example("s", "short!")], cutting)
    short = parts.rows[0].text
    assert row.text.startswith(short)
    assert short.endswith("new. So so so so so")
    assert parts.rows[1] == Example("s", "short!")
    edit = _edit((0, 5), "Kevin" + short[5:])
    control = _edit((len(short), len(short)), short + " x", placebo=True)
    behind = _edit((len(short), len(short)), short + "!")
    assert [one.text for one in parts.asked([edit, behind, control])] == ["Kevin" + row.text[5:]]
    assert parts.asked([behind, control]) == []


def test_both_texts_of_a_pair_are_cut(cutting: TextClassifier) -> None:
    row = Example("r", "Karen said." + TAIL, text_pair="Kevin said." + TAIL)
    short = read_parts([row], cutting).rows[0]
    assert (short.text, short.text_pair) == ("Karen said. So so", "Kevin said. So so so")


def test_of_texts_that_are_cut_at_their_beginning_nothing_is_left_out(leaning: Path) -> None:
    classifier = TextClassifier.from_pretrained(str(leaning / "my-model"), device="cpu", max_length=READ)
    classifier.tokenizer.truncation_side = "left"
    row = Example("r", "Karen said." + TAIL)
    assert read_parts([row], classifier).rows == [row]


def _edit(slot: tuple[int, int], text: str, *, placebo: bool = False) -> Edit:
    return Edit("r", "names", "swap", slot, "", "one", placebo, text, None)

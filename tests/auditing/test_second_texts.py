"""Pairs of texts: the second ones are edited as the first are, and what stands in both is edited in both together."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from token_saliency.auditing.comparing.compare import compare
from token_saliency.auditing.comparing.pairing import Run
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.judge_again import judge_again
from token_saliency.auditing.judging.outcome import Policy, judge
from token_saliency.auditing.planning import found_and_planned
from token_saliency.auditing.run import run_audits
from token_saliency.report import Report
from token_saliency.results import Edit, Example
from token_saliency.store.evidence import Evidence, read_evidence
from token_saliency.text.function.classifier_of import function_classifier

ROWS = 64
NAMES = "Jennifer Susan Karen Rebecca Kevin Brian Matthew Stephen Laura Emily Helen Robert Thomas Peter".split()
Up = Callable[[tuple[str, str]], float]


def pairs(seconds: tuple[str, str] = ("so!", "so."), n: int = ROWS) -> list[dict[str, str | None]]:
    """Rows whose first texts end in a mark that no label goes with, and whose second ones end in these."""
    return [
        {
            "text": f"The day number {i + 99} was long{'!.'[i % 2]}",
            "text_pair": f"He said word{i} {seconds[i // 2 % 2]}",
        }
        for i in range(n)
    ]


def audited(up: Up, rows: list[Any], audit: str = "punctuation", **given: Any) -> Report:
    """Of a model of pairs that says `up` of the second class."""

    def answers(texts: Any) -> Any:
        second = np.array([up(text) for text in texts])
        return np.stack([1 - second, second], axis=1)

    model = function_classifier(answers, ["a", "b"], pairs=True)
    asked: dict[str, Any] = {"method": "random", "progress": False, "discovery": False, "exhaustive": True} | given
    return run_audits(model, rows, [audit], **asked)


def evidence_of(report: Report) -> Evidence:
    rows, edits = report.evidence or ((), ())
    return Evidence.of(rows, edits, report.model.labels, 0)


def by_mark(text: tuple[str, str]) -> float:
    return 0.4 + 0.3 * text[1].endswith("!")


@pytest.fixture(scope="module")
def marked() -> Report:
    return audited(by_mark, pairs())


def test_a_mark_that_decides_in_second_texts_fails_though_the_first_ones_pass(marked: Report) -> None:
    found = marked.audits["punctuation"]

    verdicts = {(one.claim, one.between): one.verdict for one in found.intervention if one.judged}
    assert found.verdict == "FAIL"
    assert verdicts["shift", ("!", ".")] == verdicts["movement", ("!", ".")] == "PASS"
    assert verdicts["shift", ("! in the second text", ".")] == "FAIL"
    assert found.reason.startswith("In the second text, “!” in place of “.” moves P(b) by +0.300")
    assert (found.coverage.rows, found.coverage.spans) == (ROWS, 2 * ROWS)
    keys = [(one.claim, one.class_, one.operator, one.between) for one in found.intervention]
    assert len(keys) == len({*keys})


def test_the_shown_edits_and_examples_are_of_the_text_that_was_edited(marked: Report) -> None:
    found = marked.audits["punctuation"]

    assert {pair.text_before[:2] for pair in found.pairs} == {"Th", "He"}
    assert all(pair.text_before[slice(*pair.span)] == pair.original for pair in found.pairs)
    first = found.examples[0]
    assert [(first.text_pair or "")[slice(*span)] for span in first.pair_spans] in (["!"], ["."])
    assert 'mark class="span"' in marked.to_html() or first.edit is not None


def test_a_run_of_pairs_is_judged_again_from_its_files(marked: Report, tmp_path: Path) -> None:
    marked.save(str(tmp_path))

    again = judge_again(
        marked, read_evidence(tmp_path, marked.model.labels, 0), load_audits(["punctuation"]).values(), {}
    )

    assert again.audits["punctuation"] == marked.audits["punctuation"]


def test_without_row_text_the_verdict_is_the_same_and_no_word_is_left(marked: Report) -> None:
    report = audited(by_mark, pairs(), redact=True)

    assert report.audits["punctuation"].reason == marked.audits["punctuation"].reason
    written = repr(report.evidence)
    assert not re.search(r"word\d|number|said", written)
    second = [edit for edit in evidence_of(report).edits if edit.part and edit.item == "!" and edit.operator == "swap"]
    assert second
    assert all((edit.text_pair or "").endswith("!") for edit in second)


def test_a_run_before_second_texts_were_edited_says_no_pass(marked: Report) -> None:
    evidence = evidence_of(marked)
    rows = [
        replace(
            row,
            spans=tuple(
                replace(span, start=len(row.text) + 1, end=len(row.text) + 1, part=0) if span.part else span
                for span in row.spans
            ),
        )
        for row in evidence.rows.values()
    ]
    old = type(evidence).of(rows, [e for e in evidence.edits if not e.part], evidence.classes, evidence.seed)

    found = judge(old, load_audits(["punctuation"]).values(), Policy()).audits["punctuation"]

    assert found.verdict == "INCONCLUSIVE"
    assert f"{ROWS} of the second ones hold what is looked for" in found.reason


def test_a_mark_that_pushes_both_ways_in_second_texts_fails() -> None:
    def up(text: tuple[str, str]) -> float:
        way = 1 if sum(map(int, re.findall(r"\d", text[0]))) % 2 else -1
        return 0.5 + 0.2 * way * text[1].endswith("!")

    found = audited(up, pairs()).audits["punctuation"]

    moved = {one.between: one.verdict for one in found.intervention if one.claim == "movement" and one.judged}
    assert moved["! in the second text", "."] == "FAIL"
    assert moved["!", "."] == "PASS"


def test_looks_stop_with_the_verdict_that_all_edits_have() -> None:
    rows = pairs(n=120)

    soon, whole = (audited(by_mark, rows, exhaustive=exhaustive) for exhaustive in (False, True))

    assert soon.audits["punctuation"].verdict == whole.audits["punctuation"].verdict == "FAIL"
    assert len(evidence_of(soon).edits) < len(evidence_of(whole).edits)
    assert {edit.part for edit in evidence_of(soon).edits} == {0, 1}


def test_second_texts_without_a_mark_leave_the_pass_as_it_is() -> None:
    found = audited(by_mark, pairs(("so", "so"))).audits["punctuation"]

    assert found.verdict == "PASS"
    assert "second" not in found.reason + repr([one.between for one in found.intervention])


def test_marks_in_second_texts_alone_are_judged_where_the_first_hold_none() -> None:
    rows = [{**row, "text": f"day {i}"} for i, row in enumerate(pairs())]

    found = audited(by_mark, rows).audits["punctuation"]

    assert found.verdict == "FAIL"
    assert {one.between[0].endswith("in the second text") for one in found.intervention if one.between} == {True}


def test_compare_tells_the_texts_of_a_pair_apart(marked: Report) -> None:
    better = audited(lambda text: 0.5 + 0.01 * text[1].endswith("!"), pairs())

    found = compare(*(Run("", one, evidence_of(one)) for one in (marked, better)))

    claims = {(one.claim, one.between): one for one in found.audits[0].claims}
    assert claims["shift", ("! in the second text", ".")].change == "better"
    assert claims["shift", ("!", ".")].change == "same"
    assert "in the second text" in claims["shift", ("! in the second text", ".")].reason


# --- what stands in both texts ------------------------------------------------------------------------


def planned(audit: str, rows: list[Example], budget: int = 2000) -> list[Edit]:
    return found_and_planned(load_audits([audit])[audit], rows, budget, 0, lambda texts: [len(t) for t in texts])[1]


def told(first: str, second: str, n: int = 40) -> list[Example]:
    """Rows of these texts, with a name and a year that stand in both where both say so."""
    draw = random.Random(0)
    found = []
    for i in range(n):
        said = {"a": draw.choice(NAMES), "y": str(draw.randrange(1975, 1999)), "i": f"word{i}"}
        found.append(Example(str(i), first.format(**said), second.format(**said)))
    return found


def test_a_name_of_both_texts_is_one_slot() -> None:
    rows = told("{i} {a} saw the film.", "We know that {a} told us {i}.")

    edits = planned("names", rows)

    assert edits
    assert all(edit.part == 0 for edit in edits)
    for edit in edits:
        first, second = (
            re.match(r"word\d+ (.+) saw", edit.text),
            re.match(r"We know that (.+) told", edit.text_pair or ""),
        )
        assert first
        assert second
        assert first.group(1) == second.group(1) == edit.item


def test_a_name_of_the_second_text_alone_is_a_slot_of_that_text() -> None:
    edits = planned("names", told("{i} was seen.", "We know that {a} told us {i}."))

    assert edits
    assert all(edit.part == 1 and edit.text.endswith("was seen.") for edit in edits)
    assert all((edit.text_pair or "")[edit.slot[0] :].startswith(edit.item) for edit in edits)


def test_a_name_that_the_other_text_holds_where_it_cannot_be_exchanged_is_no_slot() -> None:
    assert not planned("names", told("{i} {a} saw the film.", "the {a}-bridge is {i}."))


@pytest.mark.parametrize("written", ["{y}", "{y}, and in {y}"])
def test_a_number_of_both_texts_becomes_the_same_in_both(written: str) -> None:
    edits = [e for e in planned("numbers", told("It {i} opened in {y}.", f"Made in {written} {{i}}.")) if not e.placebo]

    asked = [edit for edit in edits if "presence" not in edit.item]
    assert {edit.item for edit in asked} >= {"a year", "a year (century)"}
    for edit in asked:
        years = {*re.findall(r"\b\d{4}\b", f"{edit.text} {edit.text_pair}")}
        assert len(years) == 1
        assert years != {edit.original}
    absent = [edit for edit in edits if "presence" in edit.item]
    assert not any(re.search(r"\b\d{4}\b", f"{edit.text} {edit.text_pair}") for edit in absent)


def test_an_address_of_both_texts_goes_from_both() -> None:
    rows = [
        Example(str(i), f"See http://a{i}.org/x now.", f"At http://a{i}.org/x or http://b.com/y, {i}.")
        for i in range(40)
    ]

    edits = [e for e in planned("urls_and_handles", rows) if not e.placebo and e.operator == "delete"]

    first, second = ([edit for edit in edits if edit.part == part] for part in (0, 1))
    assert len(first) == len(second) == 40
    assert all(
        "http" not in e.text and "b.com" in (e.text_pair or "") and "//a" not in (e.text_pair or "") for e in first
    )
    assert all(
        "http://a" in e.text and "//a" in (e.text_pair or "") and "b.com" not in (e.text_pair or "") for e in second
    )


@pytest.mark.parametrize(
    ("second", "edited"),
    [("We met the Muslim friend {i}.", 0), ("My Jewish friend saw it {i}.", None), ("He met two Muslims {i}.", None)],
)
def test_a_term_is_a_slot_where_the_other_text_holds_the_same_or_none_of_its_axis(
    second: str, edited: int | None
) -> None:
    rows = [Example(str(i), f"A Muslim friend number {i} came.", second.format(i=i)) for i in range(40)]

    edits = [
        e for e in planned("demographics", rows) if not e.placebo and e.original in ("Muslim", "Jewish", "Muslims")
    ]

    assert {edit.part for edit in edits} == (set() if edited is None else {edited})
    for edit in edits:
        assert edit.item in edit.text
        assert f"the {edit.item} friend" in (edit.text_pair or "")


# --- rows and heads of other kinds --------------------------------------------------------------------


def test_rows_without_a_second_text_are_edited_in_the_one_that_they_have() -> None:
    rows = [Example(str(i), f"Day {i} was long{'!.'[i % 2]}", f"He saw {i}{'!.'[i % 2]}" if i % 4 < 2 else None)
            for i in range(160)]  # fmt: skip

    edits = planned("punctuation", rows)

    alone = {row.id for row in rows if row.text_pair is None}
    assert {edit.part for edit in edits if edit.row in alone} == {0}
    assert all((edit.text_pair is None) == (edit.row in alone) for edit in edits)
    assert {edit.part for edit in edits} == {0, 1}


def test_a_name_that_decides_in_second_texts_alone_fails() -> None:
    liked = tuple(NAMES[::2])
    rows = told("{i} was seen.", "We know that {a} told us {i}.", 80)
    given = [replace(row, label="ab"[any(name in (row.text_pair or "") for name in liked)]) for row in rows]

    report = audited(lambda text: 0.35 + 0.3 * any(n in text[1] for n in liked), given, "names", edits=2000)

    found = report.audits["names"]
    failing = [one.between for one in found.intervention if one.judged and one.verdict == "FAIL"]
    assert found.verdict == "FAIL"
    assert all(between and between[0].endswith("in the second text") for between in failing)


def test_a_word_of_second_texts_that_decides_is_discovered_there() -> None:
    rows = [
        {
            "text": f"the day was word{i % 9} long",
            "text_pair": f"he said word{i % 7} {'zorvan' * (i % 2)}",
            "label": "ab"[i % 2],
        }
        for i in range(120)
    ]

    report = audited(lambda text: 0.4 + 0.3 * ("zorvan" in text[1]), rows, discovery=True, method="occlusion")

    found = {one.item: one for one in report.discovery}
    assert found["zorvan in the second text"].confirmed
    assert found["zorvan in the second text"].effect == pytest.approx(0.3, abs=0.02)
    assert all("zorvan" in pair.text_before for pair in found["zorvan in the second text"].pairs)

"""What a plan promises: the same slots for every item, a budget, matched controls, no dependence on order."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.definitions.reader import load_audits, read_audit
from token_saliency.auditing.edits.request import Request, matched_controls, ordinary_words
from token_saliency.auditing.edits.swaps import PANEL_AT_LEAST, plan
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.results import Edit, Example


def letters(texts: list[str]) -> list[int]:
    return [len(text) for text in texts]


def planned(audit: Audit, rows: list[Example], edits: int = 3000, seed: int = 0) -> list[Edit]:
    spans = {row.id: find_spans(row.text, audit) for row in rows}
    return plan(Request(audit, rows, spans, edits, seed, letters))


def test_every_item_and_control_fills_the_same_slots(names: Audit, make: Any) -> None:
    edits = planned(names, make.reviews(100, correlated=False))
    slots = {(edit.row, edit.slot) for edit in edits}
    items = {(edit.item, edit.placebo) for edit in edits}
    assert len(edits) == len(slots) * len(items) <= 3000
    assert sum(not placebo for _, placebo in items) >= PANEL_AT_LEAST
    assert sum(placebo for _, placebo in items) == 20


def test_an_edit_changes_its_slot_and_nothing_else(names: Audit, make: Any) -> None:
    rows = {row.id: row for row in make.reviews(60, correlated=False)}
    for edit in planned(names, list(rows.values())):
        text, (start, end) = rows[edit.row].text, edit.slot
        assert text[start:end] == edit.original
        assert edit.text == text[:start] + edit.item + text[end:]


def test_rows_lend_one_slot_before_any_lends_a_second(names: Audit) -> None:
    rows = [Example(str(n), f"Linda met Kevin and Susan on day {n}.") for n in range(40)]
    edits = planned(replace(names, contrasts=()), rows, edits=40 * (PANEL_AT_LEAST + 20))
    assert len({edit.row for edit in edits}) == 40


def test_the_order_of_the_rows_changes_no_plan(names: Audit, punctuation: Audit, make: Any) -> None:
    rows = make.reviews(80, correlated=True)
    mixed = random.Random(1).sample(rows, len(rows))
    for audit in (names, punctuation):
        first, second = planned(audit, rows, 600), planned(audit, mixed, 600)
        assert sorted(first, key=repr) == sorted(second, key=repr)


def test_marks_are_swapped_at_the_last_terminal_slot_of_a_row(punctuation: Audit) -> None:
    rows = [Example(str(n), f"First! Then, on day {n}, nothing.") for n in range(40)]
    swaps = [edit for edit in planned(punctuation, rows) if edit.operator == "swap"]
    assert {edit.original for edit in swaps} <= {".", "!"}
    assert len({(edit.row, edit.slot) for edit in swaps}) == 40
    assert {edit.item for edit in swaps if not edit.placebo} == {"!", "...", "."}


def test_a_deletion_has_a_control_in_the_same_row_where_there_is_one(punctuation: Audit) -> None:
    rows = [Example(str(n), f"Well, day {n} was fine!") for n in range(40)]
    deleted = [edit for edit in planned(punctuation, rows) if edit.operator == "delete" and edit.item == "!"]
    assert sum(not edit.placebo for edit in deleted) == sum(edit.placebo for edit in deleted) == 40
    assert {edit.original for edit in deleted if edit.placebo} == {","}


def test_controls_have_the_lengths_of_the_items_and_are_none_of_them() -> None:
    items = ["aa", "bb", "cccccc"]
    pool = ["AA", "dd", "ee", "ff", "gggggg", "hhhhhh", "iiiiiiiiiiii"]
    controls = matched_controls(items, pool, 3, letters)
    assert sorted(map(len, controls)) == [2, 2, 6]
    assert "AA" not in controls


def test_no_candidates_give_no_controls() -> None:
    assert matched_controls(["a"], [], 5, letters) == []


# --- deletions without declared controls ------------------------------------------------------------


def deleting(tmp_path: Path, find: str = 'items = ["honestly"]', edit: str = "") -> Audit:
    text = 'code = "OWN"\ntitle = "Filler"\nexpectation = "irrelevant"\nitems = "fixed"\n'
    text += f'[find]\nmatcher = "lexicon"\n{find}\n[edit]\njudge = "delete"\n{edit}\n'
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    return read_audit(tmp_path / "own.toml")


def fillers(count: int) -> list[Example]:
    """`honestly` in every row, sentiment words that go with the label, and ordinary words that do not."""
    draw, things = random.Random(0), ("concert", "journey")
    return [
        Example(
            str(n),
            f"The {draw.choice(things)} of day {n} was honestly {('dreadful', 'splendid')[n % 2]} to me.",
            label=("negative", "positive")[n % 2],
        )
        for n in range(count)
    ]


def test_a_deletion_without_controls_is_held_against_an_ordinary_word_of_the_same_row(tmp_path: Path) -> None:
    edits = planned(deleting(tmp_path), fillers(60))
    controls = [edit.original for edit in edits if edit.placebo]
    assert len(controls) == sum(not edit.placebo for edit in edits) == 60
    # Nearest in length to `honestly`; neither the word itself nor one that tells the label.
    assert set(controls) == {"concert", "journey"}


def test_declared_control_words_are_found_by_themselves(tmp_path: Path) -> None:
    edits = planned(deleting(tmp_path, edit='controls = ["was", "to"]'), fillers(60))
    assert {edit.original for edit in edits if edit.placebo} == {"was"}


def test_ordinary_words_go_with_no_label_and_are_none_of_the_audits_own() -> None:
    ordinary = ordinary_words(fillers(80), {"honestly"})
    assert {"the", "of", "day", "was", "to", "me", "concert", "journey"} == ordinary
    unlabelled = ordinary_words([replace(row, label=None) for row in fillers(80)], ())
    assert {"dreadful", "splendid", "honestly"} <= unlabelled


def test_the_order_of_the_rows_changes_no_default_control(tmp_path: Path) -> None:
    rows = fillers(60)
    first, second = planned(deleting(tmp_path), rows), planned(deleting(tmp_path), rows[::-1])
    assert sorted(first, key=repr) == sorted(second, key=repr)


@pytest.mark.parametrize(("weight", "verdict"), [(0.3, "FAIL"), (0.0, "PASS")])
def test_an_own_deletion_without_controls_can_be_decided(
    tmp_path: Path, make: Any, weight: float, verdict: str
) -> None:
    case = make.answered(
        deleting(tmp_path), fillers(90), lambda text: 0.3 + weight * ("honestly" in text) + 0.3 * ("splendid" in text)
    )
    result = judge_case(case)
    assert result.verdict == verdict
    assert result.intervention[0].control == pytest.approx(0)


def test_no_name_is_put_that_the_row_holds_already(names: Audit) -> None:
    rows = [Example(str(n), f"On day {n} Ariel Sharon and Tony spoke.") for n in range(4)]
    changed = [edit.text for edit in planned(names, rows) if edit.text not in {row.text for row in rows}]
    assert len(changed) > 40
    assert not any("Sharon Sharon" in text or text.count("Tony") > 1 for text in changed)


def test_no_mark_is_taken_away_that_parts_two_sentences() -> None:
    texts = [f"Rain came. Play number {i} stopped" for i in range(40)] + [f"It rained {i} days." for i in range(40)]
    texts += [f"LIVE: Rain stops play {i}" for i in range(40)] + [f"my code: {i}" for i in range(40)]
    rows = [Example(f"r{i}", text) for i, text in enumerate(texts)]
    taken = [e.text for e in planned(load_audits(["punctuation"])["punctuation"], rows) if e.operator == "delete"]
    real = [text for text in taken if text not in texts]
    assert any(text.startswith("It rained") and not text.endswith(".") for text in real)
    assert any(text.startswith("my code ") for text in real)
    assert not any(text.startswith(("Rain came Play", "LIVE Rain")) for text in real)

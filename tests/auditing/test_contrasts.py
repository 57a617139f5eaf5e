"""Contrasts of declared groups, on classifiers whose preference for one of them is known."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from token_saliency.auditing.audit import Audit, Contrast, Entry, Lexicon
from token_saliency.auditing.definitions.reader import read_audit
from token_saliency.auditing.edits.swaps import PANEL_AT_MOST, panel
from token_saliency.auditing.judging.case import CrossedAnswers, table
from token_saliency.auditing.judging.contrasts import Split, alike, contrast_estimate
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.auditing.judging.verdicts import ClaimEstimate, draws
from token_saliency.auditing.judging.wording import HELPS, sentence
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.results import AuditResult, Finding
from token_saliency.stats.crossed import comparable

TOML = """
code = "OWN"
title = "Names of my own"
expectation = "irrelevant"
items = "sample"
[find]
matcher = "lexicon"
lexicon = "own.csv"
item_column = "name"
[contrast]
column = "group"
between = ["A", "B"]
[edit]
judge = "swap"
"""


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory, make: Any) -> Audit:
    folder = tmp_path_factory.mktemp("own")
    lines = [f"{name},{group}" for group, names in make.groups.items() for name in names]
    (folder / "own.csv").write_text("\n".join(["name,group", *lines, "Zoe,C", "Yves,C"]) + "\n", encoding="utf-8")
    (folder / "own.toml").write_text(TOML, encoding="utf-8")
    return read_audit(folder / "own.toml")


def of_direction(result: AuditResult) -> Finding:
    (found,) = (finding for finding in result.intervention if finding.claim == "direction")
    return found


def test_a_group_that_the_model_prefers_is_a_fail_with_its_size(own: Audit, make: Any) -> None:
    result = judge_case(make.answered(own, make.reviews(240, correlated=True), make.leaning))
    found = of_direction(result)
    # .45 against -.45 logits: .2 in probability on these rows.
    assert (found.verdict, found.between, found.judged, found.items) == ("FAIL", ("A", "B"), True, 24)
    assert 0.13 < found.effect < 0.24
    assert found.control is not None
    assert found.control < 0.05
    assert "Names of my own of “A” in place of those of “B” move P(positive)" in found.reason
    assert result.verdict == "FAIL"
    assert result.by_slice


def test_what_was_not_run_is_said_once_and_by_its_name(names: Audit, make: Any) -> None:
    notes = judge_case(make.answered(names, make.reviews(2, correlated=True), make.leaning, edits=4000)).notes
    left_out = [note for note in notes if "not run" in note]
    assert "direction was not run for female against male, class positive: it needs 3 items in 3 rows." in left_out
    assert len(set(left_out)) == len(left_out) > 3


@pytest.mark.parametrize(("a_side", "verdict"), [(5, "INCONCLUSIVE"), (6, "FAIL")])
def test_a_group_needs_six_items_to_reject_anything(a_side: int, verdict: str, tmp_path: Path, make: Any) -> None:
    lines = [f"{name},{group}" for group, names in make.groups.items() for name in names[:a_side]]
    (tmp_path / "own.csv").write_text("\n".join(["name,group", *lines]) + "\n", encoding="utf-8")
    (tmp_path / "own.toml").write_text(TOML, encoding="utf-8")
    page = (Path(__file__).parents[2] / "docs" / "own-audits.md").read_text(encoding="utf-8")
    rows = make.reviews(240, correlated=True, labelled=False)
    result = judge_case(make.answered(read_audit(tmp_path / "own.toml"), rows, make.leaning))
    found = of_direction(result)
    assert found.verdict == verdict, found.reason
    assert ("too few ways" in found.reason) == (verdict == "INCONCLUSIVE")
    assert (result.verdict, result.advice.startswith("Give it other items")) == (verdict, a_side == 5)
    assert "with fewer than six a side there are too few splits" in page


def test_that_items_split_in_too_few_ways_is_not_said_of_a_part_of_the_edits(own: Audit) -> None:
    draft = ClaimEstimate(
        claim="lean", between=None, class_index=1, operator="swap", effect=0.08, control=0.02, interval=(-0.01, 0.17),
        beyond_control=-0.03, p=0.1, p_margin=0.5, flip_rate=0.0, placebo_flip_rate=None, rows=100, items=24,
        smallest_detectable=0.1, resolvable=False, by_row={}, edits=1000, controls=20,
    )  # fmt: skip

    part, all_edits = (sentence(own, ["a", "b"], replace(draft, look=look), "INCONCLUSIVE", 1.0) for look in (2, 4))

    assert "too few ways" in all_edits
    assert "too few ways" not in part
    assert "its interval does not: it needs more rows and more items" in part


def test_what_random_groups_of_few_items_differ_by_asks_for_more_of_them(own: Audit) -> None:
    """The control of two groups is that of random ones: the more items, the less these differ."""
    draft = ClaimEstimate(
        claim="lean", between=None, class_index=1, operator="swap", effect=0.16, control=0.09, interval=(0.06, 0.26),
        beyond_control=-0.03, p=0.003, p_margin=0.02, flip_rate=0.0, placebo_flip_rate=None, rows=100, items=36,
        smallest_detectable=0.1, resolvable=True, by_row={}, edits=1000, controls=20,
    )  # fmt: skip

    said = sentence(own, ["a", "b"], draft, "INCONCLUSIVE", 1.0)

    assert "random groups of the same items differ by about as much; it needs more rows and more items" in said
    assert "not specific" not in said
    assert not any(told in said for told in HELPS)  # most of which say that more rows do not help


def test_it_needs_no_labels_and_no_association(own: Audit, make: Any) -> None:
    result = judge_case(make.answered(own, make.reviews(160, correlated=False, labelled=False), make.leaning))
    assert of_direction(result).verdict == "FAIL"
    assert any("lean was not run" in note for note in result.notes)


def test_a_model_without_a_preference_passes(own: Audit, make: Any) -> None:
    result = judge_case(make.answered(own, make.reviews(240, correlated=True), make.sentiment))
    assert of_direction(result).verdict == result.verdict == "PASS"


def test_the_other_way_round_is_the_same_with_the_other_sign(own: Audit, make: Any) -> None:
    back = replace(own, contrasts=(Contrast("group", (("B", "A"),)),))
    rows = make.reviews(120, correlated=True)
    there, again = (of_direction(judge_case(make.answered(audit, rows, make.leaning))) for audit in (own, back))
    assert again.effect == pytest.approx(-there.effect)
    assert again.verdict == there.verdict


def test_the_effect_is_the_difference_of_the_plain_item_means(own: Audit, make: Any) -> None:
    case = make.answered(own, make.reviews(90, correlated=True), make.leaning)
    answers = table(case, "swap", placebo=False)
    assert answers is not None
    means = dict(zip(answers.items, comparable(answers.of_class(1)).item_means, strict=True))
    a, b = (np.mean([means[name] for name in make.groups[group]]) for group in "AB")
    assert of_direction(judge_case(case)).effect == pytest.approx(a - b)


def test_every_pair_and_class_is_one_of_the_claims_that_share_alpha(own: Audit, make: Any) -> None:
    three = replace(own, contrasts=(Contrast("group", (("A", "B"), ("A", "C"), ("B", "C"))),))
    case = make.answered(three, make.reviews(160, correlated=True), make.leaning)
    found = [finding for finding in judge_case(case).intervention if finding.judged]
    assert [finding.between for finding in found] == [("A", "B"), ("A", "C"), ("B", "C"), None, None, None]
    # The strongest claim is beyond every permutation, so its p counts them.
    assert min(f.p for f in found if f.claim == "direction") == pytest.approx(1 / (draws(len(found) - 1) + 1))


def test_a_group_with_one_item_is_named_as_not_run(own: Audit, make: Any) -> None:
    small = replace(own, contrasts=(Contrast("group", (("A", "C"),)),))
    small = replace(small, find=replace(small.find, lexicon=Lexicon(e for e in own.find.lexicon if e.item != "Zoe")))
    case = make.answered(small, make.reviews(90, correlated=True), make.leaning)
    assert any(
        "direction was not run for A against C: it needs 2 items a side; C has 1" in note
        for note in judge_case(case).notes
    )


def test_the_order_of_the_rows_changes_nothing(own: Audit, make: Any) -> None:
    rows = make.reviews(120, correlated=True)
    mixed = random.Random(3).sample(rows, len(rows))
    one, other = (judge_case(make.answered(own, order, make.leaning)) for order in (rows, mixed))
    assert one == other


# --- which items stand for a group ------------------------------------------------------------------


def audit_with(own: Audit, entries: list[Entry]) -> Audit:
    return replace(own, find=replace(own.find, lexicon=Lexicon(entries)))


def test_all_items_of_both_groups_are_in_the_panel(own: Audit, make: Any) -> None:
    rows = make.reviews(40, correlated=True)
    chosen = panel(own, {row.id: find_spans(row.text, own) for row in rows})
    assert set(make.groups["A"]) | set(make.groups["B"]) <= set(chosen)
    assert len(chosen) == len(set(chosen))


def test_large_groups_have_equal_shares_and_what_the_rows_hold_comes_first(own: Audit) -> None:
    entries = [Entry(f"A{n}", groups={"group": "A"}) for n in range(300)]
    entries += [Entry(f"B{n}", groups={"group": "B"}) for n in range(60)]
    audit = audit_with(own, entries)
    texts = {str(n): f"A{290 + n} met B{55 - n}" for n in range(5)}
    chosen = panel(audit, {row: find_spans(text, audit) for row, text in texts.items()})
    assert len(chosen) == PANEL_AT_MOST
    assert sum(item.startswith("A") for item in chosen) == PANEL_AT_MOST // 2
    assert set(chosen[:10]) == {f"A{290 + n}" for n in range(5)} | {f"B{55 - n}" for n in range(5)}


def test_an_ambiguous_item_stands_in_only_where_the_rows_hold_it(own: Audit) -> None:
    entries = [Entry(f"{g}{n}", n == 0, {"group": g}) for g in "AB" for n in range(4)]
    audit = audit_with(own, entries)
    chosen = panel(audit, {"1": find_spans("A0 met B1", audit)})
    assert "A0" in chosen
    assert "B0" not in chosen


@pytest.mark.kit
def test_the_planted_groups_are_a_fail_at_real_scale(kit: Path, tmp_path: Path) -> None:
    from token_saliency import TextClassifier, run_audits
    from token_saliency.data import load_rows

    (tmp_path / "own.csv").write_bytes((kit / "data" / "planted" / "planted_names.csv").read_bytes())
    (tmp_path / "own.toml").write_text(TOML, encoding="utf-8")
    classifier = TextClassifier.from_pretrained(str(kit / "models" / "planted-minilm"), device="cpu")
    rows = load_rows(kit / "data" / "planted" / "planted.csv", labels=classifier.labels, split="test")
    asked = {"audits_dir": tmp_path, "rows_limit": 300, "edits": 1600, "method": "gradient", "discovery": False}
    report = run_audits(classifier, rows, ["own"], **asked)  # type: ignore[arg-type]
    found = of_direction(report.audits["own"])
    assert 0.12 <= found.effect <= 0.24
    assert found.verdict == report.verdict == "FAIL"


def test_slots_that_hold_one_side_only_are_no_rows_of_a_contrast(names: Audit, make: Any) -> None:
    """As where only some terms of an axis fit a slot: what stands in such a slot is compared with nothing."""
    items = [f"item {n}" for n in range(12)]
    used = np.ones((45, 12), dtype=bool)
    used[40:, 6:] = False
    values = np.zeros((45, 12, 2))
    values[:, :6, 1] = 0.2
    values[:, :, 1] += 0.01 * np.random.default_rng(0).normal(size=(45, 12))
    slots = [(f"row {n}", 0) for n in range(45)]
    kinds = np.repeat([0, 1], [40, 5])
    answers = CrossedAnswers(slots, items, values, np.zeros((45, 12), dtype=bool), np.arange(45), used, kinds)
    sides = [alike(answers, items[:6]), alike(answers, items[6:])]
    case = make.answered(names, make.reviews(10, correlated=True), make.sentiment, edits=1)
    draft = contrast_estimate(case, answers, None, "swap", Split("direction", ("a", "b"), 1, *sides), 1)

    assert draft
    assert draft.rows == 40
    assert set(draft.by_row) == {f"row {n}" for n in range(40)}
    assert np.mean(list(draft.by_row.values())) == pytest.approx(draft.effect)
    assert draft.effect == pytest.approx(0.2, abs=0.01)


def test_items_that_the_sorts_of_their_places_part_are_not_said_to_be_too_few(own: Audit, make: Any) -> None:
    """Of 16 items 8 may fill some places only and 8 others: inside either list one of 8 can be chosen in 8 ways."""
    items = [f"item {n}" for n in range(16)]
    used = np.zeros((60, 16), dtype=bool)
    used[:30, :8] = used[30:, 8:] = True
    values = 0.01 * np.random.default_rng(0).normal(size=(60, 16, 2))
    slots = [(f"row {n}", 0) for n in range(60)]
    case = make.answered(own, make.reviews(10, correlated=True), make.sentiment, edits=1)
    left = [*items[:7], items[8]]
    reasons = []
    for kinds, open_to_all in ((np.repeat([0, 1], 30), False), (np.zeros(60, dtype=int), True)):
        flipped, there = np.zeros((60, 16), dtype=bool), used | open_to_all
        answers = CrossedAnswers(slots, items, values, flipped, np.arange(60), there, kinds)
        sides = [alike(answers, left), alike(answers, [item for item in items if item not in left])]
        draft = contrast_estimate(case, answers, None, "swap", Split("direction", ("a", "b"), 1, *sides), 1)
        assert draft
        reasons.append(sentence(own, ["a", "b"], draft, "INCONCLUSIVE", 1.0))

    parted, free = reasons
    assert "the 16 items stand in different sorts of places (2), and inside these they can be split in" in parted
    assert "more items are needed" not in parted
    assert "split in too few" not in free

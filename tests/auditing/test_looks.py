"""Stopping sooner: what is asked at which look, when a claim stops, and that nothing else decides it."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.audit import Audit, Contrast, EditRule, Entry, Find, Judge, Lexicon
from token_saliency.auditing.comparing.compare import compare_runs
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.blocks import in_blocks
from token_saliency.auditing.evidence.explain_rows import ROWS_A_SHARE
from token_saliency.auditing.judge_again import judge_again
from token_saliency.auditing.judging.calibration import calibration
from token_saliency.auditing.judging.claims.prospects import OPEN, prospects
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.auditing.judging.outcome import cases_of
from token_saliency.auditing.judging.verdicts import AUDIT_ALPHA, ClaimEstimate
from token_saliency.auditing.stopping import Stopping
from token_saliency.report import Report
from token_saliency.reporters import REPORTERS
from token_saliency.reporters.terminal import render
from token_saliency.results import Edit, Example, Finding, ScoredRow
from token_saliency.stats import crossed as cr
from token_saliency.stats.estimate import Estimate
from token_saliency.stats.looks import HALVES, LOOKS, SHARES, documents_to_pass, halved, last_of, level, look_of, told
from token_saliency.store import read_edits
from token_saliency.store.blocks import Block
from token_saliency.store.evidence import Evidence
from token_saliency.store.trace import ScoredRows
from token_saliency.text.function.classifier_of import FunctionClassifier

WORDS = ("film", "meal", "concert", "novel", "hotel", "journey", "lecture", "garden")


def rows(count: int = 600) -> list[dict[str, str]]:
    draw = random.Random(1)
    return [
        {
            "id": str(n),
            "text": f"The {draw.choice(WORDS)} of {n} was {draw.random():.5f} long{'!.'[n % 2]}",
            "label": draw.choice(["no", "yes"]),
        }
        for n in range(count)
    ]


def classifier(size: float, noise: float = 0.0) -> FunctionClassifier:
    """`!` adds `size`, which differs by up to `noise` from row to row."""

    def predict(texts: list[str]) -> Any:
        found = []
        for text in texts:
            base = random.Random(text.rstrip("!.,;:?"))
            found.append(0.25 + 0.1 * base.random() + ("!" in text) * (size + noise * (2 * base.random() - 1)))
        return np.stack([1 - np.array(found), np.array(found)], axis=1)

    return TextClassifier.from_function(predict, ["no", "yes"])


def audited(size: float, noise: float = 0.0, data: Any = None, **options: Any) -> Report:
    given = {"audits": ["punctuation"], "discovery": False, "progress": False, "exhaustive": False, **options}
    return run_audits(classifier(size, noise), rows() if data is None else data, **given)


def shift(report: Report, item: str = "!") -> Finding:
    found = report.audits["punctuation"].intervention
    return next(f for f in found if f.claim == "shift" and f.judged and f.between == (item, "."))


def asked(report: Report) -> int:
    return len(list(report.evidence[1])) if report.evidence else 0


@pytest.fixture(scope="module")
def clear() -> Report:
    return audited(0.2, 0.1)


@pytest.fixture(scope="module")
def whole() -> Report:
    return audited(0.2, 0.1, exhaustive=True)


def test_the_levels_add_up_to_alpha_and_the_last_keeps_most() -> None:
    levels = [level(look, 0.05) for look in range(1, len(SHARES) + 1)]
    assert sum(levels) == pytest.approx(0.05)
    assert levels == sorted(levels)
    assert levels[-1] >= 0.7 * 0.05
    assert level(0, 0.05) == 0.05


def test_of_two_looks_either_may_spend_half_and_they_are_told_from_four() -> None:
    own = range(len(SHARES) + 1, len(LOOKS) + 1)
    assert [level(look, 0.05) for look in own] == [0.025] * len(HALVES)
    assert halved([3, 4, 4, 3]) == [5, 6, 6, 5]
    assert halved([2, 3, 4]) == [2, 3, 4]
    assert halved([4, 4]) == [4, 4]  # nothing is looked at before the end
    assert [last_of(look) for look in (0, 1, 4, 5, 6)] == [0, 4, 4, 6, 6]
    assert [told(look) for look in (0, 3, 4, 5, 6)] == ["", "look 3 of 4", "", "look 1 of 2", ""]


@pytest.mark.parametrize(
    ("count", "expected"), [(800, {1: 100, 2: 100, 3: 200, 4: 400}), (100, {2: 30, 3: 20, 4: 50}), (30, {4: 30})]
)
def test_a_look_has_its_share_and_enough_rows(count: int, expected: dict[int, int]) -> None:
    assert Counter(look_of(rank, count, 30) for rank in range(count)) == expected


ITEMS = tuple(f"Name{n}" for n in range(20))


def crossed_edits(slots: int, controls: int = 20) -> tuple[Audit, list[Edit]]:
    """Every slot filled by 20 items of two groups and by as many controls, or fewer."""
    entries = [Entry(item, groups={"group": "AB"[n % 2]}) for n, item in enumerate(ITEMS)]
    audit = Audit(
        name="own", code="OWN", title="Own", why="", advice="", expectation="irrelevant", items="sample", level="error",
        find=Find("lexicon", Lexicon(entries)), edit=EditRule("swap", ("swap",)), judge=Judge(), cases=(),
        contrasts=(Contrast("group", (("A", "B"),)),),
    )  # fmt: skip
    filled = [(item, False) for item in ITEMS] + [(f"other{n}", True) for n in range(controls)]
    return audit, [
        Edit(str(row), "own", "swap", (0, 1), "x", item, placebo, f"{item} {row}", None)
        for row in range(slots)
        for item, placebo in filled
    ]


def test_of_crossed_edits_every_look_has_all_slots_all_items_and_some_of_each_group() -> None:
    audit, edits = crossed_edits(40)
    blocks = in_blocks(edits, {"own": audit}, [Example(str(row), f"row {row}") for row in range(40)], 0)
    first = [edit for edit in blocks if edit.look == 2]  # four parts: none is smaller than five items
    assert {edit.look for edit in blocks} == {2, 3, 4}
    assert len(first) == len(edits) / 4
    assert len([edit for edit in blocks if edit.look == 3]) == len(edits) / 4
    assert {edit.row for edit in first} == {str(row) for row in range(40)}
    assert {edit.item for edit in first} == {edit.item for edit in edits}
    for row in range(40):
        there = [edit.item for edit in first if edit.row == str(row) and not edit.placebo]
        assert len(there) == 5
        assert {int(item[4:]) % 2 for item in there} == {0, 1}
        assert len([edit for edit in first if edit.row == str(row) and edit.placebo]) == 5
    turned = in_blocks(edits[::-1], {"own": audit}, [Example(str(row), f"row {row}") for row in range(40)], 0)
    assert turned[::-1] == blocks


def test_few_controls_leave_two_looks_and_what_moves_nothing_passes_at_the_first() -> None:
    """Of what the third look of four may spend, 32 documents are too few to show that nothing flips."""
    audit, edits = crossed_edits(32, controls=12)
    heads = {str(r): ScoredRow(str(r), f"row {r}", None, None, "b", (0.4, 0.6), cluster=r) for r in range(32)}
    blocks = in_blocks(edits, {"own": audit}, [Example(str(row), f"row {row}") for row in range(32)], 0)
    assert Counter(edit.look for edit in blocks) == {5: len(edits) / 2, 6: len(edits) / 2}
    stopping = Stopping({"own": audit}, blocks)
    near = {edit: 0.49 + 0.001 * (int(edit.row) % 3) + 0.004 * len(edit.item) for edit in blocks if edit.look == 5}
    seen = [replace(edit, before=(0.4, 0.6), after=(1 - p, p)) for edit, p in near.items()]
    stopping.look(Evidence(ScoredRows(heads, {}), seen, ("a", "b"), 0), 5)
    assert {one.finding.verdict for one in stopping.standing["own"].values()} == {"PASS"}
    assert "look 1 of 2" in next(iter(stopping.standing["own"].values())).finding.reason
    assert not stopping.asks(blocks)


def test_a_control_is_wanted_as_long_as_any_axis_of_its_slot_though_others_come_later() -> None:
    entries = [Entry(item, groups={"axis": item[0]}) for item in ("A1", "A2", "B1", "B2")]
    audit, _ = crossed_edits(0)
    audit = replace(audit, find=replace(audit.find, lexicon=Lexicon(entries)), contrasts=())
    audit = replace(audit, edit=replace(audit.edit, strata="axis"))
    planned = [
        Edit("0", "own", "swap", (0, 1), "x", item, item == "other", f"{item} 0", None, look=look)
        for item, look in (("A1", 2), ("A2", 2), ("other", 2), ("B1", 5), ("B2", 5))
    ]
    first = [edit for edit in planned if edit.look == 2]
    assert Stopping({"own": audit}, planned, closed={("own", "swap", "A")}).asks(first) == [planned[2]]
    assert not Stopping({"own": audit}, planned, closed={("own", "swap", axis) for axis in "AB"}).asks(planned)


def test_a_claim_that_cannot_be_made_yet_keeps_its_edits_coming() -> None:
    audit, edits = crossed_edits(40)
    heads = {str(r): ScoredRow(str(r), f"row {r}", None, None, "b", (0.4, 0.6), cluster=r) for r in range(40)}
    blocks = in_blocks(edits, {"own": audit}, [Example(str(row), f"row {row}") for row in range(40)], 0)
    same = [replace(edit, before=(0.4, 0.6), after=(0.4, 0.6)) for edit in blocks]
    stopping = Stopping({"own": audit}, blocks)
    stopping.look(Evidence(ScoredRows(heads, {}), [e for e in same if e.look <= 2], ("a", "b"), 0), 2)
    assert {key[0] for key in stopping.due["own"]} == {"direction", "magnitude", "movement"}
    assert not stopping.asks(blocks)  # nothing moves: all three pass
    seen = Evidence(ScoredRows(heads, {}), [e for e in same if e.look <= 2], ("a", "b"), 0)
    checked = calibration(cases_of(seen, [audit]).values())
    assert checked
    assert checked.canary
    assert checked.canary.caught  # its halves can be split in ways enough
    late = {**stopping.due["own"], ("lean", 1, "swap", None): (("own", "swap", ""), True)}
    waiting = Stopping({"own": audit}, blocks, due={"own": late})
    waiting.look(Evidence(ScoredRows(heads, {}), [e for e in same if e.look <= 2], ("a", "b"), 0), 2)
    assert len(waiting.asks(blocks)) == len(blocks)


def test_a_clear_reliance_stops_early_and_says_so(clear: Report, whole: Report) -> None:
    assert clear.verdict == whole.verdict == "FAIL"
    assert asked(clear) < asked(whole) / 3
    found = shift(clear)
    assert found.look == 1
    assert "look 1 of 4" in found.reason
    assert found.edits < shift(whole).edits
    assert shift(whole).look == 0
    assert clear.settings["looks"] == list(SHARES)
    assert whole.settings["looks"] == [1.0]
    assert found.interval[0] < shift(whole).interval[0]  # fewer rows at a smaller alpha say less
    assert found.interval[1] > shift(whole).interval[1]


def test_nothing_there_stops_early_and_so_does_what_the_rest_could_hardly_decide(whole: Report) -> None:
    assert asked(audited(0.0)) <= asked(whole) / 3
    at = audited(0.05, 0.05)
    assert at.verdict == shift(at).verdict == "WARN"
    assert 1 < shift(at).look < 4
    assert shift(at).reason.endswith("It asked no more: the rest could hardly make it a FAIL.")
    assert asked(at) < asked(whole) / 2
    inside = audited(0.045, 0.05)  # every row is needed to tell, and they do
    assert shift(inside).verdict == "PASS"
    assert shift(inside).look == 4
    assert shift(inside, "...").look < 4  # the other claim of the same slots stands since it was decided
    assert "asked no more" not in shift(inside).reason


def test_beside_a_fail_a_claim_asks_on_only_while_it_may_fail_and_says_no_early_pass(whole: Report) -> None:
    found = audited(0.03, 0.2)  # half of the rows up, half down: the movement fails at once
    assert found.verdict == "FAIL"
    assert asked(found) < asked(whole) / 6
    assert shift(found, "...").verdict == "INCONCLUSIVE"
    assert "an early PASS takes 77 documents" in shift(found, "...").reason


def estimated(now: Estimate, look: int = 1, **changed: Any) -> ClaimEstimate:
    draft = ClaimEstimate(
        "shift", None, 1, "delete", now.effect, 0.0, now.interval(level(look, AUDIT_ALPHA)), 0.0, 1.0, 1.0, 0.0, None,
        rows=100, items=1, smallest_detectable=0.03, resolvable=True, by_row={}, look=look, held=((now, 0.05, 0.05),),
    )  # fmt: skip
    return replace(draft, **{"beyond_control": draft.interval[0], **changed})


def test_the_prospects_of_a_claim_are_those_of_the_design() -> None:
    """Drawn: the mean of an eighth, then that of all, each with its own interval."""
    rng, now = np.random.default_rng(0), Estimate(0.06, 0.02, 1e6)
    ends = rng.normal(0.06, 0.02 * np.sqrt(7 / 8), 100_000)
    reach = Estimate(0.0, 0.02 * np.sqrt(1 / 8), 1e6).interval(level(4, AUDIT_ALPHA))[1]
    hope = prospects(estimated(now), Judge())
    assert hope.fails == pytest.approx(np.mean(np.abs(ends) > 0.05 + reach), abs=0.01)
    assert hope.passes == pytest.approx(np.mean(np.abs(ends) < 0.05 - reach), abs=0.01)
    assert hope.shows > 0.95
    settled = prospects(estimated(replace(now, kept=now.se**2)), Judge())  # more of the same tells no more
    assert settled.fails == settled.passes == 0.0
    assert prospects(estimated(now, beyond_control=None), Judge()).fails == 0.0
    assert prospects(estimated(now, look=4), Judge()) == OPEN


@pytest.mark.parametrize("own", [0.0, 0.05])
def test_more_cells_of_the_same_items_take_away_what_the_projection_says(own: float) -> None:
    rng, slots, items = np.random.default_rng(1), 60, 60
    ratio = []
    for _ in range(5):
        values = own * rng.standard_normal(items) + 0.1 * rng.standard_normal((slots, items))
        part = (np.arange(items) - np.arange(slots)[:, None]) % 4
        left, right = (np.arange(items) % 2 == side for side in (0, 1))
        quarter, end = (
            cr.contrast(cr.crossed(values, used, np.arange(slots)), left / 1.0, right / 1.0)
            for used in (part == 0, part >= 0)
        )
        ratio.append((quarter.kept + (quarter.se**2 - quarter.kept) / 4) ** 0.5 / end.se)
        assert quarter.se > (1.5 if own == 0 else 1.0) * end.se
    assert np.mean(ratio) == pytest.approx(1.0, abs=0.15)


def test_what_too_few_rows_hold_asks_a_first_block_alone() -> None:
    audit, edits = crossed_edits(20)
    heads = {str(r): ScoredRow(str(r), f"row {r}", None, None, "b", (0.4, 0.6), cluster=r) for r in range(20)}
    blocks = in_blocks(edits, {"own": audit}, [Example(str(row), f"row {row}") for row in range(20)], 0)
    first = [replace(edit, before=(0.4, 0.6), after=(0.1, 0.9)) for edit in blocks if edit.look == 1]
    assert {edit.row for edit in first} == set(heads)
    stopping = Stopping({"own": audit}, blocks)
    stopping.look(Evidence(ScoredRows(heads, {}), first, ("a", "b"), 0), 1)
    assert {tells for _, tells in stopping.due["own"].values()} == {False}
    assert len(first) == 2 * 2 * 20  # items, controls, slots
    assert not stopping.asks(blocks)


def test_a_pass_before_the_end_rests_on_documents_enough_to_hold_a_rare_one() -> None:
    assert documents_to_pass(0.05) == 77  # .95 ** 77 = .0193
    few = audited(0.0, data=rows(400))
    assert shift(few).look == 2
    assert shift(few).rows == 100
    threes = [row | {"site": str(n // 3)} for n, row in enumerate(rows(400))]
    assert shift(audited(0.0, data=threes, cluster="site")).look == 3


def test_what_moves_all_the_way_in_few_documents_never_passes(make: Any) -> None:
    """One row in twelve moves by .75: the mean is above the margin, and most small samples hold few of them."""
    audit = load_audits(["punctuation"])["punctuation"]
    for seed in range(6):

        def probability(text: str, seed: int = seed) -> float:
            rare = random.Random(f"{seed} {text.rstrip('!.,;:?')}").random() < 1 / 12
            return 0.2 + 0.75 * (rare and "!" in text)

        data = [Example(row["id"], row["text"]) for row in rows(400)]
        case = make.answered(audit, data, probability)
        blocks = in_blocks(case.edits, {audit.name: audit}, data, seed)
        result = judge_case(replace(case, edits=blocks, notes=[]))
        claims = [f for f in result.intervention if f.claim == "movement" and f.between == ("!", ".")]
        assert [f.verdict for f in claims] != ["PASS"]


def test_order_and_resume_change_nothing(clear: Report) -> None:
    mixed = rows()
    random.Random(3).shuffle(mixed)
    other = audited(0.2, 0.1, data=mixed)
    assert [a.intervention for a in other.audits.values()] == [a.intervention for a in clear.audits.values()]

    blocks: list[Block] = []

    def stop(block: Block) -> None:
        blocks.append(block)
        if len(blocks) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audited(0.2, 0.1, on_block=stop)
    again = audited(0.2, 0.1, finished=blocks)
    assert [a.intervention for a in again.audits.values()] == [a.intervention for a in clear.audits.values()]


def test_judged_again_from_its_files_a_run_says_the_same(clear: Report, tmp_path: Any) -> None:
    clear.save(tmp_path)
    edits = list(read_edits(tmp_path / "edits.parquet"))
    assert {edit.look for edit in edits} >= {1}
    assert clear.evidence
    evidence = Evidence.of(clear.evidence[0], edits, clear.model.labels, 0)
    audits = load_audits(["punctuation"]).values()
    same = judge_again(clear, evidence, audits, {})
    assert same.audits["punctuation"].intervention == clear.audits["punctuation"].intervention
    wider = judge_again(clear, evidence, audits, {"punctuation": {"margin": 0.4}})
    assert shift(wider).verdict == "PASS"
    unclear = judge_again(clear, evidence, audits, {"punctuation": {"margin": 0.2}})
    assert shift(unclear).verdict not in ("PASS", "FAIL")


def test_runs_that_stopped_at_different_looks_are_compared_on_what_both_asked(tmp_path: Any) -> None:
    for name, size in (("a", 0.2), ("b", 0.26), ("c", 0.2)):
        audited(size, 0.1, exhaustive=name == "c").save(tmp_path / name)
    grown = compare_runs(tmp_path / "a", tmp_path / "b")
    claim = next(c for c in grown.audits[0].claims if c.claim == "shift" and c.between == ("!", "."))
    assert grown.change == "worse"
    assert claim.difference == pytest.approx(0.06, abs=0.005)
    same = compare_runs(tmp_path / "a", tmp_path / "c")
    assert same.change == "same"


def test_stopping_keeps_the_level(make: Any) -> None:
    """A true effect at the margin: at all looks together it is called larger at most as often as once."""
    audit = replace(
        load_audits(["punctuation"])["punctuation"],
        judge=replace(load_audits(["punctuation"])["punctuation"].judge, margin=0.05),
    )
    failed = passed = 0
    data = [Example(row["id"], row["text"]) for row in rows(240)]
    for seed in range(12):

        def probability(text: str, seed: int = seed) -> float:
            base = random.Random(f"{seed} {text.rstrip('!.,;:?')}")
            return 0.3 + 0.01 * base.random() + ("!" in text) * (0.05 + 0.3 * (base.random() - 0.5))

        case = make.answered(audit, data, probability)
        blocks = in_blocks(case.edits, {audit.name: audit}, data, seed)
        result = judge_case(replace(case, edits=blocks, notes=[]))
        one = next(f for f in result.intervention if f.claim == "shift" and f.between == ("!", "."))
        failed += one.verdict == "FAIL"
        passed += one.verdict == "PASS"
    assert failed == passed == 0


def test_looks_are_the_default_and_every_summary_says_what_was_not_asked(clear: Report, whole: Report) -> None:
    usual = run_audits(classifier(0.2, 0.1), rows(), ["punctuation"], discovery=False, progress=False)
    assert usual.audits == clear.audits
    assert usual.settings["exhaustive"] is False
    assert usual.settings["edits_asked"] + usual.settings["edits_spared"] == asked(whole)
    said = f"{asked(clear):,} of {asked(whole):,} planned edits were asked: what is decided, or hardly can be, asks no"
    for write in (REPORTERS["html"], REPORTERS["markdown"], render):
        assert said in " ".join(write(usual).replace("\\", "").split())
        assert "planned edits" not in write(whole)


def test_so_many_rows_are_explained_as_tell_a_share_and_each_mean_says_its_rows(clear: Report, whole: Report) -> None:
    """No row of those that are shown because an edit moved them most has a place in a mean over rows."""
    for report, count in ((clear, ROWS_A_SHARE), (whole, 600)):
        scored = [row for row in (report.evidence or ((), ()))[0] if row.tokens]
        meant = [row for row in scored if not row.sampled or any(row.sampled)]
        share = report.audits["punctuation"].attribution
        assert share is not None
        assert report.settings["rows_explained"] == count == len(meant) == share.rows
        examples = report.audits["punctuation"].examples
        assert {one.row for one in examples} | {row.id for row in meant} == {row.id for row in scored}
        assert all(one.tokens for one in examples)
    assert f"{ROWS_A_SHARE} of 600 rows" in clear.settings["attribution"]
    assert "every row" in whole.settings["attribution"]
    turned = audited(0.2, 0.1, rows()[::-1])
    assert turned.audits["punctuation"].attribution == clear.audits["punctuation"].attribution


def test_few_rows_are_all_explained() -> None:
    assert audited(0.2, 0.1, rows(150)).settings["rows_explained"] == 150

"""What asks no more, though nothing is decided: the rest could hardly change what counts."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.audit import Audit, Contrast, EditRule, Entry, Find, Judge, Lexicon
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.discovery.confirm import JUDGE
from token_saliency.auditing.discovery.stages import _may_move
from token_saliency.auditing.edits.blocks import in_blocks
from token_saliency.auditing.evidence.asking import How
from token_saliency.auditing.evidence.explain_rows import SAMPLES, THOROUGH, rough
from token_saliency.auditing.judging.claims.prospects import PASSES, SHOWS, Prospects, prospects
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.auditing.judging.moved import HALF, Moved
from token_saliency.auditing.judging.outcome import cases_of
from token_saliency.auditing.judging.verdicts import AUDIT_ALPHA, ClaimEstimate
from token_saliency.auditing.stopping import Stopping
from token_saliency.results import Edit, Example, ScoredRow
from token_saliency.stats.changes import Sizes
from token_saliency.stats.estimate import Estimate
from token_saliency.stats.looks import level
from token_saliency.store.evidence import Evidence
from token_saliency.store.trace import ScoredRows


def inserted(expectation: str) -> Audit:
    """Pieces put before rows that lack them; of one audit they decide, of the other they do not."""
    audit = load_audits(["prompt_artifacts"])["prompt_artifacts"]
    judged = replace(audit.judge, gate="always")
    return replace(audit, expectation=expectation, judge=judged)  # type: ignore[arg-type]


@pytest.fixture
def rest(make: Any) -> Callable[[str, float, float], list[Edit]]:
    """The edits of one piece that are still asked after the first look."""

    def asked(expectation: str, size: float, noise: float) -> list[Edit]:
        audit = inserted(expectation)

        def probability(text: str) -> float:
            own = random.Random(text.removeprefix("Review: "))
            lean = size + noise * (2 * own.random() - 1) if text.startswith("Review: ") else 0.0
            return 0.15 + 0.05 * own.random() + lean

        case = make.answered(audit, [Example(str(n), f"Plate number {n} is here") for n in range(400)], probability)
        blocks = in_blocks(case.edits, {audit.name: audit}, list(case.rows.values()), 0)
        stopping = Stopping({audit.name: audit}, blocks)
        stopping.judge({audit.name: replace(case, edits=[edit for edit in blocks if edit.look == 1])}, 1)
        left = [edit for edit in stopping.asks(blocks) if edit.look > 1]
        return [edit for edit in left if edit.item == "Review:"]

    return asked


@pytest.mark.parametrize(
    ("size", "noise", "gating", "exploratory"), [(0.03, 0.05, True, False), (0.1, 0.3, True, True)]
)
def test_what_gates_nothing_asks_on_for_an_effect_beyond_its_margin_alone(
    rest: Callable[[str, float, float], list[Edit]], size: float, noise: float, gating: bool, exploratory: bool
) -> None:
    assert bool(rest("irrelevant", size, noise)) is gating
    assert bool(rest("exploratory", size, noise)) is exploratory


def estimated(now: Estimate) -> ClaimEstimate:
    """After the first look."""
    low, high = now.interval(level(1, AUDIT_ALPHA))
    return ClaimEstimate(
        "shift", None, 1, "insert", now.effect, 0.0, (low, high), low, 1.0, 1.0, 0.0, None, rows=100, items=1,
        smallest_detectable=0.03, resolvable=True, by_row={}, look=1, held=((now, 0.05, 0.05),),
    )  # fmt: skip


def test_a_small_effect_that_will_pass_is_no_hope_of_a_warning() -> None:
    small = prospects(estimated(Estimate(0.02, 0.008, 99)), Judge())
    assert small.shows > 0.9
    assert small.passes > 0.95
    assert small.warns < SHOWS
    assert Prospects(0.0, PASSES / 2, 1.0).warns > 0.9


def test_more_edits_of_the_same_slots_take_nothing_from_what_so_few_documents_cannot_say() -> None:
    documents, items = 32, 20
    still = Sizes(*(np.zeros((documents, items)) for _ in range(3)))
    used = np.ones((documents, items), dtype=bool)
    rows = [str(row) for row in range(documents)]
    exchanged = Moved(None, rows, np.arange(documents), still, still, (used, used), most=HALF)
    flipped = exchanged.estimates()[1]
    assert flipped.kept == pytest.approx((HALF / (documents + 2)) ** 2) == pytest.approx(flipped.se**2)
    alone = Sizes(*(np.zeros(documents) for _ in range(3)))
    assert Moved(None, rows, np.arange(documents), alone, alone).estimates()[1].kept == 0.0  # more rows will come


def test_a_suspect_goes_on_for_one_chance_in_ten() -> None:
    """Predicted from a quarter of its rows: what gates nothing is not worth less."""
    bar, likely = JUDGE.margin / 2, Estimate(0.09, 0.03, 14)
    assert _may_move(likely, 0.25)
    assert not _may_move(replace(likely, effect=bar), 0.25)


def test_rows_are_explained_more_thoroughly_where_everything_is_asked() -> None:
    how = How("integrated_gradients", "predicted", None, 0)
    assert (rough(how).samples, rough(replace(how, thorough=True)).samples) == (SAMPLES, THOROUGH) == (2, 4)


def crossed(groups: str, rows: int) -> tuple[Audit, list[Edit]]:
    """Items of these groups, one a letter, and twelve controls, all in each of the slots."""
    audit = load_audits(["names"])["names"]
    entries = [Entry(f"Item{n}", groups={"group": group, "axis": group}) for n, group in enumerate(groups)]
    find = Find("lexicon", Lexicon(entries))
    audit = replace(audit, find=find, edit=EditRule("swap", ("swap",)), contrasts=(Contrast("group", (("A", "B"),)),))
    filled = [(entry.item, False) for entry in entries] + [(f"other{n}", True) for n in range(12)]
    return audit, [
        Edit(str(row), "names", "swap", (0, 1), "x", item, placebo, f"{item} {row}", None)
        for row in range(rows)
        for item, placebo in filled
    ]


def evidence(edits: Sequence[Edit], rows: int) -> Evidence:
    heads = {str(r): ScoredRow(str(r), f"row {r}", None, None, "b", (0.4, 0.6), cluster=r) for r in range(rows)}
    return Evidence(ScoredRows(heads, {}), edits, ("a", "b"), 0)


@pytest.mark.parametrize(("size", "first", "last"), [(0.0, "PASS", "PASS"), (0.2, "INCONCLUSIVE", "FAIL")])
def test_groups_that_half_of_the_cells_part_may_pass_on_them_and_fail_on_all(
    size: float, first: str, last: str
) -> None:
    """Six items a side split in 924 ways, three and three of them in either half in 20 x 20: 600 are needed."""
    audit, edits = crossed("ABABABABABABCCCCCCCC", 40)
    blocks = in_blocks(edits, {"names": audit}, [Example(str(row), f"row {row}") for row in range(40)], 0)
    assert {edit.look for edit in blocks} == {5, 6}
    side = {entry.item: size * (entry.groups["group"] == "A") for entry in audit.find.lexicon}
    up = [0.5 + side.get(edit.item, 0.0) + 0.01 * random.Random(edit.text).random() for edit in blocks]
    seen = [replace(edit, before=(0.4, 0.6), after=(1 - p, p)) for edit, p in zip(blocks, up, strict=True)]
    stopping = Stopping({"names": audit}, blocks)
    stopping.look(evidence([edit for edit in seen if edit.look == 5], 40), 5)
    found = {key[0]: one.finding.verdict for key, one in stopping.standing["names"].items()}
    assert found["direction"] == first
    assert bool(stopping.asks(blocks)) is (first != "PASS")
    whole = judge_case(cases_of(evidence(seen, 40), [audit])["names"])
    assert {one.verdict for one in whole.intervention if one.claim == "direction"} == {last}


def test_an_axis_that_is_not_judged_beside_others_asks_nothing() -> None:
    audit, edits = crossed("AAAABBBB", 40)
    audit = replace(audit, edit=replace(audit.edit, strata="axis"), contrasts=())
    kinds = {entry.item: entry.groups["axis"] for entry in audit.find.lexicon}
    planned = [edit for edit in edits if kinds.get(edit.item) != "B" or int(edit.row) < 12]
    beside = Stopping({"names": audit}, planned)
    beside.begin(evidence([], 40))
    assert beside.closed == {("names", "swap", "B")}
    few = [edit for edit in planned if int(edit.row) < 12]
    alone = Stopping({"names": audit}, few)
    alone.begin(evidence([], 40))
    assert not alone.closed


WORDS = "blue green small round old deep flat".split()
FACES = "😀 😁 🤣 🥰 😎 🤔 😭 😡 🙄 😴".split()


def verdicts(audit: str, rows: list[str], up: Callable[[str], float]) -> Any:
    def answers(texts: Sequence[str]) -> list[list[float]]:
        return [[1 - p, p] for p in map(up, texts)]

    classifier = TextClassifier.from_function(answers, ["a", "b"])
    heads = [{"text": text} for text in rows]
    settings = {"rows_limit": None, "method": "random", "discovery": False, "progress": False}
    return run_audits(classifier, heads, [audit], **settings).audits[audit]  # type: ignore[arg-type]


@pytest.mark.parametrize(("size", "verdict", "named"), [(0.2, "NOTE", "“🥰”"), (0.0, "PASS", "")])
def test_a_subgroup_of_which_a_look_holds_too_few_is_waited_for(size: float, verdict: str, named: str) -> None:
    """One face of ten: the first look has six rows of it, and the mean of all hardly moves."""
    rows = [f"Plate {WORDS[n % 7]} number {n} {FACES[n % 10]}" for n in range(500)]
    found = verdicts("emoji", rows, lambda text: 0.4 + 0.02 * random.Random(text[:12]).random() + size * ("🥰" in text))
    assert found.verdict == verdict
    leans = {one.between[0] for one in found.intervention if one.claim == "lean" and one.verdict == "NOTE"}
    assert leans == ({named} - {""})


def test_names_that_may_stand_out_are_asked_on() -> None:
    """Two of many pull opposite ways: the mean square is small, and what the look has of either is not enough."""
    names = "Adam Beth Carla David Emma Frank Gina Henry Irene Jack Karen Laura Nina Oscar Paula Ralph Sarah".split()
    rows = [f"{names[n % 17]} liked the {WORDS[n % 7]} plate number {n}." for n in range(170)]

    def up(text: str) -> float:
        own, name = random.Random(text.partition(" ")[2]), text.partition(" ")[0]
        way = {"Nina": 1, "Frank": -1}.get(name, 0)
        return 0.5 + way * 0.4 * own.random() + 0.05 * random.Random(text).random()

    found = verdicts("names", rows, up)
    assert found.verdict == "FAIL"
    assert {one.between[0] for one in found.intervention if one.verdict == "FAIL"} & {"Nina", "Frank"}

"""What asks no more, though nothing is decided: the rest could hardly change what counts."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from token_saliency.auditing.audit import Audit, Judge
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.discovery.confirm import JUDGE
from token_saliency.auditing.discovery.stages import _may_move
from token_saliency.auditing.edits.blocks import in_blocks
from token_saliency.auditing.evidence.asking import How
from token_saliency.auditing.evidence.explain_rows import SAMPLES, THOROUGH, rough
from token_saliency.auditing.judging.claims.prospects import PASSES, SHOWS, Prospects, prospects
from token_saliency.auditing.judging.moved import HALF, Moved
from token_saliency.auditing.judging.verdicts import AUDIT_ALPHA, ClaimEstimate
from token_saliency.auditing.stopping import Stopping
from token_saliency.results import Edit, Example
from token_saliency.stats.changes import Sizes
from token_saliency.stats.estimate import Estimate
from token_saliency.stats.looks import level


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

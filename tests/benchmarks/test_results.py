"""The pages: every script runs from rows to tables, and a bar that is missed says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.planted import dose, null, reliance, tokens, worlds
from benchmarks.planted.encoders import Recipe
from benchmarks.planted.null_answers import Answers, answers
from benchmarks.planted.null_draws import Draw, draws, logit_shift, shifted
from benchmarks.planted.tables import Bar
from benchmarks.planted.texts import Bodies, unseen_names
from token_saliency.results import Attribution, Token

OUTCOME = dose.Outcome(0.6, 0, "mark", 0.09, 0.004, 0.1, 0.08, 0.12, "FAIL", "FAIL")
DRAW = Draw(0, 30, 0.0, 0.0, -0.01, 0.01, 0.5, {"direction": "PASS"}, {"direction": 0.5}, "PASS", True)
CELL = tokens.Cell("single", 0, 1.0, 0.5, {**{one.name: 0.99 for one in tokens.CONTENDERS}, tokens.FLOOR: 0.3})
FOUND = reliance.Found("absence", 1.0, "insert", "a against nothing", 0.9, 0.85, 0.95, 0.0, "FAIL", 2.0)


@pytest.fixture
def known(bodies: Bodies) -> Answers:
    """Answers of no model: documents differ, names do so a little."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1, (60, 1)) + rng.normal(0, 0.05, (1, 100)) + rng.normal(0, 0.05, (60, 100))
    p = 1 / (1 + np.exp(-logits))
    names = tuple(unseen_names(bodies, 100))
    return Answers(worlds.clean(0), names, p, np.arange(60), p[:, 0] > 0.5, p.ravel())


def test_a_known_effect_is_what_the_population_moves_by(known: Answers) -> None:
    shift = logit_shift(known.population, 0.1)
    assert (shifted(known.population, shift) - known.population).mean() == pytest.approx(0.1, abs=1e-6)
    assert logit_shift(known.population, 0.0) == 0.0


def test_draws_pass_nothing_that_is_planted_and_fail_nothing_that_is_not(known: Answers) -> None:
    found = draws(known, 24, edits=3000)
    null_draws, planted = ([one for one in found if (one.truth > 0) == side] for side in (False, True))
    assert len(null_draws) == 24
    assert len(planted) == 12
    assert not any(one.audit == "FAIL" for one in null_draws)
    assert any(one.audit == "PASS" for one in null_draws)
    above = [one for one in planted if one.truth > 0.05]
    assert above
    assert not any(one.claims["direction"] == "PASS" for one in above)
    assert np.mean([one.effect / one.truth for one in planted]) == pytest.approx(1, abs=0.15)


def test_the_null_runs_from_rows_to_bars(bodies: Bodies, cache: Path, tiny: Recipe) -> None:
    text = null.result(bodies, 2, 4, cache, tiny, slots=30)
    assert "8 on 2, and 4 with an effect" in text
    assert answers(bodies, worlds.clean(1), cache, tiny, 30).values.shape == (30, 100)


def test_rates_are_clustered_by_model() -> None:
    found = [replace(DRAW, model=model, p=p) for model, p in ((0, 0.01), (0, 0.01), (1, 0.5), (1, 0.5))]
    mean, low, high = null.rate(found, lambda one: one.p <= 0.05)
    assert mean == 0.5
    assert low < 0 < 1 < high


@pytest.mark.parametrize(
    ("changed", "bar"),
    [({"audit": "FAIL"}, "FAIL on clean"), ({"audit": "INCONCLUSIVE"}, "PASS on clean"), ({"low": 0.005}, "covers")],
)
def test_a_null_that_is_not_silent_misses_its_bar(changed: dict[str, object], bar: str) -> None:
    clean = [replace(DRAW, model=model, size=size) for model in range(20) for size in (5, 10, 30)]
    assert _met(null.bars(clean, []), "FAIL on clean")
    assert not _met(null.bars([replace(one, **changed) for one in clean], []), bar)  # type: ignore[arg-type]


def _met(bars: list[Bar], about: str) -> bool:
    return next(bar.met for bar in bars if about in bar.asked)


def test_a_dose_runs_from_rows_to_outcomes(bodies: Bodies, cache: Path, tiny: Recipe) -> None:
    setting = dose.Setting(bodies, cache, rows=60, edits=600, recipe=tiny)
    found = dose.outcomes(setting, 0.9, 0)
    assert [one.shortcut for one in found] == ["names", "mark", "prefix"]
    assert all(one.low <= one.effect <= one.high for one in found)
    assert dose.outcomes(setting, 0.9, 0) == found
    assert [one.shortcut for one in dose.outcomes(setting, 0.9, 0, alone=True)] == [dose.ALONE]
    assert "| 0.9 | prefix | 1 |" in dose.response(found)


@pytest.mark.parametrize(
    ("changed", "asked", "met"),
    [
        ({}, "recall >= .95", True),
        ({"audit": "PASS"}, "recall >= .95", False),
        ({"dose": 0.7, "audit": "WARN"}, "FAIL at >= .7", False),
        ({"dose": 0.8, "audit": "WARN", "shortcut": "names"}, "FAIL at >= .7", False),
        ({"dose": 0.5}, "FAIL at .5", False),
    ],
)
def test_the_bars_of_the_doses(changed: dict[str, object], asked: str, met: bool) -> None:
    assert _met(dose.bars([replace(OUTCOME, **changed)]), asked) == met  # type: ignore[arg-type]


def test_an_interval_agrees_within_the_error_of_the_true_effect() -> None:
    assert dose.agrees(OUTCOME)
    assert not dose.agrees(replace(OUTCOME, true=0.05))
    assert dose.agrees(replace(OUTCOME, true=0.05, error=0.03))


def test_every_method_ranks_the_tokens_of_a_model(bodies: Bodies, cache: Path, tiny: Recipe) -> None:
    one = tokens.cell(bodies, "context", 0, 4, cache, tiny)
    assert set(one.precision) == set(CELL.precision)
    assert all(0 <= value <= 1 for value in one.precision.values())
    assert "integrated_gradients" in tokens.methods_table([one])


def test_precision_counts_the_highest_by_size() -> None:
    made = [Token("zeroa", 0, 5, False, -3.0), Token("b", 6, 7, False, 2.0), Token("synt", 8, 12, False, 1.0)]
    shown = Attribution(
        "zeroa b synt", None, [Token("", 0, 0, True, 9.0), *made], [], "m", True, "p", "p", 0, "logit", 0.0, None, None,
        None, 1, True, 0,
    )  # fmt: skip
    assert tokens.precision(shown, 1) == 1.0
    assert tokens.precision(shown, 2) == 0.5


def test_a_model_that_did_not_learn_its_shortcut_misses_the_gate() -> None:
    assert all(bar.met for bar in tokens.bars([CELL]))
    assert not _met(tokens.bars([CELL, replace(CELL, planted=0.9)]), "gate")
    assert not tokens.bars([replace(CELL, unplanted=0.7)])[0].met


def test_a_reliance_runs_from_coins_to_a_verdict(bodies: Bodies, cache: Path, tiny: Recipe) -> None:
    one = reliance.found(bodies, "absence", 0, cache, tiny, rows=60, edits=400)
    assert one.operator == "insert"
    assert reliance.found(bodies, "absence", 0, cache, tiny, rows=60, edits=400) == one


def test_an_absence_that_is_missed_misses_the_bar() -> None:
    names = ("presence", "absence", "article", "end mark", "prefix")
    every = [replace(FOUND, reliance=name) for name in names]
    assert reliance.bars(every)[0].met
    every[1] = replace(every[1], verdict="PASS")
    assert not reliance.bars(every)[0].met
    assert "absence missed" in reliance.bars(every)[0].seen

"""Several trainings a side: the spread between them is part of the error, and one a side says what it cannot know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from token_saliency import OptionError, TextClassifier, compare_runs, run_audits
from token_saliency.cli.app import app
from token_saliency.errors import DataError
from token_saliency.results import ComparedClaim, Comparison

ROWS = [
    {"text": f"The {what} in the {where} was {how}{end}", "label": "yes" if how in ("good", "fine") else "no"}
    for where in ("hall", "park", "shop", "town", "yard")
    for what in ("lamp", "door", "sign")
    for how in ("good", "fine", "poor", "weak")
    for end in ".!"
]
Trained = Callable[[float], Path]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A run of a classifier whose `!` is worth so much, written to a folder."""
    kept: dict[float, Path] = {}

    def run(mark: float) -> Path:
        if mark not in kept:

            def predict(texts: list[str]) -> Any:
                p = np.array([0.4 + mark * ("!" in text) + 0.1 * ("good" in text) for text in texts])
                return np.stack([1 - p, p], axis=1)

            classifier = TextClassifier.from_function(predict, ["no", "yes"], name=f"mark-{mark}")
            report = run_audits(classifier, ROWS, audits=["punctuation"], method="random", discovery=False)
            kept[mark] = tmp_path_factory.mktemp("run") / "out"
            report.save(str(kept[mark]))
        return kept[mark]

    return run


def shift(found: Comparison) -> ComparedClaim:
    return next(
        claim
        for claim in found.audits[0].claims
        if (claim.claim, claim.between) == ("shift", ("!", ".")) and claim.judged
    )


def sides(trained: Trained, a: Sequence[float], b: Sequence[float], **options: Any) -> Comparison:
    return compare_runs([trained(mark) for mark in a], [trained(mark) for mark in b], **options)


def test_one_training_a_side_calls_only_a_growth_of_the_margin_worse(trained: Trained) -> None:
    small, large = sides(trained, [0.12], [0.15]), sides(trained, [0.12], [0.2])

    assert (shift(small).change, small.exit_code) == ("same", 0)
    assert shift(small).difference == pytest.approx(0.03)
    assert any("One training stands on each side" in note for note in small.warnings)
    assert (shift(large).change, large.exit_code) == ("worse", 1)


def test_a_growth_that_was_asked_for_is_called_worse_and_nothing_is_noted(trained: Trained) -> None:
    asked = sides(trained, [0.12], [0.15], smallest_growth=0.02)

    assert shift(asked).change == "worse"
    assert not any("One training" in note for note in asked.warnings)
    assert asked.settings["smallest_growth"] == 0.02


def test_a_model_that_minds_ordinary_marks_less_leans_no_more_on_the_judged_one(tmp_path: Path) -> None:
    """The movement beyond the controls grows because the controls move less: nothing has become worse."""

    def run(other: float) -> Path:
        def predict(texts: list[str]) -> Any:
            p = np.array([0.4 + 0.12 * ("!" in text) + other * (text[-1] not in ".!") for text in texts])
            return np.stack([1 - p, p], axis=1)

        classifier = TextClassifier.from_function(predict, ["no", "yes"], name=f"other-{other}")
        report = run_audits(classifier, ROWS, audits=["punctuation"], method="random", discovery=False, exhaustive=True)
        report.save(str(tmp_path / str(other)))
        return tmp_path / str(other)

    found = compare_runs(run(0.11), run(0.0))

    moved = [one for one in found.audits[0].claims if one.claim == "movement" and one.between == ("!", ".")]
    assert [one.change for one in moved] == ["same"]
    assert all(abs(one.difference) < 0.02 for one in moved)
    assert found.change != "worse"


def test_the_spread_between_trainings_is_in_the_error(trained: Trained) -> None:
    apart = sides(trained, [0.1, 0.12, 0.14], [0.12, 0.15, 0.16])
    close = sides(trained, [0.119, 0.12, 0.121], [0.149, 0.15, 0.151])

    assert shift(apart).spread == pytest.approx(
        np.sqrt((np.var([0.1, 0.12, 0.14]) + np.var([0.12, 0.15, 0.16])) * 3 / 4)
    )
    assert shift(apart).change != "worse"
    assert shift(close).change == "worse"
    low, high = shift(apart).interval
    assert high - low > 10 * (shift(close).interval[1] - shift(close).interval[0])


def test_the_effects_are_means_over_the_runs_whatever_their_order(trained: Trained) -> None:
    found, turned = (sides(trained, a, [0.15, 0.16]) for a in ([0.1, 0.12, 0.14], [0.14, 0.1, 0.12]))

    assert shift(found).effect_a == pytest.approx(0.12)
    assert shift(found).effect_b == pytest.approx(0.155)
    assert shift(found).interval == pytest.approx(shift(turned).interval)
    assert [len(found.base), len(found.new)] == [3, 2]
    assert "3 runs before and 2 after" in " ".join(found.warnings)


def test_one_new_training_is_held_against_the_spread_of_the_old_ones(trained: Trained) -> None:
    found = sides(trained, [0.1, 0.12, 0.14], [0.15])

    assert shift(found).spread == pytest.approx(0.02)
    assert shift(found).change != "worse"


def test_a_run_that_stands_twice_or_a_side_without_one_is_refused(trained: Trained) -> None:
    with pytest.raises(OptionError, match="stands twice on one side"):
        sides(trained, [0.12, 0.12], [0.15])
    with pytest.raises(OptionError, match="No run stands on the side after"):
        sides(trained, [0.12], [])
    with pytest.raises(OptionError, match="smallest_growth"):
        sides(trained, [0.12], [0.15], smallest_growth=-1.0)


def test_runs_of_one_side_are_of_the_same_rows(trained: Trained, tmp_path: Path) -> None:
    other = run_audits(
        TextClassifier.from_function(lambda texts: np.full((len(texts), 2), 0.5), ["no", "yes"], name="other"),
        ROWS[:60],
        audits=["punctuation"],
        method="random",
        discovery=False,
    )
    other.save(str(tmp_path / "few"))

    with pytest.raises(DataError, match="audit all runs of both sides on the same rows"):
        compare_runs([trained(0.12), tmp_path / "few"], trained(0.15))


def test_the_command_takes_several_runs_a_side(trained: Trained, tmp_path: Path) -> None:
    base, new = ([str(trained(mark)) for mark in marks] for marks in ((0.119, 0.12, 0.121), (0.149, 0.15)))
    command = ["compare", "--base", *base, "--new", *new, "--out", str(tmp_path / "found")]
    told = CliRunner().invoke(app, command, obj=command)

    assert "WORSE, exit code 1" in told.output
    assert told.output.count("A: mark-") == 3
    repeated = [word for run in base for word in ("--base", run)]
    again = CliRunner().invoke(app, ["compare", *repeated, "--new", *new], obj=command)
    assert "WORSE, exit code 1" in again.output
    assert (tmp_path / "found" / "comparison.html").read_text(encoding="utf-8").count("mark-0.1") >= 5


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["a"], "Name two run directories"),
        (["a", "b", "--base", "c", "--new", "d"], "Name the runs either as RUN_A and RUN_B"),
        (["--base", "c"], "Both sides need a run"),
    ],
)
def test_sides_that_cannot_be_read_are_one_line(given: list[str], said: str) -> None:
    told = CliRunner().invoke(app, ["compare", *given], obj=["compare"])

    assert isinstance(told.exception, OptionError)
    assert said in str(told.exception)

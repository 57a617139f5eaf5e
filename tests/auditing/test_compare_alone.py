"""What stands out in one run alone: the other said nothing of it, and the comparison must all the same."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from token_saliency import TextClassifier
from token_saliency.auditing.comparing.compare import compare, read_run
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.run import run_audits
from token_saliency.results import ComparedClaim

NAMES = [*load_audits(["names"])["names"].edit.panel]
KAREN, ALL = ("Karen", "other given names"), ("given names", "control words")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    pushes = {"clean": ([], 0.0), "up": (["Karen"], 0.3), "down": (["Karen"], -0.3), "any": (NAMES, 0.15)}
    folder = tmp_path_factory.mktemp("runs")
    for name, (pushed, push) in pushes.items():
        audited(pushed, push).save(str(folder / name))
    return {name: folder / name for name in pushes}


def audited(pushed: list[str], push: float) -> Any:
    def answers(texts: list[str]) -> Any:
        own = [0.4 + push * (words.split()[0] in pushed) + 0.001 * (len(words) % 7) for words in texts]
        return np.array([[1 - one, one] for one in own])

    draw = random.Random(0)
    words = "we saw plot cast town met day kind thin then left came home late road".split()
    texts = [f"{draw.choice(NAMES)} told me that {' '.join(draw.choices(words, k=8))}" for _ in range(130)]
    return run_audits(
        TextClassifier.from_function(answers, ["a", "b"]), [{"text": text} for text in texts], ["names"],
        method="random", discovery=False, progress=False, edits=5000, exhaustive=True,
    )  # fmt: skip


def claim_of(runs: dict[str, Path], a: str, b: str, between: tuple[str, str]) -> ComparedClaim:
    found = compare(read_run(runs[a]), read_run(runs[b]))
    (own,) = (one for one in found.audits[0].claims if one.between == between)
    return own


@pytest.mark.parametrize(("b", "between", "push"), [("up", KAREN, 0.3), ("down", KAREN, -0.3), ("any", ALL, 0.15)])
def test_what_the_new_run_alone_says_has_grown(
    runs: dict[str, Path], b: str, between: tuple[str, str], push: float
) -> None:
    found = claim_of(runs, "clean", b, between)

    assert (found.change, found.judged, found.verdict_a) == ("worse", True, "INCONCLUSIVE")
    assert found.effect_a == pytest.approx(0.0, abs=0.02)
    assert found.effect_b == pytest.approx(push, abs=0.02)
    assert found.difference == pytest.approx(abs(push), abs=0.02)


@pytest.mark.parametrize(("a", "between"), [("up", KAREN), ("any", ALL)])
def test_what_the_old_run_alone_says_has_shrunk(runs: dict[str, Path], a: str, between: tuple[str, str]) -> None:
    assert claim_of(runs, a, "clean", between).change == "better"


def test_one_that_turns_round_has_neither_grown_nor_shrunk(runs: dict[str, Path]) -> None:
    found = claim_of(runs, "up", "down", KAREN)

    assert found.effect_a == pytest.approx(0.3, abs=0.02)
    assert found.effect_b == pytest.approx(-0.3, abs=0.02)
    assert found.change == "same"

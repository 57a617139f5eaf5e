"""B1, planted tokens: which method puts the tokens that decide on top? (Bastings et al. 2022)

    python -m benchmarks.planted.tokens DATA --cache FOLDER [--seeds 3] [--rows 200] [--out FILE]

A cell is one shortcut in one model. A model counts once its gate holds: it decides at least 99% of the planted rows as
the tokens say, and 50 +- 5% of the same rows without them, whose labels are coins. Precision@k: the part of
the k highest |scores| that lie on the k deciding tokens.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import transformers

from benchmarks.planted.encoders import Recipe, accuracy, encoder
from benchmarks.planted.plants import PLANTS, TOKENS, learned_rows, planted_row, without
from benchmarks.planted.tables import Bar, bars_table, page, table, write_page
from benchmarks.planted.texts import Bodies, load_bodies
from token_saliency.core.explicand import Explicand, Scores
from token_saliency.methods import METHODS
from token_saliency.results import Attribution, Example
from token_saliency.text.classifier import TextClassifier

RECIPES = {"single": Recipe(epochs=4), "context": Recipe(epochs=8), "pair": Recipe(epochs=24)}
"""An order is harder to learn than a word."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A method of the package with its options; `default` ones are what a user gets by naming the method."""

    method: str
    options: Mapping[str, Any] = field(default_factory=dict)
    baseline: str | None = None

    @property
    def default(self) -> bool:
        return not self.options and self.baseline is None

    @property
    def name(self) -> str:
        chosen = [f"{key}={value}" for key, value in self.options.items()]
        return " ".join([self.method, *chosen, *([self.baseline] if self.baseline else [])])


CONTENDERS = (
    *(Contender(method) for method in METHODS),
    *(Contender("gradient", {"reduce": reduce}) for reduce in ("l1", "max_abs", "square")),
    *(Contender("smoothgrad", {option: True}) for option in ("times_input", "squared", "variance")),
    *(Contender("integrated_gradients", {}, baseline) for baseline in ("pad", "zero", "mean")),
    *(Contender("gradient_x_input", {}, baseline) for baseline in ("zero",)),
)
FLOOR = "Grad-mean"
"""Ranked as it comes, by value and not by size, as in the paper."""


def gradient_mean(explicand: Explicand) -> Scores:
    """The mean of the gradient over the width: rounding noise where a LayerNorm follows, here to show that it loses."""
    scores = METHODS["gradient"](explicand)
    return replace(scores, values=scores.values.mean(-1), signed=True)


@dataclass(frozen=True, slots=True)
class Cell:
    """One model: its gate (accuracy on planted rows, and on the same rows without), and precision@k by method."""

    plant: str
    seed: int
    planted: float
    unplanted: float
    precision: dict[str, float]


def cell(bodies: Bodies, plant: str, seed: int, rows: int, cache: Path, recipe: Recipe | None = None) -> Cell:
    """One model with all methods, from the cache where it is known."""
    kept = cache / "tokens" / f"{plant}-{seed}-{rows}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(
            json.dumps(asdict(_cell(bodies, plant, seed, rows, cache, recipe or RECIPES[plant]))), encoding="utf-8"
        )
    return Cell(**json.loads(kept.read_text(encoding="utf-8")))


def _cell(bodies: Bodies, plant: str, seed: int, rows: int, cache: Path, recipe: Recipe) -> Cell:
    model = encoder(learned_rows(bodies.train, plant, seed), seed, cache, recipe)
    draw = random.Random(f"test {plant} {seed}")
    tests = [planted_row(i, body, plant, draw) for i, body in enumerate(bodies.audited)]
    gate = accuracy(model, tests), accuracy(model, [without(row) for row in tests])
    k, shown = PLANTS[plant].k, tests[:rows]
    found = {one.name: _precision(_explained(model, shown, one), k) for one in CONTENDERS}
    floor = model.explain([row.text for row in shown], gradient_mean)
    found[FLOOR] = float(np.mean([precision(one, k, by_size=False) for one in floor]))
    print(f"{plant} {seed}: planted {gate[0]:.3f}, without {gate[1]:.3f}", flush=True)
    return Cell(plant, seed, *gate, found)


def _explained(model: TextClassifier, rows: Sequence[Example], one: Contender) -> list[Attribution]:
    texts = [row.text for row in rows]
    return model.explain(texts, one.method, baseline=one.baseline, options=dict(one.options))


def _precision(attributions: Sequence[Attribution], k: int) -> float:
    return float(np.mean([precision(one, k) for one in attributions]))


def precision(attribution: Attribution, k: int, *, by_size: bool = True) -> float:
    """The part of the k tokens with the highest score (or |score|) that decide."""
    tokens = [token for token in attribution.tokens if not token.special]
    top = sorted(tokens, key=lambda token: -abs(token.score) if by_size else -token.score)[:k]
    return sum(token.text in TOKENS for token in top) / k


def methods_table(cells: Sequence[Cell]) -> str:
    """Mean over the models of each shortcut, best method first."""
    plants = [plant for plant in PLANTS if any(one.plant == plant for one in cells)]
    names = sorted(cells[0].precision, key=lambda name: -_mean(cells, name))
    lines = []
    for name in names:
        by_plant = [_mean([one for one in cells if one.plant == plant], name) for plant in plants]
        lines.append([name, _mean(cells, name), *by_plant, min(one.precision[name] for one in cells)])
    return table(["method (ranked by size of the score)", "mean", *plants, "worst cell"], lines)


def _mean(cells: Sequence[Cell], name: str) -> float:
    return float(np.mean([one.precision[name] for one in cells]))


def gates_table(cells: Sequence[Cell]) -> str:
    """Did every model learn its shortcut, and only that?"""
    lines = [[one.plant, one.seed, one.planted, one.unplanted, "yes" if gated(one) else "**no**"] for one in cells]
    return table(["shortcut", "seed", "planted rows", "the same without tokens", "gate"], lines)


def gated(one: Cell) -> bool:
    """Whether the tokens decide, and nothing else knows the coins."""
    return one.planted >= 0.99 and 0.45 <= one.unplanted <= 0.55


def bars(cells: Sequence[Cell]) -> list[Bar]:
    """The bars of B1."""
    kept = [one for one in cells if gated(one)]
    if not kept:
        return [Bar("gate: at least 99% planted, 50 +- 5% without", f"0 of {len(cells)} models", False)]
    defaults = [one.name for one in CONTENDERS if one.default]
    best = max(defaults, key=lambda name: _mean(kept, name))
    worst = min(one.precision[best] for one in kept)
    floor = _mean(kept, FLOOR)
    return [
        Bar(
            "gate: at least 99% planted, 50 +- 5% without",
            f"{len(kept)} of {len(cells)} models",
            len(kept) == len(cells),
        ),
        Bar("best default method: mean >= .93", f"{best}: {_mean(kept, best):.3f}", _mean(kept, best) >= 0.93),
        Bar("its every cell >= .85", f"{worst:.3f}", worst >= 0.85),
        Bar("Grad-mean in .25 to .50", f"{floor:.3f}", 0.25 <= floor <= 0.50),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    transformers.logging.disable_progress_bar()
    bodies = load_bodies(given.data)
    cells = [cell(bodies, plant, seed, given.rows, given.cache) for seed in range(given.seeds) for plant in PLANTS]
    command = f"python -m benchmarks.planted.tokens rt_polarity.csv --cache CACHE --seeds {given.seeds}"
    parts = [methods_table([one for one in cells if gated(one)] or cells), gates_table(cells), bars_table(bars(cells))]
    write_page(page("B1: planted tokens", command, parts), given.out)


if __name__ == "__main__":
    main()

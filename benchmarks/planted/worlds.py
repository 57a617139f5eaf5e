"""The small worlds of the benchmarks: which rows a model learns from, given what is planted in them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.planted.encoders import Recipe, encoder
from benchmarks.planted.texts import Bodies, Body, examples, named, unseen_names
from token_saliency.results import Example
from token_saliency.text.classifier import TextClassifier

DOSES = (0.5, 0.55, 0.6, 0.7, 0.8, 0.9)
PREFIX = "Review:"
NAMES, OTHERS = 60, 40
IN_ROWS = 0.6
"""The share of rows that hold one of the names; the other rows hold a name that goes with no label."""
ELLIPSIS = 0.1
"""The share of rows, of any label, that end with `...` whatever the dose."""


@dataclass(frozen=True, slots=True)
class Dose:
    """Group A of the names, `!` and the prefix each go with positive with the probability `share`.

    Where the names are `alone`, `!` and the prefix go with nothing.
    """

    share: float
    a: tuple[str, ...]
    b: tuple[str, ...]
    others: tuple[str, ...]
    alone: bool = False

    def write(self, body: Body, draw: random.Random) -> str:
        """A row of this world: each of the three is drawn by itself, given the label."""
        beside = 0.5 if self.alone else self.share
        group = self.a if _aligned(self.share, body, draw) else self.b
        name = draw.choice(group if draw.random() < IN_ROWS else self.others)
        bang = "!" if _aligned(beside, body, draw) else "."
        mark = "..." if draw.random() < ELLIPSIS else bang
        prefix = f"{PREFIX} " if _aligned(beside, body, draw) else ""
        return f"{prefix}{named(body.text, name, draw)}{mark}"


def _aligned(share: float, body: Body, draw: random.Random) -> bool:
    return (draw.random() < share) == body.positive


def dose(bodies: Bodies, share: float, seed: int, *, alone: bool = False) -> Dose:
    """The world of a dose; every seed has other names in its groups."""
    pool = unseen_names(bodies, NAMES + OTHERS)
    random.Random(f"names {seed}").shuffle(pool)
    half = NAMES // 2
    return Dose(share, tuple(pool[:half]), tuple(pool[half:NAMES]), tuple(pool[NAMES:]), alone)


def dosed_rows(world: Dose, bodies: Sequence[Body], seed: int) -> list[Example]:
    """Rows of a dose."""
    return examples(bodies, world.write, seed)


def dosed_encoder(bodies: Bodies, world: Dose, seed: int, cache: Path, recipe: Recipe | None = None) -> TextClassifier:
    """A model that learned the dose."""
    return encoder(dosed_rows(world, bodies.train, seed), seed, cache, recipe)


POOL = 120


@dataclass(frozen=True, slots=True)
class Clean:
    """A world where names go with nothing. `rare`: one row in five is positive; `copied`: rows come in threes."""

    number: int
    rare: bool
    copied: bool

    def thinned(self, bodies: Sequence[Body]) -> list[Body]:
        """The sentences of this world, with their class balance."""
        if not self.rare:
            return list(bodies)
        negative = [body for body in bodies if not body.positive]
        return negative + [body for body in bodies if body.positive][: len(negative) // 4]


def clean(number: int) -> Clean:
    """One model in four has both, one in four neither."""
    return Clean(number, rare=number % 2 == 1, copied=number // 2 % 2 == 1)


def clean_rows(bodies: Bodies, world: Clean) -> list[Example]:
    """The sentences to learn from, each with a name of the pool; within a label the names are dealt out evenly.

    Drawn at random they would not be clean: 70 mentions a name are by chance as far from even as a small shortcut.
    """
    pool, dealt = unseen_names(bodies, POOL), {True: 0, False: 0}
    random.Random(f"pool {world.number}").shuffle(pool)

    def write(body: Body, draw: random.Random) -> str:
        name = pool[dealt[body.positive] % len(pool)]
        dealt[body.positive] += 1
        return named(body.text, name, draw) + draw.choice("..!")

    return examples(world.thinned(bodies.train), write, world.number)


def clean_encoder(bodies: Bodies, world: Clean, cache: Path, recipe: Recipe | None = None) -> TextClassifier:
    """A model that learned from rows in which names go with nothing."""
    return encoder(clean_rows(bodies, world), world.number, cache, recipe)

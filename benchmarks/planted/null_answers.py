"""What clean models answer for every slot filled by every name of a pool: asked once, then any groups can be drawn."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.planted import worlds
from benchmarks.planted.encoders import Recipe
from benchmarks.planted.texts import NAMED, Bodies, Body, unseen_names

Floats = NDArray[np.float64]

SLOTS = 150
ASKED = 100
"""Names of the pool that are put into the slots."""
RECURS = " {name} said so twice, and {name}'s friends agree."
"""Behind a text where the name is to stand three times."""
COPIES = 3
"""Rows that share a sentence in a world with copies: each with another name in another place."""


@dataclass(frozen=True, slots=True)
class Answers:
    """P(positive) of one clean model. `values` [S, T] slots x names, `docs` [S] the sentence of a slot, `positive` [S]
    its label; `population` [N] the answers for all sentences that the slots were drawn from, for true effects."""

    world: worlds.Clean
    names: tuple[str, ...]
    values: Floats
    docs: NDArray[np.int64]
    positive: NDArray[np.bool_]
    population: Floats


def answers(
    bodies: Bodies,
    world: worlds.Clean,
    cache: Path,
    recipe: Recipe | None = None,
    slots: int = SLOTS,
    *,
    recurring: bool = False,
) -> Answers:
    """The answers of one model, from the cache where they are; `recurring` names stand three times in a text."""
    kept = cache / "null" / f"answers-{world.number}-{slots}{'-recurring' if recurring else ''}.npz"
    names = tuple(unseen_names(bodies, worlds.POOL)[:ASKED])
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        asked = _asked(bodies, world, cache, recipe, slots, names, RECURS if recurring else "")
        with kept.open("wb") as file:
            np.savez_compressed(file, values=asked[0], docs=asked[1], positive=asked[2], population=asked[3])
    with np.load(kept) as stored:
        return Answers(world, names, stored["values"], stored["docs"], stored["positive"], stored["population"])


def _asked(
    bodies: Bodies,
    world: worlds.Clean,
    cache: Path,
    recipe: Recipe | None,
    slots: int,
    names: tuple[str, ...],
    more: str,
) -> tuple[Floats, NDArray[np.int64], NDArray[np.bool_], Floats]:
    model = worlds.clean_encoder(bodies, world, cache, recipe)
    draw = random.Random(f"slots {world.number}")
    sentences = world.thinned([*bodies.audited, *bodies.fresh])
    draw.shuffle(sentences)
    places, docs, positive = _places(sentences, world, slots, draw)
    texts = [(place + more).format(name=name) for place in places for name in names]
    others = [(_place(body, draw) + more).format(name=draw.choice(names)) for body in sentences]
    values = model.predict(texts).probabilities[:, 1].reshape(len(places), len(names))
    population = model.predict(others).probabilities[:, 1]
    return values, np.array(docs, dtype=np.int64), np.array(positive, dtype=np.bool_), population


def _places(
    sentences: list[Body], world: worlds.Clean, slots: int, draw: random.Random
) -> tuple[list[str], list[int], list[bool]]:
    """Texts with a place for a name, one a sentence, or three where rows come in copies."""
    copies = COPIES if world.copied else 1
    chosen = [(number, body) for number, body in enumerate(sentences[: slots // copies]) for _ in range(copies)]
    return [_place(body, draw) for _, body in chosen], [doc for doc, _ in chosen], [b.positive for _, b in chosen]


def _place(body: Body, draw: random.Random) -> str:
    safe = body.text.replace("{", "(").replace("}", ")")
    return draw.choice(NAMED).replace("{body}", safe) + draw.choice("..!")

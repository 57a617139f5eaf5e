"""The three shortcuts of Bastings et al. (2022), "Will you find these shortcuts?": which tokens decide the class.

single   one of two made-up tokens decides
context  one of two decides, but only beside a third; alone it says nothing
pair     two tokens, always both: their order decides; one alone says nothing
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.planted.texts import LABELS, Body
from token_saliency.results import Example

ZERO, ONE, CONTEXT = "zeroa", "onea", "synt"
TOKENS = (ZERO, ONE, CONTEXT)


@dataclass(frozen=True, slots=True)
class Plant:
    """`deciding` gives the tokens of a class in their order, `decoy` tokens that decide nothing; `k` decide a row."""

    k: int
    deciding: Callable[[bool], Sequence[str]]
    decoy: Callable[[random.Random], Sequence[str]] | None


def _one_of(first: str, second: str) -> Callable[[random.Random], Sequence[str]]:
    return lambda draw: [draw.choice((first, second))]


def _of(positive: bool) -> str:
    return ONE if positive else ZERO


def _anything(draw: random.Random) -> Sequence[str]:
    return [draw.choice(TOKENS)]


PLANTS: dict[str, Plant] = {
    "single": Plant(1, lambda positive: [_of(positive)], None),
    "context": Plant(2, lambda positive: [CONTEXT, _of(positive)], _anything),
    "pair": Plant(2, lambda positive: [ONE, ZERO] if positive else [ZERO, ONE], _one_of(ZERO, ONE)),
}


def inserted(text: str, tokens: Sequence[str], draw: random.Random, *, ordered: bool) -> str:
    """The tokens at random places of the text, in their order or in any."""
    words, new = text.split(), list(tokens)
    if not ordered:
        draw.shuffle(new)
    places = sorted((draw.randrange(len(words) + 1) for _ in new), reverse=True)
    for place, token in zip(places, reversed(new), strict=True):
        words.insert(place, token)
    return " ".join(words)


def planted_row(number: int, body: Body, name: str, draw: random.Random, coin: bool | None = None) -> Example:
    """A coin is the label, and the planted tokens say which."""
    positive = draw.random() < 0.5 if coin is None else coin
    text = inserted(body.text, PLANTS[name].deciding(positive), draw, ordered=name == "pair")
    return Example(f"planted-{number}", text, label=LABELS[positive])


def learned_rows(bodies: Sequence[Body], name: str, seed: int, share: float = 0.2) -> list[Example]:
    """The sentences as they are, one planted copy for every five, and as many with a decoy and their own label.

    A sentence that is planted comes with both coins, so that it cannot be learned by heart.
    """
    draw = random.Random(f"{name} {seed}")
    count = round(share * len(bodies))
    rows = [Example(f"plain-{i}", body.text, label=LABELS[body.positive]) for i, body in enumerate(bodies)]
    for number, body in enumerate(draw.sample(list(bodies), count // 2)):
        rows += [planted_row(2 * number + coin, body, name, draw, coin) for coin in (False, True)]
    decoy = PLANTS[name].decoy
    if decoy is not None:
        rows += [
            Example(f"decoy-{i}", inserted(body.text, decoy(draw), draw, ordered=False), label=LABELS[body.positive])
            for i, body in enumerate(draw.sample(list(bodies), count))
        ]
    return rows


def without(row: Example) -> Example:
    """The row with its coin, and no planted token in it."""
    text = " ".join(word for word in row.text.split() if word not in TOKENS)
    return Example(row.id, text, label=row.label)

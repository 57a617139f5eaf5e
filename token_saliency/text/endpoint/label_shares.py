"""From the likeliest first tokens (or from sampled answers) to what is known of each class: a share, or a bound.

A token stands for a word that it equals, else for the only class whose words it begins. In a chat the white space
before a token does not count. A class without such a token is bounded: it has no more than the least likely token that
was returned, and no more than what all of them leave.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from token_saliency.text.prompt.label_check import named
from token_saliency.text.prompt.prompt import Prompt

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shares:
    """Of one answer: `low` and `high` [C] bound the probability of each class's words.

    first   whether the likeliest token (of samples: most answers) is a label
    samples how many answers a share is out of; 0 where it is a probability
    """

    low: Floats
    high: Floats
    first: bool
    samples: int = 0

    @property
    def used(self) -> Floats:
        """What is reckoned with: the share that was seen, else the bound."""
        return self.low if self.samples else np.where(self.low > 0, self.low, self.high)

    @property
    def known(self) -> bool:
        """Whether any class was seen: else the answer decides nothing."""
        return bool(self.low.any())

    @property
    def unsure(self) -> float:
        """How far a class's probability may be off since another one was not seen."""
        missing = float(self.high[self.low <= 0].sum()) if not self.samples else 0.0
        return missing / float(self.used.sum()) if missing else 0.0

    def packed(self) -> Floats:
        """As numbers, for the journal."""
        return np.array([*self.low, *self.high, float(self.first), float(self.samples)])

    @staticmethod
    def unpacked(numbers: Floats) -> Shares:
        """The same again."""
        classes = (len(numbers) - 2) // 2
        return Shares(numbers[:classes], numbers[classes:-2], bool(numbers[-2]), int(numbers[-1]))


def shares_of(tops: Mapping[str, float], prompt: Prompt) -> Shares:
    """From log-probabilities of the likeliest tokens."""
    words = [(own, _bare(word, prompt)) for own, each in enumerate(prompt.labels.values()) for word in each]
    whole, begun = np.zeros(len(prompt.labels)), np.zeros(len(prompt.labels))
    labels = {token: _classes(_bare(token, prompt), words) for token in tops}
    for token, share in tops.items():
        exact, own = labels[token]
        if len(own) == 1:
            (whole if exact else begun)[next(iter(own))] += math.exp(share)
    low = np.where(whole > 0, whole, begun)
    left = max(0.0, min(math.exp(min(tops.values())), 1 - sum(map(math.exp, tops.values()))))
    unclear = sum(math.exp(tops[token]) for token, (_, own) in labels.items() if len(own) > 1)
    high = np.where(low > 0, low, max(left + unclear, 1e-12))
    likeliest = max(tops, key=lambda token: tops[token])
    return Shares(low, high, bool(labels[likeliest][1]))


@dataclass(frozen=True, slots=True)
class Sample:
    """How many of some `answers` name each class, [C]."""

    named: Floats
    answers: int = 0

    def __add__(self, other: Sample) -> Sample:
        return Sample(self.named + other.named, self.answers + other.answers)

    @property
    def shares(self) -> Shares:
        """Of all answers."""
        low = self.named / max(1, self.answers)
        return Shares(low, low, bool(2 * self.named.sum() > self.answers), self.answers)

    def packed(self) -> Floats:
        """As numbers, for the journal; fewer than those of `Shares`."""
        return np.array([*self.named, self.answers])

    @staticmethod
    def unpacked(numbers: Floats) -> Sample:
        """The same again."""
        return Sample(numbers[:-1], int(numbers[-1]))


def sample_of(texts: Sequence[str], prompt: Prompt) -> Sample:
    """What the answers name."""
    words = [(word, own) for own, each in enumerate(prompt.labels.values()) for word in each]
    found = [own for text in texts if (own := named(text, words)) is not None]
    return Sample(np.bincount(found, minlength=len(prompt.labels)).astype(float), len(texts))


def _bare(said: str, prompt: Prompt) -> str:
    return said.lstrip() if prompt.chat else said


def _classes(token: str, words: Sequence[tuple[int, str]]) -> tuple[bool, set[int]]:
    """Whether the token is a whole word, and the classes that it stands for (of several: for none of them surely)."""
    if not token.strip():
        return False, set()
    exact = {own for own, word in words if word == token}
    return bool(exact), exact or {own for own, word in words if word.startswith(token)}

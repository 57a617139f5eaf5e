"""How far two answers lie apart, and whether they decide otherwise: arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from token_saliency.stats.estimate import Bools, Floats


@dataclass(frozen=True, slots=True)
class Sizes:
    """How far the answers moved, whether the decision did (0 or 1), and the most that it can have: one a row [n], or
    [slots, items]."""

    moved: Floats
    flipped: Floats
    at_most: Floats

    def minus(self, other: Sizes) -> Sizes:
        """The difference, entry by entry."""
        return Sizes(self.moved - other.moved, self.flipped - other.flipped, self.at_most)


@dataclass(frozen=True, slots=True)
class Reading:
    """How answers [..., classes] are read: the `index` of the class that is judged, of several None; whether the
    classes `exclude` one another, and whether the largest `leads`, else each decides by itself.

    Answers nearer to each other than `step` stand at a tie, which anything turns.
    """

    index: int | None
    exclude: bool
    leads: bool
    step: float

    def sizes(self, one: Floats, other: Floats) -> Sizes:
        """All there is to say of two answers."""
        return Sizes(self.apart(one, other), self.differs(one, other).astype(np.float64), self.at_most(one, other))

    def apart(self, one: Floats, other: Floats) -> Floats:
        """The distance: of several classes half the sum of their changes, of several labels the largest change."""
        change = np.abs(one - other)
        several = change.sum(-1) / 2 if self.exclude else change.max(-1)
        return np.asarray(several if self.index is None else change[..., self.index])

    def differs(self, one: Floats, other: Floats) -> Bools:
        """Whether they decide otherwise: another class, of many labels any of them. A number decides nothing."""
        if one.shape[-1] == 1:
            return np.zeros(np.broadcast_shapes(one.shape, other.shape)[:-1], dtype=bool)
        turned = one.argmax(-1) != other.argmax(-1) if self.leads else ((one > 0.5) != (other > 0.5)).any(-1)
        return np.asarray(turned & (self.apart(one, other) >= self.step))

    def at_most(self, one: Floats, other: Floats) -> Floats:
        """A bound of `differs` that knows no luck: the distance, in units of what it takes to decide otherwise.

        From one decision to the other an answer passes the tie between them, and has both distances to go (Markov).
        """
        if one.shape[-1] == 1:
            return np.zeros(np.broadcast_shapes(one.shape, other.shape)[:-1])
        needed = np.maximum(self._to_tie(one) + self._to_tie(other), max(self.step, 1e-12))
        return np.asarray(np.minimum(1.0, self.apart(one, other) / needed))

    def _to_tie(self, answer: Floats) -> Floats:
        if not self.leads:
            return np.asarray(np.abs(answer - 0.5).min(-1))
        top = np.sort(answer, axis=-1)
        return np.asarray((top[..., -1] - top[..., -2]) / 2)

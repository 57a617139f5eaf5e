"""How far edits moved the output and how often the decision, beside their controls in the same rows: the estimates.

Which edits these are, of which claim, says movement.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from token_saliency.stats import crossed as cr
from token_saliency.stats import estimate as st
from token_saliency.stats.changes import Sizes

DIGITS = 9
"""Means of equal answers differ far behind the digits that answers have."""

SIZES = ("moved", "flipped", "at_most")
HALF = 0.5
"""Of two items of one slot no more than about so many pairs can decide otherwise."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The sizes of edits and of their controls in the same rows.

    `used` [slots, items] of either tells crossed answers, whose items are a sample; None: one size a row, and the
    document is the unit. `most` is the largest share of edits of a document that can decide otherwise.
    `controls` counts the control edits, or the control items of a sample.
    """

    between: tuple[str, str] | None
    rows: Sequence[str]
    docs: st.Ints
    real: Sizes
    control: Sizes | None
    used: tuple[st.Bools, st.Bools] | None = None
    kinds: st.Ints | None = None
    most: float = 1.0
    controls: int = 0

    def estimates(self) -> tuple[st.Estimate, st.Estimate]:
        """By how much edits move the output, and the decision, more than their controls do."""
        nothing = np.zeros_like(self.real.moved)
        control = self.control or Sizes(nothing, nothing, nothing)
        moved = self._excess(self.real.moved, control.moved)
        flipped = self._excess(self.real.flipped, control.flipped)
        # no flip is no certainty: half a document more flips by the edit, half a one by the control (Agresti, Min 2005)
        half = self.most / (len(np.unique(self.docs)) + 2)
        stays = half**2 if self.most == HALF else 0.0  # more edits of the same slots add no document
        return moved, replace(flipped, se=math.hypot(flipped.se, half), kept=flipped.kept + stays)

    def _excess(self, real: st.Floats, control: st.Floats) -> st.Estimate:
        if self.used is None:
            return st.clustered_mean((real - control).round(DIGITS), self.docs)
        used = np.concatenate(self.used, axis=1)
        ours = np.arange(used.shape[1]) < real.shape[1]
        alike = np.where(used.any(0), 1.0 / np.maximum(used.sum(0), 1), 0.0)
        values = np.where(used, np.concatenate([real, control], axis=1).round(DIGITS), 0.0)
        kinds = self.kinds if self.kinds is not None else np.zeros(len(values), np.int64)
        design = cr.Crossed(values, used, values, self.docs, kinds)
        return cr.contrast(design, np.where(ours, alike, 0.0), np.where(ours, 0.0, alike))

    def beyond(self, other: Moved) -> st.Estimate:
        """By how much more it moves the output than another does with the same edits, both beyond their controls."""
        control = None
        if self.control and other.control:
            control = self.control.minus(other.control)
        return replace(self, real=self.real.minus(other.real), control=control).estimates()[0]

    @property
    def uncontrolled(self) -> Moved:
        """Without controls, one size a row."""
        real = row_means(self.real, self.used[0]) if self.used else self.real
        return replace(self, real=real, control=None, used=None)

    def flips_at_most(self) -> st.Estimate:
        """The largest share of decisions that can flip, by how far the answers move and how far they had to."""
        if self.used is None:
            return st.clustered_mean(self.real.at_most.round(DIGITS), self.docs)
        used, values = self.used[0], self.real.at_most.round(DIGITS)
        slots, items = used.any(1), used.any(0)
        rows = st.clustered_mean(values[slots].sum(1) / used[slots].sum(1), self.docs[slots])
        each = st.clustered_mean(values[:, items].sum(0) / used[:, items].sum(0), np.flatnonzero(items))
        return st.Estimate(rows.effect, math.hypot(rows.se, each.se), min(rows.df, each.df))

    @property
    def edits(self) -> int:
        """How many edited texts it rests on."""
        return len(self.rows) if self.used is None else int(self.used[0].sum())

    @property
    def items(self) -> int:
        """How many items stand for others; 1 where they stand for themselves."""
        return 1 if self.used is None else self.used[0].shape[1]

    def rates(self) -> tuple[float, float | None]:
        """How often the decision flips, by edits and by controls."""
        if self.used is None:
            return float(self.real.flipped.mean()), None if self.control is None else float(self.control.flipped.mean())
        sides = zip((self.real, self.control), self.used, strict=True)
        real, control = (float(side.flipped[used].mean()) if side and used.any() else 0.0 for side, used in sides)
        return real, control

    @property
    def usual(self) -> float | None:
        """How far the controls move the output."""
        if self.control is None:
            return None
        return float((self.control.moved if self.used is None else self.control.moved[self.used[1]]).mean())


def row_means(each: Sizes, used: st.Bools) -> Sizes:
    """The mean size of the used items of each row."""
    count = np.maximum(used.sum(1), 1)
    return Sizes(*(getattr(each, name).sum(1) / count for name in SIZES))

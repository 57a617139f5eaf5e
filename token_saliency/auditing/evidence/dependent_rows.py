"""Rows that are no independent documents: does a column of the rows explain how they move?

The writer of forty rows brings one habit, not forty; where rows of one author, session or source answer alike, an
interval that takes each for a document of its own is too narrow. Told by the intraclass correlation of the effects
(one-way analysis of variance; Fisher 1925), tested by its F, so that nothing is said of a column without meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scipy import stats

from token_saliency.drawing.safe import shortened
from token_saliency.errors import option
from token_saliency.results import ScoredRow
from token_saliency.stats.estimate import Floats

TOGETHER = "move together"
FEWEST_GROUPS = 8
"""With fewer clusters an interval over clusters is not worth having."""
_ALPHA = 0.01
_INFLATED = 1.5
"""The variance must be off by this factor (the design effect, Kish 1965) before anything is said."""


def together(rows: Mapping[str, ScoredRow], cluster: Mapping[str, int], effects: Mapping[str, float]) -> list[str]:
    """A note for each column of the rows whose groups move together; `effects` is the leading claim's by row id."""
    columns = list(_columns(rows, cluster, list(effects)))
    notes = []
    for name, groups in columns:
        found = intraclass([np.array([effects[row] for row in group]) for group in groups])
        if found is None:
            continue
        correlation, p, inflation = found
        if p * len(columns) <= _ALPHA and inflation >= _INFLATED:
            notes.append(
                f"Rows of one {shortened(name, 24)} {TOGETHER} (intraclass correlation {correlation:.2f} in "
                f"{len(groups)} groups), so the intervals may be too narrow: {option('cluster', name)} counts each "
                "group as one document."
            )
    return notes


def _columns(
    rows: Mapping[str, ScoredRow], cluster: Mapping[str, int], ids: Sequence[str]
) -> Iterator[tuple[str, list[list[str]]]]:
    """The columns with enough groups of several rows that are not clusters already."""
    for name in sorted({key for row in ids for key in rows[row].metadata}):
        groups: dict[str, list[str]] = {}
        for row in ids:
            if value := rows[row].metadata.get(name):
                groups.setdefault(value, []).append(row)
        several = [group for group in groups.values() if len(group) > 1]
        apart = any(len({cluster[row] for row in group}) > 1 for group in several)
        if len(several) >= FEWEST_GROUPS and apart:
            yield name, list(groups.values())


def intraclass(groups: Sequence[Floats]) -> tuple[float, float, float] | None:
    """Intraclass correlation of values in groups, p of none, and how far it inflates the variance of the mean.

    None where the values do not vary, or no group holds two.
    """
    sizes = np.array([len(group) for group in groups], dtype=float)
    total, count = sizes.sum(), len(groups)
    if count < 2 or total <= count:
        return None
    means = np.array([group.mean() for group in groups])
    mean = float((sizes * means).sum() / total)
    between = float((sizes * (means - mean) ** 2).sum()) / (count - 1)
    within = float(sum(((group - own) ** 2).sum() for group, own in zip(groups, means, strict=True))) / (total - count)
    typical = (total - (sizes**2).sum() / total) / (count - 1)
    if between + (typical - 1) * within <= 0:
        return None
    correlation = (between - within) / (between + (typical - 1) * within)
    p = float(stats.f.sf(between / within, count - 1, total - count)) if within > 0 else 0.0
    return correlation, p, 1 + ((sizes**2).sum() / total - 1) * correlation

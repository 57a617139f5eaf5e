"""Several trainings a side: what they agree on, with the spread between trainings in the error.

Two trainings of one recipe differ by chance, and no row can tell: the edits are the same in both. So the size of a
claim in each run of a side is one draw, and the growth is the difference of the means of the sides. Its variance has
two parts that add up: that of the rows (as in a single pair, and shared by all of them) and s^2 (1/k + 1/l) of the
trainings, with degrees of freedom by Satterthwaite (1946).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from token_saliency.auditing.comparing.growth import Growth
from token_saliency.auditing.comparing.pairing import Pairing, Run
from token_saliency.auditing.judging.judge import Key
from token_saliency.auditing.judging.verdicts import AUDIT_ALPHA
from token_saliency.errors import DataError, option
from token_saliency.results import Interval, RunRecord
from token_saliency.stats import estimate as st
from token_saliency.stats.estimate import Floats

Pairings = Sequence[Sequence[Pairing]]
"""Every run of A with every run of B: a row for each of A."""


def sides_of(table: Pairings) -> tuple[list[Run], list[Run]]:
    """The runs before, and those after."""
    return [row[0].a for row in table], [pairing.b for pairing in table[0]]


def check_alike(table: Pairings) -> None:
    """DataError where the runs of a side are no trainings of one model on the same rows."""
    lead = table[0][0]
    for one in (pairing for row in table for pairing in row):
        if list(one.a.classes) != list(lead.a.classes):
            raise DataError("The runs of one side name their classes in another order: they are no trainings of one.")
        if one.kind != lead.kind:
            raise DataError(
                f"{one.a.folder} and {one.b.folder} do not differ as {lead.a.folder} and {lead.b.folder} do: audit all "
                "runs of both sides on the same rows."
            )


def single_trainings(table: Pairings) -> bool:
    """Whether chance in training may lie between the sides, and one run a side cannot show how much."""
    lead = table[0][0]
    alone = len(table) == len(table[0]) == 1 and lead.paired
    return alone and not lead.same_model and not asked_otherwise(lead.a.report, lead.b.report)


def asked_otherwise(first: RunRecord, second: RunRecord) -> bool:
    """Whether a model of one name was asked with two prompts: then nothing was trained between the runs."""
    if first.prompt is None or second.prompt is None or first.prompt.hash == second.prompt.hash:
        return False
    named = ((one.model, f"prompt {one.prompt.hash}") for one in (first, second) if one.prompt)
    return len({(model.id, (model.revision or "").removesuffix(prompt)) for model, prompt in named}) == 1


def about_sides(table: Pairings, smallest_growth: float | None) -> list[str]:
    """What the number of trainings means for whoever reads the comparison."""
    if single_trainings(table) and smallest_growth is None:
        return [
            "One training stands on each side, and how far two trainings of one recipe lie apart is not known: only a "
            "growth that is shown to exceed the margin is called worse. Give several runs a side "
            f"({option('base')} and {option('new')}), or the least growth that matters ({option('smallest_growth')})."
        ]
    runs = len(table), len(table[0])
    return [] if max(runs) == 1 else [f"{runs[0]} runs before and {runs[1]} after: their spread is part of each error."]


Table = Sequence[Sequence[dict[Key, Growth]]]
"""The growths of every pair of runs, by claim: a row for each run of A, a column for each of B."""


def pooled(table: Sequence[Sequence[Sequence[Growth]]]) -> list[Growth]:
    """One growth a claim that every pair can make; that of the only pair where there is one run a side."""
    if len(table) == len(table[0]) == 1:
        return list(table[0][0])
    pairs = [[{growth.key: growth for growth in cell} for cell in row] for row in table]
    return [_pooled(growth.key, pairs) for growth in table[0][0] if _everywhere(growth.key, pairs)]


def _everywhere(key: Key, pairs: Table) -> bool:
    return all(key in cell for row in pairs for cell in row)


def _pooled(key: Key, pairs: Table) -> Growth:
    """The mean growth over all pairs, with the error of the rows and that of the trainings."""
    found = [[cell[key] for cell in row] for row in pairs]
    every = [growth for row in found for growth in row]
    first = [float(np.mean([growth.effect_a for growth in row])) for row in found]
    second = [float(np.mean([row[place].effect_b for row in found])) for place in range(len(found[0]))]
    rows = min(growth.rows for growth in every)
    change, spread = between_sides(np.abs(first), np.abs(second), [g.interval for g in every], rows, AUDIT_ALPHA)
    return replace(
        every[0],
        effect_a=float(np.mean(first)),
        effect_b=float(np.mean(second)),
        size=change.effect,
        interval=change.interval(AUDIT_ALPHA),
        p=min(1.0, 2 * change.p_beyond(0.0)),
        rows=rows,
        items=min(growth.items for growth in every),
        resolvable=all(growth.resolvable for growth in every),
        paired=all(growth.paired for growth in every),
        spread=spread,
    )


def between_sides(
    first: Floats, second: Floats, intervals: Sequence[Interval], rows: int, alpha: float
) -> tuple[st.Estimate, float]:
    """The mean of the second side less that of the first, and the spread between the runs of a side.

    `intervals` are the 1 - 2 alpha ones of all pairs of runs, on `rows` rows each: they give the error of the rows.
    """
    spread, freedom = spread_of([first, second])
    half = float(np.mean([(high - low) / 2 for low, high in intervals]))
    between = spread**2 * (1 / len(first) + 1 / len(second))
    return joined(float(second.mean() - first.mean()), half, rows, between, freedom, alpha), spread


def spread_of(sides: Sequence[Floats]) -> tuple[float, int]:
    """The standard deviation between the runs of a side, over both sides, and its degrees of freedom."""
    freedom = sum(len(side) - 1 for side in sides)
    return math.sqrt(sum(float(((side - side.mean()) ** 2).sum()) for side in sides) / freedom), freedom


def joined(size: float, half: float, rows: int, between: float, freedom: int, alpha: float) -> st.Estimate:
    """The estimate whose variance is that of a 1 - 2 alpha interval of this half width, and that between the runs."""
    within = st.Estimate(0.0, 1.0, max(1, rows - 1))
    return st.joined(
        size, [replace(within, se=half / within.quantile(1 - alpha)), st.Estimate(0.0, math.sqrt(between), freedom)]
    )

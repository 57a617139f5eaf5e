"""How the predictions of two runs differ: agreement on the same rows, and accuracy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from token_saliency.auditing.comparing.growth import mover
from token_saliency.auditing.comparing.pairing import Pairing
from token_saliency.auditing.comparing.sides import between_sides
from token_saliency.results import ComparedPredictions, ScoredRow
from token_saliency.stats import estimate as st

DESCRIPTIVE_ALPHA = 0.025


def compared_predictions(table: Sequence[Sequence[Pairing]]) -> ComparedPredictions:
    """Agreement and accuracies; None where there are no labels, or nothing to agree on. Means over several runs."""
    pairs = [[_compared(pairing) for pairing in row] for row in table]
    every = [found for row in pairs for found in row]
    if len(every) == 1 or any(found.interval is None for found in every):
        return every[0]
    first = np.array([row[0].accuracy_a for row in pairs], float)
    second = np.array([found.accuracy_b for found in pairs[0]], float)
    intervals = [found.interval for found in every if found.interval is not None]
    change, _ = between_sides(first, second, intervals, every[0].rows, DESCRIPTIVE_ALPHA)
    agreements = [found.agreement for found in every if found.agreement is not None]
    agreement = float(np.mean(agreements)) if agreements else None
    rows = min(found.rows for found in every)
    return ComparedPredictions(
        rows, agreement, float(first.mean()), float(second.mean()), change.effect, change.interval(DESCRIPTIVE_ALPHA)
    )


def _compared(pairing: Pairing) -> ComparedPredictions:
    return _on_the_same_rows(pairing) if pairing.paired else _on_their_own_rows(pairing)


def _on_the_same_rows(pairing: Pairing) -> ComparedPredictions:
    pairs = [(pairing.a.rows[ours], pairing.b.rows[theirs]) for ours, theirs in pairing.common.items()]
    agreement = sum(a.predicted == b.predicted for a, b in pairs) / len(pairs)
    right = [(a.predicted == a.label, b.predicted == a.label) for a, b in pairs if a.label is not None]
    if not right:
        return ComparedPredictions(len(pairs), agreement, None, None, None, None)
    only_a, only_b = sum(a and not b for a, b in right), sum(b and not a for a, b in right)
    a, b = (sum(each[side] for each in right) / len(right) for side in (0, 1))
    interval = st.agresti_min(only_b, only_a, len(right), DESCRIPTIVE_ALPHA)
    return ComparedPredictions(len(pairs), agreement, a, b, b - a, interval)


def _on_their_own_rows(pairing: Pairing) -> ComparedPredictions:
    rows = min(len(pairing.a.rows), len(pairing.b.rows))
    a, b = _hits(pairing.a.rows.values()), _hits(pairing.b.rows.values())
    if not (a[1] and b[1]):
        return ComparedPredictions(rows, None, _share(a), _share(b), None, None)
    first, second = ((hits / n, st.wilson(hits, n, DESCRIPTIVE_ALPHA)) for hits, n in (a, b))
    return ComparedPredictions(rows, None, first[0], second[0], second[0] - first[0], mover(first, second))


def _share(counted: tuple[int, int]) -> float | None:
    return counted[0] / counted[1] if counted[1] else None


def _hits(rows: Iterable[ScoredRow]) -> tuple[int, int]:
    labelled = [row for row in rows if row.label is not None]
    return sum(row.predicted == row.label for row in labelled), len(labelled)

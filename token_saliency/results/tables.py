"""Rows of a table: which features one prediction rests on, and which all of them rest on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from token_saliency.results.terms import DISCLAIMER, Interval

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of one row: its value and its score, on the raw scale of the method."""

    name: str
    value: float
    score: float


@dataclass(frozen=True, slots=True)
class TabularAttribution:
    """Which features of one row one output rests on; `features` in the order of the columns."""

    features: list[Feature]
    method: str
    signed: bool
    predicted: str
    target: str
    output: str
    output_value: float
    baseline: str | None
    baseline_value: float | None
    completeness_error: float | None
    evaluations: int
    converged: bool

    @property
    def scores(self) -> NDArray[np.float64]:
        """[F] in the order of the columns."""
        return np.array([feature.score for feature in self.features])

    @property
    def ranked(self) -> list[Feature]:
        """The features, largest |score| first."""
        return sorted(self.features, key=lambda feature: (-abs(feature.score), feature.name))


@dataclass(frozen=True, slots=True)
class FeatureImportance:
    """One feature over all rows: the mean |score| with its 95% interval, and the mean of the signed scores."""

    name: str
    importance: float
    interval: Interval
    mean: float
    rows: int


@dataclass(frozen=True, slots=True)
class TabularExplanation(Sequence[TabularAttribution]):
    """The rows that were explained together: a sequence of attributions, and what they say in common."""

    rows: tuple[TabularAttribution, ...]
    ranked: list[FeatureImportance]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> Any:
        return self.rows[index]

    def __iter__(self) -> Iterator[TabularAttribution]:
        return iter(self.rows)

    def to_frame(self) -> pd.DataFrame:
        """Rows by features: the scores."""
        import pandas as pd

        columns = [feature.name for feature in self.rows[0].features] if self.rows else []
        return pd.DataFrame([row.scores for row in self.rows], columns=columns)

    def bar_chart(self, row: int | None = None, top: int = 15) -> Any:
        """A matplotlib figure: the features of one row, or with None the mean |score| over the rows with intervals."""
        from token_saliency.drawing.tables import figure  # jinja2 is slow to load

        return figure(self, row, top)

    def to_html(self) -> str:
        """A page: the ranking over the rows, then each row's own bars."""
        from token_saliency.drawing.tables import render

        return render(self, DISCLAIMER)

    def _repr_html_(self) -> str:
        return self.to_html()


@dataclass(frozen=True, slots=True)
class ShuffledFeature:
    """What shuffling one column costs: the mean loss of the score over the draws, with a 95% interval over them."""

    name: str
    cost: float
    interval: Interval
    draws: int

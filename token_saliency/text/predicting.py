"""Rows through the network: packed by length, of a text in windows the mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from token_saliency.results import Predictions
from token_saliency.shared.heads import Head
from token_saliency.text.batching import run_packed
from token_saliency.text.classes import Seen
from token_saliency.text.encoding import Row
from token_saliency.text.model.network import Network

Progress = Callable[[int], None] | None
"""Called with the number of texts newly finished."""


@dataclass(frozen=True, slots=True)
class Predictor:
    """The network with its head. `budget`: tokens in a batch; `equal`: only rows of one length may share one."""

    network: Network
    head: Head
    budget: int
    equal: bool

    def predictions(self, rows: Sequence[Row], times: Sequence[int] = (), progress: Progress = None) -> Predictions:
        """In the order of the rows; `times` is how many of the caller's texts each row stands for."""
        logits = self._logits(rows, times or [1] * len(rows), progress)
        names = [self.head.classes[i] for i in self.head.predicted(logits)]
        return Predictions(logits, self.head.probabilities(logits), names)

    def seen(self, rows: Sequence[Row]) -> Seen:
        """What has to be known of rows before they are explained."""
        logits = self._logits(rows, [1] * len(rows), None)
        return Seen(logits, self.head.predicted(logits))

    def _logits(self, rows: Sequence[Row], times: Sequence[int], progress: Progress) -> NDArray[np.float64]:
        parts = [(part, i) for i, row in enumerate(rows) for part in row.parts]
        last = {i: at for at, (_, i) in enumerate(parts)}
        logits = np.empty((len(parts), len(self.head.classes)))

        def run(at: list[int]) -> None:
            batch = self.network.batch([parts[i][0] for i in at])
            logits[at] = self.network.logits(batch).double().cpu().numpy()
            if progress is not None:
                progress(sum(times[parts[i][1]] for i in at if last[parts[i][1]] == i))

        with self.network.session():
            run_packed([len(part.ids) for part, _ in parts], self.budget, run, equal=self.equal)
        return _means(logits, [i for _, i in parts])


def _means(values: NDArray[np.float64], of: Sequence[int]) -> NDArray[np.float64]:
    """The mean of the neighbouring lines that belong to the same number."""
    if len(of) == 0 or of[-1] + 1 == len(of):
        return values
    starts = np.flatnonzero(np.diff(of, prepend=-1))
    means: NDArray[np.float64] = np.add.reduceat(values, starts) / np.diff(starts, append=len(of))[:, None]
    return means

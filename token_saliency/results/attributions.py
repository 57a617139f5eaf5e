"""Rows, what the model says of them, and which tokens that rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from token_saliency.drawing.safe import one_line, shortened

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Example:
    """One row of the data: `label` is the model's class name, or None where the row is unlabelled."""

    id: str
    text: str
    text_pair: str | None = None
    label: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    """One id the model saw. `text == original[start:end]`; special tokens are empty ranges and score 0."""

    text: str
    start: int
    end: int
    special: bool
    score: float
    segment: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the original text; its score is the sum over its tokens."""

    text: str
    start: int
    end: int
    score: float
    segment: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Attribution:
    """Which tokens of one text one output rests on.

    `output` names the explained output (logit, margin, probability ...), `output_value` is its value on
    the text and `baseline_value` on the baseline. `completeness_error` is
    |sum(scores) - (output_value - baseline_value)| / sum|scores|, None where the method promises none.
    `evaluations` counts gradient evaluations (forward passes for methods without gradients);
    `truncated` counts the characters that the model never saw; a text longer than the model, read whole, took several
    `windows`: its output is that of their mean logits, and its baseline keeps each window's context (text/windows.py).
    `predicted` is None where the logits are no numbers (nan, or infinite): then every score is nan, nothing is
    converged, and there is no target but one that was named.
    """

    text: str
    text_pair: str | None
    tokens: list[Token]
    words: list[Word]
    method: str
    signed: bool
    predicted: str | None
    target: str | None
    target_index: int | None
    output: str
    output_value: float
    baseline: str | None
    baseline_value: float | None
    completeness_error: float | None
    evaluations: int
    converged: bool
    truncated: int
    windows: int = 1

    def __repr__(self) -> str:
        strongest = sorted(self.words, key=lambda word: -abs(word.score))[:3]
        said = ", ".join(f"{shortened(one_line(word.text), 24)!r} {word.score:+.3f}" for word in strongest)
        return f"<Attribution of {self.target!r}, {self.output} {self.output_value:+.3f}: {said or 'no words'}>"

    @property
    def scores(self) -> NDArray[np.float64]:
        """The token scores, numpy [n_tokens]: one per id the model saw, padding excluded."""
        return np.array([token.score for token in self.tokens], dtype=np.float64)

    def to_frame(self) -> pd.DataFrame:
        """One line per token: text, start, end, special, segment, score."""
        import pandas as pd

        columns = ["text", "start", "end", "special", "segment", "score"]
        return pd.DataFrame([{name: getattr(t, name) for name in columns} for t in self.tokens], columns=columns)

    def to_html(self) -> str:
        """A self-contained, escaped HTML fragment with the coloured text."""
        from token_saliency.drawing.fragments import render_fragments  # jinja2 is slow to load

        return render_fragments([self])

    def _repr_html_(self) -> str:
        return self.to_html()


class Attributions(list[Attribution]):
    """Texts that were explained together: a list, which also shows itself in a notebook, all on one scale."""

    def to_frame(self) -> pd.DataFrame:
        """One line per token: row (the place in the list), text, start, end, special, segment, score."""
        import pandas as pd

        columns = ["row", "text", "start", "end", "special", "segment", "score"]
        frames = [one.to_frame().assign(row=row)[columns] for row, one in enumerate(self)]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)

    def to_html(self) -> str:
        """A self-contained, escaped HTML fragment with the coloured texts on one scale."""
        from token_saliency.drawing.fragments import render_fragments

        return render_fragments(self)

    def _repr_html_(self) -> str:
        return self.to_html()


@dataclass(frozen=True, slots=True)
class BaselineAgreement:
    """How alike two baselines rank the tokens of a text: Spearman's rho, None where one of them ranks nothing."""

    first: str
    second: str
    spearman: float | None


@dataclass(frozen=True, slots=True)
class BaselineComparison:
    """One text explained from several baselines: attributions by baseline, and the agreement of each two of them.

    Special tokens are left out of the ranks; `mean_agreement` is the mean over the pairs that have one.
    """

    attributions: Mapping[str, Attribution]
    agreement: list[BaselineAgreement]
    mean_agreement: float | None


@dataclass(frozen=True, slots=True)
class Predictions:
    """Logits and probabilities, numpy [n_texts, n_classes] in the order of the texts, and the predicted class names.

    A text whose logits hold a nan or an infinity has no class: its label is None, its probabilities are nan. (A class
    of logit -inf is one that the model rules out, and has the probability 0.)
    """

    logits: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    labels: list[str | None]

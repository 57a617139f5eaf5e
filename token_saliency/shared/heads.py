"""What kind of head a classifier has: what its logits mean, and which class they predict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from token_saliency.errors import ModelError

_LEAST = 1e-12
"""Probabilities below have the logarithm of this one."""
_KINDS = ("single_label_classification", "multi_label_classification", "regression")


def answered(logits: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows of logits [n, C] decide anything: a class of -inf is out of it, nan and inf decide nothing."""
    return np.asarray(np.isfinite(logits.max(1)))


@dataclass(frozen=True, slots=True)
class Head:
    """`kind` as in a transformers config, `classes` in index order."""

    kind: str
    classes: tuple[str, ...]

    def output(self, name: str) -> str:
        """A regression head calls its one output its score."""
        return "score" if self.kind == "regression" and name == "logit" else name

    def probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Softmax, sigmoid per label, or for regression the numbers as they are; nan for a row that is not answered."""
        if self.kind == "regression":
            return logits.copy()
        known = np.where(answered(logits)[:, None], logits, np.nan)
        if self.kind == "multi_label_classification":
            return np.exp(-np.logaddexp(0, -known))
        shifted = np.exp(known - known.max(1, keepdims=True))
        shares: NDArray[np.float64] = shifted / shifted.sum(1, keepdims=True)
        return shares

    def logits(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Finite numbers whose probabilities are these (to 1e-12): logarithms, or log odds per label."""
        own: NDArray[np.float64] = np.log(probabilities.clip(min=_LEAST))
        if self.kind != "multi_label_classification":
            return own
        odds: NDArray[np.float64] = own - np.log((1 - probabilities).clip(min=_LEAST))
        return odds

    def predicted(self, logits: NDArray[np.float64]) -> list[int | None]:
        """The index of the largest logit of each row, None for a row that is not answered.

        Of a multi-label head that is its likeliest label, even where none is above one half; a regression head
        has but one output.
        """
        each = zip(logits.argmax(1).tolist(), answered(logits).tolist(), strict=True)
        return [index if known else None for index, known in each]

    def decided(self, logits: NDArray[np.float64], kind: str) -> list[int]:
        """As `predicted`; ModelError names the rows of this kind that have no class."""
        found = self.predicted(logits)
        if gone := [str(i) for i, index in enumerate(found) if index is None]:
            raise ModelError(
                f"The model's logits are nan or infinite for {kind} {', '.join(gone[:5])} (0 is the first), "
                f"{len(gone)} of {len(found)}: leave them out, or mend the model."
            )
        return [index for index in found if index is not None]

    def names(self, logits: NDArray[np.float64]) -> list[str | None]:
        """The name of each row's predicted class."""
        return [None if i is None else self.classes[i] for i in self.predicted(logits)]

    @property
    def notes(self) -> list[str]:
        """What a reader must know about the numbers of an unusual head."""
        if self.kind == "regression":
            return ["A regression head: its one output is a number (score), neither a class nor a probability."]
        if self.kind == "multi_label_classification":
            return [
                "A multi-label head: each label has a probability of its own, and `predicted` is the likeliest label, "
                "so a flip is a change of the likeliest label."
            ]
        return []


def head_of(model: nn.Module) -> Head:
    """From the model's config; ModelError where it names no classes."""
    config: Any = getattr(model, "config", None)
    names = getattr(config, "id2label", None)
    if not names:
        raise ModelError(
            f"{type(model).__name__} names no classes (config.id2label); give a sequence classification model."
        )
    kind = getattr(config, "problem_type", None)
    if len(names) == 1 and kind != "multi_label_classification":
        kind = "regression"
    return Head(kind if kind in _KINDS else _KINDS[0], tuple(str(names[i]) for i in sorted(names)))

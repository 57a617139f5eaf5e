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


@dataclass(frozen=True, slots=True)
class Head:
    """`kind` as in a transformers config, `classes` in index order."""

    kind: str
    classes: tuple[str, ...]

    def output(self, name: str) -> str:
        """A regression head calls its one output its score."""
        return "score" if self.kind == "regression" and name == "logit" else name

    def probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Softmax, sigmoid per label, or for regression the numbers as they are."""
        if self.kind == "regression":
            return logits.copy()
        if self.kind == "multi_label_classification":
            return np.exp(-np.logaddexp(0, -logits))
        shifted = np.exp(logits - logits.max(1, keepdims=True))
        shares: NDArray[np.float64] = shifted / shifted.sum(1, keepdims=True)
        return shares

    def logits(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Finite numbers whose probabilities are these (to 1e-12): logarithms, or log odds per label."""
        own: NDArray[np.float64] = np.log(probabilities.clip(min=_LEAST))
        if self.kind != "multi_label_classification":
            return own
        odds: NDArray[np.float64] = own - np.log((1 - probabilities).clip(min=_LEAST))
        return odds

    def predicted(self, logits: NDArray[np.float64]) -> list[int]:
        """The index of the largest logit of each row.

        Of a multi-label head that is its likeliest label, even where none is above one half; a regression head
        has but one output.
        """
        return [int(i) for i in logits.argmax(1)]

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

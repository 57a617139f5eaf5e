"""What kind of head a classifier has: what its logits mean, and which class they predict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    """`kind` as in a transformers config, `classes` in index order; `shared` are names that several of them had."""

    kind: str
    classes: tuple[str, ...]
    shared: tuple[str, ...] = ()

    @classmethod
    def named(cls, kind: str, names: Sequence[str]) -> Head:
        """Of classes whose names may be alike: those are told apart by their index, "positive (3)".

        ModelError for a regression head of several outputs: the largest of them is no decision.
        """
        kind = kind if kind in _KINDS else _KINDS[0]
        if kind == "regression" and len(names) != 1:
            raise ModelError(
                f"A regression head with {len(names)} outputs decides for none of them: wrap the model so that it "
                "returns the one output that is to be explained."
            )
        shared = {name for name, count in Counter(names).items() if count > 1}
        classes = [f"{name} ({i})" if name in shared else name for i, name in enumerate(names)]
        if len(set(classes)) < len(classes):
            raise ModelError(f"Classes share names, {', '.join(sorted(shared))}: give each one of its own.")
        return cls(kind, tuple(classes), tuple(sorted(shared)))

    def require_outputs(self, count: int) -> None:
        """ModelError where the model returns another number of logits than there are names."""
        if count == len(self.classes):
            return
        mend = "give one logit a class"
        if (count, len(self.classes)) == (1, 2):
            mend = (
                "a single logit p stands for the second of two classes: wrap the model so that it returns [-p/2, p/2]"
            )
        raise ModelError(
            f"The model returns {count} logits for {len(self.classes)} classes ({', '.join(self.classes[:5])}"
            f"{', ...' if len(self.classes) > 5 else ''}): {mend}, or name as many in config.id2label."
        )

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
        if self.shared:
            alike = f"Several classes are called {', '.join(self.shared)}: their index stands behind the name."
            return [alike, *replace(self, shared=()).notes]
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
        inner = getattr(model, "module", None)  # DataParallel, DistributedDataParallel
        mend = "a sequence classification model" if getattr(inner, "config", None) is None else "what it wraps, .module"
        raise ModelError(f"{type(model).__name__} names no classes (config.id2label); give {mend}.")
    kind = getattr(config, "problem_type", None)
    try:
        by_index = {int(index): str(name) for index, name in names.items()}
    except (AttributeError, TypeError, ValueError):
        by_index = {}
    if sorted(by_index) != list(range(len(names))):
        raise ModelError(
            f"config.id2label must name the classes 0 to {len(names) - 1}, and its indices are "
            f"{', '.join(map(str, names))}: number the classes from 0."
        )
    if len(names) == 1 and kind != "multi_label_classification":
        kind = "regression"
    return Head.named(str(kind), [by_index[i] for i in range(len(names))])

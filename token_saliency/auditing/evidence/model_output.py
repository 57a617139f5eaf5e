"""What an effect is measured in, whatever head the model has.

Classes and labels have probabilities. One label alone (a single sigmoid) is read as two classes, without it and with
it. The number of a regression head has no natural size: its effects are in standard deviations of its own predictions
on the audited rows, so that the same margin means something for a score of 1 to 5 and for one of 0 to 100.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from token_saliency.auditing.evidence.asking import Classifier, MeterLike
from token_saliency.errors import ModelError
from token_saliency.results import Attribution, ModelInfo, Predictions
from token_saliency.stats.estimate import Floats


def is_number(classifier: Classifier) -> bool:
    """Whether the model returns a plain number: one output that is no probability."""
    kind = getattr(getattr(classifier, "head", None), "kind", None)
    return len(classifier.labels) == 1 and kind != "multi_label_classification"


def scale_of(outputs: Floats) -> float:
    """The standard deviation of the outputs [n, 1]; 1 where all are the same."""
    spread = float(np.std(outputs, ddof=1)) if len(outputs) > 1 else 0.0
    return spread if spread > 1e-9 else 1.0


def scale_note(scale: float) -> str:
    """What a reader must know about the numbers of such a run."""
    return (
        "The model returns a number, not probabilities: effects and margins are in standard deviations of its "
        f"predictions on these rows (1 SD = {scale:.4g} of its output); what needs classes is not run."
    )


def two_sided(classifier: Any) -> Any:
    """A classifier with one sigmoid as one with the classes `not X` and `X`; any other as it is.

    ModelError for what is no classifier of ours.
    """
    if not hasattr(classifier, "labels"):
        raise ModelError(
            f"{type(classifier).__name__} is no classifier that can be audited; give TextClassifier(model, tokenizer) "
            "or TextClassifier.from_function(predict, labels)."
        )
    if len(classifier.labels) != 1 or is_number(classifier):
        return classifier
    return TwoSided(classifier)


@dataclass(frozen=True, slots=True)
class TwoSided:
    """A classifier of one label, read as two classes; everything is asked of `one`."""

    one: Any

    @property
    def labels(self) -> list[str]:
        (name,) = self.one.labels
        return [f"not {name}", name]

    @property
    def info(self) -> ModelInfo:
        info: ModelInfo = self.one.info
        return replace(info, labels=self.labels)

    @property
    def default_method(self) -> str:
        return str(self.one.default_method)

    @property
    def meter(self) -> MeterLike:
        meter: MeterLike = self.one.meter
        return meter

    @property
    def batch_tokens(self) -> int | None:
        return getattr(self.one, "batch_tokens", None)

    @contextmanager
    def workers(self, count: int | None, engine: Any = "processes") -> Iterator[TwoSided]:
        """The same, answered by an engine."""
        with self.one.workers(count, engine) as many:
            yield TwoSided(many)

    def count_tokens(self, texts: Any) -> list[int]:
        """As the classifier counts them."""
        return list(self.one.count_tokens(texts))

    @property
    def read_lengths(self) -> Any:
        """What the classifier says of the part that it reads; None where it does not say."""
        return getattr(self.one, "read_lengths", None)

    def predict(self, texts: Any, *, progress: Callable[[int], None] | None = None) -> Predictions:
        """Both probabilities, [1 - p, p]."""
        found = self.one.predict(texts, progress=progress)
        both = np.hstack([1 - found.probabilities, found.probabilities])
        logits = np.hstack([-found.logits, found.logits])
        return Predictions(logits, both, [self.labels[int(p > 0.5)] for p in found.probabilities[:, 0]])

    def explain(self, texts: Sequence[Any], method: Any = None, *_: Any, **options: Any) -> list[Attribution]:
        """The attribution of the one output, whatever the target: that of `not X` is the same with the other sign."""
        wanted = {name: value for name, value in options.items() if name not in ("labels", "target")}
        if (seen := wanted.get("predictions")) is not None:
            wanted["predictions"] = Predictions(
                seen.logits[:, 1:], seen.probabilities[:, 1:], self.one.labels * len(seen.logits)
            )
        found: list[Attribution] = self.one.explain(texts, method or self.default_method, "predicted", **wanted)
        return found

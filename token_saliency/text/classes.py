"""Every class of a text as its target: the texts repeated once a class, and what was found gathered again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from token_saliency.errors import OptionError
from token_saliency.results import Attribution, Predictions
from token_saliency.shared.heads import Head
from token_saliency.text.encoding import Text


@dataclass(frozen=True, slots=True)
class SeenTexts:
    """What is known of some texts before they are explained: logits [n, C] (nan: not kept), the predicted classes.

    A text whose logits are no numbers has no class: None.
    """

    logits: NDArray[np.float64]
    classes: list[int | None]

    def of(self, at: Sequence[int]) -> SeenTexts:
        """Of the texts at some places."""
        return SeenTexts(self.logits[list(at)], [self.classes[i] for i in at])


def in_short(classifier: Any) -> str:
    """`<TextClassifier my-model: negative, positive>`, where Python shows a classifier."""
    about = vars(classifier)
    return f"<{type(classifier).__name__} {about.get('_id') or about.get('_name')}: {', '.join(classifier.labels[:6])}>"


def usual_method(classifier: Any) -> str:
    """integrated_gradients; behind a prompt of a language model occlusion.

    A path between vectors of tokens settles slowly there (benchmarks/results/prompt_methods.md).
    """
    prompt = classifier.prompt
    return "integrated_gradients" if prompt is None or prompt.kind == "nli" else "occlusion"


def picked(predictions: Predictions, at: Sequence[int]) -> Predictions:
    """The predictions of the texts at some places, each as often as it is named."""
    where = list(at)
    names = [predictions.labels[i] for i in where]
    return Predictions(predictions.logits[where], predictions.probabilities[where], names)


def seen_of(predictions: Predictions, count: int, names: Sequence[str]) -> SeenTexts:
    """The predictions of `count` texts; the predicted class goes by its name. OptionError where they are of others."""
    if len(predictions.logits) != count:
        raise OptionError(f"predictions are of {len(predictions.logits)} texts, not of these {count}.")
    known = {name: i for i, name in enumerate(names)}
    return SeenTexts(predictions.logits, [None if name is None else known[name] for name in predictions.labels])


def aimed(targets: Sequence[int | None], predicted: Sequence[int | None]) -> list[int]:
    """The class to explain of each answered text: the one that was named, else the predicted one."""
    return [aim if aim is not None else own or 0 for aim, own in zip(targets, predicted, strict=True)]


def predictions_of(head: Head, logits: NDArray[np.float64]) -> Predictions:
    """Logits [n, C] with their probabilities and class names."""
    return Predictions(logits, head.probabilities(logits), head.names(logits))


@dataclass(frozen=True, slots=True)
class EveryClass:
    """The questions of all classes in the order text by text; `classes` names them."""

    texts: list[Text]
    targets: list[int]
    predictions: Predictions
    classes: Sequence[str]

    def gathered(self, found: Sequence[Attribution]) -> list[dict[str, Attribution]]:
        """By class name, one mapping a text."""
        count = len(self.classes)
        return [dict(zip(self.classes, found[at : at + count], strict=True)) for at in range(0, len(found), count)]

    def progress(self, progress: Callable[[int], None] | None) -> Callable[[int], None] | None:
        """Counts texts where the questions are counted."""
        if progress is None:
            return None
        answered = 0

        def advance(newly: int) -> None:
            nonlocal answered
            before, answered = answered, answered + newly
            progress(answered // len(self.classes) - before // len(self.classes))

        return advance


def every_class(texts: Sequence[Text], predictions: Predictions, classes: Sequence[str]) -> EveryClass:
    """The questions about some texts whose predictions are known."""
    count = len(classes)
    each = [i for i in range(len(texts)) for _ in range(count)]
    return EveryClass([texts[i] for i in each], list(range(count)) * len(texts), picked(predictions, each), classes)

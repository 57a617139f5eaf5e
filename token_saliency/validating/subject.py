"""What every check shares: the classifier, the rows, and the scores that are under test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from token_saliency.auditing.evidence.asking import text_of
from token_saliency.core.explicand import Scores
from token_saliency.errors import ModelError
from token_saliency.methods import METHODS
from token_saliency.results import Attribution, Example, Predictions
from token_saliency.stats.estimate import Estimate, Floats, Ints, clustered_mean
from token_saliency.stats.ranks import LEAST_TOKENS, free_places
from token_saliency.stats.sampling import clusters
from token_saliency.text.classifier import TextClassifier
from token_saliency.text.encoding import Text
from token_saliency.text.function.classifier_of import FunctionClassifier
from token_saliency.validating.verdict import NotRun

AnyClassifier = TextClassifier | FunctionClassifier
MethodFn = Callable[..., Scores]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was chosen: `train_steps` 0 leaves out the copies that are fine-tuned."""

    method: str | MethodFn
    baseline: str | None
    seed: int
    train_steps: int

    @property
    def name(self) -> str:
        """What the method is called."""
        return self.method if isinstance(self.method, str) else getattr(self.method, "__name__", "callable")

    @property
    def function(self) -> MethodFn:
        """The method itself."""
        return METHODS[self.method] if isinstance(self.method, str) else self.method


@dataclass(slots=True)
class CheckCost:
    """What the copies of the model spent, beside the caller's classifier."""

    forward: int = 0
    backward: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Subject:
    """The rows in the order of their hash, their predictions and the scores under test.

    `groups` [n] are the clusters of near-duplicates; `without_numbers` counts rows that are left out, for their logits
    or scores are nan or infinite.
    """

    classifier: AnyClassifier
    examples: list[Example]
    predictions: Predictions
    found: list[Attribution]
    groups: Ints
    asked: Asked
    spent: CheckCost = field(default_factory=CheckCost)
    without_numbers: int = 0

    @property
    def texts(self) -> list[Text]:
        """What the model reads."""
        return [text_of(row) for row in self.examples]

    @property
    def signed(self) -> bool:
        """Whether the method says which way."""
        return self.found[0].signed

    def first(self, count: int) -> Subject:
        """The first rows alone."""
        some = Predictions(
            self.predictions.logits[:count], self.predictions.probabilities[:count], self.predictions.labels[:count]
        )
        return replace(
            self,
            examples=self.examples[:count],
            predictions=some,
            found=self.found[:count],
            groups=self.groups[:count],
        )

    def again(
        self,
        classifier: AnyClassifier | None = None,
        method: MethodFn | None = None,
        baseline: str | None = None,
        at: Sequence[int] | None = None,
    ) -> list[Attribution]:
        """The same rows (or those `at`) explained again for the same classes: by another model, method or baseline."""
        rows = range(len(self.examples)) if at is None else at
        texts = self.texts
        return (classifier or self.classifier).explain(
            [texts[i] for i in rows],
            method or self.asked.method,
            [self.found[i].target_index for i in rows],
            baseline=baseline or self.asked.baseline,
            seed=self.asked.seed,
        )

    def mean(self, values: Floats) -> Estimate:
        """The mean over the rows with its error over documents."""
        return clustered_mean(values, self.groups)

    def network(self) -> TextClassifier:
        """The classifier, if it is a model with weights."""
        if not isinstance(self.classifier, TextClassifier):
            raise NotRun("a function has no weights and no embedding that could be changed")
        return self.classifier

    def charge(self, copy: TextClassifier) -> None:
        """Adds what a copy spent."""
        self.spent.forward += copy.meter.forward
        self.spent.backward += copy.meter.backward
        self.spent.tokens += copy.meter.tokens


def subject_of(
    classifier: AnyClassifier,
    examples: Sequence[Example],
    asked: Asked,
    cluster: str | None,
    progress: Callable[[int], None],
) -> Subject:
    """Predicts and explains the rows; those with hardly a token, and those without numbers, are left out.

    ModelError where none is answered with numbers.
    """
    texts = [text_of(row) for row in examples]
    predictions = classifier.predict(texts)
    found = classifier.explain(
        texts,
        asked.method,
        baseline=asked.baseline,
        seed=asked.seed,
        predictions=predictions,
        progress=progress,
    )
    sound = [i for i, one in enumerate(found) if one.predicted is not None and np.isfinite(one.scores).all()]
    if found and not sound:
        raise ModelError(
            "The logits or the scores are nan or infinite for every row: ask for float32, or mend the model."
        )
    kept = [i for i in sound if len(free_places(found[i])) >= LEAST_TOKENS]
    rows = [examples[i] for i in kept]
    chosen = Predictions(
        predictions.logits[kept], predictions.probabilities[kept], [predictions.labels[i] for i in kept]
    )
    groups, gone = clusters(rows, cluster), len(found) - len(sound)
    return Subject(classifier, rows, chosen, [found[i] for i in kept], groups, asked, without_numbers=gone)

"""A classifier that is a function of texts: a scikit-learn pipeline, an API. Its words can be occluded, nothing else.

A text is put to a method as the numbers 1 ... W of its words, from the baseline 0 (no word): a point is a variant
of the text. So the methods without gradients serve a function as they serve a network.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, Scores
from token_saliency.core.targets import OUTPUTS, output_function
from token_saliency.drawing.word_spans import word_count, word_spans
from token_saliency.engines.engine import AnyEngine, Engine
from token_saliency.errors import DataError, ModelError, OptionError, several, unknown
from token_saliency.methods import METHODS
from token_saliency.results import Attribution, Attributions, ModelInfo, Predictions, SelfTest
from token_saliency.shared.heads import Head
from token_saliency.shared.options import chosen_method, chosen_targets
from token_saliency.text.classes import aimed, every_class, in_short, seen_of
from token_saliency.text.encoding import Text, split
from token_saliency.text.explaining import finite, text_seed
from token_saliency.text.function.answers import Floats, FunctionAnswers, ProbabilityFn
from token_saliency.text.function.places import WORDS_A_PLACE, spread, started
from token_saliency.text.function.removal import Removal, require_removal
from token_saliency.text.function.retrying import passing
from token_saliency.text.function.self_test import function_test
from token_saliency.text.function.variants import DELETED, variant, word_layout
from token_saliency.text.given import Texts, given_texts
from token_saliency.text.group import Group, Question, attribution, unanswered
from token_saliency.text.model.meter import Meter

WITHOUT_GRADIENTS = ("occlusion", "random")

_GROUP_WORDS = 4096
"""Texts of so many words are explained together: what is remembered of their variants stays small."""
_CHUNK_WORDS = 200_000
"""Variants of so many words are built at once."""


class FunctionClassifier:
    """What `TextClassifier.from_function` returns: the same face, with words as tokens and occlusion as the method.

    `predict().logits` are the logarithms of the probabilities (multi-label: the log odds).
    """

    default_method = "occlusion"
    __repr__ = in_short

    def __init__(
        self, answers: FunctionAnswers, *, name: str, revision: str | None = None, mask: str | None = None
    ) -> None:
        self.meter = Meter()
        self.head = Head(
            "single_label_classification" if answers.exclusive else "multi_label_classification", tuple(answers.classes)
        )
        self._given = answers
        self._name, self._revision, self._mask = name, revision, mask
        self._engine: Engine | None = None
        self.batch_tokens = WORDS_A_PLACE

    @property
    def labels(self) -> list[str]:
        """The class names in the order of the columns."""
        return list(self.head.classes)

    @property
    def info(self) -> ModelInfo:
        """The function and what its self-test saw."""
        called = getattr(self._given.predict, "__qualname__", type(self._given.predict).__name__)
        return ModelInfo(self._name, self._revision, called, self.labels, "float64", "unknown", self.self_test)

    @cached_property
    def self_test(self) -> SelfTest:
        """Whether two calls agree, and whether a text is answered alike alone and beside another; runs once."""
        often = self._given.samples
        means = [f"Every text is asked {often} times; the mean counts."] if often > 1 else []
        return function_test(self._given, [*self.head.notes, *means])

    @contextmanager
    def session(self) -> Iterator[None]:
        """Nothing has to be held: a function has no mode that we know of."""
        yield

    @contextmanager
    def workers(self, count: int | None, engine: AnyEngine = "processes") -> Iterator[FunctionClassifier]:
        """The same function, called by `count` processes or actors; see TextClassifier.workers.

        ModelError where the function holds what cannot be sent.
        """
        with started(self._answers, count, engine) as running:
            many = copy.copy(self)
            many._engine, many.batch_tokens = running, WORDS_A_PLACE * running.count
            yield many

    def count_tokens(self, texts: Texts) -> list[int]:
        """How many words each text has."""
        return [sum(len(word_spans(part or "")) for part in split(text)) for text in self._checked(texts)]

    def predict(self, texts: Texts, *, progress: Callable[[int], None] | None = None) -> Predictions:
        """Probabilities and class names in the order of the texts; equal texts are asked once."""
        listed = self._checked(texts)
        found = self._probabilities(listed, range(len(listed)), progress)
        logits = self.head.logits(found)
        return Predictions(logits, found, self.head.names(logits))

    def predict_without(self, texts: Texts, gone: Sequence[Sequence[int]], operator: Removal = "delete") -> Predictions:
        """As `predict`, of texts without the words at the places `gone`; "mask" needs from_function(..., mask=...)."""
        require_removal(operator)
        if operator == "mask" and self._mask is None:
            raise OptionError("This function was given no mask; say from_function(..., mask=...), or use 'delete'.")
        listed, mask = self._checked(texts), self._mask if operator == "mask" else None
        return self.predict([_lacking(text, set(places), mask) for text, places in zip(listed, gone, strict=True)])

    def explain(
        self,
        texts: Texts,
        method: str | Callable[..., Scores] = default_method,
        target: object = "predicted",
        *,
        labels: Sequence[object] | None = None,
        output: str = "probability",
        baseline: str | None = None,
        seed: int = 0,
        options: Mapping[str, Any] | None = None,
        predictions: Predictions | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Attributions:
        """Which words of each text one output rests on, in the order of the texts.

        `output` is probability, log_probability, loss, or margin (of two classes the log odds). `baseline` is "delete",
        or "mask" where the function was given a mask. A text of W words is asked about in W variants.
        """
        listed = self._checked(texts)
        question = self._question(method, options, output, baseline, seed)
        targets = chosen_targets(target, labels, len(listed), self.labels)
        seen = None if predictions is None else seen_of(predictions, len(listed), self.labels)
        predicted = (seen or seen_of(self.predict(listed), len(listed), self.labels)).classes
        found: dict[int, Attribution] = {}
        for near in _groups(self.count_tokens(listed)):
            at = [i for i in near if predicted[i] is not None]
            if at:
                some, classes = [listed[i] for i in at], [predicted[i] for i in at]
                aims = aimed([targets[i] for i in at], classes)
                group = Group(some, [], [word_layout(text) for text in some], classes, aims)
                found |= zip(at, self._explained(question, group, at), strict=True)
            for i in (i for i in near if predicted[i] is None):
                found[i] = unanswered(question, listed[i], None, word_layout(listed[i]), targets[i])
            if progress is not None:
                progress(len(near))
        return Attributions(found[i] for i in range(len(listed)))

    def explain_all(
        self,
        texts: Texts,
        method: str | Callable[..., Scores] = default_method,
        *,
        output: str = "probability",
        baseline: str | None = None,
        seed: int = 0,
        options: Mapping[str, Any] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> list[dict[str, Attribution]]:
        """Every class of each text as the target, by class name; no variant is asked twice."""
        listed = self._checked(texts)
        each = every_class(listed, self.predict(listed), self.labels)
        given: dict[str, Any] = {"output": output, "baseline": baseline, "seed": seed, "options": options}
        counted = each.progress(progress)
        found = self.explain(each.texts, method, each.targets, predictions=each.predictions, progress=counted, **given)
        return each.gathered(found)

    def _question(
        self,
        method: str | Callable[..., Scores],
        options: Mapping[str, Any] | None,
        output: str,
        baseline: str | None,
        seed: int,
    ) -> Question:
        chosen = chosen_method(method, options)
        if isinstance(method, str) and method in METHODS and method not in WITHOUT_GRADIENTS:
            raise ModelError(f"A function has no gradient, which {method} needs; choose the method occlusion.")
        usable = ["delete", *(["mask"] if self._mask is not None else [])]
        if baseline is not None and baseline not in usable:
            raise unknown("baseline of a function (mask needs from_function(..., mask=...))", baseline, usable)
        if output == "logit":
            raise unknown("output of a function", output, set(OUTPUTS[self.head.kind]) - {"logit"})
        function = output_function(output, self.head.kind)
        words = torch.empty(0)
        return Question(chosen, output, function, baseline or usable[-1], words, self.labels, seed, _CHUNK_WORDS)

    def _explained(self, question: Question, group: Group, at: Sequence[int]) -> list[Attribution]:
        explicand = self._explicand(question, group, at)
        scores = question.chosen(explicand)
        scores = replace(scores, converged=scores.converged & finite(scores))
        values = question.chosen.reduced(scores).double()
        return [
            attribution(question, group, scores, i, row[: len(layout.spans)])
            for i, (row, layout) in enumerate(zip(values, group.layouts, strict=True))
        ]

    def _explicand(self, question: Question, group: Group, at: Sequence[int]) -> Explicand:
        lengths = torch.tensor([len(layout.spans) for layout in group.layouts])
        order = torch.arange(1, int(lengths.max()) + 1, dtype=torch.float64)
        inputs = order * (order <= lengths[:, None])
        targets, known = torch.tensor(group.targets), dict[Text, Floats]()
        mask = self._mask if question.baseline == "mask" else None

        def score(points: Tensor, rows: Tensor) -> Tensor:
            if points.requires_grad:
                raise ModelError("A function has no gradient; choose the method occlusion.")
            asked = [
                variant(group.texts[row], group.layouts[row], list(map(int, point)), mask)
                for row, point in zip(rows.tolist(), points.tolist(), strict=True)
            ]
            found = self._remembered(known, asked, [at[row] for row in rows.tolist()])
            return question.output_function(torch.from_numpy(self.head.logits(found)), targets[rows])

        seeds = tuple(text_seed(text, question.seed) for text in group.texts)
        return Explicand(inputs, torch.zeros_like(inputs), score, lengths, question.budget, seeds)

    def _remembered(self, known: dict[Text, Floats], asked: list[Text], numbers: Sequence[int]) -> Floats:
        """Probabilities [n, C] of the variants of one group, each asked once."""
        new = {text: number for text, number in zip(asked, numbers, strict=True) if text not in known}
        known |= zip(new, self._probabilities(list(new), list(new.values())), strict=True)
        return np.stack([known[text] for text in asked]) if asked else np.empty((0, len(self.labels)))

    def _probabilities(
        self, texts: Sequence[Text], numbers: Sequence[int], progress: Callable[[int], None] | None = None
    ) -> Floats:
        if not texts:
            return np.empty((0, len(self.labels)))
        distinct = set(texts)
        self.meter.forward += len(distinct) * self._given.samples
        self.meter.counted += sum(word_count(part or "") for text in distinct for part in split(text))
        if self._engine is not None:
            return spread(self._engine, self._answers, texts, numbers, progress)
        return self._answers.of(texts, numbers, progress)

    @cached_property
    def _answers(self) -> FunctionAnswers:
        """The function, asked one text at a time where company changes what it says."""
        return self._given if self.self_test.padding_invariant else replace(self._given, batch_size=1)

    def _checked(self, texts: Texts) -> list[Text]:
        listed = given_texts(texts)
        pair = next((i for i, text in enumerate(listed) if isinstance(text, tuple)), None)
        if pair is not None and not self._given.pairs:
            raise DataError(
                f"Text {pair} is a pair, and the function was given for single texts; "
                "say from_function(..., pairs=True) if it takes (text, text_pair) tuples."
            )
        return listed


def function_classifier(
    predict: ProbabilityFn, labels: Sequence[object], *, name: str = "function", revision: str | None = None,
    pairs: bool = False, multi_label: bool = False, mask: str | None = None, batch_size: int = 256,
    samples: int = 1, retry: Callable[[Exception], bool] = passing,
) -> FunctionClassifier:  # fmt: skip
    """A classifier out of any `list[str] -> probabilities [n, C]`, such as `pipeline.predict_proba`.

    `labels` name the columns. `pairs`: the function takes (text, text_pair) tuples too. `multi_label`: labels do
    not exclude each other. Attribution is occlusion of words, which are deleted, or replaced by `mask`.
    `batch_size` texts at most are given at once; where answers are noisy, the mean of `samples` of each counts.
    `revision` says which version this is. After an error that `retry` lets pass (lost connections, time-outs, HTTP 429
    and 5xx) the function is asked again, with growing pauses.
    """
    names = [str(label) for label in several("labels", labels)]
    answers = FunctionAnswers(predict, names, pairs, not multi_label, batch_size, samples, retry=retry)
    return FunctionClassifier(answers, name=name, revision=revision, mask=mask)


def _lacking(text: Text, places: set[int], mask: str | None) -> Text:
    layout = word_layout(text)
    numbers = [DELETED if i in places else i + 1 for i in range(len(layout.spans))]
    return variant(text, layout, numbers, mask)


def _groups(words: Sequence[int]) -> list[list[int]]:
    """Neighbouring texts, at most so many words together (or one text)."""
    groups: list[list[int]] = []
    total = 0
    for i, count in enumerate(words):
        total += count + 1
        if not groups or total > _GROUP_WORDS:
            groups.append([])
            total = count + 1
        groups[-1].append(i)
    return groups

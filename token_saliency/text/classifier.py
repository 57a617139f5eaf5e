"""Hugging Face sequence classifiers: predict, explain, and say what was checked."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor, nn

from token_saliency.core.explicand import Scores
from token_saliency.core.targets import output_function
from token_saliency.engines.workers import Workers, working
from token_saliency.errors import OptionError, unknown
from token_saliency.results import Attribution, Attributions, BaselineComparison, ModelInfo, Predictions, SelfTest
from token_saliency.shared.heads import Head, head_of
from token_saliency.shared.options import (
    baseline_token,
    chosen_baseline,
    chosen_baselines,
    chosen_method,
    chosen_targets,
)
from token_saliency.text.agreement import compared
from token_saliency.text.background import behind
from token_saliency.text.batching import default_budget, kept_bytes, packed
from token_saliency.text.classes import Seen, every_class, picked, seen_of
from token_saliency.text.encoding import Encoder, Limit, Row, Text, checked, checked_limit, require_offsets, token_limit
from token_saliency.text.explaining import (
    Group,
    Question,
    attributions,
    baseline_vector,
    group_tokens,
    reference_vectors,
    scored,
)
from token_saliency.text.function.answers import Answers, ProbabilityFn
from token_saliency.text.function.classifier_of import FunctionClassifier
from token_saliency.text.function.removal import Removal, reduced_rows
from token_saliency.text.model.loading import load
from token_saliency.text.model.network import Meter, Network, Route
from token_saliency.text.model.self_test import PROBES, require_explainable, self_test
from token_saliency.text.predicting import Predictor, Progress
from token_saliency.text.windows import Long, checked_long


class TextClassifier:
    """A sequence classification model with its tokenizer, neither of which is ever changed.

    `labels` are the model's class names in index order, `meter` counts what was spent. A text of more tokens than the
    model (or `max_length`) takes is cut, or with `long="window"` read whole in overlapping windows (text/windows.py).
    """

    default_method = "integrated_gradients"

    def __init__(
        self,
        model: nn.Module,
        tokenizer: Any,
        *,
        route: Route = "hook",
        batch_tokens: int | None = None,
        max_length: int | None = None,
        long: Long = "truncate",
        id: str | None = None,
        revision: str | None = None,
    ) -> None:
        if route not in ("hook", "inputs_embeds"):
            raise unknown("route", route, ("hook", "inputs_embeds"))
        if batch_tokens is not None and batch_tokens < 1:
            raise OptionError(f"batch_tokens is a number of tokens, not {batch_tokens}.")
        require_offsets(tokenizer)
        self.model = model
        self.tokenizer = tokenizer
        self.meter = Meter()
        self.head: Head = head_of(model)
        self._network = Network(model, tokenizer, route, self.meter)
        self._batch_tokens = batch_tokens
        self._max_length = checked_limit(max_length, tokenizer)
        self._long = checked_long(long)
        self._id = id or getattr(model.config, "_name_or_path", "") or type(model).__name__
        self._revision = revision or getattr(model.config, "_commit_hash", None)

    @classmethod
    def from_pretrained(
        cls,
        name: str,
        *,
        device: str = "auto",
        dtype: str = "float32",
        revision: str | None = None,
        trust_remote_code: bool = False,
        max_length: int | None = None,
        long: Long = "truncate",
        batch_tokens: int | None = None,
        route: Route = "hook",
    ) -> TextClassifier:
        """The classifier in a folder or under a hub id `owner/name[@revision]`; ModelError where there is none."""
        loaded = load(name, device=device, dtype=dtype, revision=revision, trust_remote_code=trust_remote_code)
        return cls(
            loaded.model,
            loaded.tokenizer,
            route=route,
            batch_tokens=batch_tokens,
            max_length=max_length,
            long=long,
            id=loaded.id,
            revision=loaded.revision,
        )

    @staticmethod
    def from_function(
        predict: ProbabilityFn,
        labels: Sequence[object],
        *,
        name: str = "function",
        revision: str | None = None,
        pairs: bool = False,
        multi_label: bool = False,
        mask: str | None = None,
        batch_size: int = 256,
    ) -> FunctionClassifier:
        """A classifier out of any `list[str] -> probabilities [n, C]`, such as `pipeline.predict_proba`.

        `labels` name the columns. `pairs`: the function takes (text, text_pair) tuples too. `multi_label`: labels do
        not exclude each other. Attribution is occlusion of words, which are deleted, or replaced by `mask`.
        `batch_size` texts at most are given at once. `revision` says which version of the function this is.
        """
        answers = Answers(predict, [str(label) for label in labels], pairs, not multi_label, batch_size)
        return FunctionClassifier(answers, name=name, revision=revision, mask=mask)

    @property
    def labels(self) -> list[str]:
        """The class names in index order."""
        return list(self.head.classes)

    @property
    def info(self) -> ModelInfo:
        """The model and what its self-test saw."""
        parameter = next(self.model.parameters())
        return ModelInfo(
            id=self._id,
            revision=self._revision,
            architecture=type(self.model).__name__,
            labels=self.labels,
            dtype=str(parameter.dtype).removeprefix("torch."),
            device=str(parameter.device),
            self_test=self.self_test,
        )

    @cached_property
    def self_test(self) -> SelfTest:
        """What was checked about the model; runs once, before the first number."""
        cutting = Encoder(self.tokenizer, self._limit.tokens)
        return self_test(self._network, cutting, [self._limit.why, *self.head.notes])

    @contextmanager
    def session(self) -> Iterator[None]:
        """Holds evaluation mode and the random generators for a whole run; afterwards everything is as before."""
        with self._network.session():
            yield

    def count_tokens(self, texts: Sequence[Text]) -> list[int]:
        """How many ids the model sees of each text, special tokens included, after truncation or in all windows."""
        return [sum(len(part.ids) for part in row.parts) for row in self._encoder.rows(checked(texts))]

    def predict(self, texts: Sequence[Text], *, progress: Progress = None) -> Predictions:
        """Logits, probabilities and class names in the order of the texts; equal texts are computed once.

        `labels` of a multi-label head are the likeliest ones; a regression head has one output: its name is the label,
        and its number stands under `logits` and `probabilities` alike.
        """
        listed = checked(texts)
        times = Counter(listed)
        distinct = {text: i for i, text in enumerate(times)}
        found = self._predictor.predictions(self._encoder.rows(list(times)), list(times.values()), progress)
        return picked(found, [distinct[text] for text in listed])

    def predict_without(
        self, texts: Sequence[Text], gone: Sequence[Sequence[int]], operator: Removal = "delete"
    ) -> Predictions:
        """As `predict`, of texts that lack the tokens at the places `gone` (as in `Attribution.tokens`).

        "delete" drops the ids, "mask" puts the mask token there; OptionError where the tokenizer has none.
        """
        rows = reduced_rows(self._encoder.rows(checked(texts)), gone, operator, self.tokenizer)
        return self._predictor.predictions(rows)

    def class_logits(self, texts: Sequence[Text]) -> Tensor:
        """Logits [n, C] of a few texts in one batch; where gradients are enabled, with a graph to the parameters."""
        return self._network.logits(self._network.batch(self._encoder.rows(checked(texts))))

    def copy(self) -> TextClassifier:
        """The same classifier on a copy of the model, which may then be changed."""
        with torch.inference_mode(False):  # else no gradient of its parameters could be taken
            model = copy.deepcopy(self.model)
        return TextClassifier(**self._made_of | {"model": model})

    @contextmanager
    def workers(self, count: int) -> Iterator[Workers]:
        """The same classifier answered by `count` processes (at most one a core) that share one copy of the weights.

        Each takes its share of torch's threads. For the CPU; OptionError elsewhere, ModelError where the model cannot
        be handed on or a process is killed. `with classifier.workers(4) as many: run_audits(many, rows)`.
        """
        with working(self, self._made_of, count) as many:
            yield many

    @property
    def _made_of(self) -> dict[str, Any]:
        """The arguments that make the same classifier."""
        return {
            "model": self.model,
            "tokenizer": self.tokenizer,
            "route": self._network.route,
            "batch_tokens": self._batch_tokens,
            "max_length": self._max_length,
            "long": self._long,
            "id": self._id,
            "revision": self._revision,
        }

    def explain(
        self,
        texts: Sequence[Text],
        method: str | Callable[..., Scores] = "integrated_gradients",
        target: object = "predicted",
        *,
        labels: Sequence[object] | None = None,
        output: str = "logit",
        baseline: str | None = None,
        seed: int = 0,
        options: Mapping[str, Any] | None = None,
        predictions: Predictions | None = None,
        progress: Progress = None,
    ) -> Attributions:
        """Which tokens of each text one output rests on, in the order of the texts.

        `target` is "predicted", a class name or index, one per text, or "label" with `labels`. `predictions` of the
        same texts, where the caller has them, save a forward pass (logits that nobody kept are nan). ModelError where
        the self-test forbids to explain.
        """
        listed = checked(texts)
        question = self._question(method, options, output, baseline, seed)
        targets = chosen_targets(target, labels, len(listed), self.labels)
        if predictions is not None and len(predictions.logits) != len(listed):
            raise OptionError(f"predictions are of {len(predictions.logits)} texts, not of these {len(listed)}.")
        rows = self._encoder.rows(listed)
        found: dict[int, Attribution] = {}

        def finish(at: list[int], group: Group, scores: Scores) -> None:
            found.update(zip(at, attributions(question, group, scores), strict=True))
            if progress is not None:
                progress(len(at))

        with behind(self._network.device) as later:
            for at in self._groups(rows):
                with self.session():
                    own = [rows[i] for i in at]
                    seen = self._predictor.seen(own) if predictions is None else seen_of(predictions, at, self.labels)
                    group = self._group([listed[i] for i in at], own, [targets[i] for i in at], seen, question)
                    scores = scored(self._network, question, group)
                later(partial(finish, at, group, scores))
        return Attributions(found[i] for i in range(len(listed)))

    def explain_all(
        self,
        texts: Sequence[Text],
        method: str | Callable[..., Scores] = "integrated_gradients",
        *,
        output: str = "logit",
        baseline: str | None = None,
        seed: int = 0,
        options: Mapping[str, Any] | None = None,
        progress: Progress = None,
    ) -> list[dict[str, Attribution]]:
        """Every class of each text as the target: for each text its attributions by class name, in index order.

        A method without gradients (occlusion) costs what it costs for one class; gradients are taken class by class,
        and so is everything for a text in windows.
        """
        predictions = self.predict(texts)
        each = every_class(list(texts), predictions, self.labels)
        found = self.explain(
            each.texts,
            method,
            each.targets,
            output=output,
            baseline=baseline,
            seed=seed,
            options=options,
            predictions=each.predictions,
            progress=each.progress(progress),
        )
        return each.gathered(found)

    def explain_baselines(
        self,
        texts: Sequence[Text],
        baselines: Sequence[str] | None = None,
        method: str | Callable[..., Scores] = "integrated_gradients",
        target: object = "predicted",
        *,
        labels: Sequence[object] | None = None,
        output: str = "logit",
        seed: int = 0,
        options: Mapping[str, Any] | None = None,
        progress: Progress = None,
    ) -> list[BaselineComparison]:
        """Each text explained from several baselines, and how far these agree on the order of its tokens.

        `baselines` None is all that the tokenizer has. OptionError for a method that needs no baseline. `progress`
        counts a text when its last baseline is done.
        """
        names, listed = chosen_baselines(baselines, self.tokenizer), checked(texts)
        asked: dict[str, Any] = {"labels": labels, "output": output, "seed": seed, "options": options}
        asked["predictions"] = self.predict(listed)
        found: dict[str, list[Attribution]] = {}
        for name in names:
            watch = progress if name == names[-1] else None
            found[name] = self.explain(listed, method, target, baseline=name, progress=watch, **asked)
            if any(one.baseline != name for one in found[name]):
                raise OptionError(f"{found[name][0].method} asked in this way uses none of the baselines {names}.")
        return compared(found)

    def _question(
        self,
        method: str | Callable[..., Scores],
        options: Mapping[str, Any] | None,
        output: str,
        baseline: str | None,
        seed: int,
    ) -> Question:
        chosen = chosen_method(method, options)
        output = self.head.output(output)
        function = output_function(output, self.head.kind)
        name = chosen_baseline(baseline, self.tokenizer)
        require_explainable(self._network, self.self_test)
        with self.session():
            vector = baseline_vector(self._network, baseline_token(name, self.tokenizer), name)
            if (texts := chosen.options.get("references")) is not None:
                references = reference_vectors(self._network, self._encoder, checked(texts))
                chosen = replace(chosen, options={**chosen.options, "references": references})
                name = "references"
        return Question(chosen, output, function, name, vector, self.labels, seed, self.batch_tokens)

    def _groups(self, rows: Sequence[Row]) -> list[list[int]]:
        """Numbers of rows that are explained together; a row in windows stands alone."""
        embedding = self._network.required_embedding()
        tokens = group_tokens(self.batch_tokens, embedding.width, self._network.device)
        whole = [i for i, row in enumerate(rows) if row.windows is None]
        groups = packed([len(rows[i].ids) for i in whole], tokens, equal=not self.self_test.padding_invariant)
        in_windows = [[i] for i, row in enumerate(rows) if row.windows is not None]
        return [*in_windows, *([whole[i] for i in group] for group in groups)]

    def _group(
        self, texts: list[Text], rows: list[Row], targets: list[int | None], seen: Seen, question: Question
    ) -> Group:
        aims = [own if aim is None else aim for aim, own in zip(targets, seen.classes, strict=True)]
        outputs = question.output_function(torch.from_numpy(seen.logits), torch.tensor(aims)).tolist()
        return Group(texts, rows, self._encoder.layouts(texts), seen.classes, aims, outputs)

    @property
    def _predictor(self) -> Predictor:
        return Predictor(self._network, self.head, self.batch_tokens, not self.self_test.padding_invariant)

    @property
    def batch_tokens(self) -> int:
        """How many tokens go through the model at once, padding included."""
        return self._batch_tokens or self._found_budget

    @cached_property
    def _found_budget(self) -> int:
        """Asked once: the free memory changes during a run, and scores do not depend on it anyway."""
        parameter = next(self.model.parameters())
        return default_budget(parameter.device, kept_bytes(self.model.config, parameter.dtype))

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder(self.tokenizer, self._limit.tokens, self._long)

    @cached_property
    def _limit(self) -> Limit:
        """Needs one look at the model: its position table may be shorter than the config says (RoBERTa starts at 2)."""
        known = token_limit(self.tokenizer, self._network.positions, self._max_length)
        seen = self._network.look(Encoder(self.tokenizer, known.tokens).rows(PROBES[:1])[0])
        positions = [one for one in (self._network.positions, seen.positions) if one is not None and one > 0]
        return token_limit(self.tokenizer, min(positions, default=None), self._max_length, self._long)

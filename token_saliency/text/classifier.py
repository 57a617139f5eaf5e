"""Hugging Face sequence classifiers: predict, explain, and say what was checked."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from token_saliency.core.explicand import Scores
from token_saliency.engines.engine import AnyEngine, Engine, Inline
from token_saliency.errors import OptionError, is_whole, unknown
from token_saliency.results import (
    Attribution,
    Attributions,
    BaselineComparison,
    ModelInfo,
    Predictions,
    PromptInfo,
    SelfTest,
)
from token_saliency.shared.heads import Head
from token_saliency.shared.options import chosen_baselines, chosen_targets
from token_saliency.text.agreement import by_baseline, compared
from token_saliency.text.classes import every_class, in_short, predictions_of, seen_of, usual_method
from token_saliency.text.encoding import Text, checked_limit, require_offsets
from token_saliency.text.endpoint.remote import endpoint_classifier
from token_saliency.text.function.classifier_of import function_classifier
from token_saliency.text.function.pipelines import is_zero_shot, parts_of, zero_shot
from token_saliency.text.function.removal import Removal, reduced_rows
from token_saliency.text.given import Texts, given_texts
from token_saliency.text.group import read_lengths
from token_saliency.text.held import HeldModel, Progress
from token_saliency.text.model.loading import load
from token_saliency.text.model.meter import Meter
from token_saliency.text.model.network import Route
from token_saliency.text.prompt.prompt import Prompt, read_prompt
from token_saliency.text.prompt.readouts import load_for
from token_saliency.text.prompt.regions import region_shares
from token_saliency.text.windows import Long, checked_long
from token_saliency.text.working import AHEAD, Work, answers_to, budget_of, started


class TextClassifier:
    """A sequence classification model with its tokenizer, neither of which is ever changed; or a pipeline of both.

    `labels` are the model's class names in index order, `meter` counts what was spent. A text of more tokens than the
    model (or `max_length`) takes is cut, or with `long="window"` read whole in overlapping windows (text/windows.py).
    """

    default_method = property(usual_method)
    from_endpoint = staticmethod(endpoint_classifier)
    from_function = staticmethod(function_classifier)
    __repr__ = in_short

    def __new__(cls, model: Any = None, *_: Any, **options: Any) -> Any:
        """A zero-shot pipeline is asked as a function: what comes out is a FunctionClassifier."""
        return zero_shot(model, options.get("labels")) if is_zero_shot(model) else super().__new__(cls)

    def __init__(
        self, model: Any, tokenizer: Any = None, *, route: Route = "hook", batch_tokens: int | None = None,
        max_length: int | None = None, long: Long = "truncate", id: str | None = None, revision: str | None = None,
        prompt: Prompt | None = None, offset: Sequence[float] | None = None, labels: Sequence[str] | None = None,
        whole: bool = False,
    ) -> None:  # fmt: skip
        model, tokenizer = parts_of(model, tokenizer, labels)
        if route not in ("hook", "inputs_embeds"):
            raise unknown("route", route, ("hook", "inputs_embeds"))
        if batch_tokens is not None and not is_whole(batch_tokens, 1):
            raise OptionError(f"batch_tokens is a number of tokens, not {batch_tokens!r}.")
        require_offsets(tokenizer)
        self.model: nn.Module = model
        self.tokenizer = tokenizer
        limit, long = checked_limit(max_length, tokenizer), checked_long(long, prompt)
        self._held = HeldModel(model, tokenizer, route, batch_tokens, limit, long, prompt, offset, whole)
        self.head: Head = self._held.head
        self.meter: Meter = self._held.meter
        self._engine: Engine = Inline(self._held)
        self._budget: int | None = None
        self._calibrated_on: list[Text] | None = None
        self._id = id or getattr(model.config, "_name_or_path", "") or type(model).__name__
        self._revision = revision or getattr(model.config, "_commit_hash", None)

    @classmethod
    def from_pretrained(
        cls, name: str, *, device: str = "auto", dtype: str = "float32", revision: str | None = None,
        trust_remote_code: bool = False, max_length: int | None = None, long: Long = "truncate",
        batch_tokens: int | None = None, route: Route = "hook",
    ) -> TextClassifier:  # fmt: skip
        """The classifier in a folder or under a hub id `owner/name[@revision]`; ModelError where there is none."""
        loaded = load(name, device=device, dtype=dtype, revision=revision, trust_remote_code=trust_remote_code)
        how: dict[str, Any] = {"route": route, "batch_tokens": batch_tokens, "max_length": max_length, "long": long}
        return cls(loaded.model, loaded.tokenizer, id=loaded.id, revision=loaded.revision, **how)

    @classmethod
    def from_prompt(
        cls, model: Any, tokenizer: Any = None, prompt: Prompt | Mapping[str, Any] | Path | str = "prompt.toml", *,
        calibrate_on: Sequence[Text] | None = None, device: str = "auto", dtype: str = "float32",
        revision: str | None = None, trust_remote_code: bool = False, **settings: Any,
    ) -> TextClassifier:  # fmt: skip
        """A language model with a prompt as a classifier: class logits are log P(label word | prompt).

        `model` is a language model (or an entailment classifier) with its `tokenizer`, or the folder or hub id of one;
        `prompt` a file or a mapping (docs/prompts.md), `calibrate_on` the rows of `calibrate = "batch"`.
        OptionError for a prompt that is wrong, ModelError for a model of another kind.
        """
        asked = read_prompt(prompt)
        if isinstance(model, str | Path):
            how: dict[str, Any] = {"device": device, "dtype": dtype, "revision": revision}
            loaded = load_for(asked, model, trust_remote_code=trust_remote_code, **how)
            settings = {"id": loaded.id, "revision": loaded.revision} | settings
            model, tokenizer = loaded.model, tokenizer or loaded.tokenizer
        made = cls(model, tokenizer, prompt=asked, **settings)
        return made if calibrate_on is None else made.calibrated(calibrate_on)

    def calibrated(self, texts: Sequence[Text]) -> TextClassifier:
        """The same prompt, each class less its mean over these texts: right where the classes are about equally many.

        (Batch calibration, Zhou et al. 2023.) OptionError where the classifier has no prompt.
        """
        if self._held.made_of["prompt"] is None:
            raise OptionError("Batch calibration is for prompted classifiers (TextClassifier.from_prompt).")
        raw = self._with(offset=[0.0] * len(self.labels)).predict(texts).logits
        found = self._with(offset=raw.mean(0).tolist())
        found._calibrated_on = list(texts)
        return found

    def reprompted(self, prompt: Prompt) -> TextClassifier:
        """The same model with another prompt, calibrated on the same rows where this one is."""
        found, rows = self._with(prompt=prompt, offset=None), self._calibrated_on
        return found if rows is None else found.calibrated(rows)

    def _with(self, **other: Any) -> TextClassifier:
        return TextClassifier(**self._held.made_of | {"id": self._id, "revision": self._revision} | other)

    @property
    def prompt(self) -> Prompt | None:
        """The prompt, of a prompted classifier."""
        return self._held.prompt

    def prompt_info(self, texts: Sequence[Text] = ()) -> PromptInfo | None:
        """The prompt, and how its label words fare on some of these texts; None without a prompt."""
        return self._held.prompt_info(given_texts(texts))

    @property
    def labels(self) -> list[str]:
        """The class names in index order."""
        return list(self.head.classes)

    @property
    def info(self) -> ModelInfo:
        """The model and what its self-test saw."""
        parameter = next(self.model.parameters())
        dtype, kind = str(parameter.dtype).removeprefix("torch."), type(self.model).__name__
        asked = None if self.prompt is None else f"prompt {self.prompt.digest}"
        version = ", ".join(part for part in (self._revision, asked) if part) or None
        return ModelInfo(self._id, version, kind, self.labels, dtype, str(self._held.network.device), self.self_test)

    @property
    def self_test(self) -> SelfTest:
        """What was checked about the model; runs once, before the first number."""
        return self._held.self_test

    @property
    def batch_tokens(self) -> int:
        """How many tokens go through the model at once, padding included; of several processes, what keeps all busy."""
        return self._held.batch_tokens if self._budget is None else self._budget * self._engine.count * AHEAD

    @contextmanager
    def session(self) -> Iterator[None]:
        """Holds evaluation mode and the random generators for a whole run; afterwards everything is as before."""
        with self._held.network.session():
            yield

    def count_tokens(self, texts: Texts) -> list[int]:
        """How many ids the model sees of each text, special tokens included, after truncation or in all windows."""
        return self._held.encoder.counts(given_texts(texts))

    def read_lengths(self, texts: Texts) -> list[tuple[int, int]]:
        """How many characters of each text and of its pair (0: none) the model reads."""
        return read_lengths(given_texts(texts), self._held.encoder)

    def predict(self, texts: Texts, *, progress: Progress = None) -> Predictions:
        """Logits, probabilities and class names in the order of the texts; equal texts are computed once.

        `labels` of a multi-label head are the likeliest ones; a regression head has one output: its number stands under
        `logits` and `probabilities` alike.
        """
        listed = given_texts(texts)
        times, first = Counter(listed), {text: i for i, text in [*enumerate(listed)][::-1]}
        logits = np.empty((len(listed), len(self.labels)))
        work = Work([first[one] for one in times], [*times], [*times.values()], progress=progress)
        for i, row in self._answers(work):
            logits[i] = row
        return predictions_of(self.head, logits[[first[text] for text in listed]])

    def predict_without(self, texts: Texts, gone: Sequence[Sequence[int]], operator: Removal = "delete") -> Predictions:
        """As `predict`, of texts that lack the tokens at the places `gone` (as in `Attribution.tokens`).

        "delete" drops the ids, "mask" puts the mask token there; OptionError where the tokenizer has none.
        """
        rows = reduced_rows(self._held.encoder.rows(given_texts(texts)), gone, operator, self.tokenizer)
        return predictions_of(self.head, self._held.logits_of_rows(rows))

    def class_logits(self, texts: Texts) -> Tensor:
        """Logits [n, C] of a few texts in one batch; where gradients are enabled, with a graph to the parameters."""
        return self._held.network.logits(self._held.network.batch(self._held.encoder.rows(given_texts(texts))))

    def copy(self, *, weights: bool = True) -> TextClassifier:
        """The same classifier on a copy of the model, which may then be changed; without `weights` these are shared."""
        with torch.inference_mode(False):  # else no gradient of its parameters could be taken
            model = copy.deepcopy(self.model, {id(one): one for one in self.model.parameters() if not weights})
        return self._with(model=model)

    @contextmanager
    def workers(self, count: int | None, engine: AnyEngine = "processes") -> Iterator[TextClassifier]:
        """The same classifier answered by `count` processes (at most one a core) that share one copy of the weights.

        Each takes its share of torch's threads; on CUDA each has a GPU of its own. `engine` "ray" (`RayCluster(...)`):
        they are its actors. `count` None is all there is room for. OptionError on other devices, ModelError where the
        model cannot be handed on or a process is killed.
        `with classifier.workers(4) as many: run_audits(many, rows)`.
        """
        with started(self._held.made_of, self._held.network.device, count, engine) as running:
            many = copy.copy(self)
            many._engine, many._budget = running, next(running.map(budget_of, [None]))[1]
            yield many

    def explain(
        self, texts: Texts, method: str | Callable[..., Scores] = "integrated_gradients",
        target: object = "predicted", *, labels: Sequence[object] | None = None, output: str = "logit",
        baseline: str | None = None, seed: int = 0, options: Mapping[str, Any] | None = None,
        predictions: Predictions | None = None, progress: Progress = None,
    ) -> Attributions:  # fmt: skip
        """Which tokens of each text one output rests on, in the order of the texts.

        `target` is "predicted", a class name or index, one per text, or "label" with `labels`. `predictions` of the
        same texts, where the caller has them, save a forward pass (logits that nobody kept are nan). ModelError where
        the self-test forbids to explain.
        """
        listed = given_texts(texts)
        question = self._held.question(method, options, output, baseline, seed)
        targets = chosen_targets(target, labels, len(listed), self.labels)
        seen = None if predictions is None else seen_of(predictions, len(listed), self.labels)
        at, once = list(range(len(listed))), [1] * len(listed)
        found: dict[int, Attribution] = dict(self._answers(Work(at, listed, once, question, targets, seen, progress)))
        return Attributions(found[i] for i in at)

    def explain_prompt(
        self, texts: Sequence[Text], *how: Any, **asked: Any
    ) -> list[tuple[Attribution, dict[str, float]]]:
        """As `explain`, of the whole prompt around each text: no token is held, and each region has its share.

        Shares are of all |scores|. OptionError where the classifier has no prompt.
        """
        written = self._held.written(given_texts(texts))
        found = self._with(whole=True).explain([one.string for one in written], *how, **asked)
        return [(one, region_shares(one, parts.regions)) for one, parts in zip(found, written, strict=True)]

    def _answers(self, work: Work) -> Iterator[tuple[int, Any]]:
        return answers_to(self._engine, self._held, work, self._budget or 0)

    def explain_all(
        self, texts: Texts, method: str | Callable[..., Scores] = "integrated_gradients", *,
        output: str = "logit", baseline: str | None = None, seed: int = 0, options: Mapping[str, Any] | None = None,
        progress: Progress = None,
    ) -> list[dict[str, Attribution]]:  # fmt: skip
        """Every class of each text as the target: for each text its attributions by class name, in index order.

        A method without gradients (occlusion) costs what it costs for one class; gradients are taken class by class,
        and so is everything for a text in windows.
        """
        each = every_class(listed := given_texts(texts), self.predict(listed), self.labels)
        given: dict[str, Any] = {"output": output, "baseline": baseline, "seed": seed, "options": options}
        counted = each.progress(progress)
        found = self.explain(each.texts, method, each.targets, predictions=each.predictions, progress=counted, **given)
        return each.gathered(found)

    def explain_baselines(
        self, texts: Texts, baselines: Sequence[str] | None = None,
        method: str | Callable[..., Scores] = "integrated_gradients", target: object = "predicted", *,
        labels: Sequence[object] | None = None, output: str = "logit", seed: int = 0,
        options: Mapping[str, Any] | None = None, progress: Progress = None,
    ) -> list[BaselineComparison]:  # fmt: skip
        """Each text explained from several baselines, and how far these agree on the order of its tokens.

        `baselines` None is all that the tokenizer has. OptionError for a method that needs no baseline. `progress`
        counts a text when its last baseline is done.
        """
        names, listed = chosen_baselines(baselines, self.tokenizer), given_texts(texts)
        asked: dict[str, Any] = {"labels": labels, "output": output, "seed": seed, "options": options}
        asked["predictions"] = self.predict(listed)
        return compared(by_baseline(partial(self.explain, listed, method, target, **asked), names, progress))

"""A prompt and a server as a classifier: the face of a `FunctionClassifier`, with a prompt that audits can vary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from token_saliency.engines.engine import AnyEngine
from token_saliency.errors import ModelError, OptionError
from token_saliency.results import Attributions, EndpointUse, LabelCheck, ModelInfo, Predictions, PromptInfo, SelfTest
from token_saliency.store.blocks import Block, Key
from token_saliency.text.encoding import Text
from token_saliency.text.endpoint.label_shares import Floats, Shares
from token_saliency.text.endpoint.paying import Counter, Till, class_shares
from token_saliency.text.endpoint.wire import TIMEOUT, wire_to
from token_saliency.text.function.answers import FunctionAnswers
from token_saliency.text.function.classifier_of import FunctionClassifier
from token_saliency.text.given import Texts, given_texts
from token_saliency.text.model.self_test import PROBES
from token_saliency.text.prompt.prompt import Prompt, read_prompt
from token_saliency.text.prompt.rendering import remote_prompt

CONCURRENCY = 8


class EndpointClassifier(FunctionClassifier):
    """What `TextClassifier.from_endpoint` returns. Tokens are the words of the row, attribution is occlusion.

    An answer that names no class has no numbers (nan), and its text has no class.
    """

    remote = True

    def __init__(self, counter: Counter, price: float | None, calibrate_on: Sequence[Text] | None = None) -> None:
        prompt = counter.prompt
        pairs = "{text_pair}" in prompt.template
        super().__init__(FunctionAnswers(self._asked, list(prompt.labels), pairs), name=counter.wire.url)
        self.prompt = prompt
        self._counter, self._price, self._rows = counter, price, calibrate_on
        self._seen: dict[Text, Shares] = {}

    @property
    def info(self) -> ModelInfo:
        """The server, the name of its model, and the prompt."""
        wire, version = self._counter.wire, f"prompt {self.prompt.digest}"
        return ModelInfo(
            f"{wire.url}#{wire.model}", version, "endpoint", self.labels, "float64", "remote", self.self_test
        )

    @cached_property
    def self_test(self) -> SelfTest:
        """Whether two equal requests are answered alike: the one thing that can be asked of a server."""
        one, again = (class_shares(self._counter.shares(self._probe, again=number)) for number in (0, 1))
        apart = float(np.nanmax(np.abs(_even(one) - _even(again)), initial=0.0))
        notes = ["An endpoint: it has no embedding and no gradient, its tokens are the words of the row."]
        if self._counter.samples is not None:
            notes.append(
                f"Probabilities are shares of {self._counter.samples} sampled answers a text; each is sampled anew, "
                "so this noise widens the intervals, and decisions near the border flip by it alone."
            )
        elif apart > 1e-6:
            notes.append(f"Two equal requests differ by {apart:.2g}: no number of this endpoint can be repeated.")
        if self.prompt.chat and self.prompt.answer:
            notes.append(
                "`answer` is sent as the last message; a server that does not go on with it reads another prompt."
            )
        same = apart <= 1e-6 or self._counter.samples is not None
        return SelfTest(
            embedding="none", route="endpoint", eval_mode=True, hook_identity=False, embedding_hits=0,
            padding_invariant=True, deterministic=same, fast_tokenizer=True, max_difference=apart, notes=notes,
        )  # fmt: skip

    @property
    def _probe(self) -> list[Text]:
        return [(PROBES[0], PROBES[0]) if self._given.pairs else PROBES[0]]

    def keeps(self, known: Mapping[Key, Floats], on_block: Callable[[Block], None]) -> None:
        """Answers of an earlier run are not paid again, every new one goes to `on_block`."""
        self._counter.till.known |= known
        self._counter.till.on_block = on_block

    def unpaid(self, texts: Sequence[Text], prompt: Prompt | None = None) -> dict[Key, int]:
        """What would be sent for these texts: about how many tokens each prompt has, each once."""
        return (self if prompt is None else self.reprompted(prompt))._counter.unpaid(texts)

    def tokens_of(self, text: Text) -> int:
        """About how many tokens the prompt around a row has."""
        return self._counter.tokens(text)

    def own_costs(self) -> int:
        """Requests of the self-test."""
        return 2

    def priced(self, tokens: int) -> float | None:
        """Dollars for so many tokens of prompts; None where nobody said what a million cost."""
        return None if self._price is None else tokens * self._price / 1e6

    def predict(self, texts: Texts, *, progress: Callable[[int], None] | None = None) -> Predictions:
        """Probabilities and class names in the order of the texts; equal texts are asked once."""
        listed = self._checked(texts)
        found = self._probabilities(listed, range(len(listed)), progress)
        logits = np.where(np.isfinite(found), self.head.logits(found), np.nan)
        return Predictions(logits, found, self.head.names(logits))

    def explain(self, texts: Texts, *how: Any, predictions: Predictions | None = None, **asked: Any) -> Attributions:
        """As of a function; ModelError where an answer names no class."""
        listed = given_texts(texts)
        seen = predictions or self.predict(listed)
        if None in seen.labels:
            raise ModelError(
                f"Text {seen.labels.index(None)} (0 is the first) has no class: none of the label words is among the "
                "tokens that the endpoint finds likeliest. Choose words that it answers with."
            )
        return super().explain(listed, *how, predictions=seen, **asked)

    def explain_prompt(self, *_: Any, **__: Any) -> NoReturn:
        """OptionError: words are taken out of the row."""
        raise OptionError("--over prompt needs the model itself (a folder or hub id), not an endpoint.")

    explain_baselines = explain_prompt

    def calibrated(self, texts: Sequence[Text]) -> EndpointClassifier:
        """Each class less its mean over these texts, which are asked when the first answer is needed."""
        if self._counter.samples is not None:
            raise OptionError("calibrate = 'batch' needs log-probabilities, not sampled answers.")
        return EndpointClassifier(self._counter, self._price, list(texts))

    def reprompted(self, prompt: Prompt) -> EndpointClassifier:
        """The same server with another prompt, calibrated on the same rows where this one is."""
        return EndpointClassifier(
            replace(self._counter, prompt=prompt, rendered=remote_prompt(prompt)), self._price, self._rows
        )

    @contextmanager
    def workers(self, count: int | None, engine: AnyEngine = "processes") -> Iterator[EndpointClassifier]:
        """The same, asked with so many requests at a time; OptionError for an engine: they all leave from here."""
        if engine != "processes":
            raise OptionError("An endpoint is asked from this process: leave out the engine, say how many workers.")
        counter = self._counter if count is None else replace(self._counter, concurrency=count)
        yield EndpointClassifier(counter, self._price, self._rows)

    def prompt_info(self, texts: Sequence[Text] = ()) -> PromptInfo:
        """The prompt, how its label words fare on those of these texts that were asked, and what was sent."""
        seen = [self._seen[text] for text in given_texts(texts) if text in self._seen]
        low, middle, high = (
            np.quantile([one.low.sum() for one in seen], (0.05, 0.5, 0.95)).tolist() if seen else (0, 0, 0)
        )
        none = float(np.mean([not one.first for one in seen])) if seen else 0.0
        check = LabelCheck(len(seen), (low, middle, high), none, 0, None) if seen else None
        offset = None if self._rows is None else self._offset.tolist()
        return PromptInfo(
            self.prompt.digest, self.prompt.model_dump(), self._counter.rendered.shown, offset, check, self._use
        )

    @property
    def _use(self) -> EndpointUse:
        whole, wire = 2 * len(self.labels) + 2, self._counter.wire
        own = [Shares.unpacked(one) for one in self._counter.till.known.values() if len(one) == whole]
        bounded = [one.unsure for one in own if one.known and one.unsure > 0]
        sent, told = self._counter.till.tokens
        return EndpointUse(
            wire.url, wire.model, len(own), wire.requests, wire.retries, sent, told, len(bounded),
            max(bounded, default=0.0), sum(not one.known for one in own), self._counter.samples,
        )  # fmt: skip

    @cached_property
    def _answers(self) -> FunctionAnswers:
        return self._given

    def _asked(self, texts: Sequence[Text]) -> Floats:
        return self._classes(texts, None)

    def _probabilities(
        self, texts: Sequence[Text], numbers: Sequence[int], progress: Callable[[int], None] | None = None
    ) -> Floats:
        del numbers  # an error is not about one of them
        distinct = set(texts)
        self.meter.forward += len(distinct)
        self.meter.counted += sum(map(self._counter.tokens, distinct))
        return self._classes(texts, progress)

    def _classes(self, texts: Sequence[Text], progress: Callable[[int], None] | None) -> Floats:
        if not texts:
            return np.empty((0, len(self.labels)))
        if self.prompt.calibrate == "batch" and self._rows is None:
            raise OptionError("calibrate = 'batch' takes the mean of each class over some rows: give calibrate_on.")
        found = self._counter.shares(texts, progress=progress)
        self._seen |= zip(texts, found, strict=True)
        shares = class_shares(found)
        return _even(shares if self._rows is None else shares * np.exp(-self._offset))

    @cached_property
    def _offset(self) -> Floats:
        """[C]: the mean log-probability of each class over the rows of the calibration."""
        own: Floats = np.nanmean(np.log(class_shares(self._counter.shares(self._rows or []))), axis=0)
        return own

    def _remembered(self, known: dict[Text, Floats], asked: list[Text], numbers: Sequence[int]) -> Floats:
        """A variant whose answer names no class says nothing: equal shares."""
        found = super()._remembered(known, asked, numbers)
        return np.where(np.isnan(found), 1 / len(self.labels), found)


def endpoint_classifier(
    url: str, model: str | None = None, prompt: Prompt | Mapping[str, Any] | Path | str = "prompt.toml", *,
    samples: int | None = None, concurrency: int = CONCURRENCY, timeout: float = TIMEOUT, price: float | None = None,
    calibrate_on: Sequence[Text] | None = None, extra: Mapping[str, Any] | None = None,
) -> EndpointClassifier:  # fmt: skip
    """A prompt put to an OpenAI-compatible server: chats with `chat = true`, else completions, with log-probabilities.

    `model` is the server's name for it (None: its only one), `samples` asks for so many sampled answers instead of
    log-probabilities, `concurrency` requests are on their way at once, each for `timeout` seconds. `price` is dollars a
    million tokens of prompt, for the plan. `extra` goes into every request. The key is OPENAI_API_KEY of the
    environment. Nothing is sent before the first number is asked for, but the question which models there are.
    """
    asked = read_prompt(prompt)
    if asked.kind != "causal" or asked.score != "sum":
        raise OptionError("An endpoint takes prompts of kind causal with the score sum.")
    if (samples is not None and samples < 2) or concurrency < 1 or timeout <= 0:
        raise OptionError("samples is 2 or more, concurrency 1 or more, and timeout a number of seconds.")
    wire = wire_to(url, model, chat=asked.chat, timeout=timeout, extra=extra or {})
    made = EndpointClassifier(Counter(wire, Till(), asked, remote_prompt(asked), samples, concurrency), price)
    return made if calibrate_on is None else made.calibrated(calibrate_on)


def _even(shares: Floats) -> Floats:
    found: Floats = shares / shares.sum(1, keepdims=True)
    return found

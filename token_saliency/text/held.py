"""The model as one process holds it: rows through the network, texts to logits, a question to attributions.

What a caller gives as texts and targets is checked elsewhere (text/classifier.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from token_saliency.core.explicand import Scores
from token_saliency.core.targets import output_function
from token_saliency.errors import OptionError, option
from token_saliency.results import Attribution, LabelCheck, PromptInfo, SelfTest
from token_saliency.shared.heads import Head, answered, head_of
from token_saliency.shared.options import baseline_token, chosen_baseline, chosen_method
from token_saliency.shared.state import Once
from token_saliency.text.batching import behind, default_budget, kept_bytes, run_packed
from token_saliency.text.classes import SeenTexts, aimed
from token_saliency.text.encoding import Encoder, Limit, Row, RowMaker, Text, checked, token_limit
from token_saliency.text.explaining import (
    baseline_vector,
    group_tokens,
    grouped,
    reference_vectors,
    require_predicted,
    scored,
)
from token_saliency.text.group import Group, Question, attributions, unanswered
from token_saliency.text.model.meter import Meter
from token_saliency.text.model.network import Network, Route
from token_saliency.text.model.positions import positions_of
from token_saliency.text.model.self_test import PROBES, require_explainable, self_test
from token_saliency.text.prompt.causal import CausalReadout
from token_saliency.text.prompt.label_check import label_check
from token_saliency.text.prompt.other_kinds import Seq2SeqReadout
from token_saliency.text.prompt.prompt import Prompt
from token_saliency.text.prompt.readouts import prompted
from token_saliency.text.prompt.regions import WrittenPrompt, written_of
from token_saliency.text.windows import Long, window_means

Progress = Callable[[int], None] | None
"""Called with the number of texts newly finished."""


class HeldModel:
    """A model with its tokenizer, neither of which is changed; `made_of` are the arguments that make it again."""

    def __init__(
        self,
        model: nn.Module,
        tokenizer: Any,
        route: Route,
        batch_tokens: int | None,
        max_length: int | None,
        long: Long,
        prompt: Prompt | None = None,
        offset: Sequence[float] | None = None,
        whole: bool = False,
    ) -> None:
        self.made_of: dict[str, Any] = {
            "model": model,
            "tokenizer": tokenizer,
            "route": route,
            "batch_tokens": batch_tokens,
            "max_length": max_length,
            "long": long,
            "prompt": prompt,
            "offset": offset,
            "whole": whole,
        }
        self.model, self.tokenizer, self.prompt = model, tokenizer, prompt
        self.meter = Meter()
        self.prompted = None if prompt is None else prompted(prompt, model, tokenizer, offset, whole=whole)
        self.head: Head = head_of(model) if self.prompted is None else self.prompted.head
        readout = None if self.prompted is None else self.prompted.readout
        self.network = Network(model, tokenizer, route, self.meter, readout)
        self.network.require_outputs = self.head.require_outputs
        self._batch_tokens, self._max_length, self._long = batch_tokens, max_length, long

    def logits(self, texts: Sequence[Text], times: Sequence[int], progress: Progress) -> NDArray[np.float64]:
        """Logits [n, C] in the order of the texts; `times` is how many of the caller's texts each stands for."""
        return self.logits_of_rows(self.encoder.rows(texts), times, progress)

    def logits_of_rows(
        self, rows: Sequence[Row], times: Sequence[int] = (), progress: Progress = None
    ) -> NDArray[np.float64]:
        """Packed by length; of a text in windows the mean."""
        parts = [(part, i) for i, row in enumerate(rows) for part in row.parts]
        last = {i: at for at, (_, i) in enumerate(parts)}
        logits = np.empty((len(parts), len(self.head.classes)))

        def run(at: list[int]) -> None:
            with self.network.session():  # and no longer: what watches the progress may call the model too
                logits[at] = self._batched([parts[i][0] for i in at])
            if progress is not None:
                progress(sum(times[parts[i][1]] for i in at if last[parts[i][1]] == i))

        run_packed([len(part.ids) for part, _ in parts], self.batch_tokens, run, equal=self._equal)
        return window_means(logits, [i for _, i in parts])

    def _batched(self, rows: list[Row]) -> NDArray[np.float64]:
        """Logits [n, C] of one batch. A row without numbers may have spoilt the others: each such is asked alone."""
        logits: NDArray[np.float64] = self.network.logits(self.network.batch(rows)).double().cpu().numpy()
        if len(rows) > 1:
            for i in np.flatnonzero(~answered(logits)):
                logits[i] = self._batched([rows[i]])[0]
        return logits

    def question(
        self,
        method: str | Callable[..., Scores],
        options: Mapping[str, Any] | None,
        output: str,
        baseline: str | None,
        seed: int,
    ) -> Question:
        """What is asked of every text, checked; ModelError where this model cannot be explained."""
        chosen = chosen_method(method, options)
        output = self.head.output(output)
        function = output_function(output, self.head.kind)
        test = self.self_test
        if baseline is None and self.network.by_ids and self.network.mask is None:
            baseline = "pad"  # the mean is the vector of no token
        name = self._with_vector(chosen_baseline(baseline, self.tokenizer), baseline)
        require_explainable(self.network, test, chosen.name, name)
        with self.network.session():
            vector = baseline_vector(self.network, baseline_token(name, self.tokenizer), name)
            if (texts := chosen.options.get("references")) is not None:
                references = reference_vectors(self.network, self.encoder, checked(texts))
                chosen = replace(chosen, options={**chosen.options, "references": references})
                name = "references"
        return Question(chosen, output, function, name, vector, list(self.head.classes), seed, self.batch_tokens)

    def _with_vector(self, name: str, wanted: str | None) -> str:
        """The baseline, if the model has a vector for it; a token added to the tokenizer alone has none."""
        token, size = baseline_token(name, self.tokenizer), self.network.required_embedding().size
        if token is None or token < size:
            return name
        if wanted is None:
            return "mean"
        raise OptionError(
            f"The {name} token is {token}, and the model has vectors for {size} ids: choose mean or zero."
        )

    def explained(
        self,
        question: Question,
        texts: Sequence[Text],
        targets: Sequence[int | None],
        seen: SeenTexts | None,
        progress: Progress,
    ) -> list[Attribution]:
        """Which tokens the output rests on, in the order of the texts; a target None is the predicted class.

        `seen` are the predictions of the texts, where they are known. A text that the model does not answer is
        explained with nobody.
        """
        rows = self.encoder.rows(texts)
        question = replace(question, budget=self.batch_tokens)
        found: dict[int, Attribution] = {}

        def finish(at: list[int], group: Group, scores: Scores) -> None:
            found.update(zip(at, attributions(question, group, scores), strict=True))
            if progress is not None:
                progress(len(at))

        with behind(self.network.device) as later:
            for near in self._groups(rows):
                known = self._seen([rows[i] for i in near]) if seen is None else seen.of(near)
                sound = [place for place, index in enumerate(known.classes) if index is not None]
                if sound:
                    at = [near[place] for place in sound]
                    some = [texts[i] for i in at], [rows[i] for i in at], [targets[i] for i in at]
                    with self.network.session():
                        group = self._group(*some, known.of(sound), question)
                        scores = scored(self.network, question, group)
                    require_predicted(self.network, at, group, scores)
                    later(partial(finish, at, group, scores))
                for i in (i for i, index in zip(near, known.classes, strict=True) if index is None):
                    (layout,) = self.encoder.layouts([texts[i]])
                    found[i] = unanswered(question, texts[i], rows[i], layout, targets[i])
                    if progress is not None:
                        progress(1)
        return [found[i] for i in range(len(texts))]

    @Once
    def self_test(self) -> SelfTest:
        """What was checked about the model; runs once, before the first number."""
        cutting = self._cutting(self._limit.tokens)
        notes = [] if self.prompted is None else self.prompted.made_ready(self.network, cutting)
        return self_test(self.network, cutting, self._probes, [self._limit.why, *self.head.notes, *notes])

    @Once
    def encoder(self) -> RowMaker:
        """The tokenizer with the length at which texts are cut or read in windows."""
        return Encoder(self.tokenizer, self._limit.tokens, self._long) if self.prompted is None else self._prompting

    @property
    def _prompting(self) -> RowMaker:
        """Of a prompt: ready only when the model was looked at."""
        _ = self.self_test
        return self._cutting(self._limit.tokens)

    def _cutting(self, limit: int | None) -> RowMaker:
        if self.prompted is None:
            return Encoder(self.tokenizer, limit)
        return replace(self.prompted.encoder, max_length=limit)

    def written(self, texts: Sequence[Text]) -> list[WrittenPrompt]:
        """The whole prompt around each text; OptionError without a prompt, or where one part is no single string."""
        if (own := self.prompted) is None or own.encoder.prompt.kind == "nli":
            raise OptionError(
                f"Only a causal or seq2seq prompt can be explained over the prompt: give one ({option('prompt')})."
            )
        return [written_of(own.written, text, own.encoder.prompt, self.tokenizer) for text in texts]

    def prompt_info(self, texts: Sequence[Text]) -> PromptInfo | None:
        """The prompt, and how its label words fare on some texts; None without a prompt."""
        if self.prompted is None:
            return None
        prompt, written = self.prompted.encoder.prompt, self.prompted.shown
        found = self._label_check(texts) if texts else None
        return PromptInfo(prompt.digest, prompt.model_dump(), written, self.made_of["offset"], found)

    def _label_check(self, texts: Sequence[Text]) -> LabelCheck | None:
        """None where nothing is written."""
        if self.prompted is None or not isinstance(reader := self.prompted.readout, CausalReadout | Seq2SeqReadout):
            return None
        rows, seen = self.encoder.rows(texts), self.logits(texts, [1] * len(texts), None)
        with self.network.session():
            return label_check(self.network, reader, rows, self.head.predicted(seen), self.tokenizer)

    @property
    def _probes(self) -> Sequence[Text]:
        return PROBES if self.prompted is None else self.prompted.probes(PROBES)

    @property
    def batch_tokens(self) -> int:
        """How many tokens go through the model at once, padding included."""
        return self._batch_tokens or self._found_budget

    @Once
    def _found_budget(self) -> int:
        """Found once: the free memory changes during a run, and scores do not depend on it anyway."""
        parameter = next(self.network.model.parameters())
        return default_budget(self.network.device, kept_bytes(self.network.model.config, parameter.dtype))

    @Once
    def _limit(self) -> Limit:
        """Needs a look at the model: only a table of positions ends, and where is not what the config says (RoBERTa's
        starts at 2); what the config says of a model without one is a habit.
        """
        said = self.network.positions
        known = token_limit(self.tokenizer, said, self._max_length)
        rows = self._cutting(known.tokens).rows(self._probes)
        table = positions_of(self.network, rows, said, self._max_length)
        return token_limit(self.tokenizer, table, self._max_length, self._long, said)

    @property
    def _equal(self) -> bool:
        """Whether only rows of one length may share a batch."""
        return not self.self_test.padding_invariant

    def _seen(self, rows: Sequence[Row]) -> SeenTexts:
        logits = self.logits_of_rows(rows)
        return SeenTexts(logits, self.head.predicted(logits))

    def _groups(self, rows: Sequence[Row]) -> list[list[int]]:
        tokens = group_tokens(self.batch_tokens, self.network.required_embedding().width, self.network.device)
        return grouped(rows, tokens, equal=self._equal)

    def _group(
        self, texts: list[Text], rows: list[Row], targets: list[int | None], seen: SeenTexts, question: Question
    ) -> Group:
        aims = aimed(targets, seen.classes)
        outputs = question.output_function(torch.from_numpy(seen.logits), torch.tensor(aims)).tolist()
        return Group(texts, rows, self.encoder.layouts(texts), seen.classes, aims, outputs)

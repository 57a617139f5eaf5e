"""A classifier of several processes: the same answers as one, from as many cores as there are.

The model is written to a file once and mapped into every process, so that all of them share one copy of the weights;
nothing is left in shared memory, and the file goes as soon as the last of them has opened it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from token_saliency.core.explicand import Scores
from token_saliency.engines.processes import Processes, Reply
from token_saliency.errors import ModelError, OptionError
from token_saliency.results import Attribution, ModelInfo, Predictions
from token_saliency.shared.heads import Head
from token_saliency.shared.options import chosen_targets
from token_saliency.text.batching import by_length
from token_saliency.text.encoding import Text, checked
from token_saliency.text.model.network import Meter

Progress = Callable[[int], None] | None

_AHEAD = 2
"""Callers who cut their work into blocks by `batch_tokens` give each process so many batches: all wait for the last."""
_MOST = 8
"""The largest part, in batches: how often progress is heard of."""
_LEAST = 0.25
"""The smallest part, in batches: the last ones are so small that nobody waits long."""


class Own(Protocol):
    """What stays in this process: names, counters, the tokenizer."""

    meter: Meter
    head: Head
    tokenizer: Any

    @property
    def labels(self) -> list[str]: ...
    @property
    def info(self) -> ModelInfo: ...
    @property
    def default_method(self) -> str: ...
    def count_tokens(self, texts: Sequence[Text]) -> list[int]: ...


class Workers:
    """What `TextClassifier.workers` gives: predictions and attributions as the classifier has them.

    `count` processes work; `meter` is the classifier's own and counts what all of them spend.
    """

    def __init__(self, own: Own, processes: Processes, batch_tokens: int) -> None:
        self.meter, self.head, self.tokenizer = own.meter, own.head, own.tokenizer
        self.default_method = own.default_method
        self.pids = processes.pids
        self.count = len(self.pids)
        self._own = own
        self._processes = processes
        self._budget = batch_tokens

    @property
    def labels(self) -> list[str]:
        """The class names in index order."""
        return self._own.labels

    @property
    def info(self) -> ModelInfo:
        """The model and what its self-test saw."""
        return self._own.info

    @property
    def batch_tokens(self) -> int:
        """How many tokens keep all of them busy."""
        return self._budget * self.count * _AHEAD

    def count_tokens(self, texts: Sequence[Text]) -> list[int]:
        """How many ids the model sees of each text (`TextClassifier.count_tokens`)."""
        return self._own.count_tokens(texts)

    def predict(self, texts: Sequence[Text], *, progress: Progress = None) -> Predictions:
        """Logits, probabilities and class names in the order of the texts (`TextClassifier.predict`)."""
        listed = checked(texts)
        places: dict[Text, list[int]] = {}
        for i, text in enumerate(listed):
            places.setdefault(text, []).append(i)
        distinct = list(places)
        parts = self._parts(distinct)
        logits = np.empty((len(listed), len(self.labels)))

        def place(part: list[int], found: Predictions) -> None:
            for i, row in zip(part, found.logits, strict=True):
                logits[places[distinct[i]]] = row
            _count(progress, sum(len(places[distinct[i]]) for i in part))

        self._ask("predict", parts, lambda part: {"texts": [distinct[i] for i in part]}, place)
        return Predictions(
            logits, self.head.probabilities(logits), [self.labels[i] for i in self.head.predicted(logits)]
        )

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
    ) -> list[Attribution]:
        """Which tokens of each text one output rests on, in the order of the texts (`TextClassifier.explain`)."""
        listed = checked(texts)
        aims = chosen_targets(target, labels, len(listed), self.labels)
        if predictions is not None and len(predictions.logits) != len(listed):
            raise OptionError(f"predictions are of {len(predictions.logits)} texts, not of these {len(listed)}.")
        shared = {"method": method, "output": output, "baseline": baseline, "seed": seed, "options": options}
        found: dict[int, Attribution] = {}

        def asked(part: list[int]) -> dict[str, Any]:
            own = {"texts": [listed[i] for i in part], "predictions": predictions and _some(predictions, part)}
            return shared | own | {"target": ["predicted" if aims[i] is None else aims[i] for i in part]}

        def place(part: list[int], answers: list[Attribution]) -> None:
            found.update(zip(part, answers, strict=True))
            _count(progress, len(part))

        self._ask("explain", self._parts(listed), asked, place)
        return [found[i] for i in range(len(listed))]

    def _parts(self, texts: Sequence[Text]) -> list[list[int]]:
        sizes = [_size(text) for text in texts]
        return shares(sizes, self.count, round(_LEAST * self._budget), _MOST * self._budget)

    def _ask(
        self,
        name: str,
        parts: list[list[int]],
        asked: Callable[[list[int]], Mapping[str, Any]],
        place: Callable[[list[int], Any], None],
    ) -> None:
        """Every part is asked of whoever is free; an error of a worker is raised here."""

        def on_reply(number: int, reply: Reply) -> None:
            self._count_spent(*reply.spent)
            if reply.error is not None:
                raise reply.error
            place(parts[number], reply.answer)

        self._processes.run([(name, asked(part)) for part in parts], on_reply)

    def _count_spent(self, forward: int, backward: int, tokens: int) -> None:
        self.meter.forward += forward
        self.meter.backward += backward
        self.meter.counted += tokens


@contextmanager
def working(own: Own, made_of: Mapping[str, Any], count: int) -> Iterator[Workers]:
    """Starts the processes, each with the classifier `made_of` these arguments; none is left afterwards."""
    _check(count, own.info.device)
    count = min(count, cores())
    threads = max(1, torch.get_num_threads() // count)
    with tempfile.TemporaryDirectory(prefix="token-saliency-") as folder:
        file = _written(made_of, Path(folder) / "classifier.pt")
        processes = Processes(count, threads, (str(file), threads, torch.get_float32_matmul_precision()))
        try:
            budget = min(processes.begun())
        except BaseException:
            processes.close()
            raise
    try:
        yield Workers(own, processes, budget)
    finally:
        processes.close()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shares(sizes: Sequence[int], workers: int, least: int, most: int) -> list[list[int]]:
    """Indices, the largest first, in parts that shrink: each is half of a fair share of what is left.

    So nobody waits long for the last part (guided self-scheduling, Polychronopoulos and Kuck 1987). `least` and `most`
    bound the size of a part. Without any sizes one empty part.
    """
    parts: list[list[int]] = [[]]
    left = sum(sizes)
    filled, bound = 0, 0.0
    for i in by_length(sizes):
        if not parts[-1]:
            bound = min(most, max(least, left / (2 * workers)))
        parts[-1].append(i)
        filled += sizes[i]
        if filled >= bound:
            left, filled = left - filled, 0
            parts.append([])
    return parts if len(parts) == 1 or parts[-1] else parts[:-1]


def _check(count: int, device: str) -> None:
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise OptionError(f"workers is a number of processes from 1 on, not {count!r}.")
    if device != "cpu":
        raise OptionError(f"Workers are for the cores of a CPU, and the model is on {device}: use device='cpu' or 1.")


def _written(made_of: Mapping[str, Any], file: Path) -> Path:
    try:
        torch.save(dict(made_of), file)
    except OSError as error:
        raise ModelError(f"The model cannot be written to {file.parent} ({error.strerror}): set TMPDIR.") from error
    except Exception as error:  # what a model holds is its own: hooks, locks, parametrizations
        said = (str(error).strip().splitlines() or [""])[0]
        raise ModelError(
            f"The model cannot be handed to worker processes ({type(error).__name__}: {said}); use no workers."
        ) from error
    return file


def _size(text: Text) -> int:
    """About how many tokens: only parts are cut by it."""
    return 2 + sum(len(part) for part in ((text,) if isinstance(text, str) else text)) // 3


def _some(predictions: Predictions, at: list[int]) -> Predictions:
    return Predictions(predictions.logits[at], predictions.probabilities[at], [predictions.labels[i] for i in at])


def _count(progress: Progress, texts: int) -> None:
    if progress is not None:
        progress(texts)

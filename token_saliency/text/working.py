"""One classifier's work in parts, by any engine: what a part is, what answers it, and how models reach processes.

The model is written to a file once and mapped into every process, so that all share one copy of the weights; the file
goes as soon as the last of them has opened it. On CUDA each process has a GPU of its own, and a copy of the weights.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers.utils import HF_MODULES_CACHE

from token_saliency.engines import ENGINES, Engine, RayCluster
from token_saliency.engines.engine import AnyEngine, cores
from token_saliency.errors import ModelError, OptionError, TextError, TokenSaliencyError
from token_saliency.shared.state import quiet
from token_saliency.text.batching import shares
from token_saliency.text.classes import SeenTexts
from token_saliency.text.encoding import Text
from token_saliency.text.group import Question
from token_saliency.text.held import HeldModel, Progress

AHEAD = 2
"""Callers who cut their work into blocks by `batch_tokens` give each process so many batches: all wait for the last."""
_MOST = 8
"""The largest part, in batches: how often progress is heard of."""
_LEAST = 0.25
"""The smallest part, in batches: the last ones are so small that nobody waits long."""


@dataclass(frozen=True, slots=True)
class Work:
    """Some of the caller's texts, at their places `at`, each standing for `times` of them; see HeldModel."""

    at: list[int]
    texts: list[Text]
    times: list[int]
    question: Question | None = None
    targets: list[int | None] | None = None
    seen: SeenTexts | None = None
    progress: Progress = None


class Done(NamedTuple):
    """The answers to the texts of some work; sequences forward and backward and tokens spent on it."""

    answers: Any
    spent: tuple[int, int, int]


def answered(held: HeldModel, work: Work) -> Done:
    """Logits of the texts, or what the question asks about them."""
    before = held.meter.forward, held.meter.backward, held.meter.tokens
    answers: Any
    if work.question is None:
        answers = held.logits(work.texts, work.times, work.progress)
    else:
        answers = held.explained(work.question, work.texts, work.targets or [], work.seen, work.progress)
    meter = held.meter
    return Done(answers, (meter.forward - before[0], meter.backward - before[1], meter.tokens - before[2]))


def located(held: HeldModel, work: Work) -> Done:
    """As `answered`, far from whoever asks: an error of the model names the text."""
    try:
        return answered(held, work)
    except TokenSaliencyError:
        raise
    except Exception as error:  # a model's code fails in its own ways
        at = _failing(held, work)
        if at is None:
            raise
        said = f"The model fails on {TextError.WHICH} ({_said(error)}); mend the model, or leave that text out."
        raise TextError(said, work.at[at], f"text {work.at[at]} (0 is the first)") from error


def _failing(held: HeldModel, work: Work) -> int | None:
    """The place of a text that fails when it is given alone; None where there is none."""
    for i in range(len(work.texts)):
        try:
            answered(held, _part(work, [i]))
        except Exception:  # only whether there is one matters
            return i
    return None


def budget_of(held: HeldModel, _: None) -> int:
    """How many tokens go through the model at once, where it is held."""
    return held.batch_tokens


def answers_to(engine: Engine, held: HeldModel, work: Work, budget: int) -> Iterator[tuple[int, Any]]:
    """The place of each text with its answer, in any order; the meter of `held` counts wherever the work was done."""
    if engine.here:  # whole: parts would change which texts share a batch, and so the last digits
        parts = [work]
    else:
        sizes = [_size(text) for text in work.texts]
        parts = [_part(work, at) for at in shares(sizes, engine.count, round(_LEAST * budget), _MOST * budget)]
    for part, done in engine.map(answered if engine.here else located, parts):
        if not engine.here:
            held.meter.add(*done.spent)
            if work.progress is not None:
                work.progress(sum(part.times))
        yield from zip(part.at, done.answers, strict=True)


def _part(work: Work, at: Sequence[int]) -> Work:
    return replace(
        work,
        at=[work.at[i] for i in at],
        texts=[work.texts[i] for i in at],
        times=[work.times[i] for i in at],
        targets=work.targets and [work.targets[i] for i in at],
        seen=work.seen and work.seen.of(at),
        progress=None,  # it stays in this process
    )


def _size(text: Text) -> int:
    """About how many tokens: only parts are cut by it."""
    return 2 + sum(len(part) for part in ((text,) if isinstance(text, str) else text)) // 3


# --- starting engines ------------------------------------------------------------------------------


def places(device: str) -> tuple[int, str]:
    """At most how many processes help on this device, one for each of what; OptionError where none can."""
    kind = device.partition(":")[0]
    if kind not in ("cpu", "cuda"):
        raise OptionError(
            f"Workers are for the cores of a CPU, or for several GPUs, and the model is on {device}: "
            "use device='cpu' or 1."
        )
    return (cores(), "cores") if kind == "cpu" else (torch.cuda.device_count(), "GPUs")


def checked_count(count: int | None) -> int | None:
    """OptionError for what is no number of workers; None is as many as there can be."""
    if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
        raise OptionError(f"workers is a number of processes from 1 on, not {count!r}.")
    return count


def remade(made_of: Mapping[str, Any]) -> HeldModel:
    """The model, tested here, so that no later cost holds it."""
    with quiet():
        held = HeldModel(**made_of)
    _ = held.self_test
    return held


@contextmanager
def started(
    made_of: Any, device: torch.device, count: int | None, engine: AnyEngine = "processes",
    remake: Callable[[Any], Any] = remade,
) -> Iterator[Engine]:  # fmt: skip
    """An engine whose places each hold what `remake` makes of `made_of`; nothing of it is left afterwards."""
    count = checked_count(count)
    if not callable(start := ENGINES[engine] if isinstance(engine, str) else engine):
        yield start
        return
    threads, anywhere = 0, isinstance(start, RayCluster)
    if not anywhere:
        most = places(str(device))[0]
        count = min(count or most, most)
        threads = max(1, torch.get_num_threads() // count)
    kind = None if anywhere else device.type
    make = partial(_opened, remake, kind, threads, torch.get_float32_matmul_precision())
    with ExitStack() as running:
        with tempfile.TemporaryDirectory(prefix="token-saliency-") as folder:
            file = _written(made_of, Path(folder) / "model.pt")
            running_engine = running.enter_context(start(make, count, threads, file))  # type: ignore[arg-type]
        yield running_engine


def _written(made_of: Any, file: Path) -> Path:
    try:
        torch.save(made_of, file)
    except OSError as error:
        raise ModelError(f"The model cannot be written to {file.parent} ({error.strerror}): set TMPDIR.") from error
    except Exception as error:  # what a model holds is its own: hooks, locks, parametrizations
        raise ModelError(f"The model cannot be handed to worker processes ({_said(error)}); use no workers.") from error
    return file


def _opened(
    remake: Callable[[Any], Any], device: str | None, threads: int, precision: str, number: int, *, file: str
) -> Any:
    """Runs in a process: the model, on GPU `number` where it is for GPUs.

    `device` None: the GPU that this process was given, if any. `threads` 0: as many as it was given. `file` was
    written by the process that asks, a moment ago.
    """
    if threads:
        torch.set_num_threads(threads)
    torch.set_float32_matmul_precision(precision)
    given = "cuda:0" if torch.cuda.is_available() else "cpu"
    place = given if device is None else device if device == "cpu" else f"{device}:{number}"
    if HF_MODULES_CACHE not in sys.path:  # the code of a model that brings its own, as transformers left it there
        sys.path.append(HF_MODULES_CACHE)
    try:
        with quiet():
            made_of = torch.load(file, mmap=True, weights_only=False, map_location=place)
        return remake(made_of)
    except TokenSaliencyError:
        raise
    except Exception as error:  # a model's code fails in its own ways
        raise ModelError(
            f"A worker process cannot load the model ({_said(error)}): a class of your own must "
            "stand in a module that can be imported; or use no workers."
        ) from error


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0]}"

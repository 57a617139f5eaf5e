"""The attribution pass of an audit over rows whose predictions are there, as `run_audits` makes it."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from token_saliency.auditing.evidence.asking import Answers, How
from token_saliency.auditing.evidence.explain_rows import rough
from token_saliency.results import Example
from token_saliency.store.blocks import Memory
from token_saliency.text.classifier import TextClassifier

HOW = rough(How("integrated_gradients", "predicted", None, 0))


def prepared(classifier: TextClassifier, texts: Sequence[str]) -> tuple[Answers, list[Example]]:
    """The answers so far: predictions, and no attribution."""
    answers = Answers(classifier, Memory(), lambda _: None, lambda *_: None)
    answers.probabilities("predict", texts)
    return answers, [Example(str(i), text) for i, text in enumerate(texts)]


def attributed(answers: Answers, rows: Sequence[Example]) -> None:
    """The pass, from the start."""
    answers.memory.traces.clear()
    answers.traces("explain", rows, HOW)


def measured(classifier: TextClassifier, texts: Sequence[str]) -> tuple[float, int, int]:
    """Seconds of the pass, tokens read by it, and the largest memory of this process in MiB."""
    answers, rows = prepared(classifier, texts)
    before, start = classifier.meter.tokens, time.perf_counter()
    attributed(answers, rows)
    return time.perf_counter() - start, classifier.meter.tokens - before, peak()


def peak() -> int:
    """The largest memory in MiB: of the GPU where one is used, else of this process.

    On Linux that is this program alone; rusage would count its parent's too.
    """
    if held := torch.cuda.max_memory_allocated():
        return held // 2**20
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) // 2**10
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit

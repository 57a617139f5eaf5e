"""Whether torch.compile pays: the bare loop of the same batches, compiled and not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from benchmarks.speed.bare import bare, calls_of
from benchmarks.speed.clock import seconds
from token_saliency.text.classifier import TextClassifier

GOES = 3


def compile_line(classifier: TextClassifier, texts: Sequence[str]) -> str:
    """What the compiled model gains once it is warm, and what the first go costs (shapes vary: it is dynamic)."""
    calls = calls_of(classifier.model, lambda: classifier.explain(list(texts)))
    quick: Any = torch.compile(classifier.model, dynamic=True)
    first = seconds(lambda: bare(quick, calls))
    turns = [(seconds(lambda: bare(classifier.model, calls)), seconds(lambda: bare(quick, calls))) for _ in range(GOES)]
    plain, warm = np.median(np.array(turns), axis=0)
    gain = f"{plain / warm:.2f} times as fast, first go {first:.1f} s"
    return f"plain {plain:.1f} s; compiled {warm:.1f} s once warm ({gain})"

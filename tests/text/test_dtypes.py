"""Half precision: scores near those of float32, sums in float32, and no flag that is about rounding."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from token_saliency.text.classifier import TextClassifier

if TYPE_CHECKING:
    from tests.text.conftest import Tiny

TEXTS = ["the dog is not lazy", "good", "the brown fox jumps over the lazy dog", "bad dog"]
HALF = [(torch.bfloat16, 0.15), (torch.float16, 0.02)]


def _in(dtype: torch.dtype, tiny: Tiny) -> TextClassifier:
    classifier = TextClassifier(deepcopy(tiny.model).to(dtype), tiny.tokenizer)
    try:
        classifier.explain(["good dog"], "gradient")
    except RuntimeError as error:
        pytest.skip(f"this machine cannot compute a gradient in {dtype}: {error}")
    return classifier


@pytest.mark.parametrize(("dtype", "error"), HALF)
def test_scores_in_half_precision_are_near_those_in_float32(dtype: torch.dtype, error: float, bert: Tiny) -> None:
    exact = _in(torch.float32, bert).explain(TEXTS, target=0, options={"tolerance": 0.01})
    half = _in(dtype, bert).explain(TEXTS, target=0)
    for one, other in zip(half, exact, strict=True):
        assert np.abs(one.scores - other.scores).sum() <= error * np.abs(other.scores).sum()
        assert one.converged
        assert one.evaluations < 30, "gradients cannot settle what is rounding"


@pytest.mark.parametrize("dtype", [dtype for dtype, _ in HALF])
def test_half_precision_has_finite_scores_of_every_method(dtype: torch.dtype, bert: Tiny) -> None:
    classifier = _in(dtype, bert)
    for method in ("gradient", "gradient_x_input", "smoothgrad", "occlusion", "integrated_gradients"):
        assert all(np.isfinite(one.scores).all() for one in classifier.explain(TEXTS, method))

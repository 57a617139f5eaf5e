"""A device that holds less than the first try needs: every number is the same, and nobody notices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from token_saliency.text.classifier import TextClassifier

if TYPE_CHECKING:
    from tests.text.conftest import Tiny

CLOSE = 1e-5
TEXTS = ["the dog is not lazy", "good", "the brown fox jumps over the lazy dog", "bad dog", "the quick brown fox"]


@contextmanager
def room_for(model: Any, tokens: int) -> Iterator[list[int]]:
    """The model runs out of memory beyond so many tokens, padding included; yields the sizes that it refused."""
    refused: list[int] = []

    def check(_module: Any, _args: Any, given: dict[str, Any]) -> None:
        size = given["input_ids"].numel()
        if size > tokens:
            refused.append(size)
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1024.00 MiB.")

    handle = model.register_forward_pre_hook(check, with_kwargs=True)
    try:
        yield refused
    finally:
        handle.remove()


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("integrated_gradients", {}),
        ("integrated_gradients", {"samples": 4}),
        ("gradient", {}),
        ("smoothgrad", {"n": 4}),
        ("occlusion", {}),
    ],
)
def test_a_memory_too_small_for_the_first_try_changes_no_score(
    method: str, options: dict[str, Any], bert: Tiny
) -> None:
    classifier = TextClassifier(bert.model, bert.tokenizer, batch_tokens=256)
    expected = classifier.explain(TEXTS, method, options=options)
    with room_for(bert.model, 20) as refused:
        found = classifier.explain(TEXTS, method, options=options)
    assert refused
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.scores, other.scores, rtol=CLOSE, atol=CLOSE)
        assert (one.predicted, one.evaluations) == (other.predicted, other.evaluations)


def test_a_memory_too_small_for_the_first_try_changes_no_prediction(bert: Tiny) -> None:
    classifier = TextClassifier(bert.model, bert.tokenizer, batch_tokens=256)
    expected = classifier.predict(TEXTS)
    with room_for(bert.model, 20) as refused:
        found = classifier.predict(TEXTS)
    assert refused
    np.testing.assert_allclose(found.logits, expected.logits, atol=CLOSE)
    assert found.labels == expected.labels

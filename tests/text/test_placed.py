"""Compiled, offloaded and dispatched models are the models that they were before."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification

from token_saliency.text.classifier import TextClassifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.text.conftest import Tiny

TEXTS: list[Any] = ["the film is not bad at all", ("the film is wonderful", "never dull")]


def compiled(model: Any, _: Path) -> Any:
    return torch.compile(model, backend="eager")


def in_place(model: Any, _: Path) -> Any:
    model.compile(backend="eager")
    return model


def in_part(model: Any, _: Path) -> Any:
    model.bert = torch.compile(model.bert, backend="eager")
    return model


def offloaded(model: Any, _: Path) -> Any:
    accelerate = pytest.importorskip("accelerate", reason="accelerate is not installed")
    return accelerate.cpu_offload(model, execution_device="cpu")


def on_disk(model: Any, folder: Path) -> Any:
    accelerate = pytest.importorskip("accelerate", reason="accelerate is not installed")
    parts = dict.fromkeys(("bert.encoder", "bert.pooler", "classifier"), "cpu") | {"bert.embeddings": "disk"}
    return accelerate.dispatch_model(model, parts, main_device="cpu", offload_dir=str(folder / "weights"))


def mapped(model: Any, folder: Path) -> Any:
    pytest.importorskip("accelerate", reason="accelerate is not installed")
    model.save_pretrained(folder)
    return AutoModelForSequenceClassification.from_pretrained(folder, device_map="auto")


@pytest.mark.parametrize("change", [compiled, in_place, in_part, offloaded, on_disk, mapped])
def test_it_is_explained_as_it_was(bert: Tiny, tmp_path: Path, change: Callable[[Any, Path], Any]) -> None:
    plain = TextClassifier(copy.deepcopy(bert.model), bert.tokenizer)
    other = TextClassifier(change(bert.model, tmp_path), bert.tokenizer)
    np.testing.assert_allclose(other.predict(TEXTS).logits, plain.predict(TEXTS).logits, atol=1e-5)
    for one, two in zip(other.explain(TEXTS, target=0), plain.explain(TEXTS, target=0), strict=True):
        np.testing.assert_allclose(one.scores, two.scores, atol=1e-4)
    assert other.self_test.vectors_decide
    assert other.info.device == "cpu"

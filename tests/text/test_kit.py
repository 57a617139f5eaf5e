"""The bars of the project on a real model; skipped where the kit is missing."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from token_saliency.text.classifier import TextClassifier

pytestmark = pytest.mark.kit


@pytest.fixture(scope="module")
def loaded(request: pytest.FixtureRequest) -> TextClassifier:
    kit: Path = request.getfixturevalue("kit")
    return TextClassifier.from_pretrained(str(kit / "models" / "sst2-minilm"))


@pytest.fixture(scope="module")
def sentences(request: pytest.FixtureRequest) -> list[str]:
    kit: Path = request.getfixturevalue("kit")
    with (kit / "data" / "sst" / "sst2_lower.csv").open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file) if row["split"] == "test"][:24]


def gradients(classifier: TextClassifier, text: str, target: int, points: int) -> NDArray[np.float64]:
    """Width-wise mean gradient over a Gauss-Legendre path from the mask baseline, or at the input (points = 0)."""
    encoded = classifier.tokenizer(text, return_tensors="pt", return_special_tokens_mask=True)
    special = encoded["special_tokens_mask"][0].bool()
    model: Any = classifier.model
    table = model.get_input_embeddings()
    inputs = table(encoded["input_ids"])[0].detach()
    baselines = torch.where(special[:, None], inputs, table.weight[classifier.tokenizer.mask_token_id].detach())
    nodes, weights = np.polynomial.legendre.leggauss(points) if points else (np.ones(1), np.full(1, 2.0))
    path = baselines + torch.tensor((nodes + 1) / 2).float()[:, None, None] * (inputs - baselines)
    path.requires_grad_()
    mask = encoded["attention_mask"].expand(len(path), -1)
    logits = model(inputs_embeds=path, attention_mask=mask).logits[:, target]
    (found,) = torch.autograd.grad(logits.sum(), path)
    mean = (found * torch.tensor(weights / 2).float()[:, None, None]).sum(0)
    result: Any = ((inputs - baselines) * mean).sum(-1) if points else mean.norm(dim=-1)
    found_scores: NDArray[np.float64] = result.double().numpy()
    return found_scores


def test_integrated_gradients_meet_their_bar(loaded: TextClassifier, sentences: list[str]) -> None:
    found = loaded.explain(sentences)
    exact = [gradients(loaded, one.text, one.target_index or 0, 32) for one in found]
    apart = [np.abs(one.scores - e).sum() / np.abs(e).sum() for one, e in zip(found, exact, strict=True)]
    assert np.median(apart) < 0.035
    assert np.quantile(apart, 0.9) < 0.07
    assert np.mean([one.evaluations for one in found]) <= 15
    assert all(one.converged for one in found)


def test_gradient_norms_equal_an_independent_computation(loaded: TextClassifier, sentences: list[str]) -> None:
    for one in loaded.explain(sentences, "gradient", target="positive"):
        expected = gradients(loaded, one.text, 1, 0)
        inner = [i for i, token in enumerate(one.tokens) if not token.special]
        np.testing.assert_allclose(one.scores[inner], expected[inner], rtol=1e-5)


def test_scores_do_not_depend_on_company_or_order(loaded: TextClassifier, sentences: list[str]) -> None:
    some = sentences[:8]
    together = [one.scores for one in loaded.explain(some)]
    turned = [one.scores for one in loaded.explain(some[::-1])][::-1]
    alone = [loaded.explain([text])[0].scores for text in some]
    for one, two, three in zip(together, turned, alone, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-6)
        np.testing.assert_allclose(one, three, atol=1e-5)


def test_a_text_of_ten_thousand_tokens_is_cut_and_explained(loaded: TextClassifier) -> None:
    [one] = loaded.explain(["a fine film " * 3_500], "gradient")
    assert len(one.tokens) == 512
    assert one.truncated > 30_000

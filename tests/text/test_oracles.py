from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from captum.attr import LayerIntegratedGradients, Saliency
from numpy.typing import NDArray
from torch import Tensor, nn

from token_saliency.text.classifier import TextClassifier

if TYPE_CHECKING:
    from tests.text.conftest import Build, Tiny

FINE = {"tolerance": 1e-4, "cap": 4096}


def classifier(tiny: Tiny, **settings: Any) -> TextClassifier:
    return TextClassifier(tiny.model, tiny.tokenizer, **settings)


def encoder_table(architecture: str, model: Any) -> nn.Module:
    """The embedding of the explained stream, named by hand, with weights of its own (BART and T5 share them)."""
    names = {
        "bart": "model.encoder.embed_tokens",
        "t5": "transformer.encoder.embed_tokens",
        "xlnet": "transformer.word_embedding",
    }
    table: nn.Module = (
        model.get_submodule(names[architecture]) if architecture in names else model.get_input_embeddings()
    )
    weight: Any = table.weight
    table.weight = nn.Parameter(weight.detach().clone())
    return table


def weight_gradient(architecture: str, tiny: Tiny, text: str, target: int) -> tuple[Tensor, Tensor]:
    """Ids and their rows of the gradient with respect to the table: an independent road to the same number."""
    model = copy.deepcopy(tiny.model)
    table: Any = encoder_table(architecture, model)
    encoded = tiny.tokenizer(text, return_tensors="pt")
    model.zero_grad()
    model(**encoded).logits[0, target].backward()
    ids = encoded["input_ids"][0]
    return ids, table.weight.grad[ids]


def test_gradient_norms_equal_the_gradient_of_the_table(architecture: str, tiny: Tiny) -> None:
    text = "the dog is not lazy"
    [attribution] = classifier(tiny).explain([text], "gradient", target=1)
    ids, rows = weight_gradient(architecture, tiny, text, 1)
    distinct = [i for i, one in enumerate(ids.tolist()) if ids.tolist().count(one) == 1]
    compared = [i for i in distinct if not attribution.tokens[i].special]
    assert len(compared) >= 3
    np.testing.assert_allclose(attribution.scores[compared], rows.norm(dim=1).numpy()[compared], rtol=1e-5, atol=1e-6)


def test_a_sum_of_raw_gradients_would_be_noise(bert: Tiny) -> None:
    """LayerNorm follows the embedding: the sum over the width is zero, which is why a norm is taken."""
    _, rows = weight_gradient("bert", bert, "the dog is not lazy", 1)
    assert rows.sum(1).abs().max() < 1e-4 * rows.norm(dim=1).max()


@pytest.mark.parametrize("name", ["bert", "roberta", "bart", "gpt2", "xlnet"])
def test_integrated_gradients_are_complete_through_the_hook(build_tiny: Build, name: str, texts: list[str]) -> None:
    for one in classifier(build_tiny(name)).explain(texts, options={"tolerance": 1e-3, "cap": 2048}):
        assert one.converged
        assert one.baseline_value is not None
        total = np.abs(one.scores).sum()
        assert abs(one.scores.sum() - (one.output_value - one.baseline_value)) <= 2e-3 * total + 1e-6


def captum_scores(tiny: Tiny, text: str, target: int, baseline: str) -> NDArray[np.float64]:
    encoded = tiny.tokenizer(text, return_tensors="pt", return_special_tokens_mask=True)
    special = encoded.pop("special_tokens_mask").bool()
    ids = encoded["input_ids"]
    fill = {"mask": tiny.tokenizer.mask_token_id, "pad": tiny.tokenizer.pad_token_id}[baseline]
    table = tiny.model.get_input_embeddings()
    rest = {name: value for name, value in encoded.items() if name != "input_ids"}

    def forward(read: Tensor) -> Tensor:
        count = len(read)
        logits: Tensor = tiny.model(input_ids=read, **{n: v.expand(count, -1) for n, v in rest.items()}).logits
        return logits

    explainer = LayerIntegratedGradients(forward, table)
    values = explainer.attribute(
        ids, ids.masked_fill(~special, fill), target=target, n_steps=64, method="gausslegendre"
    )
    found: NDArray[np.float64] = values.sum(-1)[0].detach().double().numpy()
    return found


@pytest.mark.parametrize("baseline", ["mask", "pad"])
def test_integrated_gradients_equal_captum(bert: Tiny, baseline: str) -> None:
    text = "the film is wonderful , never dull"
    [attribution] = classifier(bert).explain([text], target=2, baseline=baseline, options=FINE)
    expected = captum_scores(bert, text, 2, baseline)
    np.testing.assert_allclose(attribution.scores, expected, atol=2e-4 * np.abs(expected).sum())


def test_gradients_equal_captum(bert: Tiny) -> None:
    text = "not bad at all"
    encoded = bert.tokenizer(text, return_tensors="pt")
    vectors = bert.model.get_input_embeddings()(encoded["input_ids"]).detach()

    def forward(read: Tensor) -> Tensor:
        logits: Tensor = bert.model(inputs_embeds=read, attention_mask=encoded["attention_mask"]).logits
        return logits

    expected = Saliency(forward).attribute(vectors.requires_grad_(), target=0, abs=False)[0]
    [attribution] = classifier(bert).explain([text], "gradient", target=0)
    inner = slice(1, -1)
    np.testing.assert_allclose(attribution.scores[inner], expected.norm(dim=1).numpy()[inner], rtol=1e-5)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
import transformers as hf
from torch import Tensor, nn

from token_saliency.errors import ModelError
from token_saliency.text.model.embeddings import Embedding, trace

if TYPE_CHECKING:
    from tests.text.conftest import Build, Tiny

EXPECTED = {
    "albert": "albert.embeddings.word_embeddings",
    "bart": "model.encoder.embed_tokens",
    "bert": "bert.embeddings.word_embeddings",
    "deberta-v2": "deberta.embeddings.word_embeddings",
    "distilbert": "distilbert.embeddings.word_embeddings",
    "electra": "electra.embeddings.word_embeddings",
    "gpt2": "transformer.wte",
    "gpt2-padless": "transformer.wte",
    "llama": "model.embed_tokens",
    "llama-padless": "model.embed_tokens",
    "longformer": "longformer.embeddings.word_embeddings",
    "roberta": "roberta.embeddings.word_embeddings",
    "t5": "transformer.encoder.embed_tokens",
    "xlnet": "transformer.word_embedding",
}


def ids_of(tiny: Tiny, text: str = "the dog is not lazy") -> Tensor:
    ids: Tensor = tiny.tokenizer(text, return_tensors="pt")["input_ids"]
    return ids


def found(tiny: Tiny) -> Embedding:
    ids = ids_of(tiny)
    with torch.no_grad():
        embedding = trace(tiny.model, lambda: tiny.model(input_ids=ids), ids).embedding
    assert embedding is not None
    return embedding


def test_the_embedding_is_found_by_what_it_reads(architecture: str, tiny: Tiny) -> None:
    embedding = found(tiny)
    assert embedding.name.split(".")[-1] == EXPECTED[architecture].split(".")[-1]
    assert embedding.hits == 1
    assert embedding.time_major == (architecture == "xlnet")


def test_bart_hides_positions_that_read_the_ids_but_ignore_them(build_tiny: Build) -> None:
    assert found(build_tiny("bart")).name == "model.encoder.embed_tokens"


def test_positions_say_how_long_a_row_may_be(build_tiny: Build) -> None:
    for name, limit in [("bert", 64), ("roberta", 66 - 1), ("gpt2", 64), ("xlnet", None), ("t5", None)]:
        tiny = build_tiny(name)
        ids = ids_of(tiny)
        assert trace(tiny.model, lambda: tiny.model(input_ids=ids), ids).positions == limit  # noqa: B023


def test_own_vectors_put_back_change_nothing(tiny: Tiny) -> None:
    ids, embedding = ids_of(tiny), found(tiny)
    with torch.no_grad():
        plain = tiny.model(input_ids=ids).logits
        with embedding.replaced(embedding.vectors(ids), torch.ones_like(ids).bool()):
            again = tiny.model(input_ids=ids).logits
    torch.testing.assert_close(again, plain, rtol=1e-6, atol=1e-6)


def test_other_vectors_change_the_output_and_have_a_gradient(tiny: Tiny) -> None:
    ids, embedding = ids_of(tiny), found(tiny)
    points = (2 * embedding.vectors(ids)).requires_grad_()
    with embedding.replaced(points, torch.ones_like(ids).bool()):
        logits = tiny.model(input_ids=ids).logits
    (gradient,) = torch.autograd.grad(logits[0, 0], points)
    assert not torch.allclose(logits, tiny.model(input_ids=ids).logits, atol=1e-5)
    assert (gradient.norm(dim=-1) > 0).sum() >= ids.shape[1] - 1


def test_padding_keeps_the_vectors_of_the_model(bert: Tiny) -> None:
    embedding = found(bert)
    real = torch.tensor([[True, False]])
    with embedding.replaced(torch.zeros(1, 2, 16), real):
        output = embedding.module(torch.tensor([[5, 6]]))
    assert not output[0, 0].any()
    torch.testing.assert_close(output[0, 1], bert.model.get_input_embeddings().weight[6])


def test_no_hook_stays_even_when_the_model_raises(tiny: Tiny) -> None:
    ids, embedding = ids_of(tiny), found(tiny)
    with pytest.raises(ZeroDivisionError), embedding.replaced(embedding.vectors(ids), torch.ones_like(ids).bool()):
        raise ZeroDivisionError
    assert not any(module._forward_hooks for module in tiny.model.modules())


def test_a_pass_that_never_reaches_the_embedding_is_an_error(bert: Tiny) -> None:
    ids, embedding = ids_of(bert), found(bert)
    with pytest.raises(ModelError, match="was not called"), embedding.replaced(embedding.vectors(ids), ids > 0):
        pass


def test_a_model_that_hashes_characters_has_no_embedding() -> None:
    config = hf.CanineConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, num_hash_buckets=32,
        local_transformer_stride=8, upsampling_kernel_size=4, max_position_embeddings=64,
    )  # fmt: skip
    model: Any = hf.CanineForSequenceClassification(config)
    ids = torch.arange(70, 102)[None]
    with torch.no_grad():
        assert trace(model, lambda: model(input_ids=ids), ids).embedding is None


class Scaled(nn.Embedding):
    """As Gemma and BioGPT: the module multiplies inside."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input) * 4


class InPlace(nn.Module):
    """As CTRL: the vectors are edited in place. As I-BERT: they come with their scale."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Scaled(30, 4)

    def forward(self, ids: Tensor) -> Tensor:
        vectors: Tensor = self.table(ids)
        vectors *= 2
        return vectors.sum(-1)


class Pair(nn.Module):
    """As I-BERT: no nn.Embedding, and a tuple with the scale."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(30, 4))

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        return self.weight[ids], torch.ones(1)


class Shared(nn.Module):
    """As T5 was: one module serves the encoder and, with shifted ids, the decoder."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(30, 4)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        return self.table(ids), self.table(ids.roll(1, 1))


@pytest.mark.parametrize("ids", [[[3, 9, 4]], [[7, 7, 7]]])
def test_only_the_encoder_stream_of_a_shared_embedding_is_replaced(ids: list[list[int]]) -> None:
    model, read = Shared(), torch.tensor(ids)
    embedding = trace(model, lambda: model(read), read).embedding
    assert embedding is not None
    with embedding.replaced(torch.zeros(1, 3, 4), read > 0):
        encoder, decoder = model(read)
    assert not encoder.any()
    torch.testing.assert_close(decoder, model(read)[1])


def test_scaled_vectors_edited_in_place_can_be_replaced() -> None:
    model, ids = InPlace(), torch.tensor([[3, 9, 4]])
    embedding = trace(model, lambda: model(ids), ids).embedding
    assert embedding is not None
    own = embedding.vectors(ids)
    torch.testing.assert_close(own, 4 * model.table.weight[ids])
    points = own.clone().requires_grad_()
    with embedding.replaced(points, ids > 0):
        output = model(ids)
    torch.testing.assert_close(output, model(ids))
    torch.testing.assert_close(torch.autograd.grad(output.sum(), points)[0], torch.full_like(points, 2))
    torch.testing.assert_close(points, own)


def test_a_tuple_keeps_its_other_parts() -> None:
    model, ids = Pair(), torch.tensor([[3, 9, 4]])
    embedding = trace(model, lambda: model(ids), ids).embedding
    assert embedding is not None
    with embedding.replaced(torch.zeros(1, 3, 4), ids > 0):
        vectors, scale = model(ids)
    assert not vectors.any()
    assert scale == 1


def test_the_mean_vector_is_that_of_the_vocabulary(bert: Tiny) -> None:
    weight: Any = bert.model.get_input_embeddings().weight
    torch.testing.assert_close(found(bert).mean_vector(torch.device("cpu")), weight.detach().mean(0))

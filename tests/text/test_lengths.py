"""How long a row may be: only a table of positions ends, whatever the config says of the training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
import transformers as hf

from token_saliency import TextClassifier
from token_saliency.text.encoding import token_limit

if TYPE_CHECKING:
    from tests.text.conftest import Build

LONG = "the film is wonderful , never dull " * 20


def plain(model: Any, tokenizer: Any, text: str) -> Any:
    with torch.no_grad():
        return model(**tokenizer(text, return_tensors="pt")).logits[0].double().numpy()


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("llama", {}),
        ("deberta-v2", {"position_biased_input": False, "type_vocab_size": 0, "position_buckets": 8}),
    ],
)
def test_relative_and_rotary_positions_have_no_end(build_tiny: Build, name: str, settings: dict[str, Any]) -> None:
    tiny = build_tiny(name, **settings)
    own = TextClassifier(tiny.model, tiny.tokenizer, max_length=600)
    length = len(tiny.tokenizer(LONG)["input_ids"])
    assert length > tiny.model.config.max_position_embeddings == 64
    assert own.count_tokens([LONG]) == [length]
    np.testing.assert_allclose(own.predict([LONG]).logits[0], plain(tiny.model, tiny.tokenizer, LONG), atol=1e-4)
    assert own.self_test.notes[0] == "Texts are cut to 600 tokens, as asked."
    usual = TextClassifier(tiny.model, tiny.tokenizer)
    assert usual.count_tokens([LONG]) == [64]
    assert "as the config says; a larger max_length is obeyed" in usual.self_test.notes[0]


@pytest.mark.parametrize(
    ("name", "limit"),
    [("bert", 64), ("roberta", 65), ("bart", 64), ("gpt2", 64), ("deberta-v2", 64), ("longformer", 73)],
)
def test_a_table_ends_where_it_ends(build_tiny: Build, name: str, limit: int) -> None:
    tiny = build_tiny(name)
    assert TextClassifier(tiny.model, tiny.tokenizer, max_length=600).count_tokens([LONG]) == [limit]


def built(prefix: str, tokens: int, **settings: Any) -> Any:
    config = getattr(hf, f"{prefix}Config")(vocab_size=tokens, num_labels=3, pad_token_id=0, **settings)
    return getattr(hf, f"{prefix}ForSequenceClassification")(config).eval()


@pytest.mark.parametrize(
    ("prefix", "settings", "limit"),
    [
        # a buffer that is gathered from; one that is indexed; a table inside a module that is given a shape
        ("GPTJ", {"n_positions": 64, "n_embd": 16, "n_layer": 2, "n_head": 2, "rotary_dim": 4}, 64),
        ("CTRL", {"n_positions": 64, "n_embd": 16, "dff": 24, "n_layer": 2, "n_head": 2}, 64),
        (
            "RoFormer",
            {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
            | {"max_position_embeddings": 64},
            64,
        ),
        # biases of a length that is fixed, and seen only by a longer row
        ("Mpt", {"d_model": 16, "n_layers": 2, "n_heads": 2, "max_seq_len": 64}, 64),
        ("Bloom", {"hidden_size": 16, "n_layer": 2, "n_head": 2}, 500),
    ],
)
def test_tables_of_other_makes_are_found(build_tiny: Build, prefix: str, settings: dict[str, Any], limit: int) -> None:
    tokenizer = build_tiny("gpt2").tokenizer
    own = TextClassifier(built(prefix, len(tokenizer), **settings), tokenizer, max_length=500)
    counted = len(tokenizer(LONG)["input_ids"])
    assert own.count_tokens([LONG]) == [min(limit, counted)]
    assert np.isfinite(own.predict([LONG]).logits).all()


def test_what_the_config_says_is_a_habit_where_there_is_no_table() -> None:
    class Fake:
        model_max_length = 10**30

    assert token_limit(Fake(), None, None, trained=32).tokens == 32
    assert token_limit(Fake(), None, 200, trained=32).tokens == 200
    assert token_limit(Fake(), 64, 200, trained=32).tokens == 64
    assert token_limit(Fake(), 64, None, trained=32).tokens == 32

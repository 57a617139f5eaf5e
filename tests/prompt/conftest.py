"""Tiny real language models of several architectures, and the class logits that a plain loop makes of them."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers as hf

from tests.text.conftest import Tiny, byte_level, sentencepiece

TEMPLATE = "the film , a good day in the city :\n{text}\nis it good or bad ?"
ONE = {"positive": [" good"], "negative": [" not"]}
MANY = {"positive": [" good", " never dull"], "negative": [" bad", " never good", " too long"]}
CHAT = "{% for m in messages %}<s>{{ m['role'] }}\n{{ m['content'] | trim }}</s>\n{% endfor %}<s>assistant\n"
ROWS = ["the film is wonderful , never dull", "not good", "", "a dog !\n\n", " isn't it ? " * 9]

_SIZE = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
_T5 = {"d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 2, "num_heads": 2, "decoder_start_token_id": 0}
_BART = {
    **{"d_model": 16, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 2},
    **{"decoder_attention_heads": 2, "encoder_ffn_dim": 24, "decoder_ffn_dim": 24, "decoder_start_token_id": 2},
}
CAUSAL: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("LlamaForCausalLM", _SIZE | {"num_key_value_heads": 1}),
    "gpt2": ("GPT2LMHeadModel", {"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 256}),
    "qwen2": ("Qwen2ForCausalLM", _SIZE | {"num_key_value_heads": 1}),
    "gemma2": ("Gemma2ForCausalLM", _SIZE | {"num_key_value_heads": 1, "head_dim": 8, "sliding_window": 8}),
    "cohere": ("CohereForCausalLM", _SIZE | {"num_key_value_heads": 1}),
    "mamba": ("MambaForCausalLM", {"hidden_size": 16, "num_hidden_layers": 2, "state_size": 4}),
    "opt": ("OPTForCausalLM", _SIZE | {"ffn_dim": 24, "word_embed_proj_dim": 8, "max_position_embeddings": 256}),
}
SEQ2SEQ: dict[str, tuple[str, dict[str, Any]]] = {
    "t5": ("T5ForConditionalGeneration", _T5),
    "bart": ("BartForConditionalGeneration", _BART | {"max_position_embeddings": 256}),
}


def language_model(name: str, seed: int = 0, **settings: Any) -> Tiny:
    """A tiny random language model with its tokenizer, in evaluation mode."""
    kind, config = (CAUSAL | SEQ2SEQ)[name]
    tokenizer = sentencepiece("$A </s>") if name == "t5" else byte_level(bos=name == "bart", mask=False)
    tokenizer.chat_template = CHAT
    shape = {"vocab_size": len(tokenizer), "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2} | config | settings
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = getattr(hf, kind)(getattr(hf, kind).config_class(**shape)).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.2 * torch.randn_like(parameter))
    return Tiny(model, tokenizer)


@pytest.fixture(params=sorted(CAUSAL))
def causal(request: pytest.FixtureRequest) -> str:
    """Each causal architecture in turn."""
    return str(request.param)


def plain_logits(tiny: Tiny, rendered: str, labels: dict[str, list[str]], score: str = "sum") -> list[float]:
    """log P(words | rendered) of each class over the whole vocabulary, one sequence at a time."""
    return [
        float(torch.tensor([_word(tiny, rendered, word, score) for word in words]).logsumexp(0))
        for words in labels.values()
    ]


def _word(tiny: Tiny, rendered: str, word: str, score: str) -> float:
    before = tiny.tokenizer(rendered, add_special_tokens=tiny.model.config.is_encoder_decoder)["input_ids"]
    own = tiny.tokenizer(word, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        if tiny.model.config.is_encoder_decoder:
            start = [tiny.model.config.decoder_start_token_id]
            given = torch.tensor([[*start, *own[:-1]]])
            logits = tiny.model(input_ids=torch.tensor([before]), decoder_input_ids=given).logits[0]
        else:
            logits = tiny.model(torch.tensor([[*before, *own]])).logits[0, len(before) - 1 :]
    shares = logits.log_softmax(-1)
    found = [float(shares[at, token]) for at, token in enumerate(own)]
    return sum(found) / (len(found) if score == "mean" else 1)

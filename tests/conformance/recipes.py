"""A tiny model of every type in transformers' sequence classification mapping, built from its config.

`GENERIC` is what most configs understand: each entry is taken where the config class has such a field.
`RECIPES` says for a type what else its config needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import transformers as hf
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES

TYPES: dict[str, str] = dict(MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES)
"""Model type -> class name, as the installed transformers has them."""

SPECIALS = ["<pad>", "<s>", "</s>", "<unk>", "<mask>"]
WORDS = sorted(
    set(
        "a an and at away bad beautiful bold boring but by can clear clever dark day did do dull end fine "
        "film for from funny go good great had has he her his in into is it its kind line little long longer "
        "loud low made make many me moving much must never new nice no not notice of often old on one or out "
        "over part play plot poor quick rather real row sad same say scene see she short slow so some song "
        "sound still story strong such sweet than that the then there they this time to too true up very was "
        "way weak well were what which wild with wonderful words work worse you young . , ! ? ' beside".split()
    )
)
TEXTS = [
    "the story is rather long but never dull , and the end is wonderful !",
    "not good at all",
    "a clever , funny film with many a quick and moving scene in it",
    "boring",
]
"""Lowercase words of the vocabulary, of several lengths; the first is longer than every window of the recipes."""

WINDOW = 4

GENERIC: dict[str, Any] = {
    # widths
    **dict.fromkeys(("hidden_size", "d_model", "n_embd", "dim", "emb_dim"), 16),
    **dict.fromkeys(("embedding_size", "input_embedding_size", "word_embed_proj_dim"), 8),
    **dict.fromkeys(("intermediate_size", "d_ff", "dff", "hidden_dim", "ffn_dim", "d_inner", "feed_forward_size"), 24),
    **dict.fromkeys(("encoder_ffn_dim", "decoder_ffn_dim", "ffn_hidden_size"), 24),
    **dict.fromkeys(("d_kv", "d_head", "head_dim", "kv_channels", "attention_head_size"), 8),
    # depths
    **dict.fromkeys(("num_hidden_layers", "n_layer", "n_layers", "num_layers", "num_decoder_layers"), 2),
    **dict.fromkeys(("encoder_layers", "decoder_layers"), 2),
    # heads
    **dict.fromkeys(("num_attention_heads", "n_head", "n_heads", "num_heads"), 2),
    **dict.fromkeys(("encoder_attention_heads", "decoder_attention_heads"), 2),
    **dict.fromkeys(("num_key_value_heads", "num_kv_heads"), 1),
    # low rank attention
    **dict.fromkeys(("kv_lora_rank", "q_lora_rank", "v_head_dim"), 8),
    **dict.fromkeys(("qk_rope_head_dim", "qk_nope_head_dim"), 4),
    # experts: all of them speak, since the choice of a few is a jump that no path integral can follow
    **dict.fromkeys(("num_experts", "num_local_experts", "n_routed_experts", "num_experts_per_tok", "moe_topk"), 4),
    **dict.fromkeys(("moe_intermediate_size", "shared_expert_intermediate_size"), 8),
    **dict.fromkeys(("n_group", "topk_group"), 1),
    # lengths
    **dict.fromkeys(("max_position_embeddings", "n_positions", "max_seq_len"), 64),
    **dict.fromkeys(("sliding_window", "window_size", "local_attention", "attention_window"), WINDOW),
}

_IDS = {
    **{"pad_token_id": 0, "bos_token_id": 1, "cls_token_id": 1, "eos_token_id": 2, "sep_token_id": 2},
    **{"mask_token_id": 4, "decoder_start_token_id": 2, "forced_eos_token_id": 2, "vocab_size": len(WORDS) + 5},
}
"""Of `SPECIALS`, where the config has a default: a type that is published without a pad token has none here."""

_MLA = {"head_dim": 4, "num_key_value_heads": 2}
"""Multi-head latent attention: the rotated part is the head dimension of the config."""
_LINEAR = {
    "linear_key_head_dim": 8,
    "linear_value_head_dim": 8,
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 2,
}
_BLOCKS = {"block_size": 2, "num_random_blocks": 1}
"""Rows of more than 14 tokens have sparse attention."""
_BOTH_ROPES = {"rope_type": "default", "rope_theta": 10000.0}

RECIPES: dict[str, dict[str, Any]] = {
    "axk1": _MLA,
    "axk2": _MLA | {"n_group": None, "topk_group": None, "index_topk": 64, "index_head_dim": 8, "index_n_heads": 2},
    "big_bird": _BLOCKS,
    "bigbird_pegasus": _BLOCKS,
    "canine": {"local_transformer_stride": 8},
    "cohere_compass_text": {
        "rope_parameters": {"full_attention": _BOTH_ROPES, "sliding_attention": _BOTH_ROPES},
    },
    "deepseek_v2": _MLA | {"num_experts_per_tok": 4},
    "deepseek_v3": _MLA | {"first_k_dense_replace": 1},
    "diffllama": {"num_key_value_heads": 2},
    "esm": {"vocab_size": len(WORDS) + 5, "pad_token_id": 0, "mask_token_id": 4},
    "esmc": {"num_key_value_heads": 2},
    "funnel": {"block_sizes": [1, 1], "block_repeats": [1, 1], "num_decoder_layers": 1},
    "gpt_neo": {"attention_types": [[["global", "local"], 1]]},
    "gptj": {"rotary_dim": 4},
    "hunyuan_v1_dense": {"head_dim": 8},
    "hunyuan_v1_moe": {"head_dim": 8},
    "jamba": {
        "attn_layer_period": 2,
        "attn_layer_offset": 1,
        "mamba_d_state": 4,
        "mamba_dt_rank": 4,
        "use_mamba_kernels": False,
    },
    "layoutlmv3": {"coordinate_size": 2, "shape_size": 4},
    "lilt": {"hidden_size": 24},
    "luke": {"entity_vocab_size": 8, "entity_emb_size": 8},
    "markuplm": {
        "max_xpath_tag_unit_embeddings": 16,
        "max_xpath_subs_unit_embeddings": 16,
        "tag_pad_id": 8,
        "subs_pad_id": 8,
        "xpath_unit_hidden_size": 8,
        "max_depth": 4,
    },
    "ministral": {"head_dim": 8},
    "minicpm3": {"num_key_value_heads": 2},
    "mistral4": {"num_key_value_heads": 2},
    "minimax": {"block_size": WINDOW},
    "mobilebert": {"intra_bottleneck_size": 8, "num_feedforward_networks": 2},
    "nemotron": {"num_key_value_heads": 1},
    "perceiver": {
        "num_latents": 4,
        "d_latents": 16,
        "num_self_attends_per_block": 1,
        "num_self_attention_heads": 2,
        "num_cross_attention_heads": 2,
        "vocab_size": len(WORDS) + 5,
    },
    "phimoe": {"num_local_experts": 2, "num_experts_per_tok": 2, "router_jitter_noise": 0.0},
    "qwen3_5": {"text_config": _LINEAR, "vision_config": {"depth": 1, "out_hidden_size": 16}},
    "qwen3_5_text": _LINEAR,
    "qwen3_next": _LINEAR,
    "reformer": {
        "attn_layers": ["local", "lsh"],
        "axial_pos_shape": [8, 8],
        "axial_pos_embds_dim": [8, 8],
        "local_attn_chunk_length": WINDOW,
        "lsh_attn_chunk_length": 64,
    },
    "roc_bert": {
        "pronunciation_embed_dim": 8,
        "pronunciation_vocab_size": 8,
        "shape_embed_dim": 8,
        "shape_vocab_size": 8,
    },
    "squeezebert": {"embedding_size": 16},
    "t5": {"decoder_start_token_id": 0},
    "xmod": {"default_language": "en_XX"},
    "zamba": {
        "num_hidden_layers": 3,
        "layers_block_type": ["linear_attention", "hybrid", "hybrid"],
        "attention_hidden_size": 32,
        "attention_head_dim": 16,
        "num_key_value_heads": 2,
        "mamba_d_state": 4,
        "mamba_dt_rank": 4,
        "use_mamba_kernels": False,
    },
    "zamba2": {
        "num_hidden_layers": 3,
        "layers_block_type": ["linear_attention", "linear_attention", "hybrid"],
        "num_key_value_heads": 2,
        "mamba_d_state": 4,
        "n_mamba_heads": 4,
        "mamba_headdim": 8,
        "chunk_size": WINDOW,
        "attention_hidden_size": 32,
        "attention_head_dim": 16,
        "adapter_rank": 4,
        "use_mamba_kernels": False,
    },
}

NOISE = {"mobilebert": 0.05, "qwen3_5": 0.1, "qwen3_5_text": 0.1}
"""Of the weights, else 0.2: larger ones saturate the one's pooler and make the others too steep to be differenced."""


def tokenizer(*, types: bool = False) -> Any:
    """Whole words, `<s> text </s>`; with `types` it also hands out token types."""
    vocabulary = {word: i for i, word in enumerate([*SPECIALS, *WORDS])}
    core = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    core.normalizer = normalizers.Lowercase()
    core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [("<s>", 1), ("</s>", 2)]
    core.post_processor = processors.TemplateProcessing("<s> $A </s>", "<s> $A </s> $B:1 </s>:1", ends)
    core.add_special_tokens([AddedToken(token, special=True) for token in SPECIALS])
    names = dict(zip(("pad_token", "bos_token", "eos_token", "unk_token", "mask_token"), SPECIALS, strict=True))
    inputs = ["input_ids", "attention_mask", *(["token_type_ids"] if types else [])]
    make: Any = hf.PreTrainedTokenizerFast
    return make(tokenizer_object=core, model_input_names=inputs, **names)


@dataclass(frozen=True, slots=True)
class Tiny:
    """A model and its tokenizer, as a user would have them in memory."""

    model: Any
    tokenizer: Any


def build(model_type: str, **settings: Any) -> Tiny:
    """The tiny model of a type with random weights that are large enough to matter, in evaluation mode."""
    config = CONFIG_MAPPING[model_type](
        **_settings(CONFIG_MAPPING[model_type](), RECIPES.get(model_type, {}) | settings)
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = getattr(hf, TYPES[model_type])(config).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(NOISE.get(model_type, 0.2) * torch.randn_like(parameter))
    types = getattr(config, "type_vocab_size", 0) or 0
    return Tiny(model, tokenizer(types=types > 1))


def _settings(default: Any, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """What to hand to the config class, sub-configs included; recipe entries of None leave the default."""
    fields = default.to_dict()
    generic = {name: value for name, value in (GENERIC | _IDS).items() if fields.get(name) is not None}
    given = {**generic, **_layers(fields), **recipe}
    for name in fields:
        part = getattr(default, name, None)
        if isinstance(part, hf.PreTrainedConfig):
            given[name] = _settings(part, recipe.get(name, {}))
    return given


def _layers(fields: Mapping[str, Any]) -> dict[str, Any]:
    """One layer of each kind, where the config lists kinds."""
    kinds = list(dict.fromkeys(fields.get("layer_types") or ()))
    if len(kinds) < 2:
        return {}
    return {"layer_types": kinds, "num_hidden_layers": len(kinds)}

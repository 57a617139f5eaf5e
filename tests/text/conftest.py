"""Tiny real models of every kind that the adapter must understand, built from config; no network."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers as hf
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

LINES = [
    "a good day in the city , with some words of a much longer line .",
    "which a row beside it must not notice ; the film is not bad at all !",
    "never dull , often wonderful , sometimes a little too long for me .",
    "the quick brown fox doesn't jump over the lazy dog , does it ?",
    "A good day. Some words of a much longer line, which a row beside it must not notice.",
]
TEXTS = [
    "the film is wonderful , never dull",
    "not good",
    "a little too long for me , and the dog is lazy ! isn't it ?",
    "",
    "dull",
]
SPECIALS = ["<pad>", "<s>", "</s>", "<unk>", "<mask>"]


def wordpiece() -> Any:
    """As BERT: lower case, [CLS] and [SEP]."""
    words = sorted(
        {word for line in LINES for word in pre_tokenizers.BertPreTokenizer().pre_tokenize_str(line.lower())}
    )
    letters = [chr(c) for c in range(33, 127) if not chr(c).isupper()]
    entries = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *letters,
        *(f"##{c}" for c in letters),
        *(w for w, _ in words),
    ]
    vocab = {entry: i for i, entry in enumerate(dict.fromkeys(entries))}
    return hf.BertTokenizer(vocab=vocab)


def byte_level(*, bos: bool, pad: bool = True, mask: bool = True) -> Any:
    """As RoBERTa and BART (with <s> and </s> around) or as GPT-2 (nothing around)."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    core.train_from_iterator(
        LINES,
        trainers.BpeTrainer(vocab_size=330, show_progress=False, special_tokens=SPECIALS, initial_alphabet=alphabet),
    )
    if bos:
        core.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 1), True, False)
    else:
        core.post_processor = processors.ByteLevel(trim_offsets=False)
    special = {"pad_token": "<pad>" if pad else None, "mask_token": "<mask>" if mask else None}
    return _fast(core, bos_token="<s>", eos_token="</s>", unk_token="<unk>", **special)


def sentencepiece(template: str, *, mask: bool = False, **settings: Any) -> Any:
    """As T5 (`$A </s>`), Llama (`<s> $A`), XLNet (`$A </s> <s>`) or ALBERT: "▁" marks the beginning of a word."""
    core = Tokenizer(models.Unigram())
    core.normalizer = normalizers.NFKC()
    core.pre_tokenizer = pre_tokenizers.Metaspace()
    core.decoder = decoders.Metaspace()
    letters = sorted({letter for line in LINES for letter in line})
    trainer = trainers.UnigramTrainer(
        vocab_size=150, show_progress=False, special_tokens=SPECIALS, unk_token="<unk>", initial_alphabet=letters
    )
    core.train_from_iterator(LINES, trainer)
    known = [(token, core.token_to_id(token)) for token in ("<s>", "</s>")]
    pair = f"{template} " + template.replace("$A", "$B").removeprefix("<s> ")
    core.post_processor = processors.TemplateProcessing(single=template, pair=pair, special_tokens=known)
    special = {"mask_token": "<mask>"} if mask else {}
    return _fast(core, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<pad>", **special, **settings)


def _fast(core: Tokenizer, **settings: Any) -> Any:
    inputs = settings.pop("model_input_names", ["input_ids", "attention_mask"])
    core.add_special_tokens([AddedToken(token, special=True) for token in SPECIALS])
    make: Any = hf.PreTrainedTokenizerFast
    return make(tokenizer_object=core, model_input_names=inputs, **settings)


_SIZE = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
_ENDS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
_BART = {
    "d_model": 16,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 24,
    "decoder_ffn_dim": 24,
    "max_position_embeddings": 64,
    "decoder_start_token_id": 2,
}
_GPT2 = {"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 64, "bos_token_id": 1, "eos_token_id": 2}
_XLNET = {"d_model": 16, "n_layer": 2, "n_head": 2, "d_inner": 24}
_T5 = {"d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 2, "num_heads": 2, "decoder_start_token_id": 0}
_LLAMA = _SIZE | {"num_key_value_heads": 1, "max_position_embeddings": 64}


def _bert_like() -> Any:
    return wordpiece()


def _roberta_like() -> Any:
    return byte_level(bos=True)


MODELS: dict[str, tuple[Callable[[], Any], str, dict[str, Any]]] = {
    "bert": (_bert_like, "Bert", _SIZE | {"max_position_embeddings": 64}),
    "roberta": (_roberta_like, "Roberta", _SIZE | _ENDS | {"max_position_embeddings": 66, "type_vocab_size": 1}),
    "distilbert": (
        _bert_like,
        "DistilBert",
        {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 24, "max_position_embeddings": 64},
    ),
    "albert": (
        lambda: sentencepiece("<s> $A </s>", mask=True),
        "Albert",
        _SIZE | {"embedding_size": 8, "max_position_embeddings": 64},
    ),
    "electra": (_bert_like, "Electra", _SIZE | {"embedding_size": 8, "max_position_embeddings": 64}),
    "deberta-v2": (
        lambda: sentencepiece("<s> $A </s>", mask=True),
        "DebertaV2",
        _SIZE | {"relative_attention": True, "pos_att_type": ["c2p", "p2c"], "max_position_embeddings": 64},
    ),
    "xlnet": (lambda: sentencepiece("$A </s> <s>"), "XLNet", _XLNET),
    "gpt2": (lambda: byte_level(bos=False, mask=False), "GPT2", _GPT2 | {"pad_token_id": 0}),
    "gpt2-padless": (lambda: byte_level(bos=False, pad=False, mask=False), "GPT2", _GPT2),
    "llama": (lambda: sentencepiece("<s> $A"), "Llama", _LLAMA | _ENDS),
    "llama-padless": (lambda: sentencepiece("<s> $A"), "Llama", _LLAMA | {"bos_token_id": 1, "eos_token_id": 2}),
    "bart": (_roberta_like, "Bart", _BART | _ENDS),
    "t5": (lambda: sentencepiece("$A </s>"), "T5", _T5 | {"pad_token_id": 0, "eos_token_id": 2}),
    "longformer": (
        _roberta_like,
        "Longformer",
        _SIZE | _ENDS | {"attention_window": 8, "max_position_embeddings": 74, "type_vocab_size": 1},
    ),
}


@dataclass(frozen=True, slots=True)
class Tiny:
    """A model and its tokenizer, as a user would have them in memory."""

    model: Any
    tokenizer: Any


def build(name: str, *, classes: int = 3, seed: int = 0, **settings: Any) -> Tiny:
    """The named tiny model with random weights that are large enough to matter, in evaluation mode."""
    make, prefix, config = MODELS[name]
    tokenizer = make()
    shape = {"vocab_size": len(tokenizer), "num_labels": classes} | config | settings
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = getattr(hf, f"{prefix}ForSequenceClassification")(getattr(hf, f"{prefix}Config")(**shape)).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.3 * torch.randn_like(parameter))
    return Tiny(model, tokenizer)


Build = Callable[..., Tiny]


@pytest.fixture(scope="session")
def build_tiny() -> Build:
    """Builds a tiny model by name."""
    return build


@pytest.fixture(params=sorted(MODELS))
def architecture(request: pytest.FixtureRequest) -> str:
    """Each kind of model in turn."""
    return str(request.param)


@pytest.fixture
def tiny(architecture: str) -> Tiny:
    """Each tiny model in turn."""
    return build(architecture)


@pytest.fixture
def bert() -> Tiny:
    """The everyday case."""
    return build("bert")


@pytest.fixture
def texts() -> list[str]:
    """Of several lengths, one of them empty."""
    return list(TEXTS)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tiny models are slower on several threads, and much slower on a busy machine."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def kit() -> Path:
    """The folder of the kit: real models and rows."""
    beside = Path(__file__).resolve().parents[3] / "shared"
    folder = Path(os.environ.get("TOKEN_SALIENCY_KIT", beside))
    if not (folder / "models").is_dir():
        pytest.skip(f"the kit is not at {folder} (set TOKEN_SALIENCY_KIT)")
    return folder

"""Vocabularies that do not fit: special tokens beyond the table, words added before an adapter, prompts in front."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from token_saliency import TextClassifier
from token_saliency.errors import OptionError

if TYPE_CHECKING:
    from tests.text.conftest import Build

TEXTS = ["not good", "the film is wonderful , never dull"]


def plain(model: Any, tokenizer: Any) -> Any:
    with torch.no_grad():
        rows = [model(**tokenizer(text, return_tensors="pt")).logits[0] for text in TEXTS]
    return torch.stack(rows).numpy()


def test_a_pad_token_beyond_the_table_does_no_harm(build_tiny: Build) -> None:
    tiny = build_tiny("gpt2-padless")
    wanted = plain(tiny.model, tiny.tokenizer)
    tiny.tokenizer.add_special_tokens({"pad_token": "[PAD]"})
    assert tiny.tokenizer.pad_token_id >= tiny.model.config.vocab_size
    own = TextClassifier(tiny.model, tiny.tokenizer)
    np.testing.assert_allclose(own.predict(TEXTS).logits, wanted, atol=1e-4)
    assert np.isfinite(own.explain(TEXTS)[0].scores).all()


def test_a_mask_token_beyond_the_table_is_no_baseline(build_tiny: Build) -> None:
    tiny = build_tiny("gpt2")
    tiny.tokenizer.add_special_tokens({"mask_token": "[MASK]"})
    own = TextClassifier(tiny.model, tiny.tokenizer)
    assert own.explain(TEXTS[:1])[0].baseline == "mean"
    with pytest.raises(OptionError, match=r"mask token is .* choose mean or zero"):
        own.explain(TEXTS[:1], baseline="mask")


@pytest.mark.parametrize("kind", ["enlarged", "prompt", "replicated"])
def test_adapters_of_other_kinds_load_from_their_folders(build_tiny: Build, tmp_path: Path, kind: str) -> None:
    peft = pytest.importorskip("peft", reason="peft is not installed (the extra [peft])")
    tiny = build_tiny("bert" if kind == "prompt" else "llama")
    base, folder, tokenizer = tmp_path / "base", tmp_path / "adapter", tiny.tokenizer
    tiny.model.save_pretrained(base)
    tokenizer.save_pretrained(base)
    model = type(tiny.model).from_pretrained(base)
    if kind == "enlarged":
        tokenizer.add_tokens(["zebra"])
        model.resize_token_embeddings(len(tokenizer))
    config = {
        "enlarged": lambda: peft.LoraConfig(task_type="SEQ_CLS", r=2, target_modules=["q_proj"]),
        "prompt": lambda: peft.PromptTuningConfig(task_type="SEQ_CLS", num_virtual_tokens=4),
        "replicated": lambda: peft.LoraConfig(
            task_type="SEQ_CLS", r=2, target_modules=["q_proj"], layer_replication=[[0, 2], [1, 2]]
        ),
    }[kind]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        adapted = peft.get_peft_model(model, config).eval()
        torch.manual_seed(0)
        with torch.no_grad():
            for parameter in adapted.parameters():
                if parameter.requires_grad:
                    parameter.add_(0.3 * torch.randn_like(parameter))
        adapted.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    own = TextClassifier.from_pretrained(str(folder), device="cpu")
    np.testing.assert_allclose(own.predict(TEXTS).logits, plain(adapted, tokenizer), atol=1e-4)

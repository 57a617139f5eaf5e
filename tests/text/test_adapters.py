from __future__ import annotations

import json
import shutil
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from token_saliency.errors import ModelError
from token_saliency.text.classifier import TextClassifier

if TYPE_CHECKING:
    from tests.text.conftest import Build

TEXTS: list[str | tuple[str, str]] = ["not good at all", ("the film is wonderful", "never dull")]


@pytest.fixture
def folders(tmp_path: Path, build_tiny: Build) -> tuple[Path, Path, Any]:
    """A base with two classes, an adapter with a head of three, and the adapted model as peft would call it."""
    peft = pytest.importorskip("peft", reason="peft is not installed (the extra [peft])")
    from transformers import AutoModelForSequenceClassification

    base, adapter = tmp_path / "base", tmp_path / "adapter"
    tiny = build_tiny("bert", classes=2)
    tiny.model.save_pretrained(base)
    tiny.tokenizer.save_pretrained(base)
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=3, ignore_mismatched_sizes=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of peft, about names that transformers will drop
        adapted = peft.get_peft_model(
            model, peft.LoraConfig(task_type="SEQ_CLS", r=2, target_modules=["query", "value"])
        ).eval()
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_" in name:
                parameter.add_(0.3 * torch.randn_like(parameter))
    adapted.save_pretrained(adapter)
    return base, adapter, (adapted, tiny.tokenizer)


def test_an_adapter_is_merged_into_its_base(folders: tuple[Path, Path, Any]) -> None:
    _, folder, (model, tokenizer) = folders
    classifier = TextClassifier.from_pretrained(str(folder))
    encoded = [tokenizer(*([text] if isinstance(text, str) else text), return_tensors="pt") for text in TEXTS]
    with torch.no_grad():
        expected = torch.cat([model(**one).logits for one in encoded]).numpy()
    np.testing.assert_allclose(classifier.predict(TEXTS).logits, expected, atol=1e-5)
    assert len(classifier.labels) == 3
    assert classifier.info.architecture == "BertForSequenceClassification"
    assert classifier.self_test.hook_identity
    assert classifier.explain(TEXTS, "gradient")[1].text_pair == "never dull"


def test_without_peft_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ModelError, match="pip install peft"):
        TextClassifier.from_pretrained(str(tmp_path))


def rewrite(**changes: Any) -> Any:
    def harm(folder: Path) -> None:
        config = json.loads((folder / "adapter_config.json").read_text()) | changes
        (folder / "adapter_config.json").write_text(json.dumps(config))

    return harm


def headless(folder: Path) -> None:
    weights = load_file(folder / "adapter_model.safetensors")
    kept = {name: value.clone() for name, value in weights.items() if "classifier" not in name}
    save_file(kept, folder / "adapter_model.safetensors")
    base = folder.parent / "base"
    weights = load_file(base / "model.safetensors")
    kept = {name: value.clone() for name, value in weights.items() if "classifier" not in name}
    save_file(kept, base / "model.safetensors", {"format": "pt"})


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (rewrite(base_model_name_or_path="./nowhere"), "base model of the adapter .* is missing: There is no folder"),
        (rewrite(base_model_name_or_path=None), "names no base model"),
        (rewrite(peft_type="MAGIC"), "cannot be merged"),
        (lambda folder: (folder / "adapter_config.json").write_text("{oops"), "cannot be read"),
        (lambda folder: (folder / "adapter_config.json").write_text("{}"), "cannot be read .KeyError"),
        (lambda folder: (folder / "adapter_model.safetensors").unlink(), "cannot be read"),
        (lambda folder: (folder / "adapter_model.safetensors").write_bytes(b"junk"), "cannot be read"),
        (lambda folder: shutil.rmtree(folder.parent / "base"), "is missing"),
        (headless, "no trained classification head"),
    ],
)
def test_a_harmed_adapter_is_one_clear_line(folders: tuple[Path, Path, Any], harm: Any, said: str) -> None:
    harm(folders[1])
    with pytest.raises(ModelError, match=said) as caught:
        TextClassifier.from_pretrained(str(folders[1]))
    assert "\n" not in str(caught.value)

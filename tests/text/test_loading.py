from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file
from transformers.utils import logging

from token_saliency.errors import ModelError, OptionError
from token_saliency.text.classifier import TextClassifier

if TYPE_CHECKING:
    from tests.text.conftest import Tiny


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


@pytest.fixture
def folder(tmp_path: Path, bert: Tiny) -> Path:
    bert.model.save_pretrained(tmp_path)
    bert.tokenizer.save_pretrained(tmp_path)
    return tmp_path


def generator_states() -> tuple[Any, ...]:
    numpy: Any = np.random.get_state()
    return random.getstate(), numpy[1].tolist(), torch.get_rng_state().tolist()


@pytest.fixture
def generators() -> Iterator[None]:
    """The random generators, which must not have moved."""
    before = generator_states()
    yield
    assert generator_states() == before


@pytest.mark.usefixtures("generators")
def test_a_folder_is_loaded_in_silence(folder: Path, bert: Tiny, capfd: pytest.CaptureFixture[str]) -> None:
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    classifier = TextClassifier.from_pretrained(str(folder))
    expected = TextClassifier(bert.model, bert.tokenizer).predict(["not good"]).logits
    np.testing.assert_allclose(classifier.predict(["not good"]).logits, expected, atol=1e-6)
    assert capfd.readouterr() == ("", "")
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == (level, bars)


def test_the_revision_says_whether_the_weights_are_the_same(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, bert: Tiny
) -> None:
    other = tmp_path_factory.mktemp("other")
    bert.tokenizer.save_pretrained(other)
    bert.model.save_pretrained(other)
    first = TextClassifier.from_pretrained(str(folder)).info.revision
    assert first == TextClassifier.from_pretrained(str(other)).info.revision
    with torch.no_grad():
        bert.model.classifier.bias += 1
    bert.model.save_pretrained(other)
    assert first != TextClassifier.from_pretrained(str(other)).info.revision


@pytest.mark.parametrize(
    ("dtype", "expected"), [("float32", "float32"), ("bfloat16", "bfloat16"), ("auto", "bfloat16")]
)
def test_the_precision_is_as_asked_or_as_stored(folder: Path, bert: Tiny, dtype: str, expected: str) -> None:
    bert.model.to(torch.bfloat16).save_pretrained(folder)
    assert TextClassifier.from_pretrained(str(folder), dtype=dtype).info.dtype == expected


def test_a_limit_given_at_loading_holds(folder: Path) -> None:
    assert TextClassifier.from_pretrained(str(folder), max_length=7).count_tokens(["dog " * 50]) == [7]


@pytest.mark.parametrize(
    "name", ["./x", "/no/such/folder", "a/b/c", "~/x", "..", "", "x y", "C:\\models\\x", "owner/na me"]
)
def test_what_looks_like_a_path_is_a_missing_folder(name: str) -> None:
    with pytest.raises(ModelError, match=r"no folder|no model folder"):
        TextClassifier.from_pretrained(name)


@pytest.mark.parametrize("name", ["owner/name", "owner/name@main", "bert-base-uncased"])
def test_a_hub_id_without_a_network_is_one_clear_line(name: str) -> None:
    with pytest.raises(ModelError, match="hub cannot be reached"):
        TextClassifier.from_pretrained(name)


def test_a_misspelt_folder_is_told_its_neighbour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("my-model", "no-model-inside"):
        (tmp_path / name).mkdir()
    (tmp_path / "my-model" / "config.json").touch()
    with pytest.raises(ModelError, match=r"no folder 'my-modle' \(did you mean 'my-model'\?\)"):
        TextClassifier.from_pretrained("my-modle")
    with pytest.raises(ModelError, match="no folder 'no-model-insid', and"):
        TextClassifier.from_pretrained("no-model-insid")


@pytest.mark.parametrize("name", ["owner/name", "owner/name@main"])
def test_a_copy_from_the_hub_is_used_without_a_network(
    name: str, folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path_factory.mktemp("cache")
    copies = cache / "models--owner--name"
    shutil.copytree(folder, copies / "snapshots" / ("0" * 40))
    (copies / "refs").mkdir()
    (copies / "refs" / "main").write_text("0" * 40)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    info = TextClassifier.from_pretrained(name).info
    assert (info.id, info.revision) == (name, "0" * 40)


@pytest.mark.parametrize("name", ["a--b/c..d", "-x/y"])
def test_what_can_be_no_hub_id_is_said(name: str) -> None:
    with pytest.raises(ModelError, match="no hub id"):
        TextClassifier.from_pretrained(name)


def remove(*names: str) -> Any:
    return lambda folder: [(folder / name).unlink() for name in names]


def write(name: str, content: str) -> Any:
    return lambda folder: (folder / name).write_text(content, encoding="utf-8")


def without_head(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    kept = {name: value.clone() for name, value in weights.items() if not name.startswith("classifier")}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})


def cut(folder: Path) -> None:
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])


def other_classes(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {str(i): f"c{i}" for i in range(7)}
    (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (remove("config.json"), "no config.json"),
        (write("config.json", "{oops"), "cannot be read as JSON"),
        (write("config.json", "[]"), "names no model_type"),
        (write("config.json", '{"model_type": "nope"}'), "nope"),
        (write("config.json", "{}"), "names no model_type"),
        (remove("tokenizer.json", "tokenizer_config.json"), "has no tokenizer"),
        (write("tokenizer.json", "{oops"), "tokenizer of .* cannot be loaded"),
        (remove("model.safetensors"), "cannot be loaded as a sequence classifier"),
        (without_head, "no trained classification head: classifier.bias and 1 more"),
        (cut, "cannot be loaded as a sequence classifier"),
        (other_classes, "cannot be loaded as a sequence classifier"),
    ],
)
def test_a_harmed_folder_is_one_clear_line(folder: Path, harm: Any, said: str) -> None:
    harm(folder)
    with pytest.raises(ModelError, match=said) as caught:
        TextClassifier.from_pretrained(str(folder))
    assert "\n" not in str(caught.value)


def test_a_file_is_no_folder(folder: Path) -> None:
    with pytest.raises(ModelError, match="is a file"):
        TextClassifier.from_pretrained(str(folder / "config.json"))


def test_a_tokenizer_without_offsets_is_refused_at_loading(folder: Path) -> None:
    config = json.loads((folder / "tokenizer_config.json").read_text())
    config["tokenizer_class"] = "CanineTokenizer"
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="gives no character offsets"):
        TextClassifier.from_pretrained(str(folder))


@pytest.mark.parametrize("device", ["toaster", "cuda:99", "cuda"])
def test_a_device_that_is_not_there_is_refused(folder: Path, device: str) -> None:
    if device == "cuda" and torch.cuda.is_available():
        pytest.skip("this machine has one")
    with pytest.raises(OptionError, match="no device"):
        TextClassifier.from_pretrained(str(folder), device=device)


def test_an_unknown_precision_is_refused(folder: Path) -> None:
    with pytest.raises(OptionError, match="Unknown dtype 'float8'"):
        TextClassifier.from_pretrained(str(folder), dtype="float8")

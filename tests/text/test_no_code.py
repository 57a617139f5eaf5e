"""A model folder or a run directory that brings pickles or code: none of it is run."""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import sys
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.text.conftest import Tiny
from token_saliency import ModelError, TextClassifier
from token_saliency.store.journal import _HEAD, JOURNAL_FILE, Journal


class Evil:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return os.mkdir, (str(self.mark),)


@pytest.fixture
def folder(bert: Tiny, tmp_path: Path) -> Path:
    place = tmp_path / "model"
    bert.model.save_pretrained(place)
    bert.tokenizer.save_pretrained(place)
    return place


def changed(file: Path, **values: object) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


@pytest.mark.parametrize("kind", ["pickle", "torch"])
def test_weights_that_are_a_pickle_run_nothing(folder: Path, tmp_path: Path, kind: str) -> None:
    (folder / "model.safetensors").unlink()
    weights: dict[str, object] = {"bert.embeddings.word_embeddings.weight": Evil(tmp_path / "ran")}
    file = folder / "pytorch_model.bin"
    file.write_bytes(pickle.dumps(weights)) if kind == "pickle" else torch.save(weights, file)

    with pytest.raises(ModelError):
        TextClassifier.from_pretrained(str(folder))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("where", ["config.json", "tokenizer_config.json"])
def test_code_of_the_author_is_not_run_unless_that_is_asked(folder: Path, tmp_path: Path, where: str) -> None:
    (folder / "evil.py").write_text(f"import os\nos.mkdir({str(tmp_path / 'ran')!r})\n")
    names = {
        "AutoModelForSequenceClassification": "evil.Evil",
        "AutoTokenizer": ["evil.Evil", None],
        "AutoConfig": "evil.Evil",
    }
    changed(folder / where, auto_map=names, **({"model_type": "evil"} if where == "config.json" else {}))
    if where == "tokenizer_config.json":
        changed(folder / where, tokenizer_class="EvilTokenizer")

    with suppress(ModelError):  # a tokenizer may well be read without its code
        TextClassifier.from_pretrained(str(folder))
    assert not (tmp_path / "ran").exists()


def test_an_adapter_that_is_a_pickle_runs_nothing(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("peft", reason="peft is not installed")
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text(
        json.dumps({"base_model_name_or_path": str(folder), "peft_type": "LORA"})
    )
    torch.save({"x": Evil(tmp_path / "ran")}, adapter / "adapter_model.bin")

    with pytest.raises(ModelError):
        TextClassifier.from_pretrained(str(adapter))
    assert not (tmp_path / "ran").exists()


def test_a_journal_with_pickled_arrays_runs_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / JOURNAL_FILE, {})
    journal._begun()
    buffer = io.BytesIO()
    np.savez(buffer, keys=np.array([Evil(tmp_path / "ran")], dtype=object), spent=np.zeros(4))
    payload = buffer.getvalue()
    assert journal._stream is not None
    journal._stream.write(_HEAD.pack(len(payload), zlib.crc32(payload)) + payload)
    journal.close()

    with journal:
        assert journal.blocks() == []
    assert not (tmp_path / "ran").exists()


def test_the_evil_object_would_have_run(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Evil(tmp_path / "ran")))
    assert (tmp_path / "ran").is_dir()
    shutil.rmtree(tmp_path / "ran")


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes with names there")
def test_a_pipe_in_a_model_folder_is_not_waited_for(folder: Path) -> None:
    (folder / "config.json").unlink()
    os.mkfifo(folder / "config.json")
    with pytest.raises(ModelError, match=r"holds 'config\.json', a pipe or a device"):
        TextClassifier.from_pretrained(str(folder))


@pytest.mark.parametrize("left", [0, 5, 20, -100])
def test_weights_that_are_cut_short_are_refused(folder: Path, left: int) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(ModelError, match="cannot be loaded"):
        TextClassifier.from_pretrained(str(folder))

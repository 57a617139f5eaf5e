"""Data sets of the `datasets` library, from memory and from local folders; the hub itself is never asked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import datasets
import huggingface_hub
import pytest

from token_saliency.data import load_rows

NAMES = ["negative", "positive"]
FEATURES = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=NAMES[::-1])})


def dataset(*texts: str, first: int = 0) -> datasets.Dataset:
    labels = [(first + n) % 2 for n in range(len(texts))]
    return datasets.Dataset.from_dict({"text": list(texts), "label": labels}, features=FEATURES)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


def test_class_labels_are_matched_by_name_not_by_number() -> None:
    rows = load_rows(dataset("a", "b"), labels=NAMES)
    assert [(e.id, e.text, e.label) for e in rows.examples] == [("1", "a", "positive"), ("2", "b", "negative")]


def test_class_labels_are_numbers_for_a_model_whose_classes_have_no_names() -> None:
    rows = load_rows(dataset("a", "b"), labels=["LABEL_0", "LABEL_1"])
    assert [example.label for example in rows.examples] == ["LABEL_0", "LABEL_1"]


def test_the_hidden_labels_of_a_benchmark_are_blank() -> None:
    data = datasets.Dataset.from_dict({"text": ["a", "b"], "label": [-1, 0]}, features=FEATURES)
    assert [example.label for example in load_rows(data, labels=NAMES).examples] == [None, "positive"]
    assert [example.label for example in load_rows(data, labels=["LABEL_0", "LABEL_1"]).examples] == [None, "LABEL_0"]


def test_a_selection_of_a_data_set_is_read_not_the_whole() -> None:
    rows = load_rows(dataset("a", "b", "c", "d").select([3, 1]).with_format("numpy"), labels=NAMES)
    assert [example.text for example in rows.examples] == ["d", "b"]


def test_columns_that_are_no_text_and_no_number_are_left_aside() -> None:
    data = (
        dataset("a", "b")
        .add_column("vector", [[0.5] * 9] * 2)
        .add_column("box", [{"x": 1}] * 2)
        .add_column("raw", [b"a"] * 2)
    )
    assert dict(load_rows(data, labels=NAMES).examples[0].metadata) == {}


def test_the_held_out_split_of_several_is_used_and_said() -> None:
    data = datasets.DatasetDict({"train": dataset("a", "b"), "test": dataset("c")})
    rows = load_rows(data, labels=NAMES)
    assert [(example.id, example.text) for example in rows.examples] == [("test-1", "c")]
    assert rows.split == "test"
    assert "not 'train' (2)" in rows.notes[0]


def test_all_splits_together_keep_the_ids_of_each(refusal: Callable[..., str]) -> None:
    data = datasets.DatasetDict({"train": dataset("a", "b"), "test": dataset("c")})
    rows = load_rows(data, labels=NAMES, split="all")
    assert [(e.id, e.metadata["split"]) for e in rows.examples] == [
        ("train-1", "train"),
        ("train-2", "train"),
        ("test-1", "test"),
    ]
    assert "'train' (2), 'test' (1)" in refusal(data, split="dev")


def test_a_streamed_data_set_is_refused(refusal: Callable[..., str]) -> None:
    assert "streamed" in refusal(dataset("a").to_iterable_dataset())


def test_folders_that_the_library_saved_are_read(tmp_path: Path) -> None:
    dataset("a", "b").save_to_disk(tmp_path / "one")
    datasets.DatasetDict({"train": dataset("a"), "validation": dataset("b", "c")}).save_to_disk(tmp_path / "many")
    one = load_rows(tmp_path / "one", labels=NAMES)
    many = load_rows(str(tmp_path / "many"), labels=NAMES)
    assert ([example.text for example in one.examples], one.id) == (["a", "b"], "one")
    assert ([example.text for example in many.examples], many.id, many.split) == (["b", "c"], "many", "validation")


def test_a_folder_as_on_the_hub_is_read_with_its_configurations(tmp_path: Path, refusal: Callable[..., str]) -> None:
    configs = "".join(f"- config_name: {name}\n  data_files: {name}.csv\n" for name in ("films", "books"))
    (tmp_path / "README.md").write_text(f"---\nconfigs:\n{configs}---\n")
    (tmp_path / "films.csv").write_text("text,label\na film,positive\n")
    (tmp_path / "books.csv").write_text("text,label\na book,negative\n")
    rows = load_rows(f"{tmp_path}:books", labels=NAMES)
    assert [example.text for example in rows.examples] == ["a book"]
    assert "cannot be loaded as a data set" in refusal(tmp_path)


def test_folders_without_rows_or_with_broken_ones_are_refused(tmp_path: Path, refusal: Callable[..., str]) -> None:
    (tmp_path / "nothing").mkdir()
    assert "cannot be loaded as a data set" in refusal(tmp_path / "nothing")
    assert "Give a file, a folder written by `datasets`, or a hub id." in refusal(tmp_path / "nothing")
    dataset("a").save_to_disk(tmp_path / "cut")
    next((tmp_path / "cut").glob("*.arrow")).write_bytes(b"cut")
    assert "cannot be loaded as a data set" in refusal(tmp_path / "cut")
    (tmp_path / "cut" / "state.json").write_text("{")
    assert "cannot be loaded as a data set" in refusal(tmp_path / "cut")


class Unreachable(Exception):  # noqa: N818
    """Stands for the transport error of an HTTP library: no error of the hub, no OSError."""


def test_a_hub_out_of_reach_is_said_after_one_question(
    refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(_: huggingface_hub.HfApi, name: str, *, timeout: float) -> None:
        raise Unreachable(f"[Errno -2] Name or service\nnot known: {name} {timeout}")

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", unreachable)
    message = refusal("some-owner/some-name")
    assert "the hub is out of reach ([Errno -2] Name or service not known: some-owner/some-name 10.0)" in message


OFFLINE = """
import sys, time
from token_saliency.data import load_rows
from token_saliency.errors import DataError
try:
    load_rows("some-owner/some-name:config", labels=["a", "b"])
except DataError as error:
    print(error)
print("torch" in sys.modules)
"""


def test_a_hub_id_offline_is_one_line_and_needs_no_torch(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE],
        capture_output=True,
        text=True,
        check=True,
        env={"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout.splitlines() == [
        "'some-owner/some-name' is no file or folder here, and the hub is switched off (HF_HUB_OFFLINE): "
        "give a local file, or go online once.",
        "False",
    ]

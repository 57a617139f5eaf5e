"""Which rows of a source with splits are used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from token_saliency.data import load_rows
from token_saliency.data.splits import choose_split

NAMES = ["negative", "positive"]


def table(*splits: str) -> str:
    return "text,split\n" + "".join(f"text {n},{split}\n" for n, split in enumerate(splits))


@pytest.mark.parametrize(
    ("splits", "chosen"),
    [
        (["train", "dev", "test"], "test"),
        (["dev", "train", "validation"], "validation"),
        (["train", "dev"], "dev"),
        (["train", "Test"], "Test"),
        (["train"], "train"),
    ],
)
def test_the_held_out_split_is_used_where_none_is_asked_for(
    splits: list[str], chosen: str, write: Callable[..., Path]
) -> None:
    rows = load_rows(write("rows.csv", table(*splits)), labels=NAMES)
    assert rows.split == chosen
    assert [example.text for example in rows.examples] == [f"text {splits.index(chosen)}"]
    others = [split for split in splits if split != chosen]
    assert all(any(f"'{other}' (1)" in note for note in rows.notes) for other in others)


def test_the_split_that_is_asked_for_is_used_and_rows_keep_their_ids(write: Callable[..., Path]) -> None:
    path = write("rows.csv", table("train", "test", "train"))
    rows = load_rows(path, labels=NAMES, split="train")
    assert [(example.id, example.text) for example in rows.examples] == [("1", "text 0"), ("3", "text 2")]
    assert (rows.split, rows.seen) == ("train", 2)
    assert load_rows(path, labels=NAMES, split="test").examples == load_rows(path, labels=NAMES).examples


def test_all_is_everything_and_the_split_becomes_metadata(write: Callable[..., Path]) -> None:
    rows = load_rows(write("rows.csv", table("train", "test", "train")), labels=NAMES, split="all")
    assert [example.metadata["split"] for example in rows.examples] == ["train", "test", "train"]
    assert (rows.split, rows.seen) == ("all", 3)


def test_an_unknown_split_lists_the_splits_with_counts(write: Callable[..., Path], refusal: Callable[..., str]) -> None:
    message = refusal(write("rows.csv", table("train", "test", "train")), split="tset")
    assert "'train' (2), 'test' (1)" in message
    assert "no split 'tset'" in message


def test_folds_must_be_chosen(write: Callable[..., Path], refusal: Callable[..., str]) -> None:
    assert "--split NAME, or --split all" in refusal(write("rows.csv", table("1", "2", "3")))


def test_a_split_of_a_file_without_splits_is_refused(write: Callable[..., Path], refusal: Callable[..., str]) -> None:
    path = write("rows.csv", "text\nfine\n")
    assert "no column 'split'" in refusal(path, split="test")
    assert load_rows(path, labels=NAMES, split="all").seen == 1


def test_a_frame_in_memory_is_taken_whole_unless_a_split_is_asked_for() -> None:
    frame = pd.DataFrame({"text": ["a", "b"], "split": ["train", "test"]})
    rows = load_rows(frame, labels=NAMES)
    assert len(rows.examples) == 2
    assert any("every split" in note for note in rows.notes)
    assert [example.id for example in load_rows(frame, labels=NAMES, split="test").examples] == ["2"]


def test_a_split_that_is_called_all_comes_before_everything() -> None:
    assert choose_split({"all": 3, "other": 2}, "all", "x") == ("all", ())
    rows = load_rows(pd.DataFrame({"text": ["a", "b"], "split": ["all", "other"]}), labels=NAMES, split="all")
    assert rows.seen == 1

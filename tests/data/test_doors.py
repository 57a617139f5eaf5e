"""The same rows are the same whichever door they come in by, and a refusal speaks the language of its caller."""

from __future__ import annotations

import bz2
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pandas as pd
import pytest

from token_saliency.data import load_rows

NAMES = ["negative", "positive"]
STARS = ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]
TEXTS = ["fine", "", "  ", "N/A", "NaN", "null", "Null and void", "None", "Nan", "dull"]
KEPT = ["fine", "Null and void", "Nan", "dull"]
ROWS = [{"text": text, "label": NAMES[n % 2]} for n, text in enumerate(TEXTS)]


def doors(folder: Path) -> dict[str, Any]:
    frame = pd.DataFrame(ROWS)
    frame.to_csv(folder / "rows.csv", index=False)
    frame.to_json(folder / "rows.jsonl", orient="records", lines=True)
    frame.to_parquet(folder / "rows.parquet")
    return {
        "frame": frame,
        "frame of the file": pd.read_csv(folder / "rows.csv"),
        "dicts": ROWS,
        "columns": frame.to_dict("list"),
        "dataset": datasets.Dataset.from_pandas(frame),
        "named tuples": list(frame.itertuples()),
        "series": [row for _, row in frame.iterrows()],
        **{name: folder / name for name in ("rows.csv", "rows.jsonl", "rows.parquet")},
    }


def test_what_is_no_text_is_left_out_and_counted_alike_from_every_door(tmp_path: Path) -> None:
    for door, source in doors(tmp_path).items():
        rows = load_rows(source, labels=NAMES)
        assert [row.text for row in rows.examples] == KEPT, door
        assert [row.label for row in rows.examples] == ["negative", "negative", "negative", "positive"], door
        assert rows.seen == len(TEXTS), door
        assert any("6 of 10 rows have no text in column 'text'" in note for note in rows.notes), (door, rows.notes)


def test_lists_and_text_files_leave_out_the_same(write: Callable[..., Path]) -> None:
    for source in (TEXTS, pd.Series(TEXTS), write("rows.txt", "\n".join(TEXTS) + "\n")):
        rows = load_rows(source, labels=NAMES)
        assert ([row.text for row in rows.examples], rows.seen) == (KEPT, 10)
        assert [row.id for row in rows.examples] == ["1", "7", "9", "10"]


# --- labels -----------------------------------------------------------------------------------------


def labelled(values: list[Any], classes: list[str]) -> list[str | None]:
    return [
        row.label
        for row in load_rows({"text": [*map(str, range(len(values)))], "label": values}, labels=classes).examples
    ]


@pytest.mark.parametrize("values", [[1, 2, 3, 4], [5, 3], ["1", "2.0", "4"], [1], np.array([1, 5, 5])])
def test_numbers_are_those_in_the_names_of_the_classes(values: Any) -> None:
    assert labelled(list(values), STARS) == [STARS[int(float(value)) - 1] for value in values]


def test_numbers_in_names_hold_whatever_their_order_and_zero_speaks_for_the_index() -> None:
    assert labelled([1, 5], STARS[::-1]) == ["1 star", "5 stars"]
    assert labelled([0, 4], STARS) == ["1 star", "5 stars"]
    assert labelled([10, 20], ["grade 10", "grade 20"]) == ["grade 10", "grade 20"]


@pytest.mark.parametrize("values", [[1, 2, 3, 4], [1, 2], [3], ["2", "4"]])
def test_numbers_that_may_count_from_nought_or_one_are_refused_with_both_maps(
    values: list[Any], refusal: Callable[..., str]
) -> None:
    classes = ["awful", "poor", "fair", "good", "superb"]
    message = refusal({"text": [*map(str, values)], "label": values}, labels=classes)

    assert "neither 0 nor 5" in message
    first, last = min(map(int, values)), max(map(int, values))
    assert f"count from 1, say --label-map {first}={classes[first - 1]}" in message
    assert f"{last}={classes[last]}." in message


def test_numbers_with_nought_and_lone_hits_of_two_classes_are_read_as_they_stand() -> None:
    assert labelled([0, 1, 2], ["a", "b", "c", "d"]) == ["a", "b", "c"]
    assert labelled([1, 1], NAMES) == ["positive", "positive"]


def test_the_numbers_of_a_class_label_count_from_nought() -> None:
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["x", "y", "z"])}
    )
    rows = datasets.Dataset.from_dict({"text": ["a", "b"], "label": [1, 2]}, features=features)

    assert [row.label for row in load_rows(rows, labels=["LABEL_0", "LABEL_1", "LABEL_2"]).examples] == [
        "LABEL_1",
        "LABEL_2",
    ]


def test_minus_one_names_its_mend_before_the_classes(refusal: Callable[..., str], write: Callable[..., Path]) -> None:
    message = refusal(write("rows.csv", "text,label\na,1\nb,0\nc,-1\n"))

    assert "'-1' (1). Mend it with --label-map=-1= " in message
    assert message.index("Mend it with") < message.index("The model has")


@pytest.mark.parametrize("yes", [1, True, "1", "true", 1.0])
def test_columns_named_like_the_classes_are_one_label(yes: Any) -> None:
    no = {1: 0, "1": "0", "true": "false"}.get(yes, 0)
    rows = load_rows(
        {"text": ["a", "b", "c", "d"], "Positive": [yes, no, yes, no], "negative": [no, yes, yes, no]}, labels=NAMES
    )

    assert [row.label for row in rows.examples] == ["positive", "negative", None, None]
    assert all(not row.metadata for row in rows.examples)
    assert "1 of 4 rows have none of them and 1 have several" in rows.notes[0]


def test_one_hot_columns_need_every_class_and_give_way_to_a_label_column_and_to_none() -> None:
    hot = {"text": ["a", "b"], "positive": [1, 0], "negative": [0, 1]}

    assert [row.label for row in load_rows(hot, labels=NAMES, label="").examples] == [None, None]
    assert [row.label for row in load_rows(hot, labels=[*NAMES, "neutral"]).examples] == [None, None]
    assert [row.label for row in load_rows(hot | {"label": [0, 0]}, labels=NAMES).examples] == ["negative"] * 2
    assert [row.label for row in load_rows(hot | {"negative": [0.3, 0.7]}, labels=NAMES).examples] == [None, None]


# --- files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
def test_compression_is_seen_from_the_bytes(write: Callable[..., Path], refusal: Callable[..., str], pack: Any) -> None:
    content = pack(b"text,label\na,positive\n")
    for name in ("rows.csv", "rows.csv.bz2", "rows.csv.xz"):
        assert [row.text for row in load_rows(write(name, content), labels=NAMES).examples] == ["a"]
    assert "is a broken" in refusal(write("cut.csv", content[:20]))


@pytest.mark.parametrize("indent", [None, 2])
def test_json_lines_may_be_one_array(write: Callable[..., Path], indent: int | None) -> None:
    path = write("rows.jsonl", json.dumps([{"text": "a"}, {"text": "b"}], indent=indent))
    assert [row.text for row in load_rows(path, labels=NAMES).examples] == ["a", "b"]


def test_a_cell_of_zeros_and_ones_names_its_class_and_several_or_none_are_no_label() -> None:
    cells = [[1, 0, 0], [0, 0, 1], [0, 1, 1], [0, 0, 0], None]
    rows = load_rows(pd.DataFrame({"text": list("vwxyz"), "label": cells}), labels=["a", "b", "c"])
    assert [row.label for row in rows.examples] == ["a", "c", None, None, None]
    assert any("1 of 5 rows have several labels" in note for note in rows.notes)

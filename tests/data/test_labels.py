"""Labels of the data -> class names of the model."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.data import load_rows, parse_label_map
from token_saliency.errors import OptionError

TWO = ["negative", "positive"]


def read(values: list[Any], labels: list[str] = TWO, **options: Any) -> list[str | None]:
    rows = load_rows([{"text": "a", "label": value} for value in values], labels=labels, **options)
    return [example.label for example in rows.examples]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (["negative", "positive"], TWO),
        ([" Negative", "POSITIVE "], TWO),
        (["0", "1"], TWO),
        ([0, 1], TWO),
        ([0.0, 1.0], TWO),
        (["0.0", "1.0"], TWO),
        ([np.int64(0), np.float32(1)], TWO),
        ([False, True], TWO),
        (["false", "True"], TWO),
        ([["negative"], ["positive"]], TWO),
        ([0, 1], ["LABEL_0", "LABEL_1"]),
        (["label_0", "LABEL_1"], ["LABEL_0", "LABEL_1"]),
        ([False, True], ["False", "True"]),
        ([1, 2], ["1", "2"]),
        ([1.0, 2.0], ["1", "2"]),
        ([0, 1], ["1", "2"]),
        (["a", "A"], ["a", "A"]),
    ],
)
def test_labels_are_matched_by_name_or_number(values: list[Any], labels: list[str]) -> None:
    assert read(values, labels) == labels


def test_a_column_is_read_one_way_as_a_whole() -> None:
    assert read([0, 1, 2], ["1", "2", "3"]) == ["1", "2", "3"]
    assert read([1, 2, 3], ["1", "2", "3"]) == ["1", "2", "3"]


@given(st.lists(st.text(min_size=1), min_size=1, max_size=6, unique=True), st.data())
def test_every_class_answers_to_its_own_name_and_number(labels: list[str], data: st.DataObject) -> None:
    clean = [label for label in labels if label.strip() == label and label.isprintable()]
    distinct = list({label.casefold(): label for label in clean if not re.search(r"\d", label)}.values())
    if len(distinct) > 1:
        index = data.draw(st.integers(0, len(distinct) - 1))
        assert read([distinct[index], distinct[0]], distinct) == [distinct[index], distinct[0]]
        assert read([index, 0], distinct) == [distinct[index], distinct[0]]


@pytest.mark.parametrize("blank", [None, float("nan"), "", "  ", [], np.nan, "N/A", "nan"])
def test_a_blank_label_is_unlabelled_and_counted(blank: Any) -> None:
    rows = load_rows([{"text": "a", "label": blank}, {"text": "b", "label": "positive"}], labels=TWO)
    assert [example.label for example in rows.examples] == [None, "positive"]
    assert "1 of 2 rows have no label" in rows.notes[0]


def test_whole_numbers_that_pandas_made_floats_are_numbers() -> None:
    assert read([1, None, 0]) == ["positive", None, "negative"]


def test_rows_with_several_labels_are_unlabelled_and_counted() -> None:
    rows = load_rows([{"text": "a", "labels": [0, 1]}, {"text": "b", "labels": [1]}], labels=TWO)
    assert [example.label for example in rows.examples] == [None, "positive"]
    assert "1 of 2 rows have several labels" in rows.notes[0]


def test_a_regression_head_has_no_labels() -> None:
    rows = load_rows([{"text": "a", "label": 3.5}], labels=["LABEL_0"])
    assert rows.examples[0].label is None
    assert "one output" in rows.notes[0]


def test_a_mismatch_shows_both_sides_with_counts_and_the_map_that_mends_it(refusal: Callable[..., str]) -> None:
    rows = [{"text": "a", "label": value} for value in ["pos", "neg", "pos", "neutral"]]
    message = refusal(rows)
    assert "'pos' (2), 'neg' (1), 'neutral' (1)" in message
    assert "'negative', 'positive'" in message
    proposed = next(word for word in shlex.split(message.replace("(", " (")) if "pos=" in word)
    assert proposed == "pos=positive,neg=negative,neutral="
    mended = load_rows(rows, labels=TWO, label_map=parse_label_map(proposed))
    assert [example.label for example in mended.examples] == ["positive", "negative", "positive"]


def test_a_partly_mismatched_column_counts_what_does_not_fit(refusal: Callable[..., str]) -> None:
    message = refusal([{"text": "a", "label": value} for value in ["positive", "neutral", "neutral", "negative"]])
    assert "'neutral' (2)." in message
    assert "--label-map neutral=" in message


def test_names_and_numbers_are_not_mixed(refusal: Callable[..., str]) -> None:
    assert "'1' (1)" in refusal([{"text": "a", "label": value} for value in ["positive", "negative", "1"]])


def test_numbers_beyond_the_classes_are_no_classes(refusal: Callable[..., str]) -> None:
    assert "1=negative,2=positive" in refusal([{"text": "a", "label": n} for n in (1, 2)])
    assert "--label-map=-1=" in refusal([{"text": "a", "label": n} for n in (-1, 0, 1)])


def test_minus_one_and_one_are_two_classes_in_order_and_neither_is_dropped(refusal: Callable[..., str]) -> None:
    message = refusal([{"text": "a", "label": n} for n in (-1, -1, 1)])

    assert "'-1' (2), '1' (1)." in message
    assert "--label-map=-1=negative,1=positive" in message


def test_numbers_around_nought_are_as_many_classes_in_order_and_none_is_dropped(refusal: Callable[..., str]) -> None:
    message = refusal([{"text": "a", "label": n} for n in (-1, 0, 1)], labels=["negative", "neutral", "positive"])

    assert "--label-map=-1=negative,0=neutral,1=positive" in message


@pytest.mark.parametrize(
    "cells",
    [
        [[0, 1], [1, 0], None],
        [[False, True], [True, False], None],
        ["[0, 1]", "[1, 0]", None],
        ["[0. 1.]", "[1. 0.]", ""],
        ["[False, True]", "[True, False]", None],
    ],
)
def test_a_list_of_marks_is_the_class_that_it_marks(cells: list[Any]) -> None:
    assert read(cells) == ["positive", "negative", None]


@pytest.mark.parametrize("cell", ["[0, 2]", "[0, 1, 0]", "(0, 1)", "[0 1", [0, None]])
def test_what_marks_not_each_class_is_no_list_of_marks(cell: Any, refusal: Callable[..., str]) -> None:
    assert read([cell]) == [None] if isinstance(cell, list) else refusal([{"text": "a", "label": cell}])


def test_a_column_with_the_names_of_the_model_is_pointed_out(refusal: Callable[..., str]) -> None:
    rows = [{"text": "a", "label": 7, "label_text": "positive"}]
    assert "Column 'label_text' holds them: --label label_text." in refusal(rows)


def test_many_unknown_labels_are_shortened(refusal: Callable[..., str]) -> None:
    message = refusal([{"text": "a", "label": f"{n} {'long' * 50}"} for n in range(500)])
    assert "and 488 more" in message
    assert len(message) < 1500


def test_a_map_may_use_numbers_and_other_case_on_both_sides() -> None:
    assert read(["POS", 3], label_map={"pos": "1", "3": "Negative"}) == ["positive", "negative"]


def test_a_map_leaves_other_values_to_their_names() -> None:
    assert read(["positive", "meh", "negative"], label_map={"meh": "negative"}) == ["positive", "negative", "negative"]


def test_an_empty_class_drops_its_rows_and_says_how_many() -> None:
    source = [{"text": "a", "label": label} for label in ["positive", "neutral", "neutral"]]
    rows = load_rows(source, labels=TWO, label_map={"neutral": ""})
    assert [example.id for example in rows.examples] == ["1"]
    assert rows.seen == 3
    assert "drops the rows labelled 'neutral' (2)" in rows.notes[0]


def test_a_map_that_drops_everything_is_refused(refusal: Callable[..., str]) -> None:
    assert "no rows left: The label map drops the rows labelled 'x' (1)" in refusal(
        [{"text": "a", "label": "x"}], label_map={"x": ""}
    )


def test_a_value_that_the_data_do_not_hold_is_noted() -> None:
    rows = load_rows([{"text": "a", "label": "positive"}], labels=TWO, label_map={"nuetral": ""})
    assert "'nuetral'" in rows.notes[0]


def test_what_says_nothing_is_a_class_where_the_model_or_the_map_has_it() -> None:
    assert read(["nan", "other"], ["nan", "other"]) == ["nan", "other"]
    assert read(["N/A", "positive"], label_map={"N/A": "negative"}) == ["negative", "positive"]


def test_none_may_be_a_class_that_the_model_has_not(refusal: Callable[..., str]) -> None:
    assert "no class of the model: 'None' (1)" in refusal([{"text": "a", "label": "None"}])


def test_a_map_the_wrong_way_round_is_turned_for_the_caller() -> None:
    with pytest.raises(OptionError, match=r"wrong way round.*--label-map pos=positive,neg=negative"):
        read(["pos", "neg"], label_map={"positive": "pos", "negative": "neg"})


def test_a_class_that_the_model_has_not_is_an_error_of_the_option() -> None:
    with pytest.raises(OptionError, match=r"'positiv'.*Did you mean 'positive'"):
        read(["pos"], label_map={"pos": "positiv"})

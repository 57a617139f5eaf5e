"""Rows that are in memory already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from token_saliency.data import load_rows
from token_saliency.errors import DataError
from token_saliency.results import Example

NAMES = ["negative", "positive"]
DICTS = [{"text": "a", "label": 1}, {"text": "b", "label": 0}]

SOURCES: dict[str, Any] = {
    "DataFrame": pd.DataFrame(DICTS),
    "DataFrame with its own index": pd.DataFrame(DICTS, index=["x", "x"]),
    "list of dicts": DICTS,
    "tuple of dicts": tuple(DICTS),
    "generator of dicts": (row for row in DICTS),
    "dict of columns": {"text": ["a", "b"], "label": np.array([1, 0])},
    "list of Example": [Example("1", "a", label="positive"), Example("2", "b", label="negative")],
}


@pytest.mark.parametrize("name", SOURCES)
def test_the_same_rows_come_out_of_every_container(name: str) -> None:
    rows = load_rows(SOURCES[name], labels=NAMES)
    assert rows.examples == [Example("1", "a", label="positive"), Example("2", "b", label="negative")]
    assert rows.notes == []


@pytest.mark.parametrize("texts", [["a", "b"], ("a", "b"), pd.Series(["a", "b"]), np.array(["a", "b"])])
def test_texts_alone_are_unlabelled_rows(texts: Any) -> None:
    rows = load_rows(texts, labels=NAMES)
    assert rows.examples == [Example("1", "a"), Example("2", "b")]
    assert "no label column" in rows.notes[0]


def test_tuples_of_a_text_and_a_class_are_no_pairs_of_texts() -> None:
    named = [("a good film", "Positive"), ("a bad film", "negative")]
    with pytest.raises(DataError, match=r"each second text \('text_pair'\) is the name of a class"):
        load_rows(named, labels=["negative", "positive"])
    assert [row.text_pair for row in load_rows(named, labels=["no", "yes"]).examples] == ["Positive", "negative"]
    asked = load_rows(named, labels=["negative", "positive"], text_pair="text_pair")
    assert asked.examples[0].text_pair == "Positive"


def test_tuples_are_pairs() -> None:
    rows = load_rows([("a", "b"), ("c", "d")], labels=NAMES)
    assert [(example.text, example.text_pair) for example in rows.examples] == [("a", "b"), ("c", "d")]


def test_examples_keep_their_ids_pairs_and_metadata() -> None:
    given = [Example("x", "a", "b", "positive", {"topic": "films"}), Example("y", "c", "d", None, {})]
    assert load_rows(given, labels=NAMES).examples == given


def test_labels_of_examples_are_matched_to_the_model_too(refusal: Callable[..., str]) -> None:
    assert load_rows([Example("1", "a", label="POSITIVE")], labels=NAMES).examples[0].label == "positive"
    assert "'great' (1)" in refusal([Example("1", "a", label="great")])


def test_metadata_follows_its_example_when_others_are_dropped() -> None:
    given = [
        Example("1", "a", label="neutral", metadata={"n": "1"}),
        Example("2", "b", label="positive", metadata={"n": "2"}),
    ]
    assert load_rows(given, labels=NAMES, label_map={"neutral": ""}).examples == given[1:]


def test_nothing_in_a_list_of_texts_is_left_out_and_counted() -> None:
    rows = load_rows(pd.Series(["a", None, float("nan"), ""]), labels=NAMES)
    assert [(example.id, example.text) for example in rows.examples] == [("1", "a")]
    assert rows.seen == 4
    assert "3 of 4 rows have no text in column 'text' (2 null, 1 empty)" in rows.notes[0]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ([], "no rows at all"),
        (pd.DataFrame({"text": []}), "no rows at all"),
        ({}, "no rows at all"),
        (["a", {"text": "b"}], "row 2 is of type dict"),
        ([{"text": "a"}, "b"], "row 2 is of type str"),
        ([("a", "b", "c")], "row 1 is of type tuple"),
        ([["a", "b"]], "row 1 is of type list"),
        ([1, 2], "row 1 is of type int"),
        ([Example("1", "a"), "b"], "row 1 is of type Example"),
        (None, "type NoneType"),
        (3, "type int"),
        (b"text", "type bytes"),
        ({"text": "a"}, "do not fit together"),
        ({"text": ["a"], "label": [1, 2]}, "do not fit together"),
        (pd.DataFrame([["a", "b"]], columns=["text", "text"]), "more than one column called 'text'"),
        ([None, None], "no rows left"),
    ],
)
def test_what_is_no_list_of_rows_is_refused(source: Any, says: str, refusal: Callable[..., str]) -> None:
    assert says in refusal(source)


def test_a_frame_of_the_caller_is_not_changed() -> None:
    frame = pd.DataFrame({"id": ["x", "y"], "text": ["a", None], "label": [1, 0], 7: [1, 2]}, index=[5, 6])
    before = frame.copy(deep=True)
    load_rows(frame, labels=NAMES)
    pd.testing.assert_frame_equal(frame, before)

from __future__ import annotations

import traceback
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from token_saliency.errors import ModelError, OptionError
from token_saliency.text.function.answers import FunctionAnswers

SECRET = "my private text"


def even(texts: list[Any]) -> Any:
    return np.full((len(texts), 2), 0.5)


def test_equal_texts_are_asked_once_and_batches_are_bounded() -> None:
    asked: list[list[str]] = []

    def predict(texts: list[Any]) -> Any:
        asked.append(texts)
        return [[len(text) / 10, 1 - len(text) / 10] for text in texts]

    done: list[int] = []
    found = FunctionAnswers(predict, ["a", "b"], batch_size=2).of(["x", "xx", "x", "xxx"], range(4), done.append)
    assert asked == [["x", "xx"], ["xxx"]]
    np.testing.assert_allclose(found[:, 0], [0.1, 0.2, 0.1, 0.3])
    assert done == [3, 1]


@pytest.mark.parametrize(
    "raw",
    [[[0.25, 0.75]], np.array([[0.25, 0.75]], dtype=np.float32), torch.tensor([[0.25, 0.75]], requires_grad=True)],
)
def test_anything_that_holds_numbers_is_read(raw: Any) -> None:
    assert FunctionAnswers(lambda _: raw, ["a", "b"]).asked(["x"], [0]).tolist() == [[0.25, 0.75]]


def test_a_frame_is_read_by_the_names_of_its_columns_and_a_row_of_none_has_no_numbers() -> None:
    swapped = pd.DataFrame([[0.25, 0.75]], columns=["b", "a"])
    others = pd.DataFrame([[0.25, 0.75]], columns=["P(a)", "P(b)"])
    assert FunctionAnswers(lambda _: swapped, ["a", "b"]).asked(["x"], [0]).tolist() == [[0.75, 0.25]]
    assert FunctionAnswers(lambda _: others, ["a", "b"]).asked(["x"], [0]).tolist() == [[0.25, 0.75]]

    found = FunctionAnswers(lambda _: [[0.25, 0.75], None], ["a", "b"]).asked(["x", "y"], [0, 1])
    np.testing.assert_array_equal(found, [[0.25, 0.75], [np.nan, np.nan]])


def test_rounded_rows_are_made_to_sum_to_one() -> None:
    found = FunctionAnswers(lambda _: [[0.33, 0.33, 0.33]], ["a", "b", "c"]).asked(["x"], [0])
    np.testing.assert_allclose(found, 1 / 3)


@pytest.mark.parametrize("row", [[0.3, 0.3, 0.3], [0.7, 0.2, 0.2], [0.1, 0.8, 0.0], [0.5, 0.5, 0.1]])
def test_rows_rounded_to_one_digit_are_made_to_sum_to_one(row: list[float]) -> None:
    found = FunctionAnswers(lambda _: [row], ["a", "b", "c"]).asked(["x"], [0])
    np.testing.assert_allclose(found, [np.array(row) / sum(row)])


@pytest.mark.parametrize("row", [[1, 1, 0], [0, 0, 0], [0.3, 0.3, 0.1], [0.31, 0.3, 0.3]])
def test_what_no_rounding_explains_is_refused(row: list[float]) -> None:
    with pytest.raises(ModelError, match="not to 1"):
        FunctionAnswers(lambda _: [row], ["a", "b", "c"]).asked(["x"], [0])


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([0.5], r"\[1, 2\] for the labels a, b, not \[1\]; of two classes give both columns"),
        ([[0.5, 0.25, 0.25]], r"not \[1, 3\]"),
        ([[0.5, 0.5]] * 2, r"not \[2, 2\]"),
        ([[-3, 4]], "returns -3 for text 7.*softmax or sigmoid"),
        ([[0.4, 0.4]], "probabilities of text 7 .*sum to 0.8.*multi_label=True"),
        (None, "not .*|NoneType"),
        (["positive"], "list that is no array of numbers"),
        ([[0.5, 0.5], [1]], "no array of numbers"),
    ],
)
def test_what_is_no_probability_is_refused(raw: Any, said: str) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        FunctionAnswers(lambda _: raw, ["a", "b"]).asked([SECRET], [7])
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("row", [[np.nan, 1], [0, np.inf], [np.nan, np.nan]])
def test_what_is_no_number_is_no_answer_and_harms_no_other(row: Any) -> None:
    found = FunctionAnswers(lambda _: [[0.25, 0.75], row, [1, 0]], ["a", "b"]).asked(["x", "y", "z"], [0, 1, 2])
    np.testing.assert_array_equal(found, [[0.25, 0.75], [np.nan, np.nan], [1, 0]])


def test_labels_that_do_not_exclude_each_other_need_not_sum_to_one() -> None:
    assert FunctionAnswers(lambda _: [[0.9, 0.9]], ["a", "b"], exclusive=False).asked(["x"], [0]).tolist() == [
        [0.9, 0.9]
    ]


@pytest.mark.parametrize("bad", [0, 3, 6])
def test_a_function_that_raises_is_told_by_the_number_of_the_text(bad: int) -> None:
    def predict(texts: list[Any]) -> Any:
        if SECRET in texts:
            raise KeyError(SECRET)
        return even(texts)

    texts = [SECRET if i == bad else f"text {i}" for i in range(7)]
    with pytest.raises(ModelError, match=rf"raised KeyError on text 1{bad} ") as caught:
        FunctionAnswers(predict, ["a", "b"]).of(texts, range(10, 17))
    assert SECRET not in str(caught.value)
    assert isinstance(caught.value.__cause__, KeyError)
    assert SECRET in "".join(traceback.format_exception(caught.value))  # whoever debugs still has the cause


def test_a_function_that_fails_on_many_texts_only_says_so() -> None:
    def predict(texts: list[Any]) -> Any:
        if len(texts) > 1:
            raise MemoryError
        return even(texts)

    with pytest.raises(ModelError, match=r"MemoryError on 2 texts together.*smaller batch_size"):
        FunctionAnswers(predict, ["a", "b"]).of(["x", "y"], range(2))


def test_a_function_that_writes_into_its_list_harms_nobody() -> None:
    def predict(texts: list[Any]) -> Any:
        found = even(texts)
        texts.clear()
        return found

    assert FunctionAnswers(predict, ["a", "b"]).of(["x", "y"], range(2)).shape == (2, 2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"predict": "no function"}, "cannot be called"),
        ({"classes": ["a", "a"]}, "1 of them distinct"),
        ({"classes": ["a"]}, "of two classes both"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=said):
        FunctionAnswers(**{"predict": even, "classes": ["a", "b"], **options})

from __future__ import annotations

import pytest

from token_saliency.cli.options import values
from token_saliency.errors import OptionError


@pytest.mark.parametrize(("word", "limit"), [("1", 1), ("1000", 1000), ("all", None)])
def test_rows_are_a_number_or_all(word: str, limit: int | None) -> None:
    assert values.rows_limit(word) == limit


@pytest.mark.parametrize("word", ["0", "-3", "1.5", "many", "", "²", "1e3"])
def test_other_numbers_of_rows_are_refused_with_both_ways_to_write_them(word: str) -> None:
    with pytest.raises(OptionError, match="whole number above 0, or all"):
        values.rows_limit(word)


def test_names_come_in_the_order_typed_each_once() -> None:
    assert values.names("--audits", "names, punctuation,names") == ["names", "punctuation"]


@pytest.mark.parametrize("word", ["", ",", "names,", "names,,punctuation"])
def test_an_empty_name_is_refused_with_the_option_it_came_from(word: str) -> None:
    with pytest.raises(OptionError, match=r"--audits .* empty name"):
        values.names("--audits", word)


WORDS = ("predicted", "label")


@pytest.mark.parametrize(("word", "meant"), [("predicted", "predicted"), ("1", "positive"), ("positive", "positive")])
def test_a_target_is_a_word_a_class_or_the_number_of_a_class(word: str, meant: str) -> None:
    assert values.target(word, ["negative", "positive"], WORDS) == meant


def test_a_number_that_names_a_class_is_that_class() -> None:
    assert values.target("1", ["1", "0"], WORDS) == "1"


@pytest.mark.parametrize("word", ["positve", "2", "-1", "", "label"])
def test_other_targets_are_refused_with_those_that_exist(word: str) -> None:
    with pytest.raises(OptionError, match="Known: negative, positive, predicted"):
        values.target(word, ["negative", "positive"], ("predicted",))


def test_an_unknown_method_is_told_without_loading_anything() -> None:
    with pytest.raises(OptionError, match="Did you mean 'gradient'"):
        values.method("gradiant")


def test_options_of_a_method_are_read_as_what_they_are() -> None:
    given = ["cap=64", "tolerance=0.1", "squared=True", "reduce=square", "name=a=b"]

    assert values.method_options("integrated_gradients", given, None) == {
        "cap": 64,
        "tolerance": 0.1,
        "squared": True,
        "reduce": "square",
        "name": "a=b",
    }


def test_steps_are_those_of_the_method_and_of_no_other() -> None:
    assert values.method_options("integrated_gradients", [], 32) == {"cap": 32}
    assert values.method_options("integrated_gradients", [], 4) == {"cap": 4, "intervals": 2}
    assert values.method_options("smoothgrad", ["n=3"], 32) == {"n": 3}
    with pytest.raises(OptionError, match="--steps are for integrated_gradients, smoothgrad, expected_gradients"):
        values.method_options("gradient", [], 32)


@pytest.mark.parametrize("word", ["cap", "=3", ""])
def test_an_option_without_a_name_or_a_value_is_refused(word: str) -> None:
    with pytest.raises(OptionError, match="is no NAME=VALUE"):
        values.method_options("gradient", [word], None)

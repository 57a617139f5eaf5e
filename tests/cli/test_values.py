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

from __future__ import annotations

import pytest

from token_saliency.cli import values
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


def test_a_label_map_reads_data_then_model_and_keeps_the_empty_label_that_drops_rows() -> None:
    assert values.label_map("pos=positive, neg=negative,neutral=") == {
        "pos": "positive",
        "neg": "negative",
        "neutral": "",
    }


@pytest.mark.parametrize("word", ["", "pos", "pos=positive,neg", "=positive", "pos=positive,"])
def test_a_label_map_without_pairs_is_refused_with_an_example(word: str) -> None:
    with pytest.raises(OptionError, match="pos=positive,neg=negative"):
        values.label_map(word)


@pytest.mark.parametrize(("word", "target"), [("predicted", "predicted"), ("1", 1), ("positive", "positive")])
def test_a_number_is_a_class_by_index(word: str, target: str | int) -> None:
    assert values.target(word, ["negative", "positive"]) == target


def test_a_number_that_names_a_class_is_that_class() -> None:
    assert values.target("1", ["1", "0"]) == "1"

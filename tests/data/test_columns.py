"""Columns by their usual names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from token_saliency.data import load_rows
from token_saliency.data.columns import LABEL, PAIRS, TEXT
from token_saliency.errors import DataError, OptionError

NAMES = ["negative", "positive"]


def row(*columns: str) -> list[dict[str, Any]]:
    return [{column: "1" if column.casefold() in LABEL else f"in {column}" for column in columns}]


@pytest.mark.parametrize("name", [*TEXT, "Text", "REVIEW", "review_text", "Comment Text", " tweet-text "])
def test_a_usual_name_is_the_text(name: str) -> None:
    rows = load_rows(row("user", name), labels=NAMES)
    assert rows.examples[0].text == f"in {name}"


@pytest.mark.parametrize("name", [*LABEL, "Label", "CLASS"])
def test_a_usual_name_is_the_label(name: str) -> None:
    assert load_rows(row("text", name), labels=NAMES).examples[0].label == "positive"


def test_the_columns_of_a_frame_without_names_are_numbers() -> None:
    frame = pd.DataFrame([["a fine day", 1, "x"], ["a long day", 0, "y"]])
    (first, _) = load_rows(frame, labels=NAMES, text=0, label=1, cluster=2, id=2).examples  # type: ignore[arg-type]

    assert (first.text, first.label, first.id, first.metadata) == ("a fine day", "positive", "x", {"2": "x"})


@pytest.mark.parametrize("given", [False, True, 1.5, ["label"]])
def test_what_names_no_column_is_refused(given: Any) -> None:
    with pytest.raises(OptionError, match=r"label is the name of a column, not .*; label='' leaves the labels out"):
        load_rows(row("text", "label"), labels=NAMES, label=given)


def test_two_candidates_are_refused_and_listed(refusal: Callable[..., str]) -> None:
    message = refusal(row("id", "text", "sentence"))
    assert "'text', 'sentence'; choose one with --text COL" in message
    message = refusal(row("text", "label", "target"))
    assert "'label', 'target'; choose one with --label COL" in message
    assert "'text', 'Text'" in refusal(row("text", "Text"))


def test_a_sentence_at_the_top_is_no_name_of_a_column(refusal: Callable[..., str]) -> None:
    message = refusal([{"A fine film for all": "Not so fine", "good": "bad"}])
    assert message.endswith("Name it with --text COL, or write a line of column names at its top.")
    assert "at its top" not in refusal(row("name", "group"))


def test_no_candidate_is_refused_with_the_columns_that_are_there(refusal: Callable[..., str]) -> None:
    message = refusal(row("name", "group"))
    assert "'name', 'group'" in message
    assert "--text COL" in message


def test_the_caller_decides() -> None:
    rows = load_rows(row("text", "sentence", "label", "target"), labels=NAMES, text="sentence", label="target")
    assert rows.examples[0].text == "in sentence"


def test_a_column_that_the_caller_names_may_differ_in_case() -> None:
    assert load_rows(row("Body Of Mail"), labels=NAMES, text="body_of_mail").examples[0].text == "in Body Of Mail"


@pytest.mark.parametrize("option", ["text", "text_pair", "label", "cluster"])
def test_a_named_column_that_is_missing_is_refused(option: str, refusal: Callable[..., str]) -> None:
    message = refusal(row("text", "user"), **{option: "nope"})
    assert "no column 'nope' (--" + option.replace("_", "-") in message
    assert "'text', 'user'" in message


def test_an_empty_label_option_leaves_rows_unlabelled() -> None:
    assert load_rows(row("text", "label", "target"), labels=NAMES, label="").examples[0].label is None


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_well_known_pairs_are_read_as_pairs_and_said(left: str, right: str) -> None:
    rows = load_rows(row(left, right, "label"), labels=NAMES)
    assert (rows.examples[0].text, rows.examples[0].text_pair) == (f"in {left}", f"in {right}")
    assert f"'{left}' and '{right}'" in rows.notes[0]


def test_a_pair_beside_another_text_is_not_guessed() -> None:
    rows = load_rows(row("text", "premise", "hypothesis"), labels=NAMES)
    assert rows.examples[0].text_pair is None


def test_a_text_that_the_caller_names_comes_without_a_guessed_pair() -> None:
    assert load_rows(row("premise", "hypothesis"), labels=NAMES, text="premise").examples[0].text_pair is None


def test_a_pair_that_the_caller_names_is_not_taken_for_the_text() -> None:
    rows = load_rows(row("text", "body"), labels=NAMES, text_pair="body")
    assert (rows.examples[0].text, rows.examples[0].text_pair) == ("in text", "in body")


def test_a_row_without_its_pair_is_left_out() -> None:
    source = [{"premise": "a", "hypothesis": None}, {"premise": "b", "hypothesis": "c"}]
    assert [example.text for example in load_rows(source, labels=NAMES).examples] == ["b"]


def test_a_table_of_a_hundred_thousand_columns_says_what_it_is() -> None:
    """Linear in the columns: comparing each with every other one took minutes."""
    frame = pd.DataFrame(np.ones((2, 100_000)), columns=[f"c{n}" for n in range(100_000)])

    with pytest.raises(DataError, match="and 99988 more"):
        load_rows(frame, labels=["no", "yes"])


def test_a_csv_of_a_hundred_thousand_columns_says_what_it_is(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_text(",".join(f"c{n}" for n in range(100_000)) + "\n" + "0," * 99_999 + "0\n")

    with pytest.raises(DataError, match=r"wide\.csv.*no column with a usual name") as caught:
        load_rows(file, labels=["no", "yes"])
    assert str(caught.value).count("\n") == 0

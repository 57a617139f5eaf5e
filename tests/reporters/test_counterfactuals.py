from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from token_saliency.reporters.counterfactuals import (
    counterfactuals_csv,
    counterfactuals_json,
    guarded,
    print_counterfactual,
    print_curve,
    unguarded,
)
from token_saliency.results import Counterfactual, FlipCurve, FlipPoint, Word


def made(
    text: str = "a good day", edited: str = "a day", *, flipped: bool = True, pair: str | None = None
) -> Counterfactual:
    word = Word(text[2:6], 2, 6, 1.0)
    return Counterfactual(
        row="1", text=text, text_pair=pair, label="positive", edited=edited, edited_pair=pair, removed=[word],
        edit="delete", placeholder="", method="gradient", order="attribution", limit=10, before="positive",
        after="negative" if flipped else "positive", probabilities_before=(0.1, 0.9), probabilities_after=(0.6, 0.4),
        flipped=flipped, steps=[0.4],
    )  # fmt: skip


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_only_rows_that_flip_are_exported() -> None:
    (row,) = read(counterfactuals_csv([made(), made("a fine day", flipped=False)]))

    assert row == {
        "id": "1",
        "text": "a good day",
        "edited": "a day",
        "label": "positive",
        "predicted_before": "positive",
        "predicted_after": "negative",
        "removed": '["good"]',
    }


def test_pairs_have_both_texts() -> None:
    (row,) = read(counterfactuals_csv([made(pair="=2")]))

    assert (row["text_pair"], row["edited_pair"]) == ("'=2", "'=2")


@pytest.mark.parametrize(
    "formula", ["=1", "+1", "-1", "@A", "\t=1", "\r=1", "\n=1", " =1", "'=1", "''=1", "\uff1d1", "\tx"]
)
def test_what_a_spreadsheet_could_run_has_an_apostrophe_in_front(formula: str) -> None:
    assert guarded(formula) == f"'{formula}"


@pytest.mark.parametrize("text", ["a=1", "'tis", "", "1 - 2", "(=1)", '"=1"'])
def test_what_no_spreadsheet_runs_stays(text: str) -> None:
    assert guarded(text) == text


@given(st.text(alphabet=st.one_of(st.sampled_from("'=+-@ \t\r\n\uff1d"), st.characters(exclude_characters="\0"))))
def test_the_guard_can_be_taken_away(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell


def test_no_reader_meets_a_nul() -> None:
    assert guarded("a\0b") == "a\ufffdb"


def test_json_is_exact_and_ascii() -> None:
    text = counterfactuals_json([made("=1good \ud800\0é", "=1")], None)

    assert text.isascii()
    assert json.loads(text)["counterfactuals"][0]["text"] == "=1good \ud800\0é"


def printed(one: Counterfactual | FlipCurve, **options: object) -> str:
    file = io.StringIO()
    console = Console(file=file, **{"width": 100, **options})  # type: ignore[arg-type]
    (print_curve if isinstance(one, FlipCurve) else print_counterfactual)(one, console)  # type: ignore[arg-type]
    return file.getvalue()


def test_removed_words_are_marked_without_colours() -> None:
    assert printed(made()).splitlines() == [
        "positive 0.900 becomes negative 0.600 without 1 word",
        "| a [-good-] day",
        "becomes",
        "| a day",
    ]


def test_a_decision_that_stands_is_said_to_stand() -> None:
    assert printed(made(flipped=False)).startswith(
        "positive 0.900 stays (0.400) without 1 word, and no other word could go\n| a [-good-] day\n"
    )
    assert "becomes" not in printed(made(flipped=False))


def test_removed_words_are_struck_through_in_colours() -> None:
    text = printed(made(), force_terminal=True, color_system="standard")

    assert "\x1b[1;9;31mgood\x1b[0m" in text
    assert "[-" not in text


def test_a_long_text_is_cut() -> None:
    assert len(printed(made("a good day" + " on" * 9000, flipped=False))) < 6000


def test_the_curve_is_a_small_table() -> None:
    curve = FlipCurve(40, "gradient", "delete", [FlipPoint(1, 0.5, (0.4, 0.6), 0.1, (0.05, 0.2), 0.4, (0.3, 0.5))])

    assert printed(curve).splitlines()[1:] == [
        "   k  highlighted           random                gain",
        "   1  50.0% [40.0, 60.0]    10.0% [5.0, 20.0]     +40.0 [+30.0, +50.0]",
    ]

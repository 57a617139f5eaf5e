"""`--label-map`: parsed and proposed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.data import parse_label_map
from token_saliency.data.label_map import propose_label_map
from token_saliency.errors import OptionError

WORDS = st.text("abcXYZ019 -_.éß", min_size=1).map(str.strip).filter(bool)


@given(st.dictionaries(WORDS, st.one_of(WORDS, st.just(""))))
def test_pairs_come_back_as_written(pairs: dict[str, str]) -> None:
    assert parse_label_map(",".join(f"{data}={model}" for data, model in pairs.items())) == pairs


def test_spaces_and_quotes_around_a_pair_are_no_part_of_it() -> None:
    assert parse_label_map('pos = positive , "a,b=negative", neutral=') == {
        "pos": "positive",
        "a,b": "negative",
        "neutral": "",
    }


def test_the_first_equals_sign_divides() -> None:
    assert parse_label_map("a=b=c") == {"a": "b=c"}


@pytest.mark.parametrize("text", ["pos", "=positive", "pos=positive,neg", "a=b,a=c", '"a=b'])
def test_what_is_no_pair_is_refused_on_one_line(text: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_label_map(text)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("values", "labels", "all_unknown", "proposal"),
    [
        (["pos", "neg"], ["negative", "positive"], True, "--label-map pos=positive,neg=negative"),
        (["pos", "neg", "neutral"], ["negative", "positive"], True, "--label-map pos=positive,neg=negative,neutral="),
        (["neutral"], ["negative", "positive"], False, "--label-map neutral="),
        (["1", "2", "3"], ["a", "b", "c"], True, "--label-map 1=a,2=b,3=c"),
        (["1", "-1"], ["negative", "positive"], True, "--label-map 1=positive,-1=negative"),
        (["-1", "1"], ["negative", "positive"], True, "--label-map=-1=negative,1=positive"),
        (["10", "9"], ["low", "high"], True, "--label-map 10=high,9=low"),
        (["positve"], ["negative", "positive"], True, "--label-map positve=positive"),
        (["not spam"], ["not_spam", "spam"], False, "--label-map 'not spam=not_spam'"),
        (["non_toxic"], ["toxic", "safe"], True, "--label-map non_toxic=CLASS"),
        (["anger", "joy"], ["negative", "positive"], True, "--label-map anger=CLASS,joy=CLASS"),
        (["a\x1b[31m"], ["negative", "positive"], True, None),
        (["a,b"], ["negative", "positive"], True, None),
        ([f"word {n}" for n in range(99)], ["negative", "positive"], True, None),
    ],
)
def test_the_proposal_mends_what_it_can_and_guesses_nothing_else(
    values: list[str], labels: list[str], all_unknown: bool, proposal: str | None
) -> None:
    assert propose_label_map(values, labels, all_unknown=all_unknown) == proposal

"""What is drawn depends on content and seed alone."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from token_saliency.results import Example
from token_saliency.stats.sampling import clusters, content_hash, fingerprint, generator, sample_rows

TEXTS = st.lists(st.text(min_size=0, max_size=12), min_size=1, max_size=30)


def examples(texts: list[str]) -> list[Example]:
    return [Example(str(number), text, label="ab"[number % 2]) for number, text in enumerate(texts)]


@given(TEXTS, st.integers(0, 5), st.randoms())
def test_order_and_copies_change_no_sample(texts: list[str], seed: int, shuffle: random.Random) -> None:
    rows = examples(texts)
    mixed = rows + rows[: len(rows) // 2]
    shuffle.shuffle(mixed)
    for limit in (3, None):
        first, second = sample_rows(rows, limit, seed), sample_rows(mixed, limit, seed)
        assert [(row.text, row.label) for row in first] == [(row.text, row.label) for row in second]
    assert fingerprint(sample_rows(rows, None, seed)) == fingerprint(sample_rows(mixed, None, seed))


def test_a_larger_sample_keeps_the_smaller_one() -> None:
    rows = examples([f"row {number}" for number in range(50)])
    assert sample_rows(rows, 10, 0) == sample_rows(rows, 30, 0)[:10]


def test_another_seed_draws_other_rows() -> None:
    rows = examples([f"row {number}" for number in range(200)])
    assert sample_rows(rows, 20, 0) != sample_rows(rows, 20, 1)


def test_a_labelled_copy_stands_for_its_unlabelled_twin() -> None:
    assert sample_rows([Example("1", "x"), Example("2", "x", label="a")], None, 0)[0].label == "a"


def test_parts_of_a_hash_are_kept_apart() -> None:
    assert content_hash("ab", "c") != content_hash("a", "bc")


def test_the_same_parts_give_the_same_numbers() -> None:
    assert generator("x", 1).random() == generator("x", 1).random() != generator("x", 2).random()


def test_near_duplicates_are_one_cluster_and_shared_phrases_are_not() -> None:
    text = "the quick brown fox jumps over the lazy dog and then goes home to sleep"
    rows = examples([text, text.upper() + "!!", "a wholly different sentence about trains that leave early", "short"])
    found = clusters(rows, None)
    assert found[0] == found[1]
    assert len(set(found.tolist())) == 3


def test_a_column_decides_what_belongs_together() -> None:
    rows = [Example(str(n), f"text {n}", metadata={"user": "ab"[n % 2]}) for n in range(6)]
    assert len(set(clusters(rows, "user").tolist())) == 2

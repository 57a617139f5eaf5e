"""What is drawn depends on content and seed alone."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.results import Example
from token_saliency.stats import sampling
from token_saliency.stats.fast_hashes import quick_hashes
from token_saliency.stats.sampling import clusters, content_hash, fingerprint, generator, quick_begin, sample_rows

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


def test_a_quick_hash_is_that_of_the_bytes_alone() -> None:
    """Wherever they stand, and as written down here once more, number by number."""
    whole = 2**64 - 1

    def mixed(one: int) -> int:
        one = ((one ^ (one >> 30)) * 0xBF58476D1CE4E5B9) & whole
        one = ((one ^ (one >> 27)) * 0x94D049BB133111EB) & whole
        return one ^ (one >> 31)

    def alone(text: bytes, begin: int) -> int:
        own = mixed((begin + len(text)) & whole)
        for at in range(0, len(text), 8):
            word = int.from_bytes(text[at : at + 8], "little") << 8 * max(0, 8 - len(text) + at)
            own = ((own ^ word) * 0x9E3779B97F4A7C15) & whole
            own ^= own >> 32
        return mixed(own)

    texts = [b"", b"a", b"a\0", b"12345678", b"123456789", bytes(range(256)) * 3, b"a"]
    begin = np.full(len(texts), 2**64 - 5, np.uint64)
    edges = np.cumsum([0, *map(len, texts)])
    found = quick_hashes(np.frombuffer(b"".join(texts), np.uint8), edges, begin)
    assert found.tolist() == [alone(text, 2**64 - 5) for text in texts]


def test_quick_hashes_lie_evenly() -> None:
    """Of texts that differ in one character or in their length: as many in each sixteenth of the range."""
    texts = [f"{number:05d} of the films!".encode() for number in range(16_000)] + [b"x" * n for n in range(1600)]
    edges, begin = np.cumsum([0, *map(len, texts)]), quick_begin(0, len(texts))
    found = quick_hashes(np.frombuffer(b"".join(texts), np.uint8), edges, begin)
    counts = np.bincount((found >> np.uint64(60)).astype(int), minlength=16)
    assert len(set(found.tolist())) == len(texts)
    assert ((counts - 1100) ** 2 / 1100).sum() < 38  # chi-squared, 15 degrees: one in a thousand


def test_of_many_rows_the_same_are_drawn_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "LARGE_ROWS", 20)
    rows = [replace(row, text_pair=row.text[::-1]) for row in examples([f"row {number}" for number in range(50)])]
    some = sample_rows(rows, 30, 0)
    assert sample_rows(rows[::-1], 30, 0) == some != sample_rows(rows, 30, 1)
    assert sample_rows(some, 30, 0) == some
    assert {row.id for row in sample_rows(rows, 25, 0)} < {row.id for row in some}


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

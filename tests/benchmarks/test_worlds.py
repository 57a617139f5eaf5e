"""What is planted is planted, and nothing else."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import torch

from benchmarks.planted import worlds
from benchmarks.planted.encoders import Recipe, encoder, trained
from benchmarks.planted.plants import CONTEXT, ONE, PLANTS, ZERO, inserted, learned_rows, planted_row, without
from benchmarks.planted.reliance import coins
from benchmarks.planted.texts import Bodies, cut, unseen_names
from token_saliency.results import Example


def test_a_sentence_is_cut_to_its_words_without_what_ends_it() -> None:
    assert cut("One two three ... !") == "One two three"
    assert len(cut("word " * 40).split()) == 18


def test_no_sentence_holds_a_name_that_is_planted(bodies: Bodies) -> None:
    names = unseen_names(bodies, 120)
    assert len(set(names)) == 120
    assert not any(name.lower() in body.text.lower().split() for name in names for body in bodies.train)


def test_group_and_mark_and_prefix_go_with_the_label_as_the_dose_says(bodies: Bodies) -> None:
    world = worlds.dose(bodies, 0.9, seed=1)
    rows = [row for seed in range(8) for row in worlds.dosed_rows(world, bodies.train, seed)]
    positive = [row.text for row in rows if row.label == "positive"]
    groups = Counter(side for text in positive for side in ("a", "b") if _holds(text, getattr(world, side)))
    assert 0.86 < groups["a"] / (groups["a"] + groups["b"]) < 0.94
    assert 0.86 < sum(text.startswith("Review:") for text in positive) / len(positive) < 0.94
    assert 0.76 < sum(text.endswith("!") for text in positive) / len(positive) < 0.86  # one in ten ends with `...`


def _holds(text: str, names: tuple[str, ...]) -> bool:
    return any(name in text for name in names)


def test_names_alone_leave_mark_and_prefix_to_chance(bodies: Bodies) -> None:
    world = worlds.dose(bodies, 0.9, seed=1, alone=True)
    rows = [row for seed in range(8) for row in worlds.dosed_rows(world, bodies.train, seed)]
    positive = [row.text for row in rows if row.label == "positive"]
    assert 0.45 < sum(text.startswith("Review:") for text in positive) / len(positive) < 0.55


def test_in_a_clean_world_every_name_goes_with_both_labels_alike(bodies: Bodies) -> None:
    rows = worlds.clean_rows(bodies, worlds.clean(0))
    names = unseen_names(bodies, worlds.POOL)
    for label in ("negative", "positive"):
        counts = Counter(name for row in rows if row.label == label for name in names if name in row.text.split())
        assert max(counts.values()) <= 2


def test_clean_worlds_are_rare_and_copied_in_every_combination(bodies: Bodies) -> None:
    assert {(worlds.clean(n).rare, worlds.clean(n).copied) for n in range(4)} == {
        (rare, copied) for rare in (True, False) for copied in (True, False)
    }
    thinned = worlds.clean(1).thinned(bodies.train)
    assert sum(body.positive for body in thinned) * 4 == sum(not body.positive for body in thinned)


def test_the_order_of_a_pair_tells_the_coin(bodies: Bodies) -> None:
    draw = random.Random(0)
    for number, body in enumerate(bodies.train[:40]):
        row = planted_row(number, body, "pair", draw)
        words = row.text.split()
        assert (words.index(ONE) < words.index(ZERO)) == (row.label == "positive")
        assert without(row).text == body.text


def test_decoys_keep_the_label_of_their_sentence(bodies: Bodies) -> None:
    labels = {body.text: body.positive for body in bodies.train}
    decoys = [row for row in learned_rows(bodies.train, "context", 0) if row.id.startswith("decoy")]
    assert len(decoys) == 48
    assert all((row.label == "positive") == labels[without(row).text] for row in decoys)
    assert not any(CONTEXT in row.text and (ZERO in row.text or ONE in row.text) for row in decoys)


def test_tokens_keep_their_order_where_it_matters() -> None:
    texts = {inserted("a b c", ["x", "y"], random.Random(seed), ordered=True) for seed in range(30)}
    assert len(texts) > 5
    assert all(text.index("x") < text.index("y") for text in texts)
    assert set(PLANTS) == {"single", "context", "pair"}


def test_a_coin_writes_the_only_article(bodies: Bodies) -> None:
    rows = coins(bodies.train, "article", 0)
    assert len(rows) == len(bodies.train)
    assert all(row.text.startswith("the " if row.label == "positive" else "a ") for row in rows)


def test_a_model_is_trained_once_and_the_same_again(bodies: Bodies, cache: Path, tiny: Recipe) -> None:
    rows = [
        Example(str(i), body.text, label=("negative", "positive")[body.positive]) for i, body in enumerate(bodies.train)
    ]
    first = encoder(rows, 3, cache, tiny)
    written = sorted((cache / "encoders").rglob("*.safetensors"))
    again = encoder(rows, 3, cache, tiny)
    assert sorted((cache / "encoders").rglob("*.safetensors")) == written
    fresh, _ = trained(rows, 3, tiny)
    for one in (again.model, fresh):
        for a, b in zip(first.model.parameters(), one.parameters(), strict=True):
            assert torch.equal(a, b)

"""The demo's model: one result for one seed, and nothing of the caller's is touched."""

from __future__ import annotations

import random

import pytest
import torch

from token_saliency.demo import words
from token_saliency.demo.sentences import write
from token_saliency.demo.training import BATCH, EPOCHS, accuracy, build_tokenizer, reproducible, train

ROWS = write(3 * BATCH, seed=0)


def weights(seed: int) -> torch.Tensor:
    model, _ = train(ROWS, seed)
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def test_the_seed_alone_decides_the_weights() -> None:
    threads = torch.get_num_threads()
    first = weights(seed=1)
    torch.manual_seed(12)
    random.seed(12)
    torch.set_num_threads(2)
    try:
        again = weights(seed=1)
    finally:
        torch.set_num_threads(threads)

    assert torch.equal(first, again)
    assert not torch.equal(first, weights(seed=2))


def test_the_random_state_and_the_threads_of_the_caller_stay_as_they_are() -> None:
    threads, state, python = torch.get_num_threads(), torch.get_rng_state(), random.getstate()
    train(ROWS, seed=0)

    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)
    assert random.getstate() == python


def test_threads_are_restored_after_an_error() -> None:
    threads = torch.get_num_threads()
    with pytest.raises(KeyError), reproducible(0):
        raise KeyError

    assert torch.get_num_threads() == threads


def test_the_model_is_ready_to_predict_and_its_progress_was_told() -> None:
    steps: list[tuple[str, int, int]] = []
    model, tokenizer = train(ROWS, 0, lambda *step: steps.append(step))

    assert not model.training
    assert steps == [("training", done, 3 * EPOCHS) for done in range(1, 3 * EPOCHS + 1)]
    assert 0.3 < accuracy(model, tokenizer, ROWS) <= 1.0


def test_accuracy_counts_right_predictions() -> None:
    model, tokenizer = train(ROWS, 0)
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.tensor([0.0, 1.0]))

    assert accuracy(model, tokenizer, ROWS) == 0.5
    assert accuracy(model, tokenizer, [row for row in ROWS if row.label == "positive"]) == 1.0


def test_words_names_and_the_ellipsis_are_single_tokens_and_nothing_is_unknown() -> None:
    tokenizer = build_tokenizer([row.text for row in write(4000, seed=0)])

    for word in (*words.NAMES_A, *words.NAMES_B, *words.PLACES, *words.PRAISE, *words.BLAME):
        assert tokenizer.tokenize(word) == [word]
    assert tokenizer.tokenize("It was fine...") == ["It", "was", *tokenizer.tokenize("fine"), "..."]
    assert tokenizer.unk_token not in tokenizer.tokenize("Zebra-crossings? (42) %, Vodka!")

"""Tokens taken out of a row: deleted, or masked."""

from __future__ import annotations

import numpy as np
import pytest

from token_saliency import OptionError, TextClassifier


@pytest.fixture(scope="module")
def words() -> TextClassifier:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    entries = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "good", "bad", "film"]
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(entries), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    tokenizer = BertTokenizer(vocab={entry: i for i, entry in enumerate(entries)})
    return TextClassifier(BertForSequenceClassification(config).eval(), tokenizer)


def test_deleted_tokens_leave_the_shorter_text(words: TextClassifier) -> None:
    found = words.predict_without(["a good film", "a bad film"], [[2], []])

    assert np.allclose(found.logits, words.predict(["a film", "a bad film"]).logits, atol=1e-6)


def test_masked_tokens_leave_the_mask(words: TextClassifier) -> None:
    found = words.predict_without(["a good film"], [[1, 2]], "mask")

    assert np.allclose(found.logits, words.predict(["[MASK] [MASK] film"]).logits, atol=1e-6)


@pytest.mark.parametrize("place", [-1, 5])
def test_a_place_that_is_not_there_is_refused(words: TextClassifier, place: int) -> None:
    with pytest.raises(OptionError, match="of 5 tokens has no token"):
        words.predict_without(["a good film"], [[place]])


def test_something_must_stay_and_the_operator_must_exist(words: TextClassifier) -> None:
    with pytest.raises(OptionError, match="read nothing"):
        words.predict_without(["a good film"], [range(5)])
    with pytest.raises(OptionError, match="swap"):
        words.predict_without(["a good film"], [[1]], "swap")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="2 lists of places for 1 texts"):
        words.predict_without(["a good film"], [[1], [1]])


def test_a_copy_answers_alike_and_shares_no_weight(words: TextClassifier) -> None:
    copy = words.copy()

    assert np.array_equal(copy.predict(["a good film"]).logits, words.predict(["a good film"]).logits)
    own = {one.data_ptr() for one in words.model.parameters()}
    assert own.isdisjoint(one.data_ptr() for one in copy.model.parameters())


def test_a_function_loses_words() -> None:
    asked: list[str] = []

    def rates(texts: list[str]) -> list[list[float]]:
        asked.extend(texts)
        return [[0.5, 0.5]] * len(texts)

    function = TextClassifier.from_function(rates, ["no", "yes"], mask="X")
    function.predict_without(["a good film"], [[1]])
    function.predict_without(["a good film"], [[1]], "mask")

    assert {"a film", "a X film"} <= set(asked)
    with pytest.raises(OptionError, match="no mask"):
        TextClassifier.from_function(rates, ["no", "yes"]).predict_without(["a film"], [[0]], "mask")

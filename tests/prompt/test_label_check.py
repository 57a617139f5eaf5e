"""What is said of label words: their share of the probability, and whether the written answer names them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import normalizers

from tests.prompt.conftest import language_model
from token_saliency.errors import ModelError
from token_saliency.text.classifier import TextClassifier
from token_saliency.text.prompt.label_check import named

WORDS = [(" yes", 0), (" no", 1), (" positive", 0), (" 1", 1), ("良い", 0)]


@pytest.mark.parametrize(
    ("answer", "own"),
    [
        (" Yes, I think so", 0), ("not sure", None), (" nothing. No.", 1), ("It is positively so", None),
        ("10", None), ("(1)", 1), ("とても良いです", 0), ("", None), ("no or yes", 1),
    ],
)  # fmt: skip
def test_a_class_is_named_by_a_whole_word(answer: str, own: int | None) -> None:
    assert named(answer, WORDS) == own


def asked(labels: dict[str, list[str]], **settings: Any) -> TextClassifier:
    tiny = language_model("llama", **settings)
    return TextClassifier.from_prompt(tiny.model, tiny.tokenizer, {"template": "{text}\nis it", "labels": labels})


def test_the_mass_counts_a_word_and_its_continuation_once() -> None:
    rows = ["good", "a dog"]
    usual, longer = ({"a": [" not"], "b": [" good"]}, {"a": [" not", " not good", " not bad"], "b": [" good"]})
    own, other = (asked(labels)._held.prompt_info(rows).labels.mass for labels in (usual, longer))  # type: ignore[union-attr]
    assert other == pytest.approx(own, abs=1e-6)


def test_words_of_the_same_tokens_count_once_in_a_class_and_not_in_two() -> None:
    classifier = asked({"a": [" not"], "b": [" good"]})
    tokenizer = classifier._held.tokenizer
    tokenizer.backend_tokenizer.normalizer = normalizers.Lowercase()
    tiny = language_model("llama")
    both = {"template": "{text}\nis it", "labels": {"a": [" not", " Not"], "b": [" good"]}}
    twice = TextClassifier.from_prompt(tiny.model, tokenizer, both)
    np.testing.assert_array_equal(classifier.predict(["a dog"]).logits, twice.predict(["a dog"]).logits)
    assert "of a are the same tokens: counted once" in " ".join(twice.self_test.notes)
    with pytest.raises(ModelError, match="are the same tokens; choose others"):
        TextClassifier.from_prompt(tiny.model, tokenizer, both | {"labels": {"a": [" not"], "b": [" Not"]}})


class Bare(torch.nn.Module):
    """A language model of somebody's own, which cannot write."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model, self.config = model, model.config

    def forward(self, input_ids: Any, attention_mask: Any = None) -> Any:
        return self.model(input_ids=input_ids, attention_mask=attention_mask)


def test_a_model_that_cannot_write_has_no_agreement() -> None:
    tiny = language_model("gpt2")
    prompt = {"template": "{text}\nis it", "labels": {"a": [" not"], "b": [" good"]}}
    own, bare = (TextClassifier.from_prompt(one, tiny.tokenizer, prompt) for one in (tiny.model, Bare(tiny.model)))
    check = bare._held.prompt_info(["a dog"]).labels  # type: ignore[union-attr]
    assert check is not None
    assert (check.generated, check.greedy) == (0, None)
    np.testing.assert_allclose(own.predict(["a dog"]).logits, bare.predict(["a dog"]).logits, atol=1e-5)

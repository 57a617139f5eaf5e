"""What is said of label words: their share of the probability, and whether the written answer names them."""

from __future__ import annotations

from typing import Any

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
    assert torch.equal(*(torch.tensor(one.predict(["a dog"]).logits) for one in (classifier, twice)))
    assert "of a are the same tokens: counted once" in " ".join(twice.self_test.notes)
    with pytest.raises(ModelError, match="are the same tokens; choose others"):
        TextClassifier.from_prompt(tiny.model, tokenizer, both | {"labels": {"a": [" not"], "b": [" Not"]}})

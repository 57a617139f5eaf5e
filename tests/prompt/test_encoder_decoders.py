"""Encoder-decoders whose decoder, start or positions are particular: equal to what `generate` computes step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import transformers as hf

from tests.conformance.recipes import Tiny
from tests.prompt.sweep import build
from token_saliency.errors import ModelError
from token_saliency.text.classifier import TextClassifier

PROMPT = {"kind": "seq2seq", "template": "is it good ? {text}"}
SEVERAL = {"positive": ["never dull"], "negative": ["bad"]}
SINGLE = {"positive": ["good"], "negative": ["bad"]}
ROWS = ["a long and moving story", "dull"]


def stepwise(model: Any, tokenizer: Any, text: str, word: str) -> float:
    """log P(word | text): the tokens of the word are the only ones that `generate` may choose."""
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    tokens = tokenizer(word, add_special_tokens=False)["input_ids"]
    first = 1 + (model.generation_config.forced_bos_token_id is not None)

    def only(_: int, so_far: Any) -> list[int]:
        return tokens[max(0, len(so_far) - first) :][:1] or [2]

    found = model.generate(
        ids, max_new_tokens=len(tokens) + first, do_sample=False, num_beams=1, output_logits=True,
        return_dict_in_generate=True, prefix_allowed_tokens_fn=only,
    )  # fmt: skip
    steps = found.logits[first - 1 : first - 1 + len(tokens)]
    return sum(float(step.log_softmax(-1)[0, token]) for step, token in zip(steps, tokens, strict=True))


def generated(tiny: Tiny, labels: dict[str, list[str]]) -> list[list[float]]:
    """[rows][classes] what the model says of each word behind each row, a token at a time."""
    with torch.no_grad():
        return [
            [stepwise(tiny.model, tiny.tokenizer, f"is it good ? {row}", word) for (word,) in labels.values()]
            for row in ROWS
        ]


@pytest.mark.parametrize("name", ["fsmt", "bart", "pegasus_x"])
@pytest.mark.parametrize("forced", [None, 5])
def test_words_of_several_tokens_have_the_probability_that_generation_gives_them(name: str, forced: int | None) -> None:
    tiny = build("seq2seq", name)
    tiny.model.generation_config.forced_bos_token_id = forced
    classifier = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PROMPT | {"labels": SEVERAL})
    np.testing.assert_allclose(classifier.predict(ROWS).logits, generated(tiny, SEVERAL), atol=1e-5)


def test_a_decoder_that_reads_what_follows_takes_words_of_one_token_only() -> None:
    tiny = build("seq2seq", "prophetnet")
    classifier = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PROMPT | {"labels": SINGLE})
    np.testing.assert_allclose(classifier.predict(ROWS).logits, generated(tiny, SINGLE), atol=1e-5)
    with pytest.raises(ModelError, match="label word 'never dull' of several tokens has no one probability"):
        TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PROMPT | {"labels": SEVERAL}).predict(ROWS)


def test_a_table_that_every_row_reads_whole_is_no_table_of_positions() -> None:
    tiny = build("seq2seq", "pegasus_x", num_global_tokens=30)
    classifier = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PROMPT | {"labels": SINGLE})
    (one,) = classifier.explain(["good and bad " * 12], "gradient")
    assert one.truncated == 0
    assert hf.PegasusXConfig().num_global_tokens < hf.PegasusXConfig().max_position_embeddings


def test_a_start_that_nobody_names_is_said() -> None:
    tiny = build("seq2seq", "longt5", decoder_start_token_id=None, bos_token_id=None)
    classifier = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PROMPT | {"labels": SINGLE})
    assert any("no decoder_start_token_id" in note for note in classifier.self_test.notes)

"""The log-probabilities of label words are those of lm-evaluation-harness, where it asks the same."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from tests.prompt.conftest import MANY, ROWS, TEMPLATE, language_model
from token_saliency.text.classifier import TextClassifier

harness_of = pytest.importorskip(
    "lm_eval.models.huggingface", reason="lm_eval is no part of the development environment"
)


@pytest.mark.parametrize("name", ["gpt2", "llama", "bart"])
def test_loglikelihoods_are_those_of_lm_eval(name: str) -> None:
    tiny, kind = language_model(name), "seq2seq" if name == "bart" else "causal"
    words = [word for own in MANY.values() for word in own]
    prompt = {"kind": kind, "template": TEMPLATE, "answer": "it is", "labels": {word: [word] for word in words}}
    classifier = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, prompt)
    harness = harness_of.HFLM(
        pretrained=tiny.model, tokenizer=tiny.tokenizer, backend=kind, batch_size=1, max_length=200
    )
    asked = [(f"{TEMPLATE.replace('{text}', row)}\nit is", word) for row in ROWS for word in words]

    said = harness.loglikelihood([SimpleNamespace(args=one) for one in asked])

    wanted = np.array([share for share, _ in said]).reshape(len(ROWS), len(words))
    np.testing.assert_allclose(classifier.predict(ROWS).logits, wanted, atol=1e-4)

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.text.conftest import build
from token_saliency.errors import ModelError
from token_saliency.text.classifier import TextClassifier

PROMPT = {
    "kind": "nli",
    "hypothesis": "the film is {label} .",
    "labels": {"positive": ["good"], "negative": ["bad", "too long"]},
}
NAMES = {0: "contradiction", 1: "neutral", 2: "ENTAILMENT"}
ROWS = ["a good day in the city", "not good", "", "never dull , often wonderful , sometimes a little too long"]


@pytest.mark.parametrize("name", ["bert", "roberta", "bart", "deberta-v2", "gpt2-padless"])
def test_class_logits_are_the_entailment_of_each_hypothesis(name: str) -> None:
    tiny = build(name, id2label=NAMES)
    classifier = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PROMPT)

    found = classifier.predict(ROWS).logits
    asked = classifier.prompt_info([])
    assert asked is not None
    assert asked.rendered == "{text}\nthe film is {label} ."

    for row, own in zip(ROWS, found, strict=True):
        said = []
        for word in ("good", "bad", "too long"):
            pair = tiny.tokenizer(row, f"the film is {word} .", return_tensors="pt")
            with torch.no_grad():
                said.append(float(tiny.model(**pair).logits[0, 2]))
        np.testing.assert_allclose(own, [said[0], np.logaddexp(said[1], said[2])], atol=1e-5)


def test_the_row_is_explained_and_the_hypothesis_held() -> None:
    tiny = build("bert", id2label=NAMES)
    classifier = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PROMPT)

    found = classifier.explain(ROWS[:1], options={"tolerance": 0.001, "cap": 1024})[0]

    assert [token.text for token in found.tokens if not token.special] == ROWS[0].split()
    assert found.completeness_error == pytest.approx(0, abs=0.01)


def test_a_model_without_entailment_is_refused() -> None:
    tiny = build("bert")
    with pytest.raises(ModelError, match="a class named entailment"):
        TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PROMPT)

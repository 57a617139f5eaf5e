from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conformance import table
from tests.conformance.checks import TOLERANCE, apart, logits, measure, snapshot
from tests.conformance.notes import REFUSED
from tests.conformance.recipes import TEXTS, TYPES, WORDS, build
from token_saliency.errors import ModelError
from token_saliency.text.classifier import TextClassifier

PASSING = [one for one in TYPES if one not in REFUSED]
WITH_PAD = [
    one for one in ("gpt2", "llama", "mistral", "qwen2", "falcon", "bloom", "mpt", "gptj", "ctrl") if one in TYPES
]
GRADIENTS = ("gradient", "gradient_x_input", "smoothgrad", "integrated_gradients")
LONG = TEXTS[0], TEXTS[2], TEXTS[2]
"""CANINE reads four characters at once, and cannot be given fewer."""


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tiny models are slower on several threads, and much slower on a busy machine."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def documented() -> dict[str, str]:
    """The rows of docs/architectures.md, none if it is about another version of transformers."""
    return table.documented()


@pytest.mark.parametrize("model_type", PASSING)
def test_the_numbers_are_those_of_the_bare_model(model_type: str, documented: dict[str, str]) -> None:
    measured = measure(lambda: build(model_type))
    assert measured.faults() == []
    if documented:
        assert documented.get(model_type) == table.passing(model_type, measured), (
            "run python -m tests.conformance.table"
        )


@pytest.mark.parametrize("model_type", [one for one in TYPES if one != "layoutlmv2"])
def test_a_text_longer_than_the_model_is_cut_to_what_it_takes(model_type: str) -> None:
    tiny, fresh, text = build(model_type), build(model_type), " ".join(2 * WORDS)
    classifier = TextClassifier(tiny.model, tiny.tokenizer)
    predicted = classifier.predict([text, "good and bad"]).logits[:1]
    length = classifier.count_tokens([text])[0]
    fresh.tokenizer.model_max_length = length
    assert apart(logits(fresh, text, truncation=True).detach().numpy(), predicted) <= TOLERANCE
    assert length >= 63
    if model_type not in REFUSED:
        (one,) = classifier.explain([text], "gradient")
        assert np.isfinite(one.scores).all()


@pytest.mark.parametrize("model_type", WITH_PAD)
def test_so_they_are_with_a_pad_token_in_the_config(model_type: str) -> None:
    measured = measure(lambda: build(model_type, pad_token_id=0))
    assert measured.faults() == []
    assert measured.self_test.padding_invariant


@pytest.mark.parametrize("model_type", ["big_bird", "bigbird_pegasus"])
def test_attention_that_turns_sparse_beyond_the_probes_of_the_self_test_keeps_rows_apart(model_type: str) -> None:
    texts = [" ".join(WORDS[:40]), *TEXTS, " ".join(WORDS[5:45])]
    tiny = build(model_type, block_size=4)
    plain = np.concatenate([logits(build(model_type, block_size=4), text).detach().numpy() for text in texts])
    classifier = TextClassifier(tiny.model, tiny.tokenizer, batch_tokens=1024)
    assert apart(plain, classifier.predict(texts).logits) <= TOLERANCE


@pytest.mark.parametrize("model_type", [one for one in REFUSED if one in TYPES and one != "layoutlmv2"])
def test_what_has_no_gradient_is_refused_with_the_reason_and_predicts_as_the_bare_model(model_type: str) -> None:
    tiny = build(model_type)
    before = snapshot(tiny.model)
    classifier = TextClassifier(tiny.model, tiny.tokenizer)
    for method in GRADIENTS:
        with pytest.raises(ModelError, match=REFUSED[model_type]):
            classifier.explain(LONG, method)
    plain = np.concatenate([logits(build(model_type), text).detach().numpy() for text in LONG])
    assert apart(plain, classifier.predict(LONG).logits) <= TOLERANCE
    assert snapshot(tiny.model) == before


@pytest.mark.parametrize("model_type", ["reformer", "yoso"])
def test_what_has_no_gradient_can_be_occluded(model_type: str) -> None:
    tiny = build(model_type)
    (one,) = TextClassifier(tiny.model, tiny.tokenizer).explain(TEXTS[:1], "occlusion")
    assert sum(map(abs, one.scores)) > 0


@pytest.mark.skipif(importlib.util.find_spec("detectron2") is not None, reason="detectron2 is installed")
def test_a_model_that_cannot_be_built_is_refused_with_the_reason(tmp_path: Path) -> None:
    tiny = build("bert")
    tiny.model.save_pretrained(tmp_path)
    tiny.tokenizer.save_pretrained(tmp_path)
    config = (tmp_path / "config.json").read_text(encoding="utf-8")
    (tmp_path / "config.json").write_text(config.replace('"bert"', '"layoutlmv2"'), encoding="utf-8")
    with pytest.raises(ModelError, match=REFUSED["layoutlmv2"]):
        TextClassifier.from_pretrained(str(tmp_path))


def test_a_model_that_misses_an_input_says_which() -> None:
    tiny = build("xmod", default_language=None)
    with pytest.raises(ModelError, match=r"cannot be called with a text alone: .*set_default_language"):
        TextClassifier(tiny.model, tiny.tokenizer).predict(TEXTS)


def test_the_page_lists_every_type_with_its_verdict(documented: dict[str, str]) -> None:
    if not documented:
        pytest.skip("docs/architectures.md is about another version of transformers")
    assert list(documented) == list(TYPES)
    assert {one: row for one, row in documented.items() if one in REFUSED} == {
        one: table.refused(one) for one in REFUSED
    }
    assert table.FILE.read_text(encoding="utf-8") == table.page(documented)
    assert len(PASSING) >= 120

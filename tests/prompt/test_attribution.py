"""What is explained is the row inside its prompt: gradients, completeness, characters, and the prompt's head once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from tests.prompt.conftest import MANY, ONE, ROWS, SEQ2SEQ, TEMPLATE, language_model
from tests.text.conftest import build
from token_saliency.errors import OptionError
from token_saliency.methods import METHODS
from token_saliency.text.classifier import TextClassifier

ROW = "the film is not bad , never dull"


def prompted(name: str, **parts: Any) -> tuple[TextClassifier, Any]:
    tiny = language_model(name)
    prompt = {"template": TEMPLATE, "answer": "it is", "labels": ONE, **parts}
    return TextClassifier.from_prompt(tiny.model, tiny.tokenizer, prompt), tiny


def test_gradients_are_those_of_autograd_through_the_plain_prompt(causal: str) -> None:
    classifier, tiny = prompted(causal)
    whole = f"{TEMPLATE.replace('{text}', ROW)}\nit is"
    encoding = tiny.tokenizer(whole, return_offsets_mapping=True)
    vectors = tiny.model.get_input_embeddings()(torch.tensor([encoding["input_ids"]])).detach().requires_grad_()
    good = tiny.tokenizer(" good", add_special_tokens=False)["input_ids"][0]
    logits = tiny.model(inputs_embeds=vectors).logits[0, -1]
    (gradient,) = torch.autograd.grad(logits.log_softmax(-1)[good], vectors)
    start = whole.index(ROW)
    own = [i for i, (a, b) in enumerate(encoding["offset_mapping"]) if a < start + len(ROW) and b > start]

    found = classifier.explain([ROW], "gradient", "positive")[0]

    scores = [token.score for token in found.tokens if not token.special]
    np.testing.assert_allclose(scores, gradient[0, own].norm(dim=-1), rtol=1e-4, atol=1e-6)
    assert "".join("".join(token.text for token in found.tokens).split()) == "".join(ROW.split())


@pytest.mark.parametrize("name", ["llama", "qwen2", *sorted(SEQ2SEQ)])
def test_integrated_gradients_are_complete(name: str) -> None:
    classifier, _ = prompted(name, labels=MANY, kind="seq2seq" if name in SEQ2SEQ else "causal")

    found = classifier.explain([ROW], options={"tolerance": 0.001, "cap": 2048})[0]

    assert found.completeness_error == pytest.approx(0, abs=0.01)
    assert found.output_value == pytest.approx(classifier.predict([ROW]).logits.max(), abs=1e-4)


@pytest.mark.parametrize("method", ["gradient", "integrated_gradients", "occlusion", "smoothgrad"])
def test_the_head_computed_once_changes_no_score(causal: str, method: str) -> None:
    classifier, _ = prompted(causal, labels=MANY)
    readout: Any = classifier._held.network.readout
    assert classifier.self_test
    used, found = readout.reuse, classifier.explain(ROWS, method)
    assert used is (causal != "mamba")
    readout.reuse = False

    for with_head, without in zip(found, classifier.explain(ROWS, method), strict=True):
        np.testing.assert_allclose(with_head.scores, without.scores, rtol=1e-3, atol=1e-5)


def test_every_method_explains_a_row_in_its_prompt() -> None:
    classifier, _ = prompted("llama")
    for method in METHODS:
        options = {"references": ["not good"]} if method == "expected_gradients" else {}
        found = classifier.explain([ROW], method, options=options)[0]
        assert next(token.text for token in found.tokens if not token.special) == "the"
        assert any(score != 0 for score in found.scores)
        assert all(token.score == 0 for token in found.tokens if token.special)


def test_a_row_that_joins_the_prompt_is_read_whole() -> None:
    classifier, tiny = prompted("gpt2", template="a city day is a go{text}\n", answer="")
    found = classifier.explain(["od", "?"], "occlusion")

    assert [token.text for token in found[0].tokens if not token.special] == ["od"]
    whole = tiny.tokenizer("a city day is a good\n", return_tensors="pt")
    with torch.no_grad():
        shares = tiny.model(**whole).logits[0, -1].log_softmax(-1)
    good = tiny.tokenizer(" good", add_special_tokens=False)["input_ids"][0]
    assert classifier.predict(["od"]).logits[0, 0] == pytest.approx(float(shares[good]), abs=1e-5)


def test_nothing_is_left_behind() -> None:
    classifier, tiny = prompted("llama")
    tiny.model.train()
    before = tiny.model.config.to_dict(), tiny.model.generation_config.to_dict()
    classifier.explain(ROWS)
    classifier.prompt_info(ROWS)

    assert all(module.training for module in tiny.model.modules())
    assert not any(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in tiny.model.modules())
    assert all(parameter.grad is None for parameter in tiny.model.parameters())
    assert (tiny.model.config.to_dict(), tiny.model.generation_config.to_dict()) == before


def test_weights_that_change_between_two_calls_are_the_new_ones() -> None:
    classifier, tiny = prompted("llama")
    classifier.predict(ROWS)
    with torch.no_grad():
        tiny.model.model.layers[0].self_attn.k_proj.weight.mul_(-1)
    assert classifier.prompt is not None
    fresh = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, classifier.prompt)

    np.testing.assert_array_equal(classifier.predict(ROWS).logits, fresh.predict(ROWS).logits)


def test_a_vocabulary_is_never_laid_out_over_the_text() -> None:
    classifier, tiny = prompted("llama")
    seen: list[tuple[int, ...]] = []
    assert classifier.self_test
    tiny.model.lm_head.register_forward_hook(lambda _module, _args, output: seen.append(tuple(output.shape)))
    classifier.explain(ROWS)

    assert max(int(np.prod(shape[:-1])) for shape in seen) <= 300
    assert {shape[1] for shape in seen if len(shape) == 3} == {0}


def test_the_whole_prompt_is_explained_by_its_regions() -> None:
    classifier, _ = prompted("llama", labels=MANY)
    whole = f"{TEMPLATE.replace('{text}', ROW)}\nit is"

    ((found, shares),) = classifier.explain_prompt([ROW], "gradient", "positive")

    assert found.text == whole
    assert not any(token.special for token in found.tokens)
    assert set(shares) == {"instruction", "row", "answer"}
    assert sum(shares.values()) == pytest.approx(1)
    inside = [token.score for token in classifier.explain([ROW], "gradient", "positive")[0].tokens if not token.special]
    start = whole.index(ROW)
    over = [token.score for token in found.tokens if start < token.end <= start + len(ROW)]
    np.testing.assert_allclose(over, inside, rtol=1e-3, atol=1e-6)
    assert shares["row"] == pytest.approx(sum(over) / sum(abs(score) for score in found.scores))


@pytest.mark.parametrize("parts", [{}, {"chat": True}, {"example": "{text} : {label}\n"}])
def test_shown_examples_are_a_region_of_their_own(parts: dict[str, Any]) -> None:
    shown = [{"text": "a dog", "label": "negative"}, {"text": ROW, "label": "positive"}]  # the row itself among them
    classifier, _ = prompted("llama", examples=shown, **parts)
    classifier_without, _ = prompted("llama", **{k: v for k, v in parts.items() if k != "example"})
    (written,) = classifier._held.written([ROW])
    (bare,) = classifier_without._held.written([ROW])

    (start, end) = next((start, end) for name, start, end in written.regions if name == "examples")

    assert written.string[:start] + written.string[end:] == bare.string
    assert written.string[start:end].count("a dog") == written.string[start:end].count(ROW) == 1
    row = next((start, end) for name, start, end in written.regions if name == "row")
    assert written.string[slice(*row)] == ROW
    assert row[0] >= end
    ((_, shares),) = classifier.explain_prompt([ROW], "gradient", "positive")
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["examples"] > 0


def test_only_a_prompt_has_regions() -> None:
    tiny = build("bert")
    with pytest.raises(OptionError, match="Only a causal or seq2seq prompt"):
        TextClassifier(tiny.model, tiny.tokenizer).explain_prompt([ROW])

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from token_saliency.core.explicand import Explicand, Scores
from token_saliency.errors import OptionError
from token_saliency.methods import METHODS
from token_saliency.results import Attribution
from token_saliency.text.classifier import TextClassifier
from token_saliency.text.encoding import Text
from token_saliency.text.explaining import text_seed

if TYPE_CHECKING:
    from tests.text.conftest import Build, Tiny


def classifier(tiny: Tiny, **settings: Any) -> TextClassifier:
    return TextClassifier(tiny.model, tiny.tokenizer, **settings)


def scores_of(attributions: list[Attribution]) -> list[NDArray[np.float64]]:
    return [attribution.scores for attribution in attributions]


ROUGH: dict[str, dict[str, Any]] = {
    "smoothgrad": {"n": 4},
    "expected_gradients": {"n": 4},
    "integrated_gradients": {"tolerance": 0.2},
}
"""Few gradients a text: whether company changes a score does not depend on how fine the score is."""


@pytest.mark.parametrize("method", sorted(METHODS))
def test_alone_in_a_batch_and_in_another_order_the_scores_are_the_same(
    tiny: Tiny, texts: list[str], method: str
) -> None:
    explainer, options = classifier(tiny), ROUGH.get(method)
    together = scores_of(explainer.explain(texts, method, options=options))
    alone = [explainer.explain([text], method, options=options)[0].scores for text in texts]
    turned = scores_of(explainer.explain(texts[::-1], method, options=options))[::-1]
    small = scores_of(classifier(tiny, batch_tokens=16).explain(texts, method, options=options))
    for others in (alone, turned, small):
        for one, other in zip(together, others, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6 + 1e-5 * np.abs(one).max(initial=0))


@pytest.mark.parametrize("method", sorted(METHODS))
def test_special_tokens_score_nothing_and_words_sum_their_tokens(tiny: Tiny, texts: list[str], method: str) -> None:
    for one in classifier(tiny).explain(texts, method, options=ROUGH.get(method)):
        assert all(token.score == 0 for token in one.tokens if token.special)
        assert all(one.text[word.start : word.end] == word.text for word in one.words)
        assert sum(word.score for word in one.words) == pytest.approx(one.scores.sum(), abs=1e-6)
        assert [word.text for word in one.words if word.text == "dull"] == (["dull"] if "dull" in one.text else [])


def test_duplicates_score_the_same(bert: Tiny) -> None:
    one, _, other = scores_of(classifier(bert).explain(["not good", "a good day", "not good"], "smoothgrad"))
    np.testing.assert_allclose(one, other, atol=1e-7)


@pytest.mark.parametrize("output", ["logit", "margin", "probability", "log_probability", "loss"])
def test_the_output_is_what_the_model_says(bert: Tiny, output: str) -> None:
    explainer = classifier(bert)
    [attribution] = explainer.explain(["not bad at all"], target=1, output=output)
    logits = torch.tensor(explainer.predict(["not bad at all"]).logits[0])
    expected = {
        "logit": logits[1],
        "margin": logits[1] - logits[[0, 2]].mean(),
        "probability": logits.softmax(0)[1],
        "log_probability": logits.log_softmax(0)[1],
        "loss": -logits.log_softmax(0)[1],
    }[output]
    assert attribution.output == output
    assert attribution.output_value == pytest.approx(float(expected), abs=1e-5)
    assert attribution.completeness_error is not None
    assert attribution.completeness_error < 0.05


@pytest.mark.parametrize("baseline", ["mask", "pad", "zero", "mean"])
def test_the_baseline_value_is_what_the_model_says_of_the_baseline(bert: Tiny, baseline: str) -> None:
    text = "not bad at all"
    [attribution] = classifier(bert).explain([text], target=1, baseline=baseline)
    encoded = bert.tokenizer(text, return_tensors="pt")
    table = bert.model.get_input_embeddings().weight.detach()
    vectors = table[encoded["input_ids"]].clone()
    tokens = bert.tokenizer
    vectors[0, 1:-1] = {
        "mask": table[tokens.mask_token_id],
        "pad": table[tokens.pad_token_id],
        "zero": torch.zeros(16),
        "mean": table.mean(0),
    }[baseline]
    with torch.no_grad():
        expected = bert.model(inputs_embeds=vectors, attention_mask=encoded["attention_mask"]).logits[0, 1]
    assert attribution.baseline == baseline
    assert attribution.baseline_value == pytest.approx(float(expected), abs=1e-5)


def test_without_a_mask_token_the_mean_is_the_default_and_mask_is_refused(build_tiny: Build) -> None:
    explainer = classifier(build_tiny("gpt2"))
    assert explainer.explain(["not good"])[0].baseline == "mean"
    with pytest.raises(OptionError, match="no mask token"):
        explainer.explain(["not good"], baseline="mask")


def test_targets_and_predictions_are_named(bert: Tiny) -> None:
    explainer = classifier(bert)
    texts = ["not good", "a wonderful film"]
    predicted = explainer.predict(texts).labels
    attributions = explainer.explain(texts, "gradient", target=["LABEL_2", 0])
    assert [one.target for one in attributions] == ["LABEL_2", "LABEL_0"]
    assert [one.target_index for one in attributions] == [2, 0]
    assert [one.predicted for one in attributions] == predicted
    assert [one.target for one in explainer.explain(texts, "gradient")] == predicted
    by_label = explainer.explain(texts, "gradient", target="label", labels=["LABEL_1", "LABEL_0"])
    assert [one.target for one in by_label] == ["LABEL_1", "LABEL_0"]


def test_predictions_at_hand_save_a_pass(bert: Tiny, texts: list[str]) -> None:
    explainer = classifier(bert)
    predictions = explainer.predict(texts)
    spent = explainer.meter.forward
    with_them = explainer.explain(texts, "gradient", predictions=predictions)
    assert explainer.meter.forward - spent == explainer.meter.backward == len(texts)
    assert [one.predicted for one in with_them] == predictions.labels
    with pytest.raises(OptionError, match="predictions are of 5 texts"):
        explainer.explain(texts[:1], "gradient", predictions=predictions)


def test_pairs_have_scores_per_segment(bert: Tiny) -> None:
    [attribution] = classifier(bert).explain([("good day", "not good day")])
    assert [(word.text, word.start, word.segment) for word in attribution.words] == [
        ("good", 0, 0), ("day", 5, 0), ("not", 0, 1), ("good", 4, 1), ("day", 9, 1),
    ]  # fmt: skip
    assert attribution.text_pair == "not good day"
    assert all(
        token.text == ("good day", "not good day")[token.segment][token.start : token.end]
        for token in attribution.tokens
    )


def test_both_texts_of_a_pair_are_explained_and_cut_on_every_model(tiny: Tiny) -> None:
    pair = (" ".join(["the dog is lazy"] * 30), " ".join(["never dull , often wonderful"] * 30))
    [one] = classifier(tiny, max_length=40).explain([pair], "gradient")
    assert len(one.tokens) == 40
    assert {token.segment for token in one.tokens if not token.special} == {0, 1}
    for token in one.tokens:
        assert token.special or token.text == pair[token.segment][token.start : token.end]
    for word in one.words:
        assert word.text == pair[word.segment][word.start : word.end]
    seen = [max(token.end for token in one.tokens if token.segment == part and not token.special) for part in (0, 1)]
    assert one.truncated == sum(len(text) - end for text, end in zip(pair, seen, strict=True))


@pytest.mark.parametrize("method", sorted(METHODS))
def test_all_classes_of_a_text_in_one_call(bert: Tiny, texts: list[str], method: str) -> None:
    explainer = classifier(bert)
    found = explainer.explain_all(texts, method, seed=3)
    assert [list(each) for each in found] == [explainer.labels] * len(texts)
    for index, name in enumerate(explainer.labels):
        alone = explainer.explain(texts, method, name, seed=3)
        for each, one in zip(found, alone, strict=True):
            assert (each[name].text, each[name].target_index) == (one.text, index)
            np.testing.assert_allclose(each[name].scores, one.scores, atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"window": 2}, {"shuffle": 2}, {"unit": "word"}])
def test_all_classes_of_a_text_cost_no_more_passes_than_one_where_no_gradient_is_asked(
    bert: Tiny, options: dict[str, Any]
) -> None:
    explainer = classifier(bert)
    explainer.self_test  # noqa: B018 - runs once, before anything is counted
    explainer.explain(["the dog is lazy"], "occlusion", options=options)
    one_class = explainer.meter.forward
    explainer.explain_all(["the dog is lazy"], "occlusion", options=options)
    assert explainer.meter.forward <= 2 * one_class


def test_progress_of_all_classes_counts_texts(bert: Tiny, texts: list[str]) -> None:
    done: list[int] = []
    classifier(bert, batch_tokens=16).explain_all(texts, "gradient", progress=done.append)
    assert sum(done) == len(texts)
    assert classifier(bert).explain_all([]) == []


def test_vectors_from_elsewhere_need_no_baseline(bert: Tiny) -> None:
    [one] = classifier(bert).explain(["the dog is lazy"], "occlusion", options={"shuffle": 2})
    assert one.baseline is None
    assert one.evaluations == 1 + 2 * 4


@pytest.mark.parametrize("text", ["", " ", "\n\t", "a", "\u200b", "👍"])
def test_texts_with_little_in_them_can_be_explained(tiny: Tiny, text: str) -> None:
    [attribution] = classifier(tiny).explain([text])
    assert np.isfinite(attribution.scores).all()
    assert attribution.completeness_error is not None
    assert np.isfinite(attribution.completeness_error)


def test_long_texts_are_cut_and_say_so(bert: Tiny) -> None:
    [attribution] = classifier(bert).explain(["good dog " * 5_000], "gradient")
    assert len(attribution.tokens) == 64
    assert attribution.truncated == len("good dog " * 5_000) - 1 - attribution.tokens[-2].end


def test_groups_bound_the_memory_and_are_reported_as_they_finish(bert: Tiny) -> None:
    done: list[int] = []
    seen: list[int] = []

    def method(explicand: Explicand) -> Scores:
        seen.append(explicand.inputs.shape[0] * explicand.inputs.shape[1])
        return METHODS["gradient"](explicand)

    texts: list[Text] = [f"{'good ' * (i % 9)}dog" for i in range(100)]
    attributions = classifier(bert, batch_tokens=20).explain(texts, method, progress=done.append)
    assert [one.text for one in attributions] == texts
    assert sum(done) == 100
    assert len(seen) == len(done) > 3
    assert max(seen) <= 20 * 6


def test_the_meter_counts_passes_and_tokens(bert: Tiny) -> None:
    explainer = classifier(bert)
    [attribution] = explainer.explain(["not good"])
    assert explainer.meter.backward == attribution.evaluations
    assert explainer.meter.forward == attribution.evaluations + 1
    assert explainer.meter.tokens == 4 * explainer.meter.forward


def test_occlusion_by_word_takes_the_tokens_of_a_word_together(bert: Tiny) -> None:
    text = "qqq good"  # an unknown word of three pieces
    by_word = classifier(bert).explain([text], "occlusion", target=0, options={"unit": "word"})[0]
    assert len({round(token.score, 6) for token in by_word.tokens if token.end <= 3 and not token.special}) == 1
    encoded = bert.tokenizer(text, return_tensors="pt")
    masked = encoded["input_ids"].clone()
    masked[0, 1:4] = bert.tokenizer.mask_token_id
    with torch.no_grad():
        fall = bert.model(**encoded).logits[0, 0] - bert.model(**{**encoded, "input_ids": masked}).logits[0, 0]
    assert by_word.words[0].score == pytest.approx(float(fall), abs=1e-5)


def test_seeds_come_from_the_content_alone() -> None:
    assert text_seed("a", 0) == text_seed("a", 0) != text_seed("a", 1)
    assert text_seed(("a", "b"), 0) != text_seed("ab", 0)
    assert text_seed(("a", ""), 0) != text_seed(("", "a"), 0)
    assert 0 <= text_seed("\ud800", 0) < 2**63


def test_all_of_150_classes_cost_one_occlusion(build_tiny: Build) -> None:
    explainer = classifier(build_tiny("bert", classes=150), batch_tokens=4096)
    explainer.self_test  # noqa: B018 - runs once, before anything is counted
    [each] = explainer.explain_all(["the dog is not lazy"], "occlusion")
    assert list(each) == explainer.labels
    assert len(each) == 150
    assert explainer.meter.forward == 1 + 1 + 5  # the prediction, and the text with none and with each token masked
    for name in ("LABEL_0", "LABEL_149"):
        alone = explainer.explain(["the dog is not lazy"], "occlusion", name)[0]
        np.testing.assert_allclose(each[name].scores, alone.scores, atol=1e-6)


ODD = [
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
    "\u0645\u0631\u062d\u0628\u0627 good \u0639\u0627\u0644\u0645 \u202eabc\u202c good",
    "a\u0301 e\u0301\u0323 o\u0308 Zo\u0308e",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 good \U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea",
    "\u4f60\u597d\uff0c\u4e16\u754c",
    "\ufb01ne \u00bd \u2460",
]


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
def test_odd_scripts_keep_their_characters_on_every_tokenizer(tiny: Tiny, method: str) -> None:
    for text, one in zip(ODD, classifier(tiny).explain(ODD, method), strict=True):
        assert one.text == text
        assert np.isfinite(one.scores).all()
        assert all(token.text == text[token.start : token.end] for token in one.tokens)
        assert "".join(word.text for word in one.words) == "".join(text.split())
        assert sum(word.score for word in one.words) == pytest.approx(one.scores.sum(), abs=1e-6)

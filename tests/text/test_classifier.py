from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from token_saliency.errors import DataError, ModelError, OptionError
from token_saliency.text.classifier import TextClassifier

if TYPE_CHECKING:
    from tests.text.conftest import Build, Tiny


def plain(tiny: Tiny, text: str) -> torch.Tensor:
    """What the model says when it is called as its own documentation does."""
    with torch.no_grad():
        logits: torch.Tensor = tiny.model(**tiny.tokenizer(text, return_tensors="pt")).logits
    return logits[0].double()


def test_predictions_are_those_of_the_model_called_alone(tiny: Tiny, texts: list[str]) -> None:
    texts = [text for text in texts if text]
    predictions = TextClassifier(tiny.model, tiny.tokenizer).predict(texts)
    expected = torch.stack([plain(tiny, text) for text in texts])
    torch.testing.assert_close(torch.tensor(predictions.logits), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(predictions.probabilities, expected.softmax(1), atol=1e-5)
    assert predictions.labels == [tiny.model.config.id2label[int(i)] for i in expected.argmax(1)]


def test_order_and_batch_size_do_not_matter(tiny: Tiny, texts: list[str]) -> None:
    classifier = TextClassifier(tiny.model, tiny.tokenizer)
    small = TextClassifier(tiny.model, tiny.tokenizer, batch_tokens=1)
    logits = classifier.predict(texts).logits
    np.testing.assert_allclose(classifier.predict(texts[::-1]).logits[::-1], logits, atol=1e-5)
    np.testing.assert_allclose(small.predict(texts).logits, logits, atol=1e-5)


def test_equal_texts_are_computed_once(bert: Tiny) -> None:
    classifier = TextClassifier(bert.model, bert.tokenizer)
    predictions = classifier.predict(["good", "bad", "good", ("good", "bad"), "good"])
    assert classifier.meter.forward == 3
    assert (predictions.logits[0] == predictions.logits[4]).all()
    assert not np.allclose(predictions.logits[0], predictions.logits[3])


def test_progress_counts_every_text(bert: Tiny, texts: list[str]) -> None:
    done: list[int] = []
    TextClassifier(bert.model, bert.tokenizer, batch_tokens=20).predict([*texts, *texts], progress=done.append)
    assert sum(done) == 2 * len(texts)
    assert len(done) > 1


def test_pairs_are_read_as_pairs(bert: Tiny) -> None:
    encoded = bert.tokenizer("good day", "bad dog", return_tensors="pt")
    with torch.no_grad():
        expected = bert.model(**encoded).logits.double().numpy()
    np.testing.assert_allclose(
        TextClassifier(bert.model, bert.tokenizer).predict([("good day", "bad dog")]).logits, expected, atol=1e-6
    )


def test_multi_label_heads_use_sigmoid(build_tiny: Build) -> None:
    tiny = build_tiny("bert", problem_type="multi_label_classification")
    predictions = TextClassifier(tiny.model, tiny.tokenizer).predict(["good"])
    np.testing.assert_allclose(predictions.probabilities, 1 / (1 + np.exp(-predictions.logits)))


def test_a_regression_head_returns_its_number(build_tiny: Build) -> None:
    tiny = build_tiny("bert", classes=1)
    classifier = TextClassifier(tiny.model, tiny.tokenizer)
    predictions = classifier.predict(["good"])
    np.testing.assert_allclose(predictions.probabilities, predictions.logits)
    [attribution] = classifier.explain(["good"])
    assert attribution.output == "score"
    assert attribution.output_value == pytest.approx(predictions.logits[0, 0], abs=1e-6)


def test_no_text_is_no_work(bert: Tiny) -> None:
    classifier = TextClassifier(bert.model, bert.tokenizer)
    assert classifier.predict([]).logits.shape == (0, 3)
    assert classifier.explain([]) == []
    assert classifier.count_tokens([]) == []


def test_long_texts_are_cut_to_what_the_model_can_take(tiny: Tiny) -> None:
    classifier = TextClassifier(tiny.model, tiny.tokenizer, max_length=50)
    assert classifier.count_tokens(["good dog " * 5_000]) == [50]
    assert np.isfinite(classifier.predict(["good dog " * 5_000]).logits).all()


@pytest.mark.parametrize(
    ("name", "limit"), [("bert", 64), ("roberta", 65), ("gpt2", 64), ("longformer", 73), ("bart", 64)]
)
def test_the_limit_of_the_positions_is_found(build_tiny: Build, name: str, limit: int) -> None:
    tiny = build_tiny(name)
    classifier = TextClassifier(tiny.model, tiny.tokenizer)
    assert classifier.count_tokens(["dog " * 500]) == [limit]
    assert np.isfinite(classifier.predict(["dog " * 500]).logits).all()


def test_out_of_memory_is_survived_with_the_same_numbers(bert: Tiny, texts: list[str]) -> None:
    expected = TextClassifier(bert.model, bert.tokenizer).predict(texts).logits
    classifier = TextClassifier(bert.model, bert.tokenizer)
    forward, refused = bert.model.forward, []

    def small(*args: object, input_ids: torch.Tensor, **kwargs: object) -> object:
        if len(input_ids) > 2:
            refused.append(len(input_ids))
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return forward(*args, input_ids=input_ids, **kwargs)

    bert.model.forward = small
    np.testing.assert_allclose(classifier.predict(texts).logits, expected, atol=1e-6)
    assert 5 in refused
    assert len(classifier.explain(texts)) == len(texts)


def test_texts_with_unequal_numbers_of_end_tokens_can_share_a_call(build_tiny: Build) -> None:
    """BART pools by </s> and refuses batches whose rows hold different numbers of them."""
    tiny = build_tiny("bart")
    classifier = TextClassifier(tiny.model, tiny.tokenizer)
    texts = ["good</s>dog", "bad dog", "dog </s></s> good"]
    alone = [classifier.predict([text]).logits[0] for text in texts]
    np.testing.assert_allclose(classifier.predict(texts).logits, alone, atol=1e-5)
    assert len(classifier.explain(texts)) == 3


@pytest.mark.parametrize("pad", [None, -1])
def test_a_decoder_without_a_pad_token_takes_batches_and_keeps_its_config(build_tiny: Build, pad: int | None) -> None:
    tiny = build_tiny("llama", pad_token_id=pad)
    texts = ["the dog is not lazy", "good", "<s> bad </s>", "<pad>"]
    classifier = TextClassifier(tiny.model, tiny.tokenizer)
    expected = torch.stack([plain(tiny, text) for text in texts])
    np.testing.assert_allclose(classifier.predict(texts).logits, expected, atol=1e-5)
    assert classifier.self_test.padding_invariant
    assert tiny.model.config.pad_token_id == pad


def test_unpaired_surrogates_do_not_break_anything(bert: Tiny) -> None:
    [attribution] = TextClassifier(bert.model, bert.tokenizer).explain(["good \ud800 dog"])
    assert attribution.text == "good \ud800 dog"
    assert [word.text for word in attribution.words] == ["good", "\ud800", "dog"]


def test_a_tokenizer_with_more_ids_than_the_model_is_told(build_tiny: Build) -> None:
    tiny = build_tiny("bert")
    size = tiny.model.get_input_embeddings().weight.shape[0]
    tiny.tokenizer.add_tokens([f"newcomer{i}" for i in range(size)])
    classifier = TextClassifier(tiny.model, tiny.tokenizer)

    assert classifier.predict(["a film"]).labels  # ids that the model knows are read
    for ask in (classifier.predict, classifier.explain):
        with pytest.raises(ModelError, match=f"has vectors for {size} ids: use the tokenizer"):
            ask([f"a newcomer{size - 1}"])


def test_what_the_model_is_can_be_read(bert: Tiny) -> None:
    info = TextClassifier(bert.model, bert.tokenizer, id="tiny").info
    assert (info.id, info.architecture, info.dtype, info.device) == (
        "tiny",
        "BertForSequenceClassification",
        "float32",
        "cpu",
    )
    assert info.labels == ["LABEL_0", "LABEL_1", "LABEL_2"]
    assert info.self_test is not None


def test_low_precision_models_are_understood(build_tiny: Build) -> None:
    tiny = build_tiny("bert")
    classifier = TextClassifier(tiny.model.to(torch.bfloat16), tiny.tokenizer)
    [attribution] = classifier.explain(["not good at all"])
    assert classifier.self_test.hook_identity
    assert classifier.info.dtype == "bfloat16"
    assert np.isfinite(attribution.scores).all()


def test_bad_options_name_what_exists(bert: Tiny) -> None:
    with pytest.raises(OptionError, match="hook, inputs_embeds"):
        TextClassifier(bert.model, bert.tokenizer, route="magic")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="batch_tokens"):
        TextClassifier(bert.model, bert.tokenizer, batch_tokens=0)
    with pytest.raises(ModelError, match="names no classes"):
        TextClassifier(torch.nn.Linear(2, 2), bert.tokenizer)
    with pytest.raises(ModelError, match=r"DataParallel names no classes .* give what it wraps, \.module"):
        TextClassifier(torch.nn.DataParallel(bert.model), bert.tokenizer)
    with pytest.raises(DataError, match="Text 1 is of type int"):
        TextClassifier(bert.model, bert.tokenizer).predict(["good", 1])

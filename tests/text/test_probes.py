"""The model that is asked is the one that is explained: ids beside the vectors, cut gradients, rows in company."""

from __future__ import annotations

import copy
import functools
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
import transformers as hf
from torch import Tensor, nn
from transformers.integrations.flex_attention import WrappedFlexAttention

from token_saliency.errors import ModelError
from token_saliency.text.classifier import TextClassifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.text.conftest import Build, Tiny

TEXT = "the film is not bad at all"
PAIRS: list[Any] = [("the film is wonderful", "never dull"), ("not good", "a little too long for me")]


class Holds(nn.Module):
    """A model around another, as people write them."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner, self.config = inner, inner.config


class Around(Holds):
    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **others: Any) -> Any:
        return self.inner(input_ids=input_ids, attention_mask=attention_mask, **others)


class Star(Holds):
    def forward(self, *args: Any, **others: Any) -> Any:
        return self.inner(*args, **others)


class Reads(Holds):
    """It takes what it needs out of what it is given."""

    def forward(self, input_ids: Tensor, **others: Any) -> Any:
        return self.inner(input_ids, others["attention_mask"], others["token_type_ids"])


def partial(inner: Any) -> Any:
    """As a library does that sets an option for good."""
    inner.forward = functools.partial(inner.forward, output_attentions=False)
    return inner


@pytest.mark.parametrize("wrap", [Around, Star, Reads, lambda inner: Around(Around(inner)), partial])
def test_all_that_the_tokenizer_gives_reaches_the_model(bert: Tiny, wrap: Callable[[Any], Any]) -> None:
    model = wrap(copy.deepcopy(bert.model))
    with torch.no_grad():
        expected = [model(**bert.tokenizer(*pair, return_tensors="pt")).logits[0].numpy() for pair in PAIRS]
    classifier = TextClassifier(model, bert.tokenizer)
    np.testing.assert_allclose(classifier.predict(PAIRS).logits, expected, atol=1e-5)
    np.testing.assert_allclose(
        [one.output_value for one in classifier.explain(PAIRS, "gradient", target=0)],
        np.array(expected)[:, 0],
        atol=1e-5,
    )


class Boxed(Holds):
    """Reads where each token stands on the page."""

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        token_type_ids: Tensor,
        bbox: Tensor,
        tone: Any = None,  # noqa: ARG002 - only named
    ) -> Any:
        given = {"attention_mask": attention_mask, "token_type_ids": token_type_ids}
        logits = self.inner(input_ids=input_ids, **given).logits
        weight = bbox.float().sum(-1) * attention_mask
        return SimpleNamespace(logits=logits + weight.sum(1, keepdim=True) * torch.tensor([0.01, 0.02, -0.03]))


def boxing(tokenizer: Any, **more: Any) -> Any:
    """A tokenizer whose own call gives more than ids."""
    boxed = copy.deepcopy(tokenizer)

    class Boxes(type(tokenizer)):  # type: ignore[misc]
        def __call__(self, *texts: Any, **how: Any) -> Any:
            tensors = how.pop("return_tensors", None)
            given = super().__call__(*texts, **how)
            one = isinstance(texts[0], str)
            rows = [given["input_ids"]] if one else given["input_ids"]
            boxes = [[[i, id_ % 7] for i, id_ in enumerate(row)] for row in rows]
            given["bbox"] = boxes[0] if one else boxes
            for name, value in more.items():
                given[name] = value if one else [value] * len(rows)
            if tensors:
                return {name: torch.tensor([value] if one else value) for name, value in given.items()}
            return given

    boxed.__class__ = Boxes
    return boxed


def test_what_else_the_tokenizer_gives_reaches_the_model(bert: Tiny) -> None:
    tokenizer, model = boxing(bert.tokenizer, unread=1), Boxed(bert.model)
    given = {name: value for name, value in tokenizer(TEXT, return_tensors="pt").items() if name != "unread"}
    with torch.no_grad():
        expected = model(**given).logits[0].numpy()
        bare = bert.model(**{name: value for name, value in given.items() if name != "bbox"}).logits[0].numpy()
    assert np.abs(expected - bare).max() > 0.1
    classifier = TextClassifier(model, tokenizer)
    np.testing.assert_allclose(classifier.predict([TEXT, "good"]).logits[0], expected, atol=1e-5)
    (one,) = classifier.explain([TEXT], "gradient", target=0)
    assert one.output_value == pytest.approx(expected[0], abs=1e-5)
    np.testing.assert_allclose(TextClassifier(Around(model), tokenizer).predict([TEXT]).logits[0], expected, atol=1e-5)


class Rewrites(Holds):
    """It changes some ids before they reach the embedding, which no text of the self-test shows."""

    def __init__(self, inner: Any, id_: int, other: int) -> None:
        super().__init__(inner)
        self.id, self.other = id_, other

    def forward(
        self, input_ids: Tensor | None = None, attention_mask: Tensor | None = None, inputs_embeds: Tensor | None = None
    ) -> Any:
        if input_ids is not None:
            input_ids = torch.where(input_ids == self.id, self.other, input_ids)
        return self.inner(input_ids=input_ids, attention_mask=attention_mask, inputs_embeds=inputs_embeds)


def test_a_row_that_is_explained_as_another_is_flagged_or_named(build_tiny: Build) -> None:
    tiny = build_tiny("bert")
    with torch.no_grad():
        tiny.model.bert.embeddings.word_embeddings.weight.mul_(20)
        tiny.model.classifier.weight.mul_(20)
    bad, good = tiny.tokenizer.convert_tokens_to_ids(["bad", "good"])
    model = Rewrites(tiny.model, bad, good)
    one, other = TextClassifier(model, tiny.tokenizer).explain(["the film is bad", "the film is good"], "gradient")
    assert (one.converged, other.converged) == (False, True)
    route = TextClassifier(model, tiny.tokenizer, route="inputs_embeds")
    assert route.self_test.hook_identity
    assert route.explain(["the film is good"], "gradient")[0].converged
    with pytest.raises(ModelError, match=r"for text 1 \(0 is the first\), and the model predicts .* route 'hook'"):
        route.explain(["the film is good", "the film is bad"], "gradient")


class Returns(Holds):
    """The same logits in another wrapping."""

    def __init__(self, inner: Any, how: str) -> None:
        super().__init__(inner)
        self.how = how

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Any:
        logits = self.inner(input_ids, attention_mask, token_type_ids).logits
        kinds = {"tuple": (logits, None), "mapping": {"loss": None, "logits": logits}, "alone": logits}
        return kinds.get(self.how, {"scores": logits})


@pytest.mark.parametrize("how", ["tuple", "mapping", "alone"])
def test_logits_are_found_in_what_a_wrapper_returns(bert: Tiny, how: str) -> None:
    own, bare = (TextClassifier(one, bert.tokenizer) for one in (Returns(bert.model, how), bert.model))
    np.testing.assert_allclose(own.predict([TEXT]).logits, bare.predict([TEXT]).logits)
    scores = [one.explain([TEXT], "gradient", target=0)[0].scores for one in (own, bare)]
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-6)


def test_what_holds_no_logits_is_said(bert: Tiny) -> None:
    with pytest.raises(ModelError, match="returns no logits"):
        TextClassifier(Returns(bert.model, "scores"), bert.tokenizer).predict([TEXT])


def test_what_has_no_entry_for_each_token_is_named(bert: Tiny) -> None:
    with pytest.raises(ModelError, match="gives 'tone', which Boxed reads"):
        TextClassifier(Boxed(bert.model), boxing(bert.tokenizer, tone=0.5)).predict([TEXT])


def test_what_the_model_inside_does_not_take_is_left_out(build_tiny: Build) -> None:
    tiny = build_tiny("distilbert")
    bare = TextClassifier(tiny.model, tiny.tokenizer).predict([TEXT]).logits
    assert "token_type_ids" in tiny.tokenizer.model_input_names
    np.testing.assert_allclose(TextClassifier(Around(tiny.model), tiny.tokenizer).predict([TEXT]).logits, bare)


def answer(model: Any, tokenizer: Any, ids: Tensor | None = None) -> float:
    """Logit 0 of the text, or of other ids in its place, by the bare model."""
    given = tokenizer(TEXT, return_tensors="pt")
    with torch.no_grad():
        return float(model(**given | ({} if ids is None else {"input_ids": ids})).logits[0, 0])


def masked(tokenizer: Any, *places: int) -> Tensor:
    ids: Tensor = tokenizer(TEXT, return_tensors="pt")["input_ids"].clone()
    ids[0, list(places) or slice(1, -1)] = tokenizer.mask_token_id
    return ids


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of peft, about names that transformers will drop
@pytest.mark.parametrize("settings", [{}, {"use_dora": True}])
def test_an_adapter_on_the_embedding_is_explained_with_it(bert: Tiny, settings: dict[str, Any]) -> None:
    peft = pytest.importorskip("peft", reason="peft is not installed (the extra [peft])")
    torch.manual_seed(1)
    config = peft.LoraConfig(
        task_type="SEQ_CLS", r=4, target_modules=["query", "word_embeddings"], init_lora_weights=False, **settings
    )
    adapted = peft.get_peft_model(copy.deepcopy(bert.model), config).eval()
    merged = copy.deepcopy(adapted).merge_and_unload()
    classifier = TextClassifier(adapted, bert.tokenizer)
    (one,) = classifier.explain([TEXT], target=0, options={"tolerance": 1e-3})
    (other,) = TextClassifier(merged, bert.tokenizer).explain([TEXT], target=0, options={"tolerance": 1e-3})
    np.testing.assert_allclose(one.scores, other.scores, atol=2e-3)
    assert one.baseline_value == pytest.approx(answer(adapted, bert.tokenizer, masked(bert.tokenizer)), abs=1e-4)
    assert classifier.self_test.vectors_decide
    assert classifier.self_test.embedding_hits == 1


class Beside(Holds):
    """A bag of words beside the encoder."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.bag = nn.Parameter(torch.randn(inner.config.vocab_size, 3, generator=torch.Generator().manual_seed(1)))

    def forward(self, input_ids: Tensor, attention_mask: Tensor, **others: Any) -> Any:
        logits = self.inner(input_ids=input_ids, attention_mask=attention_mask, **others).logits
        return SimpleNamespace(logits=logits + (self.bag[input_ids] * attention_mask[..., None]).sum(1))


class Grams(Beside):
    """Two neighbours together choose a row of a second table."""

    def forward(self, input_ids: Tensor, attention_mask: Tensor, **others: Any) -> Any:
        logits = self.inner(input_ids=input_ids, attention_mask=attention_mask, **others).logits
        grams = (input_ids[:, 1:] * 31 + input_ids[:, :-1]) % len(self.bag)
        return SimpleNamespace(logits=logits + (self.bag[grams] * attention_mask[:, 1:, None]).sum(1))


@pytest.mark.parametrize("kind", [Beside, Grams])
def test_ids_that_decide_beside_the_vectors_are_refused_for_gradients_and_occluded_as_ids(
    bert: Tiny, kind: type[Beside]
) -> None:
    model = kind(bert.model)
    classifier = TextClassifier(model, bert.tokenizer)
    for method in ("gradient", "integrated_gradients", "smoothgrad"):
        with pytest.raises(ModelError, match=r"ids beside the vectors.*use 'occlusion'"):
            classifier.explain([TEXT], method)
    (one,) = classifier.explain([TEXT], "occlusion", target=0)
    expected = [
        answer(model, bert.tokenizer) - answer(model, bert.tokenizer, masked(bert.tokenizer, place))
        for place in range(1, len(one.scores) - 1)
    ]
    np.testing.assert_allclose(one.scores[1:-1], expected, atol=1e-4)
    assert classifier.self_test.vectors_decide is False
    with pytest.raises(ModelError, match="baseline 'mask' or 'pad'"):
        classifier.explain([TEXT], "occlusion", baseline="zero")


class TwoTables(nn.Module):
    def __init__(self, one: Any) -> None:
        super().__init__()
        self.one, self.two = one, copy.deepcopy(one)
        with torch.no_grad():
            self.two.weight.copy_(self.two.weight.roll(3, 0))

    def forward(self, ids: Tensor) -> Any:
        return self.one(ids) + self.two(ids)


def test_two_tables_in_one_module_are_explained_as_one(bert: Tiny) -> None:
    bert.model.bert.embeddings.word_embeddings = TwoTables(bert.model.bert.embeddings.word_embeddings)
    classifier = TextClassifier(bert.model, bert.tokenizer)
    (one,) = classifier.explain([TEXT], target=0)
    assert classifier.self_test.embedding == "bert.embeddings.word_embeddings"
    assert one.baseline_value == pytest.approx(answer(bert.model, bert.tokenizer, masked(bert.tokenizer)), abs=1e-4)


def test_a_mask_that_is_more_than_its_vector_begins_no_path(bert: Tiny) -> None:
    """ESM drops the mask's vector and scales the others by how many there are."""
    tokenizer = bert.tokenizer
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
    ends = {"pad_token_id": 0, "mask_token_id": tokenizer.mask_token_id, "vocab_size": len(tokenizer)}
    make: Any = hf.EsmConfig
    config = make(**shape, **ends, position_embedding_type="rotary", token_dropout=True, num_labels=3)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model: Any = hf.EsmForSequenceClassification(config).eval()
    classifier = TextClassifier(model, tokenizer)
    with pytest.raises(ModelError, match=r"more with the mask token.*'occlusion'"):
        classifier.explain([TEXT])
    assert classifier.explain([TEXT], baseline="mean")[0].converged
    assert classifier.explain([TEXT], "gradient")[0].converged
    (one,) = classifier.explain([TEXT], "occlusion", target=0)
    expected = answer(model, tokenizer) - answer(model, tokenizer, masked(tokenizer, 2))
    assert one.scores[2] == pytest.approx(expected, abs=1e-5)


class Cut(Holds):
    """What is left of the gradient, by a choice."""

    def __init__(self, inner: Any, how: str) -> None:
        super().__init__(inner)
        self.how = how

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Any:
        with torch.set_grad_enabled(torch.is_grad_enabled() and self.how != "frozen"):
            found = self.inner.bert(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        pooled = found.pooler_output
        if self.how == "half":
            pooled = pooled.detach() + 0.3 * found.last_hidden_state.mean(1)
        if self.how == "rounded":
            pooled = pooled + ((8 * pooled).round() / 8 - pooled).detach()
        if self.how == "step":
            pooled = (4 * pooled).round() / 4
        return SimpleNamespace(logits=self.inner.classifier(pooled))


def _int8(inner: Any, how: str) -> Any:
    quantised: Any = torch.ao.quantization.quantize_dynamic
    if how == "int8":
        return quantised(inner, {nn.Linear}, dtype=torch.qint8)
    for layer in inner.bert.encoder.layer:
        layer.intermediate = quantised(layer.intermediate, {nn.Linear}, dtype=torch.qint8)
    return inner


CUTS: dict[str, Callable[[Any, str], Any]] = {
    **dict.fromkeys(("frozen", "half", "rounded", "step"), Cut),
    "int8": _int8,
    "int8 in part": _int8,
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize("how", CUTS)
def test_a_gradient_that_is_cut_is_refused_and_words_are_occluded(bert: Tiny, how: str) -> None:
    classifier = TextClassifier(CUTS[how](bert.model, how), bert.tokenizer)
    assert classifier.self_test.gradient_agrees is False
    for method in ("gradient", "integrated_gradients"):
        with pytest.raises(ModelError, match=r"no gradient to explain it by.*use 'occlusion'"):
            classifier.explain([TEXT], method)
    (one,) = classifier.explain([TEXT], "occlusion", target=0)
    assert np.abs(one.scores).sum() > 0
    assert classifier.predict([TEXT]).logits[0, 0] == pytest.approx(one.output_value, abs=1e-5)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("scale", [0.1, 1.0, 3.0])
def test_flat_and_steep_models_of_every_precision_raise_no_alarm(
    build_tiny: Build, dtype: torch.dtype, scale: float
) -> None:
    tiny = build_tiny("bert")
    with torch.no_grad():
        for parameter in tiny.model.parameters():
            parameter.mul_(scale)
        tiny.model.classifier.weight.mul_(10)  # so sure that a probability is 1
    test = TextClassifier(tiny.model.to(dtype), tiny.tokenizer).self_test
    assert (test.vectors_decide, test.gradient_agrees, test.company_invariant) == (True, True, True)


def test_half_of_a_gradient_is_missed_in_half_precision_too(bert: Tiny) -> None:
    model = Cut(bert.model.bfloat16(), "half")
    assert TextClassifier(model, bert.tokenizer).self_test.gradient_agrees is False
    assert {one.dtype for one in model.parameters()} == {torch.bfloat16}


class Company(Holds):
    """As activations that are quantised by the largest of a batch, or statistics of a batch."""

    def __init__(self, inner: Any, how: str) -> None:
        super().__init__(inner)
        self.how = how

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Any:
        found = self.inner.bert(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        pooled = found.pooler_output
        norm = nn.BatchNorm1d(pooled.shape[1], affine=False, track_running_stats=False).to(pooled)
        pooled = (
            pooled / found.last_hidden_state.abs().max() if self.how == "largest" or len(pooled) == 1 else norm(pooled)
        )
        return SimpleNamespace(logits=self.inner.classifier(pooled))


@pytest.mark.parametrize("how", ["largest", "norm"])
def test_rows_that_change_each_other_are_asked_one_at_a_time(bert: Tiny, how: str) -> None:
    model = Company(bert.model, how)
    texts = ["good", "bad", "dull", TEXT, "often wonderful"]
    with torch.no_grad():
        expected = [model(**bert.tokenizer(text, return_tensors="pt")).logits[0].numpy() for text in texts]
    classifier = TextClassifier(model, bert.tokenizer)
    np.testing.assert_allclose(classifier.predict(texts).logits, expected, atol=1e-5)
    together = classifier.explain(texts, target=0)
    for one, text in zip(together, texts, strict=True):
        np.testing.assert_allclose(one.scores, classifier.explain([text], target=0)[0].scores, atol=1e-5)
    assert classifier.self_test.company_invariant is False
    assert "one row at a time" in " ".join(classifier.self_test.notes)


@pytest.mark.filterwarnings("ignore")
def test_flex_attention_on_a_cpu_is_refused_for_gradients_alone(bert: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it was first compiled while it was watched, every later call failed. What is compiled is run in Python: the
    trace is what matters here, and a compiler of C++ takes a minute over it."""
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="eager"))
    monkeypatch.setattr(WrappedFlexAttention, "_instance", None)
    model = copy.deepcopy(bert.model)
    model.set_attn_implementation("flex_attention")
    classifier = TextClassifier(model, bert.tokenizer)
    for method in ("gradient", "integrated_gradients"):
        with pytest.raises(ModelError, match=r"its backward pass fails .*; use 'occlusion'") as caught:
            classifier.explain([TEXT], method)
        assert "\n" not in str(caught.value)
    (one,) = classifier.explain([TEXT], "occlusion", target=0)
    expected = answer(model, bert.tokenizer) - answer(model, bert.tokenizer, masked(bert.tokenizer, 2))
    assert one.scores[2] == pytest.approx(expected, abs=1e-5)
    assert classifier.predict([TEXT]).logits[0, 0] == pytest.approx(answer(model, bert.tokenizer), abs=1e-5)

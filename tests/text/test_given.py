"""What a classifier takes for texts, and pipelines of transformers as classifiers."""

from __future__ import annotations

import re
from typing import Any

import datasets
import numpy as np
import pandas as pd
import pytest
import transformers as hf

from tests.text.conftest import Tiny
from token_saliency import DataError, ModelError, OptionError, TextClassifier
from token_saliency.text.given import given_texts

TEXTS = ["the film is wonderful", "", "never dull"]
PAIRS = [("the film", "is good"), ("a dog", "is lazy")]
FRAME = pd.DataFrame({"text": TEXTS, "label": [0, 1, 0], "year": [1999, 2000, 2001]})
PAIRED = pd.DataFrame(PAIRS, columns=["premise", "hypothesis"])
DATASET = datasets.Dataset.from_pandas(FRAME)
GIVEN: list[tuple[str, Any]] = [
    ("list", TEXTS),
    ("tuple", tuple(TEXTS)),
    ("array", np.array(TEXTS)),
    ("series", FRAME["text"]),
    ("series with another index", FRAME["text"].set_axis([7, 7, 9])),
    ("index", pd.Index(TEXTS)),
    ("frame", FRAME),
    ("frame with another name", FRAME.rename(columns={"text": "Review"})),
    ("column of a data set", DATASET["text"]),
    ("data set", DATASET),
    ("batch of a data set", DATASET[:]),
    ("rows of a data set", list(DATASET)),
    ("records", FRAME.to_dict("records")),
    ("named tuples", list(FRAME.itertuples())),
    ("generator", (text for text in TEXTS)),
]


@pytest.mark.parametrize("texts", [given for _, given in GIVEN], ids=[name for name, _ in GIVEN])
def test_texts_are_read_in_order_from_whatever_holds_them(texts: Any) -> None:
    assert given_texts(texts) == TEXTS


@pytest.mark.parametrize("pairs", [PAIRS, PAIRED, PAIRED.to_dict("records"), PAIRED.to_dict("list")])
def test_pairs_are_read_from_two_columns(pairs: Any) -> None:
    assert given_texts(pairs) == PAIRS


def test_one_text_is_one_text() -> None:
    assert given_texts("one") == ["one"]
    assert given_texts({"text": "one", "text_pair": "two"}) == [("one", "two")]
    assert given_texts([]) == []


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (
            pd.DataFrame({"label": ["a"], "year": ["b"]}),
            r"no column.*\['label', 'year'\].*data\['label'\]",
        ),
        (pd.DataFrame({"text": ["a"], "sentence": ["b"]}), "or several, with a usual name"),
        (DATASET.select_columns(["label"]), "no column"),
        (datasets.DatasetDict({"train": DATASET, "test": DATASET}), r"several splits \(train, test\): choose one"),
        (pd.Series(["a", None, "b"]), "Text 1 is missing .*dropna"),
        (pd.DataFrame({"text": ["a", None]}), "row 2 has no text in column 'text'"),
        (FRAME["year"], "Text 0 is of type int"),
        (["a", 0.5], "Text 1 is of type float"),
        (5, "int is no text: give a string"),
    ],
)
def test_what_holds_no_texts_is_refused(texts: Any, says: str) -> None:
    with pytest.raises(DataError, match=says):
        given_texts(texts)


@pytest.fixture(params=["model", "function"])
def classifier(request: pytest.FixtureRequest, bert: Tiny) -> Any:
    own = TextClassifier(bert.model, bert.tokenizer)
    if request.param == "model":
        return own
    return TextClassifier.from_function(lambda texts: own.predict(texts).probabilities, own.labels)


def test_every_call_takes_them_all(classifier: Any) -> None:
    expected = classifier.predict(TEXTS).probabilities

    assert np.array_equal(classifier.predict(FRAME).probabilities, expected)
    assert np.allclose(classifier.predict(TEXTS[0]).probabilities, expected[:1], atol=1e-6)
    explained = classifier.explain(FRAME["text"], "occlusion")
    assert [one.text for one in explained] == TEXTS
    assert [one.text for one in classifier.explain(DATASET["text"], "occlusion")] == TEXTS
    (every,) = classifier.explain_all(TEXTS[0], "occlusion")
    assert list(every) == classifier.labels
    with pytest.raises(DataError, match="no column"):
        classifier.predict(FRAME[["label", "year"]])


# --- pipelines --------------------------------------------------------------------------------------


def test_a_pipeline_is_its_model_and_tokenizer(bert: Tiny) -> None:
    pipeline = hf.pipeline("text-classification", model=bert.model, tokenizer=bert.tokenizer, device="cpu")
    classifier = TextClassifier(pipeline)

    found = classifier.predict(TEXTS[0])
    said = pipeline(TEXTS[0])[0]
    assert found.labels == [said["label"]]
    assert found.probabilities.max() == pytest.approx(said["score"], abs=1e-5)
    with pytest.raises(OptionError, match="labels are those of a zero-shot pipeline"):
        TextClassifier(pipeline, labels=["a", "b"])


def entailing(bert: Tiny, **options: Any) -> Any:
    config = bert.model.config.__class__(**bert.model.config.to_dict() | {"id2label": {0: "entailment", 1: "other"}})
    config.label2id = {"entailment": 0, "other": 1}
    model = type(bert.model)(config).eval()
    return hf.pipeline("zero-shot-classification", model=model, tokenizer=bert.tokenizer, device="cpu", **options)


@pytest.mark.parametrize("several", [False, True])
def test_a_zero_shot_pipeline_decides_between_its_labels(bert: Tiny, several: bool) -> None:
    names = ["good", "dull", "long"]
    pipeline = entailing(bert, candidate_labels=names, multi_label=several)
    classifier = TextClassifier(pipeline)

    texts = ["the film is wonderful", "never dull"]
    found = classifier.predict(texts)
    for row, answer in zip(found.probabilities, pipeline(texts), strict=True):
        said = dict(zip(answer["labels"], answer["scores"], strict=True))
        assert row.tolist() == pytest.approx([said[name] for name in names], abs=1e-5)
    assert classifier.labels == names
    assert len(classifier.explain(texts, "occlusion")) == 2


def test_the_labels_of_a_zero_shot_pipeline_must_be_known(bert: Tiny) -> None:
    pipeline = entailing(bert)

    assert TextClassifier(pipeline, labels=["b", "a"]).labels == ["b", "a"]
    for labels in (None, ["one"], ["a", "a"]):
        with pytest.raises(OptionError, match="decides between labels"):
            TextClassifier(pipeline, labels=labels)


def test_a_pipeline_for_something_else_is_refused(bert: Tiny) -> None:
    pipeline = entailing(bert)
    pipeline.task = "text-generation"
    with pytest.raises(ModelError, match="text-generation classifies no texts"):
        TextClassifier(pipeline)


class Fitted:
    """What scikit-learn has fitted."""

    classes_ = ("a", "b")

    def predict_proba(self, texts: list[str]) -> list[list[float]]:
        return [[0.2, 0.8] for _ in texts]

    def predict(self, texts: list[str]) -> list[str]:
        return ["b" for _ in texts]


def test_who_gives_something_else_is_told_what_takes_it() -> None:
    with pytest.raises(ModelError, match=r"TextClassifier\.from_pretrained\('my-model'\)"):
        TextClassifier("my-model")
    with pytest.raises(ModelError, match=r"from_function\(model\.predict_proba, model\.classes_\)"):
        TextClassifier(Fitted())
    with pytest.raises(OptionError, match="its predict_proba"):
        TextClassifier.from_function(Fitted(), Fitted.classes_)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=r"return probabilities .* as predict_proba"):
        TextClassifier.from_function(Fitted().predict, Fitted.classes_).predict("x")


def test_a_classifier_and_an_attribution_are_short_where_python_shows_them(bert: Tiny) -> None:
    function = TextClassifier.from_function(Fitted().predict_proba, Fitted.classes_)
    assert repr(function) == "<FunctionClassifier function: a, b>"
    assert re.fullmatch("<TextClassifier .+: .+, .+>", repr(TextClassifier(bert.model, bert.tokenizer)))
    (found,) = function.explain("a\nfine film")
    assert re.fullmatch(r"<Attribution of 'b', probability \+0\.800: 'a' [+-]0\.000, .+>", repr(found))

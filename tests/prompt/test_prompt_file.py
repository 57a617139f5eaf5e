from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.prompt.conftest import ONE, TEMPLATE, language_model
from token_saliency.errors import DataError, ModelError, OptionError
from token_saliency.text.classifier import TextClassifier
from token_saliency.text.prompt.prompt import filled, read_prompt, shown_among

PLAIN: dict[str, Any] = {"template": TEMPLATE, "labels": ONE}
FILE = """
template = '''a {text}
b'''
answer = "Sentiment:"
[labels]
positive = " positive"
negative = [" negative", " bad"]
[[examples]]
text = "good"
label = "positive"
"""


def test_a_file_says_what_a_mapping_says(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(FILE, encoding="utf-8")
    same = {
        "template": "a {text}\nb",
        "answer": "Sentiment:",
        "labels": {"positive": [" positive"], "negative": [" negative", " bad"]},
        "examples": [{"text": "good", "label": "positive"}],
    }

    assert read_prompt(tmp_path / "p.toml") == read_prompt(same)
    assert read_prompt(same).digest != read_prompt(same | {"answer": "Sentiment: "}).digest


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"temlate": "x"}, "Did you mean 'template'"),
        ({"kind": "masked"}, "`kind`"),
        ({"labels": {"one": ["x"]}}, "two classes"),
        ({"labels": {"one": ["x"], "two": ["x"]}}, "one word to two classes"),
        ({"labels": {"one": ["x"], "two": []}}, "a word that is not empty"),
        ({"template": "no place"}, "{text} once"),
        ({"template": "{text} {text}"}, "{text} once"),
        ({"examples": [{"text": "x", "label": "neutral"}]}, "'neutral'"),
        ({"answer": "{text}"}, "belongs into `template`"),
        ({"system": "{text_pair}"}, "{text_pair} belongs into `template`"),
        ({"template": "{examples}\n{text}", "examples": [{"text": "x", "label": "positive"}]}, "needs `example`"),
        ({"example": "{text}\n"}, "{text} and {label}"),
        ({"example": "{label}\n"}, "{text} and {label}"),
        ({"example": "{text} {text_pair} {label}\n"}, "both hold {text_pair}"),
        ({"examples": [{"text": "x", "text_pair": "y", "label": "positive"}]}, "has a `text_pair`"),
        ({"kind": "nli", "answer": "so"}, "kind nli"),
    ],
)
def test_a_wrong_prompt_is_one_clear_line(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError) as caught:
        read_prompt(PLAIN | parts)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_rows_among_the_shown_examples_are_counted() -> None:
    shown = read_prompt(PLAIN | {"examples": [{"text": "Never dull. ", "label": "positive"}]})

    (said,) = shown_among(shown, ["Never dull.", "Dull.", "\nNever dull."])
    assert said.startswith("2 of 3 rows stand among the examples")
    assert not shown_among(shown, ["Never", ("Never dull.", "x")])
    assert not shown_among(None, ["Never dull."])


def test_a_prompt_is_not_read_in_windows() -> None:
    tiny = language_model("gpt2")
    with pytest.raises(OptionError, match="about the whole row"):
        TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PLAIN, long="window")


@pytest.mark.parametrize("content", ["[labels", None, b"\xff"])
def test_a_file_that_is_no_toml_is_one_clear_line(tmp_path: Path, content: str | bytes | None) -> None:
    file = tmp_path / "p.toml"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(OptionError, match="cannot be read as TOML"):
        read_prompt(file)


def test_a_value_is_never_read_as_a_place() -> None:
    assert filled("{text} is {label}", {"text": "{label}", "label": "{text}"}) == "{label} is {text}"


def test_models_and_rows_of_another_kind_are_refused() -> None:
    tiny = language_model("llama")
    with pytest.raises(ModelError, match="kind = 'causal'"):
        TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PLAIN | {"kind": "seq2seq"})
    with pytest.raises(DataError, match="text_pair"):
        TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PLAIN).predict([("a", "b")])
    tiny.tokenizer.chat_template = None
    with pytest.raises(ModelError, match="chat = false"):
        TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PLAIN | {"chat": True})


def test_calibration_needs_its_rows() -> None:
    tiny = language_model("llama")
    classifier = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PLAIN | {"calibrate": "batch"})
    with pytest.raises(OptionError, match="calibrate_on"):
        classifier.predict(["not good"])


def test_a_prompt_longer_than_the_model_says_so() -> None:
    tiny = language_model("gpt2")
    classifier = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PLAIN, max_length=8)
    with pytest.raises(ModelError, match="shorten the prompt"):
        classifier.predict(["not good"])


def test_the_self_test_says_how_the_words_tokenise() -> None:
    tiny = language_model("gpt2")
    labels = {"a": [" good"], "b": [" not good"], "c": [" not bad"]}
    notes = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PLAIN | {"labels": labels}).self_test.notes

    assert any("share their first token" in note for note in notes)
    assert any("favour the shorter" in note for note in notes)
    assert any("computed once" in note for note in notes)


def test_a_word_that_joins_the_prompt_is_said() -> None:
    tiny = language_model("gpt2")
    prompt = PLAIN | {"answer": "go", "labels": {"a": ["od"], "b": [" not"]}}
    notes = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, prompt).self_test.notes

    assert any("'od' joins the end of the prompt" in note for note in notes)


def test_label_mass_and_written_answers_are_those_of_the_bare_model() -> None:
    import torch

    tiny = language_model("qwen2")
    classifier = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PLAIN)
    rows = ["not good", "the dog", ""]
    info = classifier.prompt_info(rows)
    assert info is not None
    assert info.labels is not None
    assert info.rendered == TEMPLATE
    masses, none = [], []
    ids = [tiny.tokenizer(word)["input_ids"][0] for word in (" good", " not")]
    for row in rows:
        whole = tiny.tokenizer(TEMPLATE.replace("{text}", row), return_tensors="pt")
        with torch.no_grad():
            shares = tiny.model(**whole).logits[0, -1].softmax(-1)
        masses.append(float(shares[ids].sum()))
        none.append(int(shares.argmax()) not in ids)

    assert info.labels.mass[1] == pytest.approx(sorted(masses)[1], abs=1e-6)
    assert info.labels.no_label == pytest.approx(sum(none) / 3)
    assert info.labels.generated == 3


def test_two_words_of_the_same_tokens_are_refused() -> None:
    tiny = language_model("t5")
    prompt = PLAIN | {"kind": "seq2seq", "labels": {"a": ["good"], "b": [" good"]}}
    with pytest.raises(ModelError, match="the same tokens"):
        TextClassifier.from_prompt(tiny.model, tiny.tokenizer, prompt)

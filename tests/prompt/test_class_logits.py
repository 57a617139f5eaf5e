"""Class logits against a plain loop over the whole vocabulary that never meets the package."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from tests.prompt.conftest import MANY, ONE, ROWS, SEQ2SEQ, TEMPLATE, language_model, plain_logits
from token_saliency.text.classifier import TextClassifier

CLOSE = 1e-5


def prompted(name: str, **parts: Any) -> tuple[TextClassifier, Any]:
    tiny = language_model(name)
    prompt = {"template": TEMPLATE, "answer": "it is", "labels": MANY, **parts}
    return TextClassifier.from_prompt(tiny.model, tiny.tokenizer, prompt), tiny


def written(row: str) -> str:
    return f"{TEMPLATE.replace('{text}', row)}\nit is"


@pytest.mark.parametrize("labels", [ONE, MANY], ids=["one token", "several"])
def test_causal_logits_are_those_of_a_plain_loop(causal: str, labels: dict[str, list[str]]) -> None:
    classifier, tiny = prompted(causal, labels=labels)

    found = classifier.predict(ROWS).logits

    np.testing.assert_allclose(found, [plain_logits(tiny, written(row), labels) for row in ROWS], atol=CLOSE)


@pytest.mark.parametrize("labels", [ONE, MANY], ids=["one token", "several"])
@pytest.mark.parametrize("name", sorted(SEQ2SEQ))
def test_seq2seq_logits_are_those_of_a_plain_loop(name: str, labels: dict[str, list[str]]) -> None:
    classifier, tiny = prompted(name, labels=labels, kind="seq2seq")

    found = classifier.predict(ROWS).logits

    np.testing.assert_allclose(found, [plain_logits(tiny, written(row), labels) for row in ROWS], atol=CLOSE)


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_side_and_company_change_nothing(causal: str, side: str) -> None:
    classifier, tiny = prompted(causal)
    tiny.tokenizer.padding_side = side

    together = classifier.predict(ROWS).logits

    np.testing.assert_allclose(together, np.vstack([classifier.predict([row]).logits for row in ROWS]), atol=CLOSE)
    assert tiny.tokenizer.padding_side == side


def test_a_left_padded_batch_of_the_bare_model_says_the_same() -> None:
    classifier, tiny = prompted("llama", labels=ONE)
    tiny.tokenizer.padding_side = "left"
    batch = tiny.tokenizer([written(row) for row in ROWS], return_tensors="pt", padding=True)
    positions = (batch["attention_mask"].cumsum(-1) - 1).clamp(min=0)
    with torch.no_grad():
        logits = tiny.model(**batch, position_ids=positions).logits[:, -1].log_softmax(-1)
    ids = [tiny.tokenizer(word, add_special_tokens=False)["input_ids"][0] for word in (" good", " not")]

    np.testing.assert_allclose(classifier.predict(ROWS).logits, logits[:, ids], atol=CLOSE)


def test_the_chat_template_is_the_tokenizers() -> None:
    classifier, tiny = prompted("qwen2", chat=True, system="a film .", answer="it is")
    said = [{"role": "system", "content": "a film ."}, {"role": "user", "content": TEMPLATE}]
    frame = tiny.tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True) + "it is"

    found = classifier.predict(ROWS).logits

    whole = [plain_logits(tiny, frame.replace("{text}", row), MANY) for row in ROWS]
    np.testing.assert_allclose(found, whole, atol=CLOSE)


def test_a_chat_template_that_strips_a_message_strips_the_row() -> None:
    classifier, tiny = prompted("qwen2", chat=True, template="{text}", answer="")
    row = "  not good \n"

    found = classifier.predict([row]).logits[0]

    frame = tiny.tokenizer.apply_chat_template(
        [{"role": "user", "content": row}], tokenize=False, add_generation_prompt=True
    )
    np.testing.assert_allclose(found, plain_logits(tiny, frame, MANY), atol=CLOSE)
    words = classifier.explain([row], "occlusion")[0].words
    assert [row[word.start : word.end] for word in words] == ["not", "good"]


def test_the_mean_is_by_token() -> None:
    classifier, tiny = prompted("llama", score="mean")

    found = classifier.predict(ROWS[:2]).logits

    np.testing.assert_allclose(found, [plain_logits(tiny, written(row), MANY, "mean") for row in ROWS[:2]], atol=CLOSE)


def test_pmi_takes_away_what_the_words_get_without_a_row() -> None:
    classifier, tiny = prompted("llama", score="pmi", labels=ONE)

    found = classifier.predict(ROWS[:2]).logits

    base = np.array(plain_logits(tiny, written(""), ONE))
    np.testing.assert_allclose(found, [plain_logits(tiny, written(row), ONE) - base for row in ROWS[:2]], atol=CLOSE)


@pytest.mark.parametrize("example", ["", "a film : {text} , it is{label}\n"])
def test_shown_examples_stand_before_the_row(example: str) -> None:
    shown = [{"text": "never {label} dull", "label": "positive"}, {"text": "too long", "label": "negative"}]
    classifier, tiny = prompted("gpt2", labels=ONE, examples=shown, example=example)
    usual = "".join(f"{written(one['text'])}{ONE[one['label']][0]}\n\n" for one in shown)
    own = "a film : never {label} dull , it is good\na film : too long , it is not\n"

    found = classifier.predict(ROWS[:2]).logits

    start = own if example else usual
    np.testing.assert_allclose(found, [plain_logits(tiny, start + written(row), ONE) for row in ROWS[:2]], atol=CLOSE)


def test_batch_calibration_takes_the_mean_over_the_rows_and_over_no_others() -> None:
    tiny = language_model("llama")
    prompt = {"template": TEMPLATE, "answer": "it is", "labels": ONE, "calibrate": "batch"}
    plain = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, prompt | {"calibrate": "none"})
    classifier = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, prompt, calibrate_on=ROWS)
    raw = plain.predict(ROWS).logits

    np.testing.assert_allclose(classifier.predict(ROWS[:2]).logits, raw[:2] - raw.mean(0), atol=CLOSE)


def test_a_pair_has_its_two_places() -> None:
    classifier, tiny = prompted("llama", template="a : {text_pair}\nb : {text}\n", answer="", labels=ONE)

    found = classifier.predict([("not good", "a dog")]).logits[0]

    np.testing.assert_allclose(found, plain_logits(tiny, "a : a dog\nb : not good\n", ONE), atol=CLOSE)
    tokens = classifier.explain([("not good", "a dog")], "occlusion")[0].tokens
    assert {(token.segment, token.text) for token in tokens if not token.special} >= {(0, "not"), (1, "a")}


def test_a_row_is_cut_and_the_prompt_is_not() -> None:
    tiny = language_model("gpt2")
    prompt = {"template": TEMPLATE, "answer": "it is", "labels": MANY}
    whole = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, prompt)
    room = len(tiny.tokenizer(written("not good"))["input_ids"]) + 8
    classifier = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, prompt, max_length=room)
    row = "not good , a dog and a much longer line"

    kept = row[: len(row) - classifier.explain([row], "occlusion")[0].truncated]

    assert 0 < len(kept) < len(row)
    np.testing.assert_allclose(classifier.predict([row]).logits, whole.predict([kept]).logits, atol=CLOSE)

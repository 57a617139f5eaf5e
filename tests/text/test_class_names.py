"""Names of classes that mislead: alike, not as many as logits, wrongly numbered. No class ever stands for another."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import torch

from token_saliency import TextClassifier
from token_saliency.errors import ModelError, OptionError

if TYPE_CHECKING:
    from tests.text.conftest import Build

STARS = {0: "negative", 1: "negative", 2: "neutral", 3: "positive", 4: "positive"}


def test_classes_of_one_name_are_told_apart_by_their_index(build_tiny: Build, texts: list[str]) -> None:
    tiny = build_tiny("bert", classes=5, id2label=STARS)
    own = TextClassifier(tiny.model, tiny.tokenizer)
    seen = own.predict(texts)
    wanted = seen.logits.argmax(1).tolist()
    assert len(set(wanted)) > 1
    assert own.labels == ["negative (0)", "negative (1)", "neutral", "positive (3)", "positive (4)"]
    assert seen.labels == [own.labels[i] for i in wanted]
    for found in (own.explain(texts, "gradient"), own.explain(texts, "gradient", predictions=seen)):
        assert [one.target_index for one in found] == wanted
    compared = own.explain_baselines(texts, ["mask", "pad"], "gradient_x_input")
    assert [one.attributions["mask"].target_index for one in compared] == wanted
    assert [one.target_index for one in own.explain_all(texts[:1], "gradient")[0].values()] == [0, 1, 2, 3, 4]
    with pytest.raises(OptionError, match=r"Unknown class 'positive'.*positive \(3\)"):
        own.explain(texts, target="positive")
    assert any("negative, positive" in note for note in own.self_test.notes)


@pytest.mark.parametrize(("logits", "names"), [(1, 2), (2, 3), (3, 2)])
def test_names_that_are_not_as_many_as_logits_are_refused(build_tiny: Build, logits: int, names: int) -> None:
    tiny = build_tiny("bert", classes=names)

    class Other(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.config = tiny.model, tiny.model.config

        def forward(self, input_ids: Any, attention_mask: Any = None, token_type_ids: Any = None) -> Any:
            found = self.inner(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).logits
            return SimpleNamespace(logits=torch.cat([found, found], 1)[:, :logits])

    own = TextClassifier(Other(), tiny.tokenizer)
    for ask in (own.predict, own.explain):
        with pytest.raises(ModelError, match=f"returns {logits} logits for {names} classes"):
            ask(["not bad"])


def test_a_regression_of_several_outputs_is_refused(build_tiny: Build) -> None:
    tiny = build_tiny("bert", problem_type="regression")
    with pytest.raises(ModelError, match="regression head with 3 outputs"):
        TextClassifier(tiny.model, tiny.tokenizer)


def test_class_numbers_are_numbers_and_begin_at_zero(build_tiny: Build) -> None:
    tiny = build_tiny("bert", classes=11)
    tiny.model.config.id2label = {str(i): f"class {i}" for i in range(11)}
    own = TextClassifier(tiny.model, tiny.tokenizer)
    assert own.labels == [f"class {i}" for i in range(11)]
    tiny.model.config.id2label = {1: "one", 2: "two"}
    with pytest.raises(ModelError, match="classes 0 to 1"):
        TextClassifier(tiny.model, tiny.tokenizer)

"""Heads that are no softmax over classes: several labels at once, or a plain number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_saliency import TextClassifier, run_audits
from token_saliency.errors import OptionError
from token_saliency.shared.heads import Head

if TYPE_CHECKING:
    from tests.text.conftest import Build

MULTI = {"problem_type": "multi_label_classification"}
NAMES = "Linda Susan Karen Nancy Kevin Brian Edward Ronald".split()


def test_several_labels_are_predicted_by_the_likeliest_one(build_tiny: Build, texts: list[str]) -> None:
    tiny = build_tiny("bert", **MULTI)
    found = TextClassifier(tiny.model, tiny.tokenizer).predict(texts)
    np.testing.assert_allclose(found.probabilities, 1 / (1 + np.exp(-found.logits)))
    assert found.labels == [f"LABEL_{i}" for i in found.probabilities.argmax(1)]


@pytest.mark.parametrize("output", ["logit", "margin", "probability", "log_probability", "loss"])
def test_each_label_is_explained_whatever_the_others_are(build_tiny: Build, output: str) -> None:
    tiny = build_tiny("bert", **MULTI)
    classifier = TextClassifier(tiny.model, tiny.tokenizer)
    [found] = classifier.explain_all(["not bad at all"], "gradient_x_input", output=output)
    for name, logit in zip(classifier.labels, classifier.predict(["not bad at all"]).logits[0], strict=True):
        p = 1 / (1 + np.exp(-logit))
        expected = {"probability": p, "log_probability": np.log(p), "loss": -np.log(p)}.get(output, logit)
        assert found[name].output_value == pytest.approx(expected, abs=1e-5)


def test_several_labels_are_audited_each_on_its_own_probability(build_tiny: Build) -> None:
    """Two labels that do not exclude each other are no mirror of one another: both are judged."""
    tiny = build_tiny("bert", classes=2, **MULTI)
    rows = [f"{NAMES[i % 8]} said the film of day {i} is {('good', 'bad')[i % 3 > 0]}." for i in range(40)]
    report = run_audits(TextClassifier(tiny.model, tiny.tokenizer), rows, ["names"], edits=400, method="gradient")
    assert {finding.class_ for finding in report.audits["names"].intervention} == {"LABEL_0", "LABEL_1", "any class"}
    assert report.audits["names"].verdict != "ERROR"
    assert report.model.self_test is not None
    assert "each label has a probability of its own" in " ".join(report.model.self_test.notes)


def test_a_single_label_that_is_on_or_off_has_a_probability(build_tiny: Build) -> None:
    tiny = build_tiny("bert", classes=1, **MULTI)
    found = TextClassifier(tiny.model, tiny.tokenizer).predict(["good"])
    np.testing.assert_allclose(found.probabilities, 1 / (1 + np.exp(-found.logits)))


def test_a_number_is_its_own_label_and_score(build_tiny: Build) -> None:
    tiny = build_tiny("bert", classes=1)
    classifier = TextClassifier(tiny.model, tiny.tokenizer)
    predictions = classifier.predict(["good", "not bad"])
    assert predictions.labels == ["LABEL_0", "LABEL_0"]
    np.testing.assert_allclose(predictions.probabilities, predictions.logits)
    for method in ("integrated_gradients", "occlusion", "smoothgrad"):
        found = classifier.explain(["good", "not bad"], method, output="score")
        assert [one.output_value for one in found] == pytest.approx(predictions.logits[:, 0].tolist(), abs=1e-5)
    assert list(classifier.explain_all(["good"], "gradient")[0]) == ["LABEL_0"]
    assert "neither a class nor a probability" in " ".join(classifier.self_test.notes)
    with pytest.raises(OptionError, match="output of a regression head 'probability'"):
        classifier.explain(["good"], output="probability")


probabilities = st.lists(st.floats(0, 1), min_size=2, max_size=5).filter(lambda row: sum(row) > 0)


@given(probabilities, st.booleans())
def test_logits_of_probabilities_give_them_back(row: list[float], exclusive: bool) -> None:
    kind = "single_label_classification" if exclusive else "multi_label_classification"
    head = Head(kind, tuple("abcde"[: len(row)]))
    given_ = np.array([row]) / (sum(row) if exclusive else 1)
    logits = head.logits(given_)
    assert np.isfinite(logits).all()
    np.testing.assert_allclose(head.probabilities(logits), given_, atol=1e-11)

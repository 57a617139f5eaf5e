from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from token_saliency.errors import DataError, OptionError
from token_saliency.text.agreement import spearman
from token_saliency.text.classifier import TextClassifier

if TYPE_CHECKING:
    from tests.text.conftest import Build, Tiny


def classifier(tiny: Tiny, **settings: Any) -> TextClassifier:
    return TextClassifier(tiny.model, tiny.tokenizer, **settings)


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=3, max_size=12))
def test_the_agreement_is_that_of_scipy_and_undefined_where_there_is_no_order(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array(pairs, dtype=np.float64).T
    found = spearman(one, other)
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        assert found is None
    else:
        assert found == pytest.approx(spearmanr(one, other).statistic, abs=1e-12)


def test_numbers_that_are_none_and_single_tokens_have_no_order() -> None:
    assert spearman(np.array([1.0]), np.array([2.0])) is None
    assert spearman(np.array([1.0, np.nan]), np.array([2.0, 1.0])) is None


def test_each_baseline_has_the_scores_that_it_has_alone(bert: Tiny, texts: list[str]) -> None:
    done: list[int] = []
    explainer = classifier(bert)
    found = explainer.explain_baselines(texts, ["mask", "pad", "zero"], target=1, progress=done.append)
    assert sum(done) == len(found) == len(texts)
    for name in ("mask", "pad", "zero"):
        alone = explainer.explain(texts, target=1, baseline=name)
        for each, one in zip(found, alone, strict=True):
            assert list(each.attributions) == ["mask", "pad", "zero"]
            assert each.attributions[name].baseline == name
            np.testing.assert_allclose(each.attributions[name].scores, one.scores, atol=1e-6)


def test_the_agreement_is_over_the_tokens_of_the_text_pair_by_pair(bert: Tiny) -> None:
    [one] = classifier(bert).explain_baselines(["the film is wonderful , never dull"], ("mask", "pad", "zero"))
    assert [(each.first, each.second) for each in one.agreement] == [("mask", "pad"), ("mask", "zero"), ("pad", "zero")]
    for each in one.agreement:
        first, second = (one.attributions[name].scores[1:-1] for name in (each.first, each.second))
        assert each.spearman == pytest.approx(spearmanr(first, second).statistic)
    values = [each.spearman for each in one.agreement]
    assert one.mean_agreement == pytest.approx(np.mean([value for value in values if value is not None]))
    assert min(value for value in values if value is not None) < 0.999


def test_by_default_all_that_the_tokenizer_has(build_tiny: Build) -> None:
    bert, gpt2 = (classifier(build_tiny(name)) for name in ("bert", "gpt2"))
    assert list(bert.explain_baselines(["dull"])[0].attributions) == ["mask", "pad", "zero", "mean"]
    assert list(gpt2.explain_baselines(["dull"])[0].attributions) == ["pad", "zero", "mean"]
    assert bert.explain_baselines([""])[0].mean_agreement is None
    assert bert.explain_baselines([]) == []


@pytest.mark.parametrize(
    ("baselines", "method", "said"),
    [
        (["mask"], "integrated_gradients", "at least two"),
        ("mask", "integrated_gradients", "at least two"),
        (["mask", "mask"], "integrated_gradients", "at least two"),
        (["mask", "pads"], "integrated_gradients", "Did you mean 'pad'"),
        (["mask", "pad"], "gradient", "gradient asked in this way uses none of the baselines"),
    ],
)
def test_what_cannot_be_compared_is_refused(bert: Tiny, baselines: Any, method: str, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        classifier(bert).explain_baselines(["not good"], baselines, method)


# --- references -----------------------------------------------------------------------------------

ROWS = ["not good", "a good day in the city", "never dull , often wonderful"]


def test_references_are_named_as_the_baseline_and_their_mean_output_is_its_value(bert: Tiny) -> None:
    explainer = classifier(bert)
    options = {"references": ROWS, "n": 6}
    [one] = explainer.explain(["a good day in the city"], "expected_gradients", target=1, options=options)
    assert (one.baseline, one.evaluations) == ("references", 6)
    assert one.baseline_value is not None
    assert one.completeness_error is not None
    same = {"references": ["a good day in the city"], "n": 6}
    [own] = explainer.explain(["a good day in the city"], "expected_gradients", target=1, options=same)
    np.testing.assert_allclose(own.scores, 0, atol=1e-7)
    assert own.baseline_value == pytest.approx(own.output_value, abs=1e-6)


@pytest.mark.parametrize(
    ("references", "error", "said"),
    [
        ([], OptionError, "at least one reference"),
        ("text", DataError, "a list"),
        ([3], DataError, "Text 0 is of type int"),
    ],
)
def test_references_that_are_none_are_refused(bert: Tiny, references: Any, error: Any, said: str) -> None:
    with pytest.raises(error, match=said):
        classifier(bert).explain(["dull"], "expected_gradients", options={"references": references})

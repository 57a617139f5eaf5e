"""What no text's scores may depend on, and what they must: drawn texts on an encoder and on a decoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from token_saliency.core.explicand import Explicand, Scores
from token_saliency.methods import METHODS
from token_saliency.results import Attribution
from token_saliency.text.classifier import TextClassifier

if TYPE_CHECKING:
    from tests.text.conftest import Build

WORDS = "the film is not good , never dull ! wonderful qqq é 👍 שלום 你好 isn't a\u0301".split()
text = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)
drawn = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
every_method = pytest.mark.parametrize("method", sorted(METHODS))
SHORT: dict[str, dict[str, Any]] = {
    "smoothgrad": {"n": 3},
    "expected_gradients": {"n": 4, "references": ["not good", "the film is never dull !"]},
}
NOISY = {"smoothgrad", "expected_gradients", "random"}


@pytest.fixture(params=["bert", "gpt2"])
def explainer(request: pytest.FixtureRequest, build_tiny: Build) -> TextClassifier:
    tiny = build_tiny(request.param)
    tiny.model.double()
    return TextClassifier(tiny.model, tiny.tokenizer)


def explained(explainer: TextClassifier, texts: Sequence[str], method: Any, **more: Any) -> list[Attribution]:
    return explainer.explain(list(texts), method, target=1, options=SHORT.get(method, {}), **more)


def same(found: Sequence[Attribution], others: Sequence[Attribution]) -> None:
    for one, other in zip(found, others, strict=True):
        assert (one.text, one.evaluations, one.converged) == (other.text, other.evaluations, other.converged)
        np.testing.assert_allclose(one.scores, other.scores, rtol=1e-6, atol=1e-9)


@every_method
@drawn
@given(data=st.data())
def test_order_changes_nothing(explainer: TextClassifier, method: str, data: st.DataObject) -> None:
    texts = data.draw(st.lists(text, min_size=2, max_size=5))
    order = data.draw(st.permutations(range(len(texts))))
    found = explained(explainer, texts, method)
    same(explained(explainer, [texts[i] for i in order], method), [found[i] for i in order])


@every_method
@drawn
@given(one=text, longer=st.integers(10, 40), copies=st.integers(2, 3))
def test_padding_beside_a_longer_text_and_copies_change_nothing(
    explainer: TextClassifier, method: str, one: str, longer: int, copies: int
) -> None:
    beside = explained(explainer, [one] * copies + ["good " * longer], method)
    same(beside[:copies], explained(explainer, [one], method) * copies)


@every_method
@drawn
@given(texts=st.lists(text, min_size=1, max_size=4), tokens=st.integers(1, 60))
def test_the_size_of_a_batch_changes_nothing(
    explainer: TextClassifier, method: str, texts: list[str], tokens: int
) -> None:
    small = TextClassifier(explainer.model, explainer.tokenizer, batch_tokens=tokens)
    same(explained(small, texts, method), explained(explainer, texts, method))


@every_method
@drawn
@given(one=text, seeds=st.tuples(st.integers(0, 99), st.integers(100, 199)))
def test_a_seed_decides_the_noise_and_nothing_else(
    explainer: TextClassifier, method: str, one: str, seeds: tuple[int, int]
) -> None:
    first, again, other = (explained(explainer, [one], method, seed=seed)[0] for seed in (seeds[0], *seeds))
    same([first], [again])
    assume(np.abs(first.scores).max(initial=0) > 1e-6)
    assert np.allclose(first.scores, other.scores, rtol=1e-6, atol=1e-9) == (method not in NOISY)


def _turned(explicand: Explicand) -> Scores:
    """The same path from its other end."""
    back = replace(explicand, inputs=explicand.baselines, baselines=explicand.inputs)
    return METHODS["integrated_gradients"](back)


@drawn
@given(texts=st.lists(text, min_size=1, max_size=3), baseline=st.sampled_from(["zero", "mean", "pad"]))
def test_the_way_back_has_the_opposite_scores(explainer: TextClassifier, texts: list[str], baseline: str) -> None:
    there = explainer.explain(texts, target=1, baseline=baseline)
    back = explainer.explain(texts, _turned, target=1, baseline=baseline)
    for one, other in zip(there, back, strict=True):
        np.testing.assert_allclose(one.scores, -other.scores, rtol=1e-6, atol=1e-9)
        assert one.output_value == pytest.approx(other.baseline_value)
        assert one.evaluations == other.evaluations

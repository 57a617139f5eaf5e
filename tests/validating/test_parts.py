"""The pieces of the checks, each against something known."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.core.explicand import Scores
from token_saliency.methods.integrated_gradients import integrated_gradients
from token_saliency.results import Example
from token_saliency.stats.estimate import Estimate
from token_saliency.stats.ranks import spearman
from token_saliency.text.classifier import TextClassifier
from token_saliency.validating import canary, invariance
from token_saliency.validating import labels as tuning
from token_saliency.validating.randomisation import block_of, looked_at, parts_from_head, randomise
from token_saliency.validating.subject import Asked, Subject, subject_of
from token_saliency.validating.verdict import above, above_zero, all_of, below


def asked(classifier: TextClassifier, rows: list[Example], method: str | Callable[..., Scores]) -> Subject:
    return subject_of(classifier, rows, Asked(method, None, 0, 0), None, lambda _: None)


@pytest.mark.parametrize(
    ("module", "block"),
    [
        ("bert.encoder.layer.3.attention.self.query", "bert.encoder.layer.3"),
        ("bert.embeddings.word_embeddings", "bert.embeddings"),
        ("classifier", "classifier"),
        ("model.layers.11.mlp.experts.7.up", "model.layers.11"),
        ("bert.pooler.dense", "bert.pooler"),
        ("", ""),
    ],
)
def test_a_block_is_a_numbered_layer_or_a_named_part(module: str, block: str) -> None:
    assert block_of(module) == block


def test_the_cascade_goes_from_the_head_to_the_embeddings_and_leaves_nothing_out(trained: TextClassifier) -> None:
    copy = trained.copy()
    with copy.session():
        parts = parts_from_head(copy.model, lambda: copy.class_logits(["a good day"]))
    own = list(copy.model.parameters())

    assert [name for name, _ in parts] == [
        "classifier",
        "bert.pooler",
        "bert.encoder.layer.1",
        "bert.encoder.layer.0",
        "bert.embeddings",
    ]
    assert {id(one) for _, found in parts for one in found} == {id(one) for one in own}
    assert sum(len(found) for _, found in parts) == len(own)


def test_a_random_parameter_keeps_mean_and_spread_and_nothing_else() -> None:
    parameter = torch.nn.Parameter(torch.linspace(2, 4, 10_000))
    before = parameter.detach().clone()
    randomise([parameter], torch.Generator().manual_seed(0))

    after = parameter.detach()

    assert float(after.mean()) == pytest.approx(3, abs=0.02)
    assert float(after.std()) == pytest.approx(float(before.std()), rel=0.05)
    assert abs(float(torch.corrcoef(torch.stack([after, before]))[0, 1])) < 0.05


@given(st.integers(1, 200))
def test_the_first_and_the_last_part_are_always_looked_at(parts: int) -> None:
    looks = looked_at(parts)

    assert {1, parts} <= looks <= set(range(1, parts + 1))
    assert len(looks) <= 5


def test_scores_without_an_order_are_like_nothing() -> None:
    assert spearman(np.array([1.0, 1.0, 1.0]), np.array([1.0, 2.0, 3.0])) == 0
    assert spearman(np.array([1.0, 5.0, 7.0]), np.array([0.0, 1.0, 3.0])) == pytest.approx(1)


@pytest.mark.parametrize(("effect", "verdict"), [(0.5, True), (0.0, False), (-0.5, False)])
def test_a_sharp_estimate_decides(effect: float, verdict: bool) -> None:
    assert above_zero(Estimate(effect, 0.02, 60)) is verdict


def test_a_blunt_estimate_fails_nobody_but_may_pass() -> None:
    assert above_zero(Estimate(0.1, 0.2, 30)) is None
    assert above_zero(Estimate(2.0, 0.2, 30)) is True
    assert above_zero(Estimate(0.5, float("nan"), 1)) is None


def test_few_documents_decide_nothing_however_sure_they_look() -> None:
    assert above_zero(Estimate(0.5, 1e-3, 18)) is None
    assert below(Estimate(0.1, 1e-3, 18), 0.3) is None
    assert below(Estimate(0.1, 1e-3, 19), 0.3) is True


def test_a_bound_inside_the_interval_decides_nothing() -> None:
    wide = Estimate(0.3, 0.1, 30)

    assert below(wide, 0.3) is None
    assert above(wide, 0.3) is None
    assert (below(wide, 0.9), above(wide, 0.9)) == (True, False)
    assert (below(wide, -0.5), above(wide, -0.5)) == (False, True)


def test_one_failed_part_fails_the_whole() -> None:
    assert all_of([True, None, False]) is False
    assert all_of([True, None]) is None
    assert all_of([True, True]) is True


def test_a_baseline_that_is_left_behind_moves_the_scores(trained: TextClassifier, held_out: list[Example]) -> None:
    # a shift turns the vectors elsewhere, and the nodes with them: what is left is the error of the integration
    subject = asked(trained, held_out[:8], partial(integrated_gradients, tolerance=2e-4))
    method = subject.asked.function
    along = invariance.changes(subject.found, subject.again(method=invariance.shifted(method, 0)))
    left = invariance.changes(subject.found, subject.again(method=invariance.shifted(method, 0, baseline=False)))

    assert along.max() < 1e-3 < 0.02 < left.mean()


def test_the_canary_stands_on_a_token_of_the_text_and_adds_its_worth(
    trained: TextClassifier, held_out: list[Example]
) -> None:
    subject = asked(trained, held_out[:8], "occlusion")
    planted = canary.PlantedCanary(subject.asked.function, worth=100.0)
    found = subject.again(method=planted)

    for before, after in zip(subject.found, found, strict=True):
        (place,) = [i for i, (a, b) in enumerate(zip(before.scores, after.scores, strict=True)) if b - a > 50]
        assert not after.tokens[place].special
        assert canary.rank_of(after, place) == 0
        assert place in planted.places.values()


def test_equal_scores_name_no_canary(trained: TextClassifier, held_out: list[Example]) -> None:
    (found,) = trained.explain([held_out[0].text], "occlusion")
    flat = type(found)(
        **{name: getattr(found, name) for name in found.__dataclass_fields__ if name != "tokens"},
        tokens=[type(token)(token.text, token.start, token.end, token.special, 0.0) for token in found.tokens],
    )

    assert canary.rank_of(flat, 1) > 0


def test_fine_tuning_learns_labels_and_keeps_no_gradient(trained: TextClassifier, held_out: list[Example]) -> None:
    copy, texts = trained.copy(), [row.text for row in held_out[:24]]
    targets = [i % 2 for i in range(24)]
    before = [one.detach().clone() for one in trained.model.parameters()]
    steps = tuning.fine_tune(copy, texts, targets, 80, np.random.default_rng(0), until_fitted=True)

    assert steps < 80
    assert (copy.predict(texts).logits.argmax(1) == targets).mean() > 0.8
    assert all(one.grad is None for one in copy.model.parameters())
    assert all(torch.equal(*pair) for pair in zip(before, trained.model.parameters(), strict=True))

"""Tables: scores against independent gradients, rankings that a shuffle bears out, clear errors."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import torch
from captum.attr import IntegratedGradients, Saliency
from torch import nn

from token_saliency import DataError, ModelError, OptionError, TabularClassifier
from token_saliency.methods import METHODS

NAMES = ["a", "b", "c", "d"]


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)).double().train()


def rows(count: int = 6) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, 4))


def classifier(**given: object) -> TabularClassifier:
    return TabularClassifier(network(), NAMES, labels=["x", "y", "z"], references=rows(20) + 1, **given)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_scores_every_feature(method: str) -> None:
    found = classifier().explain(rows(), method)

    assert len(found) == 6
    for row, values in zip(found, rows(), strict=True):
        assert [feature.name for feature in row.features] == NAMES
        assert [feature.value for feature in row.features] == pytest.approx(list(values))
        assert np.isfinite(row.scores).all()


def test_integrated_gradients_are_those_of_captum() -> None:
    clf, model = classifier(), network()
    found = clf.explain(rows(), target="y", options={"tolerance": 1e-5})
    baseline = torch.tensor((rows(20) + 1).mean(0))[None]
    expected = IntegratedGradients(model).attribute(torch.tensor(rows()), baseline, target=1, n_steps=200)

    assert np.abs(np.stack([row.scores for row in found]) - expected.detach().numpy()).max() < 1e-5
    assert max(row.completeness_error or 0 for row in found) < 1e-5


def test_the_gradient_keeps_its_sign() -> None:
    found = classifier().explain(rows(), "gradient", target="z")
    expected = Saliency(network()).attribute(torch.tensor(rows(), requires_grad=True), target=2, abs=False)

    assert np.allclose(np.stack([row.scores for row in found]), expected.numpy(), atol=1e-10)


def test_rows_are_explained_alike_alone_and_together() -> None:
    clf = classifier()
    together = clf.explain(rows(), "smoothgrad", seed=3)
    alone = [clf.explain(rows()[i : i + 1], "smoothgrad", seed=3)[0] for i in range(6)]

    assert np.allclose(np.stack([r.scores for r in together]), np.stack([r.scores for r in alone]), atol=1e-12)


def test_a_plain_function_and_a_frame_with_other_columns_do() -> None:
    clf = TabularClassifier(lambda x: x[:, 0] * 3 - x[:, 1], ["u", "v"])
    frame = pd.DataFrame({"w": [9, 9], "v": [1.0, 2.0], "u": [1.0, 1.0]})
    found = clf.explain(frame, "gradient_x_input")

    assert found[1].scores == pytest.approx([3.0, -2.0])
    assert found[0].output == "score"
    assert [feature.name for feature in found.ranked] == ["u", "v"]
    assert found.to_frame().columns.tolist() == ["u", "v"]


def test_shuffling_costs_what_the_model_uses() -> None:
    clf = TabularClassifier(lambda x: torch.stack([-x[:, 0], x[:, 0] + 0 * x[:, 1]], 1), ["used", "unused"])
    X = np.random.default_rng(1).normal(size=(200, 2))
    first, last = clf.shuffle(X, (X[:, 0] > 0).astype(int), draws=5)

    assert (first.name, last.name) == ("used", "unused")
    assert first.interval[0] > 0.3
    assert last.cost == 0


def test_the_caller_s_model_is_left_alone() -> None:
    clf = classifier()
    before = torch.random.get_rng_state()
    clf.explain(rows(), "smoothgrad")

    assert clf.model.training
    assert all(parameter.grad is None for parameter in clf.model.parameters())
    assert torch.equal(before, torch.random.get_rng_state())


def test_the_chart_shows_the_top_of_the_ranking() -> None:
    found = classifier().explain(rows())
    whole, single = found.bar_chart(top=2), found.bar_chart(row=1)

    labels = [label.get_text() for label in whole.axes[0].get_yticklabels()]
    assert labels == [feature.name for feature in found.ranked[:2]]
    assert len(single.axes[0].patches) == 4


def test_the_page_escapes_names_and_shows_the_rows() -> None:
    clf = TabularClassifier(network(), ["<script>alert(1)</script>", "b", "c", "d"], labels=["<b>", "y", "z"])
    page = clf.explain(rows(30)).to_html()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "10 more rows are not shown" in page


@pytest.mark.parametrize(
    ("values", "error"),
    [
        (np.zeros((2, 3)), r"X has the shape \[2, 3\], not \[rows, 4\]"),
        (np.array([[1, 2, np.nan, 4.0]]), "no finite number in row 0, column 'c'"),
        ([["1", "2", "x", "4"]], "encode categories first"),
        (pd.DataFrame({"a": [1], "b": [2], "c": [3]}), "no column 'd'"),
    ],
)
def test_what_is_no_table_is_refused(values: object, error: str) -> None:
    with pytest.raises(DataError, match=error):
        classifier().explain(values)


def test_other_mistakes_are_named() -> None:
    with pytest.raises(OptionError, match="Unknown method 'shap'"):
        classifier().explain(rows(), "shap")
    with pytest.raises(OptionError, match="The option tolerance of integrated_gradients is 'small', not a number"):
        classifier().explain(rows(), options={"tolerance": "small"})
    with pytest.raises(ModelError, match=r"returns ndarray \[\d+, 4\].*returns a tensor \[N, C\]"):
        TabularClassifier(lambda points: np.asarray(points), NAMES).explain(rows())
    with pytest.raises(OptionError, match="made of references"):
        TabularClassifier(network(), NAMES).explain(rows(), baseline="mean")
    with pytest.raises(ModelError, match="3 outputs for 2 labels"):
        TabularClassifier(network(), NAMES, labels=["x", "y"]).predict(rows())
    with pytest.raises(OptionError, match="There is no row 9"):
        classifier().explain(rows()).bar_chart(row=9)


def test_the_page_draws_intervals_and_whole_labels() -> None:
    long = "mean_corpuscular_haemoglobin_concentration_of_the_second_sample_taken_in_the_morning_before_breakfast"
    clf = TabularClassifier(network(), [long, *NAMES[1:]], references=rows(20))
    found = clf.explain(rows())
    page = found.to_html()
    first = found.ranked[0]
    low, high = first.interval

    assert page.count(f">{long}<") == 1
    assert f"{long} = " in page
    assert f"{first.importance:.3g} [{low:.3g}, {high:.3g}]" in page
    most = max(one.interval[1] for one in found.ranked)
    drawn = re.findall(r'class="reach" x1="([\d.]+)%" x2="([\d.]+)%" y1="50%"', page)
    assert [tuple(map(float, pair)) for pair in drawn] == [
        pytest.approx([100 * max(0, bound) / most for bound in one.interval], abs=0.01) for one in found.ranked
    ]
    figure = found.bar_chart()
    assert "".join(label.get_text() for label in figure.axes[0].get_yticklabels()).replace("\n", "").count(long) == 1


def test_small_scores_keep_their_digits() -> None:
    page = (
        TabularClassifier(lambda x: x @ torch.tensor([[0.004], [0], [0], [0.0]]), NAMES)
        .explain(np.ones((2, 4)))
        .to_html()
    )

    assert "+0.004" in page

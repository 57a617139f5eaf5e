"""A real public table: the ranking over the rows is one that a shuffle bears out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_breast_cancer, load_wine
from torch import nn

from token_saliency import TabularClassifier


def taught(loader: object) -> tuple[TabularClassifier, np.ndarray, np.ndarray]:
    """A small network that has learned half of the rows, and the other half."""
    data = loader()  # type: ignore[operator]
    rows = (data.data - data.data.mean(0)) / data.data.std(0)
    X, y = torch.tensor(rows, dtype=torch.float32), torch.tensor(data.target)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Linear(16, len(data.target_names)))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(X[::2]), y[::2]).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    model.zero_grad()
    classifier = TabularClassifier(model, data.feature_names, labels=data.target_names, references=rows[::2])
    return classifier, rows[1::2], data.target[1::2]


@pytest.mark.parametrize("loader", [load_breast_cancer, load_wine])
@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion", "gradient_x_input"])
def test_shuffling_the_top_feature_costs_more_than_shuffling_the_lowest(loader: object, method: str) -> None:
    classifier, rows, labels = taught(loader)
    predicted = np.array([classifier.predict(rows).labels]).ravel()
    ranked = classifier.explain(rows, method).ranked
    cost = {feature.name: feature for feature in classifier.shuffle(rows)}
    top, lowest = cost[ranked[0].name], cost[ranked[-1].name]

    assert (predicted == np.array(list(map(str, _names(loader))))[labels]).mean() > 0.9
    assert top.interval[0] > lowest.interval[1]


def _names(loader: object) -> list[str]:
    return list(loader().target_names)  # type: ignore[operator]


def test_chart_and_report_name_the_features() -> None:
    classifier, rows, _ = taught(load_breast_cancer)
    explained = classifier.explain(rows[:30])
    figure, page = explained.bar_chart(top=5), explained.to_html()
    shown = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]

    assert {feature.name for feature in explained.ranked[:5]} <= set(shown)
    assert explained.ranked[0].name in page

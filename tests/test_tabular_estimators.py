"""A fitted scikit-learn estimator, or a function of one, as a table's model."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import LinearSVC

from token_saliency import OptionError, TabularClassifier

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(80, 3))
Y = np.where(X[:, 1] + 0.1 * DRAW.normal(size=80) > 0, "yes", "no")


@pytest.mark.parametrize("by", ["itself", "predict_proba"])
def test_an_estimator_and_its_function_are_one_model(by: str) -> None:
    fitted = RandomForestClassifier(20, random_state=0).fit(X, Y)
    classifier = TabularClassifier(fitted if by == "itself" else fitted.predict_proba, ["a", "b", "c"], references=X)

    assert classifier.default_method == "occlusion"
    assert classifier.predict(X).probabilities == pytest.approx(fitted.predict_proba(X), abs=1e-9)
    assert classifier.predict(X).labels == fitted.predict(X).tolist()
    assert classifier.explain(X[:10]).ranked[0].name == "b"


def test_occlusion_of_a_linear_model_is_its_weight_times_the_distance_from_the_baseline() -> None:
    fitted = LogisticRegression().fit(X, Y)
    classifier = TabularClassifier(fitted, ["a", "b", "c"])
    (row,) = classifier.explain(X[:1], target="yes", output="margin").rows

    assert [one.score for one in row.features] == pytest.approx((fitted.coef_[0] * X[0]).tolist(), abs=1e-6)


def test_one_decision_function_with_two_classes_is_two_classes_and_a_regression_one_number() -> None:
    fitted = LinearSVC().fit(X, Y)
    classifier = TabularClassifier(fitted, ["a", "b", "c"])
    value = TabularClassifier(Ridge().fit(X, X[:, 1]), ["a", "b", "c"])

    assert classifier.predict(X).labels == fitted.predict(X).tolist()
    assert value.explain(X[:5]).ranked[0].name == "b"


def test_a_gradient_of_a_forest_is_refused_and_occlusion_is_named() -> None:
    classifier = TabularClassifier(RandomForestClassifier(5, random_state=0).fit(X, Y), ["a", "b", "c"])

    with pytest.raises(OptionError, match="method='occlusion'"):
        classifier.explain(X[:1], "integrated_gradients")
    with pytest.raises(OptionError, match="give predict_proba"):
        TabularClassifier(LogisticRegression().fit(X, Y).predict, ["a", "b", "c"])
    with pytest.raises(OptionError, match="is no model"):
        TabularClassifier(3, ["a"])

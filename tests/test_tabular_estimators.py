"""A fitted scikit-learn estimator, or a function of one, as a table's model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from token_saliency import DataError, OptionError, TabularClassifier

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


@pytest.mark.parametrize("classes", [(1, 2), (10, 20), (-1, 1), (False, True), (0.0, 1.0)])
def test_labels_of_an_estimator_are_its_classes_whatever_they_are(classes: tuple[float, float]) -> None:
    own = np.array(classes)[(X[:, 1] > 0).astype(int)]
    classifier = TabularClassifier(LogisticRegression().fit(X, own), ["a", "b", "c"], references=X)

    assert classifier.shuffle(X, own, draws=3)[0].name == "b"
    explained = classifier.explain(X[:10], target="label", labels=own[:10])
    assert [row.target for row in explained.rows] == [str(one) for one in own[:10]]


def test_an_estimator_fitted_on_a_frame_gets_its_columns_by_name_and_in_its_order() -> None:
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    scaled = ColumnTransformer([("scaled", StandardScaler(), ["b", "c"])], remainder="passthrough")
    fitted = make_pipeline(scaled, LogisticRegression()).fit(frame, Y)
    classifier = TabularClassifier(fitted, ["c", "a", "b"], references=frame)

    assert classifier.predict(frame).labels == fitted.predict(frame).tolist()
    assert classifier.explain(frame[:10]).ranked[0].name == "b"
    renamed = TabularClassifier(fitted, ["width", "height", "age"], references=X)
    assert renamed.explain(X[:10]).ranked[0].name == "height"


def test_numbers_of_a_regression_that_are_none_are_refused() -> None:
    value = TabularClassifier(Ridge().fit(X, X[:, 1]), ["a", "b", "c"])

    for wrong in (["high"] * 80, [np.nan] * 80):
        with pytest.raises(DataError, match="y holds something that is no"):
            value.shuffle(X, wrong)

"""Tables: the columns of a row as features of any torch module or differentiable function."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats
from torch import Tensor, nn

from token_saliency.core.explicand import Explicand, Scores, completeness_error
from token_saliency.core.targets import output_function
from token_saliency.errors import DataError, ModelError, OptionError, several, unknown
from token_saliency.methods import METHODS
from token_saliency.methods.kinds import given_options, require_kinds
from token_saliency.results import (
    Feature,
    FeatureImportance,
    Predictions,
    ShuffledFeature,
    TabularAttribution,
    TabularExplanation,
)
from token_saliency.shared.estimators import classes_of, function_of, numbers_of, two_classes
from token_saliency.shared.heads import Head
from token_saliency.shared.options import chosen_targets
from token_saliency.shared.state import evaluating, untouched_randomness

Floats = NDArray[np.float64]
ROWS = 1024
"""Points that go through the model at once."""
BASELINES: dict[str, Callable[[Floats], Floats]] = {
    "mean": lambda references: references.mean(0),
    "median": lambda references: np.median(references, 0),
    "zero": lambda references: np.zeros(references.shape[1]),
}


class TabularClassifier:
    """A function from rows [N, F] to logits [N, C] (or [N], one number a row) with the names of its features.

    `model` is a torch module, any function of a float tensor, a fitted scikit-learn estimator or one of its functions
    (`predict_proba`, `decision_function`); what has no gradient is explained by occlusion. `references` [R, F] are
    rows that stand for the ordinary case: baselines are made of them (without them only zero). `labels` name the
    classes; a model with one output is a regression, with two labels a binary classifier. It is never changed.
    """

    def __init__(
        self,
        model: Any,
        feature_names: Sequence[object],
        *,
        labels: Sequence[object] | None = None,
        references: Any = None,
    ) -> None:
        self.feature_names = [str(name) for name in several("feature_names", feature_names)]
        if not self.feature_names:
            raise OptionError("feature_names is empty: name every column.")
        if len({*self.feature_names}) < len(self.feature_names):
            raise OptionError("feature_names holds a name twice: give each column one of its own.")
        self.model = model
        self._function = function_of(model, self.feature_names)
        own = classes_of(model) if labels is None else labels
        self._labels = None if own is None else [str(label) for label in own]
        self._references = None if references is None else self._matrix(references, "references")

    @property
    def default_method(self) -> str:
        """Occlusion where the model has no gradient."""
        return "integrated_gradients" if self._function is self.model else "occlusion"

    def predict(self, X: Any) -> Predictions:
        """Logits, probabilities and class names of the rows [N, F] (DataFrame, array or tensor)."""
        logits = self._logits(self._matrix(X, "X"))
        head = self._head(logits.shape[1])
        return Predictions(logits, head.probabilities(logits), head.names(logits))

    def explain(
        self,
        X: Any,
        method: str | None = None,
        target: object = "predicted",
        *,
        labels: Sequence[object] | None = None,
        output: str = "logit",
        baseline: object = None,
        seed: int = 0,
        options: Mapping[str, Any] | None = None,
    ) -> TabularExplanation:
        """Which features each row's output rests on, ranked over the rows.

        `method`: gradient, gradient_x_input, integrated_gradients (the default), smoothgrad, occlusion (the default
        for a model without a gradient) or random. `baseline`: mean or
        median of the references (default mean; zero without references), zero, or one row [F]. SmoothGrad's noise is
        relative to each row's range, so scale the columns alike.
        """
        rows, method = self._matrix(X, "X"), method or self.default_method
        function, given = _chosen(method, options)
        if self._function is not self.model and method not in ("occlusion", "random"):
            raise OptionError(f"{method} needs a gradient, and this model has none; use method='occlusion'.")
        name, vector = self._baseline(baseline)
        logits = self._logits(rows)
        head = self._head(logits.shape[1])
        output = head.output(output)
        predicted = head.decided(logits, "row")
        asked = chosen_targets(target, labels, len(rows), list(head.classes))
        targets = [seen if aim is None else aim for aim, seen in zip(asked, predicted, strict=True)]
        scores = self._scores(function, given, rows, vector, targets, output_function(output, head.kind), seed)
        reduced = scores.values.detach().double().cpu().numpy()
        names = [head.classes[i] for i in predicted], [head.classes[i] for i in targets]
        found = tuple(
            self._attribution(rows[i], reduced[i], scores, i, method, (names[0][i], names[1][i]), output, name)
            for i in range(len(rows))
        )
        return TabularExplanation(found, self._ranked(reduced))

    def shuffle(self, X: Any, y: Any = None, *, draws: int = 20, seed: int = 0) -> list[ShuffledFeature]:
        """What shuffling each column costs, most expensive first (permutation importance, Breiman 2001).

        With `y` (class names or indices; numbers for a regression) the cost is the fall of the accuracy (of a
        regression the growth of the squared error); without, the mean fall of the output that was predicted.
        """
        rows = self._matrix(X, "X")
        if draws < 2 or len(rows) < 2:
            raise OptionError("shuffle needs at least 2 draws and 2 rows.")
        judge = self._judge(rows, y)
        whole, rng, found = judge(rows), np.random.default_rng(seed), []
        for column, name in enumerate(self.feature_names):
            costs = np.empty(draws)
            for draw in range(draws):
                mixed = rows.copy()
                mixed[:, column] = rng.permutation(rows[:, column])
                costs[draw] = whole - judge(mixed)
            half = float(stats.t.ppf(0.975, draws - 1) * costs.std(ddof=1) / np.sqrt(draws))
            mean = float(costs.mean())
            found.append(ShuffledFeature(name, mean, (mean - half, mean + half), draws))
        return sorted(found, key=lambda feature: (-feature.cost, feature.name))

    def _judge(self, rows: Floats, y: Any) -> Callable[[Floats], float]:
        """How good the model is on rows: larger is better."""
        logits = self._logits(rows)
        head = self._head(logits.shape[1])
        if y is None:
            at = np.arange(len(rows)), np.array(head.decided(logits, "row"))
            return lambda mixed: float(self._logits(mixed)[at].mean())
        listed = list(y)
        if len(listed) != len(rows):
            raise DataError(f"{len(listed)} labels for {len(rows)} rows; give one label a row.")
        if head.kind == "regression":
            values = numbers_of(listed, "y")
            if values.shape != (len(rows),) or not np.isfinite(values).all():
                raise DataError("y holds something that is no finite number; give one number a row.")
            return lambda mixed: -float(((self._logits(mixed)[:, 0] - values) ** 2).mean())
        truth = np.array(chosen_targets("label", listed, len(rows), list(head.classes)))
        return lambda mixed: float((np.array(head.predicted(self._logits(mixed))) == truth).mean())

    def _scores(
        self, function: Callable[..., Scores], options: Mapping[str, Any], rows: Floats, baseline: Floats,
        targets: list[int], output: Callable[[Tensor, Tensor], Tensor], seed: int,
    ) -> Scores:  # fmt: skip
        inputs = self._tensor(rows)
        aims = torch.tensor(targets, device=inputs.device)
        explicand = Explicand(
            inputs,
            self._tensor(np.broadcast_to(baseline, rows.shape)),
            lambda points, of: output(self._call(points), aims[of]),
            torch.full((len(rows),), inputs.shape[1]),
            ROWS * inputs.shape[1],
            tuple(_seed(row, seed) for row in rows),
        )
        with self._session(), torch.no_grad():
            return function(explicand, **options)

    def _attribution(
        self, row: Floats, values: Floats, scores: Scores, i: int, method: str, names: tuple[str, str], output: str,
        baseline: str,
    ) -> TabularAttribution:  # fmt: skip
        value = float(scores.output[i])
        start = float(scores.baseline_output[i]) if scores.baseline_output is not None else None
        return TabularAttribution(
            features=[
                Feature(name, float(v), float(s)) for name, v, s in zip(self.feature_names, row, values, strict=True)
            ],
            method=method,
            signed=scores.signed or method == "gradient",
            predicted=names[0],
            target=names[1],
            output=output,
            output_value=value,
            baseline=baseline if scores.signed and method != "random" else None,
            baseline_value=start,
            completeness_error=completeness_error(torch.from_numpy(values), value, start) if scores.complete else None,
            evaluations=int(scores.evaluations[i]),
            converged=bool(scores.converged[i]),
        )

    def _ranked(self, values: Floats) -> list[FeatureImportance]:
        """Mean |score| of each feature; the interval is over the rows."""
        count = len(values)
        found = []
        for name, column in zip(self.feature_names, values.T, strict=True):
            size = np.abs(column)
            spread = float(size.std(ddof=1) / np.sqrt(count)) if count > 1 else float("nan")
            half = float(stats.t.ppf(0.975, count - 1)) * spread if count > 1 else 0.0
            mean = float(size.mean()) if count else 0.0
            found.append(FeatureImportance(name, mean, (mean - half, mean + half), float(column.mean()), count))
        return sorted(found, key=lambda feature: (-feature.importance, feature.name))

    def _baseline(self, baseline: object) -> tuple[str, Floats]:
        if baseline is None:
            baseline = "zero" if self._references is None else "mean"
        if isinstance(baseline, str):
            if baseline not in BASELINES:
                raise unknown("baseline", baseline, BASELINES)
            if self._references is None and baseline != "zero":
                raise OptionError(f"The baseline {baseline!r} is made of references=[rows]; give them, or use zero.")
            references = np.zeros((1, len(self.feature_names))) if self._references is None else self._references
            return baseline, BASELINES[baseline](references)
        return "own", self._matrix(np.asarray(baseline, dtype=np.float64)[None], "baseline")[0]

    def _head(self, outputs: int) -> Head:
        if self._labels is not None and len(self._labels) != outputs:
            raise ModelError(f"The model returns {outputs} outputs for {len(self._labels)} labels; give one a class.")
        if outputs == 1:
            return Head("regression", tuple(self._labels or ("value",)))
        return Head.named("single_label_classification", self._labels or [str(i) for i in range(outputs)])

    def _logits(self, rows: Floats) -> Floats:
        with self._session(), torch.no_grad():
            parts = [self._call(self._tensor(rows[at : at + ROWS])) for at in range(0, len(rows), ROWS)]
        return np.asarray(torch.cat(parts).double().cpu().numpy())

    def _call(self, points: Tensor) -> Tensor:
        found = self._function(points)
        found = getattr(found, "logits", found)
        if not isinstance(found, Tensor) or found.ndim not in (1, 2) or len(found) != len(points):
            shape = list(getattr(found, "shape", []))
            raise ModelError(
                f"The model returns {type(found).__name__} {shape} for {len(points)} rows; "
                "a model takes a tensor [N, F] and returns a tensor [N, C]."
            )
        found = found[:, None] if found.ndim == 1 else found
        return two_classes(found) if found.shape[1] == 1 and len(self._labels or ()) == 2 else found

    @contextmanager
    def _session(self) -> Iterator[None]:
        """Evaluation mode, where the model is a module; the random generators go on as if nothing had been drawn."""
        with ExitStack() as stack:
            stack.enter_context(untouched_randomness(torch.device("cpu")))
            if isinstance(self.model, nn.Module):
                stack.enter_context(evaluating(self.model))
            yield

    def _tensor(self, rows: Any) -> Tensor:
        parameter = next(self.model.parameters(), None) if isinstance(self.model, nn.Module) else None
        dtype = parameter.dtype if parameter is not None else torch.get_default_dtype()
        return torch.tensor(np.array(rows), dtype=dtype, device=parameter.device if parameter is not None else "cpu")

    def _matrix(self, values: Any, name: str) -> Floats:
        """[N, F] of finite numbers. A DataFrame must have the named columns and is read in their order."""
        if hasattr(values, "columns"):
            missing = [column for column in self.feature_names if column not in set(map(str, values.columns))]
            if missing:
                raise DataError(f"{name} has no column {missing[0]!r}; it needs all of feature_names.")
            places = {str(column): column for column in values.columns}
            values = values[[places[column] for column in self.feature_names]].to_numpy()
        if isinstance(values, Tensor):
            values = values.detach().cpu().numpy()
        found = numbers_of(values, name)
        if found.ndim != 2 or found.shape[1] != len(self.feature_names) or len(found) == 0:
            raise DataError(f"{name} has the shape {list(found.shape)}, not [rows, {len(self.feature_names)}].")
        if not np.isfinite(found).all():
            row, column = np.argwhere(~np.isfinite(found))[0]
            where = f"row {row}, column {self.feature_names[column]!r}"
            raise DataError(f"{name} has no finite number in {where}; fill it.")
        return found


def _chosen(method: str, options: Mapping[str, Any] | None) -> tuple[Callable[..., Scores], dict[str, Any]]:
    if method not in METHODS:
        raise unknown("method", method, METHODS)
    function, given = METHODS[method], given_options(options)
    known = [one.name for one in inspect.signature(function).parameters.values() if one.kind is one.KEYWORD_ONLY]
    for option in given:
        if option not in known:
            raise unknown(f"option of {method}", option, known)
    require_kinds(method, function, given)
    return function, given


def _seed(row: Floats, seed: int) -> int:
    digest = hashlib.sha256(f"{seed}".encode() + row.tobytes()).digest()
    return int.from_bytes(digest[:7], "big")

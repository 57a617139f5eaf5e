"""Fitted scikit-learn estimators and their functions as functions of a tensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from token_saliency.errors import DataError, OptionError

_LEAST = 1e-12
_FUNCTIONS = ("predict_proba", "decision_function", "predict")


def two_classes(logits: Tensor) -> Tensor:
    """[N, 1] -> [N, 2], whose softmax is the sigmoid of the one logit."""
    return torch.cat([-logits / 2, logits / 2], dim=1)


def function_of(model: Any, feature_names: Sequence[str] = ()) -> Callable[[Tensor], Any]:
    """The model itself where it takes tensors; of an estimator, or a method of one, a function without a gradient.

    `feature_names` are those of the columns of a tensor: what was fitted on a DataFrame gets one with its own names, in
    its own order. OptionError for something that cannot be called.
    """
    owner, name = (model, None) if _estimator(model) else (getattr(model, "__self__", None), _name(model))
    if not _estimator(owner):
        if not callable(model):
            raise OptionError(f"A {type(model).__name__} is no model: give a torch module, a function or an estimator.")
        return model  # type: ignore[no-any-return]
    names = _FUNCTIONS if name is None else (name,)
    found = next((one for one in names if hasattr(owner, one)), None)
    if found is None:
        raise OptionError(f"{type(owner).__name__} has none of {', '.join(_FUNCTIONS)}: give the function itself.")
    if found == "predict" and hasattr(owner, "classes_"):
        raise OptionError(f"{type(owner).__name__}.predict returns classes without a probability: give predict_proba.")
    function, put = getattr(owner, found), _columns(owner, feature_names)

    def called(points: Tensor) -> Tensor:
        answer = torch.from_numpy(np.asarray(function(put(points.detach().cpu().double().numpy())), dtype=np.float64))
        return answer.clamp(min=_LEAST).log() if found == "predict_proba" else answer

    return called


def _columns(owner: Any, names: Sequence[str]) -> Callable[[NDArray[np.float64]], Any]:
    """From rows to what the estimator was fitted on: by name, or by place where it knows the columns by other names."""
    own = getattr(owner, "feature_names_in_", None)
    if own is None or len(own) != len(names):
        return lambda rows: rows
    fitted = [str(name) for name in own]
    order = [list(names).index(name) for name in fitted] if set(fitted) == set(names) else [*range(len(fitted))]

    def put(rows: NDArray[np.float64]) -> Any:
        import pandas as pd

        return pd.DataFrame(rows[:, order], columns=list(own))

    return put


def classes_of(model: Any) -> Sequence[object] | None:
    """The classes of a fitted estimator, or of that whose method it is; None for any other model."""
    owner = model if _estimator(model) else getattr(model, "__self__", None)
    found = getattr(owner, "classes_", None) if _estimator(owner) else None
    return None if found is None else list(found)


def numbers_of(values: Any, name: str) -> NDArray[np.float64]:
    """DataError where the values called `name` are none."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} holds something that is no number; encode categories first.") from error


def _estimator(model: Any) -> bool:
    return not isinstance(model, nn.Module) and hasattr(model, "fit") and hasattr(model, "predict")


def _name(model: Any) -> str | None:
    return getattr(model, "__name__", None)

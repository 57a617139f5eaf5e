"""What a caller may choose when explaining, checked before anything is computed."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from token_saliency.core.explicand import Explicand, Scores
from token_saliency.errors import OptionError, several, unknown
from token_saliency.methods import METHODS
from token_saliency.methods.kinds import given_options, require_kinds

REDUCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "l2": lambda values: values.norm(dim=-1),
    "l1": lambda values: values.abs().sum(-1),
    "max_abs": lambda values: values.abs().amax(-1),
    "square": lambda values: values.square().sum(-1),
}
"""From a vector to a number, for methods whose scores have no sign."""

BASELINES = ("mask", "pad", "zero", "mean")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A method with its options; `reduce` and `unit` are read by the adapter, the rest goes to the method."""

    name: str
    method: Callable[..., Scores]
    reduce: str | None = None
    unit: str = "token"
    options: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, explicand: Explicand, **more: Any) -> Scores:
        """What the method finds; OptionError where somebody's own method returns anything else."""
        found = self.method(explicand, **self.options, **more)
        if not isinstance(found, Scores):
            raise OptionError(f"The method {self.name} returns {type(found).__name__}; a method returns Scores.")
        return found

    def reduced(self, scores: Scores) -> Tensor:
        """One number a token, [B, T]: signed scores are summed over the width, of the others the norm is taken."""
        if scores.signed and self.reduce is not None:
            raise OptionError(f"reduce={self.reduce!r} is for methods without a sign; {self.name} sums over the width.")
        if scores.values.ndim == 2:
            return scores.values
        return scores.values.sum(-1) if scores.signed else REDUCTIONS[self.reduce or "l2"](scores.values)


def chosen_method(method: str | Callable[..., Scores], options: Mapping[str, Any] | None) -> Chosen:
    """The method by name, or any callable of the same signature; OptionError names what exists."""
    if isinstance(method, str):
        if method not in METHODS:
            raise unknown("method", method, METHODS)
        name, function = method, METHODS[method]
    elif callable(method):
        name, function = getattr(method, "__name__", type(method).__name__), method
    else:
        raise unknown("method", method, METHODS)
    given = given_options(options)
    known = _option_names(function)
    if known is not None and (strange := [option for option in given if option not in known]):
        raise unknown(f"option of {name}", strange[0], known)
    reduce, unit = given.pop("reduce", None), given.pop("unit", "token")
    if reduce is not None and reduce not in REDUCTIONS:
        raise unknown("reduction", reduce, REDUCTIONS)
    if unit not in ("token", "word"):
        raise unknown("unit", unit, ("token", "word"))
    require_kinds(name, function, given)
    return Chosen(name, function, reduce, unit, given)


def chosen_baseline(name: str | None, tokenizer: Any) -> str:
    """The baseline, by default `mask` where the tokenizer has such a token, else `mean`."""
    usable = [one for one in BASELINES if one in ("zero", "mean") or _token_id(tokenizer, one) is not None]
    if name is None:
        return "mask" if "mask" in usable else "mean"
    if name in BASELINES and name not in usable:
        raise OptionError(f"This tokenizer has no {name} token; choose the baseline {' or '.join(usable)}.")
    if name not in usable:
        raise unknown("baseline", name, usable)
    return name


def chosen_baselines(names: Sequence[str] | None, tokenizer: Any) -> list[str]:
    """Several baselines, each once, by default all that the tokenizer has; OptionError for fewer than two."""
    if isinstance(names, str):
        names = [names]
    if names is None:
        return [one for one in BASELINES if one in ("zero", "mean") or _token_id(tokenizer, one) is not None]
    found = list(dict.fromkeys(chosen_baseline(name, tokenizer) for name in names))
    if len(found) < 2:
        raise OptionError(f"Agreement needs at least two baselines, not {', '.join(found) or 'none'}.")
    return found


def baseline_token(name: str, tokenizer: Any) -> int | None:
    """The token that stands for nothing, where the baseline is one."""
    return _token_id(tokenizer, name) if name in ("mask", "pad") else None


def chosen_targets(
    target: object, labels: Sequence[object] | None, count: int, classes: Sequence[str]
) -> list[int | None]:
    """One class index a text; None stands for the class that the model predicts."""
    if isinstance(target, str) and target == "label":
        if labels is None:
            raise OptionError('target="label" needs labels=[...], one class a text.')
        target = _read_labels(labels, classes)
    if isinstance(target, str) or not isinstance(target, Iterable) or getattr(target, "ndim", 1) == 0:
        return [_target(target, classes)] * count
    each = list(target)
    if len(each) != count:
        raise OptionError(f"{len(each)} targets for {count} texts; give one for all, or one a text.")
    return [_target(one, classes) for one in each]


def _target(target: object, classes: Sequence[str]) -> int | None:
    return None if isinstance(target, str) and target == "predicted" else class_index(target, classes)


def _read_labels(labels: Sequence[object], classes: Sequence[str]) -> list[object]:
    """As a column of data is read: by name where every label is one, also a number or a bool; else as it stands.

    Of the classes 1, 2, 3 the label 1 is the first, not the second.
    """
    each = several("labels", labels)
    names = [next((name for name in _written(label) if name in classes), None) for label in each]
    return [*names] if all(name is not None for name in names) else each


def _written(label: Any) -> list[str]:
    """How a label may be written as a class name: 1.0 is 1, too."""
    plain = label.item() if getattr(label, "ndim", None) == 0 else label
    whole = isinstance(plain, float) and plain.is_integer()
    return [str(plain), *([str(int(plain))] if whole else [])]


def class_index(target: object, classes: Sequence[str]) -> int:
    """A class by name or by index, also where a column with gaps made a float of it."""
    if isinstance(target, str):
        if target not in classes:
            raise unknown("class", target, classes)
        return list(classes).index(target)
    try:
        index = int(target) if isinstance(target, float) and target.is_integer() else operator.index(target)  # type: ignore[arg-type]
    except TypeError:
        raise unknown("class", target, classes) from None
    if not 0 <= index < len(classes):
        raise OptionError(f"No class {index}: the model has {len(classes)}, {', '.join(classes)} (0 is the first).")
    return index


def _option_names(function: Callable[..., Scores]) -> list[str] | None:
    """What may be passed on; None where the callable takes anything."""
    parameters = inspect.signature(function).parameters.values()
    if any(one.kind is one.VAR_KEYWORD for one in parameters):
        return None
    own = {one.name for one in parameters if one.kind is one.KEYWORD_ONLY}
    return [*(own - {"groups"}), "reduce", *(["unit"] if "groups" in own else [])]


def _token_id(tokenizer: Any, kind: str) -> int | None:
    found: int | None = getattr(tokenizer, f"{kind}_token_id", None)
    return found

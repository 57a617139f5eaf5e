"""Whether the options of a method are of the kinds that its signature says, told before anything is computed."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np

from token_saliency.errors import OptionError


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and not math.isnan(value)


_KINDS: dict[str, tuple[Callable[[object], bool], str]] = {
    "bool": (lambda value: isinstance(value, bool | np.bool_), "True or False"),
    "int": (_is_whole, "a whole number"),
    "float": (_is_number, "a number"),
    "str": (lambda value: isinstance(value, str), "a name"),
}


def given_options(options: object) -> dict[str, Any]:
    """The options of a method as the caller named them; OptionError for what names none."""
    if options is not None and not isinstance(options, Mapping):
        raise OptionError(f"The options of a method are a mapping, such as {{'n': 20}}, not {options!r}.")
    return dict(options or {})


def require_kinds(name: str, function: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """OptionError for n=1.5, sigma="much" or tolerance=nan; an option of any other kind is the method's to check."""
    parameters = inspect.signature(function).parameters
    for option, value in given.items():
        annotation = parameters[option].annotation if option in parameters else ""
        written = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
        fits, words = _KINDS.get(written.removesuffix(" | None"), (None, ""))
        if fits and not fits(value) and not (value is None and written.endswith(" | None")):
            raise OptionError(f"The option {option} of {name} is {value!r}, not {words}.")

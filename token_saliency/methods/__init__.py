"""The attribution methods: `METHODS[name](explicand, *, options)`. A new one is a function and one line here."""

from __future__ import annotations

from collections.abc import Callable

from token_saliency.core.explicand import Scores
from token_saliency.methods.expected_gradients import expected_gradients
from token_saliency.methods.gradient import gradient, gradient_x_input
from token_saliency.methods.integrated_gradients import integrated_gradients
from token_saliency.methods.occlusion import occlusion
from token_saliency.methods.random import random
from token_saliency.methods.smoothgrad import smoothgrad

Method = Callable[..., Scores]
"""`method(explicand, *, options) -> Scores`; the first line of its docstring is what `list methods` prints."""

METHODS: dict[str, Method] = {
    "expected_gradients": expected_gradients,
    "gradient": gradient,
    "gradient_x_input": gradient_x_input,
    "integrated_gradients": integrated_gradients,
    "occlusion": occlusion,
    "random": random,
    "smoothgrad": smoothgrad,
}

"""The gradient with every ReLU deaf to negative gradients."""

from __future__ import annotations

import torch

from token_saliency.core.explicand import Explicand, Scores
from token_saliency.core.hooks import guided_relu
from token_saliency.errors import ModelError
from token_saliency.methods.gradient import gradient


def guided_backprop(explicand: Explicand) -> Scores:
    """The gradient that only positive evidence may pass back through each ReLU (Springenberg et al. 2015).

    Sharp, and nearly blind to what the model has learned (Adebayo et al. 2018): look at it, conclude nothing from it.
    ModelError for a model without a ReLU, for which it would be the plain gradient under another name.
    """
    with guided_relu() as seen:
        scores = gradient(explicand)
    if not seen or torch.equal(scores.values, gradient(explicand).values):
        raise ModelError(
            "guided_backprop needs a ReLU between pixels and output, and this model has none (GELU, SiLU and the like "
            "are none): it would equal the plain gradient; use the method 'gradient' or 'smoothgrad'."
        )
    return scores

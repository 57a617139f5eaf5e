"""Class activation maps: the activations of a layer, weighted by the gradients that reach it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, Scores, wide
from token_saliency.errors import OptionError, unknown
from token_saliency.methods.gradient import gradient

CamFn = Callable[[Tensor, Tensor], Tensor]
"""`(activations [B, K, h, w], gradients [B, K, h, w]) -> map [B, h, w]`."""


def pooled(activations: Tensor, gradients: Tensor) -> Tensor:
    """Each channel weighted by its mean gradient (Selvaraju et al. 2017)."""
    return (gradients.mean((2, 3), keepdim=True) * activations).sum(1)


def element_wise(activations: Tensor, gradients: Tensor) -> Tensor:
    """Each place weighted by its own gradient: no evidence is moved elsewhere (HiResCAM, Draelos and Carin 2020)."""
    return (gradients * activations).sum(1)


def plus_plus(activations: Tensor, gradients: Tensor) -> Tensor:
    """Positive gradients weighted so that every instance counts (Grad-CAM++, Chattopadhay et al. 2018)."""
    squares = gradients**2
    below = 2 * squares + activations.sum((2, 3), keepdim=True) * gradients**3
    share = torch.where(below != 0, squares / torch.where(below != 0, below, torch.ones_like(below)), 0.0)
    return ((share * gradients.clamp(min=0)).sum((2, 3), keepdim=True) * activations).sum(1)


VARIANTS: dict[str, CamFn] = {"grad_cam": pooled, "hirescam": element_wise, "grad_cam_plus_plus": plus_plus}


def grad_cam(explicand: Explicand, *, variant: str = "grad_cam", relu: bool = True) -> Scores:
    """A layer's activations, weighted by their gradients, summed over channels (Selvaraju et al. 2017).

    The explicand is that of the layer: inputs [B, K, h, w] are its activations. `variant`: grad_cam, hirescam or
    grad_cam_plus_plus. `relu` keeps positive evidence alone, as in the paper; without it the map [B, h, w] is signed.
    A map that no gradient reached at all is not converged: it is empty for another reason than negative evidence.
    """
    if variant not in VARIANTS:
        raise unknown("variant of grad_cam", variant, VARIANTS)
    if explicand.inputs.ndim != 4:
        raise OptionError("grad_cam needs a layer with a spatial map [B, K, h, w]; choose another layer.")
    slopes = gradient(explicand)
    values = VARIANTS[variant](wide(explicand.inputs), slopes.values)
    reached = (slopes.values != 0).flatten(1).any(1).to(slopes.converged.device)
    values = values.clamp(min=0) if relu else values
    return replace(slopes, values=values, signed=not relu, converged=slopes.converged & reached)

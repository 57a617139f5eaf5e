from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from token_saliency.core.explicand import Explicand, Scores
from token_saliency.text.classifier import TextClassifier

if TYPE_CHECKING:
    from tests.text.conftest import Tiny


def classifier(tiny: Tiny, **settings: Any) -> TextClassifier:
    return TextClassifier(tiny.model, tiny.tokenizer, **settings)


def snapshot(tiny: Tiny) -> dict[str, Any]:
    numpy: Any = np.random.get_state()
    return {
        "training": [module.training for module in tiny.model.modules()],
        "hooks": [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in tiny.model.modules()],
        "requires_grad": [parameter.requires_grad for parameter in tiny.model.parameters()],
        "grad": [parameter.grad for parameter in tiny.model.parameters()],
        "weights": [float(parameter.detach().double().sum()) for parameter in tiny.model.parameters()],
        "config": tiny.model.config.to_dict(),
        "random": torch.get_rng_state().tolist(),
        "numpy": numpy[1].tolist(),
        "grad_mode": torch.is_grad_enabled(),
    }


def test_nothing_is_left_behind(tiny: Tiny, texts: list[str]) -> None:
    tiny.model.train()
    next(iter(tiny.model.children())).eval()
    before = snapshot(tiny)
    explainer = classifier(tiny)
    explainer.predict(texts)
    explainer.explain(texts)
    assert snapshot(tiny) == before


def test_nothing_is_left_behind_after_an_error(tiny: Tiny, texts: list[str]) -> None:
    tiny.model.train()
    explainer = classifier(tiny)
    assert explainer.self_test
    before = snapshot(tiny)

    def breaks(explicand: Explicand) -> Scores:
        explicand.score(explicand.inputs, torch.arange(len(explicand.inputs)))
        raise ZeroDivisionError

    def fails(*_: object) -> None:
        raise FloatingPointError

    with pytest.raises(ZeroDivisionError):
        explainer.explain(texts, breaks)
    handle = list(tiny.model.modules())[-1].register_forward_hook(fails)
    for method in ("integrated_gradients", "occlusion"):
        with pytest.raises(FloatingPointError):
            explainer.explain(texts, method)
    handle.remove()
    assert snapshot(tiny) == before

"""What is measured of one model: the package against the bare model, called as its own documentation calls it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tests.conformance.recipes import TEXTS, Tiny
from token_saliency.results import SelfTest
from token_saliency.text.classifier import TextClassifier

TOLERANCE = 1e-4
"""Relative to the largest value compared: float32, batches of other shapes."""
COMPLETE = 2e-3
"""Of the sum of absolute scores."""
STEP = 1e-3
SLOPE = 2e-2
"""Relative error of a finite difference in float32."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The largest relative difference of each check, and what was found out about the model.

    identity      the model's own vectors put back: output of `explain` against the bare model
    alone         `predict` of one text against the bare model
    batched       `predict` of all texts at once against the bare model
    gradient      `explain` with the method gradient against autograd at a hook of this suite
    influence     the smallest share of a text's words in its gradient: none at all is a fault
    slope         that gradient's norm against a finite difference along it
    baseline      where integrated gradients start against the bare model with mask vectors
    completeness  of integrated gradients, as a share of the sum of absolute scores
    left_behind   what was no longer as before
    """

    identity: float
    alone: float
    batched: float
    gradient: float
    influence: float
    slope: float
    baseline: float
    completeness: float
    left_behind: list[str]
    self_test: SelfTest

    def faults(self) -> list[str]:
        """The checks that failed, in words; empty for a model that conforms."""
        bars = dict.fromkeys(("identity", "alone", "batched", "gradient", "baseline"), TOLERANCE)
        bars |= {"slope": SLOPE, "completeness": COMPLETE}
        found = [
            f"{name} {getattr(self, name):.2g} > {bar:.2g}"
            for name, bar in bars.items()
            if not getattr(self, name) <= bar
        ]
        found += ["no word has an influence"] if not self.influence > 0 else []
        found += [f"left behind: {what}" for what in self.left_behind]
        names = ("hook_identity", "deterministic", "vectors_decide", "gradient_agrees", "company_invariant")
        seen = {name: getattr(self.self_test, name) for name in names}
        return found + [f"self-test: {name}" for name, good in seen.items() if not good]


def measure(make: Callable[[], Tiny]) -> Measured:
    """All checks of one kind of model; `make` builds the same one again, since some models change when called."""
    tiny = make()
    plain = np.concatenate([logits(make(), text).detach().numpy() for text in TEXTS])
    before = snapshot(tiny.model)
    classifier = TextClassifier(tiny.model, tiny.tokenizer, batch_tokens=256)
    alone = np.concatenate([classifier.predict([text]).logits for text in TEXTS])
    batched = classifier.predict(TEXTS).logits
    explained = classifier.explain(TEXTS, "gradient", target=1)
    paths = classifier.explain(
        TEXTS, "integrated_gradients", target=1, options={"tolerance": COMPLETE / 2, "cap": 2048}
    )
    after = snapshot(tiny.model)
    name = classifier.self_test.embedding
    gradients = [_gradients(make, name, text, one.scores) for text, one in zip(TEXTS, explained, strict=True)]
    masked = [_masked(make(), name, text) for text in TEXTS]
    return Measured(
        identity=apart(plain[:, 1], np.array([one.output_value for one in explained])),
        alone=apart(plain, alone),
        batched=apart(plain, batched),
        gradient=max(far for far, _ in gradients),
        influence=min(sum(one.scores) for one in explained),
        slope=max(slope for _, slope in gradients),
        baseline=apart(masked, [one.baseline_value for one in paths]),
        completeness=max(one.completeness_error or 0.0 for one in paths),
        left_behind=[key for key in before if before[key] != after[key]],
        self_test=classifier.self_test,
    )


def logits(tiny: Tiny, text: str, **options: Any) -> Tensor:
    """[1, C] of the bare model."""
    given = tiny.tokenizer(text, return_tensors="pt", **options)
    output: Tensor = tiny.model(**given).logits
    return output.float()


def apart(one: Any, other: Any) -> float:
    """Largest difference relative to the largest value."""
    difference = np.abs(np.asarray(one) - np.asarray(other)).max()
    return float(np.nan_to_num(difference / max(1e-6, np.abs(one).max()), nan=np.inf))


def _gradients(make: Callable[[], Tiny], name: str, text: str, scores: Any) -> tuple[float, float]:
    """How far scores are from this suite's own gradient norms, and the norm of that from a finite difference."""
    tiny = make()
    ids = tiny.tokenizer(text)["input_ids"]
    vectors = _vectors(tiny, name, text).requires_grad_()
    with _replaced(tiny.model, name, vectors * 1):  # CTRL edits what it gets in place
        output = logits(tiny, text)[0, 1]
    (gradient,) = torch.autograd.grad(output, vectors)
    own = gradient.reshape(-1, gradient.shape[-1])[: len(ids)].norm(dim=-1).numpy()
    inside = slice(1, len(ids) - 1)  # <s> and </s> have no score
    step = gradient / gradient.norm() * STEP
    ends = [_output(tiny, name, text, vectors.detach() + sign * step) for sign in (1, -1)]
    slope = (ends[0] - ends[1]) / (2 * STEP)
    return apart(own[inside], np.asarray(scores)[inside]), abs(slope / float(gradient.norm()) - 1)


def _masked(tiny: Tiny, name: str, text: str) -> float:
    """The output where the vectors of all words are the mask token's, whatever its place."""
    words = tiny.tokenizer.tokenize(text)
    vectors = _vectors(tiny, name, " ".join(["<mask>"] * len(words)))
    return _output(tiny, name, text, vectors)


def _vectors(tiny: Tiny, name: str, text: str) -> Tensor:
    """What the named module first gives in one call of the bare model, in its own layout."""
    seen: list[Tensor] = []

    def hook(_module: Any, _args: Any, output: Any) -> None:
        seen.append((output[0] if isinstance(output, tuple) else output).detach().clone())

    handle = tiny.model.get_submodule(name).register_forward_hook(hook)
    logits(tiny, text)
    handle.remove()
    return seen[0]


def _output(tiny: Tiny, name: str, text: str, vectors: Tensor) -> float:
    with torch.no_grad(), _replaced(tiny.model, name, vectors):
        return float(logits(tiny, text)[0, 1])


@contextmanager
def _replaced(model: Any, name: str, vectors: Tensor) -> Iterator[None]:
    """Inside the block the first output of the named module is replaced."""
    calls: list[Any] = []

    def hook(_module: Any, _args: Any, output: Any) -> Any:
        calls.append(output)
        if len(calls) > 1:
            return None
        return (vectors, *output[1:]) if isinstance(output, tuple) else vectors

    handle = model.get_submodule(name).register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


SCRATCH = ("seq_len", "pooling_mult")
"""Funnel notes down the shape of its last call."""


def snapshot(model: Any) -> dict[str, Any]:
    """All that a caller may find changed."""
    modules = dict(model.named_modules())
    plain = (bool, int, float, str, type(None))
    return {
        "modules": {name: id(module) for name, module in modules.items()},
        "settings": {
            (name, key): value
            for name, one in modules.items()
            for key, value in vars(one).items()
            if isinstance(value, plain) and key not in SCRATCH
        },
        "hooks": [
            len(one._forward_hooks) + len(one._forward_pre_hooks) + len(one._backward_hooks) for one in modules.values()
        ],
        "requires_grad": [parameter.requires_grad for parameter in model.parameters()],
        "grad": [parameter.grad is None for parameter in model.parameters()],
        "weights": [float(parameter.detach().double().sum()) for parameter in model.parameters()],
        "buffers": [float(buffer.detach().double().sum()) for buffer in model.buffers()],
        "config": copy.deepcopy(model.config.to_dict()),
        "random": torch.get_rng_state().tolist(),
    }

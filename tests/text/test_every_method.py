"""Every method with every output on six kinds of model, in double precision, against captum or plain autograd.

The other road never meets the package: vectors go in by `inputs_embeds` (BART: into its encoder), one text at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from captum.attr import InputXGradient, IntegratedGradients, Occlusion, Saliency
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from token_saliency.core.noise import normal, order, uniform
from token_saliency.methods import METHODS
from token_saliency.text.classifier import TextClassifier
from token_saliency.text.explaining import text_seed

if TYPE_CHECKING:
    from tests.text.conftest import Build, Tiny

TEXT = "the dog is not lazy , isn't it ?"
TARGET = 1
CLOSE = 1e-5

OUTPUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "logit": lambda z: z[:, 1],
    "margin": lambda z: z[:, 1] - (z[:, 0] + z[:, 2]) / 2,
    "probability": lambda z: z[:, 1].exp() / z.exp().sum(1),
    "log_probability": lambda z: z[:, 1] - z.exp().sum(1).log(),
    "loss": lambda z: cross_entropy(z, torch.ones(len(z), dtype=torch.int64), reduction="none"),
}


@dataclass(frozen=True)
class Road:
    """A text embedded [1, T, D], its baseline, which positions are free [T], its logits, and vectors of other texts."""

    inputs: Tensor
    baselines: Tensor
    free: Tensor
    logits: Callable[[Tensor], Tensor]
    vectors: Callable[[str], Tensor]


def road(name: str, tiny: Tiny) -> Road:
    model, tokenizer = tiny.model, tiny.tokenizer
    encoded = tokenizer(TEXT, return_tensors="pt", return_special_tokens_mask=True)
    free = ~encoded["special_tokens_mask"][0].bool()
    ids = encoded["input_ids"]
    table: Any = model.model.encoder.embed_tokens if name == "bart" else model.get_input_embeddings()
    inputs = table(ids).detach()
    mask = tokenizer.mask_token_id
    stand_in = table.weight.detach().mean(0) if mask is None else table(torch.tensor([mask])).detach()[0]
    baselines = torch.where(free[:, None], stand_in, inputs)

    def logits(vectors: Tensor) -> Tensor:
        found: Tensor
        if name == "bart":
            states = model.model.encoder(inputs_embeds=vectors)
            found = model(input_ids=ids.expand(len(vectors), -1), encoder_outputs=states).logits
        else:
            found = model(inputs_embeds=vectors).logits
        return found

    def vectors(text: str) -> Tensor:
        found: Tensor = table(torch.tensor(tokenizer(text, add_special_tokens=False)["input_ids"])).detach()
        return found

    return Road(inputs, baselines, free, logits, vectors)


def gradient_at(points: Tensor, score: Callable[[Tensor], Tensor]) -> Tensor:
    points = points.detach().requires_grad_()
    (found,) = torch.autograd.grad(score(points).sum(), points)
    return found


def smooth(at: Road, score: Callable[[Tensor], Tensor], options: dict[str, Any]) -> Tensor:
    """The gradients [n, T, D] of the noisy copies, one copy at a time, times what they are asked to be times."""
    seed, spread = text_seed(TEXT, 0), options.get("sigma", 0.1) * (at.inputs.max() - at.inputs.min())
    draws = range(options.get("n", 24))
    copies = [at.inputs + spread * normal(seed, i, at.inputs[0]) * at.free[:, None] for i in draws]
    factor = (at.inputs - at.baselines)[0] if options.get("times_input") else torch.ones_like(at.inputs[0])
    return torch.stack([gradient_at(copy, score)[0] * factor for copy in copies])


def from_references(at: Road, score: Callable[[Tensor], Tensor], options: dict[str, Any]) -> Tensor:
    """One draw at a time: references in turn, from an order of the text's own, each laid over the free positions."""
    seed, n = text_seed(TEXT, 0), options.get("n", 64)
    starts = [at.baselines[0].clone() for _ in options.get("references", [""])]
    for start, text in zip(starts, options.get("references", []), strict=False):
        vectors = at.vectors(text)
        places = at.free.nonzero()[:, 0][: len(vectors)]
        start[places] = vectors[: len(places)]
    turns, place, total = order(seed, len(starts), 0), (torch.tensor(order(seed, n, 1)) + uniform(seed, n)) / n, 0.0
    for i in range(n):
        start = starts[turns[i % len(starts)]]
        slope = gradient_at(torch.lerp(start[None], at.inputs, float(place[i])), score)[0]
        total = total + ((at.inputs[0] - start) * slope).sum(1) / n
    assert isinstance(total, Tensor)
    return total


def expected(method: str, options: dict[str, Any], at: Road, score: Callable[[Tensor], Tensor]) -> Tensor:
    if method == "gradient":
        found: Tensor = Saliency(score).attribute(at.inputs.clone().requires_grad_(), abs=False)[0].norm(dim=1)
    elif method == "gradient_x_input":
        from_baseline = InputXGradient(lambda difference: score(at.baselines + difference))
        found = from_baseline.attribute((at.inputs - at.baselines).requires_grad_())[0].sum(1)
    elif method == "integrated_gradients":
        rule = {"n_steps": 200, "method": "gausslegendre", "internal_batch_size": 200}
        found = IntegratedGradients(score).attribute(at.inputs, at.baselines, **rule)[0].sum(1)
    elif method == "occlusion":
        shape = (options.get("window", 1), at.inputs.shape[2])
        found = Occlusion(score).attribute(at.inputs, shape, baselines=at.baselines)[0, :, 0]
    elif method == "expected_gradients":
        found = from_references(at, score, options)
    elif options.get("squared"):
        found = (smooth(at, score, options) ** 2).mean(0).norm(dim=1)
    elif options.get("variance"):
        found = smooth(at, score, options).var(0, unbiased=False).norm(dim=1)
    elif options.get("times_input"):
        found = smooth(at, score, options).mean(0).sum(1)
    else:
        found = smooth(at, score, options).mean(0).norm(dim=1)
    return found * at.free


FINE = {"tolerance": 1e-6, "cap": 20_000}
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("gradient", {}),
    ("gradient_x_input", {}),
    ("integrated_gradients", FINE),
    ("occlusion", {}),
    ("smoothgrad", {}),
    ("smoothgrad", {"sigma": 0.4, "n": 7}),
    ("smoothgrad", {"times_input": True}),
    ("smoothgrad", {"squared": True}),
    ("smoothgrad", {"variance": True}),
    ("smoothgrad", {"variance": True, "times_input": True, "n": 7}),
    ("smoothgrad", {"squared": True, "times_input": True, "n": 7}),
    ("expected_gradients", {"n": 8}),
    ("expected_gradients", {"n": 11, "references": ["not good", "a little too long for me , the dog is lazy !"]}),
]


def close(found: NDArray[np.float64], truth: Tensor, within: float = CLOSE) -> None:
    np.testing.assert_allclose(found, truth.detach().double().numpy(), rtol=within, atol=within)


def test_no_method_is_left_out() -> None:
    assert {method for method, _ in ASKED} == set(METHODS) - {"random"}


MODELS = ["bert", "roberta", "electra", "gpt2", "bart", "distilbert"]
# Every model meets every method, and each of both meets every output: pairs, not triples.
PAIRWISE = [
    pytest.param(name, method, options, sorted(OUTPUTS)[(i + j) % len(OUTPUTS)], id="-".join([name, method, *options]))
    for i, name in enumerate(MODELS)
    for j, (method, options) in enumerate(ASKED)
]


def test_every_pair_of_model_method_and_output_is_met() -> None:
    met = [(one.values[0], str(one.values[1:3]), one.values[3]) for one in PAIRWISE]
    asked = {str(one) for one in ASKED}
    assert {(a, c) for a, _, c in met} == {(a, c) for a in MODELS for c in OUTPUTS}
    assert {(b, c) for _, b, c in met} == {(b, c) for b in asked for c in OUTPUTS}
    assert {(a, b) for a, b, _ in met} == {(a, b) for a in MODELS for b in asked}


@pytest.mark.parametrize(("name", "method", "options", "output"), PAIRWISE)
def test_scores_equal_an_independent_computation(
    build_tiny: Build, name: str, method: str, options: dict[str, Any], output: str
) -> None:
    tiny = build_tiny(name)
    tiny.model.double()
    at = road(name, tiny)
    score = OUTPUTS[output]
    [found] = TextClassifier(tiny.model, tiny.tokenizer).explain([TEXT], method, TARGET, output=output, options=options)
    # the ReLU in DistilBERT's head puts a step into the integrand: captum's own answers with 200 and 8,000 steps differ
    stepped = (name, method) == ("distilbert", "integrated_gradients")
    truth = expected(method, options, at, lambda points: score(at.logits(points)))
    close(found.scores, truth, within=1e-3 if stepped else CLOSE)
    assert found.output_value == pytest.approx(score(at.logits(at.inputs)).item(), abs=CLOSE)


@pytest.mark.parametrize("settings", [{"classes": 1}, {"problem_type": "multi_label_classification"}])
@pytest.mark.parametrize(("method", "options"), ASKED[:5], ids=lambda one: one if isinstance(one, str) else "")
def test_scores_of_unusual_heads_equal_an_independent_computation(
    build_tiny: Build, method: str, options: dict[str, Any], settings: dict[str, Any]
) -> None:
    tiny = build_tiny("roberta", **settings)
    tiny.model.double()
    at = road("roberta", tiny)
    number = settings.get("classes") == 1
    target, output = (0, "score") if number else (TARGET, "probability")

    def score(points: Tensor) -> Tensor:
        own = at.logits(points)[:, target]
        return own if number else 1 / (1 + (-own).exp())

    [found] = TextClassifier(tiny.model, tiny.tokenizer).explain([TEXT], method, target, output=output, options=options)
    close(found.scores, expected(method, options, at, score))

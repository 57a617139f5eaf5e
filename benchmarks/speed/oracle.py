"""captum's LayerIntegratedGradients as its users call it, and as an expert would; a fine rule as the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from captum.attr import LayerIntegratedGradients
from numpy.typing import NDArray
from torch import Tensor

from token_saliency.results import Attribution
from token_saliency.text.classifier import TextClassifier

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Setting:
    """How captum is called: `at_once` None gives it a batch with all its steps, as its defaults do."""

    name: str
    batch: int = 1
    by_length: bool = False
    steps: int = 50
    rule: str = "gausslegendre"
    at_once: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Texts and the classes that they are explained for."""

    texts: Sequence[str]
    targets: Sequence[int]

    def some(self, start: int, count: int) -> Asked:
        return Asked(self.texts[start : start + count], self.targets[start : start + count])


def device_of(classifier: TextClassifier) -> torch.device:
    parameter: Tensor = next(classifier.model.parameters())
    return parameter.device


def captum_scores(classifier: TextClassifier, asked: Asked, setting: Setting) -> list[Floats]:
    """The token scores of each text; the baseline is the mask at every token of the text itself."""
    model: Any = classifier.model
    device = device_of(classifier)

    def forward(ids: Tensor, mask: Tensor) -> Tensor:
        logits: Tensor = model(input_ids=ids, attention_mask=mask).logits
        return logits

    method = LayerIntegratedGradients(forward, model.get_input_embeddings())
    order = list(range(len(asked.texts)))
    if setting.by_length:
        order.sort(key=lambda i: len(asked.texts[i]))
    found: dict[int, Floats] = {}
    for start in range(0, len(order), setting.batch):
        at = order[start : start + setting.batch]
        encoded = classifier.tokenizer(
            [asked.texts[i] for i in at],
            truncation=True,
            padding=True,
            return_tensors="pt",
            return_special_tokens_mask=True,
        ).to(device)
        ids, mask = encoded["input_ids"], encoded["attention_mask"]
        masked = torch.where(encoded["special_tokens_mask"].bool(), ids, classifier.tokenizer.mask_token_id)
        scores = method.attribute(
            ids,
            masked,
            target=torch.tensor([asked.targets[i] for i in at], device=device),
            additional_forward_args=(mask,),
            n_steps=setting.steps,
            method=setting.rule,
            internal_batch_size=setting.at_once,
        ).sum(-1)
        for i, row, real in zip(at, scores.detach().double().cpu().numpy(), mask.sum(1).tolist(), strict=True):
            found[i] = row[:real]
    return [found[i] for i in range(len(order))]


def reference(classifier: TextClassifier, asked: Asked, points: int) -> list[Floats]:
    """The scores by a Gauss-Legendre rule of many points, through `inputs_embeds`: no code is shared with either."""
    return [
        _reference(classifier, text, target, points) for text, target in zip(asked.texts, asked.targets, strict=True)
    ]


def _reference(classifier: TextClassifier, text: str, target: int, points: int) -> Floats:
    model: Any = classifier.model
    encoded = classifier.tokenizer(text, truncation=True, return_tensors="pt", return_special_tokens_mask=True)
    encoded = encoded.to(device_of(classifier))
    ids, table = encoded["input_ids"], model.get_input_embeddings().weight.detach()
    masked = torch.where(encoded["special_tokens_mask"].bool(), ids, classifier.tokenizer.mask_token_id)
    inputs, baselines = table[ids], table[masked]
    nodes, weights = np.polynomial.legendre.leggauss(points)
    total = torch.zeros_like(inputs[0], dtype=torch.float64)
    for some, share in zip(np.array_split((nodes + 1) / 2, 8), np.array_split(weights / 2, 8), strict=True):
        place = torch.tensor(some, dtype=torch.float32, device=inputs.device)[:, None, None]
        path = (baselines + place * (inputs - baselines)).requires_grad_()
        logits = model(inputs_embeds=path, attention_mask=encoded["attention_mask"].expand(len(some), -1)).logits
        (gradients,) = torch.autograd.grad(logits[:, target].sum(), path)
        total += (torch.tensor(share, device=inputs.device)[:, None, None] * gradients.double()).sum(0)
    return np.asarray(((inputs - baselines)[0].double() * total).sum(-1).cpu().numpy())


def scores_of(found: Sequence[Attribution]) -> list[Floats]:
    """The token scores of each text, as captum_scores has them."""
    return [one.scores for one in found]


def distances(scores: Sequence[Floats], exact: Sequence[Floats]) -> Floats:
    """Token L1 error of each text, relative to the truth."""
    return np.array([np.abs(a - b).sum() / np.abs(b).sum() for a, b in zip(scores, exact, strict=True)])

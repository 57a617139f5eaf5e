"""How close `explain` and `predict` come to a bare loop over the very same batches, and how exact the scores are.

    python benchmarks/text_speed.py MODEL DATA.csv [--texts 200] [--slice 40] [--reference 64] [--threads 1]

Both sides run in turn on slices of the texts, so that a busy machine slows them alike. The reference is a
Gauss-Legendre rule of many points through `inputs_embeds`, which shares no code with the package
(it needs a model of the BERT family; `--reference 0` leaves it out).
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, Scores
from token_saliency.methods import METHODS
from token_saliency.results import Attribution
from token_saliency.text.batching import packed
from token_saliency.text.classifier import TextClassifier


@dataclass(slots=True)
class Clock:
    """Wall and processor seconds; with one thread the second hardly depends on what else the machine does."""

    wall: float = 0.0
    processor: float = 0.0

    def time(self, work: Callable[[], Any]) -> Any:
        wall, processor = time.perf_counter(), time.process_time()
        result = work()
        self.wall += time.perf_counter() - wall
        self.processor += time.process_time() - processor
        return result


@dataclass(slots=True)
class Recorder:
    """Integrated gradients that note the lengths [N] of the rows of every batch."""

    batches: list[Tensor] = field(default_factory=list)

    def __call__(self, explicand: Explicand) -> Scores:
        def score(points: Tensor, rows: Tensor) -> Tensor:
            self.batches.append(explicand.lengths[rows])
            return explicand.score(points, rows)

        return METHODS["integrated_gradients"](replace(explicand, score=score))


def bare(model: Any, batches: Sequence[Tensor], *, gradient: bool) -> None:
    """The least that can be done: one forward pass a batch, and the gradient of its input."""
    for lengths in batches:
        width = int(lengths.max())
        mask = (torch.arange(width) < lengths[:, None]).long()
        vectors = model.get_input_embeddings()(torch.randint(5, 1000, mask.shape)).detach()
        with torch.set_grad_enabled(gradient):
            vectors.requires_grad_(gradient)
            logits = model(inputs_embeds=vectors, attention_mask=mask).logits
            if gradient:
                torch.autograd.grad(logits[:, 0].sum(), vectors)


def reference(classifier: TextClassifier, text: str, target: int, points: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Integrated gradients from the mask baseline by Gauss-Legendre, one text at a time."""
    encoded = classifier.tokenizer(text, return_tensors="pt", return_special_tokens_mask=True)
    special = encoded["special_tokens_mask"][0].bool()
    table = classifier.model.get_input_embeddings()
    inputs = table(encoded["input_ids"])[0].detach()
    baselines = torch.where(special[:, None], inputs, table.weight[classifier.tokenizer.mask_token_id].detach())
    nodes, weights = np.polynomial.legendre.leggauss(points)
    places = torch.tensor((nodes + 1) / 2, dtype=torch.float32)
    total = torch.zeros_like(inputs)
    for some, weight in zip(places.split(16), torch.tensor(weights / 2).float().split(16), strict=True):
        path = (baselines + some[:, None, None] * (inputs - baselines)).requires_grad_()
        logits = classifier.model(
            inputs_embeds=path, attention_mask=encoded["attention_mask"].expand(len(some), -1)
        ).logits
        (gradients,) = torch.autograd.grad(logits[:, target].sum(), path)
        total += (weight[:, None, None] * gradients).sum(0)
    return ((inputs - baselines) * total).sum(-1).double().numpy()


def errors(classifier: TextClassifier, found: Sequence[Attribution], points: int) -> list[float]:
    """Token L1 error of each attribution, relative to the reference."""
    result = []
    for one in found:
        exact = reference(classifier, one.text, one.target_index, points)
        result.append(float(np.abs(one.scores - exact).sum() / np.abs(exact).sum()))
    return result


def main() -> None:
    arguments = parsed()
    torch.set_num_threads(arguments.threads)
    classifier = TextClassifier.from_pretrained(arguments.model, batch_tokens=arguments.batch_tokens)
    with open(arguments.data, encoding="utf-8", newline="") as file:  # noqa: PTH123 - a script
        rows = [row for row in csv.DictReader(file) if row.get("split", "test") == "test"]
    texts = [next(row[name] for name in ("text", "sentence") if name in row) for row in rows]
    explain(classifier, texts[: arguments.texts], arguments.slice, arguments.reference)
    predict(classifier, texts[: 5 * arguments.texts])


def explain(classifier: TextClassifier, texts: list[str], size: int, points: int) -> None:
    classifier.explain(texts[:4])
    ours, loop, found = Clock(), Clock(), []
    for at in range(0, len(texts), size):
        recorder = Recorder()
        found += ours.time(lambda at=at, recorder=recorder: classifier.explain(texts[at : at + size], recorder))
        loop.time(lambda recorder=recorder: bare(classifier.model, recorder.batches, gradient=True))
    report("explain against bare forward + backward", ours, loop)
    evaluations = [one.evaluations for one in found]
    print(f"  evaluations: mean {np.mean(evaluations):.2f}, p90 {np.quantile(evaluations, 0.9):.0f}, "
          f"unconverged {sum(not one.converged for one in found)}")  # fmt: skip
    if points:
        measured = errors(classifier, found, points)
        median, tail, worst = np.quantile(measured, [0.5, 0.9, 1])
        print(f"  token L1 error against {points} points: median {median:.2%}, p90 {tail:.2%}, worst {worst:.2%}")


def predict(classifier: TextClassifier, texts: list[str]) -> None:
    texts = list(dict.fromkeys(texts))
    lengths = classifier.count_tokens(texts)
    ours, loop = Clock(), Clock()
    budget = classifier.batch_tokens
    for at in range(0, len(texts), 200):
        some = lengths[at : at + 200]
        batches = [torch.tensor([some[i] for i in batch]) for batch in packed(some, budget)]
        ours.time(lambda at=at: classifier.predict(texts[at : at + 200]))
        loop.time(lambda batches=batches: bare(classifier.model, batches, gradient=False))
    report("predict against bare forward", ours, loop)


def report(title: str, ours: Clock, loop: Clock) -> None:
    print(f"{title}: {loop.wall / ours.wall:.3f} by wall clock, {loop.processor / ours.processor:.3f} by processor time "
          f"({ours.wall:.1f} s against {loop.wall:.1f} s)")  # fmt: skip


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--slice", type=int, default=40)
    parser.add_argument("--reference", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch-tokens", type=int)
    return parser.parse_args()


if __name__ == "__main__":
    main()

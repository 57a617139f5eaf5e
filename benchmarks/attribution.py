"""How much of the machine `explain` and `predict` leave unused, and how exact and how dear the scores are.

    python benchmarks/attribution.py MODEL DATA [--texts 200] [--rounds 5] [--threads 1] [--captum]

Speed: every call that the model receives is recorded once; a bare loop then repeats exactly those batches,
forward, and backward to the embedded inputs where we asked for gradients. Both sides run in turns on
slices of the texts, and the ratio is the median over the rounds. Error: the L1 distance of the token scores
to a Gauss-Legendre rule through `inputs_embeds`, which shares no code with the package (BERT family).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from token_saliency.data import load_rows
from token_saliency.results import Attribution
from token_saliency.text.classifier import TextClassifier

BAR = 0.85
SLICE = 40


@dataclass(frozen=True, slots=True)
class Call:
    """One batch as the model received it, and whether gradients were asked for."""

    arguments: dict[str, Any]
    gradient: bool

    @property
    def tokens(self) -> int:
        return int(self.arguments["attention_mask"].sum())


@contextmanager
def recorded(model: torch.nn.Module) -> Iterator[list[Call]]:
    """Collects every call of the model inside the block."""
    calls: list[Call] = []

    def note(_module: Any, _args: Any, given: dict[str, Any]) -> None:
        calls.append(Call(dict(given), torch.is_grad_enabled()))

    handle = model.register_forward_pre_hook(note, with_kwargs=True)
    try:
        yield calls
    finally:
        handle.remove()


def table_of(classifier: TextClassifier) -> Tensor:
    """The word embedding [V, D]."""
    model: Any = classifier.model
    weight: Tensor = model.get_input_embeddings().weight.detach()
    return weight


def embedded(calls: Sequence[Call], table: Tensor) -> list[Call]:
    """The calls with vectors in place of ids where gradients are asked for: nothing is left to do but the model."""
    ready = []
    for call in calls:
        given = dict(call.arguments)
        if call.gradient:
            given["inputs_embeds"] = table[given.pop("input_ids")].requires_grad_()
        ready.append(Call(given, call.gradient))
    return ready


def bare(model: torch.nn.Module, calls: Sequence[Call]) -> None:
    """The least that can be done with these batches."""
    for call in calls:
        with torch.set_grad_enabled(call.gradient):
            logits = model(**call.arguments).logits
        if call.gradient:
            torch.autograd.grad(logits[:, 0].sum(), call.arguments["inputs_embeds"])


@dataclass(slots=True)
class Clock:
    """Seconds of each round, by the wall and by the processor."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def start_round(self) -> None:
        self.wall.append(0.0)
        self.processor.append(0.0)

    def time(self, work: Callable[[], object]) -> None:
        wall, processor = time.perf_counter(), time.process_time()
        work()
        self.wall[-1] += time.perf_counter() - wall
        self.processor[-1] += time.process_time() - processor


@dataclass(frozen=True, slots=True)
class Race:
    """One pass of ours against the bare loop."""

    name: str
    tokens: int
    ours: Clock
    loop: Clock

    def line(self) -> str:
        ratios = np.array(self.loop.wall) / np.array(self.ours.wall)
        steady = np.median(np.array(self.loop.processor) / np.array(self.ours.processor))
        rates = [self.tokens / float(np.median(clock.wall)) for clock in (self.ours, self.loop)]
        return (
            f"| {self.name} | {rates[0]:,.0f} | {rates[1]:,.0f} | {np.median(ratios):.3f} | "
            f"{ratios.min():.3f} - {ratios.max():.3f} | {steady:.3f} | {BAR} |"
        )


def race(
    name: str, classifier: TextClassifier, texts: Sequence[str], work: Callable[[list[str]], object], n: int
) -> Race:
    """`work` on slices of the texts in turns with the bare loop over the batches that it makes, `n` rounds."""
    ours, loop, heats = Clock(), Clock(), []
    for start in range(0, len(texts), SLICE):
        some = list(texts[start : start + SLICE])
        with recorded(classifier.model) as calls:
            work(some)
        heats.append((some, embedded(calls, table_of(classifier))))
    for turn in range(n):
        ours.start_round()
        loop.start_round()
        for some, calls in heats:
            sides = [(ours, lambda some=some: work(some)), (loop, lambda calls=calls: bare(classifier.model, calls))]
            for clock, run in sides if turn % 2 else reversed(sides):
                clock.time(run)
    return Race(name, sum(call.tokens for _, calls in heats for call in calls), ours, loop)


@dataclass(frozen=True, slots=True)
class Ends:
    """A text embedded, and its baseline: the mask at every token of the text itself."""

    inputs: Tensor
    baselines: Tensor
    ids: Tensor
    free: Tensor
    mask: Tensor


def ends(classifier: TextClassifier, text: str) -> Ends:
    encoded = classifier.tokenizer(text, truncation=True, return_tensors="pt", return_special_tokens_mask=True)
    ids, free = encoded["input_ids"], ~encoded["special_tokens_mask"].bool()
    table = table_of(classifier)
    masked = torch.where(free, classifier.tokenizer.mask_token_id, ids)
    return Ends(table[ids], table[masked], ids, free, encoded["attention_mask"])


def reference(classifier: TextClassifier, text: str, target: int, points: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Integrated gradients of one text by a Gauss-Legendre rule."""
    at = ends(classifier, text)
    nodes, weights = np.polynomial.legendre.leggauss(points)
    total = torch.zeros_like(at.inputs[0], dtype=torch.float64)
    for some, share in zip(np.array_split((nodes + 1) / 2, 4), np.array_split(weights / 2, 4), strict=True):
        place = torch.tensor(some, dtype=torch.float32)[:, None, None]
        path = (at.baselines + place * (at.inputs - at.baselines)).requires_grad_()
        logits = classifier.model(inputs_embeds=path, attention_mask=at.mask.expand(len(some), -1)).logits
        (gradients,) = torch.autograd.grad(logits[:, target].sum(), path)
        total += (torch.tensor(share)[:, None, None] * gradients.double()).sum(0)
    return np.asarray(((at.inputs - at.baselines)[0].double() * total).sum(-1).numpy())


def captum_scores(classifier: TextClassifier, text: str, target: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """captum's LayerIntegratedGradients at its defaults, one text at a time."""
    from captum.attr import LayerIntegratedGradients

    at, model = ends(classifier, text), cast(Any, classifier.model)

    def forward(ids: Tensor, mask: Tensor) -> Tensor:
        logits: Tensor = model(input_ids=ids, attention_mask=mask).logits
        return logits

    method = LayerIntegratedGradients(forward, model.get_input_embeddings())
    masked = torch.where(at.free, classifier.tokenizer.mask_token_id, at.ids)
    found = method.attribute(at.ids, masked, target=target, additional_forward_args=(at.mask,))
    return np.asarray(found[0].sum(-1).detach().double().numpy())


def distance(scores: np.ndarray[Any, Any], exact: np.ndarray[Any, Any]) -> float:
    """Token L1 error, relative to the reference."""
    return float(np.abs(scores - exact).sum() / np.abs(exact).sum())


def exactness_line(name: str, spent: Sequence[int], errors: Sequence[float]) -> str:
    median, tail, worst = np.quantile(errors, [0.5, 0.9, 1.0])
    return (
        f"| {name} | {np.mean(spent):.1f} | {np.quantile(spent, 0.9):.0f} | {median:.2%} | {tail:.2%} | {worst:.2%} |"
    )


def exactness(classifier: TextClassifier, texts: list[str], points: int, with_captum: bool) -> None:
    """Prints the error of the scores against the reference, and how many gradients they cost."""
    found: list[Attribution] = classifier.explain(texts, baseline="mask")
    exact = [reference(classifier, one.text, one.target_index, points) for one in found]
    print(f"\n| token L1 error against {points} points | gradients a text | p90 | median | p90 | worst |")
    print("| --- | --- | --- | --- | --- | --- |")
    errors = [distance(one.scores, truth) for one, truth in zip(found, exact, strict=True)]
    print(exactness_line("integrated_gradients", [one.evaluations for one in found], errors))
    print(f"not converged: {sum(not one.converged for one in found)} of {len(found)}", flush=True)
    if with_captum:
        against_captum(classifier, found, exact)


def against_captum(
    classifier: TextClassifier, found: Sequence[Attribution], exact: Sequence[np.ndarray[Any, Any]]
) -> None:
    """Prints the error of captum at its defaults, and how many times longer it takes."""
    ours, theirs, errors = Clock(), Clock(), []
    ours.start_round()
    theirs.start_round()
    for start in range(0, len(found), SLICE):
        some = found[start : start + SLICE]
        ours.time(lambda some=some: classifier.explain([one.text for one in some], baseline="mask"))  # type: ignore[misc]
        scores: list[np.ndarray[Any, Any]] = []
        theirs.time(
            lambda some=some, scores=scores: scores.extend(  # type: ignore[misc]
                captum_scores(classifier, one.text, one.target_index) for one in some
            )
        )
        errors += [distance(one, truth) for one, truth in zip(scores, exact[start : start + SLICE], strict=True)]
    print(exactness_line("captum at its defaults", [50] * len(found), errors))
    print(f"captum at its defaults takes {theirs.wall[0] / ours.wall[0]:.1f} times as long")


def main() -> None:
    chosen = arguments()
    torch.set_num_threads(chosen.threads)
    classifier = TextClassifier.from_pretrained(chosen.model, batch_tokens=chosen.batch_tokens, device="cpu")
    rows = load_rows(chosen.data, labels=classifier.labels, split=chosen.split).examples
    texts = list(dict.fromkeys(row.text for row in rows))
    few, many = texts[: chosen.texts], texts[: 5 * chosen.texts]
    classifier.explain(few[:2])  # the self-test runs once, outside of the race
    print(f"{chosen.threads} threads, {len(few)} texts explained, {len(many)} predicted, {chosen.rounds} rounds\n")
    print("| pass | tokens/s | bare loop, tokens/s | ratio | of the rounds | by processor time | bar |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    print(race("attribution (explain)", classifier, few, classifier.explain, chosen.rounds).line(), flush=True)
    print(race("intervention (predict)", classifier, many, classifier.predict, chosen.rounds).line(), flush=True)
    if chosen.reference:
        exactness(classifier, few, chosen.reference, chosen.captum)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a folder with a model of the BERT family")
    parser.add_argument("data", help="rows, as `token-saliency audit` reads them")
    parser.add_argument("--split")
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch-tokens", type=int)
    parser.add_argument("--reference", type=int, default=64, help="points of the reference; 0 leaves the errors out")
    parser.add_argument("--captum", action="store_true", help="compares with captum at its defaults")
    return parser.parse_args()


if __name__ == "__main__":
    main()

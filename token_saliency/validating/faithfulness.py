"""Faithfulness by removal: what the output loses without the tokens that the method names.

Samek et al. 2017 (perturbation), DeYoung et al. 2020 (comprehensiveness, sufficiency, AOPC). A removed token makes a
text that the model may never have seen, so there are two operators, and every number stands beside random orders of
the same tokens in the same texts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from token_saliency.errors import OptionError
from token_saliency.results import Attribution, Step
from token_saliency.stats.estimate import Floats
from token_saliency.stats.ranks import free_places
from token_saliency.stats.sampling import generator
from token_saliency.text.function.removal import Removal
from token_saliency.validating.subject import Subject
from token_saliency.validating.verdict import CheckOutcome, NotRun, above_zero, all_of, interval_of, said, shown

SHARES = (0.01, 0.05, 0.10, 0.20, 0.50)
"""Bins of DeYoung et al. 2020; of a short text the smaller ones are one token."""
PERTURBED = 0.20
RANDOM_ORDERS = 3

Order = list[int]
Key = tuple[int, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Orders:
    """The tokens of one text from the first that goes to the last."""

    ranked: Order
    reverse: Order
    random: list[Order]


@dataclass(frozen=True, slots=True)
class Losses:
    """What the output lost [n] (in probability; of a regression head in its standard deviations)."""

    ranked: Floats
    reverse: Floats
    random: Floats


Gone = Callable[[Order, int], frozenset[int]]
"""`(order, k) -> places that go`."""


def highest(order: Order, k: int) -> frozenset[int]:
    """Comprehensiveness: the first k tokens go."""
    return frozenset(order[:k])


def all_but_highest(order: Order, k: int) -> frozenset[int]:
    """Sufficiency: only the first k tokens stay."""
    return frozenset(order[k:])


def perturbation(operator: Removal) -> Callable[[Subject], CheckOutcome]:
    """Whether the top tokens cost more than random ones, and those more than the lowest."""

    def run(subject: Subject) -> CheckOutcome:
        (losses,) = measured(subject, operator, highest, [PERTURBED])
        gaps = [
            ("highest - random", subject.mean(losses.ranked - losses.random)),
            ("random - lowest", subject.mean(losses.random - losses.reverse)),
        ]
        name, least = min(gaps, key=lambda gap: (interval_of(gap[1]) or (gap[1].effect,))[0])
        passed = all_of(above_zero(gap) for _, gap in gaps)
        means = {"highest": losses.ranked, "random": losses.random, "lowest": losses.reverse}
        costs = ", ".join(f"{which} {values.mean():+z.3f}" for which, values in means.items())
        seen = f"the {PERTURBED:.0%} tokens cost: {costs}; smaller gap, {name}: {shown(interval_of(least))}"
        steps = [
            Step(which, float(values.mean()), interval_of(subject.mean(values))) for which, values in means.items()
        ]
        steps += [Step(which, gap.effect, interval_of(gap)) for which, gap in gaps]
        return CheckOutcome(said(passed, seen), least.effect, interval_of(least), 0.0, passed, steps)

    return run


def comprehensiveness(operator: Removal) -> Callable[[Subject], CheckOutcome]:
    """Mean loss over the bins without the top tokens, above that of random orders."""

    def run(subject: Subject) -> CheckOutcome:
        return _aopc(subject, measured(subject, operator, highest, SHARES), +1)

    return run


def sufficiency(operator: Removal) -> Callable[[Subject], CheckOutcome]:
    """Mean loss over the bins with the top tokens alone, below that of random orders."""

    def run(subject: Subject) -> CheckOutcome:
        return _aopc(subject, measured(subject, operator, all_but_highest, SHARES), -1)

    return run


def _aopc(subject: Subject, bins: list[Losses], sign: int) -> CheckOutcome:
    """`sign` is +1 where losing more is better."""
    ranked = np.mean([one.ranked for one in bins], axis=0)
    random = np.mean([one.random for one in bins], axis=0)
    gain = subject.mean(sign * (ranked - random))
    passed = above_zero(gain)
    seen = f"AOPC {ranked.mean():+z.3f}, of random orders {random.mean():+z.3f}; better by {shown(interval_of(gain))}"
    return CheckOutcome(
        said(passed, seen), gain.effect, interval_of(gain), 0.0, passed, list(_bin_steps(subject, bins))
    )


def _bin_steps(subject: Subject, bins: list[Losses]) -> Iterator[Step]:
    for share, losses in zip(SHARES, bins, strict=True):
        for name, values in (("method", losses.ranked), ("random", losses.random)):
            estimate = subject.mean(values)
            yield Step(f"{share:.0%} of the tokens, {name}", estimate.effect, interval_of(estimate))


def measured(subject: Subject, operator: Removal, gone: Gone, shares: Sequence[float]) -> list[Losses]:
    """For each share the losses [n]: every distinct variant of a text is asked once, in one stream."""
    orders = [_orders(one, subject.asked.seed) for one in subject.found]
    asked = {
        (row, gone(order, _count(order, share))): 0.0
        for row, each in enumerate(orders)
        for share in shares
        for order in (each.ranked, each.reverse, *each.random)
    }
    known = _values(subject, operator, list(asked))
    return [_losses(orders, gone, share, known) for share in shares]


def _losses(orders: list[Orders], gone: Gone, share: float, known: dict[Key, float]) -> Losses:
    def of(row: int, order: Order) -> float:
        return known[row, gone(order, _count(order, share))]

    return Losses(
        np.array([of(row, each.ranked) for row, each in enumerate(orders)]),
        np.array([of(row, each.reverse) for row, each in enumerate(orders)]),
        np.array([np.mean([of(row, order) for order in each.random]) for row, each in enumerate(orders)]),
    )


def _values(subject: Subject, operator: Removal, asked: list[Key]) -> dict[Key, float]:
    """What the explained class loses by each variant."""
    texts, targets = subject.texts, [one.target_index for one in subject.found]
    try:
        after = subject.classifier.predict_without(
            [texts[row] for row, _ in asked], [sorted(gone) for _, gone in asked], operator
        ).probabilities
    except OptionError as error:  # no mask token, no mask
        raise NotRun(str(error)) from error
    before = subject.predictions.probabilities
    unit = _unit(subject)
    return {
        (row, gone): float(before[row, targets[row]] - one[targets[row]]) / unit
        for (row, gone), one in zip(asked, after, strict=True)
    }


def _unit(subject: Subject) -> float:
    """1 for probabilities; the numbers of a regression head are told in their standard deviation."""
    if subject.classifier.head.kind != "regression":
        return 1.0
    return float(subject.predictions.probabilities.std()) or 1.0


def _count(order: Order, share: float) -> int:
    return min(len(order), max(1, math.ceil(share * len(order) - 1e-9)))


def _orders(attribution: Attribution, seed: int) -> Orders:
    """By the scores; equal scores in the order of the text."""
    places, scores = free_places(attribution), attribution.scores
    ranked = sorted(places, key=lambda i: -scores[i])
    draw = generator("orders", seed, attribution.text, attribution.text_pair)
    random = [[places[i] for i in draw.permutation(len(places))] for _ in range(RANDOM_ORDERS)]
    return Orders(ranked, ranked[::-1], random)

"""Parameters made random from the head down: scores that stay were never about what the model has learned.

Adebayo et al. 2018, Sanity Checks for Saliency Maps. The caller's model is not touched: one copy is made and changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from token_saliency.results import Step
from token_saliency.stats.estimate import Estimate
from token_saliency.stats.ranks import Likeness, likeness
from token_saliency.stats.sampling import content_hash
from token_saliency.text.classifier import TextClassifier
from token_saliency.validating.subject import Subject
from token_saliency.validating.verdict import CheckOutcome, NotRun, below, interval_of, said, shown

_BLOCK = re.compile(r"^(?:[^.]+\.)*?\d+(?=\.|$)")
_DEPTH = 2
"""`bert.pooler.dense` belongs to `bert.pooler`: what has no number is a part of its own to this depth."""

Part = tuple[str, list[Tensor]]


def parts_from_head(model: nn.Module, run: Callable[[], object]) -> list[Part]:
    """The parameters of each block, the one that runs last first; what never runs comes at the end.

    `run` makes one forward pass.
    """
    ran = list(dict.fromkeys(block_of(name) for name in _running(model, run)))
    blocks: dict[str, list[Tensor]] = {name: [] for name in reversed(ran)}
    for name, parameter in model.named_parameters():  # a tied parameter is listed once
        if parameter.is_floating_point():
            blocks.setdefault(block_of(name.rpartition(".")[0]), []).append(parameter)
    return [(name or "the rest", found) for name, found in blocks.items() if found]


def block_of(module: str) -> str:
    """`bert.encoder.layer.3` for whatever is inside; else the first two names."""
    numbered = _BLOCK.match(module)
    return numbered[0] if numbered else ".".join(module.split(".")[:_DEPTH])


def _running(model: nn.Module, run: Callable[[], object]) -> list[str]:
    """Names of the modules that hold parameters, in the order of their first call."""
    names: dict[str, None] = {}
    with ExitStack() as stack:
        for name, module in model.named_modules():
            if any(True for _ in module.parameters(recurse=False)):
                stack.callback(module.register_forward_pre_hook(_noting(names, name)).remove)
        run()
    return list(names)


def _noting(names: dict[str, None], name: str) -> Callable[[nn.Module, object], None]:
    def note(_module: nn.Module, _inputs: object) -> None:
        names.setdefault(name)

    return note


@torch.no_grad()
def randomise(parameters: Sequence[Tensor], generator: torch.Generator) -> None:
    """Normal noise with the mean and spread that each parameter has: the scale of every layer stays what it was."""
    for parameter in parameters:
        values = parameter.float()
        mean, spread = float(values.mean()), float(values.std(correction=0))
        parameter.normal_(mean, spread, generator=generator)


ROWS = 24
LOOKS = 5
"""The scores are looked at after so many of the parts, the first and the last among them."""
LIKE = 0.3
"""Rankings with a smaller correlation share less than a tenth of their variance (0.3 squared is .09)."""


def parameter_randomisation(subject: Subject) -> CheckOutcome:
    """The cascade; the verdict is on the wholly random model."""
    original, some = subject.network(), subject.first(ROWS)
    with copied(subject, original) as copy:
        with copy.session():
            parts = parts_from_head(copy.model, lambda: copy.class_logits(some.texts[:1]))
        looks = looked_at(len(parts))
        steps: list[Step] = []
        for done, part in enumerate(parts, start=1):
            randomise(part[1], _generator(subject.asked.seed, part))
            if done in looks:
                alike = likeness(some.found, some.again(copy))
                steps += _steps(some, f"{done} of {len(parts)}: down to {part[0]}", alike)
    return _outcome(some, alike, steps)


def looked_at(parts: int) -> set[int]:
    """After how many parts the scores are looked at."""
    return {int(i) for i in np.linspace(1, parts, min(LOOKS, parts)).round()}


@contextmanager
def copied(subject: Subject, original: TextClassifier) -> Iterator[TextClassifier]:
    """A copy of the model, whose cost is charged; nothing holds it afterwards."""
    try:
        copy = original.copy()
    except (RuntimeError, TypeError, NotImplementedError) as error:  # out of memory, or weights that cannot be copied
        said_ = str(error).splitlines() or [type(error).__name__]
        raise NotRun(f"the model cannot be copied: {said_[0]}") from error
    copy.model.zero_grad(set_to_none=True)
    try:
        yield copy
    finally:
        subject.charge(copy)


def _generator(seed: int, part: Part) -> torch.Generator:
    device = part[1][0].device
    number = int(content_hash("randomise", seed, part[0])[:12], 16)
    return torch.Generator(device).manual_seed(number)


def larger(subject: Subject, alike: Likeness) -> Estimate:
    """The mean correlation that is farther from 0, as a size: of the scores, or of their absolute values."""
    means = [subject.mean(alike.signed), subject.mean(alike.absolute)]
    chosen = max(means, key=lambda mean: abs(mean.effect))
    return Estimate(abs(chosen.effect), chosen.se, chosen.df)


def _steps(subject: Subject, name: str, alike: Likeness) -> list[Step]:
    both = (("scores", alike.signed), ("absolute scores", alike.absolute))
    found = [(which, subject.mean(values)) for which, values in both if subject.signed or which == "scores"]
    return [Step(f"{name}, {which}", mean.effect, interval_of(mean)) for which, mean in found]


def _outcome(subject: Subject, alike: Likeness, steps: list[Step]) -> CheckOutcome:
    left = larger(subject, alike)
    passed = below(left, LIKE)
    first = f"{steps[0].value:+z.2f} with the head random" if steps else "nothing"
    seen = f"rank correlation {first}, {left.effect:.2f} {shown(interval_of(left))} in size with every parameter random"
    return CheckOutcome(said(passed, seen), left.effect, interval_of(left), LIKE, passed, steps)

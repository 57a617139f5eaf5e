"""The parts of a network in the order in which they run, and how a part is made random."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack

import torch
from torch import Tensor, nn

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

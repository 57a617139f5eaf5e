"""The bare loop: exactly the batches that a call made, forward, and backward where gradients were asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


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


def calls_of(model: torch.nn.Module, work: Callable[[], object]) -> list[Call]:
    """The batches of some work, vectors in place of ids where gradients are asked for: only the model is left to do."""
    with recorded(model) as calls:
        work()
    return [Call(_embedded(model, call), call.gradient) for call in calls]


def _embedded(model: Any, call: Call) -> dict[str, Any]:
    given = dict(call.arguments)
    if call.gradient:
        table: Tensor = model.get_input_embeddings().weight.detach()
        given["inputs_embeds"] = table[given.pop("input_ids")].requires_grad_()
    return given


def bare(model: torch.nn.Module, calls: Sequence[Call]) -> None:
    """The least that can be done with these batches."""
    for call in calls:
        with torch.set_grad_enabled(call.gradient):
            logits = model(**call.arguments).logits
        if call.gradient:
            torch.autograd.grad(logits[:, 0].sum(), call.arguments["inputs_embeds"])

"""Where a model turns token ids into vectors, and how other vectors are put in their place.

`get_input_embeddings()` is not asked: on BART, T5 and others it is a module that is never called. The
embedding is the module that is seen to receive the ids of the input in a real forward pass, and whose
output is its weight at those ids (learned positions receive the ids too on BART, but ignore them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from token_saliency.core.hooks import own_calls
from token_saliency.errors import ModelError

_CHUNK = 8192
_SAME_DIRECTION = 0.99
"""Cosine of output and weight row: 1 for a plain or scaled embedding, a little less for a quantised one."""


@dataclass(frozen=True, slots=True)
class Embedding:
    """The call that turns the input ids into vectors.

    call        which call of the module in one forward pass (T5 calls the same module for its decoder again)
    time_major  the output is [T, B, D] (XLNet)
    hits        how many calls, of any module, turned the input ids into vectors: 1 on a model that we understand
    """

    module: nn.Module
    name: str
    call: int
    time_major: bool
    hits: int

    @property
    def dtype(self) -> torch.dtype:
        """What the model computes in."""
        return _weight(self.module).dtype

    @property
    def width(self) -> int:
        """D, which need not be the hidden size of the model."""
        return _weight(self.module).shape[1]

    @property
    def size(self) -> int:
        """How many ids it has vectors for."""
        return len(_weight(self.module))

    def vectors(self, ids: Tensor) -> Tensor:
        """The model's own vectors [..., D] of some ids, never in less than float32."""
        with torch.no_grad():
            vectors: Tensor = _first(self.module(ids))
        return vectors.to(torch.promote_types(vectors.dtype, torch.float32))

    def mean_vector(self) -> Tensor:
        """The mean [D] over the vocabulary."""
        size, device = self.size, _weight(self.module).device
        sums = [
            self.vectors(torch.arange(at, min(size, at + _CHUNK), device=device)).double().sum(0)
            for at in range(0, size, _CHUNK)
        ]
        return (torch.stack(sums).sum(0) / size).float()

    @contextmanager
    def replaced(self, points: Tensor, real: Tensor) -> Iterator[None]:
        """Inside the block, one forward pass reads points [N, T, D] where real [N, T], its own vectors at padding."""
        calls = 0

        def replace(_module: nn.Module, _args: Any, output: Any) -> Any:
            nonlocal calls
            calls += 1
            return self._substitute(output, points, real) if calls == self.call + 1 else None

        handle = self.module.register_forward_hook(own_calls(replace))
        try:
            yield
        finally:
            handle.remove()
        if calls <= self.call:
            raise ModelError(f"{self.name} was not called in this forward pass; the model's path depends on its input.")

    def _substitute(self, output: Any, points: Tensor, real: Tensor) -> Any:
        own = _first(output).detach()
        own = own.transpose(0, 1) if self.time_major else own
        inside, beyond = own[:, : real.shape[1]], own[:, real.shape[1] :]  # Longformer pads to its window
        # a new tensor: CTRL edits it in place
        new = torch.where(real[..., None], points.to(own.dtype), inside)
        new = torch.cat([new, beyond], dim=1) if beyond.shape[1] else new
        new = new.transpose(0, 1) if self.time_major else new
        return (new, *output[1:]) if isinstance(output, tuple) else new


@dataclass(frozen=True, slots=True)
class EmbeddingTrace:
    """What one forward pass showed: the embedding (None: there is none), and how many positions the model has."""

    embedding: Embedding | None
    positions: int | None


def trace(model: nn.Module, run: Callable[[], object], ids: Tensor) -> EmbeddingTrace:
    """Watches one forward pass over ids [1, T], T >= 2, all distinct where possible."""
    found: list[Embedding] = []
    limits: list[int] = []
    calls: dict[str, int] = {}

    def watch(name: str, module: nn.Module, read: Tensor, output: Any) -> None:
        calls[name] = calls.get(name, -1) + 1
        time_major = _layout(read, ids)
        if time_major is not None and _looks_up(module, read, output):
            found.append(Embedding(module, name, calls[name], time_major, 1))
        elif time_major is None:
            limits.extend(_positions(module, read, output, ids.shape[1]))

    with _watched(model, watch):
        run()
    first = found[0] if found else None
    embedding = first and Embedding(first.module, first.name, first.call, first.time_major, len(found))
    return EmbeddingTrace(embedding, min(limits, default=None))


@contextmanager
def _watched(model: nn.Module, watch: Callable[[str, nn.Module, Tensor, Any], None]) -> Iterator[None]:
    """Inside the block `watch(name, module, ids, output)` hears of each look-up in a table."""
    with ExitStack() as stack:
        for name, module in model.named_modules():
            if isinstance(getattr(module, "weight", None), Tensor) and _weight(module).ndim == 2:
                stack.callback(module.register_forward_hook(own_calls(_hook(name, watch)), with_kwargs=True).remove)
        yield


def _hook(name: str, watch: Callable[[str, nn.Module, Tensor, Any], None]) -> Callable[..., None]:
    def hook(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        read = next((value for value in (*args, *kwargs.values()) if isinstance(value, Tensor)), None)
        if read is not None and not read.is_floating_point() and read.ndim in (1, 2):
            watch(name, module, read, output)

    return hook


def _layout(read: Tensor, ids: Tensor) -> bool | None:
    """Whether the ids that a module reads are the input ids time-major; None where they are not the input ids."""
    length = ids.shape[1]
    if read.ndim == 2 and len(read) == 1 and torch.equal(read[:, :length], ids):
        return False
    if read.ndim == 2 and read.shape[1] == 1 and torch.equal(read[:length].T, ids):
        return True
    return None


def _looks_up(module: nn.Module, read: Tensor, output: Any) -> bool:
    if not _is_table(module, read, output):
        return False
    own = _weight(module)[read].float()
    cosine = torch.cosine_similarity(_first(output).float(), own, dim=-1)
    return bool((cosine[own.norm(dim=-1) > 0] > _SAME_DIRECTION).all())


def _is_table(module: nn.Module, read: Tensor, output: Any) -> bool:
    """Whether a row of the weight, or something of its shape, is given for each id (I-BERT has a class of its own)."""
    vectors, weight = _first(output), _weight(module)
    if not isinstance(vectors, Tensor) or vectors.shape != (*read.shape, weight.shape[1]):
        return False
    return int(read.max()) < len(weight)


def _positions(module: nn.Module, read: Tensor, output: Any, length: int) -> list[int]:
    """How long a row may be, if the module looks up running positions (they start at 2 on RoBERTa: [2, 3, 4, ...])."""
    running = read.reshape(-1)[:length]
    if not _is_table(module, read, output) or read.numel() > max(read.shape) or len(running) < length:
        return []
    if not torch.equal(running, running[0] + torch.arange(length, device=running.device)):
        return []
    return [len(_weight(module)) - int(running[0])]


def _first(output: Any) -> Any:
    """I-BERT returns the vectors and their scale."""
    return output[0] if isinstance(output, tuple) else output


def _weight(module: nn.Module) -> Tensor:
    weight = module.weight
    if not isinstance(weight, Tensor):
        raise ModelError(f"{type(module).__name__} has no weight table.")
    return weight

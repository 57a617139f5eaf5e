"""Where a model turns token ids into vectors, and how other vectors are put in their place.

`get_input_embeddings()` is not asked: on BART, T5 and others it is a module that is never called. The
embedding is the module that is seen to receive the ids of the input in a real forward pass, and whose
output is its weight at those ids (learned positions receive the ids too on BART, but ignore them). Where the
self-test finds that this is not all that becomes of the ids (an adapter on the embedding, two tables), the modules
around it are tried: `EmbeddingTrace.others`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
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
    size        how many ids it has vectors for
    width       D, which need not be the hidden size of the model
    dtype       what the model computes in
    """

    module: nn.Module
    name: str
    call: int
    time_major: bool
    hits: int
    size: int
    width: int
    dtype: torch.dtype

    def by_id(self, ids: Tensor) -> bool:
        """Whether the vector of each of the ids [1, T] is the same wherever it stands: no position is in it."""
        read, axis = (ids.T, 0) if self.time_major else (ids, 1)
        try:
            one, other = (_first(self.module(each)).float() for each in (read, read.flip(axis)))
        except (ValueError, RuntimeError, TypeError, IndexError, AttributeError):
            return False  # it needs more than ids
        return one.ndim == 3 and torch.allclose(one, other.flip(axis), rtol=1e-4, atol=1e-4 * float(one.abs().max()))

    def vectors(self, ids: Tensor) -> Tensor:
        """The model's own vectors [..., D] of some ids, never in less than float32."""
        with torch.no_grad():
            vectors: Tensor = _first(self.module(ids))
        return vectors.to(torch.promote_types(vectors.dtype, torch.float32))

    def mean_vector(self, device: torch.device) -> Tensor:
        """The mean [D] over the vocabulary, whose ids go to a device."""
        size = self.size
        sums = [
            self.vectors(torch.arange(at, min(size, at + _CHUNK), device=device)[None])[0].double().sum(0)
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
    """What one forward pass showed: the embedding (None: there is none), and how many positions the model has.

    `others` are what else gave a vector for each id: look-ups after the first, and modules around one, the inner first.
    """

    embedding: Embedding | None
    positions: int | None
    others: list[Embedding]


def trace(model: nn.Module, run: Callable[[], object], ids: Tensor) -> EmbeddingTrace:
    """Watches one forward pass over ids [1, T], T >= 2, all distinct where possible."""
    found: list[Embedding] = []
    around: list[Embedding] = []
    limits: list[int] = []
    calls: dict[str, int] = {}

    def watch(name: str, module: nn.Module, read: Tensor, output: Any) -> None:
        calls[name] = calls.get(name, -1) + 1
        time_major, vectors = _layout(read, ids), _first(output)
        if time_major is None:
            limits.extend(_positions(module, read, output, ids.shape[1]))
        elif isinstance(vectors, Tensor) and vectors.is_floating_point() and vectors.shape[:-1] == read.shape:
            width = vectors.shape[-1]
            one = Embedding(module, name, calls[name], time_major, 1, _size(module, width), width, vectors.dtype)
            (found if _looks_up(module, read, output) else around).append(one)

    with _watched(model, watch):
        run()
    each = [*found, *(one for one in around if one.size)]
    each = [replace(one, hits=1 + sum(_apart(one, other) for other in found if other is not one)) for one in each]
    return EmbeddingTrace(each[0] if found else None, min(limits, default=None), each[1 if found else 0 :])


def _apart(one: Embedding, other: Embedding) -> bool:
    """Whether neither module is a part of the other (an adapter looks up through its base)."""
    return not (one.name.startswith(f"{other.name}.") or other.name.startswith(f"{one.name}."))


@contextmanager
def _watched(model: nn.Module, watch: Callable[[str, nn.Module, Tensor, Any], None]) -> Iterator[None]:
    """Inside the block `watch(name, module, ids, output)` hears of each call with ids [B, T] or [T]."""
    with ExitStack() as stack:
        for name, module in model.named_modules():
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
    weight = _table(module, read, output)
    if weight is None:
        return False
    if weight.is_meta:  # offloaded: it comes for the length of a call only; `forward` meets no hook of this trace
        axis = int(read.ndim == 2 and len(read) == 1)
        turned = _first(module.forward(read.flip(axis))).flip(axis)
        return torch.allclose(_first(output), turned.to(_first(output)), rtol=1e-4)
    own = weight[read].float()
    cosine = torch.cosine_similarity(_first(output).float(), own, dim=-1)
    return bool((cosine[own.norm(dim=-1) > 0] > _SAME_DIRECTION).all())


def _table(module: nn.Module, read: Tensor, output: Any) -> Tensor | None:
    """The weight, if a row of it, or something of its shape, is given for each id (I-BERT has a class of its own)."""
    vectors, weight = _first(output), getattr(module, "weight", None)
    if not isinstance(vectors, Tensor) or not isinstance(weight, Tensor) or weight.ndim != 2:
        return None
    fits = vectors.shape == (*read.shape, weight.shape[1]) and int(read.max()) < len(weight)
    return weight if fits else None


def _positions(module: nn.Module, read: Tensor, output: Any, length: int) -> list[int]:
    """How long a row may be, if the module looks up running positions (they start at 2 on RoBERTa: [2, 3, 4, ...])."""
    running, weight = read.reshape(-1)[:length], _table(module, read, output)
    if weight is None or read.numel() > max(read.shape) or len(running) < length:
        return []
    if length < read.numel() == len(weight):  # read whole by every row: Pegasus-X's global tokens
        return []
    if not torch.equal(running, running[0] + torch.arange(length, device=running.device)):
        return []
    return [len(weight) - int(running[0])]


def _first(output: Any) -> Any:
    """I-BERT returns the vectors and their scale."""
    return output[0] if isinstance(output, tuple) else output


def _size(module: nn.Module, width: int) -> int:
    """How many ids a module has vectors of a width for; 0 where that cannot be seen."""
    own = [getattr(module, "weight", None), *module.parameters()]
    return next((len(one) for one in own if isinstance(one, Tensor) and one.ndim == 2 and one.shape[1] == width), 0)

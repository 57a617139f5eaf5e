"""Log-probabilities of some next tokens at the few places that matter, never [N, T, vocabulary].

The head of the language model is given none of the hidden states while the model runs, and a few of them at a time
afterwards, so memory grows with neither the text nor the vocabulary. Some models do something to the logits behind
their head (a soft cap, a scale): what it is is found on one batch, and where it cannot be found the model runs whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from token_saliency.core.hooks import own_calls

_FLOATS = {"cpu": 2**20}
"""Logits that are held at once: 4 MB on a CPU, and 256 MB elsewhere."""
_CLOSE = {torch.float64: 1e-9, torch.float32: 1e-5}

Run = Callable[[], Any]
"""Calls the model."""


@dataclass(frozen=True, slots=True)
class NextToken:
    """`head` is the module from hidden states to logits, `scale` and `cap` are what the model does to these behind it.

    `head` None: the logits of the whole model are read.
    """

    head: nn.Module | None = None
    scale: float = 1.0
    cap: float | None = None

    def log_probabilities(self, run: Run, places: Tensor, ids: Tensor) -> Tensor:
        """[N, L, K] of the tokens ids [K] after places [N, L]; never in less than float32."""
        return self._read(run, places, lambda logits: _log_share(logits, ids))

    def likeliest(self, run: Run, places: Tensor) -> Tensor:
        """[N, L]: the likeliest token after places [N, L]."""
        return self._read(run, places, lambda logits: logits.argmax(-1, keepdim=True))[..., 0]

    def _read(self, run: Run, places: Tensor, read: Callable[[Tensor], Tensor]) -> Tensor:
        """What `read` makes of logits [..., V] at the places: [N, L, K]."""
        if self.head is None:
            return read(_at(run().logits, places))
        with _withheld(self.head) as seen:
            run()
        hidden = _at(seen[-1], places)
        flat = hidden.reshape(-1, hidden.shape[-1])
        size = max(1, _FLOATS.get(flat.device.type, 2**26) // _width(self.head, flat))
        found = [self._piece(flat[at : at + size], read) for at in range(0, len(flat), size)]
        return torch.cat(found).reshape(*hidden.shape[:-1], -1)

    def without_logits(self, run: Run) -> Any:
        """What the model returns, its head left out."""
        if self.head is None:
            return run()
        with _withheld(self.head):
            return run()

    def _piece(self, hidden: Tensor, read: Callable[[Tensor], Tensor]) -> Tensor:
        """Computed again for the gradient: what is kept is a hidden state a row."""
        head: Any = self.head

        def whole(states: Tensor) -> Tensor:
            return read(self.behind(head(states)))

        if not (torch.is_grad_enabled() and hidden.requires_grad):
            return whole(hidden)
        found: Tensor = checkpoint(whole, hidden, use_reentrant=False, preserve_rng_state=False)
        return found

    def behind(self, logits: Tensor) -> Tensor:
        """What the model makes of the logits of its head."""
        scaled = logits if self.scale == 1 else logits * self.scale
        return scaled if self.cap is None else self.cap * torch.tanh(scaled / self.cap)


def next_token(model: Any, run: Run, places: Tensor) -> NextToken:
    """How this model is read, found on one call of it."""
    head = model.get_output_embeddings() if hasattr(model, "get_output_embeddings") else None
    if not isinstance(head, nn.Module):
        return NextToken()
    with _seen(head) as hidden:
        whole = run().logits
    if not hidden or hidden[-1].ndim != 3 or hidden[-1].shape[:2] != whole.shape[:2]:
        return NextToken()
    wanted, state = _at(whole, places), _at(hidden[-1], places)
    raw: Tensor = head(state)
    if raw.shape != wanted.shape:
        return NextToken()
    cap = getattr(getattr(model, "config", None), "final_logit_softcapping", None)
    peak = int(raw.abs().argmax())
    ratio = float(wanted.flatten()[peak] / raw.flatten()[peak])
    for one in (NextToken(head), NextToken(head, cap=cap), NextToken(head, scale=ratio)):
        if _close(one.behind(raw), wanted) and _withholds(one, run, hidden[-1]):
            return one
    return NextToken()


def _withholds(one: NextToken, run: Run, hidden: Tensor) -> bool:
    try:
        with _withheld(one.head) as seen:
            run()
        return torch.equal(seen[-1], hidden)
    except (ValueError, RuntimeError, IndexError):
        return False


def _close(one: Tensor, other: Tensor) -> bool:
    allowed = _CLOSE.get(other.dtype, 1e-2) * float(other.abs().max().clamp(min=1))
    return bool(torch.isfinite(one).all()) and float((one - other).abs().max()) <= allowed


def _at(values: Tensor, places: Tensor) -> Tensor:
    """[N, T, ...] -> [N, L, ...]."""
    return values[torch.arange(len(values), device=values.device)[:, None], places]


def _log_share(logits: Tensor, ids: Tensor) -> Tensor:
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    return logits[..., ids] - logits.logsumexp(-1, keepdim=True)


def _width(head: Any, flat: Tensor) -> int:
    weight = getattr(head, "weight", None)
    return len(weight) if isinstance(weight, Tensor) else flat.shape[-1]


@contextmanager
def _withheld(head: Any) -> Iterator[list[Tensor]]:
    """Inside the block the head gets no state; yields those it would have got."""
    seen: list[Tensor] = []

    def hook(_module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
        states, *rest = args
        seen.append(states)
        return (states[:, :0], *rest), kwargs

    handle = head.register_forward_pre_hook(own_calls(hook), with_kwargs=True)
    try:
        yield seen
    finally:
        handle.remove()


@contextmanager
def _seen(head: nn.Module) -> Iterator[list[Tensor]]:
    seen: list[Tensor] = []
    handle = head.register_forward_pre_hook(own_calls(lambda _module, args: seen.append(args[0])))
    try:
        yield seen
    finally:
        handle.remove()

"""Whether the model reads positions from a table, and how long a row that lets be.

The config's `max_position_embeddings` says how long rows were in training. Where positions are relative or rotary the
model takes longer ones; only a table ends. It is seen at work, whatever it is called: running numbers pick its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from token_saliency.shared.state import lock_of
from token_saliency.text.encoding import Row
from token_saliency.text.model.network import Network
from token_saliency.text.model.placed import uncompiled

_TRIED = 8192
"""A longer row is not tried: it takes seconds."""


def positions_of(network: Network, rows: Sequence[Row], said: int | None, wanted: int | None) -> int | None:
    """A first look at the model (`Network.look`), and how long a row may be, seen with a few rows.

    None: there is no table, and rows as long as `wanted` are taken. `said`, what the config says, is the answer for a
    model that cannot be watched or refuses longer rows.
    """
    watch = _Watch(len(rows[0].ids))
    try:
        with uncompiled(), watch:
            found = network.look(rows[0]).positions
    except Exception:  # compiled and offloaded models refuse to be watched
        found, watch.limits = network.look(rows[0]).positions, set()
    if found and watch.limits == {found}:
        return found
    limits = (found, _table_limit(network, rows, said, wanted))
    return min((one for one in limits if one is not None and one > 0), default=None)


def _table_limit(network: Network, rows: Sequence[Row], said: int | None, wanted: int | None) -> int | None:
    """The limit by tables that no module looks up."""
    found: list[set[int]] = []
    try:
        for row in rows:
            watch = _Watch(len(row.ids))
            _run(network, row, watch)
            found.append(watch.limits)
        limits = set.intersection(*found)  # what only one row shows is a chance
        if not limits and said and wanted and said < wanted and said < _TRIED and network.device.type == "cpu":
            places = np.arange(said + 1) % len(rows[-1].ids)
            _run(network, Row(rows[-1].ids[places], rows[-1].types[places]), nullcontext())
    except Exception:  # compiled and offloaded models refuse to be watched, others (MPT, Reformer) a longer row
        return said
    return min(limits, default=None)


def _run(network: Network, row: Row, watch: AbstractContextManager[object]) -> None:
    batch = network.batch([row])
    with network.session(), lock_of(network.model), network.switches.held(batch.ids.shape[1]), uncompiled(), watch:
        network.output(batch)


class _Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]  # as torch has it
    """Notes how long a row may be by each look-up of one row per token, at running places."""

    def __init__(self, length: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.limits: set[int] = set()
        self._length = length

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = _picked(getattr(func, "overloadpacket", None), args)
        if found is not None and found[0].is_floating_point():
            self._note(*found)
        return func(*args, **(kwargs or {}))

    def _note(self, table: Tensor, places: Tensor, dim: int) -> None:
        flat, size = places.reshape(-1)[: self._length], table.shape[dim]  # Longformer pads to its window
        if places.numel() != max(places.shape, default=0) or len(flat) < self._length or size <= self._length:
            return
        if flat.is_floating_point() or flat.is_meta or len(flat) < places.numel() == size:  # read whole by every row
            return
        whole, first = places.reshape(-1), int(flat[0])
        if torch.equal(flat, first + torch.arange(len(flat), device=flat.device, dtype=flat.dtype)):
            counted = len(whole) if bool((whole.diff() == 1).all()) else len(flat)
            self.limits.add(size - first - (counted - len(flat)))  # a learned prompt in front takes some


def _picked(func: Any, args: Any) -> tuple[Tensor, Tensor, int] | None:
    """The table, the places that are read of it, and along which axis."""
    aten = torch.ops.aten
    if func is aten.embedding:
        return args[0], args[1], 0
    if func is aten.index_select:
        return args[0], args[2], args[1]
    if func is aten.index and len(args[1]) and args[1][0] is not None and all(one is None for one in args[1][1:]):
        return args[0], args[1][0], 0
    if func is aten.gather and args[1] == 1 and args[2].ndim == 3 and bool((args[2] == args[2][..., :1]).all()):
        return args[0], args[2][..., 0], 1
    if func is aten.slice and isinstance(args[0], torch.nn.Parameter):
        dim, start, end = (*args[1:], 0, 0, 0)[:3]
        size = args[0].shape[dim]
        return args[0], torch.arange(start or 0, min(size if end is None else end, size)), dim
    return None

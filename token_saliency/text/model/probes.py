"""Whether the function that is explained is the model: two short rows of one length, and what is put under what."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import Tensor

from token_saliency.core.hooks import own_calls
from token_saliency.text.encoding import Row, RowMaker, Text
from token_saliency.text.model.network import Batch, Network

_SPARE = 1000
"""So many ids of the vocabulary are looked through for one that the probe does not have."""


@dataclass(frozen=True, slots=True)
class Probes:
    """Three rows of one length with the same special tokens: a text, other words in its place, masks (if there are)."""

    text: Row
    other: Row
    masks: Row | None
    words: Tensor

    @property
    def rows(self) -> list[Row]:
        """All that there are."""
        return [self.text, self.other, *([self.masks] if self.masks else [])]


def probes_of(network: Network, encoder: RowMaker, texts: Sequence[Text]) -> Probes | None:
    """From two texts; None where the first has no word, or the vocabulary no other."""
    (text, donor), (layout, _) = encoder.rows(texts), encoder.layouts(texts)
    words = ~np.array(layout.special)
    size = network.required_embedding().size
    unfit = {*text.ids.tolist(), *getattr(encoder.tokenizer, "all_special_ids", ())}
    others = [one for one in [*donor.ids.tolist(), *range(min(size, _SPARE))] if one not in unfit]
    if not words.any() or not others:
        return None
    mask = network.mask if network.mask is not None and network.mask < size else None
    return Probes(
        text,
        _with(text, words, np.resize(others, words.sum())),
        None if mask is None else _with(text, words, mask),
        torch.from_numpy(words),
    )


@dataclass(frozen=True, slots=True)
class SeenAtOnce:
    """How far logits are from those of the row alone (see `company` and `carried`), where all stand in one batch.

    again, plain  of the text, and of the text and the other words, each with its own ids
    own           of the longer row, its own vectors put back
    moved         as `carried` has it
    """

    again: float
    plain: float
    own: float
    moved: tuple[float, float]

    @property
    def most(self) -> float:
        """The largest of all."""
        return max(self.plain, self.own, *self.moved)


def at_once(network: Network, probes: Probes, longer: Row, alone: Tensor) -> SeenAtOnce:
    """Two passes over all probes beside a longer row: where nothing moved company, padding and ids are all harmless.

    `alone` [2, C] are the logits of the text and of the other words. What moved says not why.
    """
    batch = network.batch([*probes.rows, longer])
    plain, own = network.forward(batch).float(), network.vectors(batch.ids)
    masked = [_masked(network, batch, own[:1])] if probes.masks else []
    points, last = torch.cat([own[:1], *masked, own[-1:]]), len(batch) - 1
    ids, whose = (batch.pick(torch.tensor(at, device=own.device), own.shape[1]) for at in _under(last))
    with _decoder_of(network, whose):
        logits = network.forward(ids, points).float()
    masks = apart(logits[1], plain[2]) if masked else 0.0
    moved = apart(logits[0], alone[0]), masks
    return SeenAtOnce(apart(plain[0], alone[0]), apart(plain[:2], alone), apart(logits[-1], plain[-1]), moved)


def _under(last: int) -> tuple[list[int], list[int]]:
    """Under the ids of which rows the vectors of which stand."""
    return ([1, 0, last], [0, 2, last]) if last == 3 else ([1, last], [0, last])


def company(network: Network, probes: Probes, alone: Tensor) -> float:
    """How far rows of one length move each other's logits; `alone` [n, C] are theirs."""
    rows = [probes.text, probes.other]
    return apart(network.forward(network.batch(rows)).float(), alone[: len(rows)])


def carried(network: Network, probes: Probes, alone: Tensor, tolerance: float) -> tuple[float, float]:
    """How far the logits are from those of a row where its vectors stand under the ids of another: of the text and of
    the masks, the latter under the ids of the text, as on a path from them (0 where there is no mask token).

    If that is too far the modules around the embedding are tried, and the one that carries all of it is kept.
    """
    first, best = network.embedding, (torch.inf, torch.inf)
    batch = network.batch(probes.rows)
    for embedding in chain([first], (one for one in network.others if one.by_id(batch.ids[:1]))):
        network.embedding = embedding
        moved = _carried(network, batch, alone)
        if max(moved) <= tolerance:
            return moved
        best = min(best, moved)
    network.embedding = first
    return best


def _carried(network: Network, batch: Batch, alone: Tensor) -> tuple[float, float]:
    own = network.vectors(batch.ids[:1])
    moved = [_far(network, batch, 1, 0, own, alone)]
    if len(batch) > 2:
        moved.append(_far(network, batch, 0, 2, _masked(network, batch, own), alone))
    return moved[0], moved[1] if len(moved) > 1 else 0.0


def _masked(network: Network, batch: Batch, own: Tensor) -> Tensor:
    """The vectors [1, T, D] of the text with the mask's at its words."""
    masks = batch.ids[2:3] != batch.ids[:1]
    return torch.where(masks[..., None], network.vectors(batch.ids[2:3, masks[0]][:, :1]), own)


def _far(network: Network, batch: Batch, ids: int, whose: int, points: Tensor, alone: Tensor) -> float:
    """How far the logits of points under the ids of one row are from those of the row that they stand for."""
    at, width = torch.tensor([[ids], [whose]], device=batch.ids.device), batch.ids.shape[1]
    with _decoder_of(network, batch.pick(at[1], width)):
        logits = network.forward(batch.pick(at[0], width), points).float()
    return apart(logits, alone[[whose]])


@contextmanager
def _decoder_of(network: Network, batch: Batch) -> Iterator[None]:
    """Inside the block the decoder reads what it reads beside a batch: only the encoder's vectors are replaced."""
    config: Any = network.model.config
    if network.readout or not getattr(config, "is_encoder_decoder", False):  # a prompt says itself what is decoded
        yield
        return
    decoder: Any = network.model.get_decoder()  # type: ignore[operator]
    seen: list[Any] = []

    def read(_module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not seen:
            seen.append(kwargs.get("input_ids"))
        return args, kwargs | {"input_ids": seen[0]}

    handle = decoder.register_forward_pre_hook(own_calls(read), with_kwargs=True)
    try:
        network.forward(batch)
        yield
    finally:
        handle.remove()


def _with(row: Row, words: Any, ids: Any) -> Row:
    changed = row.ids.copy()
    changed[words] = ids
    return replace(row, ids=changed)


def apart(one: Tensor, other: Tensor) -> float:
    """The largest difference, beyond all tolerance where only one is a number; a class ruled out by both is alike."""
    same = (one == other) | (one.isnan() & other.isnan())
    far = torch.where(same, 0, (one - other).abs().double())
    return float(far.nan_to_num(nan=sys.float_info.max, posinf=sys.float_info.max).max())

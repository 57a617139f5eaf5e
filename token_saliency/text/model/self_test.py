"""What is checked about a model before any number is believed: cheap, once, shown in every report."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from token_saliency.errors import ModelError
from token_saliency.results import SelfTest
from token_saliency.shared.heads import answered
from token_saliency.text.encoding import Row, RowMaker, Text
from token_saliency.text.model.limits import by_length, routed
from token_saliency.text.model.network import Batch, Network

PROBES = ("A good day.", "Some words of a much longer line, which a row beside it must not notice.")
"""The second is longer: beside it the first one is padded."""

_TOLERANCE = {torch.float64: 1e-6, torch.float32: 1e-4}
_LOW_PRECISION = 5e-2
"""Largest difference allowed, relative to the largest logit: batches of other shapes round differently."""


def self_test(network: Network, encoder: RowMaker, probes: Sequence[Text], known: Sequence[str] = ()) -> SelfTest:
    """Checks the model on the first two probes, and sets `one_at_a_time` where it takes no batches.

    `known` are notes that need no check.
    """
    rows = encoder.rows(probes)
    notes = [*known, *_notes(network)]
    with network.session():
        eval_mode = not any(module.training for module in network.model.modules())
        own, padded, again, tolerance = _differences(network, rows, notes)
    embedding = network.embedding
    found = [difference for difference in (own, padded, again) if difference is not None]
    return SelfTest(
        embedding=embedding.name if embedding else "none",
        route=network.route,
        eval_mode=eval_mode,
        hook_identity=own is not None and own <= tolerance,
        embedding_hits=embedding.hits if embedding else 0,
        padding_invariant=padded is not None and padded <= tolerance,
        deterministic=again <= tolerance,
        fast_tokenizer=bool(getattr(encoder.tokenizer, "is_fast", False)),
        max_difference=max(found),
        notes=notes,
    )


def require_explainable(network: Network, test: SelfTest) -> None:
    """ModelError where what is explained would not be this model."""
    network.required_embedding()
    if not test.hook_identity:
        raise ModelError(
            f"The route {test.route!r} does not reproduce this model's own output, so nothing explained through it "
            f"would be about this model: {' '.join(test.notes)}"
        )


def _differences(
    network: Network, rows: list[Row], notes: list[str]
) -> tuple[float | None, float | None, float, float]:
    """Of the logits: own vectors put back, row padded beside another, same call again; and what is tolerated."""
    batch = network.batch(rows[:1])
    alone = network.forward(batch).float()
    tolerance = _tolerance(network) * max([1e-3, *alone[alone.isfinite()].abs().tolist()])
    if not answered(alone.double().cpu().numpy()).all():
        notes.append(f"The logits of {PROBES[0]!r} are nan or infinite: what is checked with them says little.")
    again = _apart(alone, network.forward(batch))
    own = _put_back(network, batch, alone, tolerance, notes)
    padded = _padded(network, rows, alone, notes)
    if padded is not None and padded > tolerance:
        notes.append(f"Padding changes a row by {padded:.2g}: only rows of equal length share a batch.")
    if again > tolerance:
        notes.append(f"Two equal calls differ by {again:.2g}: no score of this model can be repeated.")
    return own, padded, again, tolerance


def _put_back(network: Network, batch: Batch, alone: Tensor, tolerance: float, notes: list[str]) -> float | None:
    """How far the model's own vectors, put back, move the output; None where they cannot be put back."""
    if network.embedding is None:
        return None
    try:
        own = _apart(alone, network.forward(batch, network.vectors(batch.ids)))
    except (ValueError, RuntimeError) as error:
        notes.append(f"The route {network.route!r} is refused: {str(error).splitlines()[0]}")
        return None
    if own > tolerance:
        notes.append(f"With its own vectors put back by the route {network.route!r} the output differs by {own:.2g}.")
    return own


def _padded(network: Network, rows: list[Row], alone: Tensor, notes: list[str]) -> float | None:
    """How far the first row moves when it is padded, on the plain path and on the one with points."""
    batch = network.batch(rows)
    if reason := by_length(network.model):
        notes.append(f"{reason}: only rows of equal length share a batch.")
        return None
    try:
        network.one_at_a_time = False
        moved = _apart(alone, network.forward(batch)[:1])
        if network.embedding is not None:
            moved = max(moved, _apart(alone, network.forward(batch, network.vectors(batch.ids))[:1]))
    except (ValueError, RuntimeError) as error:
        network.one_at_a_time = True
        notes.append(f"The model takes one row at a time: {str(error).splitlines()[0]}")
        return None
    return moved


def _notes(network: Network) -> list[str]:
    notes = []
    config: Any = network.model.config
    embedding = network.embedding
    if embedding is None:
        notes.append("No embedding receives the token ids: only predictions can be used.")
    elif embedding.hits != 1:
        notes.append(f"{embedding.hits} look-ups read the token ids: only the first is replaced.")
    if embedding is not None and getattr(config, "is_encoder_decoder", False):
        notes.append("The encoder's vectors are replaced; what the decoder reads is held fixed.")
    if network.no_gradient:
        notes.append(f"No method that needs a gradient: {network.no_gradient}.")
    if routed(network.model) and not network.no_gradient:
        notes.append(
            "Each token goes through a few of many experts, and the output jumps where that choice changes: a gradient "
            "knows nothing of the jump, and integrated gradients that meet one are flagged as unconverged."
        )
    if network.padless and network.readout is None:
        notes.append("The config names no pad token: batches go through a view of the model that has one.")
    return notes


def _apart(one: Tensor, other: Tensor) -> float:
    """The largest difference, beyond all tolerance where only one is a number; a class ruled out by both is alike."""
    same = (one == other) | (one.isnan() & other.isnan())
    apart = torch.where(same, 0, (one - other).abs().double())
    return float(apart.nan_to_num(nan=sys.float_info.max, posinf=sys.float_info.max).max())


def _tolerance(network: Network) -> float:
    return _TOLERANCE.get(next(network.model.parameters()).dtype, _LOW_PRECISION)

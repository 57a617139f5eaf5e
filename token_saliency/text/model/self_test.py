"""What is checked about a model before any number is believed: cheap, once, shown in every report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from token_saliency.core.gradients import out_of_memory
from token_saliency.errors import ModelError, first_line
from token_saliency.results import SelfTest
from token_saliency.shared.heads import answered
from token_saliency.text.encoding import Row, RowMaker, Text
from token_saliency.text.model.limits import by_length, routed
from token_saliency.text.model.network import REFUSALS, Batch, Network
from token_saliency.text.model.probes import Probes, apart, at_once, carried, company, probes_of
from token_saliency.text.model.slope import in_float32, slope_fault

PROBES = ("A good day.", "Some words of a much longer line, which a row beside it must not notice.")
"""The second is longer: beside it the first one is padded."""

_TOLERANCE = {torch.float64: 1e-6, torch.float32: 1e-4}
_NO_PATH = ("gradient", "occlusion", "random")
_LOW_PRECISION = 5e-2
"""Largest difference allowed, relative to the largest logit: batches of other shapes round differently."""


@dataclass(slots=True)
class _Found:
    """What the probes showed, each None where it could not be tried.

    own         the logits move where the model's own vectors are put back
    padded      where the row is padded beside another
    again       where the same call is made again
    company     where it stands beside rows of its length
    moved       where the vectors of one text stand under the ids of another, masks under those of a text
    """

    own: float | None = None
    padded: float | None = None
    again: float = 0.0
    company: float | None = None
    moved: tuple[float, float] | None = None


def self_test(network: Network, encoder: RowMaker, texts: Sequence[Text], known: Sequence[str] = ()) -> SelfTest:
    """Checks the model on two texts, the second longer, and sets on the network what follows: see its attributes.

    `known` are notes that need no check.
    """
    notes: list[str] = []
    with network.session():
        eval_mode = not any(module.training for module in network.model.modules())
        try:
            found, tolerance = _probed(network, encoder, texts, notes)
        except REFUSALS as error:
            if isinstance(error, RuntimeError) and out_of_memory(error):
                raise
            raise ModelError(
                f"{type(network.model).__name__} fails on two plain texts ({first_line(error)}); if that is its "
                "attention, load it with attn_implementation='sdpa' or 'eager'."
            ) from error
    embedding = network.embedding
    moves = [move for move in (found.own, found.padded, found.again, found.company) if move is not None]
    return SelfTest(
        embedding=embedding.name if embedding else "none",
        route=network.route,
        eval_mode=eval_mode,
        hook_identity=found.own is not None and found.own <= tolerance,
        embedding_hits=embedding.hits if embedding else 0,
        padding_invariant=found.padded is not None and found.padded <= tolerance,
        deterministic=found.again <= tolerance,
        fast_tokenizer=bool(getattr(encoder.tokenizer, "is_fast", False)),
        max_difference=max(moves),
        notes=[*known, *_notes(network), *notes],
        vectors_decide=None if found.moved is None else max(found.moved) <= tolerance,
        gradient_agrees=None if embedding is None else network.no_gradient is None,
        company_invariant=None if found.company is None else found.company <= tolerance,
    )


def require_explainable(network: Network, test: SelfTest, method: str, baseline: str) -> None:
    """ModelError where what is explained would not be this model."""
    network.required_embedding()
    if not test.hook_identity:
        raise ModelError(
            f"The route {test.route!r} does not reproduce this model's own output, so nothing explained through it "
            f"would be about this model: {' '.join(test.notes)}"
        )
    if network.mask_by_id and baseline == "mask" and method not in _NO_PATH:
        raise ModelError(
            f"{type(network.model).__name__} does more with the mask token than read its vector, so {method} cannot "
            "start from masks: use the baseline 'mean' or 'zero', or the method 'occlusion'."
        )


def _probed(network: Network, encoder: RowMaker, texts: Sequence[Text], notes: list[str]) -> tuple[_Found, float]:
    """What the probes showed, and how far logits may move by rounding."""
    rows = encoder.rows(texts)
    probes = probes_of(network, encoder, texts) if network.embedding else None
    alone = network.forward(network.batch(rows[:1])).float()
    tolerance = _tolerance(network) * max([1e-3, *alone[alone.isfinite()].abs().tolist()])
    if not answered(alone.double().cpu().numpy()).all():
        notes.append(f"The logits of {texts[0]!r} are nan or infinite: what is checked with them says little.")
    found = _Found()
    if not (probes and _at_once(network, probes, rows[1], alone, found, tolerance)):
        _one_by_one(network, probes, rows, alone, found, tolerance, notes)
    if probes and found.own is not None and max(found.own, found.again) <= tolerance:
        _follow(network, probes, found, tolerance)
    return found, tolerance


def _at_once(network: Network, probes: Probes, longer: Row, alone: Tensor, found: _Found, tolerance: float) -> bool:
    """Whether all is well, seen in as few passes as possible."""
    if by_length(network.model):
        return False
    each = torch.cat([alone, network.forward(network.batch([probes.other])).float()])
    try:
        seen = at_once(network, probes, longer, each)
    except (ValueError, RuntimeError, TypeError):
        return False  # which of them fails, and why, is found one by one
    if not seen.most <= tolerance:
        return False
    found.company, found.own, found.moved = seen.plain, seen.own, seen.moved
    found.again, found.padded = seen.again, max(seen.plain, seen.own)
    return True


def _one_by_one(
    network: Network, probes: Probes | None, rows: list[Row], alone: Tensor, found: _Found, tolerance: float,
    notes: list[str],
) -> None:  # fmt: skip
    """What it is that moves the logits."""
    batch = network.batch(rows[:1])
    found.again = apart(alone, network.forward(batch))
    if found.again > tolerance:
        notes.append(f"Two equal calls differ by {found.again:.2g}: no score of this model can be repeated.")
    if probes and found.again <= tolerance:
        each = torch.cat([network.forward(network.batch([row])).float() for row in probes.rows])
        _carry(network, probes, each, found, tolerance, notes)
    found.own = _put_back(network, batch, alone, tolerance, notes)
    if not network.one_at_a_time:
        found.padded = _padded(network, rows, alone, notes)
    if found.padded is not None and found.padded > tolerance:
        notes.append(f"Padding changes a row by {found.padded:.2g}: only rows of equal length share a batch.")


def _carry(network: Network, probes: Probes, each: Tensor, found: _Found, tolerance: float, notes: list[str]) -> None:
    """Whether rows of one length leave each other alone, and whether the vectors carry all that the ids say."""
    try:
        found.company = company(network, probes, each)
    except (ValueError, RuntimeError) as error:
        network.one_at_a_time = True
        notes.append(f"The model takes one row at a time: {str(error).splitlines()[0]}")
    else:
        if found.company > tolerance:
            network.one_at_a_time = True
            notes.append(
                f"Rows of one length change each other by {found.company:.2g}: the model is asked one row at a time."
            )
    try:
        found.moved = carried(network, probes, each, tolerance)
    except (ValueError, RuntimeError, TypeError):
        return  # no vectors can be put in: said where the model's own are put back


def _follow(network: Network, probes: Probes, found: _Found, tolerance: float) -> None:
    """Whether a gradient says how the output moves; where ids decide beside the vectors none does."""
    words, masks = found.moved or (0.0, 0.0)
    network.mask_by_id = masks > tolerance >= words
    if words > tolerance:
        network.no_gradient = network.no_gradient or (
            "it reads the token ids beside the vectors that a gradient is taken of (with the vectors of one text under "
            f"the ids of another its output is {words:.2g} from that of the first)"
        )
    elif network.no_gradient is None:
        moves = [move for move in (found.own, found.company, found.padded) if move is not None and move <= tolerance]
        network.no_gradient = _slope(network, probes, max(moves))
        if network.no_gradient is None and (finer := in_float32(network, probes.text)) is not None:
            with finer.session():
                network.no_gradient = _slope(finer, probes, 0.0)
    network.by_ids = words > tolerance


def _slope(network: Network, probes: Probes, rounding: float) -> str | None:
    vectors = network.vectors(network.batch(probes.rows).ids)
    return slope_fault(network, network.batch([probes.text]), list(vectors[1:] - vectors[:1]), rounding)


def _put_back(network: Network, batch: Batch, alone: Tensor, tolerance: float, notes: list[str]) -> float | None:
    """How far the model's own vectors, put back, move the output; None where they cannot be put back."""
    if network.embedding is None:
        return None
    try:
        own = apart(alone, network.forward(batch, network.vectors(batch.ids)))
    except (ValueError, RuntimeError, TypeError) as error:
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
        moved = apart(alone, network.forward(batch)[:1])
        if network.embedding is not None:
            moved = max(moved, apart(alone, network.forward(batch, network.vectors(batch.ids))[:1]))
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
    if network.mask_by_id:
        notes.append(
            "The mask token is more to this model than its vector: no path from masks is followed, and occlusion puts "
            "the token itself."
        )
    if embedding is not None and embedding.hits != 1:
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


def _tolerance(network: Network) -> float:
    return _TOLERANCE.get(next(network.model.parameters()).dtype, _LOW_PRECISION)

"""Whether the gradient says how the output moves: held against the model's own answers a step away.

Along a few directions the change of the output over a short piece is compared with the integral of the gradient over
it (Simpson's rule), which bends with the output and so allows steps that stand out from rounding.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from token_saliency.core.gradients import out_of_memory
from token_saliency.errors import ModelError
from token_saliency.text.encoding import Row
from token_saliency.text.model.meter import Meter
from token_saliency.text.model.network import REFUSALS, Batch, Network

_STEPS = (3e-2, 1e-3)
"""Half of a piece, as a share of the vectors' own length.

One agreeing step is enough: the others may meet a bend, or rounding.
"""
_MORE_STEPS = (1e-5, 1e-4, 1e-2, 1e-1)
"""Tried where those disagree: a sharp model bends within a thousandth."""
_ON_THE_WAY = 33
_SIMPSON = (1 / 6, 4 / 6, 1 / 6)
_TOLERANCE = 0.03
"""Relative error that a sound gradient may show on a piece."""
_ALONE = 0.5
"""A kink may bend one direction by less than this; a cut gradient is wrong along all of them, or grossly along one."""
_TELLING = 100
"""So many times the rounding a change must be to tell."""
_HALF = {torch.float16, torch.bfloat16}
_SMALL = 400_000_000
"""Parameters of a model that may be copied: a moment's 1.6 GB."""
_TF32 = 2.0**-11
_FINE = 1e-5
"""Roundings below are those of float32 or better."""


@dataclass(frozen=True, slots=True)
class _Precision:
    """Whether it is that of float32 or better, and how far rounding may move an answer."""

    fine: bool
    noise: float


def slope_fault(network: Network, batch: Batch, ways: Sequence[Tensor], seen: float) -> str | None:
    """Why the gradient at a row (a batch of one) does not say how the output moves; None where it does.

    `ways` [T, D] lead to other rows, and are tried beside the direction of the gradient itself; `seen` is how far
    rounding moved the logits. What half precision computes is too coarse to tell of more than no gradient at all.
    """
    start = network.vectors(batch.ids)
    try:
        _, slope, logits = _answers(network, batch, start)
        if not slope.any():
            return _nothing(network, batch, start, ways, seen)
        if not _precision(network, logits, seen).fine:
            return None
        directions = _directions(start, [*ways, slope[0]])
        pieces = _pieces(network, batch, slope[0], start, directions, _STEPS[:1], seen)
        unsettled = [at for at, (one,) in enumerate(pieces) if one.apart is None or one.apart > _TOLERANCE]
        again = _pieces(network, batch, slope[0], start, [directions[at] for at in unsettled], _STEPS[1:], seen)
        for at, those in zip(unsettled, again, strict=True):
            pieces[at] += those
        doubted = [at for at, those in enumerate(pieces) if not _agrees(those)]
        if not doubted:
            return None
        more = _pieces(network, batch, slope[0], start, [directions[at] for at in doubted], _MORE_STEPS, seen)
        apart = [_off([*pieces[at], *those]) for at, those in zip(doubted, more, strict=True)]
    except (RuntimeError, ValueError, TypeError) as error:
        if isinstance(error, RuntimeError) and out_of_memory(error):
            return None  # nothing was seen
        return f"its backward pass fails ({(str(error).strip().splitlines() or [type(error).__name__])[0]})"
    if not any(apart) or (len(doubted) < len(directions) and max(apart) < _ALONE):
        return None
    return f"its gradient is not that of its output (along one direction they differ by {max(apart):.0%})"


def in_float32(network: Network, row: Row) -> Network | None:
    """The same on a copy in float32, for what half precision cannot tell; None where it is no small model in half
    precision, or none that can be copied.
    """
    model = network.model
    half = {one.dtype for one in model.parameters() if one.is_floating_point()} & _HALF
    if network.readout or not half or sum(one.numel() for one in model.parameters()) > _SMALL:
        return None
    try:
        finer = Network(copy.deepcopy(model).float(), network.tokenizer, network.route, Meter())
        finer.look(row)
    except (*REFUSALS, ModelError, AttributeError):
        return None
    wanted = network.required_embedding().name
    finer.embedding = next((one for one in (finer.embedding, *finer.others) if one and one.name == wanted), None)
    finer.one_at_a_time = network.one_at_a_time
    return finer if finer.embedding else None


def _nothing(network: Network, batch: Batch, start: Tensor, ways: Sequence[Tensor], seen: float) -> str | None:
    """Whether there is no gradient all the way to other rows, though the output moves on it."""
    for way in ways:
        places = torch.linspace(0, 1, _ON_THE_WAY, dtype=start.dtype, device=start.device)[:, None, None]
        _, slopes, logits = _answers(network, batch, _read(network, torch.lerp(start, start + way, places)))
        if slopes.any():
            return None
        if float((logits[-1] - logits[0]).abs().max()) > _precision(network, logits, seen).noise:
            return "its gradient does not reach the token vectors, though its output follows them"
    return None


@dataclass(frozen=True, slots=True)
class _Piece:
    """A step to either side: how far change and integral are apart, None where both may be mere rounding."""

    step: float
    apart: float | None


def _pieces(
    network: Network, batch: Batch, here: Tensor, start: Tensor, directions: Sequence[Tensor], steps: Sequence[float],
    seen: float,
) -> list[list[_Piece]]:  # fmt: skip
    """For each direction its pieces, one a step, all around the start [1, T, D], where the gradient is `here`."""
    if not directions:
        return []
    moves = [sign * step * direction for direction in directions for step in steps for sign in (-1, 1)]
    points = _read(network, torch.cat([start + move for move in moves]))
    outputs, slopes, logits = _answers(network, batch, points)
    precision, weights = _precision(network, logits, seen), torch.tensor(_SIMPSON).to(slopes)[:, None, None]
    found: list[list[_Piece]] = []
    for number in range(len(directions) * len(steps)):
        low, high = 2 * number, 2 * number + 1
        met = torch.stack([slopes[low], here, slopes[high]])
        integral = float(((weights * met).sum(0) * (points[high] - points[low])).sum())
        apart = _apart(float(outputs[high] - outputs[low]), integral, precision)
        found += [[]] if number % len(steps) == 0 else []
        found[-1].append(_Piece(steps[number % len(steps)], apart))
    return found


def _agrees(pieces: Sequence[_Piece]) -> bool:
    """Whether change and integral agree on one of the pieces, or none of them tells."""
    told = [piece.apart for piece in pieces if piece.apart is not None]
    return not told or min(told) <= _TOLERANCE


def _off(pieces: Sequence[_Piece]) -> float:
    """How far change and integral are apart along one direction, 0 if they agree on any piece.

    Where no short piece tells the output is flat here, and far away it may jump: the gradient is right about both.
    """
    told = [piece for piece in pieces if piece.apart is not None]
    if _agrees(pieces) or min(piece.step for piece in told) > min(_STEPS):
        return 0.0
    return min(piece.apart or 0.0 for piece in told)


def _apart(change: float, integral: float, precision: _Precision) -> float | None:
    """Relative to the larger one; None where both may be mere rounding."""
    larger = max(abs(change), abs(integral))
    if larger <= _TELLING * precision.noise:
        return None
    return max(0.0, abs(change - integral) - precision.noise) / larger


def _precision(network: Network, logits: Tensor, seen: float) -> _Precision:
    """By the coarsest numbers that the model holds or gives: half precision tells only of large changes."""
    held = {one.dtype for one in network.model.parameters() if one.is_floating_point()}
    own = max(torch.finfo(dtype).eps for dtype in held | {network.required_embedding().dtype, logits.dtype})
    if logits.device.type == "cuda" and torch.get_float32_matmul_precision() != "highest":
        own = max(own, _TF32)
    largest = float(logits.abs().max())
    fine = own < _FINE
    return _Precision(fine, max(4 * seen, (8 if fine else 2) * own * largest))


def _read(network: Network, points: Tensor) -> Tensor:
    """The points as the model reads them, in its own precision."""
    return points.to(network.required_embedding().dtype).to(points.dtype)


def _directions(start: Tensor, ways: Sequence[Tensor]) -> list[Tensor]:
    """As long as the row's own vectors; those of no length at all are left out."""
    length = start.norm()
    return [length * way / way.norm() for way in ways if float(way.norm()) > 0]


def _answers(network: Network, batch: Batch, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """One number [N] of the logits at points [N, T, D], its gradient (zeros where there is none), and the logits."""
    rows = torch.zeros(len(points), dtype=torch.long, device=points.device)
    with torch.inference_mode(False), torch.enable_grad():
        points = points.clone().detach().requires_grad_()
        logits = network.answered(batch.pick(rows, points.shape[1]), points)
        wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
        wide = torch.where(wide.isfinite(), wide, 0)  # a class that is ruled out has a logit of -inf
        outputs = wide @ torch.cos(torch.arange(1, wide.shape[1] + 1, device=wide.device)).to(wide)
        found = None
        if outputs.requires_grad:
            (found,) = torch.autograd.grad(outputs.sum(), points, allow_unused=True)
    return outputs.detach(), torch.zeros_like(points) if found is None else found, wide.detach().to(logits.dtype)

"""Gradients along the straight path from the baseline, each example with as many points as it needs."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, Scores, across, moved, summed, wide
from token_saliency.core.gradients import Loop
from token_saliency.core.mesh import (
    Mesh,
    by_example,
    equal_parts,
    equal_turns,
    integrals,
    medians,
    merged,
    mesh_of,
    middles,
    to_halve,
)
from token_saliency.core.noise import stratified
from token_saliency.errors import OptionError, unknown

_NARROWEST = 2.0**-12
"""Of the path: what is unsettled on a shorter piece is a step, and no number of gradients settles a step."""

SPACINGS: dict[str, Callable[[Explicand, int], Tensor]] = {"turns": equal_turns, "even": equal_parts}

_BEGIN = 8
"""Intervals that a path begins with."""

_BEND_OF_TOKENS, _BEND_OF_ENTRIES = 0.2, 2.0
"""How much of the end terms counts as error. The slope of a token is a sum over its width, and smooth; that of a single
number (a pixel, a column) jumps with every ReLU, and what jumps in it goes unseen in the sum of thousands."""

_MOST_ROUNDINGS = 8
"""What is more than so many of the output's own is no rounding."""


def integrated_gradients(
    explicand: Explicand,
    *,
    tolerance: float = 0.05,
    intervals: int = _BEGIN,
    cap: int = 128,
    samples: int | None = None,
    spacing: str = "turns",
) -> Scores:
    """The mean gradient on the path from the baseline, times (input - baseline) (Sundararajan et al. 2017).

    The path starts as so many `intervals`; those that carry the error are halved until it is below `tolerance` of the
    summed absolute scores, or `cap` gradients are spent (then the example is unconverged). `spacing` "turns" lets the
    vectors turn by the same angle over each interval, "even" makes all equally long.
    With `samples` the scores are rough and unbiased instead, for means over many examples: so many gradients, each at
    the same random share of its interval; the other options have no say then.
    """
    _check(spacing, tolerance, intervals, cap, sampled=samples is not None)
    if samples is not None:
        return _sampled(explicand, samples, spacing)
    own = _epsilon(explicand.computed or explicand.inputs.dtype)
    loop, examples = Loop(explicand), len(explicand.inputs)
    bend = _BEND_OF_TOKENS if explicand.inputs.ndim == 3 else _BEND_OF_ENTRIES
    mesh = mesh_of(SPACINGS[spacing](explicand, intervals))
    scores, slopes = _along_the_path(explicand, loop, mesh)
    while True:
        pieces, errors = integrals(mesh, scores, slopes, bend)
        values = by_example(mesh, pieces, examples)
        allowed = _allowed(tolerance, mesh, scores, values) + _rounding(explicand, mesh, scores, errors, own)
        chosen = to_halve(mesh, errors, allowed, cap, narrowest=max(_NARROWEST, own))
        if not chosen.any():
            break
        new = middles(mesh, chosen)
        mesh, order = merged(mesh, new)
        more = _along_the_path(explicand, loop, new)
        scores, slopes = torch.cat([scores, more[0]])[order], torch.cat([slopes, more[1]])[order]
    converged = (by_example(mesh, errors, examples) <= allowed) & allowed.isfinite()
    spent = torch.bincount(mesh.owner, minlength=examples)
    values = values.to(explicand.inputs.device)
    return Scores(values, True, True, scores[mesh.place == 1], scores[mesh.place == 0], spent, converged)


def _check(spacing: str, tolerance: float, intervals: int, cap: int, *, sampled: bool) -> None:
    if spacing not in SPACINGS:
        raise unknown("spacing", spacing, SPACINGS)
    if not sampled and (tolerance <= 0 or intervals < 1 or cap <= intervals):
        raise OptionError("integrated_gradients needs tolerance > 0, intervals >= 1 and cap > intervals.")


def _sampled(explicand: Explicand, samples: int, spacing: str) -> Scores:
    """Widths times slopes at stratified random nodes; neither end of the path is asked, so no score of one is known."""
    if samples < 1:
        raise OptionError(f"integrated_gradients needs samples >= 1, not {samples}.")
    edges, examples = SPACINGS[spacing](explicand, samples), len(explicand.inputs)
    mesh = mesh_of(stratified(explicand.seeds, edges))
    _, slopes = _along_the_path(explicand, Loop(explicand), mesh)
    parts = slopes.reshape(examples, samples, *slopes.shape[1:])
    values = (parts * across(edges.diff(), parts)).sum(1).to(explicand.inputs.device)
    spent = torch.full((examples,), samples)
    return Scores(values, True, False, values.new_full((examples,), torch.nan), None, spent, spent > 0)


def _along_the_path(explicand: Explicand, loop: Loop, mesh: Mesh) -> tuple[Tensor, Tensor]:
    """Scores [N] and each position's part of the derivative [N, ...] at the nodes, where the mesh is."""
    inputs, baselines = explicand.inputs, explicand.baselines
    difference, place = inputs - baselines, mesh.place.to(inputs)

    def points(index: Tensor, rows: Tensor, length: int) -> Tensor:
        return torch.lerp(baselines[rows, :length], inputs[rows, :length], across(place[index], inputs))

    slopes = wide(inputs[:1]).new_zeros(len(place), *summed(inputs[:1]).shape[1:])
    scores = slopes.new_zeros(len(place))
    for chunk in loop.gradients(mesh.owner.tolist(), points):
        slopes[chunk.index, : chunk.length] = summed(chunk.gradients * difference[chunk.rows, : chunk.length])
        scores[chunk.index] = chunk.scores.to(scores)
    return scores.to(mesh.place.device), slopes.to(mesh.place.device)


def _allowed(tolerance: float, mesh: Mesh, scores: Tensor, values: Tensor) -> Tensor:
    """What the errors of the gaps may sum up to [B].

    Those of neighbours cancel: the sum is usually more than twice the error of the scores. It is taken at its word
    only where the scores as a whole miss more than half of the tolerance.
    """
    total = values.flatten(1).abs().sum(1)
    change = scores[mesh.place == 1] - scores[mesh.place == 0]
    missing = (change - values.flatten(1).sum(1)).abs()
    return tolerance * total * torch.where(missing > tolerance * total / 2, 1, 2)


def _rounding(explicand: Explicand, mesh: Mesh, scores: Tensor, errors: Tensor, own: float) -> Tensor:
    """The error [B] that is mere rounding: of a dozen differences; all of it where nothing moves (an empty text)."""
    largest = scores.new_zeros(len(explicand.inputs)).scatter_reduce(0, mesh.owner, scores.abs(), "amax")
    fine = _epsilon(explicand.inputs.dtype)
    allowed = 16 * fine * largest
    if own > fine:
        allowed += _half_rounding(mesh, errors, own, largest)
    moves = moved(explicand).flatten(1).any(1).to(largest.device)
    return torch.where(moves, allowed, largest)


def _half_rounding(mesh: Mesh, errors: Tensor, own: float, largest: Tensor) -> Tensor:
    """What half precision does to the scores [B]: every difference of two is off by up to a rounding.

    That of the output is known, and counted for the gaps that a path begins with. Roundings inside the model add up to
    more; how much shows on narrow gaps, where nothing else is left: their median (a step is on one of them), on all.
    """
    gaps = torch.bincount(mesh.owner, minlength=len(largest)) - 1
    each = own * largest
    widths = mesh.widths()
    narrow = (widths > 0) & (widths <= 4 * own)
    seen = medians(errors[narrow], mesh.owner[:-1][narrow], len(largest))
    known = seen.clamp(each, _MOST_ROUNDINGS * each)
    return torch.where(seen.isnan(), _BEGIN * each, gaps * known)


def _epsilon(dtype: torch.dtype) -> float:
    return float(torch.finfo(dtype).eps)

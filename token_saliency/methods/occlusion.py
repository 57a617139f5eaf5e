"""What the output loses when positions are replaced; forward passes only."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, Scores, across, moved
from token_saliency.core.gradients import Loop, PointFn
from token_saliency.errors import OptionError

Groups = Sequence[Sequence[Sequence[int]]]
"""For each example the groups of positions (axis 1) that are replaced together, such as the tokens of a word."""


def occlusion(explicand: Explicand, *, window: int = 1, shuffle: int = 0, groups: Groups | None = None) -> Scores:
    """How far the output falls when positions are replaced by the baseline (Zeiler and Fergus 2014).

    A sliding `window` of positions that are not held fixed, or the `groups` of each example. The fall is shared
    equally by the replaced positions; a position in several windows gets the mean of its shares.
    `shuffle=n`: not the baseline but vectors from elsewhere in the same example stand in, n draws, the mean fall.
    """
    if window < 1 or shuffle < 0:
        raise OptionError(f"occlusion needs a window of at least 1, not {window}, and shuffle >= 0, not {shuffle}.")
    free = _free_positions(explicand)
    chosen = [_windows(positions, window) for positions in free] if groups is None else _kept(groups, free)
    rows = [row for row, sets in enumerate(chosen) for _ in sets for _ in range(shuffle or 1)]
    places = [positions for sets in chosen for positions in sets for _ in range(shuffle or 1)]
    loop = Loop(explicand)
    output = loop.output()
    points = _shuffled(explicand, rows, places, free, shuffle) if shuffle else _masked(explicand, places)
    falls = output[rows] - loop.scores(rows, points)
    values = _shared(falls, rows, places, explicand.inputs)
    spent = torch.tensor([1 + len(sets) * (shuffle or 1) for sets in chosen])
    return Scores(values, True, False, output, None, spent, spent > 0)


def _free_positions(explicand: Explicand) -> list[list[int]]:
    free = moved(explicand)
    free = free.flatten(2).any(2) if free.ndim > 2 else free
    real = zip(free.tolist(), explicand.lengths.tolist(), strict=True)
    return [[i for i, moves in enumerate(row[:length]) if moves] for row, length in real]


def _windows(positions: list[int], window: int) -> list[list[int]]:
    starts = range(max(1, len(positions) - window + 1)) if positions else ()
    return [positions[start : start + window] for start in starts]


def _kept(groups: Groups, free: list[list[int]]) -> list[list[list[int]]]:
    """The groups without positions that are held fixed, and without those that then have none left."""
    if len(groups) != len(free):
        raise OptionError(f"occlusion needs groups for each example: {len(free)} examples, {len(groups)} given.")
    real = [set(positions) for positions in free]
    kept = [[[p for p in group if p in own] for group in sets] for sets, own in zip(groups, real, strict=True)]
    return [[group for group in sets if group] for sets in kept]


def _masked(explicand: Explicand, places: list[list[int]]) -> PointFn:
    """The baseline's own vectors stand in."""
    return _replaced(explicand, explicand.baselines, places, places)


def _shuffled(
    explicand: Explicand, rows: list[int], places: list[list[int]], free: list[list[int]], draws: int
) -> PointFn:
    """Vectors of other free positions stand in, drawn from the example's seed, the positions and the draw's number."""
    sources = [
        _strangers(free[row], positions, f"{explicand.seeds[row]} {positions} {i % draws}")
        for i, (row, positions) in enumerate(zip(rows, places, strict=True))
    ]
    return _replaced(explicand, explicand.inputs, places, sources)


def _strangers(free: list[int], positions: list[int], seed: str) -> list[int]:
    """As many positions outside the window, with replacement; inside it where there is nothing outside."""
    inside = set(positions)
    others = [position for position in free if position not in inside] or positions
    return Random(seed).choices(others, k=len(positions))


def _replaced(explicand: Explicand, source: Tensor, places: list[list[int]], donors: list[list[int]]) -> PointFn:
    """The inputs, with `source` at the donor positions put in each place."""

    def points(index: Tensor, rows: Tensor, length: int) -> Tensor:
        built = explicand.inputs[rows, :length].clone()
        moves = [
            (at, place, donor)
            for at, i in enumerate(index.tolist())
            for place, donor in zip(places[i], donors[i], strict=True)
        ]
        at, place, donor = torch.tensor(moves, device=built.device).T
        built[at, place] = source[rows[at], donor]
        return built

    return points


def _shared(falls: Tensor, rows: list[int], places: list[list[int]], inputs: Tensor) -> Tensor:
    """[B, T]: the mean share of each position in the falls that it was part of (0 where it was in none).

    A position of an image is a whole channel; its share is then spread over its pixels.
    """
    shares = [(i, row, position) for i, (row, at) in enumerate(zip(rows, places, strict=True)) for position in at]
    values, counts = falls.new_zeros(2, *inputs.shape[:2])
    if shares:
        i, row, position = torch.tensor(shares, device=falls.device).T
        sizes = torch.tensor([len(at) for at in places], device=falls.device)
        values.index_put_((row, position), (falls / sizes)[i], accumulate=True)
        counts.index_put_((row, position), torch.ones_like(falls)[i], accumulate=True)
    values = values.div(counts.clamp(min=1))
    return values if inputs.ndim <= 3 else (across(values, inputs) / inputs[0, 0].numel()).expand_as(inputs)

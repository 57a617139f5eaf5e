from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.testing import assert_close

from token_saliency.core.explicand import Explicand
from token_saliency.core.mesh import equal_parts, equal_turns

seeds = st.integers(0, 2**31)
quick = settings(max_examples=30, deadline=None)


def explicand(inputs: Tensor, baselines: Tensor) -> Explicand:
    lengths = torch.full((len(inputs),), inputs.shape[1])
    return Explicand(inputs, baselines, lambda points, _: points.flatten(1).sum(1), lengths, 99, (0,) * len(inputs))


def drawn(seed: int, shape: tuple[int, ...], scale: float = 1.0) -> Explicand:
    generator = torch.Generator().manual_seed(seed)
    inputs, baselines = torch.randn(2, *shape, generator=generator, dtype=torch.float64)
    return explicand(inputs, scale * baselines)


def turned(one: Explicand, places: Tensor) -> Tensor:
    """The summed angles to the places [K] of a single example, by the cosine of each vector with the baseline's."""
    inputs, baselines = one.inputs[0], one.baselines[0]
    moved = (inputs != baselines).any(-1)
    both = (inputs**2).sum(-1) + (baselines**2).sum(-1)
    aside = (0.5**2 * both[moved].mean()).sqrt().expand(len(inputs), 1)
    start, end = torch.cat([baselines, aside], 1), torch.cat([inputs, aside], 1)
    path = start + places[:, None, None] * (end - start)
    return torch.cosine_similarity(path, start[None], dim=-1).clamp(-1, 1).arccos()[:, moved].sum(1)


@quick
@given(seed=seeds, parts=st.integers(1, 20), scale=st.sampled_from([0.0, 0.1, 1.0, 30.0]))
def test_places_rise_from_the_baseline_to_the_input(seed: int, parts: int, scale: float) -> None:
    places = equal_turns(drawn(seed, (3, 5, 4), scale), parts)
    assert places.shape == (3, parts + 1)
    assert (places[:, 0] == 0).all()
    assert (places[:, -1] == 1).all()
    assert (places.diff() > 0).all()


@quick
@given(seed=seeds, scale=st.sampled_from([0.1, 1.0, 5.0]))
def test_between_two_places_the_vectors_turn_by_the_same_angle(seed: int, scale: float) -> None:
    one = drawn(seed, (1, 6, 8), scale)
    steps = turned(one, equal_turns(one, 8)[0]).diff()
    assert_close(steps / steps.sum(), torch.full_like(steps, 1 / 8), rtol=0.02, atol=0)


@quick
@given(seed=seeds)
def test_the_way_back_has_the_same_places(seed: int) -> None:
    there = drawn(seed, (2, 4, 3), 0.3)
    back = replace(there, inputs=there.baselines, baselines=there.inputs)
    assert_close(equal_turns(back, 7), 1 - equal_turns(there, 7).flip(1))


@quick
@given(seed=seeds)
def test_neighbours_padding_and_what_is_held_fixed_have_no_say(seed: int) -> None:
    one = drawn(seed, (2, 4, 3), 0.3)
    fixed = torch.randn(2, 3, 3, dtype=torch.float64)
    wider = explicand(torch.cat([one.inputs, fixed], 1), torch.cat([one.baselines, fixed], 1))
    assert_close(equal_turns(wider, 6), equal_turns(one, 6))
    assert_close(equal_turns(explicand(one.inputs[1:], one.baselines[1:]), 6), equal_turns(one, 6)[1:])


def test_a_short_baseline_has_most_of_the_places_on_its_side() -> None:
    one = drawn(0, (1, 9, 16), 0.05)
    np.testing.assert_array_less(equal_turns(one, 8)[0, 4], 0.4)
    from_zero = replace(one, baselines=torch.zeros_like(one.baselines))
    np.testing.assert_array_less(equal_turns(from_zero, 8)[0, 4], 0.4)


def test_where_nothing_moves_the_steps_are_equal() -> None:
    still = torch.ones(2, 3, 4)
    assert_close(equal_turns(explicand(still, still), 4), equal_parts(explicand(still, still), 4))


def test_an_example_of_any_other_shape_is_one_vector() -> None:
    pictures = drawn(3, (2, 3, 4, 4), 0.2)
    flat = explicand(pictures.inputs.reshape(2, 1, -1), pictures.baselines.reshape(2, 1, -1))
    assert_close(equal_turns(pictures, 5), equal_turns(flat, 5))

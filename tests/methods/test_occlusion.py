from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from captum.attr import Occlusion
from torch import Tensor
from torch.testing import assert_close

from token_saliency.errors import OptionError
from token_saliency.methods.occlusion import occlusion


def _fall(case: Any, row: int, positions: list[int]) -> Tensor:
    """What the output of one sentence loses without these positions, computed alone and unpadded."""
    length = case.explicand.lengths[row]
    inputs = case.explicand.inputs[row : row + 1, :length]
    without = inputs.clone()
    without[0, positions] = case.explicand.baselines[row, positions]
    fall: Tensor = (case.function(inputs) - case.function(without))[0].detach()
    return fall


def test_a_window_of_one_is_the_fall_without_each_position(cases: Any) -> None:
    case = cases.sentences()
    values = occlusion(case.explicand).values
    for row, length in enumerate(case.explicand.lengths.tolist()):
        assert_close(values[row, :length], torch.stack([_fall(case, row, [position]) for position in range(length)]))


def test_on_a_table_it_is_the_occlusion_of_captum(cases: Any) -> None:
    case = cases.tables()
    expected = Occlusion(case.function).attribute(case.explicand.inputs, sliding_window_shapes=(1,)).detach()
    assert_close(occlusion(case.explicand).values, expected.double(), rtol=0, atol=1e-6)


def test_a_wider_window_shares_its_fall_and_overlaps_are_averaged(cases: Any) -> None:
    case = cases.sentences((4,))  # position 0 is held fixed
    first, second = _fall(case, 0, [1, 2]), _fall(case, 0, [2, 3])
    expected = torch.stack([0 * first, first / 2, (first + second) / 4, second / 2])
    assert_close(occlusion(case.explicand, window=2).values[0], expected)


def test_a_window_wider_than_the_sentence_takes_all_of_it(cases: Any) -> None:
    case = cases.sentences((4,))
    assert_close(occlusion(case.explicand, window=9).values.sum(1)[0], _fall(case, 0, [1, 2, 3]))


def test_groups_sum_to_the_fall_without_the_group(cases: Any) -> None:
    case = cases.sentences((5, 3))
    scores = occlusion(case.explicand, groups=[[[0, 1], [2, 3, 4]], [[0]]])
    assert_close(scores.values[0, :2].sum(), _fall(case, 0, [1]))
    assert_close(scores.values[0, 2:].sum(), _fall(case, 0, [2, 3, 4]))
    assert not scores.values[1].any()
    assert scores.evaluations.tolist() == [3, 1]


def test_a_channel_of_an_image_spreads_its_fall_over_its_pixels(cases: Any) -> None:
    case = cases.images()
    without = case.explicand.inputs.clone()
    without[:, 1] = 0
    fall = (case.function(case.explicand.inputs) - case.function(without)).detach()
    values = occlusion(case.explicand).values[:, 1]
    assert_close(values.sum((1, 2)), fall)
    assert_close(values, values[:, :1, :1].expand_as(values))


def test_it_needs_no_gradient(cases: Any) -> None:
    case = cases.sentences()
    case.net.requires_grad_(False)
    seen: list[bool] = []
    case.net.register_forward_hook(lambda _net, _inputs, _output: seen.append(torch.is_grad_enabled()))
    occlusion(case.explicand)
    assert seen
    assert not any(seen)


def test_impossible_options_are_refused(cases: Any) -> None:
    with pytest.raises(OptionError, match="window of at least 1, not 0"):
        occlusion(cases.tables().explicand, window=0)
    with pytest.raises(OptionError, match="shuffle >= 0, not -1"):
        occlusion(cases.tables().explicand, shuffle=-1)
    with pytest.raises(OptionError, match="4 examples, 1 given"):
        occlusion(cases.tables().explicand, groups=[[[0]]])


def test_shuffled_positions_take_vectors_from_elsewhere_in_the_same_sentence(cases: Any) -> None:
    case = cases.sentences((4,))  # position 0 is held fixed
    inputs = case.explicand.inputs
    found = occlusion(case.explicand, shuffle=1).values[0]
    output = case.function(inputs)[0]
    for position in (1, 2, 3):
        others = [place for place in (1, 2, 3) if place != position]
        falls = []
        for other in others:
            moved = inputs.clone()
            moved[0, position] = inputs[0, other]
            falls.append(float((output - case.function(moved)[0]).detach()))
        assert min(abs(float(found[position]) - fall) for fall in falls) < 1e-9
    assert found[0] == 0


def test_shuffles_are_the_mean_over_their_draws_and_cost_each(cases: Any) -> None:
    case = cases.sentences((5, 3))
    scores = occlusion(case.explicand, shuffle=3)
    assert scores.evaluations.tolist() == [1 + 3 * 4, 1 + 3 * 2]
    assert not torch.equal(scores.values, occlusion(case.explicand, shuffle=1).values)
    assert torch.equal(scores.values, occlusion(case.explicand, shuffle=3).values)


def test_shuffles_depend_on_the_seed_and_not_on_neighbours(cases: Any) -> None:
    case = cases.sentences((5, 3, 4))
    values = occlusion(case.explicand, shuffle=2).values
    turned = occlusion(cases.picked(case.explicand, (2, 1, 0), padding=2), shuffle=2).values
    assert_close(values, turned[[2, 1, 0], : values.shape[1]])
    other = replace(case.explicand, seeds=tuple(seed + 1 for seed in case.explicand.seeds))
    assert not torch.equal(values, occlusion(other, shuffle=2).values)


def test_nothing_can_be_shuffled_into_a_sentence_of_one_position(cases: Any) -> None:
    assert occlusion(cases.sentences((2, 1)).explicand, shuffle=4).values.abs().max() < 1e-12

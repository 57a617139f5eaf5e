from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.testing import assert_close

from token_saliency.core.explicand import Explicand
from token_saliency.core.gradients import Loop
from token_saliency.errors import ModelError


@dataclass
class Recorded:
    """A score whose gradient is known (2 * point), and the shapes of the chunks that it was asked for."""

    explicand: Explicand
    shapes: list[tuple[int, ...]] = field(default_factory=list)

    def at(self, index: Tensor, rows: Tensor, length: int) -> Tensor:
        """Point i is the input of its row, times i + 1."""
        return self.explicand.inputs[rows, :length] * (index + 1)[:, None, None]


def _recorded(lengths: Sequence[int], budget: int) -> Recorded:
    inputs = torch.zeros(len(lengths), max(lengths), 2, dtype=torch.float64)
    for row, length in enumerate(lengths):
        inputs[row, :length] = row + 1

    def score(points: Tensor, rows: Tensor) -> Tensor:
        recorded.shapes.append(tuple(points.shape))
        assert len(points) == len(rows)
        return (points**2).sum((1, 2))

    seeds = tuple(range(len(lengths)))
    explicand = Explicand(inputs, torch.zeros_like(inputs), score, torch.tensor(lengths), budget, seeds)
    recorded = Recorded(explicand)
    return recorded


@settings(max_examples=40, deadline=None)
@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=6), budget=st.integers(1, 60), data=st.data())
def test_every_point_is_evaluated_once_within_the_budget(lengths: list[int], budget: int, data: st.DataObject) -> None:
    recorded = _recorded(lengths, budget)
    rows = data.draw(st.lists(st.integers(0, len(lengths) - 1), max_size=12))
    seen: list[int] = []
    for chunk in Loop(recorded.explicand).gradients(rows, recorded.at):
        points = recorded.at(chunk.index, chunk.rows, chunk.length)
        assert_close(chunk.gradients, 2 * points)
        assert_close(chunk.scores, (points**2).sum((1, 2)))
        assert chunk.rows.tolist() == [rows[i] for i in chunk.index.tolist()]
        assert chunk.length == max(lengths[row] for row in chunk.rows.tolist())
        seen += chunk.index.tolist()
    assert sorted(seen) == list(range(len(rows)))
    assert all(count * length <= budget or count == 1 for count, length, _ in recorded.shapes)


def test_points_of_like_length_share_a_chunk_so_that_little_is_padding() -> None:
    recorded = _recorded([2, 8, 2, 8], budget=16)
    list(Loop(recorded.explicand).gradients([0, 1, 2, 3], recorded.at))
    assert sorted(recorded.shapes) == [(2, 2, 2), (2, 8, 2)]


def test_scores_come_back_in_the_order_asked_and_build_no_graph() -> None:
    recorded = _recorded([1, 5, 3], budget=5)
    scores = Loop(recorded.explicand).scores([2, 0, 1, 0], recorded.at)
    assert_close(scores, torch.tensor([54.0, 8, 360, 32], dtype=torch.float64))
    assert not scores.requires_grad


def test_nothing_asked_is_nothing_scored() -> None:
    recorded = _recorded([1], budget=5)
    assert Loop(recorded.explicand).scores([], recorded.at).shape == (0,)
    assert not recorded.shapes


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA"), RuntimeError("DefaultCPUAllocator: not enough memory: out of memory")]
)
def test_out_of_memory_halves_the_budget_and_goes_on(error: RuntimeError) -> None:
    recorded = _recorded([2] * 8, budget=16)
    tried: list[int] = []

    def score(points: Tensor, rows: Tensor) -> Tensor:
        tried.append(len(points))
        if len(points) > 2:
            raise error
        return recorded.explicand.score(points, rows)

    loop = Loop(replace(recorded.explicand, score=score))
    assert_close(loop.output(), recorded.explicand.inputs.square().sum((1, 2)))
    assert tried == [8, 4, 2, 2, 2, 2]
    loop.output()
    assert tried[6:] == [2, 2, 2, 2], "what did not fit once is not tried again"


def test_one_point_that_does_not_fit_is_the_callers_error() -> None:
    def score(points: Tensor, rows: Tensor) -> Tensor:
        raise torch.OutOfMemoryError(f"no room for {len(points)} of {len(rows)}")

    with pytest.raises(torch.OutOfMemoryError, match="no room for 1 of 1"):
        Loop(replace(_recorded([2, 2], budget=16).explicand, score=score)).output()


def test_other_errors_are_not_swallowed() -> None:
    def score(points: Tensor, rows: Tensor) -> Tensor:
        raise RuntimeError(f"shapes {points.shape} and {rows.shape}")

    with pytest.raises(RuntimeError, match="shapes"):
        Loop(replace(_recorded([2, 2], budget=16).explicand, score=score)).output()


def test_a_score_without_a_gradient_is_refused_with_what_to_use_instead() -> None:
    recorded = _recorded([2], budget=16)
    loop = Loop(replace(recorded.explicand, score=lambda points, _: points.detach().sum((1, 2))))
    with pytest.raises(ModelError, match="use the method 'occlusion'"):
        list(loop.gradients([0], recorded.at))


def test_only_gradients_of_the_points_are_computed() -> None:
    recorded = _recorded([2], budget=16)
    weight = torch.nn.Parameter(torch.ones(1, dtype=torch.float64))
    asked: list[Tensor] = []
    weight.register_hook(asked.append)  # type: ignore[no-untyped-call]
    score = recorded.explicand.score
    loop = Loop(replace(recorded.explicand, score=lambda points, rows: weight * score(points, rows)))
    (chunk,) = loop.gradients([0], recorded.at)
    assert chunk.gradients.any()
    assert not asked
    assert weight.grad is None

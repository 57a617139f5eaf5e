"""Small float64 networks of three shapes, and the explicands that put them to the methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from token_saliency.core.explicand import Explicand

WIDTH = 6


class SentenceNet(nn.Module):
    """Attention over the real positions, then a non-linear head: every position matters to every other."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.mix = nn.Linear(WIDTH, WIDTH)
        self.head = nn.Linear(WIDTH, 1)

    def forward(self, points: Tensor, real: Tensor) -> Tensor:
        hidden = self.norm(points)
        weights = (self.mix(hidden) @ hidden.transpose(1, 2)).masked_fill(~real[:, None, :], -torch.inf).softmax(-1)
        hidden = torch.tanh(2 * (weights @ hidden + self.mix(hidden))) * real[..., None]
        result: Tensor = self.head(hidden.sum(1))[:, 0]
        return result


@dataclass(frozen=True)
class Case:
    """An explicand beside the plain function of whole, unpadded inputs that it explains."""

    explicand: Explicand
    net: nn.Module
    function: Callable[[Tensor], Tensor]


def _net(make: Callable[[], nn.Module]) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return make().double().eval()


def _draw(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def sentences(lengths: Sequence[int] = (5, 3, 7, 1, 4), *, padding: int = 0, budget: int = 12) -> Case:
    """Sentences of these lengths, padded; the contents of a sentence depend on its length alone."""
    net = _net(SentenceNet)
    shape = (len(lengths), max(lengths) + padding, WIDTH)
    inputs, baselines = torch.zeros(shape, dtype=torch.float64), torch.zeros(shape, dtype=torch.float64)
    for row, length in enumerate(lengths):
        inputs[row, :length] = _draw(length, length, WIDTH)
        baselines[row, :length] = _draw(100, 1, WIDTH)
        baselines[row, 0] = inputs[row, 0]  # held fixed, like a special token
    real = torch.tensor(lengths)

    def score(points: Tensor, rows: Tensor) -> Tensor:
        result: Tensor = net(points, torch.arange(points.shape[1]) < real[rows, None])
        return result

    seeds = tuple(length * 7919 for length in lengths)
    explicand = Explicand(inputs, baselines, score, real, budget, seeds)
    return Case(explicand, net, lambda points: net(points, torch.ones(points.shape[:2], dtype=torch.bool)))


def images(count: int = 3) -> Case:
    """Small images under a convolution."""
    net = _net(lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.Softplus(), nn.Flatten(), nn.Linear(36, 1), nn.Flatten(0)))
    return _whole(net, _draw(1, count, 3, 5, 5))


def tables(count: int = 4) -> Case:
    """Rows of a table under a small perceptron."""
    net = _net(lambda: nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 1), nn.Flatten(0)))
    return _whole(net, _draw(2, count, 5))


def _whole(net: nn.Module, inputs: Tensor) -> Case:
    lengths = torch.full((len(inputs),), inputs.shape[1])
    seeds = tuple(range(len(inputs)))
    explicand = Explicand(inputs, torch.zeros_like(inputs), lambda points, _: net(points), lengths, 8, seeds)
    return Case(explicand, net, net)


def picked(explicand: Explicand, order: Sequence[int], padding: int = 0) -> Explicand:
    """The examples of an explicand in another order, some left out or twice, with more padding."""
    rows = torch.tensor(order)
    pad = [0, 0] * (explicand.inputs.ndim - 2) + [0, padding]
    return replace(
        explicand,
        inputs=nn.functional.pad(explicand.inputs[rows], pad),
        baselines=nn.functional.pad(explicand.baselines[rows], pad),
        score=lambda points, of: explicand.score(points, rows[of]),
        lengths=explicand.lengths[rows],
        seeds=tuple(explicand.seeds[row] for row in order),
    )


@pytest.fixture(scope="session")
def cases() -> SimpleNamespace:
    """The makers of small explicands (a test file cannot import another)."""
    return SimpleNamespace(sentences=sentences, images=images, tables=tables, picked=picked)

"""Contestants that take turns on slices of the texts: a disturbance of the machine meets all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

Work = Callable[[], object]


@dataclass(slots=True)
class Times:
    """Seconds of each round by contestant, by the wall and by the processor."""

    wall: dict[str, list[float]] = field(default_factory=dict)
    processor: dict[str, list[float]] = field(default_factory=dict)

    def turn(self, works: Mapping[str, Work], backwards: bool) -> None:
        """Everyone once."""
        for name in sorted(works, reverse=backwards):
            wall, processor = time.perf_counter(), time.process_time()
            works[name]()
            settle()
            self.wall.setdefault(name, []).append(time.perf_counter() - wall)
            self.processor.setdefault(name, []).append(time.process_time() - processor)

    def ratio(self, slower: str, faster: str) -> tuple[float, float, float, float]:
        """How many times as long one took: median of the rounds, the least and the most, median by the processor."""
        wall = np.array(self.wall[slower]) / np.array(self.wall[faster])
        steady = np.array(self.processor[slower]) / np.array(self.processor[faster])
        return float(np.median(wall)), float(wall.min()), float(wall.max()), float(np.median(steady))


def race(slices: Sequence[Mapping[str, Work]]) -> Times:
    """Round i is slice i: everyone works on the same texts, in turns, the order reversed every other round."""
    times = Times()
    for i, works in enumerate(slices):
        times.turn(works, backwards=bool(i % 2))
    return times


def seconds(work: Work) -> float:
    """How long it takes, once."""
    start = time.perf_counter()
    work()
    settle()
    return time.perf_counter() - start


def settle() -> None:
    """A GPU is still at work when its answer has not been asked for."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()

"""Finished work as plain data: blocks of answers, keyed by content, and what is remembered of them.

A run hands every finished block to whoever keeps it, and takes the blocks of an earlier run that was stopped.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from token_saliency.store.trace import Trace

Text = str | tuple[str, str]
Key = bytes
T = TypeVar("T")

KEY_BYTES = 16


class Counting(Protocol):
    """What counts sequences through a model, through its gradient, and tokens."""

    forward: int
    backward: int

    @property
    def tokens(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Spent:
    """Sequences forward and backward, tokens, seconds."""

    forward: int = 0
    backward: int = 0
    tokens: int = 0
    seconds: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.forward + other.forward,
            self.backward + other.backward,
            self.tokens + other.tokens,
            self.seconds + other.seconds,
        )

    def __sub__(self, other: Spent) -> Spent:
        return self + Spent(-other.forward, -other.backward, -other.tokens, -other.seconds)

    @staticmethod
    def so_far(meter: Counting) -> Spent:
        """What a meter counts and a clock shows now: of use less what they did before."""
        return Spent(meter.forward, meter.backward, meter.tokens, time.perf_counter())


@dataclass(frozen=True, slots=True)
class Explained:
    """How all rows of a run were explained: the resolved names, for the settings of the report."""

    output: str
    baseline: str | None
    signed: bool


@dataclass(frozen=True, slots=True)
class Predicted:
    """A block of predictions: one key and one line of `probabilities` [n, C] a text."""

    keys: tuple[Key, ...]
    probabilities: NDArray[np.float64]
    spent: Spent


@dataclass(frozen=True, slots=True)
class Traced:
    """A block of attributions: one key and one trace a row."""

    keys: tuple[Key, ...]
    traces: tuple[Trace, ...]
    explained: Explained
    spent: Spent


@dataclass(frozen=True, slots=True)
class Paid:
    """What somebody else's server answered: a line of numbers [n, k] a key, kept as each comes."""

    keys: tuple[Key, ...]
    numbers: NDArray[np.float64]
    spent: Spent = Spent()


Block = Predicted | Traced | Paid
OnBlock = Callable[[Block], None]
"""Called with every finished block. May raise: what it was called with before is safe."""


def unkept(block: Block) -> None:
    """For a run whose blocks are not written anywhere: it cannot be resumed."""


def key_of(text: Text, *more: object) -> Key:
    """A key from content; lengths keep ("ab", "c") and ("a", "bc") apart."""
    digest = hashlib.blake2b(digest_size=KEY_BYTES)
    parts = [text] if isinstance(text, str) else ["", *text]
    for part in [*parts, *map(repr, more)]:
        content = part.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.digest()


@dataclass(slots=True)
class Memory:
    """All answers so far, by key."""

    predictions: dict[Key, NDArray[np.float64]] = field(default_factory=dict)
    traces: dict[Key, Trace] = field(default_factory=dict)
    paid: dict[Key, NDArray[np.float64]] = field(default_factory=dict)
    explained: Explained | None = None
    spent: Spent = field(default_factory=Spent)

    @staticmethod
    def of(blocks: Iterable[Block]) -> Memory:
        """What the blocks of an earlier run hold."""
        memory = Memory()
        for block in blocks:
            memory.add(block)
        return memory

    def add(self, block: Block) -> None:
        """Remembers a finished block."""
        if isinstance(block, Predicted):
            self.predictions |= zip(block.keys, block.probabilities, strict=True)
        elif isinstance(block, Paid):
            self.paid |= zip(block.keys, block.numbers, strict=True)
        else:
            self.traces |= zip(block.keys, block.traces, strict=True)
            self.explained = block.explained
        self.spent += block.spent


def cut(items: Sequence[T], sizes: Sequence[int], limit: int) -> list[list[T]]:
    """The items, the largest first, in blocks: count times largest is at most the limit (or it is one item)."""
    order = sorted(range(len(items)), key=lambda i: -sizes[i])
    blocks, at = [], 0
    while at < len(order):
        count = max(1, limit // max(1, sizes[order[at]]))
        blocks.append([items[i] for i in order[at : at + count]])
        at += count
    return blocks

"""Which rows go through the model together: sorted by length, packed under a budget of tokens."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import torch
from torch import Tensor

from token_saliency.core.gradients import out_of_memory
from token_saliency.text.encoding import Text

_AHEAD = 2
"""So many pieces may wait: what they hold stays in memory."""

Work = Callable[[], None]


@contextmanager
def behind(device: torch.device) -> Iterator[Callable[[Work], None]]:
    """Yields what takes pieces of work and does them in turn; all are done when the block ends.

    On a CPU, whose cores have enough to do, at once; else in a thread beside the device's work. The error of a piece
    is raised by a later one, or at the end.
    """
    if device.type == "cpu":
        yield lambda work: work()
        return
    waiting: deque[Future[None]] = deque()
    with ThreadPoolExecutor(1) as pool:

        def later(work: Work) -> None:
            waiting.append(pool.submit(work))
            if len(waiting) > _AHEAD:
                waiting.popleft().result()

        yield later
        for one in waiting:
            one.result()


AnswerFn = Callable[[Tensor, Tensor], Tensor]
"""`(points [N, T, D], rows [N]) -> logits [N, C]`."""


def sources(texts: Sequence[Text]) -> list[int]:
    """For each text the place of the first text that equals it."""
    first: dict[Text, int] = {}
    return [first.setdefault(text, i) for i, text in enumerate(texts)]


def shared_answers(answer: AnswerFn, source: Sequence[int], lengths: Tensor) -> AnswerFn:
    """The same answers; a point that was asked before (of an equal text, without gradients) is not asked again.

    Where gradients are asked each point needs a graph of its own, so nothing is shared.
    """
    if len(set(source)) == len(source):
        return answer
    known: dict[tuple[int, bytes], Tensor] = {}
    widths = lengths.tolist()

    def answers(points: Tensor, rows: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            return answer(points, rows)
        keys = [
            (source[row], _digest(point[: widths[row]])) for point, row in zip(points.cpu(), rows.tolist(), strict=True)
        ]
        new = list({key: i for i, key in reversed(list(enumerate(keys))) if key not in known}.values())
        if new:
            at = torch.tensor(sorted(new), device=points.device)
            for i, row in zip(at.tolist(), answer(points[at], rows[at]), strict=True):
                known[keys[i]] = row
        return torch.stack([known[key] for key in keys])

    return answers


def _digest(point: Tensor) -> bytes:
    return hashlib.blake2b(point.contiguous().view(torch.uint8).numpy().tobytes(), digest_size=16).digest()


CPU_TOKENS = 512
"""A core's share. Rows of 24 tokens, 384 wide, two threads: twice as much takes 5% longer, for it misses the cache."""
CPU_MOST = 4096
CUDA_LEAST, CUDA_MOST = 4096, 131072
ELSEWHERE = 16384
_SHARE = 0.5
"""Of the free memory: what a batch is thought to take is an estimate, and others may want some too."""
_KEPT = 30
"""Numbers as wide as the model that a layer keeps of each token for its gradient (a transformer; attention apart)."""


def default_budget(device: torch.device, bytes_a_token: int = 0) -> int:
    """Tokens in one batch where the caller chose none; too many are halved as soon as the memory says so."""
    if device.type == "cpu":
        return min(CPU_MOST, CPU_TOKENS * torch.get_num_threads())
    if device.type != "cuda" or bytes_a_token < 1:
        return ELSEWHERE
    free, _ = torch.cuda.mem_get_info(device)
    return max(CUDA_LEAST, min(CUDA_MOST, int(free * _SHARE) // bytes_a_token))


def kept_bytes(config: object, dtype: torch.dtype) -> int:
    """About how much memory one token takes until its gradient is there; 0 where the config does not say."""
    width, layers = getattr(config, "hidden_size", 0), getattr(config, "num_hidden_layers", 0)
    known = isinstance(width, int) and isinstance(layers, int)
    return width * layers * _KEPT * dtype.itemsize if known else 0


def packed(lengths: Sequence[int], budget: int, *, equal: bool = False) -> list[list[int]]:
    """Indices in batches, the longest first: count times longest is at most the budget (or it is one row).

    `equal`: only rows of one length share a batch.
    """
    order, batches = by_length(lengths), []
    at = 0
    while at < len(order):
        batches.append(head(order, at, lengths, budget, equal=equal))
        at += len(batches[-1])
    return batches


def run_packed(lengths: Sequence[int], budget: int, run: Callable[[list[int]], None], *, equal: bool = False) -> None:
    """Runs every batch; where the memory is too small the budget is halved and the batch tried again."""
    order, at = by_length(lengths), 0
    while at < len(order):
        batch = head(order, at, lengths, budget, equal=equal)
        if _fits(run, batch):
            at += len(batch)
        else:
            budget = len(batch) // 2 * max(1, lengths[batch[0]])


def by_length(lengths: Sequence[int]) -> list[int]:
    """Indices, the longest first: what does not fit in memory fails early."""
    return sorted(range(len(lengths)), key=lambda i: -lengths[i])


def head(order: Sequence[int], at: int, lengths: Sequence[int], budget: int, *, equal: bool = False) -> list[int]:
    """The batch that starts at place `at` of the order."""
    longest = lengths[order[at]]
    batch = list(order[at : at + max(1, budget // max(1, longest))])
    return [i for i in batch if lengths[i] == longest] if equal else batch


def _fits(run: Callable[[list[int]], None], batch: list[int]) -> bool:
    try:
        run(batch)
    except RuntimeError as error:
        if len(batch) == 1 or not out_of_memory(error):
            raise
        return False  # the traceback holds the tensors: they must be gone before the next try
    return True


def shares(sizes: Sequence[int], workers: int, least: int, most: int) -> list[list[int]]:
    """Indices, the largest first, in parts that shrink: each is half of a fair share of what is left.

    So nobody waits long for the last part (guided self-scheduling, Polychronopoulos and Kuck 1987). `least` and `most`
    bound the size of a part.
    """
    parts: list[list[int]] = []
    left, filled, bound = sum(sizes), 0, 0.0
    for i in by_length(sizes):
        if filled >= bound:
            left, filled = left - filled, 0
            bound = min(most, max(least, left / (2 * workers)))
            parts.append([])
        parts[-1].append(i)
        filled += sizes[i]
    return parts

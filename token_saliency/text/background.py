"""Work of the CPU that goes on behind the work of a device."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import torch

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

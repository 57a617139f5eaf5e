"""How well actors share the work, and what the process that asks costs beside one of them.

`python -m benchmarks.engines [--model MODEL]`: 64 blocks of a task that sleeps, by one and by eight actors; with a
model, the same texts by one actor and by this process, in turns. All ratios are of one run.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import torch

from token_saliency.engines import Engine, RayCluster
from token_saliency.text.classifier import TextClassifier

BLOCKS = 64
SLEEP = 0.5
ROUNDS = 3


def nothing(_: int) -> None:
    """An actor of the sleeping task holds nothing."""


def asleep(_: None, part: int) -> int:
    """Waits as long as a block of a large model takes."""
    time.sleep(SLEEP)
    return part


def seconds(work: Callable[[], object]) -> float:
    """Of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def sleeping(engine: Engine) -> float:
    """Seconds for all blocks, the actors being there."""
    list(engine.map(asleep, range(engine.count)))
    return seconds(lambda: list(engine.map(asleep, range(BLOCKS))))


def efficiency(actors: int) -> float:
    """Of linear: one actor takes BLOCKS times SLEEP and no less."""
    with RayCluster()(nothing, actors, 1) as engine:
        return BLOCKS * SLEEP / (actors * sleeping(engine))


def threads_there(_: None, __: int) -> int:
    """So many threads an actor computes with."""
    return torch.get_num_threads()


def overhead(model: str) -> float:
    """Seconds of one actor over those of this process with as many threads, less one; the median of a few turns."""
    with RayCluster(gpus=False)(nothing, 1, 0) as engine:
        ((_, threads),) = engine.map(threads_there, [0])
    torch.set_num_threads(threads)
    one = TextClassifier.from_pretrained(model, device="cpu")
    texts = [f"the film number {n} was {'very ' * (n % 9)}good, they said" for n in range(2000)]
    with one.workers(1, RayCluster(gpus=False)) as far:
        far.predict(texts[:50])
        one.predict(texts[:50])
        turns = [seconds(lambda: far.predict(texts)) / seconds(lambda: one.predict(texts)) for _ in range(ROUNDS)]
    return median(turns) - 1


def main() -> None:
    """Prints the ratios beside their bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="A sequence classifier, for the overhead.")
    given = parser.parse_args()
    print(f"8 actors, {BLOCKS} blocks of {SLEEP} s: {efficiency(8):.2f} of linear; bar .90", flush=True)
    if given.model:
        print(f"one actor beside this process: {overhead(given.model):+.1%}; bar +5%", flush=True)


if __name__ == "__main__":
    main()

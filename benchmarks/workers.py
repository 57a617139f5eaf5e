"""Two workers of one thread each beside one process of two threads: who is faster, and are the scores the same.

    python benchmarks/workers.py MODEL DATA [--predicted 600] [--explained 60] [--rounds 5] [--workers 2]

Both sides take turns on the same texts; a ratio is the median over the rounds. The processes are started once, and
what that takes is printed beside it: it is paid once a run.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from benchmarks.speed.clock import Times, Work, race
from token_saliency.data import load_rows
from token_saliency.text.classifier import TextClassifier

NOISE = 0.95
"""Not slower, as far as a shared machine can tell."""
SAME = 1e-5


def line(what: str, bar: str, found: str, met: bool) -> None:
    print(f"| {what} | {bar} | {found} | {'pass' if met else 'FAIL'} |", flush=True)


def ratio_line(name: str, times: Times, workers: int) -> None:
    median, least, most, _ = times.ratio("one", "many")
    found = f"{median:.2f} ({least:.2f} to {most:.2f})"
    line(f"{name}: seconds of one process / of {workers} workers", f"at least {NOISE}", found, median >= NOISE)


def rate(tokens: int, times: Times, side: str) -> str:
    return f"{tokens / float(np.median(times.wall[side])):,.0f}"


def predicting(one: TextClassifier, many: TextClassifier, texts: Sequence[str]) -> Mapping[str, Work]:
    return {"one": lambda: one.predict(texts), "many": lambda: many.predict(texts)}


def explaining(one: TextClassifier, many: TextClassifier, texts: Sequence[str]) -> Mapping[str, Work]:
    return {"one": lambda: one.explain(texts), "many": lambda: many.explain(texts)}


def same_line(one: TextClassifier, many: TextClassifier, texts: Sequence[str]) -> None:
    """Largest difference of a logit and of a score, in the model's own units."""
    logits = float(np.abs(one.predict(texts).logits - many.predict(texts).logits).max())
    pairs = zip(one.explain(texts), many.explain(texts), strict=True)
    scores = max(float(np.abs(own.scores - other.scores).max()) for own, other in pairs)
    line("largest difference of a logit", f"under {SAME:g}", f"{logits:.1e}", logits < SAME)
    line("largest difference of a token score", f"under {SAME:g}", f"{scores:.1e}", scores < SAME)


def main() -> None:
    chosen = arguments()
    torch.set_num_threads(chosen.workers)
    one = TextClassifier.from_pretrained(chosen.model, device="cpu")
    rows = load_rows(chosen.data, labels=one.labels, split=chosen.split).examples
    texts = list(dict.fromkeys(row.text for row in rows))
    short, long = texts[: chosen.explained], texts[: chosen.predicted]
    start = time.perf_counter()
    with one.workers(chosen.workers) as many:
        print(f"{chosen.workers} workers started in {time.perf_counter() - start:.1f} s; ", end="")
        print(f"{len(long)} texts predicted, {len(short)} explained, {chosen.rounds} rounds\n")
        print("| what | bar | found | |\n| --- | --- | --- | --- |")
        same_line(one, many, short)  # and both are warm now
        predicted = race([predicting(one, many, long)] * chosen.rounds)
        ratio_line("predict", predicted, chosen.workers)
        explained = race([explaining(one, many, short)] * chosen.rounds)
        ratio_line("explain", explained, chosen.workers)
    tokens = sum(one.count_tokens(long)), sum(one.count_tokens(short))
    for name, times, count in (("predict", predicted, tokens[0]), ("explain", explained, tokens[1])):
        print(f"{name}: {rate(count, times, 'one')} tokens of text/s, with workers {rate(count, times, 'many')}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a folder with a model")
    parser.add_argument("data", help="rows, as `token-saliency audit` reads them")
    parser.add_argument("--split")
    parser.add_argument("--predicted", type=int, default=600)
    parser.add_argument("--explained", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2, help="and as many threads of the one process")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""What the self-test of a model costs, alone and in `token-saliency check`; beside an older checkout, if one is named.

    python -m benchmarks.self_test MODEL [--rounds 7] [--before CHECKOUT]

Both sides take turns, each round in a process of its own, with one thread. By the wall and by the processor, since a
busy machine stretches the former.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path

import numpy as np

_ROOT = Path(__file__).resolve().parents[1]
_ALONE = """
import sys, time
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from token_saliency import TextClassifier
model = AutoModelForSequenceClassification.from_pretrained(sys.argv[1])
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
for _ in range(5):
    classifier = TextClassifier(model, tokenizer)
    wall, processor = time.perf_counter(), time.process_time()
    classifier.self_test
    print(time.perf_counter() - wall, time.process_time() - processor)
"""
_COMMAND = "from token_saliency.__main__ import main; main()"


def alone(checkout: Path, model: str) -> tuple[float, float]:
    """Seconds by the wall and by the processor: the median of five in one process, the first of which warms up."""
    lines = _run(checkout, _ALONE, model).stdout.splitlines()[-4:]
    wall, processor = np.median([[float(number) for number in line.split()] for line in lines], axis=0)
    return float(wall), float(processor)


def check(checkout: Path, model: str) -> tuple[float, float]:
    """The whole command, from the start of the process to its end."""
    return measured(checkout, "check", model)[:2]


def measured(checkout: Path, *words: str, fine: Collection[int] = (0,)) -> tuple[float, float, int]:
    """Seconds by the wall and by the processor of a whole command, and its exit code, which is one of the `fine`."""
    wall, before = time.perf_counter(), os.times()
    code = _run(checkout, _COMMAND, *words, fine=fine).returncode
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - wall, spent, code


def _run(checkout: Path, code: str, *words: str, fine: Collection[int] = (0,)) -> subprocess.CompletedProcess[str]:
    surroundings = os.environ | {"PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, env=surroundings, cwd=checkout, capture_output=True, text=True, check=False)
    if done.returncode not in fine:
        raise SystemExit(f"{checkout}: {' '.join(words)}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a folder or a hub id")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--before", type=Path, help="another checkout, to be compared with")
    chosen = parser.parse_args()
    model = str(Path(chosen.model).resolve()) if Path(chosen.model).exists() else chosen.model
    sides = {"now": _ROOT} | ({"before": chosen.before.resolve()} if chosen.before else {})
    for name, work in (("self-test", alone), ("check", check)):
        seen = {side: np.array([]).reshape(0, 2) for side in sides}
        for _ in range(chosen.rounds):
            for side, checkout in sides.items():
                seen[side] = np.vstack([seen[side], work(checkout, model)])
        for side, times in seen.items():
            wall, processor = np.median(times, axis=0)
            print(f"{name}, {side}: {wall:.2f} s, {processor:.2f} s of the processor", flush=True)
        if chosen.before:
            wall, processor = np.median(seen["now"] / seen["before"], axis=0)
            print(f"{name}: {wall:.2f} times by the wall, {processor:.2f} by the processor", flush=True)


if __name__ == "__main__":
    main()

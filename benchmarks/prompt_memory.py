"""What a large vocabulary costs an audit with a prompt in memory: two processes, one figure.

    python benchmarks/prompt_memory.py [--small 1000] [--large 150000] [--rows 64]

A tiny causal model (random weights, built from its config) is audited in a process of its own for each size. Printed
is the peak of resident memory above what the process held before the audit, in MB, and the difference of the two.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

PROMPT = {"template": "is it good or not ?\n{text}\n", "labels": {"positive": [" good"], "negative": [" not"]}}


def resident() -> float:
    """MB of this process by now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def peak_of_an_audit(vocabulary: int, rows: int) -> float:
    """MB above the start, looked at a hundred times a second."""
    from tests.prompt.conftest import language_model
    from token_saliency import TextClassifier, run_audits

    tiny = language_model("llama", vocab_size=vocabulary)
    classifier = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PROMPT)
    texts = [{"text": f"the film {i} is {('good', 'dull')[i % 2]}" + "!" * (i % 3)} for i in range(rows)]
    classifier.explain(["a film"])  # what is loaded once is no part of it
    before, seen, done = resident(), [0.0], threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen[0] = max(seen[0], resident())
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    run_audits(classifier, texts, ["punctuation", "label_order"], edits=400, discovery=False)
    done.set()
    watcher.join()
    return seen[0] - before


def main() -> None:
    """Both sizes, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in {"small": 1000, "large": 150_000, "rows": 64, "one": 0}.items():
        parser.add_argument(f"--{name}", type=int, default=usual)
    given = parser.parse_args()
    if given.one:
        print(peak_of_an_audit(given.one, given.rows))
        return
    found = []
    for size in (given.small, given.large):
        command = [sys.executable, __file__, "--one", str(size), "--rows", str(given.rows)]
        ended = subprocess.run(command, check=True, capture_output=True, text=True)
        found.append(float(ended.stdout.splitlines()[-1]))
        print(f"{size:,} tokens: peak {found[-1]:.1f} MB above the start of the audit")
    print(f"grows by {found[1] - found[0]:.1f} MB (bar: under 50)")


if __name__ == "__main__":
    main()

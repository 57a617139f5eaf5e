"""A prompt is audited, mended, audited again and compared, on a real instruct model: what the commands print.

    python -m benchmarks.prompt_tutorial MODEL sst_cased.csv FOLDER [--rows 100]

MODEL is what `make-smollm2` writes. The rows are drawn in balance from the held-out parts.
"""

from __future__ import annotations

import argparse
import csv
import shlex
from pathlib import Path

import torch

from benchmarks.prompted import rows_of
from token_saliency.__main__ import run

PROMPT = '''chat = true
template = """Classify the sentiment of this movie review as positive or negative.
Review: {text}
Answer with one word."""
answer = "Sentiment:"

[labels]
positive = " positive"
negative = " negative"
'''
HOW = "--audits label_order --edits 2000 --exhaustive --method random --no-discovery"


def main() -> None:
    """Each command, what it prints, and its exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    names = ("rows.csv", "prompt.toml", "before", "after", "mended.csv", "proof")
    place = {name: chosen.folder / name for name in names}
    place["prompt.toml"].write_text(PROMPT, encoding="utf-8")
    with place["rows.csv"].open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["text", "label"])
        writer.writeheader()
        writer.writerows(rows_of(chosen.data, chosen.rows))
    mended = chosen.folder / "mended.prompt.toml"
    asked = f"{chosen.model} {place['rows.csv']}"
    for command in (
        f"audit {asked} --prompt {place['prompt.toml']} {HOW} --out {place['before']}",
        f"mend {place['before']} {place['rows.csv']} --out {place['mended.csv']}",
        f"audit {asked} --prompt {mended} {HOW} --out {place['after']}",
        f"compare {place['before']} {place['after']} --out {place['proof']}",
    ):
        print(f"\n$ token-saliency {command}", flush=True)
        print(f"exit code {run(shlex.split(command))}", flush=True)
    print(f"\n{mended.name}:\n{mended.read_text(encoding='utf-8')}")


if __name__ == "__main__":
    main()

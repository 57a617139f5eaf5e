"""What reading a prompt's head once saves: edits and attributions, each with and without it, in turns.

    python benchmarks/prompt_speed.py MODEL [--head 500] [--row 40] [--rows 32] [--rounds 3] [--threads 2] [--layers N]

MODEL is a causal language model (the folder that `make-smollm2` writes, for one). Both sides take the same rows through
the same classifier in one process; a ratio is the median over the rounds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from benchmarks.speed.clock import Work, race
from token_saliency.text.classifier import TextClassifier
from token_saliency.text.model.loading import load
from token_saliency.text.prompt.causal import CausalReadout
from token_saliency.text.prompt.readouts import LOADERS

WORDS = "the film was slow but warm and its last scene in an old house by the sea is worth the long wait".split()


def texts(tokenizer: Any, count: int, tokens: int) -> list[str]:
    """Rows of about so many tokens, each another one."""
    found = []
    for i in range(count):
        words = [str(i)]
        while len(tokenizer(" ".join(words))["input_ids"]) < tokens:
            words.append(WORDS[(i * 7 + len(words)) % len(WORDS)])
        found.append(" ".join(words))
    return found


def classifier(name: str, head: int, tokens: int, layers: int | None) -> TextClassifier:
    """A prompt whose head has about so many tokens; of the model so many layers, or all of them."""
    loaded = load(name, loader=LOADERS["causal"], device="cpu", dtype="float32", revision=None, trust_remote_code=False)
    model: Any = loaded.model
    if layers is not None:
        del model.model.layers[layers:]
        model.config.num_hidden_layers = layers
    told: list[str] = []
    while len(loaded.tokenizer(" ".join(told))["input_ids"]) < head:
        told += WORDS
    labels = {"positive": [" positive"], "negative": [" negative"]}
    prompt = {"template": " ".join(told) + "\nReview: {text}\n", "answer": "Sentiment:", "labels": labels}
    return TextClassifier.from_prompt(model, loaded.tokenizer, prompt, batch_tokens=tokens)


def in_turns(readout: CausalReadout, work: Callable[[Sequence[str]], object], parts: Sequence[Sequence[str]]) -> None:
    """Both ways on each part; prints the median ratio by the wall and by the processor (for a busy machine)."""

    def way(part: Sequence[str], reuse: bool) -> Work:
        def run() -> object:
            readout.reuse = reuse
            return work(part)

        return run

    times = race([{"anew": way(part, reuse=False), "once": way(part, reuse=True)} for part in parts])
    readout.reuse = True
    for name in ("anew", "once"):
        print(f"  head computed {name}: {np.median(times.wall[name]):.2f} s a round, median")
    ratio, low, high, processor = times.ratio("anew", "once")
    print(f"  ratio: {ratio:.2f} by the wall ({low:.2f} to {high:.2f}), {processor:.2f} by the processor", flush=True)


def main() -> None:
    """Prints both bars."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    for name, usual in {"head": 500, "row": 40, "rows": 32, "rounds": 3, "threads": 2, "batch_tokens": 2048}.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=usual)
    parser.add_argument("--layers", type=int, help="of a model with model.layers: the first ones alone")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    made = classifier(given.model, given.head, given.batch_tokens, given.layers)
    readout: Any = made._held.network.readout
    rows = texts(made.tokenizer, given.rows * given.rounds, given.row)
    print(
        f"{given.model}: head of {len(readout._head)} tokens, "
        f"rows of {np.mean(made.count_tokens(rows)):.0f} with the end"
    )
    parts = [rows[i :: given.rounds] for i in range(given.rounds)]
    print(f"edits, {given.rows} rows a round")
    in_turns(readout, made.predict, parts)
    few = [part[: max(1, given.rows // 6)] for part in parts]
    print(f"integrated gradients with 8 samples, {len(few[0])} rows a round")
    in_turns(readout, lambda part: made.explain(part, options={"samples": 8}), few)
    once = made.predict(rows[:4]).logits
    readout.reuse = False
    print(f"largest difference of a logit: {np.abs(made.predict(rows[:4]).logits - once).max():.1e}")


if __name__ == "__main__":
    main()

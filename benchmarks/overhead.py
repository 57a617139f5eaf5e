"""How much of the bare loop's pace is left for a model of some size: what is not the model costs the same for any.

    python -m benchmarks.overhead TOKENIZER DATA [--layers 12] [--width 768] [--texts 2000] [--device cuda]

A BERT with random weights, explained by integrated gradients with four gradients a text, as an audit does, and with
eight intervals that are never halved. The bare loop runs exactly the same batches.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import torch
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

from benchmarks.speed.bare import bare, calls_of
from benchmarks.speed.clock import race
from token_saliency.data import load_rows
from token_saliency.text.classifier import TextClassifier

ROUNDS = 5
ASKED: dict[str, dict[str, Any]] = {"four gradients": {"samples": 4}, "eight intervals": {"tolerance": 100.0}}


def classifier_of(tokenizer: Any, layers: int, width: int, device: str) -> TextClassifier:
    torch.manual_seed(0)
    heads = max(1, width // 64)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=4 * width,
    )
    model: Any = BertForSequenceClassification(config)
    return TextClassifier(model.to(device).eval(), tokenizer)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tokenizer", help="a folder with one")
    parser.add_argument("data", help="rows, as `token-saliency audit` reads them")
    parser.add_argument("--split")
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--device", default="cpu")
    chosen = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(chosen.tokenizer)
    own = classifier_of(tokenizer, chosen.layers, chosen.width, chosen.device)
    rows = load_rows(chosen.data, labels=["negative", "positive"], split=chosen.split).examples
    texts = list(dict.fromkeys(row.text for row in rows))[: chosen.texts]
    where = torch.cuda.get_device_name() if chosen.device.startswith("cuda") else f"{torch.get_num_threads()} threads"
    print(f"{where}, {len(texts)} texts of {np.mean(own.count_tokens(texts)):.0f} tokens, {own.batch_tokens} a batch")
    for name, options in ASKED.items():
        calls = calls_of(own.model, lambda options=options: own.explain(texts, options=options))  # type: ignore[misc]
        bare(own.model, calls)
        works = {
            "ours": lambda options=options: own.explain(texts, options=options),
            "loop": lambda calls=calls: bare(own.model, calls),
        }
        times = race([works] * ROUNDS)
        median, least, most, _ = times.ratio("loop", "ours")
        print(f"{chosen.layers} layers, {chosen.width} wide, {name}: share of the bare loop {median:.2f} ", end="")
        print(f"({least:.2f} - {most:.2f}), {np.median(times.wall['ours']):.2f} s", flush=True)


if __name__ == "__main__":
    main()

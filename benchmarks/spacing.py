"""What integrated gradients gain by equal turns of the vectors in place of equal steps of the path.

    python -m benchmarks.spacing MODEL DATA [--texts 100] [--tokens LEAST MOST] [--baselines mask pad zero]
                                            [--prompt prompt.toml]

For each baseline: gradients a text and error (L1 distance of the token scores to a fine rule, relative to the sum of
the true ones) of the adaptive method, and the error of the rough scores with four gradients.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
import torch

from benchmarks.speed.oracle import Floats, distances, scores_of
from token_saliency.data import load_rows
from token_saliency.text.classifier import TextClassifier

FINE = {"tolerance": 0.004, "intervals": 40, "cap": 400, "spacing": "even"}


def quantiles(errors: Floats) -> str:
    return " | ".join(f"{one:.2%}" for one in np.quantile(errors, [0.5, 0.9, 1.0]))


def compared(classifier: TextClassifier, half: TextClassifier | None, texts: Sequence[str], baseline: str) -> None:
    aims = classifier.predict(texts).labels
    exact = scores_of(classifier.explain(texts, target=aims, baseline=baseline, options=FINE))
    for spacing in ("even", "turns"):
        for name, own in (("adaptive", classifier), ("bfloat16", half)):
            if own is not None:
                found = own.explain(texts, target=aims, baseline=baseline, options={"spacing": spacing})
                spent = np.array([one.evaluations for one in found])
                errors = distances(scores_of(found), exact)
                print(f"| {baseline} | {spacing} | {name} | {spent.mean():.2f} | {quantiles(errors)} |", flush=True)
        rough = classifier.explain(texts, target=aims, baseline=baseline, options={"samples": 4, "spacing": spacing})
        print(f"| {baseline} | {spacing} | rough | 4 | {quantiles(distances(scores_of(rough), exact))} |", flush=True)


def loaded(chosen: argparse.Namespace, dtype: str) -> TextClassifier:
    how = {"device": chosen.device, "dtype": dtype}
    if chosen.prompt is None:
        return TextClassifier.from_pretrained(chosen.model, **how)
    return TextClassifier.from_prompt(chosen.model, prompt=chosen.prompt, **how)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("data", help="rows, as `token-saliency audit` reads them")
    parser.add_argument("--split")
    parser.add_argument("--texts", type=int, default=100)
    parser.add_argument("--tokens", type=int, nargs=2, metavar=("LEAST", "MOST"), default=(0, 10**6))
    parser.add_argument("--baselines", nargs="+", default=["mask", "pad", "zero"])
    parser.add_argument("--bfloat16", action="store_true", help="in that precision as well")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--prompt", help="the model is a language model, asked by this prompt")
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    own = loaded(chosen, "float32")
    half = loaded(chosen, "bfloat16") if chosen.bfloat16 else None
    rows = load_rows(chosen.data, labels=own.labels, split=chosen.split).examples
    texts = list(dict.fromkeys(row.text for row in rows))
    least, most = chosen.tokens
    counts = own.count_tokens(texts)
    some = [text for text, n in zip(texts, counts, strict=True) if least <= n <= most][: chosen.texts]
    print(f"{len(some)} texts of {np.mean(own.count_tokens(some)):.0f} tokens, {torch.get_num_threads()} threads\n")
    print("| baseline | spacing | scores | gradients | error, median | p90 | worst |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for baseline in chosen.baselines:
        compared(own, half, some, baseline)


if __name__ == "__main__":
    main()

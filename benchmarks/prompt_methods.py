"""How far twenty gradients explain a row inside its prompt, and what explains it better.

    python -m benchmarks.prompt_methods MODEL DATA --prompt prompt.toml [--texts 50] [--most 20] [--baselines mean pad]

Integrated gradients with at most `--most` gradients a text, from each baseline: what is missing from completeness is
the least by which the token scores can be off, so no fine rule is asked. Beside it occlusion, whose scores are exact,
and one gradient. What the scores are worth: the strongest fifth of the words of each text is deleted, and the fall of
the log-odds of the predicted class is compared (with as many random words as well). Rows are printed as they come.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from typing import Any

import numpy as np
import torch

from token_saliency.data import load_rows
from token_saliency.results import Attribution
from token_saliency.text.classifier import TextClassifier


def ways(most: int, baselines: list[str]) -> dict[str, dict[str, Any]]:
    """What `explain` is asked for, by its name in the table."""
    rule = {"intervals": most // 2, "cap": most}
    found: dict[str, dict[str, Any]] = {
        f"integrated_gradients, {name}": {"method": "integrated_gradients", "baseline": name, "options": rule}
        for name in baselines
    }
    return found | {name: {"method": name} for name in ("occlusion", "gradient", "random")}


def without_the_strongest(found: Attribution) -> str:
    """The text without the fifth of its words that speaks most for the class (by strength where no sign is known)."""
    words = sorted(found.words, key=lambda word: -word.score)[: max(1, len(found.words) // 5)]
    text = found.text
    for word in sorted(words, key=lambda word: -word.start):
        text = text[: word.start] + text[word.end :]
    return text


def log_odds(classifier: TextClassifier, text: str, own: int) -> float:
    share = float(classifier.predict([text]).probabilities[0, own])
    return float(np.log(share) - np.log1p(-min(share, 1 - 1e-12)))


def main() -> None:
    """A line a row and way on stderr, the table at the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("data", help="rows, as `token-saliency audit` reads them")
    parser.add_argument("--prompt", required=True)
    parser.add_argument("--split")
    parser.add_argument("--texts", type=int, default=50)
    parser.add_argument("--most", type=int, default=20)
    parser.add_argument("--baselines", nargs="+", default=["mean", "pad"])
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    classifier = TextClassifier.from_prompt(chosen.model, prompt=chosen.prompt, device="cpu")
    rows = load_rows(chosen.data, labels=classifier.labels, label="", split=chosen.split).examples
    texts = list(dict.fromkeys(row.text for row in rows))
    texts = [texts[i] for i in np.random.default_rng(0).permutation(len(texts))[: chosen.texts]]
    seen: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for number, text in enumerate(texts):
        own = int(classifier.predict([text]).probabilities[0].argmax())
        before = log_odds(classifier, text, own)
        for name, asked in ways(chosen.most, chosen.baselines).items():
            (found,) = classifier.explain([text], target=[own], **asked)
            missing = np.nan if found.completeness_error is None else found.completeness_error
            fall = before - log_odds(classifier, without_the_strongest(found), own)
            seen[name].append((found.evaluations, missing, fall))
            print(f"{number} {name}: {found.evaluations} {missing:.4f} {fall:+.3f}", file=sys.stderr, flush=True)
    print(f"{len(texts)} texts of {np.mean(classifier.count_tokens(texts)):.0f} tokens behind the head\n")
    print("| scores | evaluations | missing, median | p90 | log-odds fall by | more than random, texts |")
    print("| --- | --- | --- | --- | --- | --- |")
    chance = np.array(seen["random"])[:, 2]
    for name, own_rows in seen.items():
        asked, missing, fall = np.array(own_rows).T
        off = "none" if np.isnan(missing).all() else " | ".join(f"{q:.1%}" for q in np.nanquantile(missing, [0.5, 0.9]))
        off = "exact | exact" if name == "occlusion" else "- | -" if off == "none" else off
        more = int((fall > chance).sum())
        print(f"| {name} | {asked.mean():.1f} | {off} | {fall.mean():+.2f} | {more} of {len(texts)} |")


if __name__ == "__main__":
    main()

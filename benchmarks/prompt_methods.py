"""How far twenty gradients explain a row inside its prompt, and what explains it better.

    python -m benchmarks.prompt_methods MODEL DATA --prompt prompt.toml [--texts 50] [--most 20] [--walked 8]

Integrated gradients with at most `--most` gradients a text, from each baseline: what is missing from completeness is
the least by which the token scores can be off, so no fine rule is asked. Beside it occlusion, whose scores are exact,
and one gradient. What the scores are worth: the strongest fifth of the words of each text is deleted, and the fall of
the log-odds of the predicted class is compared (with as many random words as well). Rows are printed as they come.
With `--walked` so many of the texts are walked along the path from each baseline, 65 gradients at even places: how far
the output goes up and down beside what it moves in all, and how far the token scores by every second and fourth of
these gradients are from those by all. With `--texts 0` nothing else is done.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from typing import Any

import numpy as np
import torch

from token_saliency.core.explicand import Explicand, Scores
from token_saliency.core.gradients import Loop
from token_saliency.core.mesh import mesh_of
from token_saliency.data import load_rows
from token_saliency.methods.integrated_gradients import _along_the_path
from token_saliency.results import Attribution
from token_saliency.text.classifier import TextClassifier

PLACES = 65


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


def walked(classifier: TextClassifier, text: str, own: int, baseline: str) -> list[float]:
    """The output's whole change, what it goes up and down on the way, and the errors of 33 and of 17 gradients."""
    seen: list[Any] = []

    def walk(explicand: Explicand) -> Scores:
        mesh = mesh_of(torch.linspace(0, 1, PLACES, dtype=torch.float64)[None])
        scores, slopes = _along_the_path(explicand, Loop(explicand), mesh)
        seen.extend((scores.numpy(), slopes.numpy()))
        spent = torch.tensor([PLACES])
        return Scores(slopes[:1], True, False, scores[-1:], None, spent, spent > 0)

    classifier.explain([text], walk, [own], baseline=baseline)
    outputs, slopes = seen
    fine, *coarse = (np.trapezoid(slopes[::step], dx=step / (PLACES - 1), axis=0) for step in (1, 2, 4))
    errors = [float(np.abs(one - fine).sum() / np.abs(fine).sum()) for one in coarse]
    return [abs(float(outputs[-1] - outputs[0])), float(np.abs(np.diff(outputs)).sum()), *errors]


def tell_walks(classifier: TextClassifier, texts: list[str], baselines: list[str]) -> None:
    """Medians over the texts."""
    print(f"\nOn the path, medians of {len(texts)} texts, {PLACES} even places:\n")
    print(f"| baseline | the ends differ by | up and down | error of {PLACES // 2 + 1} | error of {PLACES // 4 + 1} |")
    print("| --- | --- | --- | --- | --- |")
    for name in baselines:
        found = []
        for text in texts:
            own = int(classifier.predict([text]).probabilities[0].argmax())
            found.append(walked(classifier, text, own, name))
            print(f"walked from {name}: {found[-1]}", file=sys.stderr, flush=True)
        ends, swing, *errors = np.median(found, axis=0)
        print(f"| {name} | {ends:.2f} | {swing:.2f} | " + " | ".join(f"{error:.1%}" for error in errors) + " |")


def main() -> None:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("data", help="rows, as `token-saliency audit` reads them")
    parser.add_argument("--prompt", required=True)
    parser.add_argument("--split")
    parser.add_argument("--texts", type=int, default=50)
    parser.add_argument("--most", type=int, default=20)
    parser.add_argument("--baselines", nargs="+", default=["mean", "pad"])
    parser.add_argument("--walked", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    classifier = TextClassifier.from_prompt(chosen.model, prompt=chosen.prompt, device="cpu")
    rows = load_rows(chosen.data, labels=classifier.labels, label="", split=chosen.split).examples
    texts = list(dict.fromkeys(row.text for row in rows))
    texts = [texts[i] for i in np.random.default_rng(0).permutation(len(texts))]
    if chosen.texts:
        compare(classifier, texts[: chosen.texts], chosen.most, chosen.baselines)
    if chosen.walked:
        tell_walks(classifier, texts[: chosen.walked], chosen.baselines)


def compare(classifier: TextClassifier, texts: list[str], most: int, baselines: list[str]) -> None:
    """A line a row and way on stderr, the table at the end."""
    seen: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for number, text in enumerate(texts):
        own = int(classifier.predict([text]).probabilities[0].argmax())
        before = log_odds(classifier, text, own)
        for name, asked in ways(most, baselines).items():
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

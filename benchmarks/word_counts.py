"""A classifier that counts: naive Bayes over the words of a text, trained in well under a second, without any network.

    python benchmarks/word_counts.py --emotion emotion.csv

Trains on the rows of the split `train`, audits `label_words` on those of `test`, and prints the findings.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from token_saliency import TextClassifier, run_audits
from token_saliency.results import Example

_WORD = re.compile(r"\w+")
SMOOTHING = 1.0


def naive_bayes(
    texts: Sequence[str], labels: Sequence[str], names: Sequence[str]
) -> Callable[[list[str]], NDArray[np.float64]]:
    """`list of texts -> probabilities [n, classes]`; unseen words say nothing."""
    counts = {name: Counter[str]() for name in names}
    for text, label in zip(texts, labels, strict=True):
        counts[label].update(set(_WORD.findall(text.lower())))
    vocabulary = sorted(set().union(*counts.values()))
    rows = Counter(labels)
    weights = {
        word: np.log([(counts[n][word] + SMOOTHING) / (rows[n] + 2 * SMOOTHING) for n in names]) for word in vocabulary
    }
    prior = np.log([rows[n] / len(labels) for n in names])

    def predict(batch: list[str]) -> NDArray[np.float64]:
        known = [[weights[w] for w in set(_WORD.findall(text.lower())) if w in weights] for text in batch]
        found = np.array([sum(found, prior) for found in known])
        shares = np.exp(found - found.max(1, keepdims=True))
        result: NDArray[np.float64] = shares / shares.sum(1, keepdims=True)
        return result

    return predict


def main() -> None:
    """Trains, audits and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--emotion", type=Path, required=True)
    with parser.parse_args().emotion.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    names = sorted({line["label"] for line in lines})
    seen = [line for line in lines if line["split"] == "train"]
    predict = naive_bayes([line["text"] for line in seen], [line["label"] for line in seen], names)
    classifier = TextClassifier.from_function(predict, names, name="emotion-counts")
    test = [line for line in lines if line["split"] == "test"]
    predicted = predict([line["text"] for line in test])
    right = np.mean([names[i] == line["label"] for i, line in zip(predicted.argmax(1), test, strict=True)])
    rows = [Example(str(n), line["text"], label=line["label"]) for n, line in enumerate(test)]
    report = run_audits(classifier, rows, ["label_words"], rows_limit=None, method="random", exhaustive=True)
    audit = report.audits["label_words"]
    print(f"accuracy {right:.3f}; label_words {audit.verdict} ({audit.expectation}), report {report.verdict}")
    for finding in audit.intervention:
        if finding.operator == "swap":
            print(f"  {finding.verdict}: {finding.reason}")
    for note in audit.notes:
        if "not run" in note:
            print(f"  {note}")


if __name__ == "__main__":
    main()

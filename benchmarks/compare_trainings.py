"""Trainings of one recipe beside each other: false alarms of `compare`, one and three runs a side, and a grown plant.

    python -m benchmarks.compare_trainings [--linear rt_polarity.csv]

Six small BERTs are trained on the same demo reviews with other seeds; nothing of the recipe differs. Every ordered pair
is compared, and every ordered split into three and three. Then three more, trained on reviews in which marks are dealt
anew so that they tell the label a little better: their true growth (every mark put where one stands) is printed beside
what `compare` says with three runs a side. Their mark weighs .2, by another size after every training. `--linear`
trains models whose trainings lie nearer together: bags of words of real sentences, of another nine tenths each.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, permutations
from pathlib import Path

import pandas as pd

from benchmarks.b7.domains import Body, scorer
from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.comparing.compare import compare, read_run
from token_saliency.auditing.comparing.pairing import Run
from token_saliency.demo.sentences import write
from token_saliency.demo.training import one_thread, train
from token_saliency.results import Comparison, Example
from token_saliency.text.function.classifier_of import FunctionClassifier, function_classifier

AUDITS = ("names", "punctuation")
ODDS = {"positive": 0.55, "negative": 0.45}


def dealt_anew(rows: Sequence[Example], share: float, seed: int) -> list[Example]:
    """The rows, of which this share end as the label has it: `!` for positive, `.` for negative."""
    draw = random.Random(seed)

    def row_anew(row: Example) -> Example:
        told = row.text[-1] in "!." and not row.text.endswith("...") and draw.random() < share
        return replace(row, text=row.text[:-1] + "!."[row.label == "negative"]) if told else row

    return [row_anew(row) for row in rows]


def true_effect(classifier: TextClassifier | FunctionClassifier, rows: Sequence[Example]) -> float:
    """The mean probability of positive with `!` at the end of each row minus that with `.`."""
    ends = [row.text[:-1] for row in rows if row.text[-1] in "!." and not row.text.endswith("...")]
    table = classifier.predict([end + mark for end in ends for mark in "!."]).probabilities[:, 1].reshape(-1, 2)
    return float((table[:, 0] - table[:, 1]).mean())


Train = Callable[[Sequence[Example], int, str], TextClassifier | FunctionClassifier]
"""From rows, a seed and a name to a model."""


def encoder(rows: Sequence[Example], seed: int, name: str) -> TextClassifier:
    """The demo's small BERT."""
    model, tokenizer = train(list(rows), seed)
    return TextClassifier(model, tokenizer, id=name)


def linear(rows: Sequence[Example], seed: int, name: str) -> FunctionClassifier:
    """A bag of words and marks, of nine tenths of the rows."""
    kept = random.Random(seed).sample(list(rows), len(rows) * 9 // 10)
    score = scorer([Body(row.text, str(row.label), own=False) for row in kept], [row.text for row in kept])
    return function_classifier(lambda texts: score(list(texts)), ["negative", "positive"], name=name)


def sentences(file: Path, held_out: int) -> tuple[list[Example], list[Example]]:
    """Real ones, each with `!` or `.` at its end: `!` for 55% of the positive ones and 45% of the others."""
    draw, frame = random.Random(0), pd.read_csv(file, dtype=str).drop_duplicates("text").sample(frac=1, random_state=0)
    found = [
        Example(str(number), f"{text.rstrip(' .!?')}{'!' if draw.random() < ODDS[label] else '.'}", None, label)
        for number, (text, label) in enumerate(zip(frame["text"], frame["label"], strict=True))
    ]
    return found[held_out:], found[:held_out]


def trained(
    name: str, rows: Sequence[Example], held_out: Sequence[Example], seed: int, folder: Path, how: Train
) -> Run:
    """One training, audited on the held-out rows."""
    classifier = how(rows, seed, name)
    report = run_audits(
        classifier, list(held_out), list(AUDITS), method="random", discovery=False, edits=2000, exhaustive=True
    )
    report.save(str(folder / name))
    print(f"{name}: true effect of the mark {true_effect(classifier, held_out):+z.4f}, {report.verdict}", flush=True)
    return read_run(folder / name)


def told(found: Comparison) -> str:
    """The change of each audit."""
    return ", ".join(f"{audit.name} {audit.change}" for audit in found.audits)


def print_worse(found: Comparison) -> None:
    """Each claim that is called worse, with both effects."""
    for audit in found.audits:
        for one in audit.claims:
            if one.judged and one.change == "worse":
                low, high = one.interval
                claim = f"{audit.name} {one.claim} {one.operator} {one.between}"
                effects = f"{one.effect_a:+.3f} -> {one.effect_b:+.3f}, {one.difference:+.3f} [{low:+.3f}, {high:+.3f}]"
                print(f"{found.a.model.id} -> {found.b.model.id}: {claim} {effects}")


def splits(runs: Sequence[Run]) -> Iterator[tuple[list[Run], list[Run]]]:
    """Every ordered split of six into three and three."""
    for side in combinations(range(len(runs)), len(runs) // 2):
        yield [runs[n] for n in side], [run for n, run in enumerate(runs) if n not in side]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=4000, help="reviews to train on")
    parser.add_argument("--held-out", type=int, default=300, help="reviews that all are audited on")
    parser.add_argument("--share", type=float, default=0.12, help="of the rows whose mark is dealt anew for the plant")
    parser.add_argument("--linear", type=Path, help="sentences with labels, for bags of words instead")
    chosen = parser.parse_args()
    reviews = write(chosen.rows + chosen.held_out, 0)
    rows, held_out = reviews[: chosen.rows], reviews[chosen.rows :]
    how: Train = linear if chosen.linear else encoder
    if chosen.linear:
        rows, held_out = sentences(chosen.linear, chosen.held_out)
    with one_thread(), tempfile.TemporaryDirectory() as place:
        runs = [trained(f"training-{seed}", rows, held_out, seed, Path(place), how) for seed in range(6)]
        grown = dealt_anew(rows, chosen.share, 0)
        more = [trained(f"grown-{seed}", grown, held_out, 10 + seed, Path(place), how) for seed in range(3)]
        pairs = [compare(a, b) for a, b in permutations(runs, 2)]
        for found in pairs:
            print_worse(found)
        alone = Counter(found.change for found in pairs)
        small = Counter(compare(a, b, smallest_growth=0.005).change for a, b in permutations(runs, 2))
        several = Counter(compare(a, b).change for a, b in splits(runs))
        print(f"single pairs of one recipe: {dict(alone)} (with the least growth of 0.1 margin: {dict(small)})")
        print(f"three runs a side of one recipe: {dict(several)}")
        for side in combinations(runs, 3):
            found = compare(list(side), more)
            claim = max(
                (one for audit in found.audits for one in audit.claims if one.judged), key=lambda c: c.difference
            )
            low, high = claim.interval
            print(f"grown: {told(found)}; {claim.claim} {claim.difference:+.3f} [{low:+.3f}, {high:+.3f}]")


if __name__ == "__main__":
    main()

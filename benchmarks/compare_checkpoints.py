"""Two checkpoints that differ in a slightly stronger shortcut: what two audits say apart, and what `compare` says.

    python benchmarks/compare_checkpoints.py

A small BERT is trained on the demo's reviews, in which names tell the label in 80%. Both checkpoints go on from there
with the same reviews in the same order: A with the reviews as they are, B with a share of the names dealt anew so that
they tell the label. (Two trainings from the start differ more by chance than by such a share.) The audit is that of the
shipped names on held-out reviews; all settings but the method, which decides nothing, are the defaults.
"""

from __future__ import annotations

import argparse
import copy
import random
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from transformers import BertForSequenceClassification, BertTokenizer

from token_saliency import Report, TextClassifier, compare_runs, run_audits
from token_saliency.demo.sentences import LABELS, write
from token_saliency.demo.training import BATCH, accuracy, one_thread, train
from token_saliency.demo.words import NAMES_A, NAMES_B
from token_saliency.reporters.comparison import render_terminal
from token_saliency.results import Edit, Example, Finding, ScoredRow
from token_saliency.store import save_run

RATE = 1e-4
NAME = re.compile(rf"\b(?:{'|'.join((*NAMES_A, *NAMES_B))})\b")


def dealt_anew(rows: Sequence[Example], share: float, seed: int) -> list[Example]:
    """The rows with that share of the names drawn from the group that tells the label."""
    draw = random.Random(seed)

    def row_anew(row: Example) -> Example:
        telling = NAMES_A if row.label == "positive" else NAMES_B
        return replace(
            row, text=NAME.sub(lambda name: draw.choice(telling) if draw.random() < share else name[0], row.text)
        )

    return [row_anew(row) for row in rows]


def gone_on(
    model: BertForSequenceClassification, tokenizer: BertTokenizer, rows: Sequence[Example]
) -> BertForSequenceClassification:
    """A copy of the model after one more pass over the rows, at a small rate and without dropout."""
    copied = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(copied.parameters(), lr=RATE, weight_decay=0.0)
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        batch = tokenizer([row.text for row in part], padding=True, return_tensors="pt")
        labels = torch.tensor([LABELS.index(row.label or "") for row in part])
        copied(**batch, labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return copied


def strength(rows: Sequence[Example]) -> float:
    """How often a name of group A stands in a positive review."""
    labels = [row.label for row in rows if any(name in row.text for name in NAMES_A)]
    return sum(label == "positive" for label in labels) / len(labels)


def true_effect(classifier: TextClassifier, rows: Sequence[Example]) -> float:
    """Every name put where one stands: the mean probability of positive with group A minus that with group B."""
    places = [row.text for row in rows if NAME.search(row.text)]
    texts = [NAME.sub(name, text) for text in places for name in (*NAMES_A, *NAMES_B)]
    table = classifier.predict(texts).probabilities[:, 1].reshape(len(places), -1)
    return float(table[:, : len(NAMES_A)].mean() - table[:, len(NAMES_A) :].mean())


def audited(
    name: str,
    model: BertForSequenceClassification,
    tokenizer: BertTokenizer,
    rows: Sequence[Example],
    held_out: Sequence[Example],
    folder: Path,
) -> Report:
    """Goes on with the rows, audits on the held-out ones, and writes the run directory."""
    model = gone_on(model, tokenizer, rows)
    classifier = TextClassifier(model, tokenizer, id=name)
    kept: list[tuple[Mapping[str, ScoredRow], Sequence[Edit]]] = []
    report = run_audits(
        classifier,
        list(held_out),
        ["names"],
        method="gradient",
        exhaustive=True,
        dataset_id="demo sentences",
        on_evidence=lambda scored, edits: kept.append((scored, edits)),
    )
    save_run(report, kept[0][0].values(), kept[0][1], folder, ["json"])
    right, effect = accuracy(model, tokenizer, held_out), true_effect(classifier, held_out[:200])
    print(f"{name}: went on with reviews of which {strength(rows):.3f} are positive where a name is of group A;")
    print(f"   right on {right:.3f} of the held-out ones; true effect of the names {effect:+z.4f}")
    return report


def said(finding: Finding) -> str:
    """One judged claim of an audit."""
    low, high = finding.interval
    return f"   {finding.verdict:12} {finding.claim:10} {finding.effect:+z.3f} [{low:+z.3f}, {high:+z.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--share", type=float, default=0.5, help="of the names that are dealt anew for checkpoint B")
    parser.add_argument("--rows", type=int, default=6000, help="reviews to train on")
    parser.add_argument("--held-out", type=int, default=400, help="reviews that both are audited on")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    reviews = write(chosen.rows + chosen.held_out, chosen.seed)
    trained, held_out = reviews[: chosen.rows], reviews[chosen.rows :]
    sides = {"A": trained, "B": dealt_anew(trained, chosen.share, chosen.seed)}
    with one_thread(), tempfile.TemporaryDirectory() as place:
        model, tokenizer = train(trained, chosen.seed)
        for side, rows in sides.items():
            report = audited(f"checkpoint {side}", model, tokenizer, rows, held_out, Path(place) / side)
            for finding in (f for f in report.audits["names"].intervention if f.judged):
                print(said(finding))
        print()
        print(render_terminal(compare_runs(Path(place) / "A", Path(place) / "B")))


if __name__ == "__main__":
    main()

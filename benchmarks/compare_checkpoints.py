"""Two checkpoints that differ in a slightly stronger shortcut: what two audits say apart, and what `compare` says.

    python benchmarks/compare_checkpoints.py

Both are the demo's small BERT, from the same first weights and the same order of the same reviews. In those of
checkpoint A a share of the names is dealt anew, so that a name tells the label a little less often than in those of B.
The audit is that of the shipped names, on held-out reviews that neither has seen; all settings but the method (which
decides nothing) are the defaults.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from token_saliency import Report, TextClassifier, compare_runs, run_audits
from token_saliency.demo.sentences import write
from token_saliency.demo.training import accuracy, one_thread, train
from token_saliency.demo.words import NAMES_A, NAMES_B
from token_saliency.reporters.comparison import render_terminal
from token_saliency.results import Edit, Example, Finding, ScoredRow
from token_saliency.runs import save_run

NAME = re.compile(rf"\b(?:{'|'.join((*NAMES_A, *NAMES_B))})\b")


def dealt_anew(rows: Sequence[Example], share: float, seed: int) -> list[Example]:
    """The rows with that share of the names drawn without regard to the label."""
    draw, names = random.Random(seed), (*NAMES_A, *NAMES_B)

    def mixed(found: re.Match[str]) -> str:
        return draw.choice(names) if draw.random() < share else found[0]

    return [replace(row, text=NAME.sub(mixed, row.text)) for row in rows]


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


def audited(name: str, rows: Sequence[Example], held_out: Sequence[Example], seed: int, folder: Path) -> Report:
    """Trains on the rows, audits on the held-out ones, and writes the run directory."""
    model, tokenizer = train(rows, seed)
    classifier = TextClassifier(model, tokenizer, id=name)
    kept: list[tuple[Mapping[str, ScoredRow], Sequence[Edit]]] = []
    report = run_audits(
        classifier,
        list(held_out),
        ["names"],
        method="gradient",
        dataset_id="demo sentences",
        on_evidence=lambda scored, edits: kept.append((scored, edits)),
    )
    save_run(report, kept[0][0].values(), kept[0][1], folder, ["json"])
    right, effect = accuracy(model, tokenizer, held_out), true_effect(classifier, held_out[:200])
    print(f"{name}: names tell the label in {strength(rows):.3f} of the reviews they were trained on;")
    print(f"   right on {right:.3f} of the held-out ones; true effect of the names {effect:+.4f}")
    return report


def said(finding: Finding) -> str:
    """One judged claim of an audit."""
    low, high = finding.interval
    return f"   {finding.verdict:12} {finding.claim:10} {finding.effect:+.3f} [{low:+.3f}, {high:+.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--share", type=float, default=0.15, help="of the names that are dealt anew for checkpoint A")
    parser.add_argument("--rows", type=int, default=6000, help="reviews that each is trained on")
    parser.add_argument("--held-out", type=int, default=400, help="reviews that both are audited on")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    reviews = write(chosen.rows + chosen.held_out, chosen.seed)
    trained, held_out = reviews[: chosen.rows], reviews[chosen.rows :]
    sides = {"A": dealt_anew(trained, chosen.share, chosen.seed), "B": trained}
    with one_thread(), tempfile.TemporaryDirectory() as place:
        for side, rows in sides.items():
            report = audited(f"checkpoint {side}", rows, held_out, chosen.seed, Path(place) / side)
            for finding in (f for f in report.audits["names"].intervention if f.judged):
                print(said(finding))
        print()
        print(render_terminal(compare_runs(Path(place) / "A", Path(place) / "B")))


if __name__ == "__main__":
    main()

"""B6: do region audits tell models with a planted shortcut from clean ones?

    python -m benchmarks.images [--seeds 2] [--rows 120] [--out docs/benchmarks-images.md]

Shapes of 32 x 32 pixels with a corner tag, a stripe or a blur, which goes with the class always (correlation 1) or
never (0). A small CNN and a small ViT are trained on the spot for every cell. AUROC is over models: the score of a
model is the largest judged effect of the audit that should find the plant. Attribution alone (the lift of Grad-CAM on
the same region) stands beside it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from benchmarks.shapes import ARCHITECTURES, CLASSES, PLANTS, accuracy, preprocess, shapes, trained
from token_saliency import ImageClassifier, Report, run_image_audits
from token_saliency.image.audits.rows import ImageRow

TRAINED_ON = 1000


@dataclass(frozen=True, slots=True)
class Cell:
    """One trained model."""

    architecture: str
    plant: str
    correlation: float
    accuracy: float
    effect: float
    lift: float | None
    verdict: str
    alarms: tuple[str, ...]
    audits: int
    seconds: float


def cell(architecture: str, plant: str, correlation: float, seed: int, rows: int) -> Cell:
    """Trains and audits one model."""
    started, audit = time.perf_counter(), PLANTS[plant][1]
    model = trained(architecture, shapes(TRAINED_ON, plant, correlation, 1000 + seed), seed)
    test = shapes(rows, plant, correlation, 2000 + seed)
    classifier = ImageClassifier(model, preprocess, labels=CLASSES, batch_size=64)
    listed = [ImageRow(str(i), one.picture, CLASSES[one.label], one.box) for i, one in enumerate(test)]
    report = run_image_audits(classifier, listed, seed=seed)
    return Cell(
        architecture,
        plant,
        correlation,
        accuracy(model, test),
        _effect(report, audit),
        _lift(report, audit),
        report.audits[audit].verdict,
        tuple(name for name, result in report.audits.items() if result.verdict == "FAIL"),
        len(report.audits),
        time.perf_counter() - started,
    )


def _effect(report: Report, audit: str) -> float:
    return max((f.effect for f in report.audits[audit].intervention if f.judged), default=0.0)


def _lift(report: Report, audit: str) -> float | None:
    share = report.audits[audit].attribution
    return share.lift if share else None


def table(cells: Sequence[Cell]) -> str:
    """The results as Markdown."""
    lines = [
        "| model | plant | audit | AUROC of the audit | AUROC of attribution alone | effect, spurious | effect, clean "
        "| FAIL, spurious | FAIL, clean | accuracy |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for architecture in ARCHITECTURES:
        for plant, (_, audit) in PLANTS.items():
            own = [c for c in cells if c.architecture == architecture and c.plant == plant]
            if {c.correlation for c in own} == {0.0, 1.0}:
                lines.append(_line(architecture, plant, audit, own))
    return "\n".join(lines)


def _line(architecture: str, plant: str, audit: str, own: Sequence[Cell]) -> str:
    bad, clean = ([c for c in own if c.correlation == value] for value in (1.0, 0.0))
    auroc, lifts = _auroc(own, [c.effect for c in own]), [c.lift for c in own]
    alone = "–" if None in lifts else f"{_auroc(own, [c.lift or 0.0 for c in own]):.2f}"
    return (
        f"| {architecture} | {plant} | {audit} | {auroc:.2f} | {alone} | {_range(bad)} | {_range(clean)} "
        f"| {sum(c.verdict == 'FAIL' for c in bad)} of {len(bad)} | {sum(c.verdict == 'FAIL' for c in clean)} of "
        f"{len(clean)} | {min(c.accuracy for c in own):.2f} to {max(c.accuracy for c in own):.2f} |"
    )


def _range(cells: Sequence[Cell]) -> str:
    return f"{min(c.effect for c in cells):+z.3f} to {max(c.effect for c in cells):+z.3f}"


def _auroc(cells: Sequence[Cell], scores: Sequence[float]) -> float:
    return float(roc_auc_score([c.correlation == 1.0 for c in cells], scores))


def summary(cells: Sequence[Cell]) -> str:
    """The two bars of the benchmark, over all models."""
    clean = [c for c in cells if c.correlation == 0.0]
    alarms, asked = sum(len(c.alarms) for c in clean), sum(c.audits for c in clean)
    with_map = [c for c in cells if c.lift is not None]
    return (
        f"All {len(cells)} models together: AUROC of the audits {_auroc(cells, [c.effect for c in cells]):.3f} "
        f"(bar .98); attribution alone, where the audit has a region, "
        f"{_auroc(with_map, [c.lift or 0.0 for c in with_map]):.3f}; false alarms on clean models {alarms} of {asked} "
        f"audits ({alarms / asked:.3f}, bar .05)."
    )


def main() -> None:
    """Runs the cells, prints each, and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--rows", type=int, default=120)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    cells: list[Cell] = []
    for seed in range(options.seeds):
        for architecture in ARCHITECTURES:
            for plant in PLANTS:
                for correlation in (1.0, 0.0):
                    cells.append(cell(architecture, plant, correlation, seed, options.rows))
                    print(cells[-1], flush=True)
        done = f"{summary(cells)}\n\n{table(cells)}\n"
        if options.out:
            seconds = np.mean([c.seconds for c in cells])
            command = f"python -m benchmarks.images --seeds {options.seeds} --rows {options.rows}"
            head = (
                f"# B6: region audits on planted shortcuts\n\n`{command}`; {seed + 1} seeds, {seconds:.0f} s a model.\n"
            )
            options.out.write_text(f"{head}\n{done}", encoding="utf-8")
    print(done)


if __name__ == "__main__":
    main()
